/** Renumbering the system statuses of an account (setting status.systemIds). */
import { type SystemStatusIds } from './settings.ts';
import { type State } from './state.ts';

/** Gives the system statuses other numbers everywhere. @throws TypeError when a number is taken by another status. */
export function renumberStatuses(state: State, to: SystemStatusIds): void {
  const from = state.settings['status.systemIds'];
  const moves = new Map(Object.keys(from).map((name) => [from[name] ?? -1, to[name] ?? -1]));
  const moved = (id: number) => moves.get(id) ?? id;
  const targets = new Set([...state.statuses.keys()].map(moved));
  if (targets.size !== state.statuses.size) {
    throw new TypeError('Planfix emulator: status.systemIds takes a number that another status has');
  }
  const statuses = [...state.statuses.values()].map((status) => ({ ...status, id: moved(status.id) }));
  state.statuses = new Map(statuses.sort((a, b) => a.id - b.id).map((status) => [status.id, status]));
  for (const process of state.processes.values()) {
    process.statuses = process.statuses.map(moved);
    for (const ban of process.commentsForbidden) {
      if (ban.status !== undefined) ban.status = moved(ban.status);
    }
    for (const way of process.transitions ?? []) {
      way.from = moved(way.from);
      way.to = way.to.map(moved);
    }
  }
  for (const task of state.tasks.values()) {
    task.status = moved(task.status);
    for (const own of task.individualStatuses) own.status = moved(own.status);
  }
  state.settings['status.systemIds'] = to;
  for (const { changeStatus } of state.comments.values()) {
    if (changeStatus === undefined) continue;
    changeStatus.oldStatusId = moved(changeStatus.oldStatusId);
    changeStatus.newStatusId = moved(changeStatus.newStatusId);
  }
}
