/** Comments of contact cards (section 8.1; schema of the document): kept and shown, nobody is told, no scenario runs. */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import { empty, fieldNames, onlyKeys, Refusal, success } from './answers.ts';
import {
  COMMENT_CREATE_KEYS,
  COMMENT_UPDATE_KEYS,
  mayEditText,
  readDate,
  readOwner,
  readText,
  writeMarks,
} from './commentChange.ts';
import { answerComments, ofType, writeContext } from './commentLists.ts';
import { commentAnswer } from './commentView.ts';
import { contactById } from './contacts.ts';
import { readFileIds } from './fileView.ts';
import { personRef, readPeople } from './persons.ts';
import { nextId } from './records.ts';
import { seesComment } from './rights.ts';
import { causeOf, numberParam, type Call, type Route } from './routes.ts';
import { type Comment, type ContactComment } from './state.ts';
import { blankComment } from './taskChange.ts';

const notFound = (id: number): Refusal => new Refusal(400, 5000, `Comment not found by id ${id}`);

function writeRest(call: Call, comment: Comment): void {
  const { state, body } = call;
  if (typeof body['isPinned'] === 'boolean') comment.isPinned = body['isPinned'];
  if (typeof body['isHidden'] === 'boolean') comment.isHidden = body['isHidden'];
  if (body['recipients'] !== undefined) comment.recipients = readPeople(state, body['recipients']);
  if (body['files'] !== undefined) comment.files = readFileIds(state, body['files']);
  writeMarks(comment, body, writeContext(call));
}

function list(call: Call): EmulatorResponse {
  const contact = contactById(call, 'Contact');
  const comments = [...call.state.contactComments.values()]
    .filter((one) => one.contact === contact.id)
    .map(({ comment }) => comment);
  return answerComments(call, ofType(call, comments), (comment, names) =>
    shown(call, { contact: contact.id, comment }, names),
  );
}

/** The asked fields; instead of a task the comment names its contact. */
function shown(call: Call, { contact, comment }: ContactComment, names: readonly string[]): Json {
  const fields = commentAnswer(
    call,
    comment,
    names.filter((name) => name !== 'task'),
  );
  return names.includes('contact')
    ? { ...fields, contact: personRef(call.state, `contact:${contact}`) }
    : fields;
}

function create(call: Call): EmulatorResponse {
  const { state, body, now, actor } = call;
  const contact = contactById(call, 'Contact');
  onlyKeys(body, COMMENT_CREATE_KEYS, state.settings);
  const cause = causeOf(call, false);
  const comment = blankComment(state.next.comment, 0, actor.person, now);
  comment.owner = readOwner(call, body['owner'], cause);
  comment.createdAt = readDate(call, body['dateTime'], cause, writeContext(call).zone) ?? now;
  comment.description = readText(state, body['description'], 5001);
  writeRest(call, comment);
  if (comment.description === '' && comment.files.length === 0) {
    throw new Refusal(400, 40, 'Required parameter is missing: description');
  }
  nextId(state, 'comment');
  state.contactComments.set(comment.id, { contact: contact.id, comment });
  return success({ id: comment.id }, 201);
}

function update(call: Call): EmulatorResponse {
  const { state, body, actor } = call;
  const contact = contactById(call, 'Contact');
  const id = numberParam(call, 1);
  const found = state.contactComments.get(id);
  if (found?.contact !== contact.id || found.comment.isDeleted) throw notFound(id);
  const { comment } = found;
  if (!seesComment(state, actor, comment)) throw new Refusal(400, 6, 'Access denied');
  onlyKeys(body, COMMENT_UPDATE_KEYS, state.settings);
  if (body['description'] !== undefined) {
    const text = readText(state, body['description'], 5002);
    if (text !== comment.description && !mayEditText(state, actor.person, comment))
      throw new Refusal(400, 6, 'Access denied');
    comment.description = text;
  }
  writeRest(call, comment);
  return state.settings['task.updateBody'] === 'empty' ? empty(200) : success();
}

/** The comment of a contact card with that number, if the caller may see it. @throws Refusal code 6. */
export function contactComment(call: Call, id: number): ContactComment | undefined {
  const found = call.state.contactComments.get(id);
  if (found !== undefined && !seesComment(call.state, call.actor, found.comment))
    throw new Refusal(400, 6, 'Access denied');
  return found;
}

/** Answer of GET /comment/{id} for a comment of a contact card. */
export function contactCommentAnswer(call: Call, found: ContactComment): EmulatorResponse {
  const names = fieldNames(call.query.get('fields') ?? undefined, call.state.settings['fields.default']);
  return success({ comment: shown(call, found, names) });
}

export const contactCommentRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/contact/{id}/comments/list',
    scope: 'comment_readonly',
    write: false,
    list: true,
    run: list,
  },
  { method: 'POST', path: '/contact/{id}/comments/', scope: 'comment_add', write: true, run: create },
  {
    method: 'POST',
    path: '/contact/{id}/comments/{commentId}',
    scope: 'comment_update',
    write: true,
    run: update,
  },
];
