/** The people of an account as they were read last, kept sealed: commands tell who is who without asking the account. */
import { z } from 'zod';
import { type AccountId, as, type LocalPersonId } from '../errors/ids.ts';
import { type Store } from '../store/port.ts';
import { type LocalPerson } from '../sync/core/account.ts';
import { type Secrets } from './secrets.ts';

const People = z.array(
  z.object({
    id: z.string().transform((id) => as<LocalPersonId>(id)),
    name: z.string(),
    email: z.string().nullable(),
    kind: z.enum(['employee', 'robot', 'guest', 'contact', 'group']),
    active: z.boolean(),
  }),
);

const name = 'people';
const contextOf = (account: AccountId): string => `people:${account}`;

/** Keeps what was just read in place of what was read before. */
export const keepPeople = (
  store: Store,
  secrets: Secrets,
  account: AccountId,
  people: readonly LocalPerson[],
): Promise<void> =>
  store.putCursor(account, name, secrets.encrypt(JSON.stringify(people), contextOf(account)));

/**
 * `null` = the bridge has not read the account's people yet, or a version before this one kept them in another form:
 * the running bridge reads them afresh at its start and every ten minutes. Throws WrongSecretKey when the key is another.
 */
export async function keptPeople(
  store: Store,
  secrets: Secrets,
  account: AccountId,
): Promise<readonly LocalPerson[] | null> {
  const kept = await store.cursor(account, name);
  if (kept === null) return null;
  const read = People.safeParse(JSON.parse(secrets.decrypt(kept, contextOf(account))));
  return read.success ? read.data : null;
}
