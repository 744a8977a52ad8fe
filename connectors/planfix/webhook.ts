/**
 * The bodies of Planfix's "HTTP request" operation (reference 13): free text that a person wrote, with values inserted
 * unescaped. Only the task's number is taken from them; what changed is read from the account. Total: any body at all
 * gives a list, and nothing here throws.
 */
import { as, type LocalTaskId } from '../../errors/ids.ts';
import { type Aspect, type Hint, type ReadHints } from '../port.ts';

/** A body of many events is read up to here; the sweep finds the rest. */
const hintsMax = 100;
/** Nobody's template is longer; what stands behind is not searched for numbers. */
const searchedChars = 200_000;

/** Names under which templates carry the number, the surest first: `general` is the number that people see. */
const numberKeys = ['generalId', 'general', 'number', 'id'];
const taskKeys = ['task', 'taskId', 'task_id', 'taskNumber', 'Задача.Номер', 'Задача'];

export const readPlanfixHints: ReadHints = (body, contentType) => {
  const text = body.slice(0, searchedChars).trim();
  if (text === '') return [{ is: 'nothing', why: 'the body is empty' }];
  const json = parsed(text);
  if (json !== undefined) return Array.isArray(json) ? fromList(json) : fromOne(json, text);
  const form = fromForm(text, contentType);
  if (form !== null) return [form];
  return [fromBroken(text)];
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type Dictionary = Readonly<Record<string, unknown>>;

const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (value: Dictionary, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);

/** A task number as text, or null. Numbers arrive as text, since variables are inserted as text. */
function numberOf(value: unknown): LocalTaskId | null {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  const digits = /^0*([1-9]\d{0,14})$/.exec(text)?.[1];
  return digits === undefined ? null : as<LocalTaskId>(digits);
}

const noTask: Hint = { is: 'nothing', why: 'no task number' };

function fromList(events: readonly unknown[]): readonly Hint[] {
  if (events.length === 0) return [{ is: 'nothing', why: 'an empty list' }];
  return events.slice(0, hintsMax).map(eventHint);
}

/**
 * Text inserted raw may name another task and yet leave valid JSON, whose last key wins; the first is the template's.
 */
function fromOne(json: unknown, text: string): readonly Hint[] {
  const told = eventHint(json);
  const first = keyed(text);
  if (first === null || (told.is === 'task' && told.task === first)) return [told];
  const shown = hint(first, eventIn(text));
  return told.is === 'task' ? [shown, told] : [shown];
}

function eventHint(event: unknown): Hint {
  if (!isDictionary(event)) {
    const alone = numberOf(event);
    return alone === null ? noTask : hint(alone, '');
  }
  const task = taskIn(event);
  return task === null ? noTask : hint(task, own(event, 'event'));
}

function taskIn(event: Dictionary): LocalTaskId | null {
  for (const key of taskKeys) {
    const value = own(event, key);
    const direct = numberOf(value);
    if (direct !== null) return direct;
    if (!isDictionary(value)) continue;
    for (const name of numberKeys) {
      const inside = numberOf(own(value, name));
      if (inside !== null) return inside;
    }
  }
  return null;
}

/** What the scenario says has happened decides what is worth reading; an unknown word means all of it. */
function hint(task: LocalTaskId, event: unknown): Hint {
  const word = typeof event === 'string' ? event.trim().toLowerCase() : '';
  let aspects: readonly Aspect[] = ['task', 'comments'];
  if (/^comment/.test(word))
    aspects = /delet|edit|updat|chang/.test(word) ? ['comments', 'deleted-comments'] : ['comments'];
  else if (/^task\.(?:chang|updat)/.test(word)) aspects = ['task'];
  // A person presses a button to be sure: edits and deletions of comments, which no event tells, are read too.
  else if (/^button/.test(word)) aspects = ['task', 'comments', 'deleted-comments'];
  return { is: 'task', task, aspects };
}

/** A form body, or the query of a GET. */
function fromForm(text: string, contentType: string | null): Hint | null {
  const declared = contentType?.toLowerCase().includes('x-www-form-urlencoded') ?? false;
  if (!declared && !/^\??[\p{L}\d._%-]+=/u.test(text)) return null;
  const values = new URLSearchParams(text.startsWith('?') ? text.slice(1) : text);
  for (const key of [...taskKeys, 'task[generalId]', 'task[id]', 'task.id']) {
    const task = numberOf(values.get(key));
    if (task !== null) return hint(task, values.get('event'));
  }
  return declared ? { is: 'nothing', why: 'no task number in the form' } : null;
}

/** A template broken by an unescaped value. */
function fromBroken(text: string): Hint {
  const task =
    keyed(text) ??
    numberOf(/(?:^|[\s&?{,;])task(?:Id|_id)?\s*[=:]\s*"?0*([1-9]\d{0,14})(?![\d.])/i.exec(text)?.[1]);
  if (task !== null) return hint(task, eventIn(text));
  return { is: 'nothing', why: 'neither JSON nor a form, and no task number in it' };
}

const eventIn = (text: string): string | undefined => /"event"\s*:\s*"([a-z._-]{1,40})"/i.exec(text)?.[1];

const keyPatterns = [
  /"(?:task|taskId|task_id|taskNumber|Задача\.Номер)"\s*:\s*"?0*([1-9]\d{0,14})(?![\d.])/,
  /"task"\s*:\s*\{[^{}]{0,2000}?"(?:generalId|general|number)"\s*:\s*"?0*([1-9]\d{0,14})(?![\d.])/,
  /"task"\s*:\s*\{[^{}]{0,2000}?"id"\s*:\s*"?0*([1-9]\d{0,14})(?![\d.])/,
];

/** The number under its key in the text; later mentions may be what a person wrote, so the first counts. */
function keyed(text: string): LocalTaskId | null {
  for (const pattern of keyPatterns) {
    const task = numberOf(pattern.exec(text)?.[1]);
    if (task !== null) return task;
  }
  return null;
}
