/** What the people of an account see, read from the plain dump of its emulator. */
import { createHash } from 'node:crypto';
import { wordsOfBbcode, wordsOfHtml } from './plainText.ts';

export interface SeenFile {
  readonly name: string;
  readonly sha256: string;
}

export interface SeenComment {
  readonly id: string;
  /** As shown: the author line that the bridge wrote, else the name of who stands over the comment. */
  readonly author: string;
  readonly text: string;
  readonly files: readonly SeenFile[];
}

export interface SeenTask {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Number of the status in this account. */
  readonly status: string;
  readonly statusName: string;
  readonly creator: string;
  /** Names of those who hold the task. */
  readonly assignees: readonly string[];
  /** Milliseconds since 1970. */
  readonly deadline: number | null;
  readonly files: readonly SeenFile[];
  readonly comments: readonly SeenComment[];
}

export interface SeenAccount {
  readonly tasks: readonly SeenTask[];
}

/** What must be known of an account to read its dump. */
export interface AccountKey {
  readonly kind: 'planfix' | 'bitrix24';
  /** Those who write for others: the bridge's own person and the stand-ins. */
  readonly hands: readonly string[];
}

type Row = { readonly [key: string]: unknown };

const row = (value: unknown): Row => (typeof value === 'object' && value !== null ? (value as Row) : {});
const rows = (value: unknown): Row[] => (Array.isArray(value) ? value.map(row) : []);
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const moment = (value: unknown): number | null => (text(value) === '' ? null : Date.parse(text(value)));

const fileOf = (file: Row): SeenFile => ({
  name: text(file['name']),
  sha256: createHash('sha256')
    .update(Buffer.from(text(file['base64']), 'base64'))
    .digest('hex'),
});

/** A first line «Name:» under a hand that writes for others names the author. */
export function withAuthorLine(
  byOtherHand: boolean,
  shown: string,
  words: string,
): { readonly author: string; readonly text: string } {
  const [first = '', ...rest] = words.split('\n');
  return byOtherHand && first.endsWith(':')
    ? { author: first.slice(0, -1), text: rest.join('\n') }
    : { author: shown, text: words };
}

/** Throws nothing: what is missing in the dump is seen as empty. */
export const seenIn = (key: AccountKey, dump: unknown): SeenAccount =>
  key.kind === 'planfix' ? seenInPlanfix(key, row(dump)) : seenInBitrix24(key, row(dump));

function seenInPlanfix({ hands }: AccountKey, dump: Row): SeenAccount {
  const statuses = new Map(rows(dump['statuses']).map((one) => [text(one['id']), text(one['name'])]));
  const files = new Map(rows(dump['files']).map((file) => [text(file['id']), fileOf(file)]));
  const filesOf = (refs: unknown): SeenFile[] =>
    rows(refs).flatMap((ref) => {
      const found = files.get(text(ref['id']));
      return found ? [found] : [];
    });
  const comments = rows(dump['comments']).filter(
    (comment) => comment['system'] !== true && comment['isDeleted'] !== true,
  );
  return {
    tasks: rows(dump['tasks'])
      .filter((task) => task['isDeleted'] !== true)
      .map((task) => ({
        id: text(task['id']),
        title: text(task['name']),
        text: wordsOfHtml(text(task['description'])),
        status: text(task['status']),
        statusName: statuses.get(text(task['status'])) ?? text(task['status']),
        creator: text(row(task['assigner'])['name']),
        assignees: rows(row(task['assignees'])['users']).map((user) => text(user['name'])),
        deadline: task['hasEndDate'] === true ? moment(row(task['endDateTime'])['datetime']) : null,
        files: filesOf(task['files']),
        comments: comments
          .filter((comment) => text(row(comment['task'])['id']) === text(task['id']))
          .map((comment) => {
            const owner = row(comment['owner']);
            return {
              id: text(comment['id']),
              ...withAuthorLine(
                hands.includes(text(owner['id'])),
                text(owner['name']),
                wordsOfHtml(text(comment['description'])),
              ),
              files: filesOf(comment['files']),
            };
          }),
      })),
  };
}

const bitrixStatuses: Readonly<Record<string, string>> = {
  '2': 'Ждёт выполнения',
  '3': 'Выполняется',
  '4': 'Ждёт контроля',
  '5': 'Завершена',
  '6': 'Отложена',
};

function seenInBitrix24({ hands }: AccountKey, dump: Row): SeenAccount {
  const names = new Map(rows(dump['users']).map((user) => [text(user['id']), text(user['name'])]));
  const nameOf = (id: unknown): string => names.get(text(id)) ?? text(id);
  const onDisk = new Map(rows(row(dump['disk'])['files']).map((file) => [text(file['id']), fileOf(file)]));
  const filesOf = (ids: readonly unknown[]): SeenFile[] =>
    ids.flatMap((id) => {
      const found = onDisk.get(text(id));
      return found ? [found] : [];
    });
  const commentsOf = (task: Row): SeenComment[] => {
    const old = rows(dump['comments'])
      .filter((comment) => text(comment['task']) === text(task['id']))
      .map((comment) => ({
        ...comment,
        files: rows(comment['attachments']).map((attachment) => attachment['disk']),
      }));
    const chat = rows(dump['chats']).find((one) => text(one['task']) === text(task['id']));
    // Lines of author 0 are the portal's own.
    const messages = rows(chat?.['messages']).filter(
      (message) => message['deleted'] !== true && text(message['author']) !== '0',
    );
    return [...old, ...messages].map((comment: Row) => ({
      id: text(comment['id']),
      ...withAuthorLine(
        hands.includes(text(comment['author'])),
        nameOf(comment['author']),
        wordsOfBbcode(text(comment['text'])),
      ),
      files: filesOf(Array.isArray(comment['files']) ? comment['files'] : []),
    }));
  };
  return {
    tasks: rows(dump['tasks']).map((task) => ({
      id: text(task['id']),
      title: text(task['title']),
      text: wordsOfBbcode(text(task['description'])),
      status: text(task['status']),
      statusName: bitrixStatuses[text(task['status'])] ?? text(task['status']),
      creator: nameOf(task['creator']),
      assignees: [nameOf(task['responsible'])],
      deadline: moment(task['deadline']),
      files: filesOf(rows(task['attachments']).map((attachment) => attachment['disk'])),
      comments: commentsOf(task),
    })),
  };
}
