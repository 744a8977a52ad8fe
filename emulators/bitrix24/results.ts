/** Results of tasks (section 16): version 2 reads, both versions write. */
import { type Json } from '../common/types.ts';
import { htmlOf } from './bbcode.ts';
import { answer, type Call, type Method } from './call.ts';
import { iso, isoAt, seconds } from './moments.ts';
import { type Comment, nextId, type Task, type TaskResult } from './state.ts';
import { seenTask, taskIdOf, wrongType } from './tasks.ts';
import { asInt, type Params, pick, refuse } from './values.ts';

interface Draft {
  readonly text: string;
  readonly message?: number;
  readonly comment?: number;
  readonly files?: readonly number[];
}

/** Adds an open result. */
export const addResult = (call: Call, task: Task, draft: Draft): TaskResult => {
  const result: TaskResult = {
    id: nextId(call.state, 'result'),
    task: task.id,
    author: call.user,
    text: draft.text,
    created: seconds(call.now),
    updated: null,
    closed: false,
    message: draft.message ?? null,
    comment: draft.comment ?? null,
    files: [...(draft.files ?? [])],
  };
  call.state.results.set(result.id, result);
  task.results.push(result.id);
  return result;
};

const shown = (call: Call, result: TaskResult): { readonly [key: string]: Json } => ({
  id: result.id,
  taskId: result.task,
  commentId: result.comment ?? 0,
  createdBy: result.author,
  createdAt: isoAt(call.state, result.created),
  updatedAt: iso(call.state, result.updated ?? result.created),
  status: result.closed ? 1 : 0,
  text: result.text,
  formattedText: htmlOf(result.text),
  files: [...result.files],
});

/** The comment that a call names, which must be the caller's own unless he is an administrator. */
const ownComment = (call: Call, params: Params): { comment: Comment; task: Task } => {
  const given = pick(params, 'commentId') ?? null;
  const id = asInt(given) ?? wrongType('commentId', given, 'int');
  const comment = call.state.comments.get(id) ?? refuse(400, '0', 'Comment not found.');
  const task = seenTask(call, comment.task);
  return task !== undefined && (comment.author === call.user || call.admin)
    ? { comment, task }
    : refuse(400, '0', 'Access denied.');
};

export const resultMethods: readonly Method[] = [
  {
    name: 'tasks.task.result.list',
    version: 2,
    scope: ['task', 'tasks'],
    write: false,
    run: (call, params) => {
      const given = pick(params, 'taskId') ?? null;
      const id = given === null ? taskIdOf(params) : (asInt(given) ?? wrongType('taskId', given, 'int'));
      const task = seenTask(call, id);
      if (task === undefined) return refuse(400, '0', 'Access denied. (internal error)');
      const rows = task.results.flatMap((id) => call.state.results.get(id) ?? []);
      return answer(rows.reverse().map((result) => shown(call, result)));
    },
  },
  {
    name: 'tasks.task.result.addFromComment',
    version: 2,
    scope: ['task', 'tasks'],
    write: true,
    run: (call, params) => {
      const { comment, task } = ownComment(call, params);
      const open = task.results.some((id) => {
        const result = call.state.results.get(id);
        return result?.comment === comment.id && !result.closed;
      });
      if (open) refuse(400, '0', 'Result already exists.');
      const result = addResult(call, task, { text: comment.text, comment: comment.id });
      return answer({ ...shown(call, result), files: null });
    },
  },
  {
    name: 'tasks.task.result.deleteFromComment',
    version: 2,
    scope: ['task', 'tasks'],
    write: true,
    run: (call, params) => {
      const { comment, task } = ownComment(call, params);
      for (const id of task.results) {
        if (call.state.results.get(id)?.comment === comment.id) call.state.results.delete(id);
      }
      task.results = task.results.filter((id) => call.state.results.has(id));
      return answer(null);
    },
  },
];
