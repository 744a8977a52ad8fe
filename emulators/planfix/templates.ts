/** Requests of scenarios with their variables and functions filled in (section 13). */
import { type Json } from '../common/types.ts';
import { isObject, listOf } from './answers.ts';
import { customFieldData } from './customFields.ts';
import { displayName } from './persons.ts';
import { type Comment, type People, type ScenarioRequest, type State, type Task } from './state.ts';

/** What a variable holds: a text, or several values, which are inserted as `["one","two"]`. */
type Value = string | readonly string[];

type Variables = (name: string) => Value;

function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Percent-encoding as the help page shows it: a space is `%20`, parentheses are `%28` and `%29`. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const FUNCTIONS: Readonly<Record<string, (values: readonly Value[]) => string>> = {
  JSONARRAY: (values) => JSON.stringify(values.flat()),
  BASE64ENCODE: (values) => Buffer.from(values.map(textOf).join('')).toString('base64'),
  ENCODEURL: (values) => percentEncoded(values.map(textOf).join('')),
};

const CALL = new RegExp(`(${Object.keys(FUNCTIONS).join('|')})\\(`, 'y');
const VARIABLE = /\{\{([^{}]+)\}\}/y;
const QUOTED = /"([^"]*)"|'([^']*)'/y;

/** A piece of an expression, and where the next one begins. */
interface Piece {
  readonly value: Value;
  readonly next: number;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The variable or the call that begins here, if one does. */
function pieceAt(text: string, at: number, variables: Variables): Piece | undefined {
  const variable = match(VARIABLE, text, at);
  if (variable !== null) return { value: held(variable[1] ?? '', variables), next: at + variable[0].length };
  const call = match(CALL, text, at);
  const run = FUNCTIONS[call?.[1] ?? ''];
  if (call === null || run === undefined) return undefined;
  const values: Value[] = [];
  let next = at + call[0].length;
  while (next < text.length) {
    const argument = argumentAt(text, next, variables);
    values.push(argument.value);
    next = argument.next + 1;
    if (text[argument.next] === ')') return { value: run(values), next };
  }
  // A call that never closes is text like any other.
  return undefined;
}

/** One argument, up to the sign that ends it; alone a variable keeps its several values. */
function argumentAt(text: string, from: number, variables: Variables): Piece {
  const pieces: Value[] = [];
  let plain = '';
  let at = from;
  const take = (value: Value, next: number): void => {
    if (plain.trim() !== '') pieces.push(plain.trim());
    plain = '';
    pieces.push(value);
    at = next;
  };
  while (at < text.length && !/[,;)]/.test(text.charAt(at))) {
    const quoted = match(QUOTED, text, at);
    const piece = quoted === null ? pieceAt(text, at, variables) : undefined;
    if (quoted !== null) take(quoted[1] ?? quoted[2] ?? '', at + quoted[0].length);
    else if (piece !== undefined) take(piece.value, piece.next);
    else {
      plain += text.charAt(at);
      at += 1;
    }
  }
  if (plain.trim() !== '') pieces.push(plain.trim());
  const [first = ''] = pieces;
  return { value: pieces.length < 2 ? first : pieces.map(textOf).join(''), next: at };
}

/** The value of `name` or of `name::encode=url`. */
function held(words: string, variables: Variables): Value {
  const [name = '', ...treatments] = words.split('::');
  const value = variables(name.trim());
  return treatments.some((word) => word.trim() === 'encode=url') ? percentEncoded(textOf(value)) : value;
}

/** What stands between `%%%` and `%%%`: text with variables, raw, and functions. */
function evaluated(expression: string, variables: Variables): string {
  let result = '';
  for (let at = 0; at < expression.length;) {
    const piece = pieceAt(expression, at, variables);
    result += piece === undefined ? expression.charAt(at) : textOf(piece.value);
    at = piece?.next ?? at + 1;
  }
  return result;
}

/** Fills a text; `treat` is done to variables outside `%%%` that say no treatment of their own. */
function filled(text: string, variables: Variables, treat: (value: string) => string): string {
  return text.replace(
    /%%%(.*?)%%%|\{\{([^{}]+)\}\}/gs,
    (_whole, expression: string | undefined, words: string | undefined) => {
      if (expression !== undefined) return evaluated(expression, variables);
      const value = textOf(held(words ?? '', variables));
      return words?.includes('::') === true ? value : treat(value);
    },
  );
}

const same = (text: string): string => text;
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** A request as it goes out, with what the task is like at this moment; values in a body are inserted raw. */
export function rendered(
  state: State,
  request: ScenarioRequest,
  task: Task,
  comment: number | undefined,
): ScenarioRequest {
  const written = comment === undefined ? undefined : state.comments.get(comment);
  const variables: Variables = (name) => variable(state, name, task, written);
  const inBody = state.settings['webhook.escapeBodies'] ? escaped : same;
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(request.headers)) headers[name] = filled(text, variables, same);
  return {
    method: request.method,
    url: filled(request.url, variables, percentEncoded),
    headers,
    body: request.body === undefined ? undefined : filled(request.body, variables, inBody),
  };
}

function names(state: State, { users, groups }: People): Value {
  return [
    ...users.map((person) => displayName(state, person)),
    ...groups.map((id) => state.groups.get(id)?.name ?? ''),
  ];
}

function variable(state: State, name: string, task: Task, comment: Comment | undefined): Value {
  switch (name) {
    case 'Задача.Номер':
      return String(task.id);
    case 'Задача.Идентификатор':
      return String(task.internalId ?? task.id);
    case 'Задача.Название':
      return task.name;
    case 'Задача.Описание':
      return task.description;
    case 'Задача.Статус':
      return state.statuses.get(task.status)?.name ?? '';
    case 'Задача.Постановщик':
      return task.assigner === undefined ? '' : displayName(state, task.assigner);
    case 'Задача.Исполнители':
      return names(state, task.assignees);
    case 'Задача.Участники':
      return names(state, task.participants);
    case 'Задача.Аудиторы':
      return names(state, task.auditors);
    case 'Задача.Проект':
      return task.project === undefined ? '' : (state.projects.get(task.project)?.name ?? '');
    case 'Задача.Теги':
      return listOf(task.tags).map(wordOf);
    case 'Комментарий.Номер':
      return comment === undefined ? '' : String(comment.id);
    case 'Комментарий.Текст':
      return comment?.description ?? '';
    case 'Комментарий.Автор':
      return comment === undefined ? '' : displayName(state, comment.owner);
    default:
      return customValue(state, name, task);
  }
}

function wordOf(item: Json): string {
  const word = isObject(item) ? (item['name'] ?? item['value'] ?? item['id']) : item;
  return typeof word === 'string' || typeof word === 'number' ? String(word) : '';
}

/** `Задача.<name of a custom field>`; empty for a field without a value and for what is no variable. */
function customValue(state: State, name: string, task: Task): Value {
  const [, fieldName] = /^Задача\.(.+)$/s.exec(name) ?? [];
  const field = [...state.customFields.values()].find(
    (one) => one.name === fieldName && one.objectType === 0,
  );
  const [shown] =
    field === undefined ? [] : customFieldData(state, task.custom, [field], state.account.timezone);
  if (!isObject(shown)) return '';
  const { value, stringValue } = shown;
  if (Array.isArray(value)) return listOf(value).map(wordOf);
  return typeof stringValue === 'string' ? stringValue : '';
}
