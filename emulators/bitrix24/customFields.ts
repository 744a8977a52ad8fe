/** task.item.userfield.* (section 11): custom fields of tasks. */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { iso, moment } from './moments.ts';
import { rowPasses, rowsInOrder } from './rowFilter.ts';
import { type CustomField, nextId, type State } from './state.ts';
import { asInt, asList, asRecord, asText, isList, isYes, type Params, refuse, yn } from './values.ts';

const scope = ['task', 'tasks'] as const;

const types: readonly (readonly [string, string])[] = [
  ['string', 'Строка'],
  ['integer', 'Целое число'],
  ['double', 'Число'],
  ['boolean', 'Да/Нет'],
  ['enumeration', 'Список'],
  ['datetime', 'Дата со временем'],
  ['date', 'Дата'],
  ['money', 'Деньги'],
  ['url', 'Ссылка'],
  ['address', 'Адрес Google карты'],
  ['file', 'Файл'],
  ['employee', 'Привязка к сотруднику'],
  ['crm', 'Привязка к элементам CRM'],
];

/** Types that fields of tasks may have; gettypes names more of them. */
const usable = new Set(['string', 'double', 'datetime', 'boolean']);

const core = (text: string): never => refuse(400, 'ERROR_CORE', text);

const admin = (call: Call): void => {
  if (!call.admin) core('Access denied');
};

interface Shown {
  readonly [key: string]: Json;
}

const described = (id: number, name: string, type: string, multiple: boolean, more: Shown = {}): Shown => ({
  ID: String(id),
  ENTITY_ID: 'TASKS_TASK',
  FIELD_NAME: name,
  USER_TYPE_ID: type,
  XML_ID: '',
  SORT: '100',
  MULTIPLE: yn(multiple),
  MANDATORY: 'N',
  SHOW_FILTER: 'N',
  SHOW_IN_LIST: 'N',
  EDIT_IN_LIST: 'N',
  IS_SEARCHABLE: 'N',
  SETTINGS: [],
  ...more,
});

/** The fields of the portal itself, which are custom fields too; their numbers stand above those of the others. */
const system: readonly Shown[] = [
  described(100_001, 'UF_CRM_TASK', 'crm', true, {
    SETTINGS: { LEAD: 'Y', CONTACT: 'Y', COMPANY: 'Y', DEAL: 'Y' },
  }),
  described(100_002, 'UF_MAIL_MESSAGE', 'mail_message', false),
  described(100_003, 'UF_TASK_WEBDAV_FILES', 'disk_file', true, { XML_ID: 'TASK_WEBDAV_FILES' }),
];

const shown = (field: CustomField): Shown =>
  described(field.id, field.name, field.type, field.multiple, {
    XML_ID: field.xmlId,
    SORT: String(field.sort),
    MANDATORY: yn(field.mandatory),
    SHOW_IN_LIST: 'Y',
    EDIT_IN_LIST: 'Y',
  });

const labelled = (field: CustomField): Shown => {
  const label = { ru: field.title };
  return {
    ...shown(field),
    EDIT_FORM_LABEL: label,
    LIST_COLUMN_LABEL: label,
    LIST_FILTER_LABEL: label,
    ERROR_MESSAGE: label,
    HELP_MESSAGE: label,
  };
};

const labelOf = (value: Json | undefined): string =>
  asText(value) || asText(Object.values(asRecord(value))[0]);

const idOf = (params: Params, whenAbsent: string): number => {
  if (params['ID'] === undefined) core(whenAbsent);
  const id = asInt(params['ID']) ?? 0;
  return id > 0 ? id : core('ID is not defined or invalid.');
};

const fieldOf = (call: Call, id: number): CustomField =>
  call.state.customFields.find((field) => field.id === id) ??
  refuse(400, 'ERROR_NOT_FOUND', `The entity with ID '${id}' is not found.`);

const noArguments = (name: string): string =>
  `TASKS_ERROR_EXCEPTION_#0; Invalid arguments for Bitrix\\Tasks\\Integration\\Rest\\Task\\UserField::${name}; 0/TE<br>`;

/** One value of a field as it is stored and read: texts, numbers as texts, moments with the portal's offset, 1 or 0. */
const single = (state: State, type: string, value: Json): Json => {
  if (value === null || value === '') return null;
  switch (type) {
    case 'boolean':
      return isYes(value) ? '1' : '0';
    case 'double':
    case 'integer':
      return Number.isNaN(Number(asText(value))) ? null : String(Number(asText(value)));
    case 'datetime':
      return iso(state, moment(state, value) ?? null);
    case 'string':
      return asText(value);
    default:
      return value;
  }
};

/** What a custom field of a task holds after a write: a list where it is multiple, null where it is empty. */
export const customValue = (state: State, field: CustomField, value: Json): Json => {
  if (!field.multiple) return single(state, field.type, isList(value) ? (value[0] ?? null) : value);
  return asList(value)
    .map((item) => single(state, field.type, item))
    .filter((item) => item !== null);
};

const method = (name: string, write: boolean, positional: readonly string[], run: Method['run']): Method => ({
  name: `task.item.userfield.${name}`,
  version: 2,
  scope,
  write,
  positional,
  run,
});

