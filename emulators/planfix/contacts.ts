/** Routes of contacts and companies, one space of numbers (section 11). */
import { type EmulatorResponse, type Instant, type Json } from '../common/types.ts';
import {
  empty,
  fieldNames,
  isObject,
  listOf,
  pageRows,
  pick,
  refId,
  Refusal,
  success,
  toInteger,
  type JsonObject,
} from './answers.ts';
import { askedFields, customFieldData, writeCustomFields } from './customFields.ts';
import { customTest } from './customFilters.ts';
import { dateTest } from './dateFilters.ts';
import { timePoint } from './moments.ts';
import { keyTest, phoneTest, recordTests } from './people.ts';
import { numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { nextId } from './records.ts';
import { type Contact, type State, type Step } from './state.ts';

const CONTACT_KEYS = [
  'template',
  'midname',
  'gender',
  'description',
  'address',
  'site',
  'email',
  'additionalEmailAddresses',
  'skype',
  'telegramId',
  'telegram',
  'facebook',
  'instagram',
  'vk',
  'position',
  'group',
  'birthDate',
  'supervisors',
  'phones',
  'companies',
  'contacts',
  'files',
  'sourceObjectId',
  'sourceDataVersion',
];

interface Look {
  readonly state: State;
  readonly zone: string;
}

/** A contact with every key that has a value. */
export function contactRecord(
  { state, zone }: Look,
  contact: Contact,
  prefixed = false,
): Record<string, Json> {
  return {
    ...(contact.isCompany ? {} : { companies: [], phones: [] }),
    ...contact.more,
    ...companyNames(state, contact),
    id: prefixed ? `contact:${contact.id}` : contact.id,
    name: contact.name,
    ...(contact.lastname === '' && contact.isCompany ? {} : { lastname: contact.lastname }),
    isCompany: contact.isCompany,
    isDeleted: contact.isDeleted,
    createdDate: timePoint(contact.createdAt, zone),
    dateOfLastUpdate: timePoint(contact.changedAt, zone),
  };
}

function companyNames(state: State, contact: Contact): Record<string, Json> {
  const companies = listOf(contact.more['companies']);
  if (companies.length === 0) return {};
  return {
    companies: companies.flatMap((item) => {
      const id = toInteger(String(refId(item)).replace('contact:', ''));
      return id === undefined ? [] : [{ id, name: state.contacts.get(id)?.name ?? '' }];
    }),
  };
}

function answer(call: Call, contact: Contact, record: JsonObject, names: readonly string[]): JsonObject {
  const custom = customFieldData(
    call.state,
    contact.custom,
    askedFields(names, call.state.customFields),
    zoneOf(call),
  );
  return { ...pick(record, names), ...(custom.length === 0 ? {} : { customFieldData: custom }) };
}

function contactTest(
  type: number,
  filter: JsonObject,
  call: Call,
): ((record: JsonObject) => boolean) | undefined {
  switch (type) {
    case 4001:
      return (record) => {
        const whole = [record['name'], record['midname'], record['lastname']].filter(Boolean).join(' ');
        return keyTest('whole', filter)({ whole });
      };
    case 4003:
      return phoneTest(filter);
    case 4002:
      return keyTest('position', filter);
    case 4004:
      return keyTest('address', filter);
    case 4005:
      return keyTest('email', filter);
    case 4019:
      return keyTest('gender', filter, true);
    case 4026:
      return keyTest('email', filter, true);
    case 4221:
      return (record) =>
        listOf(record['additionalEmailAddresses']).some((one) => keyTest('one', filter)({ one }));
    case 4006:
      return (record) => record['isCompany'] === true;
    case 4007:
      return (record) => record['isCompany'] !== true;
    case 4008:
      return (record) => refId(record['group']) === toInteger(filter['value']);
    case 4010:
      return (record) => record['hasAccess'] === true;
    case 4014:
      return keyTest('name', filter);
    case 4015:
      return keyTest('lastname', filter);
    case 4222:
      return keyTest('midname', filter);
    case 4016:
      return (record) => refId(record['template']) === toInteger(filter['value']);
    case 4226:
      return keyTest('telegram', filter);
    case 4234:
      return keyTest('telegramId', filter, true);
    case 4231:
      return (record) =>
        toInteger(String(record['id']).replace('contact:', '')) === toInteger(filter['value']);
    case 12: {
      const inclusive = call.state.settings['dates.gtOtherDateInclusive'];
      const operator = String(filter['operator'] ?? 'equal');
      const test = dateTest(operator, filter['value'], call.actor.zone, call.now, inclusive);
      return (record) => test.holds(contactOfRecord(call.state, record)?.createdAt);
    }
    default:
      return customFieldTest(type, filter, call);
  }
}

/** Custom fields of contacts: type 4101 is to them what 101 is to tasks. */
function customFieldTest(
  type: number,
  filter: JsonObject,
  call: Call,
): ((record: JsonObject) => boolean) | undefined {
  const operator = String(filter['operator'] ?? 'equal');
  const test =
    type < 4100 || type > 4199 ? undefined : customTest(call, type - 4000, operator, filter['value']);
  if (test === undefined) return undefined;
  const field = toInteger(filter['field']) ?? -1;
  return (record) => test(contactOfRecord(call.state, record)?.custom.get(field));
}

function contactOfRecord(state: State, record: JsonObject): Contact | undefined {
  return state.contacts.get(toInteger(String(record['id']).replace('contact:', '')) ?? -1);
}

function listContacts(call: Call): EmulatorResponse {
  const { state, body, now } = call;
  const tests = recordTests(body['filters'], (type, filter) => contactTest(type, filter, call));
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const since = body['onlyChanged'] === true ? lastSync(state, body['sourceId'], now) : undefined;
  const look: Look = { state, zone: zoneOf(call) };
  const rows = [...state.contacts.values()]
    .sort((a, b) => a.id - b.id)
    .filter((contact) => contact.isCompany === (body['isCompany'] === true) && !contact.isDeleted)
    .filter((contact) => since === undefined || contact.changedAt >= since)
    .map((contact) => ({ contact, record: contactRecord(look, contact, body['prefixedId'] === true) }))
    .filter(({ record }) => tests.every((test) => test(record)));
  const page = pageRows(rows, body, state.settings);
  return success({ contacts: page.map(({ contact, record }) => answer(call, contact, record, names)) });
}

/** When this application asked last; the question itself counts as a sync. */
function lastSync(state: State, sourceId: Json | undefined, now: Instant): Instant | undefined {
  const application = typeof sourceId === 'string' ? sourceId : '';
  const before = state.syncs.get(application);
  state.syncs.set(application, now);
  return before;
}

/** The contact that a path names. @throws Refusal code 2000. */
export function contactById(call: Call, words: string): Contact {
  const given = call.params[0] ?? '';
  const contact = given.startsWith('user:') ? undefined : call.state.contacts.get(numberParam(call, 0));
  if (contact === undefined)
    throw new Refusal(404, 2000, `${words} not found by id ${given.replace('contact:', '')}`);
  return contact;
}

function getContact(call: Call): EmulatorResponse {
  const contact = contactById(call, 'Contact');
  const names = fieldNames(call.query.get('fields') ?? undefined, call.state.settings['fields.default']);
  const record = contactRecord({ state: call.state, zone: zoneOf(call) }, contact);
  return success({ contact: answer(call, contact, record, names) });
}

function writeContact(state: State, contact: Contact, body: JsonObject, zone: string): void {
  const { name, lastname, email } = body;
  if (typeof email === 'string' && email !== '' && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw new Refusal(400, 2004, 'Contact e-mail format is wrong');
  }
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '')) {
    throw new Refusal(400, 2006, 'Contact name is empty');
  }
  if (typeof name === 'string') contact.name = name;
  if (typeof lastname === 'string') contact.lastname = lastname;
  if (typeof body['isDeleted'] === 'boolean') contact.isDeleted = body['isDeleted'];
  Object.assign(contact.more, pick(body, CONTACT_KEYS));
  writeCustomFields(
    state,
    contact.custom,
    body['customFieldData'],
    (id) => {
      const field = state.customFields.get(id);
      return field?.objectType === 1 ? field : undefined;
    },
    zone,
  );
}

