/**
 * Carrying out writes: each is some commands and what their answers make of it; the commands of many writes share a
 * batch. Nothing here throws: an error of ours is an outcome too.
 */
import { sameFileName } from '../../sync/core/fileNames.ts';
import { type Found, type Outcome, type Write } from '../../sync/core/operation.ts';
import { type RawComment } from '../../sync/core/replica.ts';
import { ConnectorError, type OpenSource } from '../port.ts';
import { type Attempt, refused, unknown } from './attempt.ts';
import { batchMax, type Command, needsOwnCall } from './batch.ts';
import { bitrixChat, bitrixComment } from './body.ts';
import { editAttempt } from './commentFiles.ts';
import { createAttempt as commentAttempt, partsOf } from './comments.ts';
import { createAttempt as taskAttempt, findTask } from './creations.ts';
import { type Answer, type Failure, troubleOf } from './failure.ts';
import { attachAttempt, detachAttempt } from './files.ts';
import { underKeys } from './keyed.ts';
import { numberIn } from './service.ts';
import { type Session, workOff } from './session.ts';
import { chatThread, oldThread, type ThreadTold } from './threads.ts';
import { returnAttempt } from './membership.ts';
import { deleteAttempt, type Lines } from './retractions.ts';
import { joinAttempt, plannedEnds, updateAttempt } from './updates.ts';

function attempt(
  session: Session,
  write: Write,
  key: string,
  open: OpenSource,
  ends: Awaited<ReturnType<typeof plannedEnds>>,
  lines: Lines,
): Attempt {
  switch (write.kind) {
    case 'task.create':
      return taskAttempt(session, write, key);
    case 'task.update':
      return updateAttempt(session, write, key, ends);
    case 'task.join':
      return write.chat === undefined
        ? joinAttempt(session, write, key)
        : returnAttempt(session, { ...write, chat: write.chat }, key);
    case 'file.attach':
      return attachAttempt(session, write, open);
    case 'file.detach':
      return detachAttempt(session, write, key);
    case 'comment.create':
      return commentAttempt(session, write, key, open);
    case 'comment.update':
      return editAttempt(session, write, key, open);
    case 'comment.delete':
      return deleteAttempt(session, write, key, lines);
  }
}

/** Attempts in batches of fifty commands; one that a batch can't carry travels by itself. */
function packed(attempts: readonly Attempt[]): readonly (readonly number[])[] {
  const bins: number[][] = [];
  let open: { readonly members: number[]; size: number } | null = null;
  for (const [index, { commands }] of attempts.entries()) {
    const alone = commands.some(({ params }) => Object.values(params).some(needsOwnCall));
    if (open === null || alone || open.size + commands.length > batchMax) {
      const bin = { members: [index], size: commands.length };
      bins.push(bin.members);
      open = alone ? null : bin;
    } else {
      open.members.push(index);
      open.size += commands.length;
    }
  }
  return bins;
}

const ours = (session: Session, write: Write, error: unknown): Outcome =>
  unknown(session, {
    code: 'E-OURS',
    about: write.kind.startsWith('comment') ? 'comment' : write.kind.startsWith('file') ? 'file' : 'task',
    tried: write.kind,
    answered: error instanceof Error ? error.message : String(error),
    todo: 'Report this with the log around it: the bridge failed while it carried out a write.',
  });

/** The one failure of all these calls that says something about the whole account, or null. */
function wholeFailure(answers: ReadonlyMap<string, Answer>): Failure | null {
  const [first] = answers.values();
  if (first?.is !== 'failed' || first.kind === 'refused' || first.kind === 'answer') return null;
  return [...answers.values()].every((answer) => answer === first) ? first : null;
}

