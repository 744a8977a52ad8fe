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
function hintOf(eventName: string, valueAt: (side: string, name: string) => unknown): Hint {
  const event = eventName.toUpperCase();
  if (event === '') return { is: 'nothing', why: 'no event is named' };
  const aspects = aspectsOf.get(event);
  if (aspects === undefined) return { is: 'nothing', why: 'an event that is not about tasks' };
  // A comment's own number stands in ID; a new card's is 0 and never a key.
  const name = event.startsWith('ONTASKCOMMENT') ? 'TASK_ID' : 'ID';
  for (const side of ['FIELDS_AFTER', 'FIELDS_BEFORE']) {
    const value = valueAt(side, name);
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    if (/^[1-9]\d{0,17}$/.test(text)) return { is: 'task', task: as<LocalTaskId>(text), aspects };
  }
  return { is: 'nothing', why: 'no task is named' };
}

export const readBitrix24Hints: ReadHints = (body) => {
  const fields = form(body);
  return [hintOf(fields.get('event') ?? '', (side, name) => fields.get(`data[${side}][${name}]`))];
};

const inside = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;

/** The same of an event that waited in the queue; its data may be `false` (event-offline-get.md). */
export const hintOfEvent = (event: string, data: unknown): Hint =>
  hintOf(event, (side, name) => inside(inside(data, side), name));

/** The token that proves the sender, to be compared in constant time; null when the body has none. */
export function applicationToken(body: string): string | null {
  const token = form(body).get('auth[application_token]');
  return token === null || token === '' ? null : token;
}
