/** user.*, profile, department.get (section 20). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method, page } from './call.ts';
import { isoAt } from './moments.ts';
import { type Department, type User } from './state.ts';
import { asInt, asList, asRecord, asText, isYes, type Params, pick } from './values.ts';

const userScopes = ['user', 'user_basic', 'user_brief'];

/** First word and the rest of a name. */
export const nameParts = (name: string): { first: string; last: string } => {
  const [first = '', ...rest] = name.split(' ');
  return { first, last: rest.join(' ') };
};

const seesContacts = (call: Call): boolean =>
  call.scope.includes('user') || call.scope.includes('user_basic');

/** A row of user.get. Some dates come as empty maps, as on live portals. */
export const shownUser = (call: Call, user: User): { [key: string]: Json } => {
  const { first, last } = nameParts(user.name);
  const row: { [key: string]: Json } = {
    ID: String(user.id),
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
    WORK_POSITION: user.position,
    UF_EMPLOYMENT_DATE: '',
    UF_DEPARTMENT: [...user.departments],
    USER_TYPE: user.type,
    ...user.extra,
  };
  if (!seesContacts(call)) delete row['EMAIL'];
  return row;
};

/** People that user.get shows: bots, mail users and system users never. */
const listable = (user: User): boolean => !user.hidden && user.type !== 'email' && user.type !== 'bot';

const operators = ['!=%', '!%', '!@', '=%', '%=', '>=', '<=', '!=', '%', '@', '!', '>', '<', '='];

const like = (text: string, wanted: string): boolean =>
  text.toLowerCase().includes(wanted.replaceAll('%', '').toLowerCase());

const matches = (row: { readonly [key: string]: Json }, key: string, value: Json): boolean => {
  const operator = operators.find((sign) => key.startsWith(sign)) ?? '=';
  const field = key.startsWith(operator) ? key.slice(operator.length) : key;
  const have = row[field.toUpperCase()];
  if (have === undefined) return true;
  if (field.toUpperCase() === 'ACTIVE')
    return (isYes(value) === (have === true)) !== operator.startsWith('!');
  const texts = asList(have).map(asText);
  const wanted = asList(value).map(asText);
  const lower = (text: string): string => (field.toUpperCase() === 'EMAIL' ? text.toLowerCase() : text);
  switch (operator) {
    case '%':
    case '=%':
    case '%=':
      return wanted.some((item) => texts.some((text) => like(text, item)));
    case '!%':
    case '!=%':
      return !wanted.some((item) => texts.some((text) => like(text, item)));
    case '>=':
      return Number(texts[0]) >= Number(wanted[0]);
    case '<=':
      return Number(texts[0]) <= Number(wanted[0]);
    case '>':
      return Number(texts[0]) > Number(wanted[0]);
    case '<':
      return Number(texts[0]) < Number(wanted[0]);
    case '!':
    case '!=':
    case '!@':
      return !wanted.some((item) => texts.some((text) => lower(text) === lower(item)));
    default:
      return wanted.some((item) => texts.some((text) => lower(text) === lower(item)));
  }
};

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
  return { ...Object.fromEntries(top), ...asRecord(pick(params, 'FILTER')) };
};

const get: Method['run'] = (call, params) => {
  const filter = Object.entries(filterOf(params));
  const idFilter = filter.find(([key]) => key === 'ID' || key === '@ID' || key === '=ID');
  const pool =
    idFilter === undefined
      ? [...call.state.users.values()]
      : [...new Set(asList(idFilter[1]).map(asInt))].flatMap((id) => call.state.users.get(id ?? 0) ?? []);
  const rows = pool
    .filter(listable)
    .map((user) => shownUser(call, user))
    .filter((row) => filter.every(([key, value]) => matches(row, key, value)));
  const sort = (asText(pick(params, 'sort')) || 'ID').toUpperCase();
  const down = asText(pick(params, 'order')).toUpperCase() === 'DESC';
  const key = (row: { readonly [name: string]: Json }): number | string =>
    sort === 'ID' ? Number(row['ID']) : asText(row[sort]);
  rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (down ? -1 : 1));
  return page(rows, asInt(pick(params, 'start')), (row) => row);
};

const search: Method['run'] = (call, params) => {
  const filter = { ...asRecord(pick(params, 'FILTER')) };
  const top = pick(params, 'FIND');
  const find = asText(filter['FIND'] ?? top).toLowerCase();
  const rows = [...call.state.users.values()]
    .filter((user) => listable(user) && user.active)
    .map((user) => shownUser(call, user))
    .filter((row) => {
      if (find !== '') {
        const text = `${asText(row['NAME'])} ${asText(row['LAST_NAME'])} ${asText(row['WORK_POSITION'])} ${asText(row['EMAIL'])}`;
        return text.toLowerCase().includes(find);
      }
      return Object.entries(filter).every(([key, value]) =>
        ['NAME', 'LAST_NAME', 'WORK_POSITION'].includes(key)
          ? asText(row[key]).toLowerCase().startsWith(asText(value).replaceAll('%', '').toLowerCase())
          : matches(row, key, value),
      );
    });
  return page(rows, asInt(pick(params, 'start')), (row) => row);
};

const shownDepartment = (department: Department): Json => {
  const row: { [key: string]: Json } = { ID: String(department.id), NAME: department.name, SORT: 500 };
  if (department.parent !== null) row['PARENT'] = String(department.parent);
  if (department.head !== null) row['UF_HEAD'] = String(department.head);
  return row;
};

const departments: Method['run'] = (call, params) => {
  const rows = [...call.state.departments.values()].filter((department) => {
    const shown = shownDepartment(department) as { readonly [key: string]: Json };
    return ['ID', 'NAME', 'PARENT', 'UF_HEAD'].every((field) => {
      const wanted = pick(params, field);
      return wanted === undefined || asList(wanted).map(asText).includes(asText(shown[field]));
    });
  });
  const sort = asText(pick(params, 'sort')).toUpperCase();
  rows.sort((a, b) => (sort === 'NAME' ? (a.name < b.name ? -1 : 1) : a.id - b.id));
  if (asText(pick(params, 'order')).toUpperCase() === 'DESC') rows.reverse();
  return page(rows, asInt(pick(params, 'START', 'start')), shownDepartment);
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
        LAST_ACTIVITY_DATE: isoAt(call.state, call.now).slice(0, 19).replace('T', ' '),
      });
    },
  },
  { name: 'user.get', version: 2, scope: userScopes, write: false, run: get },
  { name: 'user.search', version: 2, scope: userScopes, write: false, run: search },
  { name: 'department.get', version: 2, scope: ['department'], write: false, run: departments },
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
