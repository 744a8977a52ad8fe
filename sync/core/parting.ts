/**
 * The last word in a copy whose people are named no longer: that it is kept in step no more. It names nobody, for who goes
 * on with the task, and why, is not theirs to know.
 */
import { as, type Instant, type MessageId } from '../../errors/ids.ts';
import { type Context, view } from './context.ts';
import { type Item, type Message } from './item.ts';
import { notified } from './messages.ts';
import { type PlannedOperation } from './operation.ts';
import { isPlain } from './plain.ts';
import { type Marks, youngestComment } from './plan.ts';
import { type Replica } from './replica.ts';

export const lastWord =
  'Эта задача больше не связана с другой стороной: изменения и комментарии отсюда не передаются, и новые сюда не приходят.';

/** How the message ids of an item's last words begin. */
export const partingKey = (item: Item['id']): string => `${item}/parted/`;

/** The comment that says it, once for each parting. */
export function planLastWord(
  context: Context,
  item: Item,
  replica: Replica,
  marks: Marks,
  now: Instant,
): readonly PlannedOperation[] {
  const { account, shadow, partedAt } = replica;
  if (replica.state !== 'parted' || partedAt == null || shadow === null) return [];
  const id = as<MessageId>(`${partingKey(item.id)}${String(partedAt)}`);
  if (replica.comments.some(({ message }) => message === id)) return [];
  const { world, chat, task } = shadow;
  const surface = view(context, account).commentSurface(world);
  const text = surface.print([
    { kind: 'paragraph', children: [{ kind: 'text', text: lastWord, marks: [] }] },
  ]);
  const message: Message = {
    id,
    origin: { account, comment: as(String(partedAt)) },
    author: null,
    authorName: '',
    at: partedAt,
    text: { account, surface: surface.name, markup: text },
    files: [],
    replyTo: null,
    addressed: [],
    hidden: false,
    provenance: { organisation: account, space: item.space },
    state: 'live',
    version: 1,
  };
  return [
    {
      key: `comment.create/${id}`,
      fields: ['comment'],
      lane: 'comment',
      from: account,
      write: {
        kind: 'comment.create',
        task,
        world,
        chat,
        message: id,
        mark: marks.message(id, account),
        text,
        author: null,
        at: partedAt,
        ...(isPlain(view(context, account), replica, undefined, now) ? { plain: true } : {}),
        notify: notified(context, item, replica, message),
        replyTo: null,
        files: [],
        after: youngestComment(replica.comments, world),
      },
    },
  ];
}
