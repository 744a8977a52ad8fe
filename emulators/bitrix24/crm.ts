/**
 * crm.item.*, crm.status.list, crm.category.list (section 22; api-reference/crm/universal of the vendor's reference):
 * thin. Deals and the smart processes of the world; every employee reads and writes; no automation runs.
 */
import { type Json } from '../common/types.ts';
import { answer, type Answer, type Call, type Method, page } from './call.ts';
import { type CrmCategory, type CrmItem, type CrmStatus, itemKey, stagesOf } from './crmWorld.ts';
import { fire } from './events.ts';
import { isoAt, moment, seconds } from './moments.ts';
import { nextId } from './state.ts';
import {
  asInt,
  asList,
  asRecord,
  asText,
  isList,
  isRecord,
  type Params,
  pick,
  refuse,
  yn,
} from './values.ts';

const scope = ['crm'] as const;

/** A method of the CRM. */
export const crmMethod = (name: string, write: boolean, run: Method['run']): Method => ({
  name,
  version: 2,
  scope,
  write,
  run,
});

/** The type of items that `entityTypeId` names; employees only. */
export const typeOf = (call: Call, params: Params): number => {
  if (call.state.users.get(call.user)?.type !== 'employee')
    refuse(403, 'allowed_only_intranet_user', 'Действие разрешено только интранет-пользователям');
  const given = pick(params, 'entityTypeId');
  if (given === undefined)
    return refuse(400, '100', 'Could not find value for parameter {entityTypeId} (internal error)');
  const known = call.state.crm.types.find(({ entityTypeId }) => entityTypeId === asInt(given));
  return known?.entityTypeId ?? refuse(400, 'NOT_FOUND', 'Смарт-процесс не найден');
};

/** The item that `entityTypeId` and `id` name. */
export const crmItem = (call: Call, entityTypeId: number, id: number | undefined): CrmItem | undefined =>
  call.state.crm.items.get(itemKey(entityTypeId, id ?? 0));

const itemOf = (call: Call, params: Params): CrmItem => {
  const type = typeOf(call, params);
  const item = crmItem(call, type, asInt(pick(params, 'id')));
  return item ?? refuse(400, 'NOT_FOUND', 'Элемент не найден');
};

/** `UF_CRM_2_163` to `ufCrm2_163`, `UF_CRM_TASK_ID` to `ufCrmTaskId`; other names stay. */
const camelUf = (name: string): string => {
  if (!name.startsWith('UF_')) return name;
  const [, ...parts] = name.toLowerCase().split('_');
  return parts.reduce((text, part, index) => {
    const digits = /^\d+$/.test(part);
    if (digits) return index === parts.length - 1 ? `${text}_${part}` : text + part;
    return text + part.charAt(0).toUpperCase() + part.slice(1);
  }, 'uf');
};

/** The way back: `ufCrm2_163` to `UF_CRM_2_163`. */
const originalUf = (name: string): string =>
  /^uf[A-Z]/.test(name)
    ? name
        .replace(/([A-Z])/g, '_$1')
        .replace(/([a-z])(\d)/g, '$1_$2')
        .toUpperCase()
    : name;

const semanticsOf = (call: Call, item: CrmItem): string =>
  call.state.crm.statuses.find((status) => status.statusId === item.fields['stageId'])?.semantics ?? 'P';

const shown = ({ state }: Call, item: CrmItem, original: boolean): { [key: string]: Json } => {
  const row: { [key: string]: Json } = {
    id: item.id,
    createdTime: isoAt(state, item.created),
    updatedTime: isoAt(state, item.updated),
    createdBy: item.createdBy,
    updatedBy: item.updatedBy,
    movedBy: item.movedBy,
    movedTime: isoAt(state, item.moved),
  };
  for (const [name, value] of Object.entries(item.fields)) row[original ? originalUf(name) : name] = value;
  row['entityTypeId'] = item.entityTypeId;
  return row;
};

const wantsOriginal = (params: Params): boolean => asText(pick(params, 'useOriginalUfNames')) === 'Y';

