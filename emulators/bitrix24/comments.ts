/** task.commentitem.* (section 14): comments of the old card, and what is left of them on the new one. */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { commentAdded, commentChanged, fire } from './events.ts';
import { integerAt, legacyError, mapAt } from './legacy.ts';
import { isoAt, moment, seconds } from './moments.ts';
import { mentioned, tell } from './notices.ts';
import { chatOf, deleteMessage, editMessage, post } from './posts.ts';
import { touch } from './recency.ts';
import { canRead, canReadFile, isAdmin } from './rights.ts';
import { word } from './settings.ts';
import { type Comment, nextId, type Task } from './state.ts';
import { splitKey } from './taskFilter.ts';
import { core } from './taskFields.ts';
import { attach, audience, note } from './taskWrite.ts';
import { asInt, asList, asText, phpMap, type Params } from './values.ts';

const scope = ['task', 'tasks'] as const;
const method = (name: string): string => `ctaskcommentitem::${name}`;

const fieldNames = [
  'POST_MESSAGE',
  'AUTHOR_ID',
  'POST_DATE',
  'UF_FORUM_MESSAGE_DOC',
  'AUX',
  'AUTHOR_NAME',
  'AUTHOR_EMAIL',
  'USE_SMILES',
];
const orderNames = ['ID', 'AUTHOR_ID', 'AUTHOR_NAME', 'AUTHOR_EMAIL', 'POST_DATE'];
const filterFields = ['ID', 'AUTHOR_ID', 'AUTHOR_NAME', 'POST_DATE'];

const diskIds = (value: Json | undefined): number[] =>
  asList(value).flatMap((item) => {
    const match = /^n(\d+)$/.exec(asText(item).trim());
    return match === null ? [] : [Number(match[1])];
  });

const readable = (call: Call, author: number, files: readonly number[]): void => {
  for (const id of files) if (!canReadFile(call.state, id, author)) core('File not found');
};

interface CommentDraft {
  readonly author: number;
  readonly text: string;
  readonly date?: number;
  readonly files: readonly number[];
}

/** Writes a comment on the old card: history, ONTASKCOMMENTADD, notices. */
export const addComment = (call: Call, task: Task, draft: CommentDraft): Comment => {
  const { state, now } = call;
  const comment: Comment = {
    id: nextId(state, 'comment'),
    task: task.id,
    author: draft.author,
    date: seconds(draft.date ?? now),
    text: draft.text,
    attachments: [],
  };
  state.comments.set(comment.id, comment);
  comment.attachments = draft.files.map((disk) => attach(call, task, disk, 'comment', comment.id));
  task.comments.push(comment.id);
  task.activity = seconds(now);
  touch(state.activity, task.id, task.activity);
  note(call, task, 'COMMENT', null, String(comment.id));
  fire(call, 'ONTASKCOMMENTADD', task.id, commentAdded({ ID: comment.id, TASK_ID: task.id }));
  const called = mentioned(draft.text);
  tell(call, called, 'mention', task.id, draft.text);
  tell(
    call,
    audience(task).filter((id) => !called.includes(id)),
    'comment',
    task.id,
    draft.text,
  );
  return comment;
};

export const editComment = (
  call: Call,
  task: Task,
  comment: Comment,
  text: string,
  files?: readonly number[],
  kept: readonly number[] = [],
): void => {
  comment.text = text;
  if (files !== undefined) {
    const staying = comment.attachments.filter((id) => kept.includes(id));
    for (const id of comment.attachments) if (!staying.includes(id)) call.state.attachments.delete(id);
    const fresh = files.map((disk) => attach(call, task, disk, 'comment', comment.id));
    comment.attachments = [...staying, ...fresh];
  }
  note(call, task, 'COMMENT_EDIT', null, String(comment.id));
  fire(call, 'ONTASKCOMMENTUPDATE', task.id, commentChanged(comment.id, task.id, 'EDIT'));
};

export const removeComment = (call: Call, task: Task, comment: Comment): void => {
  for (const id of comment.attachments) call.state.attachments.delete(id);
  call.state.comments.delete(comment.id);
  task.comments = task.comments.filter((id) => id !== comment.id);
  note(call, task, 'COMMENT_DEL', String(comment.id), null);
  fire(call, 'ONTASKCOMMENTDELETE', task.id, commentChanged(comment.id, task.id, 'DEL'));
};

export const mayChangeComment = (call: Call, comment: Comment): boolean =>
  comment.author === call.user || call.user === 0 || isAdmin(call.state, call.user);

/** `ATTACHED_OBJECTS` and `ATTACHMENTS`: bindings by their ids, links relative to the portal. */
export const attachedObjects = (call: Call, ids: readonly number[]): Json => {
  const map: { [id: string]: Json } = {};
  for (const id of ids) {
    const attachment = call.state.attachments.get(id);
    const file = attachment === undefined ? undefined : call.state.files.get(attachment.disk);
    if (file === undefined) continue;
    const link = (action: string): string =>
      `/bitrix/tools/disk/uf.php?attachedId=${id}&auth%5Bauth%5D=${encodeURIComponent(call.credential)}&action=${action}&ncc=1`;
    map[String(id)] = {
      ATTACHMENT_ID: String(id),
      NAME: file.name,
      SIZE: String(file.size),
      FILE_ID: String(file.id),
      DOWNLOAD_URL: link('download'),
      VIEW_URL: link('show'),
    };
  }
  return phpMap(map);
};

