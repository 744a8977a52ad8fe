/** What people do in the interface: the words of README.md, with their rights, events and notices. */
import { type Act, type Acted, type Effect, type Instant, type Json } from '../common/types.ts';
import { openApplication, reinstallApplication, saveApplication } from './applicationActs.ts';
import { type Call } from './call.ts';
import { mayDeleteMessage, mayEditMessage } from './chat.ts';
import { postFile } from './chatFiles.ts';
import { addComment, editComment, mayChangeComment, removeComment } from './comments.ts';
import { storeFile } from './diskStore.ts';
import { eventNames } from './eventMethods.ts';
import { fire, fireApplication } from './events.ts';
import { joinChat, leaveChat } from './imEvents.ts';
import { chatOf, deleteMessage, editMessage, post } from './posts.ts';
import { addResult } from './results.ts';
import { canEdit, canRead, canWork } from './rights.ts';
import { nextId, participants, randomHex, type State, type Task, type User } from './state.ts';
import { delegate, judge, transit, watch } from './statuses.ts';
import { readFields } from './taskFields.ts';
import { mayWrite } from './tasks.ts';
import { addTask, attach, finish, note, removeTask, updateTask } from './taskWrite.ts';
import { userAdded } from './users.ts';
import { asInt, asIds, asList, asRecord, asText, isYes, type Params, Refusal } from './values.ts';
import { allScopes } from './world.ts';

/** A person was refused: the sentence goes into the answer. */
class NotDone extends Error {}

const stop = (text: string): never => {
  throw new NotDone(text);
};

type Doing = (call: Call, details: Params, match: RegExpExecArray) => Json;

const words: Readonly<Record<string, string>> = {
  title: 'TITLE',
  description: 'DESCRIPTION',
  responsible: 'RESPONSIBLE_ID',
  creator: 'CREATED_BY',
  accomplices: 'ACCOMPLICES',
  auditors: 'AUDITORS',
  group: 'GROUP_ID',
  stage: 'STAGE_ID',
  deadline: 'DEADLINE',
  start: 'START_DATE_PLAN',
  end: 'END_DATE_PLAN',
  control: 'TASK_CONTROL',
  priority: 'PRIORITY',
  parent: 'PARENT_ID',
  tags: 'TAGS',
  estimate: 'TIME_ESTIMATE',
  parameters: 'SE_PARAMETER',
};

const fieldsOf = (details: Params): { [name: string]: Json } => {
  const fields: { [name: string]: Json } = {};
  for (const [word, name] of Object.entries(words)) {
    const value = details[word];
    if (value !== undefined) fields[name] = value === null ? '' : value;
  }
  return fields;
};

const taskOf = (call: Call, details: Params): Task => {
  const id = asInt(details['task']) ?? 0;
  const task = call.state.tasks.get(id);
  if (task === undefined || !canRead(call.state, task, call.user)) {
    return stop(`There is no task ${id} that user ${call.user} sees.`);
  }
  return task;
};

const bytesOf = (row: Params): Uint8Array =>
  typeof row['base64'] === 'string'
    ? new Uint8Array(Buffer.from(row['base64'], 'base64'))
    : new Uint8Array(Buffer.from(asText(row['text']), 'utf8'));

const filesOf = (value: Json | undefined): { name: string; bytes: Uint8Array }[] =>
  asList(value).map((item, index) => {
    const row = asRecord(item);
    return { name: asText(row['name']) || `файл-${index + 1}.txt`, bytes: bytesOf(row) };
  });

/** Uploads files of a person to his own Drive. */
const stored = (call: Call, files: readonly { name: string; bytes: Uint8Array }[]): number[] => {
  const own = [...call.state.storages.values()].find(
    (storage) => storage.entityType === 'user' && storage.entityId === String(call.user),
  );
  return files.map(
    (file) => storeFile(call, { ...file, storage: own?.id ?? 0, folder: own?.root ?? 0, unique: true }).id,
  );
};

const bind = (call: Call, task: Task, files: readonly number[]): number[] => {
  const before = task.attachments.join(',');
  const ids = files.map((file) => attach(call, task, file));
  task.attachments.push(...ids);
  note(call, task, 'UF_TASK_WEBDAV_FILES', before, task.attachments.join(','));
  return ids;
};

