/**
 * What the documents of Planfix leave open (reference 16): a row for each setting of the emulator that stands for it. What
 * webhooks do and where limits end has no probe: that would take scenarios of the client, or a flood. The zone has a line of
 * its own.
 */
import { type Unknown } from '../unknowns.ts';
import { type Session } from './client.ts';

type Row = Omit<Unknown, 'name' | 'told'>;

const rows = <Name extends string>(
  told: Unknown['told'],
  of: Readonly<Record<Name, Row>>,
): readonly (Unknown & { readonly name: Name })[] =>
  (Object.entries(of) as [Name, Row][]).map(([name, row]) => ({ name, told, ...row }));

const anyway = 'shown only: the bridge works with either';
const unasked = 'shown only: the bridge never asks so';

/** By readings alone. */
const read = rows('reading', {
  'limits.perDay': {
    when: 'by what is left of the day',
    use: 'shown only: what is left of the day decides',
  },
  commentListEndpoint: {
    when: 'when it is asked',
    use: 'where there is one, edits are looked for in all threads at once; else it is asked for once a day',
    less: ['no'],
  },
  'task.missingGet': { when: 'by asking for a task that can not be', use: anyway },
  'dates.gtOtherDateInclusive': {
    when: 'by the newest tasks, once the zone is proved',
    use: 'shown only: whole days more are asked for',
  },
  'comments.touchTaskChangedTime': {
    when: 'by a task with a comment later than its last change',
    use: 'shown only: the sweep asks for comments too',
  },
  'status.systemIds': { when: 'by the lists of statuses', use: 'shown only: mappings name the numbers' },
});

/** By one task of the acting user alone. */
const probed = rows('scratch', {
  sourceMarks: {
    when: 'by reading what was made, also after every creation of ordinary work',
    use: 'decides how a creation whose answer was lost is looked for: by its mark alone where marks are kept; where they are dropped by place, people, title and words among the tasks of three days, and author, minute and words among comments',
    acted: true,
    less: ['dropped', 'only with sourceId'],
  },
  'comments.ownerAllowed': {
    when: 'by a comment with another time, also when ordinary work writes as others',
    use: 'where it is refused, the first line names authors at once, without a try; a day later each thread tries',
    acted: true,
    less: ['refused'],
  },
  'html.rejectAstral': {
    when: 'by a comment with an emoji, also when ordinary work writes one',
    use: 'where they are refused, emoji are written as references of HTML, and as □ in titles',
    acted: true,
    less: ['refused'],
  },
  'comments.filesReplaceOnUpdate': {
    when: 'by exchanging the file of a comment',
    use: 'shown only: the whole list is written, and what is not gone then is listed',
    less: ['no'],
  },
  'comments.deletedGet': { when: 'by a deleted comment', use: 'shown only: deleted ones are listed' },
  'task.isDeletedWritable': { when: 'by the scratch task', use: 'this check removes its task by it' },
  'task.deletedGet': { when: 'by the scratch task in the bin, also by any other', use: anyway },
  'task.listShowsDeleted': { when: 'by the scratch task in the bin, also by any other', use: anyway },
  'task.updateBody': { when: 'by an update, also of ordinary work', use: anyway },
  'people.emptyListClears': {
    when: 'by taking the last assignee off',
    use: 'shown only: people who stay after all are listed as not stored',
    less: ['no'],
  },
  'html.rewrite': {
    when: 'by a text without a paragraph',
    use: 'shown only: what is read is compared by its meaning',
  },
  'checklist.write': { when: 'by an item of a checklist', use: 'shown only: checklists do not cross' },
  'checklist.doneField': { when: 'by an item of a checklist', use: 'shown only: checklists do not cross' },
});

/** By answers of ordinary work that come anyway. */
const passing = rows('work', {
  'comments.editForeignText': {
    when: 'when a comment in another’s name is edited',
    use: 'shown only: an edit is tried, for where it is taken the comment keeps its place',
    less: ['refused'],
  },
  'task.enforceTransitions': {
    when: 'when a status is refused',
    use: 'shown only: which moves are closed is told by no method; a refused one is held and listed',
  },
  'task.queueProbability': {
    when: 'when an update is answered with 202',
    use: 'shown only: such an update counts when it is read',
  },
  'limits.status': { when: 'when the limit refuses a request', use: 'shown only: the code decides' },
  'limits.timeToResetUnit': {
    when: 'when a request goes again after the limit refused it',
    use: 'shown only: the shorter wait is tried',
  },
  'file.maxBytes': {
    when: 'when a file is refused as too large',
    use: 'shown only: a plan may grow, so that each file is tried',
  },
  'file.downloadMode': { when: 'when a file is read', use: anyway },
});

