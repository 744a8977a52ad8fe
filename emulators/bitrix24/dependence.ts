/** task.dependence.* (section 9): links of the Gantt chart between tasks. */
import { answer, type Call, type Method } from './call.ts';
import { canRead } from './rights.ts';
import { participants, type Task } from './state.ts';
import { finish, note } from './taskWrite.ts';
import { asInt, type Params, refuse } from './values.ts';

const scope = ['task', 'tasks'] as const;

const notAllowed = (): never => refuse(400, 'ACTION_NOT_ALLOWED', 'Действие не разрешено');

const linked = (call: Call, params: Params): { from: Task; to: Task } => {
  const [from, to] = ['TASKIDFROM', 'TASKIDTO'].map((name) => call.state.tasks.get(asInt(params[name]) ?? 0));
  if (from === undefined || to === undefined || from === to) return notAllowed();
  const seen = canRead(call.state, from, call.user) && canRead(call.state, to, call.user);
  return seen ? { from, to } : notAllowed();
};

/** Puts the links of a task and tells of the change. */
const relinked = (call: Call, task: Task, links: Task['dependsOn']): void => {
  const shown = (list: Task['dependsOn']): string => list.map((link) => link.task).join(',');
  note(call, task, 'DEPENDS_ON', shown(task.dependsOn), shown(links));
  task.dependsOn = links;
  finish(call, task, participants(task), 'task.changed', task.title);
};

export const dependenceMethods: readonly Method[] = [
  {
    name: 'task.dependence.add',
    version: 2,
    scope,
    write: true,
    positional: ['TASKIDFROM', 'TASKIDTO', 'LINKTYPE'],
    run: (call, params) => {
      const { from, to } = linked(call, params);
      if (to.dependsOn.some((link) => link.task === from.id)) {
        refuse(400, 'ILLEGAL_NEW_LINK', 'Связь между задачами уже существует');
      }
      const type = asInt(params['LINKTYPE']) ?? 2;
      if (type < 0 || type > 3) notAllowed();
      relinked(call, to, [...to.dependsOn, { task: from.id, type }]);
      return answer([]);
    },
  },
  {
    name: 'task.dependence.delete',
    version: 2,
    scope,
    write: true,
    positional: ['TASKIDFROM', 'TASKIDTO'],
    run: (call, params) => {
      const { from, to } = linked(call, params);
      const links = to.dependsOn.filter((link) => link.task !== from.id);
      if (links.length === to.dependsOn.length) {
        refuse(400, 'ILLEGAL_NEW_LINK', 'Связи между задачами нет');
      }
      relinked(call, to, links);
      return answer([]);
    },
  },
];
