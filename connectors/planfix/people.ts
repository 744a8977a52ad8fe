/** Employees, contacts and groups of an account, and its statuses (reference 7, 11). All throw ConnectorError. */
import { as, type LocalPersonId, type LocalStatusId } from '../../errors/ids.ts';
import { type LocalPerson } from '../../sync/core/account.ts';
import { ConnectorError, type LocalStatus } from '../port.ts';
import { send, type Session } from './client.ts';
import { wholeList } from './pages.ts';
import { Contact, Group, Named, Status, User } from './schema.ts';
import { connectorError, isAccountWide, oddAnswer } from './troubles.ts';

const fullName = (person: { readonly name: string; readonly lastname: string }): string =>
  [person.name, person.lastname].filter((part) => part !== '').join(' ');

/** A row that can't be read is left out: nobody is mapped to a person of whom not even the id is sure. */
export async function people(session: Session): Promise<readonly LocalPerson[]> {
  const found: LocalPerson[] = [];
  for (const row of await users(session)) found.push(employeeOf(row));
  for (const isCompany of [false, true]) found.push(...(await contacts(session, isCompany)));
  found.push(...(await groups(session)));
  // The acting user at least is one of them: a list without anybody is not this account's.
  if (found.length === 0) throw new ConnectorError(oddAnswer('people', 'POST /user/list', 'nobody at all'));
  return found;
}

async function users(session: Session): Promise<readonly User[]> {
  const rows = await wholeList(session, {
    path: '/user/list',
    json: { prefixedId: true, fields: 'id,name,lastname,role,status,email,isDeleted' },
    key: 'users',
    about: 'people',
  });
  return rows.flatMap(({ row }) => {
    const user = User.safeParse(row);
    return user.success ? [user.data] : [];
  });
}

/** An employee of the account; a robot does no work of its own and stands for nobody. */
export const employeeOf = (user: User): LocalPerson => ({
  id: as<LocalPersonId>(user.id),
  name: fullName(user),
  email: user.email,
  kind: user.role === 'Robot' ? 'robot' : 'employee',
  active: user.status !== 'Inactive' && user.isDeleted !== true,
});

/** `isCompany` is false by default, so people and companies are two lists of one id space. */
async function contacts(session: Session, isCompany: boolean): Promise<readonly LocalPerson[]> {
  const rows = await wholeList(session, {
    path: '/contact/list',
    json: { isCompany, prefixedId: true, fields: 'id,name,lastname,email,isCompany,isDeleted' },
    key: 'contacts',
    about: 'people',
  });
  return rows.flatMap(({ row }) => {
    const contact = Contact.safeParse(row);
    if (!contact.success) return [];
    const { id, email, isDeleted } = contact.data;
    return [
      {
        id: as<LocalPersonId>(id),
        name: fullName(contact.data),
        email,
        kind: 'contact' as const,
        active: isDeleted !== true,
      },
    ];
  });
}

async function groups(session: Session): Promise<readonly LocalPerson[]> {
  const rows = await getRows(session, '/user/groups', 'groups', 'people');
  const known = new Set<string>();
  return rows.flatMap((row) => {
    const group = Group.safeParse(row);
    if (!group.success || known.has(group.data.id)) return [];
    const { id, name } = group.data;
    known.add(id);
    return [{ id: as<LocalPersonId>(id), name, email: null, kind: 'group' as const, active: true }];
  });
}

/** A short reference list, GET without paging. */
async function getRows(
  session: Session,
  path: string,
  key: string,
  about: string,
  fields = 'id,name',
): Promise<readonly unknown[]> {
  const tried = `GET ${path}`;
  const answer = await send(session, { method: 'GET', path, query: { fields } });
  if (answer.is === 'refused' || answer.is === 'unclear') throw connectorError(answer, about, tried);
  const rows = answer.is === 'ok' ? answer.data[key] : undefined;
  if (!Array.isArray(rows))
    throw new ConnectorError(oddAnswer(about, tried, `no list "${key}" in the answer`));
  return rows as readonly unknown[];
}

interface Found {
  readonly name: string;
  readonly final: boolean;
  readonly individual: boolean;
  /** Objects that know it; empty = known from a process alone. */
  readonly objects: readonly string[];
}

/**
 * Statuses of all objects and processes, by their account-wide numbers. A status that only a process names is open to
 * all objects. `final`: Planfix counts it among the inactive ones, drafts and postponed tasks included.
 */
export async function statuses(session: Session): Promise<readonly LocalStatus[]> {
  const found = new Map<string, Found>();
  const add = (rows: readonly unknown[], object: string | null): void => {
    for (const row of rows) {
      const status = Status.safeParse(row);
      if (!status.success) continue;
      const { id, name, isActive, isAppliedIndividually } = status.data;
      const known = found.get(id);
      const objects = [...new Set([...(known?.objects ?? []), ...(object === null ? [] : [object])])];
      found.set(id, {
        name: known?.name ?? name,
        final: known?.final ?? isActive === false,
        individual: known?.individual ?? isAppliedIndividually === true,
        objects,
      });
    }
  };
  const fields = 'id,name,isActive,isAppliedIndividually';
  for (const object of await objects(session)) {
    add(await getRows(session, `/object/${object}/statuses`, 'statuses', 'status', fields), object);
  }
  for (const row of await getRows(session, '/process/task', 'processes', 'status')) {
    const process = Named.safeParse(row);
    if (!process.success) continue;
    add(
      await getRows(session, `/process/task/${process.data.id}/statuses`, 'statuses', 'status', fields),
      null,
    );
  }
  return [...found].map(([id, { name, final, individual, objects: known }]) => ({
    id: as<LocalStatusId>(id),
    name,
    objects: known.length === 0 ? null : known,
    final,
    individual,
  }));
}

/** Objects came later than processes: an account that refuses the call has none. */
async function objects(session: Session): Promise<readonly string[]> {
  const tried = 'POST /object/list';
  const answer = await send(session, {
    method: 'POST',
    path: '/object/list',
    json: { offset: 0, pageSize: 100, fields: 'id,name' },
  });
  const unknownHere =
    answer.is === 'refused' &&
    !isAccountWide(answer) &&
    (answer.code !== null || [404, 405].includes(answer.status));
  if (unknownHere) return [];
  if (answer.is === 'refused' || answer.is === 'unclear') throw connectorError(answer, 'status', tried);
  const rows = answer.is === 'ok' ? answer.data['objects'] : undefined;
  if (!Array.isArray(rows))
    throw new ConnectorError(oddAnswer('status', tried, 'no list "objects" in the answer'));
  const found = rows.flatMap((row: unknown) => {
    const object = Named.safeParse(row);
    return object.success ? [object.data.id] : [];
  });
  return [...new Set(found)];
}
