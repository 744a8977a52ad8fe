/** Settings of the emulator: section 23 of the reference (names as there) and switches of the emulator itself. */
import { type SettingDescription, type SettingValue } from '../common/types.ts';
import { type State } from './state.ts';

const described = (
  name: string,
  fallback: SettingValue,
  values: readonly SettingValue[],
  about: string,
): SettingDescription => ({ name, default: fallback, values, about });

const yesNo = [true, false] as const;

export const settings: readonly SettingDescription[] = [
  described('taskCard.mode', 'new', ['new', 'old'], 'Card of tasks that do not say theirs, and of new ones.'),
  described(
    'taskCard.commentGet',
    'empty',
    ['empty', 'error-512', 'content'],
    'What task.commentitem.getlist and get answer on the new card.',
  ),
  described(
    'taskCard.commentUpdate',
    'error-4',
    ['error-4', 'error-512', 'works'],
    'What task.commentitem.update and delete answer on the new card.',
  ),
  described(
    'taskCard.commentAdd',
    { returns: 'message', author: true, date: false },
    [
      { returns: 'message', author: true, date: false },
      { returns: 'comment', author: false, date: true },
    ],
    'task.commentitem.add on the new card: the id that it returns, and whether AUTHOR_ID and POST_DATE are honoured.',
  ),
  described(
    'taskCard.switchAt',
    '',
    ['', '2026-09-28T12:00:00+03:00'],
    'When every task gets the new card; empty = never.',
  ),
  described(
    'taskCard.oldComments',
    'stay',
    ['stay', 'moved', 'moved-now', 'copied-by-system'],
    'Old comments of a task that gets the new card: left where they are; moved into the chat with their times, or as of the moment of the move; or said there again by the portal itself.',
  ),
  described('events.onApiWrites', true, yesNo, 'Whether writes through REST fire events.'),
  described('events.onSystemMessages', true, yesNo, 'Whether system chat messages fire ONTASKCOMMENTADD.'),
  described('events.lossPercent', 0, [0, 2], 'Share of online events that never leave.'),
  described('events.doublePercent', 0, [0, 2], 'Share of online events that are sent twice.'),
  described(
    'events.delayMsMax',
    0,
    [0, 5000],
    'Online events leave up to this much later, and so out of order.',
  ),
  described(
    'events.refreshToken',
    false,
    yesNo,
    'Whether auth of ONTASK* events of the application has a refresh_token.',
  ),
  described(
    'chat.touchesChangedDate',
    false,
    yesNo,
    'Whether a chat message moves CHANGED_DATE of its task.',
  ),
  described('chat.editWindowSeconds', 0, [0, 3600], 'How long a message may be edited; 0 = for ever.'),
  described(
    'chat.readableBy',
    'members',
    ['members', 'members-and-admins'],
    'Who reads a chat through im.*.',
  ),
  described(
    'chat.fileLink',
    'params',
    ['params', 'text', 'none'],
    'How a message points to its files: params.FILE_ID, [DISK=id] in the text, or not at all.',
  ),
  described(
    'chat.deletedMessages',
    'marked',
    ['marked', 'gone'],
    'Whether a deleted message stays in the dialog with IS_DELETED.',
  ),
  described(
    'oauth.oldRefreshToken',
    'dies',
    ['dies', 'stays'],
    'What becomes of a refresh_token after its use.',
  ),
  described('oauth.errorStatus', 400, [400, 401], 'HTTP status of errors of the authorization server.'),
  described(
    'auth.wrongSecret',
    'INVALID_CREDENTIALS',
    ['INVALID_CREDENTIALS', 'NO_AUTH_FOUND'],
    'Code of the 401 for a wrong secret of an incoming webhook.',
  ),
  described(
    'batch.overLength',
    'per-command',
    ['per-command', 'http-400'],
    'What a batch of more than 50 commands gets.',
  ),
  described(
    'batch.unresolved',
    'empty',
    ['empty', 'refused', 'literal'],
    'What an unresolved $result[…] becomes.',
  ),
  described(
    'limits.operatingChargedTo',
    'inner',
    ['inner', 'batch'],
    'Whom the operating time of a batch is charged to.',
  ),
  described('limits.titleMax', 255, [255, 40], 'Longest TITLE in characters; longer ones are cut.'),
  described(
    'limits.descriptionMax',
    65_535,
    [65_535, 1000],
    'Longest DESCRIPTION in characters; longer ones are cut.',
  ),
  described('limits.chatMessageMax', 20_000, [20_000, 200], 'Length at which a chat message is cut.'),
  described(
    'limits.chatFileMax',
    104_857_600,
    [104_857_600, 1000],
    'Largest file of im.v2.File.upload in bytes.',
  ),
  described('list.startMinusOneTotal', 'absent', ['absent', 0], 'total of a list with start -1.'),
  described(
    'list.activityFilter',
    'ignored',
    ['ignored', 'honoured'],
    'Filter by ACTIVITY_DATE in tasks.task.list.',
  ),
  described(
    'status.updateObeysGraph',
    false,
    yesNo,
    'Whether STATUS in tasks.task.update obeys the transitions.',
  ),
  described(
    'status.transitionSources',
    { start: [2, 6], pause: [3], defer: [2, 3], complete: [2, 3, 6], renew: [4, 5, 6, 7] },
    [
      { start: [2, 6], pause: [3], defer: [2, 3], complete: [2, 3, 6], renew: [4, 5, 6, 7] },
      { start: [2, 4, 6], pause: [3], defer: [2, 3], complete: [2, 3, 4, 6], renew: [4, 5, 6, 7] },
    ],
    'From which statuses each transition method works; names that are left out keep the default.',
  ),
  described(
    'status.creatorCompletesStraight',
    true,
    yesNo,
    'Whether the creator of a controlled task completes straight to 5.',
  ),
  described(
    'v3.accessDeniedStatus',
    403,
    [403, 400],
    'HTTP status of ACCESSDENIEDEXCEPTION on REST 3.0 task methods.',
  ),
  described('v3.scopeName', 'both', ['both', 'task', 'tasks'], 'Which scope REST 3.0 task methods ask for.'),
  described(
    'files.foreignAttachment',
    'refused',
    ['refused', 'ignored'],
    'An attachment id of another task inside UF_TASK_WEBDAV_FILES.',
  ),
  described(
    'portal.zone',
    '',
    ['', '+03:00', '+00:00'],
    "Offset of the portal's dates; empty = the world's utc_offset.",
  ),
  described('tags.form', 'map', ['map', 'list'], 'Read form of tags: a map by id, or a list of titles.'),
  described(
    'legacy.positional',
    'strict',
    ['strict', 'named'],
    'Whether task.* methods read parameters by order or by name.',
  ),
  described('time.operating', true, yesNo, 'Whether time has operating and operating_reset_at.'),
  described(
    'delegate.formerToAuditors',
    true,
    yesNo,
    'Whether delegation makes the former responsible an auditor.',
  ),
  described(
    'im.templateId',
    'stored',
    ['stored', 'dedupes', 'ignored'],
    'What TEMPLATE_ID of im.message.add does.',
  ),
  described('im.events', 'kept', ['kept', 'absent'], 'Whether the portal knows im.v2.Event.* (emulator).'),
  described(
    'rights.responsibleFields',
    [],
    [[], ['DEADLINE', 'UF_TASK_WEBDAV_FILES']],
    'Write names that a responsible who is no editor may send in tasks.task.update.',
  ),
  described('limits.rate', true, yesNo, 'Whether the request rate is limited at all (emulator).'),
  described('limits.burst', 0, [0, 250], 'Size of the leaky bucket; 0 = as the world says (emulator).'),
  described(
    'limits.drainPerSecond',
    0,
    [0, 5],
    'How fast the bucket drains; 0 = as the world says (emulator).',
  ),
  described('limits.operating', true, yesNo, 'Whether operating time is limited at all (emulator).'),
  described(
    'limits.operatingSeconds',
    0,
    [0, 480],
    'Operating budget per method and ten minutes; 0 = as the world says (emulator).',
  ),
  described(
    'portal.httpsOnly',
    false,
    yesNo,
    'Whether plain http is refused with INVALID_REQUEST (emulator).',
  ),
];

