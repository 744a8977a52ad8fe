/** Writing, editing and deleting comments, with all that follows (section 8.3). */
import { type Json } from '../common/types.ts';
import { isObject, listOf, Refusal, type JsonObject } from './answers.ts';
import { readFileIds } from './fileView.ts';
import { storedHtml } from './html.ts';
import { readMoment } from './moments.ts';
import { displayName, everyPerson, notify, noPeople, personExists, personId, readPeople } from './persons.ts';
import { commentsForbidden } from './rights.ts';
import { fire } from './scenarios.ts';
import { addComment, nextId, noteTouch } from './records.ts';
import { type Cause, type Comment, type People, type State, type Step, type Task } from './state.ts';
import { blankComment } from './taskChange.ts';
import { type WriteContext } from './taskWrite.ts';

/** 64 KB with HTML. */
const MAX_BYTES = 65_536;

export const COMMENT_CREATE_KEYS: ReadonlySet<string> = new Set([
  'sourceId',
  'sourceObjectId',
  'sourceDataVersion',
  'dateTime',
  'description',
  'owner',
  'isPinned',
  'isHidden',
  'recipients',
  'files',
]);

export const COMMENT_UPDATE_KEYS: ReadonlySet<string> = new Set(
  [...COMMENT_CREATE_KEYS].filter((key) => key !== 'dateTime' && key !== 'owner'),
);

/** The text of a write body, as stored. @throws Refusal with the code given for a text too long. */
export function readText(state: State, value: Json | undefined, code: number): string {
  const html = storedHtml(typeof value === 'string' ? value : '', state.settings);
  if (Buffer.byteLength(html) > MAX_BYTES) {
    throw new Refusal(400, code, code === 5001 ? 'Comment create error' : 'Comment update error');
  }
  return html;
}

/** Recipients of a write; roles stand for the people who have them in the task now. */
export function readRecipients(state: State, task: Task, value: Json | undefined): People {
  const people = readPeople(state, value);
  // The schema prints one word, its example a list of them.
  const given = isObject(value) ? value['roles'] : undefined;
  const roles = typeof given === 'string' ? [given] : listOf(given);
  const add = (more: People) => {
    for (const user of more.users) if (!people.users.includes(user)) people.users.push(user);
    for (const group of more.groups) if (!people.groups.includes(group)) people.groups.push(group);
  };
  for (const role of roles) {
    if (role === 'assignee') add(task.assignees);
    else if (role === 'participant') add(task.participants);
    else if (role === 'auditor') add(task.auditors);
    else if (role === 'assigner')
      add({ users: task.assigner === undefined ? [] : [task.assigner], groups: [] });
    else throw new Refusal(400, 41, `Bad value of parameter roles`);
  }
  return people;
}

/** Whether this person may write in another's name or for another day. */
function mayWriteAsOthers(state: State, admin: boolean): boolean {
  const rule = state.settings['comments.ownerAllowed'];
  return rule === 'everyone' || (rule === 'admin' && admin);
}

/**
 * Adds a comment of a write body to a task.
 * @throws Refusal code 6 where the status forbids comments or the author may not be chosen, 5001 for a text too long.
 */
export function createComment(
  step: Step,
  task: Task,
  body: JsonObject,
  cause: Cause,
  context: WriteContext,
): Comment {
  const { state, now } = step;
  const { actor } = cause;
  if (commentsForbidden(state, task, actor.person)) {
    throw new Refusal(400, 6, 'New comments not allowed in this process');
  }
  const comment = blankComment(state.next.comment, task.id, actor.person, now);
  comment.owner = readOwner(step, body['owner'], cause);
  comment.createdAt = readDate(step, body['dateTime'], cause, context.zone) ?? now;
  comment.description = readText(state, body['description'], 5001);
  comment.isPinned = body['isPinned'] === true;
  comment.isHidden = body['isHidden'] === true;
  comment.recipients = readRecipients(state, task, body['recipients']);
  comment.files = readFileIds(state, body['files']);
  if (comment.description === '' && comment.files.length === 0) {
    throw new Refusal(400, 40, 'Required parameter is missing: description');
  }
  writeMarks(comment, body, context);
  nextId(state, 'comment');
  addComment(state, comment);
  noteComment(state, task, now);
  if (!cause.silent) tellOfComment(step, task, comment);
  fire(step, 'comment.created', task, cause, comment);
  return comment;
}

/** The task knows of a new comment; whether its change time moves is a setting. */
export function noteComment(state: State, task: Task, now: number): void {
  task.commentedAt = now;
  if (state.settings['comments.touchTaskChangedTime']) task.changedAt = now;
  noteTouch(state, task.id, now);
}

