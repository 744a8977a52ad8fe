/** The filter of tasks.task.list (section 9): prefixed keys, metas of STATUS, sub-filters. Unknown keys are ignored. */
import { type Json } from '../common/types.ts';
import { type Call } from './call.ts';
import { moment, seconds } from './moments.ts';
import { word } from './settings.ts';
import { canRead } from './rights.ts';
import { type CustomField, type Task } from './state.ts';
import { asInt, asList, asRecord, asText, isYes } from './values.ts';

type Operator = '=' | '!' | '<' | '<=' | '>' | '>=' | '%';

export interface Condition {
  readonly field: string;
  readonly operator: Operator;
  readonly values: readonly Json[];
}

const prefixes: readonly (readonly [string, Operator])[] = [
  ['!=', '!'],
  ['!%', '!'],
  ['!@', '!'],
  ['>=', '>='],
  ['<=', '<='],
  ['!', '!'],
  ['>', '>'],
  ['<', '<'],
  ['=', '='],
  ['%', '%'],
  ['@', '='],
];

/** Splits `>=CHANGED_DATE` into its operator and its field. */
export const splitKey = (key: string): { operator: Operator; field: string } => {
  for (const [prefix, operator] of prefixes) {
    if (key.startsWith(prefix)) return { operator, field: key.slice(prefix.length).toUpperCase() };
  }
  return { operator: '=', field: key.toUpperCase() };
};

type Read = (call: Call, task: Task) => number | string | null;

const numbers: Readonly<Record<string, Read>> = {
  ID: (_, task) => task.id,
  PARENT_ID: (_, task) => task.parent ?? 0,
  GROUP_ID: (_, task) => task.group,
  CREATED_BY: (_, task) => task.creator,
  STATUS_CHANGED_BY: (_, task) => task.statusChangedBy,
  PRIORITY: (_, task) => task.priority,
  FORUM_TOPIC_ID: (_, task) => task.forumTopic,
  RESPONSIBLE_ID: (_, task) => task.responsible,
  REAL_STATUS: (_, task) => task.status,
  STAGE_ID: (_, task) => task.stage,
  SPRINT_ID: () => null,
  BACKLOG_ID: () => null,
};

const dates: Readonly<Record<string, (task: Task) => number | null>> = {
  DATE_START: (task) => task.started,
  DEADLINE: (task) => task.deadline,
  CREATED_DATE: (task) => task.created,
  CLOSED_DATE: (task) => task.closed,
  CHANGED_DATE: (task) => task.changed,
  STATUS_CHANGED_DATE: (task) => task.statusChanged,
};

const texts: Readonly<Record<string, Read>> = {
  TITLE: (_, task) => task.title,
  MARK: (_, task) => task.mark,
  SITE_ID: () => 's1',
  ADD_IN_REPORT: (_, task) => (task.addInReport ? 'Y' : 'N'),
};

const sets: Readonly<Record<string, (task: Task) => readonly (number | string)[]>> = {
  ACCOMPLICE: (task) => task.accomplices,
  AUDITOR: (task) => task.auditors,
  TAG: (task) => task.tags.map((tag) => tag.title),
  DEPENDS_ON: (task) => task.dependsOn.map((link) => link.task),
  UF_CRM_TASK: (task) => task.crm,
};

const like = (text: string, pattern: string): boolean => {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, 'is').test(text);
};

const blank = (value: Json): boolean => value === null || value === '' || value === false;

const compared = (value: number, operator: Operator, bound: number): boolean => {
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '!':
      return value !== bound;
    case '=':
    case '%':
      return value === bound;
  }
};

const dayAhead = 86_400_000;

const meta = (call: Call, task: Task, wanted: number): boolean => {
  switch (wanted) {
    case -1:
      return task.status < 4 && task.deadline !== null && task.deadline < call.now;
    case -2:
      return task.status === 2 && task.responsible === call.user && !task.viewed.has(call.user);
    case -3:
      return (
        task.status < 4 &&
        task.deadline !== null &&
        task.deadline >= call.now &&
        task.deadline - call.now < dayAhead
      );
    default:
      return task.status === wanted;
  }
};

