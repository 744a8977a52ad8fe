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

/** `null` = the bridge has not read the account's people yet. Throws WrongSecretKey when the key is another. */
export async function keptPeople(
  store: Store,
  secrets: Secrets,
  account: AccountId,
): Promise<readonly LocalPerson[] | null> {
  const kept = await store.cursor(account, name);
  return kept === null ? null : People.parse(JSON.parse(secrets.decrypt(kept, contextOf(account))));
}
