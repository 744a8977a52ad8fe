/** Routes of contacts and companies, one space of numbers (section 11). */
import { type EmulatorResponse, type Instant, type Json } from '../common/types.ts';
import { empty, fieldNames, isObject, pageRows, pick, Refusal, success, type JsonObject } from './answers.ts';
import { cardFiles, shownCard, writtenCard } from './cards.ts';
import { contactTest, savedContactFilter } from './contactFilters.ts';
import { askedFields, customFieldData, writeCustomFields } from './customFields.ts';
import { dropIfUnused } from './fileView.ts';
import { isTrue } from './filterForm.ts';
import { timePoint } from './moments.ts';
import { personRef } from './persons.ts';
import { rowTests } from './recordFilters.ts';
import { seesComment } from './rights.ts';
import { numberParam, zoneOf, type Call, type Route } from './routes.ts';
import { nextId } from './records.ts';
import { type Actor, type Contact, type State, type Step } from './state.ts';
import { dataTagLink } from './taskView.ts';

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
  'viberId',
  'vk',
  'languageCode',
  'communicationLanguageCode',
  'timezone',
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
    ...shownCard({ state, zone, groups: state.contactGroups }, contact.more),
    id: prefixed ? `contact:${contact.id}` : contact.id,
    name: contact.name,
    ...(contact.lastname === '' && contact.isCompany ? {} : { lastname: contact.lastname }),
    isCompany: contact.isCompany,
    isDeleted: contact.isDeleted,
    ...(contact.createdBy === undefined ? {} : { addedBy: personRef(state, contact.createdBy) }),
    createdDate: timePoint(contact.createdAt, zone),
    dateOfLastUpdate: timePoint(contact.changedAt, zone),
  };
}

function answer(call: Call, contact: Contact, record: JsonObject, names: readonly string[]): JsonObject {
  const custom = customFieldData(
    call.state,
    contact.custom,
    askedFields(names, call.state.customFields),
    zoneOf(call),
  );
  return {
    ...pick(record, names),
    ...(names.includes('dataTags') ? { dataTags: dataTagsOf(call, contact) } : {}),
    ...(custom.length === 0 ? {} : { customFieldData: custom }),
  };
}

function dataTagsOf({ state, actor }: Call, contact: Contact): Json[] {
  return [...state.contactComments.values()]
    .filter((one) => one.contact === contact.id && !one.comment.isDeleted)
    .filter(({ comment }) => seesComment(state, actor, comment))
    .flatMap(({ comment }) => comment.dataTags.map((link) => dataTagLink(state, link)));
}

function isGiven(value: Json | undefined): boolean {
  return value !== undefined && value !== null;
}

function listContacts(call: Call): EmulatorResponse {
  const { state, body, now } = call;
  const tests = rowTests(call, body['filters'], 4000, (type, filter) => contactTest(call, type, filter));
  const saved = savedContactFilter(body['filterId']).isCompany;
  const isCompany = isGiven(body['isCompany']) ? isTrue(body['isCompany']) : saved === true;
  const names = fieldNames(body['fields'], state.settings['fields.default']);
  const since = isTrue(body['onlyChanged']) ? lastSync(state, body['sourceId'], now) : undefined;
  const look: Look = { state, zone: zoneOf(call) };
  const rows = [...state.contacts.values()]
    .sort((a, b) => a.id - b.id)
    .filter((contact) => contact.isCompany === isCompany && !contact.isDeleted)
    .filter((contact) => saved === undefined || contact.isCompany === saved)
    .filter((contact) => since === undefined || contact.changedAt >= since)
    .map((contact) => ({ contact, record: contactRecord(look, contact, isTrue(body['prefixedId'])) }))
    .filter(({ contact, record }) => tests.every((test) => test({ record, custom: contact.custom })));
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
  if (isGiven(name) && (typeof name !== 'string' || name.trim() === '')) {
    throw new Refusal(400, 2006, 'Contact name is empty');
  }
  if (typeof name === 'string') contact.name = name;
  if (typeof lastname === 'string') contact.lastname = lastname;
  if (typeof body['isDeleted'] === 'boolean') contact.isDeleted = body['isDeleted'];
  const before = cardFiles(contact.more['files']);
  Object.assign(contact.more, writtenCard(state, body, CONTACT_KEYS, zone));
  for (const file of before) dropIfUnused(state, file);
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

/** Adds a contact in the name of a person. @throws Refusal codes 2004, 2006; 41, 7000 and 6 of what can't be read. */
export function createContact(step: Step, body: JsonObject, { person, zone }: Omit<Actor, 'admin'>): Contact {
  const { state, now } = step;
  if (typeof body['name'] !== 'string' || body['name'].trim() === '') {
    throw new Refusal(400, 2006, 'Contact name is empty');
  }
  while (state.contacts.has(state.next.contact)) state.next.contact += 1;
  const contact: Contact = {
    id: state.next.contact,
    name: '',
    lastname: '',
    isCompany: isTrue(body['isCompany']),
    isDeleted: false,
    createdAt: now,
    createdBy: person,
    changedAt: now,
    custom: new Map(),
    more: {},
  };
  writeContact(state, contact, body, zone);
  state.contacts.set(nextId(state, 'contact'), contact);
  return contact;
}

function postContact(call: Call): EmulatorResponse {
  const contact = createContact(call, call.body, { person: call.actor.person, zone: zoneOf(call) });
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