const createTask: Doing = (call, details) => {
  const fields = fieldsOf(details);
  if (fields['RESPONSIBLE_ID'] === undefined) fields['RESPONSIBLE_ID'] = call.user;
  const ids = stored(call, filesOf(details['files']));
  if (ids.length > 0) fields['UF_TASK_WEBDAV_FILES'] = ids.map((id) => `n${id}`);
  const task = addTask(call, readFields(call, fields, null));
  return { id: task.id, chat: task.chat };
};

const editTask: Doing = (call, details) => {
  const task = taskOf(call, details);
  const fields = fieldsOf(details);
  if (!mayWrite(call.state, task, call.user, Object.keys(fields))) {
    stop(`User ${call.user} may not change ${Object.keys(fields).join(', ')} of task ${task.id}.`);
  }
  updateTask(call, task, readFields(call, fields, task));
  return { id: task.id };
};

const transitions = ['start', 'pause', 'defer', 'complete', 'renew'] as const;

const move: Doing = (call, details, match) => {
  const task = taskOf(call, details);
  const word = match[1] ?? '';
  const known = transitions.find((one) => one === word);
  if (known !== undefined) transit(call, task, known);
  else judge(call, task, word === 'approve');
  return { id: task.id, status: task.status };
};

const postMessage: Doing = (call, details) => {
  const task = taskOf(call, details);
  const text = asText(details['text']);
  const files = filesOf(details['files']);
  if (text === '' && files.length === 0) stop('A message needs a text or a file.');
  const chat = chatOf(call.state, task);
  if (chat === undefined) {
    return { id: addComment(call, task, { author: call.user, text, files: stored(call, files) }).id };
  }
  if (call.user !== 0) joinChat(call, chat, call.user);
  if (files.length > 0) {
    const posted = postFile(call, chat, files, text);
    return { id: posted.message, files: posted.files };
  }
  return { id: post(call, chat, { author: call.user, text }).id };
};

const messageOf = (call: Call, details: Params) => {
  const task = taskOf(call, details);
  const id = asInt(details['message']) ?? 0;
  const message = call.state.messages.get(id);
  const chat = chatOf(call.state, task);
  if (chat === undefined || message?.chat !== chat.id || message.deleted) {
    return stop(`There is no message ${id} in the chat of task ${task.id}.`);
  }
  return { message, chat };
};

const commentOf = (call: Call, details: Params) => {
  const task = taskOf(call, details);
  const id = asInt(details['comment'] ?? details['message']) ?? 0;
  const comment = call.state.comments.get(id);
  if (comment?.task !== task.id) return stop(`There is no comment ${id} in task ${task.id}.`);
  if (!mayChangeComment(call, comment))
    stop(`User ${call.user} may not change the comment ${id} of another person.`);
  return { task, comment };
};

const attachFile: Doing = (call, details) => {
  const task = taskOf(call, details);
  if (!canWork(call.state, task, call.user))
    stop(`User ${call.user} may not attach files to task ${task.id}.`);
  const name = asText(details['name']) || 'файл.txt';
  const files = stored(call, [{ name, bytes: bytesOf(details) }]);
  const people = participants(task);
  const [attachment] = bind(call, task, files);
  finish(call, task, people, 'task.changed', task.title);
  return { attachment: attachment ?? null, file: files[0] ?? null };
};

const createUser: Doing = (call, details) => {
  const { state } = call;
  if (call.user !== 0 && !call.admin) stop('Only an administrator creates users.');
  const id = asInt(details['id']) ?? nextId(state, 'user');
  if (state.users.has(id)) stop(`User ${id} exists already.`);
  state.next.set('user', Math.max(state.next.get('user') ?? 1, id + 1));
  const type = asText(details['type']) || 'employee';
  const user: User = {
    id,
    name: asText(details['name']) || `Пользователь ${id}`,
    position: asText(details['position']),
    admin: isYes(details['admin']),
    type,
    active: true,
    email: asText(details['email']),
    departments:
      details['departments'] === undefined ? (type === 'employee' ? [1] : []) : asIds(details['departments']),
    hidden: false,
    externalAuthId: '',
    extra: {},
  };
  state.users.set(id, user);
  fire(call, 'ONUSERADD', id, userAdded(call, user));
  const secret = randomHex(state, 16);
  state.hooks.set(secret, { user: id, secret, scope: [...allScopes] });
  return { id, secret: `/rest/${id}/${secret}/` };
};

const dismissUser: Doing = (call, details) => {
  if (call.user !== 0 && !call.admin) stop('Only an administrator dismisses users.');
  const id = asInt(details['user']) ?? 0;
  const person = call.state.users.get(id) ?? stop(`There is no user ${id}.`);
  person.active = false;
  for (const hook of [...call.state.hooks.values()])
    if (hook.user === id) call.state.hooks.delete(hook.secret);
  return { id };
};