const byName = new Map(settings.map((setting) => [setting.name, setting]));

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

/**
 * Checks one setting.
 * @throws TypeError for an unknown name or a value of a wrong type
 */
export const checkedSetting = (name: string, value: unknown): SettingValue => {
  const setting = byName.get(name);
  if (setting === undefined) {
    throw new TypeError(`There is no setting ${name}; GET /__emulator__/settings lists them.`);
  }
  const kinds = new Set(setting.values.map(kindOf));
  const words = setting.values.filter((item) => typeof item === 'string');
  const closed = words.length === setting.values.length && !words.includes('');
  if (!kinds.has(kindOf(value)) || value === null || (closed && !setting.values.includes(value as string))) {
    const known = setting.values.map((item) => JSON.stringify(item)).join(', ');
    throw new TypeError(`${name} can't be ${JSON.stringify(value)}; for example: ${known}.`);
  }
  return value as SettingValue;
};

export const defaultSettings = (): Map<string, SettingValue> =>
  new Map(settings.map((setting) => [setting.name, setting.default]));

/** Value of a yes-or-no setting. */
export const flag = (state: State, name: string): boolean => state.settings.get(name) === true;

/** Value of a number setting. */
export const amount = (state: State, name: string): number => {
  const value = state.settings.get(name);
  return typeof value === 'number' ? value : 0;
};

/** Value of a setting of words. */
export const word = (state: State, name: string): string => {
  const value = state.settings.get(name);
  return typeof value === 'string' ? value : '';
};
