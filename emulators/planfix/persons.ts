/** People and groups: prefixed ids, names, membership (section 6.3). */
import { type Json } from '../common/types.ts';
import { isObject, listOf, refId, Refusal, toInteger } from './answers.ts';
import { type People, type State, type Step, type Task, type User, type Contact } from './state.ts';

export type PersonKind = 'user' | 'contact' | 'group';

/** Reads `user:3`, `contact:12`, `group:5` or a bare number (of kind `bare`); undefined when it is none. */
export function personId(value: Json | undefined, bare: PersonKind = 'user'): string | undefined {
  const id = refId(value);
  if (typeof id === 'number') return `${bare}:${id}`;
  if (typeof id !== 'string') return undefined;
  if (/^(user|contact|group):\d+$/.test(id)) return id;
  return /^\d+$/.test(id) ? `${bare}:${id}` : undefined;
}

/** The number behind a prefixed id. */
export function bareId(person: string): number {
  return Number(person.slice(person.indexOf(':') + 1));
}

export function userOf(state: State, person: string): User | undefined {
  return person.startsWith('user:') ? state.users.get(bareId(person)) : undefined;
}

export function contactOf(state: State, person: string): Contact | undefined {
  return person.startsWith('contact:') ? state.contacts.get(bareId(person)) : undefined;
}

export function personExists(state: State, person: string): boolean {
  if (person.startsWith('group:')) return state.groups.has(bareId(person));
  return (userOf(state, person) ?? contactOf(state, person)) !== undefined;
}

/** The full display name; empty for an unknown person. */
export function displayName(state: State, person: string): string {
  if (person.startsWith('group:')) return state.groups.get(bareId(person))?.name ?? '';
  const known = userOf(state, person) ?? contactOf(state, person);
  if (known === undefined) return '';
  return known.lastname === '' ? known.name : `${known.name} ${known.lastname}`;
}

/** `{id:"user:3", name}` as answers show a person. */
export function personRef(state: State, person: string): Json {
  return { id: person, name: displayName(state, person) };
}

/** People as answers show them. */
export function peopleAnswer(state: State, people: People): Json {
  return {
    users: people.users.map((person) => personRef(state, person)),
    groups: people.groups.map((id) => ({ id, name: state.groups.get(id)?.name ?? '' })),
  };
}

export function noPeople(): People {
  return { users: [], groups: [] };
}

/**
 * Reads People from a request; absent lists are empty.
 * @throws Refusal code 41 for a person or group that is not in the account, 0 for what is no People.
 */
export function readPeople(state: State, value: Json | undefined): People {
  const people = noPeople();
  if (value === undefined || value === null) return people;
  if (!isObject(value)) throw new Refusal(400, 0, 'Rest API error');
  for (const item of listOf(value['users'])) {
    const person = personId(item);
    if (person === undefined || person.startsWith('group:') || !personExists(state, person)) {
      throw new Refusal(400, 41, `User not find by id ${String(refId(item))}`);
    }
    if (!people.users.includes(person)) people.users.push(person);
  }
  for (const item of listOf(value['groups'])) {
    const given = refId(item);
    const id = typeof given === 'string' ? toInteger(given.replace('group:', '')) : toInteger(given);
    if (id === undefined || !state.groups.has(id)) {
      throw new Refusal(400, 41, `Group not find by id ${String(given)}`);
    }
    if (!people.groups.includes(id)) people.groups.push(id);
  }
  return people;
}

/** People as far as they can be read: `{users, groups}`, or a list of persons. */
export function peopleFrom(value: Json | undefined): People {
  const users = isObject(value) ? value['users'] : value;
  const groups = isObject(value) ? value['groups'] : undefined;
  return {
    users: listOf(users).flatMap((item) => personId(item) ?? []),
    groups: listOf(groups).flatMap((item) => toInteger(refId(item)) ?? []),
  };
}

/** The auditors that a task has from its project. */
export function projectAuditors(state: State, task: Task): People {
  const project = task.project === undefined ? undefined : state.projects.get(task.project);
  return peopleFrom(project?.more['auditors']);
}

/** A person is in the set, by itself or through a group. */
export function includesPerson(state: State, people: People, person: string): boolean {
  if (people.users.includes(person)) return true;
  return people.groups.some((group) => state.groups.get(group)?.members.includes(person) === true);
}

/** Every person of the set, groups resolved. */
export function everyPerson(state: State, people: People): string[] {
  const all = new Set(people.users);
  for (const group of people.groups) {
    for (const member of state.groups.get(group)?.members ?? []) all.add(member);
  }
  return [...all];
}

/** The zone that a person lives in: its own, that of its token, or the account's for those who have none. */
export function zoneOfPerson(state: State, person: string): string {
  const own = (userOf(state, person) ?? contactOf(state, person))?.more['timezone'];
  if (typeof own === 'string' && own !== '') return own;
  const token = [...state.tokens.values()].find(
    ({ user, timezone }) => user === person && timezone !== undefined,
  );
  return token?.timezone ?? state.settings.timezone;
}

export function isAdmin(state: State, person: string): boolean {
  const role = userOf(state, person)?.role;
  return role === 'Admin' || role === 'TechAdmin' || role === 'Robot';
}

/** The e-mail address of a person, if any. */
export function emailOf(state: State, person: string): string | undefined {
  const email = (userOf(state, person) ?? contactOf(state, person))?.more['email'];
  return typeof email === 'string' && email !== '' ? email : undefined;
}

/**
 * Tells people of something, as the CRM would: not the authors themselves, no robots, no dismissed employees,
 * no contacts without an address (section 2: a robot gets no notifications).
 */
export function notify(
  step: Step,
  people: Iterable<string>,
  notice: { about: string; task?: number; text: string; except: readonly string[] },
): void {
  const { state, now, effects } = step;
  for (const person of new Set(people)) {
    if (notice.except.includes(person)) continue;
    const user = userOf(state, person);
    if (user !== undefined && (user.role === 'Robot' || user.status === 'Inactive')) continue;
    const email = emailOf(state, person);
    if (user === undefined && email === undefined) continue;
    effects.push({
      kind: 'notice',
      notice: {
        at: now,
        to: person,
        ...(email === undefined ? {} : { email }),
        about: notice.about,
        ...(notice.task === undefined ? {} : { task: String(notice.task) }),
        text: notice.text,
      },
    });
  }
}
