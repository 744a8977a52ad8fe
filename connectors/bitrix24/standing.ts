/** Comments of ours as they read now, before a second means is tried on them. */
import { type LocalCommentId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Write } from '../../sync/core/operation.ts';
import { type RawComment } from '../../sync/core/replica.ts';
import { chatId, numberIn } from './service.ts';
import { type Session, workOff } from './session.ts';
import { chatThread, oldThread, type ThreadTold } from './threads.ts';

/** Where comments of a write stand. */
export type Place = Pick<Extract<Write, { readonly comments: unknown }>, 'kind' | 'task' | 'world' | 'chat'>;

export type Standing = ReadonlyMap<LocalCommentId, RawComment>;

export const numberOf = (place: Pick<Place, 'world'>, comment: LocalCommentId): number =>
  Number(numberIn(place.world === 'chat' ? 'chat' : 'comment', comment) ?? 0);

/** These comments and, in a chat, everything said since, oldest first; or why that can't be read. */
export async function standingOf(
  session: Session,
  place: Place,
  comments: readonly LocalCommentId[],
): Promise<Standing | Trouble> {
  let told: ThreadTold | null = null;
  const keep = (thread: ThreadTold): void => {
    told = thread;
  };
  const oldest = Math.min(...comments.map((comment) => numberOf(place, comment)));
  await workOff(session.client, [
    place.world === 'chat' && place.chat !== null
      ? chatThread(place.chat, oldest > 1 ? chatId(String(oldest - 1)) : null, keep)
      : oldThread(place.task, keep),
  ]);
  const thread = told as ThreadTold | null;
  if (thread?.is === 'read') return new Map(thread.value.list.map((comment) => [comment.id, comment]));
  return (
    thread?.trouble ?? {
      code: 'E-REMOTE-ANSWER',
      about: 'comment',
      tried: place.kind,
      todo: 'Nothing to do: tried again later.',
    }
  );
}

export const isTrouble = (told: Standing | Trouble): told is Trouble => 'code' in told;
