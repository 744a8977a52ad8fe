/** Results of tasks (section 16): version 2 reads, both versions write. */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { iso, isoAt, seconds } from './moments.ts';
import { canWork } from './rights.ts';
import { nextId, type Task, type TaskResult } from './state.ts';
import { core } from './taskFields.ts';
import { seenTask, taskIdOf } from './tasks.ts';
import { asInt, pick, refuse } from './values.ts';

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

const formatted = (text: string): string =>
  text.replace(/\[(\/?)(b|i|u|s)\]/gi, (_, slash: string, tag: string) => `<${slash}${tag.toLowerCase()}>`);

const shown = (call: Call, result: TaskResult): Json => ({
  id: result.id,
  taskId: result.task,
  commentId: result.comment ?? 0,
  createdBy: result.author,
  createdAt: isoAt(call.state, result.created),
  updatedAt: iso(call.state, result.updated ?? result.created),
  status: result.closed ? 1 : 0,
  text: result.text,
  formattedText: formatted(result.text),
  files: [...result.files],
});

export const resultMethods: readonly Method[] = [
  {
    name: 'tasks.task.result.list',
    version: 2,
    scope: ['task', 'tasks'],
    write: false,
    run: (call, params) => {
      const task = seenTask(call, taskIdOf(params));
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
      const comment = call.state.comments.get(asInt(pick(params, 'commentId')) ?? 0);
      const task = comment === undefined ? undefined : seenTask(call, comment.task);
      if (comment === undefined || task === undefined || !canWork(call.state, task, call.user)) {
        return core('Комментарий не найден или недоступен');
      }
      return answer(shown(call, addResult(call, task, { text: comment.text, comment: comment.id })));
    },
  },
  {
    name: 'tasks.task.result.deleteFromComment',
    version: 2,
    scope: ['task', 'tasks'],
    write: true,
    run: (call, params) => {
      const id = asInt(pick(params, 'commentId'));
      const result = [...call.state.results.values()].find((one) => one.comment === id);
      const task = result === undefined ? undefined : seenTask(call, result.task);
      if (result === undefined || task === undefined) return core('Результат не найден');
      call.state.results.delete(result.id);
      task.results = task.results.filter((other) => other !== result.id);
      return answer(null);
    },
  },
];
