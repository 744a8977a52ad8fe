/**
 * Words that were taken back and can not be deleted where they are mirrored: one line below them says so. Only for what
 * its author deleted: of a message that was hidden, or that its reader may not see any more, a line would say an untruth
 * and turn all eyes on it (decision 0017).
 */
import { as, type LocalCommentId, type MessageId } from '../../errors/ids.ts';
import { type Context, view, withoutAuthors } from './context.ts';
import { type Message } from './item.ts';
import { reaches } from './audience.ts';
import { type Retraction } from './operation.ts';
import { type Marks } from './plan.ts';
import { type CommentWorld, type Replica } from './replica.ts';

export const takenBackLine = 'Сообщение выше отозвано автором.';

/** Of every message another one: the mark of a copy is the mark of its words. */
const retractionOf = (message: Message): MessageId => as<MessageId>(`${message.id}#taken-back`);

/**
 * The line, in the acting user's own name and naming the author as the copy does; `undefined` = nothing is to be said.
 * `copy`: a message as the account is shown it.
 */
export function retraction(
  context: Context,
  replica: Replica,
  world: CommentWorld,
  message: Message,
  marks: Marks,
  copy: (context: Context, message: Message) => string,
): Retraction | undefined {
  const { account } = replica;
  if (message.state !== 'deleted' || !reaches(context, message, account)) return undefined;
  const surface = view(context, account).commentSurface(world);
  const line = surface.print([
    { kind: 'paragraph', children: [{ kind: 'text', text: takenBackLine, marks: [] }] },
  ]);
  const said: Message = {
    ...message,
    text: { account, surface: surface.name, markup: line },
    files: [],
    replyTo: null,
  };
  return {
    text: copy(withoutAuthors(context, account), said),
    mark: marks.message(retractionOf(message), account),
    besides: partsBesides(replica, message.id),
  };
}

const partsBesides = (replica: Replica, message: MessageId): LocalCommentId[] =>
  replica.comments
    .filter((comment) => comment.message !== message)
    .flatMap(({ parts }) => parts.map(({ comment }) => comment));