const shownComment = (call: Call, comment: Comment): Json => ({
  POST_MESSAGE_HTML: null,
  ID: String(comment.id),
  AUTHOR_ID: String(comment.author),
  AUTHOR_NAME: call.state.users.get(comment.author)?.name ?? '',
  AUTHOR_EMAIL: '',
  POST_DATE: isoAt(call.state, comment.date),
  POST_MESSAGE: comment.text,
  ATTACHED_OBJECTS: attachedObjects(call, comment.attachments),
});

const notFound = (): never => legacyError(512, 'Check listitem not found or not accessible');

/** Missing, out of reach and not one's own are one refusal of update and delete (task-comment-item-update.md). */
const notAllowed = (): never => legacyError(4, 'Action is not allowed');

/** Comments of a task as the old list sees them: on the new card by the setting. */
const listed = (call: Call, task: Task): Comment[] => {
  const { state } = call;
  if (task.card === 'old') return task.comments.flatMap((id) => state.comments.get(id) ?? []);
  const mode = word(state, 'taskCard.commentGet');
  if (mode === 'error-512') notFound();
  if (mode === 'empty') return [];
  const messages = chatOf(state, task)?.messages.flatMap((id) => state.messages.get(id) ?? []) ?? [];
  const fromChat = messages
    .filter((message) => message.author !== 0 && !message.deleted)
    .map(({ id, author, date, text }): Comment => ({
      id,
      task: task.id,
      author,
      date,
      text,
      attachments: [],
    }));
  return [...task.comments.flatMap((id) => state.comments.get(id) ?? []), ...fromChat];
};

const taskAt = (call: Call, params: Params, name: string): { id: number; task: Task | undefined } => {
  const id = integerAt(params, 'TASKID', { method: method(name), index: 0, name: 'taskId' });
  const task = call.state.tasks.get(id);
  return { id, task: task !== undefined && canRead(call.state, task, call.user) ? task : undefined };
};

const itemAt = (params: Params, name: string): number =>
  integerAt(params, 'ITEMID', { method: method(name), index: 1, name: 'itemId' });

const addOnNewCard = (call: Call, task: Task, fields: Params, files: readonly number[]): number => {
  const chosen = call.state.settings.get('taskCard.commentAdd');
  const rules = typeof chosen === 'object' && !Array.isArray(chosen) ? (chosen as Params) : {};
  const wanted = asInt(fields['AUTHOR_ID']);
  const author =
    rules['author'] === true && wanted !== undefined && call.state.users.has(wanted) ? wanted : call.user;
  const date = rules['date'] === true ? moment(call.state, fields['POST_DATE']) : undefined;
  const chat = chatOf(call.state, task) ?? core('Чат задачи не найден');
  const text = asText(fields['POST_MESSAGE']);
  const message = post(call, chat, { author, text, files, ...(date === undefined ? {} : { date }) });
  return rules['returns'] === 'comment' ? nextId(call.state, 'comment') : message.id;
};

/** What update and delete do on the new card; true when the setting lets them work on messages. */
const worksOnNewCard = (call: Call): boolean => {
  const mode = word(call.state, 'taskCard.commentUpdate');
  if (mode === 'error-512') notFound();
  if (mode === 'error-4') notAllowed();
  return true;
};

const change = (call: Call, params: Params, name: 'update' | 'delete'): boolean => {
  const { task } = taskAt(call, params, name);
  const item = itemAt(params, name);
  const fields =
    name === 'update'
      ? mapAt(params, 'FIELDS', { method: method(name), index: 2, name: 'arFields' }, fieldNames)
      : {};
  if (task === undefined) return notAllowed();
  const text = asText(fields['POST_MESSAGE']);
  if (name === 'update' && text === '') core('Не указан текст комментария');
  if (task.card === 'new' && worksOnNewCard(call)) {
    const chat = chatOf(call.state, task);
    const message = call.state.messages.get(item);
    if (chat === undefined || message?.chat !== chat.id) return notAllowed();
    if (name === 'update') editMessage(call, chat, message, text);
    else deleteMessage(call, chat, message);
    return true;
  }
  const comment = call.state.comments.get(item);
  if (comment === undefined || comment.task !== task.id) return notAllowed();
  if (!mayChangeComment(call, comment)) notAllowed();
  if (name === 'delete') removeComment(call, task, comment);
  else {
    const files = fields['UF_FORUM_MESSAGE_DOC'];
    const ids = files === undefined ? undefined : diskIds(files);
    if (ids !== undefined) readable(call, call.user, ids);
    editComment(call, task, comment, text, ids);
  }
  return true;
};

