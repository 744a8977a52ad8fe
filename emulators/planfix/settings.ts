/** What nobody documents, as settings: section 16 of the reference, and a few that tests need. */
import { type SettingDescription, type SettingValue } from '../common/types.ts';

/** Account-wide numbers of the eight system statuses. */
export interface SystemStatusIds {
  readonly [name: string]: number;
  readonly draft: number;
  readonly new: number;
  readonly inWork: number;
  readonly completed: number;
  readonly postponed: number;
  readonly rejected: number;
  readonly done: number;
  readonly cancelled: number;
}

export interface Settings {
  'limits.perSecond': number;
  'limits.burst': number;
  'limits.perDay': number;
  'limits.enforce': string;
  'limits.status': number;
  'limits.timeToResetUnit': string;
  'silent.suppressesScenarios': boolean;
  'scenarios.onApiWrites': boolean;
  'scenarios.commentAuthor': string;
  'scenarios.perMonth': number;
  'scenarios.repeatsCount': boolean;
  'webhook.timeoutMs': number;
  'webhook.retryMinutes': readonly number[];
  'webhook.pauseMs': number;
  'webhook.timeScale': number;
  'webhook.escapeBodies': boolean;
  'webhook.methodsUnderRules': readonly string[];
  'webhook.retryRendersAnew': boolean;
  'comments.defaultOrder': string;
  'comments.listDefaultType': string;
  'comments.ownerAllowed': string;
  'comments.editForeignText': string;
  'comments.touchTaskChangedTime': boolean;
  'comments.deletedGet': string;
  'comments.filesReplaceOnUpdate': boolean;
  'checklist.touchTaskChangedTime': boolean;
  'task.deletedGet': string;
  'task.listShowsDeleted': boolean;
  'task.isDeletedWritable': boolean;
  'task.missingGet': string;
  'task.enforceTransitions': boolean | string;
  'task.queueProbability': number;
  'task.queueDelayMs': number;
  'task.updateBody': string;
  'task.tags': string;
  'people.emptyListClears': boolean;
  sourceMarks: string;
  timezone: string;
  'timepoint.dateTimeIn': string;
  'dates.gtOtherDateInclusive': boolean;
  'html.rewrite': string;
  'html.rejectAstral': boolean;
  'status.systemIds': SystemStatusIds;
  'status.perUserView': boolean;
  'status.individualByOthers': 'for all' | 'nothing';
  'file.maxBytes': number;
  'file.downloadMode': string;
  'file.linkSeconds': number;
  'file.storageRefusesAuthorization': boolean;
  'checklist.write': boolean;
  commentListEndpoint: boolean;
  'checklist.doneField': string;
  'errors.badJson': string;
  'errors.pageSizeOver100': string;
  'errors.unknownWriteKeys': string;
  'fields.default': readonly string[];
}

const systemIds: SystemStatusIds = {
  draft: 0,
  new: 1,
  inWork: 2,
  completed: 3,
  postponed: 4,
  rejected: 5,
  done: 6,
  cancelled: 7,
};

const otherSystemIds: SystemStatusIds = {
  draft: 20,
  new: 21,
  inWork: 22,
  completed: 23,
  postponed: 24,
  rejected: 25,
  done: 26,
  cancelled: 27,
};

interface Description<Name extends keyof Settings = keyof Settings> {
  readonly name: Name;
  readonly default: Settings[Name];
  readonly values: readonly Settings[Name][];
  readonly about: string;
  /** True when only the named values are possible. */
  readonly closed: boolean;
}

function one<Name extends keyof Settings>(
  name: Name,
  values: readonly [Settings[Name], ...Settings[Name][]],
  about: string,
  closed = typeof values[0] === 'string',
): Description {
  return { name, default: values[0], values, about, closed };
}

