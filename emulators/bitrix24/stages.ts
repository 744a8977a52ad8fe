/** task.stages.* (section 11). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { canEdit, canWork, isMember } from './rights.ts';
import { nextId, participants } from './state.ts';
import { seenTask } from './tasks.ts';
import { finish, note } from './taskWrite.ts';
import { asInt, asRecord, asText, phpMap, pick, refuse } from './values.ts';

const scope = ['task', 'tasks'] as const;

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name: `task.stages.${name}`,
  version: 2,
  scope,
  write,
  run,
});

const seesGroup = (call: Call, id: number): boolean =>
  call.admin || isMember(call.state.groups.get(id), call.user);

const leadsGroup = (call: Call, id: number): boolean => {
  const group = call.state.groups.get(id);
  return call.admin || group?.owner === call.user || group?.moderators.includes(call.user) === true;
};

const stageGroup = (call: Call, stage: number): number | undefined => {
  for (const group of call.state.groups.values()) {
    if (group.stages.some((one) => one.id === stage)) return group.id;
  }
  return undefined;
};

export const stageMethods: readonly Method[] = [
  method('get', false, (call, params) => {
    const id = asInt(pick(params, 'entityId')) ?? 0;
    if (id === 0) return answer([]);
    const group = call.state.groups.get(id);
    if (group === undefined || !seesGroup(call, id)) {
      return refuse(400, 'ACCESS_DENIED', 'Вы не можете просматривать стадии в этой группе');
    }
    return answer(
      phpMap(
        Object.fromEntries(
          group.stages.map((stage, index): [string, Json] => [
            String(stage.id),
            {
              ID: String(stage.id),
              TITLE: stage.title,
              SORT: String((index + 1) * 100),
              COLOR: stage.color,
              SYSTEM_TYPE: stage.system,
              ENTITY_ID: String(id),
              ENTITY_TYPE: 'G',
              ADDITIONAL_FILTER: [],
              TO_UPDATE: [],
              TO_UPDATE_ACCESS: null,
            },
          ]),
        ),
      ),
    );
  }),
  method('canmovetask', false, (call, params) => {
    const id = asInt(pick(params, 'entityId')) ?? 0;
    const personal = asText(pick(params, 'entityType')).toUpperCase() === 'U';
    return answer(personal ? id === call.user : seesGroup(call, id));
  }),
  method('movetask', true, (call, params) => {
    const task = seenTask(call, asInt(pick(params, 'id')) ?? 0);
    if (task === undefined) return refuse(400, 'TASK_NOT_FOUND', 'Задача не найдена или недоступна');
    const stage = asInt(pick(params, 'stageId')) ?? 0;
    if (stageGroup(call, stage) !== task.group) return refuse(400, 'NOT_FOUND', 'Стадия не найдена');
    if (!canWork(call.state, task, call.user) && !canEdit(call.state, task, call.user)) {
      refuse(400, 'ACCESS_DENIED_MOVE', 'Вы не можете перемещать задачи');
    }
    if (task.stage !== stage) note(call, task, 'STAGE_ID', String(task.stage), String(stage));
    task.stage = stage;
    finish(call, task, participants(task), 'task.changed', task.title);
    return answer(true);
  }),
  method('add', true, (call, params) => {
    const fields = asRecord(pick(params, 'fields'));
    const group = call.state.groups.get(asInt(fields['ENTITY_ID']) ?? 0);
    if (asText(fields['TITLE']) === '') refuse(400, 'EMPTY_TITLE', 'Не указано название стадии');
    if (group === undefined || !leadsGroup(call, group.id)) {
      return refuse(400, 'ACCESS_DENIED', 'Вы не можете управлять стадиями');
    }
    const stage = {
      id: nextId(call.state, 'stage'),
      title: asText(fields['TITLE']),
      system: null,
      color: asText(fields['COLOR']) || '00C4FB',
    };
    const after = group.stages.findIndex((one) => one.id === asInt(fields['AFTER_ID']));
    group.stages.splice(after + 1, 0, stage);
    return answer(stage.id);
  }),
  method('update', true, (call, params) => {
    const id = asInt(pick(params, 'id')) ?? 0;
    const group = call.state.groups.get(stageGroup(call, id) ?? 0);
    const stage = group?.stages.find((one) => one.id === id);
    if (group === undefined || stage === undefined) return refuse(400, 'NOT_FOUND', 'Стадия не найдена');
    if (!leadsGroup(call, group.id)) refuse(400, 'ACCESS_DENIED', 'Вы не можете управлять стадиями');
    const fields = asRecord(pick(params, 'fields'));
    stage.title = asText(fields['TITLE']) || stage.title;
    stage.color = asText(fields['COLOR']) || stage.color;
    const after = pick(fields, 'AFTER_ID');
    if (after !== undefined) {
      const others = group.stages.filter((one) => one !== stage);
      const at = others.findIndex((one) => one.id === asInt(after)) + 1;
      group.stages = [...others.slice(0, at), stage, ...others.slice(at)];
    }
    return answer(true);
  }),
  method('delete', true, (call, params) => {
    const id = asInt(pick(params, 'id')) ?? 0;
    const group = call.state.groups.get(stageGroup(call, id) ?? 0);
    if (group === undefined) return refuse(400, 'NOT_FOUND', 'Стадия не найдена');
    if (!leadsGroup(call, group.id)) refuse(400, 'ACCESS_DENIED', 'Вы не можете управлять стадиями');
    if (group.stages[0]?.id === id) {
      refuse(400, 'CANT_DELETE_FIRST', 'Нельзя удалить первую стадию. Переместите её, чтобы удалить.');
    }
    const stage = group.stages.find((one) => one.id === id);
    if (stage?.system === 'NEW') refuse(400, 'IS_SYSTEM', 'Нельзя удалить стадию по умолчанию');
    group.stages = group.stages.filter((one) => one.id !== id);
    return answer(true);
  }),
];
