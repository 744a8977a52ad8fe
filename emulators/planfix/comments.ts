/** Routes of comments (section 8.1). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import {
  fieldNames,
  isObject,
  listOf,
  onlyKeys,
  Refusal,
  success,
  toInteger,
  type JsonObject,
} from './answers.ts';
import {
  COMMENT_CREATE_KEYS,
  COMMENT_UPDATE_KEYS,
  createComment,
  deleteComment,
  updateComment,
} from './commentChange.ts';
import { answerComments, ofType, writeContext } from './commentLists.ts';
import { commentAnswer } from './commentView.ts';
import { contactComment, contactCommentAnswer, contactCommentRoutes } from './contactComments.ts';
import { dateTest } from './dateFilters.ts';
import { isNegative, operatorOf } from './filterForm.ts';
import { personId } from './persons.ts';
import { assertSees, maySee, seesComment } from './rights.ts';
import { causeOf, numberParam, type Call, type Route } from './routes.ts';
import { type Comment, type Task } from './state.ts';
import { readableTask, updated } from './tasks.ts';

const shown =
  (call: Call) =>
  (comment: Comment, names: readonly string[]): Json =>
    commentAnswer(call, comment, names);

function listComments(call: Call): EmulatorResponse {
  const { state } = call;
  const id = numberParam(call, 0);
  // A list says of a missing task always the same, whatever GET would say.
  if (!state.tasks.has(id)) throw new Refusal(400, 1000, `Task not found by id ${id}`);
  const task = readableTask(call, id);
  const ids = state.commentsByTask.get(task.id) ?? [];
  return answerComments(
    call,
    ofType(
      call,
      ids.flatMap((comment) => state.comments.get(comment) ?? []),
    ),
    shown(call),
  );
}

/** The account-wide list of the newer API: only with a filter by date (3000) or author (3001). */
function listAllComments(call: Call): EmulatorResponse {
  const { state, actor, body, now } = call;
  if (!state.settings.commentListEndpoint) throw new Refusal(404, 0, 'Not found');
  const tests = listOf(body['filters']).flatMap((filter) =>
    isObject(filter) ? commentTest(call, filter, now) : [],
  );
  if (tests.length === 0) throw new Refusal(400, 0, 'Rest API error');
  const found = [...state.comments.values()].filter((comment) => {
    const task = state.tasks.get(comment.task);
    return task !== undefined && tests.every((test) => test(comment)) && maySee(state, actor, task);
  });
  return answerComments(call, ofType(call, found), shown(call));
}

function commentTest(call: Call, filter: JsonObject, now: number): ((comment: Comment) => boolean)[] {
  const operator = operatorOf(filter);
  const value = filter['value'];
  switch (toInteger(filter['type'])) {
    case 3000: {
      const inclusive = call.state.settings['dates.gtOtherDateInclusive'];
      const test = dateTest(operator, value, call.actor.zone, now, inclusive);
      return [(comment) => test.holds(comment.createdAt)];
    }
    case 3001: {
      const person = personId(value);
      return [(comment) => (comment.owner === person) !== isNegative(operator)];
    }
    default:
      return [];
  }
}

/** The task that a comment write names. @throws Refusal code 1000 or 6. */
function taskForComment(call: Call): Task {
  const id = numberParam(call, 0);
  const task = call.state.tasks.get(id);
  if (task === undefined || task.isDeleted) throw new Refusal(400, 1000, `Task not found by id ${id}`);
  assertSees(call.state, call.actor, task);
  return task;
}

function postComment(call: Call): EmulatorResponse {
  const task = taskForComment(call);
  onlyKeys(call.body, COMMENT_CREATE_KEYS, call.state.settings);
  const comment = createComment(call, task, call.body, causeOf(call), writeContext(call));
  return success({ id: comment.id }, 201);
}

function commentNotFound(id: number): Refusal {
  return new Refusal(400, 5000, `Comment not found by id ${id}`);
}

function postCommentUpdate(call: Call): EmulatorResponse {
  const { state } = call;
  const task = taskForComment(call);
  const id = numberParam(call, 1);
  const comment = state.comments.get(id);
  if (comment === undefined || comment.task !== task.id || comment.isDeleted || comment.system) {
    throw commentNotFound(id);
  }
  if (!seesComment(state, call.actor, comment)) throw new Refusal(400, 6, 'Access denied');
  onlyKeys(call.body, COMMENT_UPDATE_KEYS, state.settings);
  updateComment(call, task, comment, call.body, causeOf(call), writeContext(call));
  return updated(state);
}

/** A comment by its number alone. @throws Refusal code 5000 or 6. */
function commentById(call: Call): Comment {
  const { state, actor } = call;
  const id = numberParam(call, 0);
  const comment = state.comments.get(id);
  const task = comment === undefined ? undefined : state.tasks.get(comment.task);
  if (comment === undefined || task === undefined) throw commentNotFound(id);
  if (!maySee(state, actor, task) || !seesComment(state, actor, comment))
    throw new Refusal(400, 6, 'Access denied');
  return comment;
}

function getComment(call: Call): EmulatorResponse {
  const { state } = call;
  const ofContact = contactComment(call, numberParam(call, 0));
  if (ofContact !== undefined) return contactCommentAnswer(call, ofContact);
  const comment = commentById(call);
  if (comment.isDeleted && state.settings['comments.deletedGet'] === 'missing')
    throw commentNotFound(comment.id);
  const names = fieldNames(call.query.get('fields') ?? undefined, state.settings['fields.default']);
  return success({ comment: commentAnswer(call, comment, names) });
}

function removeComment(call: Call): EmulatorResponse {
  const comment = contactComment(call, numberParam(call, 0))?.comment ?? commentById(call);
  if (comment.isDeleted || comment.system) throw commentNotFound(comment.id);
  deleteComment(call.state, comment, causeOf(call));
  return updated(call.state);
}

export const commentRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/task/{id}/comments/list',
    scope: 'comment_readonly',
    write: false,
    list: true,
    run: listComments,
  },
  { method: 'POST', path: '/task/{id}/comments/', scope: 'comment_add', write: true, run: postComment },
  {
    method: 'POST',
    path: '/task/{id}/comments/{commentId}',
    scope: 'comment_update',
    write: true,
    run: postCommentUpdate,
  },
  { method: 'GET', path: '/comment/{id}', scope: 'comment_readonly', write: false, run: getComment },
  { method: 'DELETE', path: '/comment/{id}', scope: 'comment_delete', write: true, run: removeComment },
  ...contactCommentRoutes,
  // Of the newer API; its refusals come with 400, not with 500 as other lists' do.
  { method: 'POST', path: '/comment/list', scope: 'comment_readonly', write: false, run: listAllComments },
];
