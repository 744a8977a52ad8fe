/** department.* (section 20; api-reference/departments of the vendor's reference): the structure of the company. */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method, page } from './call.ts';
import { type Row, rowPasses, rowsInOrder } from './rowFilter.ts';
import { type Department, nextId } from './state.ts';
import { asInt, asText, type Params, pick, refuse } from './values.ts';

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name: `department.${name}`,
  version: 2,
  scope: ['department'],
  write,
  run,
});

const shown = (department: Department): Row => {
  const row: { [key: string]: Json } = {
    ID: String(department.id),
    NAME: department.name,
    SORT: department.sort,
  };
  if (department.parent !== null) row['PARENT'] = String(department.parent);
  if (department.head !== null) row['UF_HEAD'] = String(department.head);
  return row;
};

const get: Method['run'] = (call, params) => {
  const filter = Object.fromEntries(
    ['ID', 'NAME', 'SORT', 'PARENT', 'UF_HEAD'].flatMap((field): [string, Json][] => {
      const wanted = pick(params, field);
      // SORT filters as a number, and names the field to sort by as a text.
      const sorts = field === 'SORT' && asInt(wanted) === undefined;
      return wanted === undefined || sorts ? [] : [[field, wanted]];
    }),
  );
  const rows = [...call.state.departments.values()]
    .map(shown)
    .filter((row) => rowPasses(call.state, { PARENT: '', UF_HEAD: '', ...row }, filter));
  const named = asText(pick(params, 'sort'));
  const sort = /^(ID|NAME|SORT|PARENT|UF_HEAD)$/i.test(named) ? named : 'ID';
  const order = { [sort]: asText(pick(params, 'order')) || 'ASC' };
  return page(rowsInOrder(call.state, rows, order), asInt(pick(params, 'START', 'start')), (row) => row);
};

const core = (text: string): never => refuse(400, 'ERROR_CORE', text);

const named = (call: Call, params: Params): Department => {
  if (!call.admin) core('Access denied');
  return call.state.departments.get(asInt(pick(params, 'ID')) ?? 0) ?? core('Department not found');
};

/** The department that a new or moved one stands under; the company has one root. */
const parentOf = (call: Call, params: Params): number => {
  const id = asInt(pick(params, 'PARENT')) ?? 0;
  return call.state.departments.has(id)
    ? id
    : core('There can only be one top-level department in the company structure');
};

export const departmentMethods: readonly Method[] = [
  method('get', false, get),
  method('fields', false, () =>
    answer({
      ID: 'ID',
      NAME: 'Название подразделения',
      SORT: 'Сортировка',
      PARENT: 'Вышестоящее подразделение',
      UF_HEAD: 'Руководитель',
    }),
  ),
  method('add', true, (call, params) => {
    if (!call.admin) core('Access denied');
    const name = asText(pick(params, 'NAME'));
    if (name === '') core('Не указано название подразделения.<br>');
    const department = {
      id: nextId(call.state, 'department'),
      name,
      parent: parentOf(call, params),
      head: asInt(pick(params, 'UF_HEAD')) ?? null,
      sort: asInt(pick(params, 'SORT')) ?? 500,
    };
    call.state.departments.set(department.id, department);
    return answer(department.id);
  }),
  method('update', true, (call, params) => {
    const department = named(call, params);
    department.name = asText(pick(params, 'NAME')) || department.name;
    if (pick(params, 'PARENT') !== undefined) department.parent = parentOf(call, params);
    department.sort = asInt(pick(params, 'SORT')) ?? department.sort;
    const head = pick(params, 'UF_HEAD');
    if (head !== undefined) department.head = asInt(head) ?? null;
    return answer(true);
  }),
  method('delete', true, (call, params) => {
    const { id, parent } = named(call, params);
    call.state.departments.delete(id);
    // Its people and the departments below move up.
    for (const other of call.state.departments.values()) if (other.parent === id) other.parent = parent;
    for (const user of call.state.users.values()) {
      if (!user.departments.includes(id)) continue;
      const others = user.departments.filter((one) => one !== id && one !== parent);
      user.departments = parent === null ? others : [...others, parent];
    }
    return answer(true);
  }),
];
