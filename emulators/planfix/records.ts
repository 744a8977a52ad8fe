/** Adding to the state and its indexes, numbering, touching, drawing. */
import { type Instant } from '../common/types.ts';
import { type ChecklistItem, type Comment, type NextIds, type State, type Task } from './state.ts';

/** A number in [0, 1) from the account's own generator (mulberry32). */
export function draw(state: State): number {
  state.random = (state.random + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state.random ^ (state.random >>> 15), state.random | 1);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}

/** Writes down that a task was touched, so that a sweep over recent changes needs no walk over all tasks. */
export function noteTouch(state: State, task: number, at: Instant): void {
  const last = state.touches.at(-1);
  state.touches.push({ at, task });
  if (last !== undefined && last.at > at) state.touches.sort((a, b) => a.at - b.at);
  if (state.touches.length > 1000 && state.touches.length > 4 * state.tasks.size) {
    state.touches = orderedTouches(state.tasks.values());
  }
}

/** The touches of tasks as their own times tell them, oldest first. */
export function orderedTouches(tasks: Iterable<Task>): { at: Instant; task: number }[] {
  return [...tasks].map((task) => ({ at: activityOf(task), task: task.id })).sort((a, b) => a.at - b.at);
}

/** Last change or comment, whichever is later. */
export function activityOf(task: Task): Instant {
  return Math.max(task.changedAt, task.commentedAt ?? 0);
}

/** Marks a task changed now. */
export function touchChanged(state: State, task: Task, now: Instant): void {
  task.changedAt = now;
  noteTouch(state, task.id, now);
}

/** Adds a task to the account and its indexes. */
export function addTask(state: State, task: Task): void {
  state.tasks.set(task.id, task);
  const last = state.taskIds.at(-1);
  state.taskIds.push(task.id);
  if (last !== undefined && last > task.id) state.taskIds.sort((a, b) => a - b);
  if (task.parent !== undefined) addChild(state, task.parent, task.id);
}

export function addChild(state: State, parent: number, child: number): void {
  const known = state.children.get(parent);
  if (known === undefined) state.children.set(parent, new Set([child]));
  else known.add(child);
}

/** Adds a comment to the account and to its task's feed. */
export function addComment(state: State, comment: Comment): void {
  state.comments.set(comment.id, comment);
  pushTo(state.commentsByTask, comment.task, comment.id);
}

/** Adds a checklist item to the account and to its task. */
export function addChecklistItem(state: State, item: ChecklistItem): void {
  state.checklistItems.set(item.id, item);
  pushTo(state.checklists, item.task, item.id);
}

function pushTo(lists: Map<number, number[]>, key: number, value: number): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

/** The next number of a row of ids, and moves the row on. */
export function nextId(state: State, row: keyof NextIds): number {
  const id = state.next[row];
  state.next[row] = id + 1;
  return id;
}
