/** The Planfix connector before a contract case: its answer is served, what is sent is kept. */
import { makePlanfix } from '../../connectors/planfix/connector.ts';
import { as, type Mark } from '../../errors/ids.ts';
import { type HttpRequest } from '../../runtime/runtime.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { type ContractCase, type JsonObject } from './layout.ts';
import {
  commentId,
  type Connected,
  creating,
  editing,
  fileId,
  opening,
  person,
  saying,
  statusId,
  taskId,
  updating,
  type WriteOf,
} from './portCalls.ts';
import { bodyText, type Scripted, scriptedRuntime, vesna } from './scripted.ts';

export const start = Date.parse('2026-11-24T07:30Z');
const base = 'https://vesna.planfix.ru/rest';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: JsonObject;
}
export interface Bench extends Connected {
  readonly sent: readonly Sent[];
  /** The requests of the case's own method and path. */
  own(): readonly Sent[];
  now(): number;
}

export type Judge = (one: ContractCase) => Promise<void>;

/** By the id of the case. */
export type Judges = Readonly<Record<string, Judge>>;

/** The body of a case as it goes over the wire. */
export const wireText = (body: unknown): string => {
  if (body === null || body === undefined) return '';
  if (typeof body === 'object' && '$raw' in body) return String(body.$raw);
  return JSON.stringify(body);
};

/** Serves the case's answer to its own request; other requests get `others`, or an empty success. */
export function benchOf(one: ContractCase, others: Readonly<Record<string, unknown>> = {}): Bench {
  const sent: Sent[] = [];
  const own = { method: one.request.method, path: one.request.path };
  const [status = 200] = [one.response.status].flat();
  const answer = async (request: HttpRequest): Promise<Scripted> => {
    const url = new URL(request.url);
    const path = url.href.startsWith(base) ? url.pathname.slice('/rest'.length) : url.href;
    const body = await bodyText(request.body);
    const isJson = request.headers['content-type'] === 'application/json';
    sent.push({
      method: request.method,
      path,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      json: isJson ? (JSON.parse(body) as JsonObject) : { raw: body },
    });
    if (request.method === own.method && path === own.path) {
      return { status, headers: one.response.headers ?? {}, text: wireText(one.response.body) };
    }
    const scripted = others[`${request.method} ${path}`];
    return { status: 200, text: scripted === undefined ? '{"result":"success"}' : wireText(scripted) };
  };
  const runtime = scriptedRuntime(start, answer);
  const access = { token: 'robot-token-0001', actor: 'user:1', zone: 'UTC' };
  return {
    connector: makePlanfix(vesna('planfix', base, access), runtime),
    sent,
    own: () => sent.filter(({ method, path }) => method === own.method && path === own.path),
    now: () => runtime.now(),
  };
}

export const task = taskId('1001');

export const openText = (text: string) => opening(() => text);

export const known: Snapshot = {
  task,
  title: 'Настроить обмен с 1С',
  description: '',
  status: statusId('2'),
  object: '31',
  creator: person('contact:12'),
  assignees: [person('user:3')],
  participants: [],
  auditors: [],
  start: null,
  deadline: null,
  place: '50',
  files: [
    { id: fileId('9001'), name: 'Акт сверки.pdf', size: null },
    { id: fileId('9002'), name: 'ТЗ.docx', size: null },
  ],
  changedAt: null,
  statusChangedAt: null,
  control: true,
  world: 'planfix',
  chat: null,
  actions: null,
  deleted: false,
  mark: null,
};

const sourceMark = as<Mark>('0c091b1f-a735-44e9-a56c-43435e7a40b6');
const said = { mark: sourceMark, at: Date.parse('2026-11-12T12:15:40Z') };

export const minimal = creating({ title: 'Перенести сайт' }, { mark: sourceMark });

export const update = (
  set: WriteOf<'task.update'>['set'],
  more: Partial<WriteOf<'task.update'>> = {},
): WriteOf<'task.update'> => updating(known, { set, ...more });

export const say = (more: Partial<WriteOf<'comment.create'>> = {}): WriteOf<'comment.create'> =>
  saying(known, 'Готово, проверьте', { ...said, ...more });

export const edit = (comment: string, text: string): WriteOf<'comment.update'> =>
  editing(known, [commentId(comment)], text, said);

export const refused = (code: string) => ({ is: 'refused', trouble: { code } });

export const listBody = (rows: readonly JsonObject[], key: string) => ({ result: 'success', [key]: rows });
