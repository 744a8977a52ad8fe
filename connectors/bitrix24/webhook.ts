/**
 * Bodies that the portal posts: form-encoded with PHP brackets, ids only, unsigned but for `application_token`
 * (b24restdocs: api-reference/events/index.md; reference §18). Nothing here throws, whatever comes.
 */
import { as, type LocalTaskId } from '../../errors/ids.ts';
import { type Aspect, type Hint, type ReadHints } from '../port.ts';

/** Longest body that is looked at; the portal's are under two kilobytes. */
const bodyMax = 256 * 1024;

const aspectsOf: ReadonlyMap<string, readonly Aspect[]> = new Map<string, readonly Aspect[]>([
  ['ONTASKADD', ['task', 'comments']],
  ['ONTASKUPDATE', ['task']],
  ['ONTASKDELETE', ['task']],
  ['ONTASKCOMMENTADD', ['comments']],
  // An edit or a deletion may concern any comment, however old.
  ['ONTASKCOMMENTUPDATE', ['comments', 'deleted-comments']],
  ['ONTASKCOMMENTDELETE', ['comments', 'deleted-comments']],
]);

const form = (body: string): URLSearchParams => new URLSearchParams(body.slice(0, bodyMax));

/** `undefined` is the literal text with which the portal fills the absent side of a change. */
function taskNumber(fields: URLSearchParams, names: readonly string[]): LocalTaskId | null {
  for (const side of ['FIELDS_AFTER', 'FIELDS_BEFORE'])
    for (const name of names) {
      const value = fields.get(`data[${side}][${name}]`) ?? '';
      if (/^[1-9]\d{0,17}$/.test(value)) return as<LocalTaskId>(value);
    }
  return null;
}

export const readBitrix24Hints: ReadHints = (body) => {
  const fields = form(body);
  const event = (fields.get('event') ?? '').toUpperCase();
  if (event === '') return [{ is: 'nothing', why: 'no event is named' }];
  const aspects = aspectsOf.get(event);
  if (aspects === undefined) return [{ is: 'nothing', why: 'an event that is not about tasks' }];
  // A comment's own number stands in ID; a new card's is 0 and never a key.
  const task = taskNumber(fields, event.startsWith('ONTASKCOMMENT') ? ['TASK_ID'] : ['ID']);
  const hint: Hint =
    task === null ? { is: 'nothing', why: 'no task is named' } : { is: 'task', task, aspects };
  return [hint];
};

/** The token that proves the sender, to be compared in constant time; null when the body has none. */
export function applicationToken(body: string): string | null {
  const token = form(body).get('auth[application_token]');
  return token === null || token === '' ? null : token;
}