export const readOnly = new Set([
  'id',
  'entityTypeId',
  'createdTime',
  'updatedTime',
  'createdBy',
  'updatedBy',
  'movedBy',
  'movedTime',
  'stageSemanticId',
]);

const numeric = new Set(['assignedById', 'categoryId', 'companyId', 'contactId', 'opportunity']);

const readFields = (call: Call, type: number, given: Json | undefined): { [name: string]: Json } => {
  if (!isRecord(given) && !isList(given))
    return refuse(400, '100', 'Could not find value for parameter {fields} (internal error)');
  const fields: { [name: string]: Json } = {};
  for (const [key, value] of Object.entries(asRecord(given))) {
    const name = camelUf(key);
    if (readOnly.has(name)) continue;
    const number = numeric.has(name) && typeof value === 'string' && value !== '' ? Number(value) : value;
    fields[name] = typeof number === 'number' && Number.isNaN(number) ? value : number;
  }
  const { stageId } = fields;
  const stages = call.state.crm.statuses.filter((status) => isStage(status, type));
  if (stageId !== undefined && !stages.some((status) => status.statusId === stageId))
    refuse(400, 'CRM_FIELD_ERROR_VALUE_NOT_VALID', 'Недопустимое значение поля "stageId"');
  return fields;
};

const isStage = (status: CrmStatus, type: number): boolean =>
  type === 2
    ? /^DEAL_STAGE(_\d+)?$/.test(status.entityId)
    : status.entityId.startsWith(`DYNAMIC_${type}_STAGE_`);

const changedEvent = (call: Call, item: CrmItem, what: 'ADD' | 'UPDATE' | 'DELETE'): void => {
  if (item.entityTypeId === 2) fire(call, `ONCRMDEAL${what}`, item.id, { FIELDS: { ID: item.id } });
  else {
    const FIELDS = { ID: item.id, ENTITY_TYPE_ID: item.entityTypeId };
    fire(call, `ONCRMDYNAMICITEM${what}`, item.id, { FIELDS });
  }
};

const wrapped = (call: Call, params: Params, item: CrmItem): Answer =>
  answer({ item: { ...shown(call, item, wantsOriginal(params)), stageSemanticId: semanticsOf(call, item) } });

/** What a deal has besides, as the page of crm.item.add prints it; most of it empty. */
export const ofDeals: { readonly [name: string]: Json } = {
  typeId: 'SALE',
  leadId: null,
  quoteId: null,
  probability: null,
  taxValue: 0,
  sourceId: null,
  sourceDescription: null,
  comments: null,
  additionalInfo: null,
  begindate: null,
  closedate: null,
  closed: 'N',
  isNew: 'Y',
  isRecurring: 'N',
  isReturnCustomer: 'N',
  originatorId: null,
  originId: null,
  utmSource: null,
  utmMedium: null,
  utmCampaign: null,
  utmContent: null,
  utmTerm: null,
};

const add = (call: Call, params: Params): Answer => {
  const { state, now } = call;
  const entityTypeId = typeOf(call, params);
  const given = readFields(call, entityTypeId, pick(params, 'fields'));
  const categories = state.crm.categories.filter((one) => one.entityTypeId === entityTypeId);
  const category =
    asInt(given['categoryId']) ?? (categories.find((one) => one.isDefault) ?? categories[0])?.id ?? 0;
  const [first] = state.crm.statuses
    .filter(({ entityId }) => entityId === stagesOf(entityTypeId, category))
    .sort((a, b) => a.sort - b.sort);
  const id = nextId(state, 'crm_item');
  const at = seconds(now);
  const item: CrmItem = {
    entityTypeId,
    id,
    createdBy: call.user,
    created: at,
    updatedBy: call.user,
    updated: at,
    movedBy: call.user,
    moved: at,
    fields: {
      title: entityTypeId === 2 ? `Сделка #${id}` : `Элемент #${id}`,
      assignedById: call.user,
      opened: 'Y',
      categoryId: category,
      stageId: first?.statusId ?? null,
      previousStageId: null,
      companyId: 0,
      contactId: 0,
      contactIds: [],
      observers: [],
      opportunity: 0,
      currencyId: 'RUB',
      isManualOpportunity: 'N',
      xmlId: null,
      ...(entityTypeId === 2 ? ofDeals : {}),
      ...given,
    },
  };
  state.crm.items.set(itemKey(entityTypeId, id), item);
  changedEvent(call, item, 'ADD');
  return wrapped(call, params, item);
};