/** The first value is the default. */
const descriptions: readonly Description[] = [
  one('limits.perSecond', [1, 1000], 'Requests per second; 0 = no limit.'),
  one('limits.burst', [3, 1], 'How many requests may come at once before the rate holds.'),
  one('limits.perDay', [20000, 100000], 'Requests per day (UTC); 0 = no limit.'),
  one('limits.enforce', ['account', 'token'], 'Whether the rate is counted per account or per token.'),
  one('limits.status', [403, 429], 'HTTP status of a refusal by limit (code 22).'),
  one('limits.timeToResetUnit', ['ms', 's'], 'Unit of timeToReset.'),
  one('silent.suppressesScenarios', [false, true], 'Whether silent=true also stops scenarios.'),
  one('scenarios.onApiWrites', [true, false], 'Whether writes through REST fire scenarios.'),
  one(
    'scenarios.commentAuthor',
    ['token user', 'owner'],
    'Who is "author of the change" of a comment that REST wrote in the name of another.',
  ),
  one(
    'scenarios.perMonth',
    [0, 20],
    'Automatic operations per month (UTC); what comes after them is not carried out. 0 = no limit.',
  ),
  one(
    'scenarios.repeatsCount',
    [false, true],
    'Whether each repetition of a request is an automatic operation.',
  ),
  one('webhook.timeoutMs', [30000, 5000], 'How long an HTTP request of a scenario waits for its answer.'),
  one('webhook.retryMinutes', [[15, 30, 60, 60], [1]], 'Minutes before each repetition of a failed request.'),
  one('webhook.pauseMs', [180000, 0], 'How long no other request goes out after a failure.'),
  one('webhook.timeScale', [1, 0.001], 'Factor on repetition and pause times, for tests.'),
  one('webhook.escapeBodies', [false, true], 'Whether variables in a body are escaped for JSON.'),
  one(
    'webhook.methodsUnderRules',
    [['POST'], ['GET', 'POST', 'PUT', 'DELETE']],
    'Which methods are serial, repeated and paused.',
  ),
  one('webhook.retryRendersAnew', [false, true], 'Whether a repetition is rendered with present values.'),
  one(
    'comments.defaultOrder',
    ['id Desc', 'id Asc', 'dateTime Desc', 'dateTime Asc'],
    'Order of a comment list without resultOrder.',
  ),
  one('comments.listDefaultType', ['Comments', 'All'], 'typeList of a comment list that names none.'),
  one(
    'comments.ownerAllowed',
    ['admin', 'everyone', 'nobody'],
    'Whose token may write a comment with another owner or date; others get code 6.',
  ),
  one(
    'comments.editForeignText',
    ['code 6', 'allowed', 'owner only'],
    'Editing a text written by another: code 6 unless the same token user wrote it; allowed; or only for the shown owner.',
  ),
  one(
    'comments.touchTaskChangedTime',
    [false, true],
    'Whether a comment moves dateOfLastUpdate (filter 38).',
  ),
  one('comments.deletedGet', ['flag', 'missing'], 'GET of a deleted comment: isDeleted, or 400 code 5000.'),
  one(
    'comments.filesReplaceOnUpdate',
    [true, false],
    'Whether files in a comment update replace or are added.',
  ),
  one(
    'checklist.touchTaskChangedTime',
    [true, false],
    'Whether a checklist item moves the dateOfLastUpdate of its task.',
  ),
  one(
    'task.deletedGet',
    ['flag', 'missing'],
    'GET of a task in the bin: isDeleted, or the error of a missing task.',
  ),
  one('task.listShowsDeleted', [false, true], 'Whether /task/list shows tasks in the bin.'),
  one('task.isDeletedWritable', [true, false], 'Whether a write of isDeleted moves a task to the bin.'),
  one(
    'task.missingGet',
    ['400 code 1000', '400 code 0', '404 code 1000'],
    'Answer to GET of a task that is not there.',
  ),
  one(
    'task.enforceTransitions',
    [false, 'refuse', 'failures'],
    'Whether REST holds to the transitions of the status set: no; 400 code 1002; 200 with failures.',
    true,
  ),
  one('task.queueProbability', [0, 1], 'Share of task updates answered 202 and applied later.'),
  one('task.queueDelayMs', [2000, 30000], 'How much later.'),
  one('task.updateBody', ['success', 'empty'], 'Body of a successful update.'),
  one('task.tags', ['ignored', 'stored'], 'What happens to tags in a task write.'),
  one('people.emptyListClears', [true, false], 'Whether empty people lists in an update empty the role.'),
  one(
    'sourceMarks',
    ['kept always', 'only with sourceId', 'dropped'],
    'Whether sourceObjectId and sourceDataVersion are kept.',
  ),
  one('timezone', ['Europe/Moscow', 'UTC'], 'Zone of token users whose token names none.', false),
  one('timepoint.dateTimeIn', ['user zone', 'UTC'], 'Zone of date and time in a TimePoint; datetime is UTC.'),
  one(
    'dates.gtOtherDateInclusive',
    [false, true],
    'gt with a day: from the next day on, or from 00:00 of that day.',
  ),
  one('html.rewrite', ['keep', 'wrap in p'], 'How the server re-serialises HTML.'),
  one(
    'html.rejectAstral',
    [false, true],
    'Whether characters beyond the Basic Multilingual Plane are refused.',
  ),
  one(
    'status.systemIds',
    [systemIds, otherSystemIds],
    'Numbers of the system statuses; a change renumbers them.',
  ),
  one('status.perUserView', [false, true], 'Whether a status set individually is shown to its assignee.'),
  one(
    'status.individualByOthers',
    ['for all', 'nothing'],
    'What an individual status does that somebody beside the several assignees sets.',
  ),
  one('file.maxBytes', [104857600, 15728640], 'Largest file of the plan.'),
  one('file.downloadMode', ['redirect', 'direct'], 'Download by 302 to signed storage, or at once.'),
  one('file.linkSeconds', [600, 1], 'Life of a signed storage address.'),
  one(
    'file.storageRefusesAuthorization',
    [true, false],
    'Whether storage refuses a request with an Authorization header, as S3 does.',
  ),
  one('checklist.write', [true, false], 'Whether checklist writes exist (newer API).'),
  one('commentListEndpoint', [true, false], 'Whether POST /comment/list exists (newer API).'),
  one('checklist.doneField', ['isDone', 'status'], 'What a checklist row says of being done.'),
  one('errors.badJson', ['500 on lists', '400 everywhere'], 'HTTP status for malformed JSON (code 30).'),
  one('errors.pageSizeOver100', ['clamp', 'code 41'], 'What a pageSize above 100 does.'),
  one('errors.unknownWriteKeys', ['refuse', 'ignore'], 'Unknown keys in a write: 400 code 0, or nothing.'),
  one('fields.default', [['id'], ['id', 'name']], 'Fields of a read that names none.'),
];