const sortValue = (call: Call, comment: Comment, key: string): number | string =>
  key === 'ID'
    ? comment.id
    : key === 'AUTHOR_ID'
      ? comment.author
      : key === 'POST_DATE'
        ? comment.date
        : (call.state.users.get(comment.author)?.name ?? '');

const passes = (call: Call, comment: Comment, filter: Params): boolean =>
  Object.entries(filter).every(([key, value]) => {
    const { operator, field } = splitKey(key);
    const have = sortValue(call, comment, field);
    const test = (item: Json): boolean => {
      const bound =
        field === 'POST_DATE'
          ? (moment(call.state, item) ?? NaN)
          : field === 'AUTHOR_NAME'
            ? asText(item)
            : Number(item);
      if (operator === '>=') return have >= bound;
      if (operator === '<=') return have <= bound;
      if (operator === '>') return have > bound;
      if (operator === '<') return have < bound;
      return have === bound;
    };
    const values = Array.isArray(value) ? asList(value) : [value];
    return operator === '!' ? !values.some(test) : values.some(test);
  });

const checkedFilter = (params: Params): Params => {
  const allowed = filterFields.flatMap((field) =>
    ['', '!', '<', '<=', '>', '>=', '=', '!='].map((prefix) => prefix + field),
  );
  return mapAt(params, 'FILTER', { method: method('getlist'), index: 2, name: 'arFilter' }, allowed);
};

export const commentMethods: readonly Method[] = [
  {
    name: 'task.commentitem.add',
    version: 2,
    scope,
    write: true,
    positional: ['TASKID', 'FIELDS'],
    run: (call, params) => {
      const { task } = taskAt(call, params, 'add');
      const fields = mapAt(
        params,
        'FIELDS',
        { method: method('add'), index: 1, name: 'arFields' },
        fieldNames,
      );
      const text = asText(fields['POST_MESSAGE']);
      if (text.trim() === '') core('Не указан текст комментария');
      if (task === undefined) return core('Недостаточно прав для добавления комментария.');
      const wanted = asInt(fields['AUTHOR_ID']);
      const author = wanted !== undefined && call.state.users.has(wanted) ? wanted : call.user;
      const files = diskIds(fields['UF_FORUM_MESSAGE_DOC']);
      readable(call, author, files);
      if (task.card === 'new') return answer(addOnNewCard(call, task, fields, files));
      const date = moment(call.state, fields['POST_DATE']);
      const draft = { author, text, files, ...(date === undefined ? {} : { date }) };
      return answer(addComment(call, task, draft).id);
    },
  },
  {
    name: 'task.commentitem.update',
    version: 2,
    scope,
    write: true,
    positional: ['TASKID', 'ITEMID', 'FIELDS'],
    run: (call, params) => answer(change(call, params, 'update')),
  },
  {
    name: 'task.commentitem.delete',
    version: 2,
    scope,
    write: true,
    positional: ['TASKID', 'ITEMID'],
    run: (call, params) => answer(change(call, params, 'delete')),
  },
  {
    name: 'task.commentitem.get',
    version: 2,
    scope,
    write: false,
    positional: ['TASKID', 'ITEMID'],
    run: (call, params) => {
      const { task } = taskAt(call, params, 'get');
      const item = itemAt(params, 'get');
      if (task === undefined) return notFound();
      const comment = listed(call, task).find((row) => row.id === item);
      return answer(comment === undefined ? notFound() : shownComment(call, comment));
    },
  },
  {
    name: 'task.commentitem.getlist',
    version: 2,
    scope,
    write: false,
    positional: ['TASKID', 'ORDER', 'FILTER'],
    run: (call, params) => {
      const { task } = taskAt(call, params, 'getlist');
      const order = mapAt(
        params,
        'ORDER',
        { method: method('getlist'), index: 1, name: 'arOrder', end: '.' },
        orderNames,
      );
      const filter = checkedFilter(params);
      if (task === undefined) return legacyError(8, 'Action failed');
      const [key = 'ID', direction = 'desc'] = Object.entries(order)[0] ?? [];
      const down = asText(direction).toLowerCase() !== 'asc';
      const rows = listed(call, task).filter((comment) => passes(call, comment, filter));
      rows.sort((a, b) => {
        const x = sortValue(call, a, key);
        const y = sortValue(call, b, key);
        const by = x < y ? -1 : x > y ? 1 : a.id - b.id;
        return down ? -by : by;
      });
      return answer(rows.map((comment) => shownComment(call, comment)));
    },
  },
  {
    name: 'task.commentitem.isactionallowed',
    version: 2,
    scope,
    write: false,
    positional: ['TASKID', 'ITEMID', 'ACTIONID'],
    run: (call, params) => {
      const { task } = taskAt(call, params, 'isactionallowed');
      const slot = { method: method('isactionallowed'), index: 2, name: 'actionId' };
      const action = integerAt(params, 'ACTIONID', slot);
      if (task === undefined) return answer(false);
      if (action === 1) return answer(true);
      const comment = call.state.comments.get(asInt(params['ITEMID']) ?? 0);
      return answer(task.card === 'old' && comment !== undefined && mayChangeComment(call, comment));
    },
  },
];
