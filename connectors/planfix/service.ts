/** Meaning: Planfix's tasks and comments in the port's words, and the port's wanted values in Planfix's words. */
import { type FieldName } from '../../mappings/types.ts';
import {
  as,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
} from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type DateValue } from '../../sync/core/item.ts';
import { type WantedFields } from '../../sync/core/operation.ts';
import { type RawComment, type RawFile, type Snapshot } from '../../sync/core/replica.ts';
import { dateValueOf, momentOf, toTimePoint, type TimePoint } from './dates.ts';
import { type Comment, type Task } from './schema.ts';

/** Sizes come as kilobytes rounded up (reference 10): no byte count, so none is given. */
/** Bytes are told nowhere, kilobytes everywhere. */
const rawFile = (file: {
  readonly id: string;
  readonly name: string;
  readonly size?: number | null | undefined;
}): RawFile => ({
  id: as<LocalFileId>(file.id),
  name: file.name,
  ...(file.size == null ? {} : { kilobytes: file.size }),
  size: null,
});

const persons = (ids: readonly string[]): readonly LocalPersonId[] => ids.map((id) => as<LocalPersonId>(id));

const markOf = (sourceObjectId: string | null | undefined): Mark | null =>
  sourceObjectId == null || sourceObjectId === '' ? null : as<Mark>(sourceObjectId.toLowerCase());

function dateOf(
  point: TimePoint | null | undefined,
  has: boolean | undefined,
  timed: boolean | undefined,
  zone: string,
): DateValue | null {
  if (point == null || has === false) return null;
  return dateValueOf(point, timed ?? point.time !== undefined, zone);
}

/** The name of a date that the task is said to have and that can't be read, or null. */
export function unreadableDate(task: Task, zone: string): 'startDateTime' | 'endDateTime' | null {
  const bad = (point: TimePoint | null | undefined, has: boolean | undefined): boolean =>
    point != null &&
    has !== false &&
    (has === true || Object.values(point).some((part) => part !== undefined)) &&
    momentOf(point, zone) === null;
  if (bad(task.startDateTime, task.hasStartDate)) return 'startDateTime';
  return bad(task.endDateTime, task.hasEndDate) ? 'endDateTime' : null;
}

/** A parsed task as the port shows it; dates of a day alone are midnights in `zone`. */
export function snapshotOf(task: Task, zone: string): Snapshot {
  return {
    task: as<LocalTaskId>(task.id),
    title: task.name,
    description: task.description,
    status: as<LocalStatusId>(task.status.id),
    object: task.object ?? task.template,
    creator: task.assigner == null ? null : as<LocalPersonId>(task.assigner.id),
    assignees: persons(task.assignees),
    participants: persons(task.participants),
    auditors: persons(task.auditors),
    start: dateOf(task.startDateTime, task.hasStartDate, task.hasStartTime, zone),
    deadline: dateOf(task.endDateTime, task.hasEndDate, task.hasEndTime, zone),
    place: task.project,
    files: task.files.map(rawFile),
    changedAt: task.dateOfLastUpdate == null ? null : momentOf(task.dateOfLastUpdate, zone),
    statusChangedAt: null,
    control: task.resultChecking ?? false,
    world: 'planfix',
    chat: null,
    actions: null,
    deleted: task.isDeleted ?? false,
    mark: markOf(task.sourceObjectId),
  };
}

/**
 * A parsed comment as the port shows it. What the system wrote (a moved date, a changed status), and the empty comment
 * that carries a data tag (reference 6.9), are `system`. Returns `null` when its moment can't be read.
 */
export function commentOf(comment: Comment, zone: string): RawComment | null {
  const at = momentOf(comment.dateTime, zone);
  if (at === null) return null;
  const written = comment.type == null || comment.type === 'Comment';
  const told = comment.changeStatus || comment.changeTaskStartDate || comment.changeTaskExpectDate;
  const empty = comment.description.trim() === '' && comment.files.length === 0;
  return {
    id: as<LocalCommentId>(comment.id),
    author: comment.owner == null ? null : as<LocalPersonId>(comment.owner.id),
    authorName: comment.owner?.name ?? '',
    at,
    text: comment.description,
    files: comment.files.map(rawFile),
    recipients: persons(comment.recipients),
    replyTo: null,
    hidden: comment.isHidden ?? false,
    system: !written || empty || (told && comment.description.trim() === ''),
    mark: markOf(comment.sourceObjectId),
  };
}