const byName = new Map<string, Description>(descriptions.map((entry) => [entry.name, entry]));

/** Descriptions for the control API and for tests that vary settings. */
export const settingDescriptions: readonly SettingDescription[] = descriptions.map(
  ({ name, default: initial, values, about }) => ({ name, default: initial, values, about }),
);

/** A fresh record of every setting's default. */
export function defaultSettings(): Settings {
  const record: Record<string, unknown> = {};
  for (const { name, default: initial } of descriptions) record[name] = initial;
  if (!isSettings(record)) throw new TypeError('a setting has no default');
  return record;
}

function isSettings(record: Record<string, unknown>): record is Record<string, unknown> & Settings {
  return descriptions.every(({ name }) => record[name] !== undefined);
}

/**
 * Checked values for a record of settings.
 * @throws TypeError for an unknown name or a value of a wrong type.
 */
export function checkSettings(given: Readonly<Record<string, SettingValue>>): Partial<Settings> {
  for (const [name, value] of Object.entries(given)) checkOne(name, value);
  return given as Partial<Settings>;
}

function checkOne(name: string, value: SettingValue): void {
  const known = byName.get(name);
  if (known === undefined) throw new TypeError(`Planfix emulator: no setting is named ${name}`);
  if (known.closed) {
    if (!known.values.some((option) => option === value)) {
      const options = known.values.map((option) => JSON.stringify(option)).join(', ');
      throw new TypeError(`Planfix emulator: ${name} takes ${options}, got ${JSON.stringify(value)}`);
    }
    return;
  }
  if (shapeOf(value) !== shapeOf(known.default)) {
    throw new TypeError(
      `Planfix emulator: ${name} takes ${shapeOf(known.default)}, got ${JSON.stringify(value)}`,
    );
  }
  if (name === 'timezone') checkZone(String(value));
  if (name === 'status.systemIds') checkSystemIds(value);
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${typeof value[0]}s`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch (cause) {
    throw new TypeError(`Planfix emulator: no time zone is named ${zone}`, { cause });
  }
}

function checkSystemIds(value: SettingValue): void {
  const record: Record<string, unknown> = { ...(value as object) };
  for (const name of Object.keys(systemIds)) {
    if (typeof record[name] !== 'number') {
      throw new TypeError(`Planfix emulator: status.systemIds needs a number for ${name}`);
    }
  }
}
