/** Reading `fields` of tasks.task.add and update: write names of section 8, each checked before anything is stored. */
import { type Instant, type Json } from '../common/types.ts';
import { type Call } from './call.ts';
import { customValue } from './customFields.ts';
import { moment, seconds } from './moments.ts';
import { amount } from './settings.ts';
import { type State, type Task } from './state.ts';
import {
  asIds,
  asInt,
  asList,
  asRecord,
  asText,
  isList,
  isYes,
  type Params,
  pick,
  refuse,
} from './values.ts';

/** What of a task may be written, in the state's own terms. */
export interface TaskPatch {
  title?: string;
  description?: string;
  creator?: number;
  responsible?: number;
  accomplices?: number[];
  auditors?: number[];
  status?: number;
  priority?: number;
  mark?: string | null;
  group?: number;
  stage?: number;
  parent?: number | null;
  deadline?: Instant | null;
  startPlan?: Instant | null;
  endPlan?: Instant | null;
  control?: boolean;
  allowChangeDeadline?: boolean;
  allowTimeTracking?: boolean;
  matchWorkTime?: boolean;
  addInReport?: boolean;
  estimate?: number;
  xmlId?: string | null;
  tags?: string[];
  crm?: string[];
  parameters?: number[];
  dependsOn?: number[];
  custom?: { [name: string]: Json };
  /** Attachments to keep (numbers) and disk files to add. */
  files?: { keep: number[]; add: number[] };
}

/** A business error of tasks: HTTP 400, ERROR_CORE, a text that ends with a br. */
export const core = (text: string): never => refuse(400, 'ERROR_CORE', `${text}<br>`);

const cutTo = (text: string, most: number): string => {
  if (text.length <= most) return text;
  return [...text].slice(0, most).join('');
};

const knownUser = (state: State, value: Json | undefined, field: string): number => {
  const id = asInt(value);
  const user = id === undefined ? undefined : state.users.get(id);
  if (user === undefined || user.hidden) {
    return core(`Не найден пользователь, указанный в поле «${field}»`);
  }
  return user.id;
};

const knownUsers = (state: State, value: Json | undefined): number[] =>
  asIds(value).filter((id) => state.users.get(id)?.hidden === false);

const date = (state: State, value: Json | undefined): Instant | null => {
  if (value === null || value === '' || value === false || value === undefined) return null;
  const at = moment(state, value);
  return at === undefined ? core('Неверный формат даты') : seconds(at);
};

const descends = (state: State, from: number, to: number): boolean => {
  let at: number | null = from;
  for (let depth = 0; at !== null && depth < 1000; depth += 1) {
    if (at === to) return true;
    at = state.tasks.get(at)?.parent ?? null;
  }
  return false;
};

const parentOf = (state: State, task: Task | null, value: Json | undefined): number | null => {
  const id = asInt(value) ?? 0;
  if (id <= 0) return null;
  if (task !== null && id === task.id) core('Нельзя привязать узел к самому себе');
  if (!state.tasks.has(id)) core('Родительская задача не найдена');
  if (task !== null && descends(state, id, task.id)) core('Нельзя создать циклическую связь задач');
  return id;
};

const tagList = (value: Json | undefined): string[] => [
  ...new Set(
    (typeof value === 'string' ? value.split(',') : asList(value).map((tag) => asText(tag)))
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  ),
];

const statusOf = (value: Json | undefined): number => {
  const status = asInt(value);
  return status !== undefined && status >= 2 && status <= 6 ? status : core('Неверный статус');
};

const fileList = (value: Json | undefined): { keep: number[]; add: number[] } => {
  const keep: number[] = [];
  const add: number[] = [];
  for (const item of asList(value)) {
    const added = typeof item === 'string' ? /^n(\d+)$/.exec(item.trim()) : null;
    if (added !== null) add.push(Number(added[1]));
    else {
      const id = asInt(item);
      if (id !== undefined && id > 0) keep.push(id);
    }
  }
  return { keep, add };
};

const parameters = (value: Json | undefined): number[] =>
  asList(value).flatMap((item) => {
    const { CODE, VALUE } = asRecord(item);
    const code = asInt(CODE);
    return code !== undefined && isYes(VALUE) ? [code] : [];
  });

type Reader = (state: State, value: Json, patch: TaskPatch, task: Task | null) => void;

