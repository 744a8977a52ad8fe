/** Objects (task types) of an account: each has a card, statuses and scenarios of its own (reference 6.1, 7). */
import { type LocalObject } from '../port.ts';
import { type Session } from './client.ts';
import { wholeList } from './pages.ts';
import { Named } from './schema.ts';

/** In the order of the account. Throws ConnectorError, also where an older account has no objects. */
export async function objects(session: Session): Promise<readonly LocalObject[]> {
  const rows = await wholeList(session, {
    path: '/object/list',
    json: { fields: 'id,name' },
    key: 'objects',
    about: 'objects',
  });
  return rows.flatMap(({ row }) => {
    const named = Named.safeParse(row);
    return named.success ? [named.data] : [];
  });
}
