/** Who may do what with a task: roles of section 6.4 (table of rights) and the scopes' companions. */
import { Refusal } from './answers.ts';
import { includesPerson } from './persons.ts';
import { type Actor, type Ban, type Comment, type State, type Task } from './state.ts';

export type TaskRole = 'assigner' | 'assignee' | 'participant' | 'auditor';

/** Every role that a person has in a task, groups counted. */
export function rolesIn(state: State, task: Task, person: string): TaskRole[] {
  const roles: TaskRole[] = [];
  if (task.assigner === person) roles.push('assigner');
  if (includesPerson(state, task.assignees, person)) roles.push('assignee');
  if (includesPerson(state, task.participants, person)) roles.push('participant');
  if (includesPerson(state, task.auditors, person)) roles.push('auditor');
  return roles;
}

/** Seen by those with a role in it, by the owner of its project, and by administrators. */
export function maySee(state: State, actor: Actor, task: Task): boolean {
  if (actor.admin) return true;
  if (task.project !== undefined && state.projects.get(task.project)?.owner === actor.person) return true;
  return rolesIn(state, task, actor.person).length > 0;
}

export function mayEdit(state: State, actor: Actor, task: Task): boolean {
  if (actor.admin) return true;
  const roles = rolesIn(state, task, actor.person);
  return roles.includes('assigner') || roles.includes('auditor');
}

export function mayChangeStatus(state: State, actor: Actor, task: Task): boolean {
  return mayEdit(state, actor, task) || rolesIn(state, task, actor.person).includes('assignee');
}

/** @throws Refusal code 6 when the actor may not see the task. */
export function assertSees(state: State, actor: Actor, task: Task): void {
  if (!maySee(state, actor, task)) throw taskDenied(task.id);
}

/** A hidden comment is seen by its author, its recipients and administrators (section 8.3). */
export function seesComment(state: State, actor: Actor, comment: Comment): boolean {
  if (!comment.isHidden || actor.admin) return true;
  if (comment.owner === actor.person || comment.createdBy === actor.person) return true;
  return includesPerson(state, comment.recipients, actor.person);
}

export function taskDenied(id: number): Refusal {
  return new Refusal(400, 6, `Access denied for task by id - ${id}`);
}

/** Some ban holds for this person in this task. */
export function isBanned(state: State, bans: readonly Ban[], task: Task, person: string): boolean {
  if (bans.length === 0) return false;
  const roles: readonly string[] = rolesIn(state, task, person);
  return bans.some(
    (ban) =>
      (ban.status === undefined || ban.status === task.status) &&
      (ban.role === undefined || roles.includes(ban.role)) &&
      (ban.user === undefined || ban.user === person),
  );
}

/** New comments of this person are forbidden in the task's status (section 7). */
export function commentsForbidden(state: State, task: Task, person: string): boolean {
  const bans = state.processes.get(task.processId)?.commentsForbidden ?? [];
  return isBanned(state, bans, task, person);
}

/** The person may not change this field of this task. */
export function fieldForbidden(state: State, task: Task, field: string, person: string): boolean {
  const bans = task.object === undefined ? [] : (state.objects.get(task.object)?.fieldsForbidden ?? []);
  return isBanned(
    state,
    bans.filter((ban) => ban.field === undefined || ban.field === field),
    task,
    person,
  );
}

/** The status set lets a task go from one status to another. */
export function transitionOpen(state: State, processId: number, from: number, to: number): boolean {
  const transitions = state.processes.get(processId)?.transitions;
  if (transitions === undefined || from === to) return true;
  return transitions.some((way) => way.from === from && way.to.includes(to));
}
