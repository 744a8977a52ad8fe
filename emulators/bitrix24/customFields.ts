/** task.item.userfield.* (section 11): custom fields of tasks. */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { legacyError } from './legacy.ts';
import { type CustomField, nextId } from './state.ts';
import { asInt, asRecord, asText, isYes, yn } from './values.ts';

const scope = ['task', 'tasks'] as const;

const admin = (call: Call): void => {
  if (!call.admin) legacyError(4, 'Action is not allowed');
};

const shown = (field: CustomField): { [key: string]: Json } => ({
  ID: String(field.id),
  ENTITY_ID: 'TASKS_TASK',
  FIELD_NAME: field.name,
  USER_TYPE_ID: field.type,
  XML_ID: field.name,
  SORT: '100',
  MULTIPLE: yn(field.multiple),
  MANDATORY: yn(field.mandatory),
  SHOW_FILTER: 'N',
  SHOW_IN_LIST: 'N',
  EDIT_IN_LIST: 'Y',
  IS_SEARCHABLE: 'N',
  EDIT_FORM_LABEL: { ru: field.title },
  SETTINGS: [],
});

const labelOf = (value: Json | undefined): string =>
  asText(value) || asText(Object.values(asRecord(value))[0]);

const fieldOf = (call: Call, id: Json | undefined): CustomField =>
  call.state.customFields.find((field) => field.id === asInt(id)) ??
  legacyError(512, 'User field not found or not accessible');

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
    const raw = asText(given['FIELD_NAME']).toUpperCase();
    const name = raw.startsWith('UF_') ? raw : `UF_${raw}`;
    const field: CustomField = {
      id: nextId(call.state, 'custom_field'),
      name,
      title: labelOf(given['EDIT_FORM_LABEL']) || labelOf(given['LABEL']) || name,
      type: asText(given['USER_TYPE_ID']) || 'string',
      mandatory: isYes(given['MANDATORY']),
      multiple: isYes(given['MULTIPLE']),
    };
    call.state.customFields.push(field);
    return answer(field.id);
  }),
  method('get', false, ['ID'], (call, params) => answer(shown(fieldOf(call, params['ID'])))),
  method('getlist', false, ['ORDER', 'FILTER'], (call, params) => {
    const filter = asRecord(params['FILTER']);
    const rows = call.state.customFields
      .map(shown)
      .filter((row) => Object.entries(filter).every(([key, value]) => asText(row[key]) === asText(value)));
    return { result: rows, total: rows.length };
  }),
  method('update', true, ['ID', 'DATA'], (call, params) => {
    admin(call);
    const field = fieldOf(call, params['ID']);
    const data = asRecord(params['DATA']);
    field.title = labelOf(data['EDIT_FORM_LABEL']) || field.title;
    if (data['MANDATORY'] !== undefined) field.mandatory = isYes(data['MANDATORY']);
    return answer(true);
  }),
  method('delete', true, ['ID'], (call, params) => {
    admin(call);
    const field = fieldOf(call, params['ID']);
    call.state.customFields = call.state.customFields.filter((other) => other !== field);
    return answer(true);
  }),
  method('getfields', false, [], () => ({
    result: Object.fromEntries(
      descriptors.map(([name, type, title, more]): [string, Json] => [name, { type, title, ...more }]),
    ),
    total: 0,
  })),
  method('gettypes', false, [], () =>
    answer(['string', 'double', 'datetime', 'boolean'].map((id): Json => ({ ID: id, title: id }))),
  ),
];
