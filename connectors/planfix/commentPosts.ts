/** New comments (reference 8): author and time are the message's own, the mark is `sourceObjectId`. */
import {
  as,
  type Instant,
  type LocalCommentId,
  type LocalPersonId,
  type LocalTaskId,
  type Mark,
} from '../../errors/ids.ts';
import { partMark } from '../../sync/core/commentParts.ts';
import { type Made, type Outcome } from '../../sync/core/operation.ts';
import { send, type Session } from './client.ts';
import { toDateAndTime } from './dates.ts';
import { noteMade } from './marks.ts';
import { Created } from './schema.ts';
import { peopleOf } from './service.ts';
import { oddAnswer, unknown, unsuccessful } from './troubles.ts';
import { mayShift } from './zone.ts';
import { type FactName, notice } from './unknowns.ts';

export type MadeComment = NonNullable<Made['comments']>[number];

/** Names the bridge as the application that `sourceObjectId` belongs to; the same in every account. */
export const sourceId = '6f0f7a6e-0c5d-4b8e-9d55-2f1c8f3f7a10';

export interface Draft {
  readonly task: LocalTaskId;
  readonly mark: Mark;
  readonly author: LocalPersonId | null;
  /** null = now, for the account lets no other time be named. */
  readonly at: Instant | null;
  readonly notify: readonly LocalPersonId[];
  readonly files: readonly { readonly id: number }[];
}

export type Posted =
  | { readonly is: 'posted'; readonly made: readonly MadeComment[] }
  | { readonly is: 'stopped'; readonly outcome: Outcome };

/** Posts the texts from part `from` on in order; the first carries recipients and files. */
export async function post(
  session: Session,
  draft: Draft,
  texts: readonly string[],
  from = 0,
): Promise<Posted> {
  const path = `/task/${draft.task}/comments/`;
  const tried = `POST ${path}`;
  const made: MadeComment[] = [];
  for (const [index, text] of texts.slice(from).entries()) {
    const mark = partMark(draft.mark, from + index);
    const answer = await send(session, {
      method: 'POST',
      path,
      json: bodyOf(session, { ...draft, mark }, text, index === 0),
    });
    if (answer.is === 'refused' || answer.is === 'unclear') {
      const outcome = unsuccessful(session, answer, 'comment', tried);
      if (isNamed(session, draft) && outcome.is === 'refused' && outcome.trouble.code === 'E-REMOTE-RIGHT')
        session.marks.refusedAuthors.add(draft.task);
      return { is: 'stopped', outcome };
    }
    const created = Created.safeParse(answer.is === 'ok' ? answer.data : undefined);
    if (!created.success) {
      return {
        is: 'stopped',
        outcome: unknown(session, oddAnswer('comment', tried, 'no number of the comment')),
      };
    }
    const comment = as<LocalCommentId>(created.data.id);
    noteMade(session, 'comment', comment, mark);
    noteAuthor(session, draft);
    made.push({ comment, text });
  }
  return { is: 'posted', made };
}

const isNamed = ({ settings }: Session, { author }: Draft): boolean =>
  author !== null && author !== settings.actor;

/** A refusal may have other reasons; that the same thread took a comment in the acting user's own name leaves none. */
function noteAuthor(session: Session, draft: Draft): void {
  const { refusedAuthors } = session.marks;
  const name: FactName = 'comments.ownerAllowed';
  const where = `in task ${draft.task}`;
  if (isNamed(session, draft))
    notice(session, name, 'allowed', `a comment in another’s name was taken ${where}`);
  else if (draft.author === null && draft.at === null && refusedAuthors.has(draft.task))
    notice(
      session,
      name,
      'refused',
      `a comment in another’s name was refused ${where}, the next one without was taken`,
    );
  refusedAuthors.delete(draft.task);
}

function bodyOf(
  session: Session,
  draft: Draft,
  text: string,
  first: boolean,
): Readonly<Record<string, unknown>> {
  const { people } = peopleOf(draft.notify);
  const told = first && people.users.length + people.groups.length > 0;
  return {
    description: text,
    sourceId,
    sourceObjectId: draft.mark,
    ...(draft.author === null ? {} : { owner: { id: draft.author } }),
    // A time that the account would take for another one is worse than the time of writing.
    ...(draft.at === null || mayShift(session)
      ? {}
      : { dateTime: toDateAndTime(draft.at, session.settings.zone) }),
    // Nobody named is nobody told (reference 8.3).
    ...(told ? { recipients: people } : {}),
    ...(first && draft.files.length > 0 ? { files: draft.files } : {}),
  };
}
