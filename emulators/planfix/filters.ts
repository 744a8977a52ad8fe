/** Complex task filters (section 5.2): compiled once per request into a test and, where possible, a short candidate list. */
import { type Instant, type Json } from '../common/types.ts';
import { isObject, listOf, Refusal, toInteger, type JsonObject } from './answers.ts';
import { customTest, type ValueTest } from './customFilters.ts';
import { dateTest, type DateTest } from './dateFilters.ts';
import { entriesOn, someEntryTest } from './entryFilters.ts';
import { isNegative, isTrue, numbersOf, operatorOf } from './filterForm.ts';
import { includesPerson, personId, projectAuditors } from './persons.ts';
import { activityOf } from './records.ts';
import { type DataTagEntry, type People, type State, type Task } from './state.ts';
import { isOverdue, momentIn, type Look } from './taskView.ts';

export interface TaskTest {
  readonly holds: (task: Task) => boolean;
  /** No task whose last touch is older can hold. */
  readonly touchedSince?: Instant;
  /** Only these tasks can hold. */
  readonly only?: readonly number[];
}

/** Compiles `filters` of a list request. @throws Refusal for what is no filter, and for one of a field that names none. */
export function compileFilters(look: Look, filters: Json | undefined): TaskTest[] {
  return listOf(filters).map((filter) => {
    if (!isObject(filter)) throw new Refusal(400, 41, 'Bad filter');
    return compile(look, filter);
  });
}

const EVERYTHING: TaskTest = { holds: () => true };

function compile(look: Look, filter: JsonObject): TaskTest {
  const { state } = look;
  const type = toInteger(filter['type']);
  const operator = operatorOf(filter);
  const value = filter['value'];
  const negative = isNegative(operator);
  const signed = (holds: (task: Task) => boolean): TaskTest =>
    negative ? { holds: (task) => !holds(task) } : { holds };
  const people = (role: (task: Task) => People, throughGroups = true): TaskTest => {
    const person = personId(value);
    return signed((task) => person !== undefined && inPeople(state, role(task), person, throughGroups));
  };
  const person = (one: (task: Task) => string | undefined, bare: 'user' | 'contact' = 'user'): TaskTest => {
    const wanted = personId(value, bare);
    return signed((task) => wanted !== undefined && one(task) === wanted);
  };
  // Flags and choices that are given a text let everything through (seen live); numbers of things find nothing by it.
  const flag = (holds: (task: Task) => boolean): TaskTest =>
    value === undefined || isTrue(value) ? signed(holds) : EVERYTHING;
  const oneOf = (own: (task: Task) => readonly (number | undefined)[]): TaskTest => {
    const ids = numbersOf(value);
    if (ids.length === 0 && !isEmptyList(value)) return EVERYTHING;
    return signed((task) => own(task).some((id) => id !== undefined && ids.includes(id)));
  };
  const someUser = (role: (task: Task) => People, prefix: string) =>
    flag((task) => role(task).users.some((person) => person.startsWith(prefix)));

  switch (type) {
    case 12:
      return dated(look, filter, (task) => task.createdAt);
    case 13:
      return dated(look, filter, (task) => task.start && momentIn(task.start, look.actor.zone));
    case 14:
      return dated(look, filter, (task) => task.end && momentIn(task.end, look.actor.zone));
    case 19:
      return dated(look, filter, (task) => task.completedAt);
    case 20:
      return dated(look, filter, (task) => task.doneAt);
    case 21:
      return touched(dated(look, filter, (task) => task.commentedAt));
    case 38:
      return touched(dated(look, filter, (task) => task.changedAt));
    case 79:
      return touched(dated(look, filter, activityOf));
    case 1:
      return person((task) => task.assigner);
    case 2:
      return people((task) => task.assignees);
    case 97:
      return people((task) => task.assignees, false);
    case 39:
      return people((task) => task.participants);
    case 60:
      return people((task) => task.auditors);
    case 59:
      return people((task) => projectAuditors(state, task));
    case 3: {
      const wanted = personId(value);
      const audits = (task: Task, auditor: string) =>
        inPeople(state, task.auditors, auditor, true) ||
        inPeople(state, projectAuditors(state, task), auditor, true);
      return signed((task) => wanted !== undefined && audits(task, wanted));
    }
    case 22:
      return flag((task) => task.start === undefined);
    case 23:
      return flag((task) => task.end === undefined);
    case 25:
      return flag((task) => task.start !== undefined);
    case 26:
      return flag((task) => task.end !== undefined);
    case 16:
      return flag((task) => task.recurrence !== undefined);
    case 28:
      return flag((task) => task.recurrence === undefined);
    case 17:
      return flag((task) => isOverdue(state, task, look.now));
    case 29:
      return flag((task) => !isOverdue(state, task, look.now));
    case 33:
      return flag((task) => nobody(task.assignees));
    case 41:
      return flag((task) => nobody(task.participants));
    case 34:
      return flag((task) => task.assigner?.startsWith('user:') === true);
    case 35:
      return flag((task) => task.assigner?.startsWith('contact:') === true);
    case 71:
      return someUser((task) => task.assignees, 'user:');
    case 69:
      return someUser((task) => task.assignees, 'contact:');
    case 72:
      return someUser((task) => task.participants, 'user:');
    case 70:
      return someUser((task) => task.participants, 'contact:');
    case 8: {
      const part = String(value ?? '').toLowerCase();
      return signed((task) => task.name.toLowerCase().includes(part));
    }
    case 9:
      if (value !== 'Urgent' && value !== 'NotUrgent') return EVERYTHING;
      return signed((task) => task.priority === value);
    case 11:
    case 18: {
      const tag = toInteger(value);
      const has = (task: Task) => entriesOf(state, task).some((entry) => entry.dataTag === tag);
      return type === 11 ? { holds: has } : { holds: (task) => !has(task) };
    }
    case 73:
      return childrenTest(state, value, negative);
    case 307:
      return subtreeTest(state, value, negative);
    case 57: {
      const ids = numbersOf(value);
      const test = signed((task) => ids.includes(task.id));
      return negative ? test : { ...test, only: ids };
    }
    case 51:
      return oneOf((task) => [task.object, task.template]);
    case 325:
      return oneOf((task) => [task.object]);
    case 5:
      return oneOf((task) => [task.project]);
    case 10: {
      // A text that is no number, several with signs between them included, is taken for status 0 (seen live).
      const ids = Array.isArray(value) ? numbersOf(value) : [toInteger(value) ?? 0];
      return signed((task) => ids.includes(task.status));
    }
    case 24:
      return oneOf((task) => [task.processId]);
    case 7:
      return person((task) => task.counterparty, 'contact');
    case 93: {
      const test = someEntryTest(look, filter);
      return { holds: (task) => test(entriesOf(state, task)) };
    }
    case 152:
      return { holds: (task) => task.custom.has(toInteger(value) ?? -1) };
    case 153: {
      const field = toInteger(value);
      return { holds: (task) => field !== undefined && !task.custom.has(field) };
    }
    default:
      return customFieldTest(look, type, filter, operator, value);
  }
}

