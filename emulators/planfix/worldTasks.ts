/** Tasks of a world with their values, checklists and comments. */
import { blankComment, blankTask } from './taskChange.ts';
import { type Instant, type Json } from '../common/types.ts';
import { storedValue } from './customFields.ts';
import { entryFields, settleName } from './directories.ts';
import { addChecklistItem, addComment, addTask } from './records.ts';
import { type Comment, type CustomField, type DateChange, type State, type Task } from './state.ts';
import {
  type ChangeForm,
  type CommentForm,
  type ContactCommentForm,
  type CustomValuesForm,
  type ReferenceForm,
  type TaskForm,
  type WorldForm,
} from './worldForm.ts';
import { ZONE, refOf, personOf, peopleOf, instantOf, plannedOf, byId } from './worldRead.ts';

function taskOf(state: State, form: TaskForm): Task {
  const object = state.objects.get(refOf(form.object) ?? -1);
  const created = form.times?.created ?? instantOf(form.dateTime) ?? state.startedAt ?? 0;
  return {
    ...blankTask(form.id, created),
    internalId: form.internalId,
    name: form.name,
    description: form.description ?? '',
    priority: form.priority === 'Urgent' ? 'Urgent' : 'NotUrgent',
    status: refOf(form.status) ?? state.settings['status.systemIds'].new,
    processId: form.processId ?? object?.process ?? 0,
    resultChecking: form.resultChecking ?? false,
    type: form.type ?? 'Task',
    assigner: personOf(form.assigner),
    parent: refOf(form.parent),
    object: refOf(form.object),
    template: refOf(form.template),
    project: refOf(form.project),
    counterparty: personOf(form.counterparty, 'contact'),
    start: plannedOf(form.startDateTime, form.hasStartDate, form.hasStartTime),
    end: plannedOf(form.endDateTime, form.hasEndDate, form.hasEndTime),
    delayedTill: plannedOf(form.delayedTillDate),
    completedAt: form.times?.completed ?? instantOf(form.actualCompletionDate),
    doneAt: form.times?.done,
    changedAt: form.times?.changed ?? instantOf(form.dateOfLastUpdate) ?? created,
    commentedAt: form.times?.commented,
    duration: form.duration,
    durationUnit: form.durationUnit,
    durationType: form.durationType,
    inFavorites: form.inFavorites ?? false,
    isSummary: form.isSummary ?? false,
    isSequential: form.isSequential ?? false,
    assignees: peopleOf(form.assignees),
    participants: peopleOf(form.participants),
    auditors: peopleOf(form.auditors),
    individualStatuses: (form.individualStatuses ?? []).map(({ id, status }) => ({ id, status })),
    recurrence: form.recurrence,
    isDeleted: form.isDeleted ?? false,
    files: (form.files ?? []).flatMap((file) => refOf(file) ?? []),
    tags: form.tags,
    sourceObjectId: form.sourceObjectId ?? undefined,
    sourceDataVersion: form.sourceDataVersion ?? undefined,
  };
}

/** Values in the answers' shapes; computed ones are taken as they stand. */
function addValues(
  state: State,
  to: Map<number, Json>,
  values: CustomValuesForm,
  fields: ReadonlyMap<number, CustomField>,
) {
  for (const { field, value } of values ?? []) {
    const known = fields.get(field.id);
    const stored = known === undefined ? value : storedValue(state, known, value, ZONE);
    if (stored !== undefined && stored !== null) to.set(field.id, stored);
  }
}

export function addTasks(state: State, form: WorldForm): void {
  for (const task of [...form.tasks].sort((a, b) => a.id - b.id)) addTask(state, taskOf(state, task));
  // Only now: values may point to any task.
  for (const { id, customFieldData } of form.tasks) {
    const task = state.tasks.get(id);
    if (task !== undefined) addValues(state, task.custom, customFieldData, state.customFields);
  }
  for (const { id, customFieldData } of form.contacts) {
    const contact = state.contacts.get(id);
    if (contact !== undefined) addValues(state, contact.custom, customFieldData, state.customFields);
  }
  for (const { id, customFieldData } of form.users) {
    const user = state.users.get(id);
    if (user !== undefined) addValues(state, user.custom, customFieldData, state.customFields);
  }
  for (const { id, customFieldData } of form.projects) {
    const project = state.projects.get(id);
    if (project !== undefined) addValues(state, project.custom, customFieldData, state.customFields);
  }
  for (const { id, entries } of form.directories) {
    const directory = state.directories.get(id);
    if (directory === undefined) continue;
    const fields = entryFields(state, directory);
    for (const { key, customFieldData } of entries) {
      const entry = directory.entries.find((candidate) => candidate.key === key);
      if (entry === undefined) continue;
      addValues(state, entry.custom, customFieldData, fields);
      settleName(directory, entry);
    }
  }
  for (const { task, items } of form.checklists) {
    for (const item of items) {
      addChecklistItem(state, {
        id: item.id,
        task,
        parent: aboveItem(task, item.parent),
        name: item.name,
        isDone: item.isDone ?? false,
        assignees: peopleOf(item.assignees),
        createdAt: item.at ?? instantOf(item.dateTime) ?? state.startedAt ?? 0,
      });
    }
  }
}

