/**
 * Accounts that refuse to name authors of comments: a first line names them instead, in a comment of the acting user's own.
 * The right may come back, so the other way is tried again once a day, with the next comment; a copy keeps the form that
 * it was written in, for an edit changes no author. An account that was found to refuse is not tried for the first comment
 * of each thread, only a day later.
 */
import { type Instant, type LocalPersonId } from '../../errors/ids.ts';
import { type Abilities, type AccountView } from './account.ts';
import { type CommentWorld, type KnownComment, type Replica } from './replica.ts';

const tryAgainMs = 86_400_000;

/** Whether this copy names its author by its first line, or, without a copy, whether a new one has to. */
export const isPlain = (
  { abilities }: { readonly abilities: Pick<Abilities, 'refusesAuthors'> },
  { plainComments, plainSince = 0 }: Pick<Replica, 'plainComments' | 'plainSince'>,
  copy: Pick<KnownComment, 'plain'> | undefined,
  now: Instant,
): boolean => {
  if (copy?.plain !== undefined) return copy.plain;
  if (plainComments === true) return copy !== undefined || now < plainSince + tryAgainMs;
  return copy === undefined && abilities.refusesAuthors === true;
};

export const refusedAuthor = (replica: Replica, at: Instant): Replica => ({
  ...replica,
  plainComments: true,
  plainSince: at,
});

/** The account took a comment in another's name. */
export function tookAuthor({ plainComments: _, plainSince: __, ...replica }: Replica): Replica {
  return replica;
}

/** The form of a copy, as it is kept where authors can be named at all. */
export const formOf = (
  { abilities, actor }: AccountView,
  world: CommentWorld,
  author: LocalPersonId | null,
): Pick<KnownComment, 'plain'> =>
  abilities.authored[world] ? { plain: author === null || author === actor } : {};