/** Not before it happens, or of no matter to the bridge. */
const met = rows('use', {
  'limits.perSecond': { when: 'when more is asked than is allowed', use: 'the bridge keeps to one a second' },
  'limits.burst': { when: 'when more is asked than is allowed', use: 'the bridge keeps to two at once' },
  'limits.enforce': {
    when: 'when another application uses the account’s limit up',
    use: 'a refused request is sent again when the limit allows',
  },
  'silent.suppressesScenarios': {
    when: 'by a hint for what the bridge wrote',
    use: 'such a hint is one reading more; the sweep finds what no hint tells',
  },
  'scenarios.onApiWrites': {
    when: 'by a hint for what the bridge wrote',
    use: 'such a hint is one reading more',
  },
  'scenarios.commentAuthor': {
    when: 'by a hint for a comment in another’s name',
    use: 'such a hint is one reading more',
  },
  'scenarios.perMonth': {
    when: 'when hints end before the month does',
    use: 'the sweep finds changes then; see webhook delivery',
  },
  'scenarios.repeatsCount': {
    when: 'in the account’s count of operations',
    use: 'every hint is answered at once',
  },
  'webhook.timeoutMs': { when: 'when the bridge answers late', use: 'every hint is answered at once' },
  'webhook.retryMinutes': { when: 'when the bridge was away', use: 'the sweep finds what it missed' },
  'webhook.pauseMs': {
    when: 'after an answer other than 200',
    use: 'the bridge answers 200 to whatever comes',
  },
  'webhook.methodsUnderRules': { when: 'when the bridge was away', use: 'the sweep finds what it missed' },
  'webhook.retryRendersAnew': {
    when: 'when the bridge was away',
    use: 'a hint is only a number: the task is read',
  },
  'webhook.escapeBodies': { when: 'by a hint with quotes in its words', use: 'hints are read either way' },
  'comments.defaultOrder': { when: 'in a list without an order', use: unasked },
  'comments.listDefaultType': { when: 'in a list without a type', use: unasked },
  'fields.default': { when: 'in a reading without fields', use: unasked },
  'paths.trailingSlash': {
    when: 'by another spelling of a path',
    use: 'the bridge spells them as the document does',
  },
  'errors.badJson': { when: 'by a broken request', use: unasked },
  'errors.pageSizeOver100': { when: 'by a page of more than 100', use: unasked },
  'errors.unknownWriteKeys': { when: 'by a key that no document has', use: unasked },
  'task.tags': {
    when: 'when tags are written',
    use: 'the bridge writes none: they would stay in the account',
  },
  'checklist.touchTaskChangedTime': {
    when: 'when somebody ticks an item',
    use: 'checklists do not cross; at most a task is read once more',
  },
  'status.perUserView': {
    when: 'when the acting user is one of several assignees',
    use: 'the status is held then; see statuses set for each assignee',
  },
  'status.individualByOthers': {
    when: 'when such a status is written',
    use: 'what the task does not take is held and listed',
  },
  'file.linkSeconds': { when: 'when a download comes late', use: 'another link is asked for, once' },
  'file.storageRefusesAuthorization': {
    when: 'never: storage is sent no token',
    use: 'nothing depends on it',
  },
  timezone: { when: 'in the line of the zone', use: 'it is proved there' },
  'timepoint.dateTimeIn': { when: 'in the line of the zone', use: 'moments of UTC are read' },
});

export const unknowns = [...read, ...probed, ...passing, ...met];

export type FactName = (typeof unknowns)[number]['name'];

type Learner = Pick<Session, 'findings' | 'runtime'>;

/** Takes up what a probe proved, and has it kept. */
export const learn = ({ findings, runtime }: Learner, name: FactName, value: string, how: string): void => {
  findings.learn({ name, value, how, at: runtime.now() });
};

/** The same for what answers of ordinary work show again and again. */
export const notice = ({ findings, runtime }: Learner, name: FactName, value: string, how: string): void => {
  findings.notice({ name, value, how, at: runtime.now() });
};

export const factOf = ({ findings }: Pick<Session, 'findings'>, name: FactName): string | null =>
  findings.value(name);