/** One field's part of a request body; parts of different fields share no keys. */
export interface Part {
  readonly about: FieldName | 'control';
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Parts {
  readonly parts: readonly Part[];
  /** Values that Planfix has no form for; nothing is sent for them. */
  readonly failures: readonly Trouble[];
}

/** `status:{id}`, or why there is none. */
function statusPart(status: LocalStatusId): Part | Trouble {
  if (/^\d{1,9}$/.test(status)) return { about: 'status', body: { status: { id: Number(status) } } };
  return formless(
    'status',
    status,
    'Correct the status of this account in the mapping: Planfix numbers them.',
  );
}

const formless = (about: string, wanted: string, todo: string): Trouble => ({
  code: 'E-FIELD-INVALID',
  about,
  wanted,
  todo,
});

/** `{users:[{id:"user:3"}], groups:[{id:5}]}`; ids without a known prefix are given back. */
export function peopleOf(ids: readonly LocalPersonId[]): {
  readonly people: { readonly users: readonly { id: string }[]; readonly groups: readonly { id: number }[] };
  readonly odd: readonly LocalPersonId[];
} {
  const users = ids.filter((id) => /^(?:user|contact):\d+$/.test(id));
  const groups = ids.filter((id) => /^group:\d+$/.test(id));
  return {
    people: {
      users: users.map((id) => ({ id })),
      groups: groups.map((id) => ({ id: Number(id.slice('group:'.length)) })),
    },
    odd: ids.filter((id) => !users.includes(id) && !groups.includes(id)),
  };
}

function peoplePart(
  about: 'assignee' | 'participants' | 'auditors',
  key: string,
  ids: readonly LocalPersonId[],
): Part | Trouble {
  const { people, odd } = peopleOf(ids);
  if (odd.length === 0) return { about, body: { [key]: people } };
  return formless(
    about,
    odd.join(', '),
    'Write people of Planfix as "user:3", "contact:12" or "group:5" in the mapping.',
  );
}

/** `has…` keys are for updates alone: a date is cleared by them, and a new task has none to clear (reference 6.2). */
function datePart(
  about: 'start' | 'deadline',
  value: DateValue | null,
  purpose: 'create' | 'update',
  zone: string,
): Part | null {
  const name = about === 'start' ? 'Start' : 'End';
  const key = about === 'start' ? 'startDateTime' : 'endDateTime';
  if (value === null) {
    return purpose === 'create' ? null : { about, body: { [`has${name}Date`]: false } };
  }
  const point = toTimePoint(value, zone);
  if (purpose === 'create') return { about, body: { [key]: point } };
  return { about, body: { [key]: point, [`has${name}Date`]: true, [`has${name}Time`]: value.timed } };
}

/** Wanted values as parts of a body, one per field; whole sets of people, as Planfix replaces them (reference 6.3). */
export function partsOf(
  fields: WantedFields,
  status: LocalStatusId | null,
  purpose: 'create' | 'update',
  zone: string,
): Parts {
  const all: (Part | Trouble | null)[] = [
    fields.title === undefined ? null : { about: 'title', body: { name: fields.title } },
    fields.description === undefined
      ? null
      : { about: 'description', body: { description: fields.description } },
    fields.creator === undefined ? null : creatorPart(fields.creator),
    fields.assignees === undefined ? null : peoplePart('assignee', 'assignees', fields.assignees),
    fields.participants === undefined
      ? null
      : peoplePart('participants', 'participants', fields.participants),
    fields.auditors === undefined ? null : peoplePart('auditors', 'auditors', fields.auditors),
    fields.start === undefined ? null : datePart('start', fields.start, purpose, zone),
    fields.deadline === undefined ? null : datePart('deadline', fields.deadline, purpose, zone),
    fields.control === undefined ? null : { about: 'control', body: { resultChecking: fields.control } },
    status === null ? null : statusPart(status),
  ];
  return {
    parts: all.filter((part) => part !== null && 'body' in part) as readonly Part[],
    failures: all.filter((part) => part !== null && 'code' in part) as readonly Trouble[],
  };
}

function creatorPart(creator: LocalPersonId): Part | Trouble {
  if (/^(?:user|contact):\d+$/.test(creator))
    return { about: 'creator', body: { assigner: { id: creator } } };
  return formless(
    'creator',
    creator,
    'Name an employee or a contact of Planfix ("user:3", "contact:12") as creator.',
  );
}

export const bodyOf = (parts: readonly Part[]): Readonly<Record<string, unknown>> =>
  Object.assign({}, ...parts.map((part) => part.body)) as Readonly<Record<string, unknown>>;

const fieldsOfKeys: Readonly<Record<string, string>> = {
  name: 'title',
  description: 'description',
  status: 'status',
  assigner: 'creator',
  assignees: 'assignee',
  participants: 'participants',
  auditors: 'auditors',
  startDateTime: 'start',
  hasStartDate: 'start',
  hasStartTime: 'start',
  endDateTime: 'deadline',
  hasEndDate: 'deadline',
  hasEndTime: 'deadline',
  resultChecking: 'control',
  files: 'file',
};

/** The field's name in the bridge for a key of a request body; an unknown key keeps its name. */
export const fieldOfKey = (key: string): string => fieldsOfKeys[key] ?? key;
