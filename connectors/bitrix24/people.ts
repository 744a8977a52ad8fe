/** The portal's people (b24restdocs: api-reference/user/user-get.md). Bots, mail users and system users are never told. */
import { as, type LocalPersonId } from '../../errors/ids.ts';
import { type LocalPerson } from '../../sync/core/account.ts';
import { type Params } from './batch.ts';
import { connectorError } from './failure.ts';
import { User } from './schema.ts';
import { type Job, type Session, workOff } from './session.ts';

const method = 'user.get';
const page = 50;
/** A portal of more people than this is told in part. */
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
  const take = (result: unknown): void => {
    for (const row of Array.isArray(result) ? (result as unknown[]) : []) {
      const person = personOf(row);
      if (person !== null) found.set(person.id, person);
    }
  };
  take(first.result);
  const total = Math.min(first.total ?? 0, peopleMax);
  const jobs: Job[] = [];
  for (let start = page; start < total; start += page)
    jobs.push({
      method,
      params: params(start),
      take: (answer) => {
        if (answer.is === 'failed') throw connectorError(answer, 'people', method);
        take(answer.result);
        return [];
      },
    });
  await workOff(session.client, jobs);
  return [...found.values()];
}