const some = (condition: Condition, test: (value: Json) => boolean): boolean =>
  condition.operator === '!' ? !condition.values.some(test) : condition.values.some(test);

const holds = (call: Call, task: Task, condition: Condition): boolean => {
  const { field, operator, values } = condition;
  if (field === 'STATUS') return some(condition, (value) => meta(call, task, asInt(value) ?? 0));
  const number = numbers[field];
  if (number !== undefined) {
    const have = number(call, task);
    return some(condition, (value) => {
      if (blank(value)) return have === null || have === 0;
      const bound = asInt(value);
      if (bound === undefined) return false;
      return have !== null && compared(Number(have), operator === '!' ? '=' : operator, bound);
    });
  }
  const date = dates[field] ?? (field === 'ACTIVITY_DATE' ? (task: Task) => task.activity : undefined);
  if (date !== undefined) {
    const have = date(task);
    return some(condition, (value) => {
      if (blank(value)) return have === null;
      const bound = moment(call.state, value);
      if (bound === undefined) return false;
      return have !== null && compared(have, operator === '!' ? '=' : operator, seconds(bound));
    });
  }
  const text = texts[field];
  if (text !== undefined) {
    const have = String(text(call, task) ?? '');
    return some(condition, (value) =>
      operator === '%' ? have.toLowerCase().includes(asText(value).toLowerCase()) : like(have, asText(value)),
    );
  }
  const set = sets[field];
  if (set !== undefined) {
    const have = set(task).map(String);
    return some(condition, (value) => (blank(value) ? have.length === 0 : have.includes(asText(value))));
  }
  if (field === 'ONLY_ROOT_TASKS') {
    // A subtask whose parent the caller does not see counts as a root.
    const parent = call.state.tasks.get(task.parent ?? 0);
    return !values.some(isYes) || parent === undefined || !canRead(call.state, parent, call.user);
  }
  if (field === 'FAVORITE')
    return some(condition, (value) => isYes(value) === task.favoriteOf.includes(call.user));
  const custom = call.state.customFields.find((one) => one.name === field);
  if (custom !== undefined) return holdsCustom(call, task, custom, condition);
  return true;
};

/** A custom field as its type compares: numbers, moments, texts, yes or no. */
const holdsCustom = (call: Call, task: Task, field: CustomField, condition: Condition): boolean => {
  const have = asList(task.custom[field.name]);
  const { operator } = condition;
  const measure = (value: Json): number =>
    field.type === 'datetime' ? (moment(call.state, value) ?? NaN) : Number(asText(value));
  return some(condition, (value) => {
    if (blank(value)) return have.length === 0;
    if (field.type === 'boolean') return isYes(value) === isYes(have[0]);
    if (field.type === 'string') {
      const wanted = asText(value).toLowerCase();
      const texts = have.map((item) => asText(item).toLowerCase());
      return operator === '%'
        ? texts.some((text) => text.includes(wanted))
        : texts.some((text) => like(text, wanted));
    }
    const bound = measure(value);
    return have.some((item) => compared(measure(item), operator === '!' ? '=' : operator, bound));
  });
};

/** Conditions of a filter, sub-filters included; all of them must hold. */
export const readFilter = (call: Call, filter: Json | undefined): Condition[] => {
  const conditions: Condition[] = [];
  for (const [key, value] of Object.entries(asRecord(filter))) {
    if (key.startsWith('::SUBFILTER')) {
      conditions.push(...readFilter(call, value));
      continue;
    }
    const { operator, field } = splitKey(key);
    if (field === 'ACTIVITY_DATE' && word(call.state, 'list.activityFilter') === 'ignored') continue;
    const list = Array.isArray(value) || (typeof value === 'object' && value !== null);
    conditions.push({ field, operator, values: list ? asList(value) : [value] });
  }
  return conditions;
};

/** Whether a task meets every condition. */
export const meets = (call: Call, task: Task, conditions: readonly Condition[]): boolean =>
  conditions.every((condition) => holds(call, task, condition));
