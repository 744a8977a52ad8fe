/** What stands in the accounts, read from their dumps: the tests' own eyes, knowing nothing of the bridge. */
import { type Json } from '../../emulators/common/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';

export type Row = { readonly [key: string]: unknown };

export const rows = (dump: Json, key: string): Row[] => (dump as Record<string, Row[]>)[key] ?? [];

const idsIn = (list: unknown): string[] =>
  ((list as { users?: { id: string }[] } | undefined)?.users ?? []).map(({ id }) => id);

export interface PlanfixTask {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly status: number;
  readonly assigner: string | null;
  readonly assignees: readonly string[];
  readonly participants: readonly string[];
  readonly auditors: readonly string[];
  readonly start: string | null;
  readonly deadline: string | null;
  readonly files: readonly string[];
}

interface Moment {
  readonly datetime?: string;
  readonly date?: string;
}

const moment = (value: unknown): string | null => {
  const point = value as Moment | null | undefined;
  return point?.datetime ?? point?.date ?? null;
};

export function planfixTasks(three: Rehearsal, account: string): PlanfixTask[] {
  return rows(three.host(account).dump(), 'tasks')
    .filter((task) => task['isDeleted'] !== true)
    .map((task) => ({
      id: Number(task['id']),
      title: String(task['name']),
      description: String(task['description'] ?? ''),
      status: Number(task['status']),
      assigner: (task['assigner'] as { id: string } | null | undefined)?.id ?? null,
      assignees: idsIn(task['assignees']),
      participants: idsIn(task['participants']),
      auditors: idsIn(task['auditors']),
      start: moment(task['startDateTime']),
      deadline: moment(task['endDateTime']),
      files: ((task['files'] as { id: number }[] | undefined) ?? []).map(({ id }) => String(id)),
    }));
}

export interface Said {
  readonly id: number;
  readonly task: number;
  readonly author: string;
  readonly text: string;
  readonly hidden: boolean;
  readonly recipients: readonly string[];
  readonly files: readonly string[];
  readonly replyTo: number | null;
}

/** Comments of people and of the bridge; the CRM's own lines and deleted ones are left out. */
export function planfixComments(three: Rehearsal, account: string): Said[] {
  return rows(three.host(account).dump(), 'comments')
    .filter((comment) => comment['isDeleted'] !== true && comment['type'] === 'Comment')
    .filter((comment) => comment['system'] !== true)
    .map((comment) => ({
      id: Number(comment['id']),
      task: (comment['task'] as { id: number }).id,
      author: (comment['owner'] as { id: string }).id,
      text: String(comment['description']),
      hidden: comment['isHidden'] === true,
      recipients: idsIn(comment['recipients']),
      files: ((comment['files'] as { id: number }[] | undefined) ?? []).map(({ id }) => String(id)),
      replyTo: null,
    }));
}

export interface BitrixTask {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly status: number;
  readonly creator: number;
  readonly responsible: number;
  readonly accomplices: readonly number[];
  readonly auditors: readonly number[];
  readonly deadline: string | null;
  readonly start: string | null;
  readonly control: boolean;
  readonly group: number | null;
  /** Column of its card; 0 until it is moved. */
  readonly stage: number;
  readonly files: readonly string[];
}

export function bitrixTasks(three: Rehearsal, account: string): BitrixTask[] {
  return rows(three.host(account).dump(), 'tasks').map((task) => ({
    id: Number(task['id']),
    title: String(task['title']),
    description: String(task['description']),
    status: Number(task['status']),
    creator: Number(task['creator']),
    responsible: Number(task['responsible']),
    accomplices: task['accomplices'] as number[],
    auditors: task['auditors'] as number[],
    deadline: task['deadline'] as string | null,
    start: task['start_plan'] as string | null,
    control: task['task_control'] === true,
    group: task['group'] as number | null,
    stage: Number(task['stage']),
    files: ((task['attachments'] as { file?: number; object?: number; id: number }[] | undefined) ?? []).map(
      (one) => String(one.file ?? one.object ?? one.id),
    ),
  }));
}

/** Messages of the chats, or comments of the old card, without the portal's own lines. */
export function bitrixSaid(three: Rehearsal, account: string): Said[] {
  const dump = three.host(account).dump();
  const messages = rows(dump, 'chats').flatMap((chat) =>
    (chat['messages'] as Row[]).map((message) => ({ message, task: Number(chat['task']) })),
  );
  const said = messages
    .filter(({ message }) => message['deleted'] !== true && message['author'] !== 0)
    .map(({ message, task }) => ({
      id: Number(message['id']),
      task,
      author: String(message['author']),
      text: String(message['text']),
      hidden: false,
      recipients: [],
      files: (message['files'] as number[]).map(String),
      replyTo: message['reply_to'] as number | null,
    }));
  const comments = rows(dump, 'comments').map((comment) => ({
    id: Number(comment['id']),
    task: Number(comment['task']),
    author: String(comment['author']),
    text: String(comment['text']),
    hidden: false,
    recipients: [],
    files: ((comment['attachments'] as { file?: number; id: number }[] | undefined) ?? []).map((one) =>
      String(one.file ?? one.id),
    ),
    replyTo: null,
  }));
  return [...said, ...comments];
}

export const texts = (said: readonly Said[]): string[] =>
  said.map(({ text }) =>
    text
      .replace(/<\/?(?:p|blockquote|br)>/gu, '\n')
      .replace(/<[^>]*>|\[\/?[A-Z][^\]]*\]/gu, '')
      .replace(/\n+/gu, '\n')
      .trim(),
  );

/** Bytes of every file that hangs on a task or comment (Planfix) or lies on the Drive (Bitrix24), by its name. */
export function fileBytes(three: Rehearsal, account: string): Map<string, string[]> {
  const dump = three.host(account).dump() as { files?: Row[]; disk?: { files: Row[] } };
  const hanging = new Set(
    dump.disk
      ? []
      : [...planfixTasks(three, account), ...planfixComments(three, account)].flatMap(({ files }) => files),
  );
  const found = new Map<string, string[]>();
  for (const file of dump.disk?.files ?? dump.files ?? []) {
    if (file['deleted'] === true || (!dump.disk && !hanging.has(String(file['id'])))) continue;
    const name = String(file['name']);
    found.set(name, [...(found.get(name) ?? []), String(file['base64'])]);
  }
  return found;
}

/** Everything that was told to people of an account since the mailboxes were emptied: `who: about`. */
export const told = (three: Rehearsal, account: string): string[] =>
  three
    .host(account)
    .mail()
    .map(({ to, about }) => `${to}: ${about}`)
    .sort();

export function only<Value>(list: readonly Value[]): Value {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`one expected: ${JSON.stringify(list)}`);
  return first;
}
