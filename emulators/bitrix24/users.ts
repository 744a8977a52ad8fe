/** user.* and profile (section 20). */
import { type Json } from '../common/types.ts';
import { answer, type Answer, type Call, type Method, page } from './call.ts';
import { isoAt } from './moments.ts';
import { type Row, rowPasses, rowsInOrder } from './rowFilter.ts';
import { type User } from './state.ts';
import { asInt, asList, asRecord, asText, type Params, pick, yn } from './values.ts';

const userScopes = ['user', 'user_basic', 'user_brief'];

/** First word and the rest of a name. */
export const nameParts = (name: string): { first: string; last: string } => {
  const [first = '', ...rest] = name.split(' ');
  return { first, last: rest.join(' ') };
};

const seesContacts = (call: Call): boolean =>
  call.scope.includes('user') || call.scope.includes('user_basic');

/** `2026-09-28T10:00:00+03:00` as `28.09.2026 10:00:00`. */
const localDate = (iso: string): string =>
  `${iso.slice(8, 10)}.${iso.slice(5, 7)}.${iso.slice(0, 4)} ${iso.slice(11, 19)}`;

/** How to reach a person: not for the scope `user_brief` (user-scope.md of the vendor's reference). */
const contacts = new Set(['EMAIL', 'PERSONAL_PHONE', 'PERSONAL_MOBILE', 'WORK_PHONE', 'PERSONAL_WWW']);

const withoutContacts = (row: { readonly [key: string]: Json }): { [key: string]: Json } =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !contacts.has(name)));

/** A row of user.get. Some dates come as empty maps, as on live portals. */
export const shownUser = (call: Call, user: User): { [key: string]: Json } => {
  const { first, last } = nameParts(user.name);
  const row: { [key: string]: Json } = {
    ID: String(user.id),
    XML_ID: '',
    ACTIVE: user.active,
    NAME: first,
    LAST_NAME: last,
    SECOND_NAME: '',
    EMAIL: user.email,
    LAST_LOGIN: isoAt(call.state, call.now - 3_600_000),
    DATE_REGISTER: '2025-01-15T00:00:00+03:00',
    TIME_ZONE: '',
    IS_ONLINE: 'N',
    TIMESTAMP_X: {},
    LAST_ACTIVITY_DATE: {},
    PERSONAL_GENDER: '',
    PERSONAL_WWW: '',
    PERSONAL_BIRTHDAY: '',
    PERSONAL_MOBILE: '',
    PERSONAL_CITY: '',
    WORK_PHONE: '',
    WORK_POSITION: user.position,
    UF_EMPLOYMENT_DATE: '',
    UF_DEPARTMENT: [...user.departments],
    USER_TYPE: user.type,
    ...user.extra,
  };
  return seesContacts(call) ? row : withoutContacts(row);
};

/** `data` of ONUSERADD (on-user-add.md of the vendor's reference). */
export const userAdded = (call: Call, user: User): { readonly [key: string]: Json } => {
  const { first, last } = nameParts(user.name);
  return {
    ID: user.id,
    ACTIVE: yn(user.active),
    EMAIL: user.email,
    NAME: first,
    LAST_NAME: last,
    UF_DEPARTMENT: [...user.departments],
    DATE_REGISTER: isoAt(call.state, call.now),
    WORK_POSITION: user.position,
  };
};

/** People that user.get shows: bots, mail users and system users never. */
const listable = (user: User): boolean => !user.hidden && user.type !== 'email' && user.type !== 'bot';

const notFilters = new Set([
  'FILTER',
  'SORT',
  'ORDER',
  'SELECT',
  'ADMIN_MODE',
  'IMAGE_RESIZE',
  'START',
  'AUTH',
]);

/** The filter of user.get stands in FILTER or at the top level. */
const filterOf = (params: Params): Params => {
  const top = Object.entries(params).filter(
    ([key]) => !notFilters.has(key.toUpperCase()) && !key.startsWith('bx24_'),
  );
  const given = { ...Object.fromEntries(top), ...asRecord(pick(params, 'FILTER')) };
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key === 'NAME_SEARCH' ? '%NAME_SEARCH' : key, value]),
  );
};

