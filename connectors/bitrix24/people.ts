/** The portal's people (b24restdocs: api-reference/user/user-get.md). Bots, mail users and system users are never told. */
import { as, type LocalPersonId } from '../../errors/ids.ts';
import { type LocalPerson } from '../../sync/core/account.ts';
import { type Params } from './batch.ts';
import { ConnectorError } from '../port.ts';
import { connectorError } from './failure.ts';
import { User } from './schema.ts';
import { oddRow } from './service.ts';
import { type Job, type Session, workOff } from './session.ts';

const method = 'user.get';
const page = 50;
/** A portal of more people than this is not read to its end. */
const peopleMax = 20_000;

const kindOf = (type: string | null | undefined): LocalPerson['kind'] =>
  type === 'employee' || type === null || type === undefined || type === ''
    ? 'employee'
    : type === 'bot'
      ? 'robot'
      : 'guest';

export function personOf(row: unknown): LocalPerson | null {
  const user = User.safeParse(row);
  if (!user.success) return null;
  const { ID: id, NAME: first, LAST_NAME: last, EMAIL: mail, ACTIVE: active, USER_TYPE: type } = user.data;
  const email = mail === null || mail === undefined || mail === '' ? null : mail.toLowerCase();
  const name = [first, last].filter((part) => part !== null && part !== undefined && part !== '').join(' ');
  return {
    id: as<LocalPersonId>(id),
    name: name === '' ? (email ?? `user ${id}`) : name,
    email,
    kind: kindOf(type),
    active,
  };
}

const params = (start: number): Params => ({ sort: 'ID', order: 'ASC', ADMIN_MODE: true, start });

/** See Connector.people. One request for up to 50 people, one more for every 2,500 beyond. */
export async function people(session: Session): Promise<readonly LocalPerson[]> {
  const first = await session.client.call(method, params(0));
  if (first.is === 'failed') throw connectorError(first, 'people', method);
  const found = new Map<string, LocalPerson>();
  /** How many rows of a page told somebody new; null where the page was not full. */
  const take = (result: unknown): number | null => {
    if (!Array.isArray(result)) throw new ConnectorError(oddRow('people', method, 'no list of people'));
    const before = found.size;
    for (const row of result as unknown[]) {
      const person = personOf(row);
      if (person !== null) found.set(person.id, person);
    }
    return result.length < page ? null : found.size - before;
  };
  let fresh = take(first.result);
  // The acting user is one of them: a list without anybody is not this portal's.
  if (found.size === 0) throw new ConnectorError(oddRow('people', method, 'nobody at all'));
  const total = Math.min(first.total ?? 0, peopleMax);
  const jobs: Job[] = [];
  for (let start = page; start < total; start += page)
    jobs.push({
      method,
      params: params(start),
      take: (answer) => {
        if (answer.is === 'failed') throw connectorError(answer, 'people', method);
        fresh = take(answer.result);
        return [];
      },
    });
  if (fresh !== null) await workOff(session.client, jobs);
  // A total that was too small, or none at all: on from there, as long as full pages bring somebody new.
  for (
    let start = Math.max(page, Math.ceil(total / page) * page);
    fresh !== null && fresh > 0;
    start += page
  ) {
    if (start >= peopleMax)
      throw new ConnectorError(oddRow('people', method, `more than ${String(peopleMax)} people`));
    const next = await session.client.call(method, params(start));
    if (next.is === 'failed') throw connectorError(next, 'people', method);
    fresh = take(next.result);
  }
  if (fresh === 0) throw new ConnectorError(oddRow('people', method, 'a full page that brings nobody new'));
  return [...found.values()];
}
