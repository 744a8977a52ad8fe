/** Marks: UUIDs that name an origin for one target, tell nobody anything, and can be computed again from the origin. */
import { createHmac } from 'node:crypto';
import { type AccountId, as, type Mark, type MessageId, type SpaceId } from '../../errors/ids.ts';
import { type Marks } from '../core/plan.ts';

function mark(key: Uint8Array, parts: readonly string[]): Mark {
  const hex = createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex');
  const variant = ((parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return as<Mark>(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
  );
}

/** `secret` is the bridge's own key for marks; each space has its own from it, so that a mark links no two spaces. */
export function marksOf(secret: Uint8Array, space: SpaceId): Marks {
  const key = createHmac('sha256', secret).update(`space ${space}`).digest();
  return {
    task: (item, account: AccountId) => mark(key, ['task', item.origin.account, item.origin.task, account]),
    message: (message: MessageId, account: AccountId) => mark(key, ['message', message, account]),
  };
}