const setOutgoing: Doing = (call, details) => {
  const { state } = call;
  if (call.user !== 0 && !call.admin) stop('Only an administrator makes an outgoing webhook.');
  const handler = details['handler'];
  if (handler !== null && !/^https?:\/\/\S+$/.test(asText(handler)))
    stop('handler must be an http(s) address or null.');
  const events = asList(details['events']).map((event) => asText(event).toUpperCase());
  const unknown = events.find((event) => !(eventNames as readonly string[]).includes(event));
  if (unknown !== undefined) stop(`There is no event ${unknown}.`);
  const before = state.outgoing;
  state.outgoing = {
    applicationToken:
      asText(details['application_token']) || (before?.applicationToken ?? randomHex(state, 32)),
    handlerId: before?.handlerId ?? String(nextId(state, 'handler')),
    handler: handler === null ? null : asText(handler),
    events:
      events.length > 0
        ? events
        : (before?.events ?? eventNames.filter((event) => event.startsWith('ONTASK'))),
  };
  return {
    application_token: state.outgoing.applicationToken,
    event_handler_id: state.outgoing.handlerId,
    events: [...state.outgoing.events],
  };
};

const admin = (call: Call): void => {
  if (call.user !== 0 && !call.admin) stop('Only an administrator manages applications.');
};

const applicationOf = (state: State) => state.application ?? stop('This portal knows no application.');

const install: Doing = (call) => {
  admin(call);
  const application = applicationOf(call.state);
  application.installed = true;
  const data = { VERSION: application.version, ACTIVE: 'Y', INSTALLED: 'Y', LANGUAGE_ID: 'ru' };
  fireApplication(call, 'ONAPPINSTALL', data, 'refresh');
  return true;
};

const uninstall: Doing = (call, _, match) => {
  admin(call);
  const application = applicationOf(call.state);
  const clean = match[1] === undefined;
  fireApplication(call, 'ONAPPUNINSTALL', { LANGUAGE_ID: 'ru', CLEAN: clean ? '1' : '0' }, 'none');
  application.installed = false;
  application.tokens.clear();
  application.refreshTokens.clear();
  call.state.handlers = [];
  return true;
};

const updateApplication: Doing = (call, _, match) => {
  admin(call);
  const application = applicationOf(call.state);
  const previous = application.version;
  application.version = Number(match[1]);
  application.applicationToken = randomHex(call.state, 32);
  const data = {
    PREVIOUS_VERSION: previous,
    VERSION: application.version,
    ACTIVE: 'Y',
    INSTALLED: 'Y',
    LANGUAGE_ID: 'ru',
  };
  fireApplication(call, 'ONAPPUPDATE', data, 'refresh');
  call.state.handlers = call.state.handlers.filter((handler) => handler.event.startsWith('ONAPP'));
  return true;
};

const automation: Doing = (call, details, match) => {
  const task = taskOf(call, { task: match[1] ?? '' });
  const deadline = details['deadline'] ?? new Date(call.now + 7 * 86_400_000).toISOString();
  updateTask(call, task, readFields(call, { DEADLINE: deadline }, task));
  return { id: task.id };
};