/** No choice at all, unlike a value that can't be read. */
function isEmptyList(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

function nobody(people: People): boolean {
  return people.users.length + people.groups.length === 0;
}

function inPeople(state: State, people: People, person: string, throughGroups: boolean): boolean {
  if (person.startsWith('group:')) return people.groups.includes(Number(person.slice(6)));
  return throughGroups ? includesPerson(state, people, person) : people.users.includes(person);
}

function dated(
  look: Look,
  filter: JsonObject,
  at: (task: Task) => Instant | undefined,
): TaskTest & DateBound {
  const test: DateTest = dateTest(
    operatorOf(filter),
    filter['value'],
    look.actor.zone,
    look.now,
    look.state.settings['dates.gtOtherDateInclusive'],
  );
  return {
    holds: (task) => test.holds(at(task)),
    ...(test.lower === undefined ? {} : { lower: test.lower }),
  };
}

interface DateBound {
  readonly lower?: Instant;
}

function touched(test: TaskTest & DateBound): TaskTest {
  return test.lower === undefined ? test : { holds: test.holds, touchedSince: test.lower };
}

function childrenTest(state: State, value: Json | undefined, negative: boolean): TaskTest {
  const parent = toInteger(value);
  if (negative) return { holds: (task) => task.parent !== parent };
  return { holds: (task) => task.parent === parent, only: [...(state.children.get(parent ?? -1) ?? [])] };
}

function subtreeTest(state: State, value: Json | undefined, negative: boolean): TaskTest {
  const inside = new Set<number>();
  const open = [toInteger(value) ?? -1];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const child of state.children.get(parent) ?? []) {
      if (inside.has(child)) continue;
      inside.add(child);
      open.push(child);
    }
  }
  if (negative) return { holds: (task) => !inside.has(task.id) };
  return { holds: (task) => inside.has(task.id), only: [...inside] };
}

function entriesOf(state: State, task: Task): DataTagEntry[] {
  const ids = state.commentsByTask.get(task.id) ?? [];
  return entriesOn(
    state,
    ids.map((id) => state.comments.get(id)),
  );
}

function customFieldTest(
  look: Look,
  type: number | undefined,
  filter: JsonObject,
  operator: string,
  value: Json | undefined,
): TaskTest {
  const test: ValueTest | undefined =
    type === undefined ? undefined : customTest(look, type, operator, value);
  // A type that the API does not know is no error: nothing is found by it (seen live by two clients).
  if (test === undefined) return { holds: () => false, only: [] };
  const field = toInteger(filter['field']);
  if (field === undefined) throw new Refusal(400, 0, 'JSONObject["field"] not found');
  return { holds: (task) => test(task.custom.get(field)) };
}