const update = (call: Call, params: Params): Answer => {
  const item = itemOf(call, params);
  const given = readFields(call, item.entityTypeId, pick(params, 'fields'));
  const news = Object.entries(given).filter(
    ([name, value]) => JSON.stringify(item.fields[name] ?? null) !== JSON.stringify(value),
  );
  // An update that changes nothing is not saved and tells nobody.
  if (news.length > 0) {
    const stage = item.fields['stageId'] ?? null;
    Object.assign(item.fields, Object.fromEntries(news));
    item.updatedBy = call.user;
    item.updated = seconds(call.now);
    if (item.fields['stageId'] !== stage) {
      item.fields['previousStageId'] = stage;
      if (item.entityTypeId === 2) {
        item.fields['closed'] = semanticsOf(call, item) === 'P' ? 'N' : 'Y';
        item.fields['isNew'] = item.fields['stageId'] === 'NEW' ? 'Y' : 'N';
      }
      item.movedBy = call.user;
      item.moved = item.updated;
    }
    changedEvent(call, item, 'UPDATE');
  }
  return wrapped(call, params, item);
};

const operators = ['!=%', '!%=', '!@', '=%', '%=', '>=', '<=', '!=', '!%', '>', '<', '@', '%', '!', '='];

type Row = { readonly [key: string]: Json };

const like = (text: string, pattern: string): boolean => {
  const [start = '', ...rest] = pattern.toLowerCase().split('%');
  const escaped = [start, ...rest].map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(text.toLowerCase());
};

const compared = (call: Call, have: Json | undefined, wanted: Json): number => {
  const asMoment = (value: Json | undefined): number | undefined =>
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? moment(call.state, value) : undefined;
  const [a, b] = [asMoment(have) ?? Number(have), asMoment(wanted) ?? Number(wanted)];
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
};

const same = (have: Json | undefined, wanted: Json): boolean =>
  asList(have).length > 0 ? asList(have).map(asText).includes(asText(wanted)) : asText(wanted) === '';

const meets = (call: Call, row: Row, key: string, value: Json): boolean => {
  const operator = operators.find((sign) => key.startsWith(sign)) ?? '=';
  const name = camelUf(key.startsWith(operator) ? key.slice(operator.length) : key);
  const have = row[name];
  const text = asText(have);
  switch (operator) {
    case '>':
      return compared(call, have, value) > 0;
    case '>=':
      return compared(call, have, value) >= 0;
    case '<':
      return compared(call, have, value) < 0;
    case '<=':
      return compared(call, have, value) <= 0;
    case '%':
      return text.toLowerCase().includes(asText(value).toLowerCase());
    case '!%':
      return !text.toLowerCase().includes(asText(value).toLowerCase());
    case '=%':
    case '%=':
      return like(text, asText(value));
    case '!=%':
    case '!%=':
      return !like(text, asText(value));
    case '!':
    case '!=':
    case '!@':
      return !(isList(value) ? value : [value]).some((item) => same(have, item));
    default:
      return (isList(value) ? value : [value]).some((item) => same(have, item));
  }
};

/** Conditions joined by AND, or by OR where `logic` says so; groups nest. */
const passes = (call: Call, row: Row, filter: Json | undefined): boolean => {
  const group = asRecord(filter);
  const tests = Object.entries(group)
    .filter(([key]) => key !== 'logic')
    .map(([key, value]) => (/^\d+$/.test(key) ? passes(call, row, value) : meets(call, row, key, value)));
  if (tests.length === 0) return true;
  return asText(group['logic']).toUpperCase() === 'OR' ? tests.includes(true) : !tests.includes(false);
};

