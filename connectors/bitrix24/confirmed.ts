/**
 * What the methods that write answer when they did it (b24restdocs: api-reference/tasks/*, chats/messages/*,
 * tasks/comment-item/*, chat-bots/chat-bots-v2/im.v2/events/*). Anything else in the place of that says neither yes nor no.
 */
const isTrue = (result: unknown): boolean => result === true || result === 1 || result === 'true';

/** The task as it is now, or just `true` in its place. */
function isTask(result: unknown): boolean {
  if (typeof result !== 'object' || result === null || !('task' in result)) return false;
  const { task } = result;
  return task === true || (typeof task === 'object' && task !== null && Object.keys(task).length > 0);
}

const forms: ReadonlyMap<string, (result: unknown) => boolean> = new Map([
  ...['update', 'start', 'pause', 'defer', 'complete', 'renew', 'approve', 'disapprove', 'startwatch'].map(
    (name) => [`tasks.task.${name}`, isTask] as const,
  ),
  ...[
    'task.stages.movetask',
    'im.message.update',
    'im.message.delete',
    'im.v2.Event.subscribe',
    'task.commentitem.update',
    'task.commentitem.delete',
  ].map((name) => [name, isTrue] as const),
]);

/** False when a write answered, without an error, in a form that does not say that it was done. */
export const isConfirmed = (method: string, result: unknown): boolean => forms.get(method)?.(result) ?? true;
