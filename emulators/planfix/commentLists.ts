/** What lists of comments have in common: kinds, order, pages (section 8.1). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import { fieldNames, isObject, listOf, pageRows, Refusal, success } from './answers.ts';
import { seesComment } from './commentView.ts';
import { zoneOf, type Call } from './routes.ts';
import { type Comment, type State } from './state.ts';
import { keepsMarks } from './tasks.ts';
import { type WriteContext } from './taskWrite.ts';

const LIST_TYPES = new Set(['Comments', 'All', 'New', 'Deleted']);

/** What a write of a comment needs of its call. */
export function writeContext(call: Call): WriteContext {
  const sourceId = call.body['sourceId'] ?? call.query.get('sourceId');
  return {
    state: call.state,
    actor: call.actor,
    zone: zoneOf(call),
    keepMarks: keepsMarks(call.state, sourceId),
  };
}

/** Keeps the comments that a typeList means. @throws Refusal code 41 for an unknown word. */
export function ofType(call: Call, comments: readonly Comment[]): Comment[] {
  const { state, actor, body } = call;
  const given = body['typeList'] ?? state.settings['comments.listDefaultType'];
  if (typeof given !== 'string' || !LIST_TYPES.has(given))
    throw new Refusal(400, 41, 'Bad value of parameter typeList');
  const fits = (comment: Comment): boolean => {
    if (given === 'Deleted') return comment.isDeleted && !comment.system;
    if (comment.isDeleted) return false;
    if (given === 'All') return true;
    return !comment.system && (given === 'Comments' || comment.owner !== actor.person);
  };
  return comments.filter((comment) => fits(comment) && seesComment(state, actor, comment));
}

function ordered(state: State, comments: Comment[], resultOrder: Json | undefined): Comment[] {
  const [asked] = listOf(resultOrder);
  const [defaultField = 'id', defaultDirection = 'Desc'] = state.settings['comments.defaultOrder'].split(' ');
  // The schema prints the key as `filed`, the example as `field`.
  const field = isObject(asked) ? (asked['field'] ?? asked['filed'] ?? 'id') : defaultField;
  const direction = isObject(asked) ? (asked['direction'] ?? 'Asc') : defaultDirection;
  const sign = direction === 'Desc' ? -1 : 1;
  const key = (comment: Comment) => (field === 'dateTime' ? comment.createdAt : comment.id);
  return comments.sort((a, b) => sign * (key(a) - key(b) || a.id - b.id));
}

/** One page of comments in the asked order. */
export function answerComments(
  call: Call,
  comments: Comment[],
  show: (comment: Comment, names: readonly string[]) => Json,
): EmulatorResponse {
  const { state, body } = call;
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const rows = pageRows(ordered(state, comments, body['resultOrder']), body, state.settings);
  return success({ comments: rows.map((comment) => show(comment, names)) });
}