/** `NAME_SEARCH` looks in everything that names a person. */
const withSearch = (row: Row): Row => ({
  ...row,
  NAME_SEARCH: ['NAME', 'LAST_NAME', 'SECOND_NAME', 'EMAIL', 'WORK_POSITION']
    .map((name) => asText(row[name]))
    .join(' '),
});

/** Fields that `select` names, masks included; without it all of them. */
const selected = (row: Row, select: readonly string[]): Row => {
  if (select.length === 0 || select.includes('*')) return row;
  const wanted = (name: string): boolean =>
    name === 'ID' || select.includes(name) || (name.startsWith('UF_') && select.includes('UF_*'));
  return Object.fromEntries(Object.entries(row).filter(([name]) => wanted(name)));
};

/** Sorted by `sort` and `order`, cut to `select`, one page. */
const inPages = (call: Call, params: Params, rows: readonly Row[]): Answer => {
  const sort = asText(pick(params, 'sort')) || 'ID';
  const select = asList(pick(params, 'select')).map((name) => asText(name).toUpperCase());
  const sorted = rowsInOrder(call.state, rows, { [sort]: asText(pick(params, 'order')) || 'ASC' });
  return page(sorted, asInt(pick(params, 'start')), (row) => selected(row, select));
};

const get: Method['run'] = (call, params) => {
  const filter = filterOf(params);
  const idFilter = Object.entries(filter).find(([key]) => key === 'ID' || key === '@ID' || key === '=ID');
  const pool =
    idFilter === undefined
      ? [...call.state.users.values()]
      : [...new Set(asList(idFilter[1]).map(asInt))].flatMap((id) => call.state.users.get(id ?? 0) ?? []);
  const rows = pool
    .filter(listable)
    .map((user) => shownUser(call, user))
    .filter((row) => rowPasses(call.state, withSearch(row), filter));
  return inPages(call, params, rows);
};

/** user.search: FIND looks in everything and stands alone; other keys are beginnings of words. */
const search: Method['run'] = (call, params) => {
  const { state } = call;
  const filter = { ...asRecord(pick(params, 'FILTER')) };
  const find = asText(filter['FIND'] ?? pick(params, 'FIND')).toLowerCase();
  const starts = ['NAME', 'LAST_NAME', 'WORK_POSITION', 'UF_DEPARTMENT_NAME'];
  const rows = [...state.users.values()]
    .filter((user) => listable(user) && user.active)
    .map((user): Row => {
      const departments = user.departments.map((id) => state.departments.get(id)?.name ?? '');
      return { ...shownUser(call, user), UF_DEPARTMENT_NAME: departments.join(' ') };
    })
    .filter((row) => {
      const names = [...starts, 'EMAIL'].map((name) => asText(row[name])).join(' ');
      if (find !== '') return names.toLowerCase().includes(find);
      return Object.entries(filter).every(([key, value]) =>
        starts.includes(key)
          ? asText(row[key]).toLowerCase().startsWith(asText(value).replaceAll('%', '').toLowerCase())
          : rowPasses(state, row, { [key]: value }),
      );
    })
    .map(({ UF_DEPARTMENT_NAME: _, ...row }): Row => row);
  return inPages(call, params, rows);
};

const plain = (...names: readonly string[]): { readonly [name: string]: Json } =>
  Object.fromEntries(names.map((name) => [name, name]));

