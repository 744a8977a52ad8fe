/** Filters of `/contact/list` (help page "Сложные фильтры контактов"). */
import { type Json } from '../common/types.ts';
import { Refusal, type JsonObject } from './answers.ts';
import { dateTest } from './dateFilters.ts';
import { entriesOn, someEntryTest } from './entryFilters.ts';
import { isNegative, operatorOf } from './filterForm.ts';
import { bareId, includesPerson, personExists, personId } from './persons.ts';
import {
  birthdayTest,
  flagTest,
  keyTest,
  nameTest,
  peopleTest,
  phoneTest,
  pointTest,
  referenceTest,
  type Row,
  type RowTest,
} from './recordFilters.ts';
import { activityOf } from './records.ts';
import { type DataTagEntry, type Task } from './state.ts';
import { isOverdue, type Look } from './taskView.ts';

/** The test of a contact filter that is none of custom fields; undefined for a type that contacts don't have. */
export function contactTest(look: Look, type: number, filter: JsonObject): RowTest | undefined {
  switch (type) {
    case 12:
      return pointTest(look, 'createdDate', filter, look.actor.zone);
    case 38:
      return pointTest(look, 'dateOfLastUpdate', filter, look.actor.zone);
    case 4223:
      return pointTest(look, 'birthDate', filter, 'UTC');
    case 4011:
      return birthdayTest(look, 'birthDate', filter);
    case 1: {
      // Who added the contact.
      const person = personId(filter['value']);
      const negative = isNegative(operatorOf(filter));
      const added = (row: Row): boolean =>
        person !== undefined && look.state.contacts.get(bareId(contactOf(row)))?.createdBy === person;
      return (row) => added(row) !== negative;
    }
    case 2:
      return peopleTest(look.state, 'supervisors', filter);
    case 93: {
      const test = someEntryTest(look, filter);
      return (row) => test(entriesOfContact(look, bareId(contactOf(row))));
    }
    case 47:
    case 48: {
      // No contact of this account is closed to any of its employees.
      const person = personId(filter['value']);
      const employee =
        person !== undefined && !person.startsWith('contact:') && personExists(look.state, person);
      return () => employee !== isNegative(operatorOf(filter));
    }
    case 4006:
      return flagTest(filter, ({ record }) => record['isCompany'] === true);
    case 4007:
      return flagTest(filter, ({ record }) => record['isCompany'] !== true);
    case 4010:
      return flagTest(filter, ({ record }) => record['hasAccess'] === true);
    case 4012:
    case 4013:
      return () => true;
    case 4017:
    case 4018:
      // Every contact of this account may take part in tasks and be their counterparty.
      return flagTest(filter, () => false);
    case 4001:
      return nameTest(filter);
    case 4002:
      return keyTest('position', filter);
    case 4003:
      return phoneTest(filter);
    case 4004:
      return keyTest('address', filter);
    case 4005:
      return keyTest('email', filter);
    case 4026:
      return keyTest('email', filter, true);
    case 4221:
      return keyTest('additionalEmailAddresses', filter);
    case 4014:
      return keyTest('name', filter);
    case 4015:
      return keyTest('lastname', filter);
    case 4222:
      return keyTest('midname', filter);
    case 4008:
      return referenceTest('group', filter);
    case 4016:
      return referenceTest('template', filter);
    case 4019:
      return keyTest('gender', filter, true);
    case 4226:
      return telegramTest(filter);
    case 4234:
      return keyTest('telegramId', filter, true);
    case 4231:
    case 4233:
      return referenceTest('id', filter);
    default:
      return tasksTest(look, type, filter);
  }
}

type Role = (task: Task, contact: string) => boolean;

/** Filters by the tasks that a contact has; undefined for any other type. */
function tasksTest(look: Look, type: number, filter: JsonObject): RowTest | undefined {
  const { state, now } = look;
  const party: Role = (task, contact) => task.counterparty === contact;
  const member: Role = (task, contact) =>
    task.assigner === contact ||
    [task.assignees, task.participants, task.auditors].some((set) => includesPerson(state, set, contact));
  const some =
    (role: Role, counts: (task: Task) => boolean): RowTest =>
    (row) =>
      [...state.tasks.values()].some((task) => !task.isDeleted && counts(task) && role(task, contactOf(row)));
  const none =
    (test: RowTest): RowTest =>
    (row) =>
      !test(row);
  const active = (task: Task) => state.statuses.get(task.status)?.isActive !== false;
  const overdue = (task: Task) => isOverdue(state, task, now);
  const last = (role: Role) => {
    const inclusive = state.settings['dates.gtOtherDateInclusive'];
    const test = dateTest(operatorOf(filter), filter['value'], look.actor.zone, now, inclusive);
    return some(role, (task) => test.holds(activityOf(task)));
  };
  switch (type) {
    case 4201:
      return flagTest(filter, none(some(party, active)));
    case 4202:
      return flagTest(filter, none(some(member, active)));
    case 4203:
      return flagTest(filter, some(party, active));
    case 4204:
      return flagTest(filter, some(member, active));
    case 4205:
      return flagTest(filter, some(party, overdue));
    case 4206:
      return flagTest(filter, some(member, overdue));
    case 4213:
      return last(party);
    case 4214:
      return last(member);
    case 4219:
      return none(last(party));
    case 4220:
      return none(last(member));
    default:
      return undefined;
  }
}

function entriesOfContact({ state }: Look, contact: number): DataTagEntry[] {
  const own = [...state.contactComments.values()].filter((one) => one.contact === contact);
  return entriesOn(
    state,
    own.map(({ comment }) => comment),
  );
}

function contactOf({ record }: Row): string {
  return personId(record['id'], 'contact') ?? '';
}

/** `username`, `@username` and `https://t.me/username` are one. */
function telegramTest(filter: JsonObject): RowTest {
  const bare = (value: Json | undefined) =>
    String(typeof value === 'string' ? value : '').replace(/^(https?:\/\/t\.me\/|@)/i, '');
  const test = keyTest('telegram', { ...filter, value: bare(filter['value']) });
  return ({ record, custom }) => test({ record: { telegram: bare(record['telegram']) }, custom });
}

/**
 * Whether the saved filter that a list names asks for companies: `:contact` and `:company` are those of the system.
 * @throws Refusal code 41 for any other.
 */
export function savedContactFilter(filterId: Json | undefined): { readonly isCompany?: boolean } {
  if (filterId === undefined || filterId === null || filterId === '') return {};
  const name = String(filterId).replace(/^:/, '');
  if (name !== 'contact' && name !== 'company') {
    throw new Refusal(400, 41, `Filter not find by id ${String(filterId)}`);
  }
  return { isCompany: name === 'company' };
}