/** See Connector.write. */
export async function write(
  session: Session,
  writes: readonly Write[],
  open: OpenSource,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<number, Outcome>();
  try {
    const ends = await plannedEnds(session, writes);
    const lines: Lines = { claimed: new Set(), lost: null };
    const attempts = underKeys(
      session,
      writes,
      writes.map((one, index) => attempt(session, one, `w${String(index)}`, open, ends, lines)),
    );
    let stopped: Failure | null = null;
    for (const bin of packed(attempts)) {
      if (stopped !== null) {
        // The account takes nothing more for now: what was not sent is surely not carried out.
        for (const index of bin)
          outcomes.set(index, refused(session, troubleOf(stopped, 'task', writes[index]?.kind ?? 'batch')));
        continue;
      }
      const commands: readonly Command[] = bin.flatMap((index) => attempts[index]?.commands ?? []);
      const answers: ReadonlyMap<string, Answer> =
        commands.length === 0 ? new Map() : await session.client.run(commands);
      stopped = wholeFailure(answers);
      for (const index of bin) {
        const [tried, one] = [attempts[index], writes[index]];
        if (tried === undefined || one === undefined) continue;
        try {
          outcomes.set(index, await tried.settle(answers));
        } catch (error) {
          outcomes.set(index, ours(session, one, error));
        }
      }
    }
  } catch (error) {
    for (const [index, one] of writes.entries())
      if (!outcomes.has(index)) outcomes.set(index, ours(session, one, error));
  }
  return writes.map((one, index) => outcomes.get(index) ?? ours(session, one, 'no outcome'));
}

type Lookup = Extract<Write, { kind: 'task.create' | 'comment.create' }>;

/** Comments younger than the youngest known one, in our hand, whose texts are those that were sent. */
async function findComment(
  session: Session,
  sought: Extract<Write, { kind: 'comment.create' }>,
): Promise<Found> {
  let told: ThreadTold | null = null;
  const keep = (thread: ThreadTold): void => {
    told = thread;
  };
  const inChat = sought.world === 'chat' && sought.chat !== null;
  await workOff(session.client, [
    inChat ? chatThread(sought.chat ?? '', sought.after, keep) : oldThread(sought.task, keep),
  ]);
  const thread = told as ThreadTold | null;
  if (thread === null || thread.is === 'failed')
    return {
      is: 'cannot-tell',
      trouble: thread?.trouble ?? {
        code: 'E-REMOTE-ANSWER',
        about: 'comment',
        todo: 'Nothing to do: tried again later.',
      },
    };
  const surface = inChat ? bitrixChat : bitrixComment;
  const normal = (text: string): string =>
    surface
      .parse(text)
      .blocks.map(({ block }) => surface.normal(block))
      .join('\n');
  const author = inChat ? session.settings.actor : (sought.author ?? session.settings.actor);
  const known = sought.after === null ? 0 : Number(numberIn(inChat ? 'chat' : 'comment', sought.after) ?? 0);
  const young = thread.value.list.filter(
    ({ id, author: by }) => by === author && Number(/\d+$/.exec(id)?.[0] ?? 0) > known,
  );
  const parts = partsOf(session, sought);
  const found: RawComment[] =
    parts.length > 0
      ? []
      : young.filter(({ files }) =>
          files.some(({ name }) => sought.files.some((one) => sameFileName(one.name, name))),
        );
  for (const text of parts) {
    const next = young.find((comment) => !found.includes(comment) && normal(comment.text) === normal(text));
    if (next !== undefined) found.push(next);
  }
  return found.length === 0 ? { is: 'nothing' } : { is: 'comments', comments: found };
}

/** See Connector.find. */
export async function find(session: Session, sought: Lookup): Promise<Found> {
  try {
    return sought.kind === 'task.create'
      ? await findTask(session, sought)
      : await findComment(session, sought);
  } catch (error) {
    if (error instanceof ConnectorError) return { is: 'cannot-tell', trouble: error.trouble };
    return {
      is: 'cannot-tell',
      trouble: {
        code: 'E-OURS',
        about: sought.kind,
        answered: error instanceof Error ? error.message : String(error),
        todo: 'Report this with the log around it: the bridge failed while it looked for its own write.',
      },
    };
  }
}
