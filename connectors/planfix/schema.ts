/**
 * What the connector takes from Planfix's answers: only the keys it uses. Lenient where the references say so (ids as
 * numbers or text, empty values absent or null), strict where a wrong guess would be written over a person's value.
 * Rows are parsed one by one, so that a bad one fails alone.
 */
import { z } from 'zod';

const Digits = z
  .union([z.number().int().nonnegative(), z.string().regex(/^\d{1,18}$/)])
  .transform((id) => String(id));

const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

const Flag = z
  .boolean()
  .nullish()
  .transform((flag) => flag ?? undefined);

const Point = z
  .object({
    date: z.string().nullish(),
    time: z.string().nullish(),
    datetime: z.string().nullish(),
  })
  .transform(({ date, time, datetime }) => ({
    date: date ?? undefined,
    time: time ?? undefined,
    datetime: datetime ?? undefined,
  }));

/** `user:3` or `contact:12`; a bare number, where an answer shows one, is an employee. */
const PersonId = z
  .union([z.number().int().nonnegative(), z.string().regex(/^(?:(?:user|contact|group):)?\d{1,18}$/)])
  .transform((id) => (String(id).includes(':') ? String(id) : `user:${String(id)}`));

const Person = z.object({ id: PersonId, name: Text });

const GroupId = z
  .union([z.number().int().nonnegative(), z.string().regex(/^(?:group:)?\d{1,18}$/)])
  .transform((id) => (String(id).includes(':') ? String(id) : `group:${String(id)}`));

/** People of one duty as one list of ids, employees and contacts before groups. */
const People = z
  .object({
    users: z.array(Person).nullish(),
    groups: z.array(z.object({ id: GroupId })).nullish(),
  })
  .nullish()
  .transform((people) => [
    ...(people?.users ?? []).map((person) => person.id),
    ...(people?.groups ?? []).map((group) => group.id),
  ]);

const Ref = z
  .object({ id: Digits })
  .nullish()
  .transform((ref) => (ref == null || ref.id === '0' ? null : ref.id));

/** `size`: kilobytes rounded up (reference 10). */
const File = z.object({
  id: Digits,
  name: Text,
  size: z.coerce.number().int().nonnegative().nullish().catch(null),
});

const Files = z
  .array(File)
  .nullish()
  .transform((files) => files ?? []);

/** The files of a task, listed by themselves: they must be told. */
export const TaskFiles = z.array(File);

/** A task in answers (reference 6.2). */
export const Task = z.object({
  id: Digits,
  type: z.string().nullish(),
  // A row that leaves the name out is no whole row: it must not be read as a task whose name was taken away.
  name: z.string(),
  description: Text,
  status: z.object({ id: Digits }),
  object: Ref,
  template: Ref,
  project: Ref,
  assigner: Person.nullish(),
  assignees: People,
  participants: People,
  auditors: People,
  startDateTime: Point.nullish(),
  endDateTime: Point.nullish(),
  hasStartDate: Flag,
  hasStartTime: Flag,
  hasEndDate: Flag,
  hasEndTime: Flag,
  dateOfLastUpdate: Point.nullish(),
  resultChecking: Flag,
  isDeleted: Flag,
  files: Files,
  sourceObjectId: z.string().nullish(),
});
export type Task = z.infer<typeof Task>;

export const taskFields =
  'id,type,name,description,status,object,template,project,assigner,assignees,participants,auditors,' +
  'startDateTime,endDateTime,hasStartDate,hasStartTime,hasEndDate,hasEndTime,dateOfLastUpdate,resultChecking,' +
  'isDeleted,files,sourceObjectId';

/** Enough of a row to know which task it is, whatever else is wrong with it. */
export const Numbered = z.object({ id: Digits });

/** The id of any row, prefix and all. */
export const Identified = z.object({ id: z.union([z.number(), z.string()]) });

/** Whose row it is, by our own mark. */
export const Marked = z.object({ id: Digits, sourceObjectId: z.string().nullish() });

export const SweptTask = z.object({
  id: Digits,
  type: z.string().nullish(),
  dateTime: Point.nullish().catch(null),
  dateOfLastUpdate: Point.nullish().catch(null),
});

const Happened = z
  .unknown()
  .optional()
  .transform((value) => value != null);

/** A comment in answers (reference 8.2). */
export const Comment = z.object({
  id: Digits,
  dateTime: Point,
  type: z.string().nullish(),
  description: Text,
  owner: Person.nullish(),
  recipients: People,
  isHidden: Flag,
  isDeleted: Flag,
  files: Files,
  sourceObjectId: z.string().nullish(),
  changeStatus: Happened,
  changeTaskStartDate: Happened,
  changeTaskExpectDate: Happened,
});
export type Comment = z.infer<typeof Comment>;

export const commentFields =
  'id,dateTime,type,description,owner,recipients,isHidden,isDeleted,files,sourceObjectId,' +
  'changeStatus,changeTaskStartDate,changeTaskExpectDate';

/** A row of the list of deleted comments that says so itself. */
export const DeletedComment = z.object({ id: Digits, isDeleted: z.literal(true) });

/** The task of a row in a list that is not a task's own. */
export const OfTask = z.object({ task: z.object({ id: Digits }) });

export const Created = z.object({ id: Digits.refine((id) => !/^0+$/.test(id), 'no number') });

const Failure = z.object({ field: Text, error: Text });

/** `failures` of an update: an array by the schema of the document, one object by its example (reference 3). */
export const Failures = z
  .union([z.array(Failure), Failure.transform((failure) => [failure])])
  .nullish()
  .transform((failures) => failures ?? []);

const email = z
  .string()
  .nullish()
  .transform((address) => (address == null || address.trim() === '' ? null : address.trim().toLowerCase()));

export const User = z.object({
  id: PersonId,
  name: Text,
  lastname: Text,
  role: z.string().nullish(),
  status: z.string().nullish(),
  email,
  isDeleted: Flag,
});
export type User = z.infer<typeof User>;

export const Contact = z.object({
  id: z
    .union([z.number().int().nonnegative(), z.string().regex(/^(?:contact:)?\d{1,18}$/)])
    .transform((id) => (String(id).includes(':') ? String(id) : `contact:${String(id)}`)),
  name: Text,
  lastname: Text,
  email,
  isDeleted: Flag,
});
export type Contact = z.infer<typeof Contact>;

export const Group = z.object({ id: GroupId, name: Text });

export const Named = z.object({ id: Digits, name: Text });

export const Status = z.object({ id: Digits, name: Text, isActive: Flag, isAppliedIndividually: Flag });

/** `size` in kilobytes, rounded up (reference 10). */
export const FileInfo = z.object({ id: Digits, name: Text, size: z.coerce.number().nullish().catch(null) });

export const Moment = z.object({ dateTime: Point.nullish(), dateOfLastUpdate: Point.nullish() });

/** Where a value broke its contract, for the log and the item's list: a path and a reason, never the value. */
export function whatIsWrong(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'unknown form';
  const path = issue.path.map(String).join('.');
  return `${path === '' ? 'the row' : path}: ${issue.message}`;
}