/** The item that an item of a world stands under; its task is none. */
function aboveItem(task: number, parent: ReferenceForm | undefined): number | undefined {
  const id = typeof parent === 'object' ? parent?.id : parent;
  return id === task ? undefined : id;
}

function changeOf(form: ChangeForm | undefined): DateChange | undefined {
  if (form === undefined) return undefined;
  return {
    old: plannedOf(form.oldDateTime, true, form.hasOldTime),
    new: plannedOf(form.newDateTime, true, form.hasNewTime),
  };
}

function commentOf(state: State, form: CommentForm | ContactCommentForm, task: number): Comment {
  const owner = personOf(form.owner) ?? 'user:0';
  const at = form.at ?? instantOf(form.dateTime) ?? state.startedAt ?? 0;
  const { changeStatus } = form;
  return {
    ...blankComment(form.id, task, owner, at),
    createdBy: form.createdBy ?? owner,
    system: form.system ?? false,
    type: form.type ?? 'Comment',
    fromType: form.fromType ?? (form.system === true ? 'None' : 'Planfix'),
    description: form.description ?? '',
    isDeleted: form.isDeleted ?? false,
    isPinned: form.isPinned ?? false,
    isHidden: form.isHidden ?? false,
    recipients: peopleOf(form.recipients),
    files: (form.files ?? []).flatMap((file) => refOf(file) ?? []),
    changeStatus:
      changeStatus === undefined
        ? undefined
        : { oldStatusId: changeStatus.oldStatusId, newStatusId: changeStatus.newStatusId },
    changeStart: changeOf(form.changeTaskStartDate),
    changeEnd: changeOf(form.changeTaskExpectDate),
    sourceObjectId: form.sourceObjectId ?? undefined,
    sourceDataVersion: form.sourceDataVersion ?? undefined,
  };
}

function addFeedComment(state: State, form: CommentForm): { task: Task; at: Instant } {
  const task = state.tasks.get(refOf(form.task) ?? -1);
  if (task === undefined)
    throw new TypeError(`Planfix emulator: comment ${form.id} of this world has no task`);
  const comment = commentOf(state, form, task.id);
  addComment(state, comment);
  return { task, at: comment.createdAt };
}

function addContactComment(state: State, form: ContactCommentForm): void {
  const contact = Number(personOf(form.contact)?.replace(/^\w+:/, ''));
  if (!state.contacts.has(contact))
    throw new TypeError(`Planfix emulator: comment ${form.id} of this world has no contact`);
  state.contactComments.set(form.id, { contact, comment: commentOf(state, form, 0) });
}

export function addFeed(state: State, form: WorldForm): void {
  for (const comment of form.contactComments) addContactComment(state, comment);
  for (const comment of [...form.comments].sort((a, b) => a.id - b.id)) {
    const { task, at } = addFeedComment(state, comment);
    // A dump tells the exact moment of the last comment itself.
    const told = form.machine !== undefined || comment.system === true || comment.isDeleted === true;
    if (!told) task.commentedAt = Math.max(task.commentedAt ?? 0, at);
  }
  for (const entry of [...form.dataTagEntries].sort((a, b) => a.key - b.key)) {
    const task = refOf(entry.task) ?? 0;
    const custom = new Map<number, Json>();
    const fields = state.dataTags.get(entry.dataTag)?.fields ?? [];
    addValues(state, custom, entry.customFieldData, byId(fields));
    state.dataTagEntries.set(entry.key, {
      key: entry.key,
      dataTag: entry.dataTag,
      task,
      commentId: entry.commentId,
      custom,
    });
    const comment =
      state.comments.get(entry.commentId) ?? state.contactComments.get(entry.commentId)?.comment;
    comment?.dataTags.push({ dataTag: entry.dataTag, key: entry.key });
  }
}