/** Names of the fields of a person, as user.fields tells them; those that the portal does not translate are themselves. */
const fieldNames: { readonly [name: string]: Json } = {
  ID: 'ID',
  XML_ID: 'Внешний код',
  ACTIVE: 'Активность',
  NAME: 'Имя',
  LAST_NAME: 'Фамилия',
  SECOND_NAME: 'Отчество',
  TITLE: 'Обращение',
  EMAIL: 'E-Mail',
  LAST_LOGIN: 'Последняя авторизация',
  DATE_REGISTER: 'Дата регистрации',
  ...plain('TIME_ZONE', 'IS_ONLINE', 'TIMESTAMP_X', 'LAST_ACTIVITY_DATE'),
  PERSONAL_GENDER: 'Пол',
  PERSONAL_PROFESSION: 'Профессия',
  PERSONAL_WWW: 'Домашняя страница',
  PERSONAL_BIRTHDAY: 'Дата рождения',
  PERSONAL_PHOTO: 'Фотография',
  PERSONAL_ICQ: 'ICQ',
  PERSONAL_PHONE: 'Личный телефон',
  PERSONAL_FAX: 'Факс',
  PERSONAL_MOBILE: 'Личный мобильный',
  PERSONAL_PAGER: 'Пейджер',
  PERSONAL_STREET: 'Улица',
  PERSONAL_CITY: 'Город',
  PERSONAL_STATE: 'Область',
  PERSONAL_ZIP: 'Индекс',
  PERSONAL_COUNTRY: 'Страна',
  PERSONAL_MAILBOX: 'Почтовый ящик',
  PERSONAL_NOTES: 'Заметки',
  WORK_PHONE: 'Рабочий телефон',
  WORK_COMPANY: 'Компания',
  WORK_POSITION: 'Должность',
  WORK_DEPARTMENT: 'Департамент',
  WORK_WWW: 'Сайт компании',
  ...plain('WORK_FAX', 'WORK_PAGER', 'WORK_STREET', 'WORK_MAILBOX'),
  WORK_CITY: 'Город работы',
  ...plain('WORK_STATE', 'WORK_ZIP', 'WORK_COUNTRY', 'WORK_PROFILE', 'WORK_LOGO', 'WORK_NOTES'),
  UF_SKYPE_LINK: 'Ссылка на чат Skype',
  UF_ZOOM: 'Zoom',
  UF_EMPLOYMENT_DATE: 'Дата принятия на работу',
  UF_TIMEMAN: 'Учёт рабочего времени',
  UF_DEPARTMENT: 'Подразделения',
  UF_INTERESTS: 'Интересы',
  UF_SKILLS: 'Навыки',
  UF_WEB_SITES: 'Другие сайты',
  UF_XING: 'Xing',
  UF_LINKEDIN: 'LinkedIn',
  UF_TWITTER: 'Twitter',
  UF_SKYPE: 'Skype',
  UF_DISTRICT: 'Район',
  UF_PHONE_INNER: 'Внутренний телефон',
  USER_TYPE: 'USER_TYPE',
};

export const userMethods: readonly Method[] = [
  {
    name: 'user.current',
    version: 2,
    scope: userScopes,
    write: false,
    run: (call) => {
      const user = call.state.users.get(call.user);
      if (user === undefined) return answer([]);
      const row = shownUser(call, user);
      return answer({
        ...row,
        IS_ONLINE: 'Y',
        LAST_LOGIN: isoAt(call.state, call.now - 1_200_000),
        // Here the dates are texts of other forms (batch.md and general-principles.md of the vendor's reference).
        TIMESTAMP_X: localDate(isoAt(call.state, call.now - 3_600_000)),
        LAST_ACTIVITY_DATE: isoAt(call.state, call.now).slice(0, 19).replace('T', ' '),
      });
    },
  },
  { name: 'user.get', version: 2, scope: userScopes, write: false, run: get },
  { name: 'user.search', version: 2, scope: userScopes, write: false, run: search },
  {
    name: 'user.fields',
    version: 2,
    scope: userScopes,
    write: false,
    run: (call) => {
      return answer(seesContacts(call) ? fieldNames : withoutContacts(fieldNames));
    },
  },
  {
    name: 'profile',
    version: 2,
    scope: [],
    write: false,
    run: (call) => {
      const { first, last } = nameParts(call.state.users.get(call.user)?.name ?? '');
      return answer({
        ID: String(call.user),
        ADMIN: call.admin,
        NAME: first,
        LAST_NAME: last,
        PERSONAL_GENDER: '',
        TIME_ZONE: '',
      });
    },
  },
];
