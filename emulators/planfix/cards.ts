/** Cards of contacts, employees and projects: keys that are written in one form and shown in another (section 11). */
import { type Json } from '../common/types.ts';
import { isObject, listOf, pick, refId, Refusal, toInteger, type JsonObject } from './answers.ts';
import { fileRef, readFileIds } from './fileView.ts';
import { dateText, momentPoint, parseDate, readMoment } from './moments.ts';
import { bareId, displayName, peopleAnswer, peopleFrom, personId, personRef, readPeople } from './persons.ts';
import { type Named, type State } from './state.ts';
import { keepsMarks } from './tasks.ts';

type Card = Readonly<Record<string, Json>>;

const PEOPLE = new Set(['assignees', 'participants', 'auditors', 'clientManagers', 'supervisors']);
const MOMENTS = new Set(['startDate', 'endDate']);
/** What another application writes down of its own (section 5.4). */
const MARKS = new Set(['sourceObjectId', 'sourceDataVersion']);

/** What a card is shown with. */
interface CardLook {
  readonly state: State;
  /** Zone of `startDate` and `endDate`. */
  readonly zone: string;
  /** They name the group that the card is in. */
  readonly groups: readonly Named[];
}

/** `DD-MM-YYYY` of a birthday: its `date` before its `datetime`, so that no zone moves it. */
function birthday(value: Json): string | undefined {
  const text = isObject(value) ? value['date'] : value;
  const day = typeof text === 'string' ? parseDate(text.split(' ')[0] ?? '') : undefined;
  const moment = day === undefined ? readMoment(value, 'UTC')?.at : day;
  return moment === undefined ? undefined : dateText(moment);
}

/** A number as the account's mask shows it. */
function masked(number: string): string {
  const [, area, ...rest] = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(number) ?? [];
  return area === undefined ? number : `+7 (${area}) ${rest.join('-')}`;
}

function shownPhone(phone: Json): Json {
  if (!isObject(phone)) return phone;
  const number = String(phone['number'] ?? '');
  return {
    number,
    maskedNumber: phone['maskedNumber'] ?? masked(number),
    type: toInteger(phone['type']) ?? 1,
  };
}

/** A reference by number; 0 names nothing. */
function shownReference(value: Json): { readonly id: number } | undefined {
  const id = toInteger(refId(value));
  return id === undefined || id === 0 ? undefined : { id };
}

function shownContact(value: Json): string | undefined {
  const person = personId(value, 'contact');
  return person === undefined || bareId(person) === 0 ? undefined : person;
}

function shownKey({ state, zone, groups }: CardLook, key: string, value: Json): Json | undefined {
  if (PEOPLE.has(key)) return peopleAnswer(state, peopleFrom(value));
  if (MOMENTS.has(key)) {
    const moment = readMoment(value, 'UTC');
    return moment === undefined ? undefined : momentPoint(moment, zone);
  }
  switch (key) {
    case 'birthDate': {
      const moment = readMoment(birthday(value), 'UTC');
      return moment === undefined ? undefined : momentPoint(moment, 'UTC');
    }
    case 'counterparty': {
      const person = shownContact(value);
      return person === undefined ? undefined : personRef(state, person);
    }
    case 'group': {
      const group = shownReference(value);
      if (group === undefined) return undefined;
      const known = groups.find(({ id }) => id === group.id)?.name;
      return { ...group, name: known ?? (isObject(value) ? (value['name'] ?? '') : '') };
    }
    case 'template':
    case 'parent':
      return shownReference(value);
    case 'files':
      return cardFiles(value).flatMap((id) => fileRef(state, id));
    case 'phones':
      return listOf(value).map(shownPhone);
    case 'companies':
      return listOf(value).flatMap((one) => {
        const person = shownContact(one);
        return person === undefined ? [] : [{ id: bareId(person), name: displayName(state, person) }];
      });
    case 'personalManagers':
      return listOf(value).flatMap((one) => {
        const person = personId(one);
        return person === undefined ? [] : [personRef(state, person)];
      });
    case 'contacts':
      return listOf(value).flatMap((one) => {
        const person = shownContact(one);
        return person === undefined ? [] : [personRef(state, person)];
      });
    default:
      return value;
  }
}

/** A card as answers show it (schemas ContactResponse, UserResponse and ProjectResponse of the document). */
export function shownCard(look: CardLook, card: Card): Record<string, Json> {
  const shown: Record<string, Json> = {};
  for (const [key, value] of Object.entries(card)) {
    const answer = shownKey(look, key, value);
    if (answer !== undefined) shown[key] = answer;
  }
  return shown;
}

/** Numbers of the files of a card. */
export function cardFiles(files: Json | undefined): number[] {
  return listOf(files).flatMap((file) => toInteger(refId(file)) ?? []);
}

/**
 * What a write body says of the named keys of a card; null says nothing of a key, an empty text empties it.
 * Moments are of `zone`.
 * @throws Refusal code 41 for people or days that can't be read, 7000 or 6 for files.
 */
export function writtenCard(
  state: State,
  body: JsonObject,
  keys: readonly string[],
  zone: string,
): Record<string, Json> {
  const written: Record<string, Json> = {};
  for (const [key, value] of Object.entries(pick(body, keys))) {
    if (value === null || (MARKS.has(key) && !keepsMarks(state, body['sourceId']))) continue;
    if (PEOPLE.has(key)) readPeople(state, value);
    written[key] = key === 'files' ? readFileIds(state, value) : writtenMoment(key, value, zone);
  }
  return written;
}

function writtenMoment(key: string, value: Json, zone: string): Json {
  if (value === '' || (key !== 'birthDate' && !MOMENTS.has(key))) return value;
  const moment = readMoment(value, zone);
  const written =
    key === 'birthDate'
      ? birthday(value)
      : moment?.hasTime === true
        ? { datetime: new Date(moment.at).toISOString() }
        : moment && dateText(moment.at);
  if (written === undefined) throw new Refusal(400, 41, `Bad value of parameter ${key}`);
  return written;
}
