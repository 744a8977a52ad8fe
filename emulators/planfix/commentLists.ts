/** What lists of comments have in common: kinds, order, pages (section 8.1). */
import { type EmulatorResponse, type Json } from '../common/types.ts';
import { fieldNames, isObject, listOf, pageRows, Refusal, success } from './answers.ts';
import { seesComment } from './rights.ts';
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
  const given = listOf(resultOrder).filter(isObject);
  const [defaultField = 'id', defaultDirection = 'Desc'] = state.settings['comments.defaultOrder'].split(' ');
  // The schema prints the key as `filed`, the example as `field`.
  const keys =
    given.length === 0
      ? [{ field: defaultField, direction: defaultDirection }]
      : given.map((asked) => ({
          field: asked['field'] ?? asked['filed'] ?? 'id',
          direction: asked['direction'] ?? 'Asc',
        }));
  const by = (field: Json) => (comment: Comment) => (field === 'dateTime' ? comment.createdAt : comment.id);
  return comments.sort((a, b) => {
    for (const { field, direction } of keys) {
      const order = by(field)(a) - by(field)(b);
      if (order !== 0) return direction === 'Desc' ? -order : order;
    }
    return a.id - b.id;
  });
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