const acts: readonly (readonly [RegExp, Doing])[] = [
  [/^install application$/, install],
  [/^save application$/, saveApplication],
  [/^reinstall application$/, reinstallApplication],
  [/^open application$/, openApplication],
  [/^uninstall application( keep data)?$/, uninstall],
  [/^update application to version (\d+)$/, updateApplication],
  [/^automation sets deadline of task (\d+)$/, automation],
  [/^set outgoing webhook$/, setOutgoing],
  [/^create user$/, createUser],
  [/^dismiss user$/, dismissUser],
  [/^create task$/, createTask],
  [/^edit task$/, editTask],
  [/^(start|pause|defer|complete|renew|approve|disapprove)(?: task)?$/, move],
  [
    /^delegate(?: task)?$/,
    (call, details) => ({ id: delegate(call, taskOf(call, details), asInt(details['user']) ?? 0).id }),
  ],
  [
    /^(watch|unwatch)$/,
    (call, details, match) => ({ id: watch(call, taskOf(call, details), match[1] === 'watch').id }),
  ],
  [/^(?:post message|add comment)$/, postMessage],
  [
    /^edit message$/,
    (call, details) => {
      const { message, chat } = messageOf(call, details);
      if (!mayEditMessage(call, message)) stop(`User ${call.user} may not edit the message ${message.id}.`);
      editMessage(call, chat, message, asText(details['text']));
      return { id: message.id };
    },
  ],
  [
    /^delete message$/,
    (call, details) => {
      const { message, chat } = messageOf(call, details);
      if (!mayDeleteMessage(call, chat, message))
        stop(`User ${call.user} may not delete the message ${message.id}.`);
      deleteMessage(call, chat, message);
      return { id: message.id };
    },
  ],
  [
    /^edit comment$/,
    (call, details) => {
      const { task, comment } = commentOf(call, details);
      const text = details['text'] === undefined ? comment.text : asText(details['text']);
      const files = details['files'] === undefined ? undefined : stored(call, filesOf(details['files']));
      const dropped = asList(details['drop']).map(asInt);
      const kept = comment.attachments.filter((id) => !dropped.includes(id));
      editComment(call, task, comment, text, files, kept);
      return { id: comment.id, attachments: comment.attachments };
    },
  ],
  [
    /^delete comment$/,
    (call, details) => {
      const { task, comment } = commentOf(call, details);
      removeComment(call, task, comment);
      return { id: comment.id };
    },
  ],
  [
    /^(add to|remove from) chat$/,
    (call, details, match) => {
      const task = taskOf(call, details);
      const chat = chatOf(call.state, task) ?? stop(`Task ${task.id} has no chat.`);
      const user = asInt(details['user']) ?? 0;
      if (!chat.members.includes(call.user)) stop(`User ${call.user} is not in the chat of task ${task.id}.`);
      if (match[1] === 'add to') joinChat(call, chat, user);
      else leaveChat(chat, user);
      return { members: [...chat.members] };
    },
  ],
  [
    /^add result$/,
    (call, details) => {
      const task = taskOf(call, details);
      if (!canWork(call.state, task, call.user))
        stop(`User ${call.user} may not add results to task ${task.id}.`);
      return { id: addResult(call, task, { text: asText(details['text']) }).id };
    },
  ],
  [/^attach file$/, attachFile],
  [
    /^detach file$/,
    (call, details) => {
      const task = taskOf(call, details);
      if (!canEdit(call.state, task, call.user))
        stop(`User ${call.user} may not detach files of task ${task.id}.`);
      const gone = asInt(details['attachment']) ?? 0;
      updateTask(call, task, { files: { keep: task.attachments.filter((id) => id !== gone), add: [] } });
      return { id: task.id };
    },
  ],
  [
    /^delete task$/,
    (call, details) => {
      const task = taskOf(call, details);
      if (!canEdit(call.state, task, call.user)) stop(`User ${call.user} may not delete task ${task.id}.`);
      removeTask(call, task);
      return { id: task.id };
    },
  ],
  [
    /^move task$/,
    (call, details) => {
      const task = taskOf(call, details);
      if (!canEdit(call.state, task, call.user)) stop(`User ${call.user} may not move task ${task.id}.`);
      updateTask(call, task, readFields(call, fieldsOf(details), task));
      return { id: task.id, group: task.group, stage: task.stage };
    },
  ],
];

/** Does what a person does; unknown words, strangers and missing rights are refused with a sentence. */
export const doAct = (state: State, act: Act, now: Instant): Acted => {
  const user = asInt(act.as);
  if (user === undefined || (user !== 0 && state.users.get(user)?.active !== true)) {
    return { ok: false, refused: `There is no active user ${String(act.as)}.` };
  }
  const effects: Effect[] = [];
  const call: Call = {
    state,
    now,
    user,
    admin: user === 0 || state.users.get(user)?.admin === true,
    scope: allScopes,
    credential: '',
    application: false,
    rest: false,
    connector: null,
    base: state.address.https,
    effects,
  };
  for (const [pattern, doing] of acts) {
    const match = pattern.exec(act.do.trim());
    if (match === null) continue;
    try {
      return { ok: true, result: doing(call, act, match), effects };
    } catch (problem) {
      if (problem instanceof NotDone) return { ok: false, refused: problem.message };
      if (problem instanceof Refusal) {
        return { ok: false, refused: `${act.do}: ${problem.message.replace(/<br>$/, '')} (${problem.code})` };
      }
      throw problem;
    }
  }
  return { ok: false, refused: `The emulator does not know how to "${act.do}"; its README lists the words.` };
};