/** Adds a contact. @throws Refusal codes 2004, 2006. */
export function createContact(step: Step, body: JsonObject, zone: string): Contact {
  const { state, now } = step;
  if (typeof body['name'] !== 'string' || body['name'].trim() === '') {
    throw new Refusal(400, 2006, 'Contact name is empty');
  }
  while (state.contacts.has(state.next.contact)) state.next.contact += 1;
  const contact: Contact = {
    id: state.next.contact,
    name: '',
    lastname: '',
    isCompany: body['isCompany'] === true,
    isDeleted: false,
    createdAt: now,
    changedAt: now,
    custom: new Map(),
    more: {},
  };
  writeContact(state, contact, body, zone);
  state.contacts.set(nextId(state, 'contact'), contact);
  return contact;
}

function postContact(call: Call): EmulatorResponse {
  const contact = createContact(call, call.body, zoneOf(call));
  return success({ id: contact.id }, 201);
}

function postContactUpdate(call: Call): EmulatorResponse {
  const { state, body, now } = call;
  const contact = contactById(call, 'Contact for update');
  writeContact(state, contact, isObject(body) ? body : {}, zoneOf(call));
  contact.changedAt = now;
  return state.settings['task.updateBody'] === 'empty' ? empty(200) : success();
}

export const contactRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/contact/list',
    scope: 'contact_readonly',
    write: false,
    list: true,
    run: listContacts,
  },
  { method: 'GET', path: '/contact/{id}', scope: 'contact_readonly', write: false, run: getContact },
  { method: 'POST', path: '/contact/', scope: 'contact_add', write: true, run: postContact },
  { method: 'POST', path: '/contact/{id}', scope: 'contact_update', write: true, run: postContactUpdate },
];