/** The author that a write body names, else the token's user. @throws Refusal code 6, 41. */
export function readOwner(step: Step, value: Json | undefined, cause: Cause): string {
  const { state } = step;
  if (value === undefined || value === null) return cause.actor.person;
  const owner = personId(value);
  if (owner === cause.actor.person) return owner;
  if (!mayWriteAsOthers(state, cause.actor.admin)) throw new Refusal(400, 6, 'Access denied');
  if (owner === undefined || owner.startsWith('group:') || !personExists(state, owner)) {
    throw new Refusal(400, 41, `User not find by id ${String(owner)}`);
  }
  return owner;
}

/** The moment that a write body names. @throws Refusal code 6, 41. */
export function readDate(
  step: Step,
  value: Json | undefined,
  cause: Cause,
  zone: string,
): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!mayWriteAsOthers(step.state, cause.actor.admin)) throw new Refusal(400, 6, 'Access denied');
  const moment = readMoment(value, zone);
  if (moment === undefined) throw new Refusal(400, 41, 'Bad value of parameter dateTime');
  return moment.at;
}

/** Keeps another application's marks where the setting says so. */
export function writeMarks(comment: Comment, body: JsonObject, context: WriteContext): void {
  if (!context.keepMarks) return;
  const { sourceObjectId, sourceDataVersion } = body;
  if (typeof sourceObjectId === 'string') comment.sourceObjectId = sourceObjectId;
  if (typeof sourceDataVersion === 'string') comment.sourceDataVersion = sourceDataVersion;
}

function plainText(html: string): string {
  return html
    .replace(/<br\s*\/?>|<\/p>/gi, ' ')
    .replace(/<[^>]*>/g, '')
    .trim()
    .slice(0, 200);
}

/** Only the named recipients are told, never the author. */
export function tellOfComment(step: Step, task: Task, comment: Comment): void {
  const { state } = step;
  notify(step, everyPerson(state, comment.recipients), {
    about: 'comment',
    task: task.id,
    text: `${displayName(state, comment.owner)} в «${task.name}»: ${plainText(comment.description)}`,
    except: [comment.owner, comment.createdBy],
  });
}

/** Whether a person may change the text of a comment (setting comments.editForeignText). */
export function mayEditText(state: State, person: string, comment: Comment): boolean {
  const rule = state.settings['comments.editForeignText'];
  if (rule === 'allowed' || comment.owner === person) return true;
  return rule === 'code 6' && comment.createdBy === person;
}

/**
 * Applies a write body to a comment; its date and author stay.
 * @throws Refusal code 6 for another's text or, without administrator's rights, for anything of another's comment.
 */
export function updateComment(
  step: Step,
  task: Task,
  comment: Comment,
  body: JsonObject,
  cause: Cause,
  context: WriteContext,
): void {
  const { state } = step;
  const { actor } = cause;
  const own = comment.owner === actor.person || comment.createdBy === actor.person;
  const text = body['description'] === undefined ? undefined : readText(state, body['description'], 5002);
  const editsText = text !== undefined && text !== comment.description;
  if (editsText && !mayEditText(state, actor.person, comment)) throw new Refusal(400, 6, 'Access denied');
  if (!editsText && !own && !actor.admin && state.settings['comments.editForeignText'] !== 'allowed') {
    throw new Refusal(400, 6, 'Access denied');
  }
  const files = body['files'] === undefined ? undefined : readFileIds(state, body['files']);
  const recipients =
    body['recipients'] === undefined ? undefined : readRecipients(state, task, body['recipients']);
  if (text !== undefined) comment.description = text;
  if (typeof body['isPinned'] === 'boolean') comment.isPinned = body['isPinned'];
  if (typeof body['isHidden'] === 'boolean') comment.isHidden = body['isHidden'];
  if (files !== undefined) {
    const replace = state.settings['comments.filesReplaceOnUpdate'];
    comment.files = replace ? files : [...new Set([...comment.files, ...files])];
  }
  writeMarks(comment, body, context);
  if (recipients === undefined) return;
  const before = new Set(everyPerson(state, comment.recipients));
  comment.recipients = recipients;
  if (cause.silent) return;
  const added = everyPerson(state, recipients).filter((person) => !before.has(person));
  tellOfComment(step, task, { ...comment, recipients: { ...noPeople(), users: added } });
}

/** Marks a comment deleted. @throws Refusal code 6 for another's comment without administrator's rights. */
export function deleteComment(state: State, comment: Comment, cause: Cause): void {
  const { actor } = cause;
  const own = comment.owner === actor.person || comment.createdBy === actor.person;
  if (!own && !actor.admin) throw new Refusal(400, 6, 'Access denied');
  comment.isDeleted = true;
  for (const { key } of comment.dataTags) state.dataTagEntries.delete(key);
}
