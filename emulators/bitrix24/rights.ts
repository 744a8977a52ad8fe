/** Who sees a task and what the caller may do with it (sections 9 and 10). */
import { type Json } from '../common/types.ts';
import { type Group, type State, type Task } from './state.ts';

export type Transition = 'start' | 'pause' | 'defer' | 'complete' | 'renew';

const usualSources: Readonly<Record<Transition, readonly number[]>> = {
  start: [2, 6],
  pause: [3],
  defer: [2, 3],
  complete: [2, 3, 6],
  renew: [4, 5, 6, 7],
};

/** Statuses from which a transition works, by the setting `status.transitionSources`. */
export const sourcesOf = (state: State, transition: Transition): readonly number[] => {
  const chosen = state.settings.get('status.transitionSources');
  if (typeof chosen === 'object' && !Array.isArray(chosen)) {
    const list = (chosen as { readonly [key: string]: Json })[transition];
    if (Array.isArray(list)) return list as readonly number[];
  }
  return usualSources[transition];
};

export const isAdmin = (state: State, user: number): boolean => state.users.get(user)?.admin === true;

export const isMember = (group: Group | undefined, user: number): boolean =>
  group !== undefined && (group.owner === user || group.members.includes(user));

const leads = (group: Group | undefined, user: number): boolean =>
  group !== undefined && (group.owner === user || group.moderators.includes(user));

export const takesPart = (task: Task, user: number): boolean =>
  task.creator === user ||
  task.responsible === user ||
  task.accomplices.includes(user) ||
  task.auditors.includes(user);

/** Everybody in the departments that `user` heads, and below them. */
const staffOf = (state: State, user: number): ReadonlySet<number> => {
  const headed = new Set<number>();
  for (const department of state.departments.values()) {
    if (department.head === user) headed.add(department.id);
  }
  if (headed.size === 0) return headed;
  let grown = true;
  while (grown) {
    grown = false;
    for (const department of state.departments.values()) {
      if (department.parent !== null && headed.has(department.parent) && !headed.has(department.id)) {
        headed.add(department.id);
        grown = true;
      }
    }
  }
  const staff = new Set<number>();
  for (const person of state.users.values()) {
    if (person.departments.some((department) => headed.has(department))) staff.add(person.id);
  }
  return staff;
};

/** Which tasks a person sees: a test that is built once for many tasks. */
export const sightOf = (state: State, user: number): ((task: Task) => boolean) => {
  if (user === 0 || isAdmin(state, user)) return () => true;
  const staff = staffOf(state, user);
  return (task) =>
    takesPart(task, user) ||
    (task.group !== 0 && isMember(state.groups.get(task.group), user)) ||
    (staff.size > 0 && (staff.has(task.responsible) || staff.has(task.creator)));
};

export const canRead = (state: State, task: Task, user: number): boolean => sightOf(state, user)(task);

/** Creator, administrator, or owner or moderator of the task's group. */
export const canEdit = (state: State, task: Task, user: number): boolean =>
  user === 0 ||
  task.creator === user ||
  isAdmin(state, user) ||
  (task.group !== 0 && leads(state.groups.get(task.group), user));

/** Who may move the task through its statuses. */
export const canWork = (state: State, task: Task, user: number): boolean =>
  canEdit(state, task, user) || task.responsible === user || task.accomplices.includes(user);

export const canJudge = (state: State, task: Task, user: number): boolean =>
  user === 0 || task.creator === user || isAdmin(state, user);

/**
 * The `action` map of a task for one person. The flags `edit` and `remove` of a responsible follow the vendor's
 * examples, which show them outside of status 4; what he may really write is the setting `rights.responsibleFields`.
 */
export const actionsOf = (state: State, task: Task, user: number): Readonly<Record<string, boolean>> => {
  const editor = canEdit(state, task, user);
  const worker = canWork(state, task, user);
  const waiting = task.status === 4;
  const judge = task.control && waiting && canJudge(state, task, user);
  const owns = editor || (task.responsible === user && !waiting);
  const may = (transition: Transition): boolean =>
    worker && sourcesOf(state, transition).includes(task.status);
  const favorite = task.favoriteOf.includes(user);
  return {
    accept: false,
    decline: false,
    complete: may('complete'),
    approve: judge,
    disapprove: judge,
    start: may('start'),
    pause: may('pause'),
    delegate: canDelegate(state, task, user),
    remove: owns,
    edit: owns,
    defer: may('defer'),
    renew: may('renew'),
    create: true,
    changeDeadline: editor || (task.responsible === user && task.allowChangeDeadline),
    checklistAddItems: worker && !waiting,
    addFavorite: !favorite,
    deleteFavorite: favorite,
    rate: editor,
    take: false,
    'edit.originator': false,
    'checklist.reorder': worker && !waiting,
    'elapsedtime.add': waiting ? task.responsible === user || task.accomplices.includes(user) : worker,
    'dayplan.timer.toggle': false,
    'edit.plan': worker && !waiting,
    'checklist.add': worker && !waiting,
    'favorite.add': !favorite,
    'favorite.delete': favorite,
  };
};

export const canDelegate = (state: State, task: Task, user: number): boolean =>
  [2, 3, 6].includes(task.status) && (canEdit(state, task, user) || task.responsible === user);

/** Whether a person may see a Drive file: the list of readers, the chat it lies in, or a task it is attached to. */
export const canReadFile = (state: State, fileId: number, user: number): boolean => {
  const file = state.files.get(fileId);
  if (file === undefined) return false;
  if (user === 0) return true;
  if (file.readableBy !== null) return file.readableBy.includes(user);
  if (file.createdBy === user) return true;
  if (file.chat === null) return true;
  if (isAdmin(state, user)) return true;
  const chat = state.chats.get(file.chat);
  if (chat?.members.includes(user) === true) return true;
  const task = chat === undefined ? undefined : state.tasks.get(chat.task);
  return task !== undefined && canRead(state, task, user);
};