const sortedBy = (rows: Row[], order: Json | undefined): Row[] => {
  const [name = 'id', direction = 'ASC'] = Object.entries(asRecord(order))[0] ?? [];
  const down = asText(direction).toUpperCase() === 'DESC';
  const key = (row: Row): number | string => {
    const value = row[camelUf(name)] ?? '';
    return typeof value === 'number' ? value : asText(value);
  };
  return rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (down ? -1 : 1));
};

const list = (call: Call, params: Params): Answer => {
  const type = typeOf(call, params);
  const select = asList(pick(params, 'select')).map((name) => camelUf(asText(name)));
  const whole = select.length === 0 || select.includes('*');
  const original = wantsOriginal(params);
  const rows = [...call.state.crm.items.values()]
    .filter(({ entityTypeId }) => entityTypeId === type)
    .map((item): Row => shown(call, item, false))
    .filter((row) => passes(call, row, pick(params, 'filter')));
  return page(
    sortedBy(rows, pick(params, 'order')),
    asInt(pick(params, 'start')),
    (row) =>
      Object.fromEntries(
        Object.entries(row)
          .filter(([name]) => whole || name === 'id' || select.includes(name))
          .map(([name, value]) => [original ? originalUf(name) : name, value]),
      ),
    (items) => ({ items }),
    call.state.settings.get('list.startMinusOneTotal') === 0,
  );
};

const shownStatus = (status: CrmStatus): { [key: string]: Json } => ({
  ID: String(status.id),
  ENTITY_ID: status.entityId,
  STATUS_ID: status.statusId,
  NAME: status.name,
  NAME_INIT: status.system ? status.name : '',
  SORT: String(status.sort),
  SYSTEM: yn(status.system),
  CATEGORY_ID: status.categoryId === null ? null : String(status.categoryId),
  COLOR: status.color,
  SEMANTICS: status.semantics,
  EXTRA: {
    SEMANTICS: status.semantics === 'S' ? 'success' : status.semantics === 'F' ? 'failure' : 'process',
    COLOR: status.color,
  },
});

const statusList = (call: Call, params: Params): Answer => {
  const filter = Object.entries(asRecord(pick(params, 'filter')));
  const rows = call.state.crm.statuses.map(shownStatus).filter((row) =>
    filter.every(([key, value]) => {
      const name = key.replace(/^[=@]+/, '');
      return asList(value).map(asText).includes(asText(row[name]));
    }),
  );
  const [name = 'SORT', direction = 'ASC'] = Object.entries(asRecord(pick(params, 'order')))[0] ?? [];
  const down = asText(direction).toUpperCase() === 'DESC';
  const key = (row: Row): number | string =>
    ['ID', 'SORT'].includes(name) ? Number(row[name]) : asText(row[name]);
  rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (down ? -1 : 1));
  return { result: rows, total: rows.length };
};

/** A pipeline; the vendor's own of deals has no origin. */
export const shownCategory = ({ id, name, sort, entityTypeId, isDefault }: CrmCategory): Json => ({
  id,
  name,
  sort,
  entityTypeId,
  isDefault: yn(isDefault),
  ...(id === 0 ? {} : { originId: '', originatorId: '' }),
});

export const crmMethods: readonly Method[] = [
  crmMethod('crm.item.add', true, add),
  crmMethod('crm.item.update', true, update),
  crmMethod('crm.item.get', false, (call, params) => wrapped(call, params, itemOf(call, params))),
  crmMethod('crm.item.list', false, list),
  crmMethod('crm.item.delete', true, (call, params) => {
    const item = itemOf(call, params);
    call.state.crm.items.delete(itemKey(item.entityTypeId, item.id));
    changedEvent(call, item, 'DELETE');
    return answer([]);
  }),
  crmMethod('crm.status.list', false, statusList),
  crmMethod('crm.category.list', false, (call, params) => {
    const type = typeOf(call, params);
    const categories = call.state.crm.categories
      .filter(({ entityTypeId }) => entityTypeId === type)
      .sort((a, b) => a.sort - b.sort || a.id - b.id)
      .map(shownCategory);
    return { result: { categories }, total: categories.length };
  }),
];
