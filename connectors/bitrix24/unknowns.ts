/**
 * What the documents of Bitrix24 leave open (reference §23), row by row: what tells it in one portal, and what the
 * connector does with it. Names are those of the reference's settings; five are wider than one setting, and older.
 */
import { type Unknown } from '../unknowns.ts';
import { type Session } from './session.ts';

export const unknowns = [
  {
    name: 'plan',
    told: 'reading',
    when: 'to an application, by app.info',
    use: 'shown only',
  },
  {
    // taskCard.mode
    name: 'card',
    told: 'reading',
    when: 'when a task is there',
    use: 'shown only: each task says which card it has',
  },
  {
    /** `v3` = tasks are created by REST 3.0 under an Idempotency-Key; `v2` = there is none; `unfit` = there is one, and it does not do as documented. */
    name: 'creations',
    told: 'reading',
    when: 'by the methods of REST 3.0',
    use: 'with v3 tasks are created under their mark as a key',
    acted: true,
    less: ['unfit'],
  },
  {
    /** batch.unresolved. `guarded` = a call whose `$result[...]` has no value reaches no task, and lists filter by CHANGED_DATE. */
    name: 'compare-and-set',
    told: 'reading',
    when: 'when a task is there',
    use: 'where guarded, a change reaches only a task that stands as it was read',
    acted: true,
    less: ['no'],
  },
  {
    /** im.templateId. `unique` = im.message.add answers a known TEMPLATE_ID with the message that has it; `plain` = not. */
    name: 'template-id',
    told: 'scratch',
    when: 'by a message that is sent twice',
    use: 'where unique, a message whose answer was lost is sent again and stands once',
    acted: true,
  },
  {
    name: 'taskCard.commentGet',
    told: 'reading',
    when: 'when the liveliest chat of a task is one in which people spoke',
    use: 'not used: a task that has a chat is read there',
  },
  {
    name: 'taskCard.commentUpdate',
    told: 'scratch',
    when: 'by an edit of an own message',
    use: 'not used: messages have methods of their own',
  },
  {
    name: 'taskCard.commentAdd',
    told: 'scratch',
    when: 'by a comment for another time',
    use: 'not used: what stands in the name of another can be neither edited nor deleted',
  },
  {
    name: 'taskCard.switchAt',
    told: 'use',
    when: 'when a task has a chat that had none',
    use: 'found out at each reading',
  },
  {
    name: 'taskCard.oldComments',
    told: 'use',
    when: 'when a task gets the new card',
    use: 'copies of old comments are known again, whichever way they come',
  },
  {
    name: 'events.onApiWrites',
    told: 'use',
    when: 'when the bridge writes',
    use: 'an echo of its own is read and changes nothing',
  },
  {
    name: 'events.onSystemMessages',
    told: 'use',
    when: 'when the portal speaks in a chat',
    use: 'such a hint is a reading that finds nothing',
  },
  {
    name: 'events.lossPercent',
    told: 'use',
    when: 'when an event does not come',
    use: 'the sweep finds what no event told',
  },
  {
    name: 'events.doublePercent',
    told: 'use',
    when: 'when an event comes twice',
    use: 'hints of one task are one reading',
  },
  {
    name: 'events.delayMsMax',
    told: 'use',
    when: 'when an event comes late',
    use: 'a hint says that, not what: the order of events means nothing',
  },
  {
    name: 'events.refreshToken',
    told: 'use',
    when: 'when an event comes to an application',
    use: 'tokens of events are not taken',
  },
  {
    name: 'chat.touchesChangedDate',
    told: 'scratch',
    when: 'by a message in an own chat',
    use: 'not used: both dates are walked in one request',
  },
  {
    /** `message 901 is closed after 300 s`: the acting user's own, which it was refused to edit at that age. */
    name: 'chat.editWindowSeconds',
    told: 'work',
    when: 'when an own message may not be edited any more',
    use: 'for a day no edit of it or of an older one is tried: the next means is taken at once',
  },
  {
    name: 'chat.readableBy',
    told: 'reading',
    when: 'when one of the liveliest tasks is not the acting user’s',
    use: 'found out at each reading: where the chat is closed to it, it joins',
  },
  {
    name: 'chat.fileLink',
    told: 'work',
    when: 'when a message with a file is read',
    use: 'all three ways are read',
  },
  {
    name: 'chat.deletedMessages',
    told: 'scratch',
    when: 'by a deletion of an own message',
    use: 'not used: a deletion is seen either way',
  },
  {
    name: 'oauth.oldRefreshToken',
    told: 'use',
    when: 'when the answer with a new token is lost',
    use: 'the old one is tried again then',
  },
  {
    name: 'oauth.errorStatus',
    told: 'work',
    when: 'when the authorization server refuses an application',
    use: 'not used: the code decides',
  },
  {
    name: 'auth.wrongSecret',
    told: 'work',
    when: 'when the webhook is not taken any more',
    use: 'not used: each code of it pauses the account',
  },
  {
    name: 'batch.overLength',
    told: 'reading',
    when: 'by account check',
    use: 'not used: no batch is longer than fifty',
  },
  {
    name: 'limits.operatingChargedTo',
    told: 'reading',
    when: 'where the portal tells running times',
    use: 'not used: a refusal names how long to wait',
  },
  {
    name: 'limits.titleMax',
    told: 'scratch',
    when: 'by a long title',
    use: 'a title that is cut there is nobody’s edit',
    acted: true,
  },
  {
    name: 'limits.descriptionMax',
    told: 'scratch',
    when: 'by a long description',
    use: 'a longer copy ends with a line that says so',
    acted: true,
  },
  {
    name: 'limits.chatMessageMax',
    told: 'scratch',
    when: 'by a long message',
    use: 'a longer text goes as several messages',
    acted: true,
  },
  {
    /** The smallest size in bytes that was refused. */
    name: 'limits.chatFileMax',
    told: 'work',
    when: 'when a file is too large for a chat',
    use: 'a larger one is not sent: a note stands in its place',
    acted: true,
  },
  {
    name: 'list.startMinusOneTotal',
    told: 'reading',
    when: 'by any list',
    use: 'not used: no list is counted by it',
  },
  {
    name: 'list.activityFilter',
    told: 'reading',
    when: 'when a task is there',
    use: 'where honoured, the sweep asks for what is younger only',
    acted: true,
  },
  {
    name: 'status.updateObeysGraph',
    told: 'scratch',
    when: 'by a move that no transition makes',
    use: 'where yes, such a move is held without being tried',
    acted: true,
  },
  {
    name: 'status.transitionSources',
    told: 'scratch',
    when: 'by what a task offers in each status',
    use: 'ways between statuses are planned by it',
    acted: true,
  },
  {
    name: 'status.creatorCompletesStraight',
    told: 'scratch',
    when: 'by completing an own task under control',
    use: 'ways between statuses are planned by it',
    acted: true,
  },
  {
    name: 'delegate.formerToAuditors',
    told: 'use',
    when: 'when people delegate',
    use: 'read like any change; the bridge itself writes the responsible',
  },
  {
    name: 'v3.accessDeniedStatus',
    told: 'work',
    when: 'when REST 3.0 refuses a task',
    use: 'not used: the code decides',
  },
  {
    name: 'v3.scopeName',
    told: 'reading',
    when: 'when only one of task and tasks was granted',
    use: 'not used: without REST 3.0 tasks are created by version 2',
  },
  {
    name: 'files.foreignAttachment',
    told: 'use',
    when: 'when one task is given an attachment of another',
    use: 'never sent: each task gets files of its own',
  },
  {
    name: 'portal.zone',
    told: 'reading',
    when: 'when a task is there',
    use: 'not used: every time is read and written with its offset',
  },
  {
    name: 'tags.form',
    told: 'reading',
    when: 'when one of the liveliest tasks has tags',
    use: 'not used: tags do not cross',
  },
  {
    name: 'legacy.positional',
    told: 'reading',
    when: 'when a task is there',
    use: 'not used: parameters go in their order, under their names',
  },
  {
    name: 'time.operating',
    told: 'reading',
    when: 'by any answer',
    use: 'shown as a limit',
  },
  {
    name: 'im.events',
    told: 'use',
    when: 'when edits and deletions in chats are asked for',
    use: 'found out at each use: without them chats are read again',
  },
  {
    /** Write names of tasks.task.update, with commas. */
    name: 'rights.responsibleFields',
    told: 'work',
    when: 'when a task is changed of which the acting user is responsible and no editor',
    use: 'found out at each use: what the portal refuses together goes out field by field',
  },
] as const satisfies readonly Unknown[];

export type FactName = (typeof unknowns)[number]['name'];

/** Takes a fact up and has it kept. */
export const learn = (
  { findings, runtime }: Pick<Session, 'findings' | 'runtime'>,
  name: FactName,
  value: string,
  how: string,
): void => {
  findings.learn({ name, value, how, at: runtime.now() });
};

/** The same for what ordinary answers show again and again. */
export const notice = (
  { findings, runtime }: Pick<Session, 'findings' | 'runtime'>,
  name: FactName,
  value: string,
  how: string,
): void => {
  findings.notice({ name, value, how, at: runtime.now() });
};

export const factOf = ({ findings }: Pick<Session, 'findings'>, name: FactName): string | null =>
  findings.value(name);