const readers: Readonly<Record<string, Reader>> = {
  TITLE: (state, value, patch) => {
    const title = asText(value).trim();
    if (title === '') core('Не указано название задачи');
    patch.title = cutTo(title, amount(state, 'limits.titleMax'));
  },
  DESCRIPTION: (state, value, patch) => {
    patch.description = cutTo(asText(value), amount(state, 'limits.descriptionMax'));
  },
  RESPONSIBLE_ID: (state, value, patch) => {
    patch.responsible = knownUser(state, value, 'Исполнитель');
  },
  CREATED_BY: (state, value, patch) => {
    patch.creator = knownUser(state, value, 'Постановщик');
  },
  ACCOMPLICES: (state, value, patch) => {
    patch.accomplices = knownUsers(state, value);
  },
  AUDITORS: (state, value, patch) => {
    patch.auditors = knownUsers(state, value);
  },
  STATUS: (_, value, patch) => {
    patch.status = statusOf(value);
  },
  PRIORITY: (_, value, patch) => {
    const priority = asInt(value);
    patch.priority = priority === 0 || priority === 2 ? priority : 1;
  },
  MARK: (_, value, patch) => {
    patch.mark = value === 'N' || value === 'P' ? value : null;
  },
  DEADLINE: (state, value, patch) => {
    patch.deadline = date(state, value);
  },
  START_DATE_PLAN: (state, value, patch) => {
    patch.startPlan = date(state, value);
  },
  END_DATE_PLAN: (state, value, patch) => {
    patch.endPlan = date(state, value);
  },
  PARENT_ID: (state, value, patch, task) => {
    patch.parent = parentOf(state, task, value);
  },
  GROUP_ID: (state, value, patch) => {
    const group = asInt(value) ?? 0;
    if (group !== 0 && !state.groups.has(group)) core('Указанная группа не найдена');
    patch.group = group;
  },
  STAGE_ID: (_, value, patch) => {
    patch.stage = asInt(value) ?? 0;
  },
  TASK_CONTROL: (_, value, patch) => {
    patch.control = isYes(value);
  },
  ALLOW_CHANGE_DEADLINE: (_, value, patch) => {
    patch.allowChangeDeadline = isYes(value);
  },
  ALLOW_TIME_TRACKING: (_, value, patch) => {
    patch.allowTimeTracking = isYes(value);
  },
  MATCH_WORK_TIME: (_, value, patch) => {
    patch.matchWorkTime = isYes(value);
  },
  ADD_IN_REPORT: (_, value, patch) => {
    patch.addInReport = isYes(value);
  },
  TIME_ESTIMATE: (_, value, patch) => {
    patch.estimate = Math.max(0, asInt(value) ?? 0);
  },
  XML_ID: (_, value, patch) => {
    patch.xmlId = asText(value) === '' ? null : asText(value);
  },
  TAGS: (_, value, patch) => {
    patch.tags = tagList(value);
  },
  UF_CRM_TASK: (_, value, patch) => {
    patch.crm = asList(value)
      .map((item) => asText(item))
      .filter((item) => item !== '');
  },
  UF_TASK_WEBDAV_FILES: (_, value, patch) => {
    patch.files = fileList(value);
  },
  SE_PARAMETER: (_, value, patch) => {
    patch.parameters = parameters(value);
  },
  DEPENDS_ON: (state, value, patch) => {
    patch.dependsOn = asIds(value).filter((id) => state.tasks.has(id));
  },
};

const empty = (value: Json | undefined): boolean =>
  value === undefined || value === null || value === '' || (isList(value) && value.length === 0);

/** The longest planned duration that the portal keeps, in milliseconds: 2³² − 1 seconds. */
const longestPlan = 4_294_967_295_000;

/**
 * Reads `fields` into a patch.
 * @param task the task to change, or null for a new one
 * @throws Refusal ERROR_CORE for the first field that can't be accepted
 */
export const readFields = (call: Call, fields: Params, task: Task | null): TaskPatch => {
  const { state } = call;
  const patch: TaskPatch = {};
  if (task === null) {
    if (asText(pick(fields, 'TITLE')).trim() === '') core('Не указано название задачи');
    if (asText(pick(fields, 'RESPONSIBLE_ID')) === '') core('Не указан исполнитель');
  }
  for (const [name, value] of Object.entries(fields))
    readers[name.toUpperCase()]?.(state, value, patch, task);
  for (const field of state.customFields) {
    const value = pick(fields, field.name);
    if (field.mandatory && (task === null ? empty(value) : value !== undefined && empty(value))) {
      core(`Не введено значение обязательного поля ${field.title}`);
    }
    if (value !== undefined) (patch.custom ??= {})[field.name] = customValue(state, field, value);
  }
  const start = patch.startPlan === undefined ? task?.startPlan : patch.startPlan;
  const end = patch.endPlan === undefined ? task?.endPlan : patch.endPlan;
  if (start != null && end != null && end < start) {
    core('Дата окончания в планировании указана раньше даты начала');
  }
  if (start != null && end != null && end - start > longestPlan) {
    core('Указанная в планировании длительность задачи слишком большая');
  }
  return patch;
};
