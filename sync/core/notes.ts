/**
 * What an account is told of files that do not fit there: for those of comments the copy itself says it, for those of the
 * task a comment of the bridge's own does, once each. Both are listed for whoever looks after the account. Pure.
 */
import { as, type Instant, type LocalCommentId, type MessageId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Context, view } from './context.ts';
import { type FileRef, type Item, type SharedFile } from './item.ts';
import { reaches } from './audience.ts';
import { type PlannedOperation } from './operation.ts';
import { type Marks } from './plan.ts';
import { type Replica, type Snapshot, takenBack } from './replica.ts';
import { filesLeftOut, isTooLarge, noteOf, taskFilesFor, tooLargeTrouble } from './tooLarge.ts';

const taskFilesLeftOut = (context: Context, item: Item, replica: Replica): readonly SharedFile[] =>
  taskFilesFor(context, item, replica.account).filter((file) => isTooLarge(context, replica, file));

const notePrefix = (item: Item): string => `${item.id}/too-large/`;

/** The id of the comment that says it of a file of the task. */
const noteId = (item: Item, file: FileRef): MessageId =>
  as<MessageId>(`${notePrefix(item)}${file.account}/${file.file}`);

/**
 * Comments about files of the task that do not fit; those that stand are known as copies of their id. One about a file that
 * fits by now, or is gone, is taken back. `after`: the youngest comment known.
 */
export function planNotes(
  context: Context,
  item: Item,
  replica: Replica,
  shadow: Snapshot,
  marks: Marks,
  after: LocalCommentId | null,
  now: Instant,
): readonly PlannedOperation[] {
  const { account, comments } = replica;
  const { world, chat, task } = shadow;
  const surface = view(context, account).commentSurface(world);
  const leftOut = taskFilesLeftOut(context, item, replica);
  const untrue = comments.filter(
    ({ message, state }) =>
      state === 'live' &&
      message.startsWith(notePrefix(item)) &&
      !leftOut.some((file) => message === noteId(item, file)),
  );
  const takeBack = untrue.map(({ message, parts }): PlannedOperation => ({
    key: `comment.delete/${message}`,
    fields: ['comment'],
    lane: 'file',
    from: account,
    write: { kind: 'comment.delete', task, world, chat, comments: parts.map(({ comment }) => comment) },
  }));
  const say = leftOut
    .filter((file) => {
      const said = comments.find(({ message }) => message === noteId(item, file));
      return said === undefined || (said.state === 'deleted' && said.version === takenBack);
    })
    .map((file): PlannedOperation => {
      const id = noteId(item, file);
      return {
        key: `comment.create/${id}`,
        fields: ['comment'],
        lane: 'file',
        from: file.account,
        write: {
          kind: 'comment.create',
          task,
          world,
          chat,
          message: id,
          mark: marks.message(id, account),
          text: surface.print([noteOf(context, replica, file)]),
          author: null,
          at: now,
          // The bridge's own word, said now.
          plain: true,
          notify: [],
          replyTo: null,
          files: [],
          after,
        },
      };
    });
  return [...takeBack, ...say];
}

/** Every file that does not fit in this account, of its task and of the comments that reach it. */
export function tooLargeTroubles(context: Context, item: Item, replica: Replica): readonly Trouble[] {
  const ofMessages = item.messages
    .filter((message) => message.state === 'live' && reaches(context, message, replica.account))
    .flatMap((message) => filesLeftOut(context, replica, message));
  return [...taskFilesLeftOut(context, item, replica), ...ofMessages].map((file) =>
    tooLargeTrouble(replica, file),
  );
}
