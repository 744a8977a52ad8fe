/** crm.type.*, crm.category.get, crm.item.fields: what items there are and what they consist of (api-reference/crm/universal): thin. */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method, page } from './call.ts';
import { crmMethod, ofDeals, readOnly, shownCategory, typeOf } from './crm.ts';
import { type CrmType } from './crmWorld.ts';
import { asInt, type Params, pick, refuse, yn } from './values.ts';

/** Numbers of smart processes begin here. */
const firstSmart = 128;

const made = '2026-08-01T10:00:00+03:00';

const switches = [
  'isBeginCloseDatesEnabled',
  'isClientEnabled',
  'isUseInUserfieldEnabled',
  'isLinkWithProductsEnabled',
  'isMycompanyEnabled',
  'isDocumentsEnabled',
  'isSourceEnabled',
  'isObserversEnabled',
  'isRecyclebinEnabled',
  'isAutomationEnabled',
  'isBizProcEnabled',
  'isSetOpenPermissions',
  'isPaymentsEnabled',
  'isCountersEnabled',
];

const on = new Set(['isClientEnabled', 'isUseInUserfieldEnabled', 'isObserversEnabled']);

const shownType = (call: Call, { entityTypeId, title }: CrmType): { [key: string]: Json } => ({
  id: entityTypeId - firstSmart + 1,
  title,
  code: '',
  createdBy: 1,
  entityTypeId,
  customSectionId: null,
  isCategoriesEnabled: yn(call.state.crm.categories.some((one) => one.entityTypeId === entityTypeId)),
  isStagesEnabled: 'Y',
  ...Object.fromEntries(switches.map((name) => [name, yn(on.has(name))])),
  createdTime: made,
  updatedTime: made,
  updatedBy: 1,
});

const smart = (call: Call): { [key: string]: Json }[] =>
  call.state.crm.types
    .filter(({ entityTypeId }) => entityTypeId >= firstSmart)
    .map((one) => shownType(call, one));

const one = (call: Call, key: 'id' | 'entityTypeId', params: Params): Json => {
  const wanted = asInt(pick(params, key));
  const type = smart(call).find((row) => row[key] === wanted);
  return { type: type ?? refuse(400, 'NOT_FOUND', 'Смарт-процесс не найден') };
};

const ofAll: Readonly<Record<string, readonly [string, string]>> = {
  id: ['integer', 'ID'],
  title: ['string', 'Название'],
  xmlId: ['string', 'Внешний код'],
  createdTime: ['datetime', 'Когда создан'],
  updatedTime: ['datetime', 'Когда обновлен'],
  createdBy: ['user', 'Кем создан'],
  updatedBy: ['user', 'Кем обновлен'],
  assignedById: ['user', 'Ответственный'],
  opened: ['boolean', 'Доступен для всех'],
  companyId: ['crm_company', 'Компания'],
  contactId: ['crm_contact', 'Контакт'],
  contactIds: ['crm_contact', 'Контакты'],
  observers: ['user', 'Наблюдатели'],
  categoryId: ['crm_category', 'Воронка'],
  movedTime: ['datetime', 'Когда изменена стадия'],
  movedBy: ['user', 'Кем изменена стадия'],
  stageId: ['crm_status', 'Стадия'],
  previousStageId: ['crm_status', 'Предыдущая стадия'],
  currencyId: ['crm_currency', 'Валюта'],
  isManualOpportunity: ['boolean', 'Режим расчёта суммы'],
  opportunity: ['double', 'Сумма'],
};

const lists = new Set(['contactIds', 'observers']);

const upper = (name: string): string => name.replace(/([A-Z])/g, '_$1').toUpperCase();

const fieldsOf = (type: number): Json => {
  const rows = {
    ...ofAll,
    ...(type === 2 ? Object.fromEntries(Object.keys(ofDeals).map((name) => [name, ['string', name]])) : {}),
  };
  return {
    fields: Object.fromEntries(
      Object.entries(rows).map(([name, [kind = 'string', title = name]]): [string, Json] => [
        name,
        {
          type: kind,
          isRequired: false,
          isReadOnly: readOnly.has(name),
          isImmutable: false,
          isMultiple: lists.has(name),
          isDynamic: false,
          title,
          upperName: upper(name),
        },
      ]),
    ),
  };
};

export const crmTypeMethods: readonly Method[] = [
  crmMethod('crm.type.list', false, (call, params) =>
    page(
      smart(call),
      asInt(pick(params, 'start')),
      (row) => row,
      (types) => ({ types }),
    ),
  ),
  crmMethod('crm.type.get', false, (call, params) => answer(one(call, 'id', params))),
  crmMethod('crm.type.getByEntityTypeId', false, (call, params) => answer(one(call, 'entityTypeId', params))),
  crmMethod('crm.category.get', false, (call, params) => {
    const type = typeOf(call, params);
    const id = asInt(pick(params, 'id'));
    const category = call.state.crm.categories.find((row) => row.entityTypeId === type && row.id === id);
    return answer({
      category:
        category === undefined ? refuse(400, 'NOT_FOUND', 'Элемент не найден') : shownCategory(category),
    });
  }),
  crmMethod('crm.item.fields', false, (call, params) => answer(fieldsOf(typeOf(call, params)))),
];