/** Descriptors of task.item.userfield.getfields: name, type, title, and what else its page prints. */
const descriptors: readonly (readonly [string, string, string, { readonly [key: string]: Json }?])[] = [
  ['ID', 'int', 'ID', { isReadOnly: true }],
  ['ENTITY_ID', 'string', 'Объект', { isImmutable: true }],
  ['FIELD_NAME', 'string', 'Код', { isImmutable: true }],
  ['USER_TYPE_ID', 'string', 'Тип данных', { isImmutable: true }],
  ['XML_ID', 'string', 'Внешний код (XML ID)'],
  ['SORT', 'int', 'Сортировка'],
  ['MULTIPLE', 'char', 'Множественное'],
  ['MANDATORY', 'char', 'Обязательное'],
  ['SHOW_FILTER', 'char', 'Показывать в фильтре списка'],
  ['SHOW_IN_LIST', 'char', 'Показывать в списке'],
  ['EDIT_IN_LIST', 'char', 'Разрешать редактирование пользователем'],
  ['IS_SEARCHABLE', 'char', 'Значения поля участвуют в поиске'],
  ['EDIT_FORM_LABEL', 'string', 'Подпись в форме редактирования'],
  ['LIST_COLUMN_LABEL', 'string', 'Заголовок в списке'],
  ['LIST_FILTER_LABEL', 'string', 'Подпись фильтра в списке'],
  ['ERROR_MESSAGE', 'string', 'Сообщение об ошибке'],
  ['HELP_MESSAGE', 'string', 'Помощь'],
  ['LIST', 'uf_enum_element', 'Элементы списка', { isMultiple: true }],
  ['SETTINGS', 'object', 'Дополнительные настройки (зависят от типа)'],
];

export const customFieldMethods: readonly Method[] = [
  method('add', true, ['PARAMS'], (call, params) => {
    admin(call);
    const given = asRecord(params['PARAMS']);
    const type = asText(given['USER_TYPE_ID']);
    if (type === '') core("The 'USER_TYPE_ID' field is not found.");
    if (!usable.has(type)) core('Invalid user type specified.');
    const raw = asText(given['FIELD_NAME']).toUpperCase();
    if (raw === '') core("The 'FIELD_NAME' field is not found.");
    const name = raw.startsWith('UF_') ? raw : `UF_${raw}`;
    const known = [
      ...system.map((field) => field['FIELD_NAME']),
      ...call.state.customFields.map((one) => one.name),
    ];
    if (known.includes(name)) core(`The field ${name} for the object TASKS_TASK already exists.`);
    const field: CustomField = {
      id: nextId(call.state, 'custom_field'),
      name,
      title: labelOf(given['EDIT_FORM_LABEL']) || labelOf(given['LABEL']) || name,
      type,
      mandatory: isYes(given['MANDATORY']),
      multiple: type !== 'boolean' && isYes(given['MULTIPLE']),
      xmlId: asText(given['XML_ID']) || name,
      sort: asInt(given['SORT']) ?? 100,
    };
    call.state.customFields.push(field);
    return answer(field.id);
  }),
  method('get', false, ['ID'], (call, params) => {
    const id = idOf(params, 'No parameters found.');
    const own = system.find((field) => field['ID'] === String(id));
    return { result: own ?? labelled(fieldOf(call, id)), total: 0 };
  }),
  method('getlist', false, ['ORDER', 'FILTER'], (call, params) => {
    const rows = [...system, ...call.state.customFields.map(shown)];
    const kept = rows.filter((row) => rowPasses(call.state, row, params['FILTER']));
    return { result: rowsInOrder(call.state, kept, asRecord(params['ORDER'])), total: 0 };
  }),
  method('update', true, ['ID', 'DATA'], (call, params) => {
    const id = idOf(params, noArguments('update'));
    admin(call);
    const field = fieldOf(call, id);
    const data = asRecord(params['DATA']);
    field.title = labelOf(data['EDIT_FORM_LABEL']) || labelOf(data['LABEL']) || field.title;
    field.xmlId = asText(data['XML_ID']) || field.xmlId;
    field.sort = asInt(data['SORT']) ?? field.sort;
    if (data['MANDATORY'] !== undefined) field.mandatory = isYes(data['MANDATORY']);
    if (data['MULTIPLE'] !== undefined) field.multiple = field.type !== 'boolean' && isYes(data['MULTIPLE']);
    return answer(true);
  }),
  method('delete', true, ['ID'], (call, params) => {
    const id = idOf(params, noArguments('delete'));
    admin(call);
    const field = fieldOf(call, id);
    call.state.customFields = call.state.customFields.filter((other) => other !== field);
    return answer(true);
  }),
  method('getfields', false, [], () => ({
    result: Object.fromEntries(
      descriptors.map(([name, type, title, more]): [string, Json] => [name, { type, title, ...more }]),
    ),
    total: 0,
  })),
  method('gettypes', false, [], () => ({
    result: types.map(([id, title]): Json => ({ ID: id, title })),
    total: 0,
  })),
];
