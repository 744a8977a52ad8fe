/**
 * What Bitrix24 answers, taken as it comes: ids are texts or numbers, an empty map is an empty list, flags are Y and N.
 * Only what is used is named; a row that breaks its shape fails alone. Sources: b24restdocs api-reference/tasks/*,
 * tasks/comment-item/*, chats/messages/*, disk/*, user/*.
 */
import { z } from 'zod';

const Id = z.union([z.string(), z.number()]).transform(String);
/** `0`, an empty text and null all mean "none". */
const IdOrNone = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .optional()
  .transform((id) =>
    id === undefined || id === null || typeof id === 'boolean' || id === '' || String(id) === '0'
      ? null
      : String(id),
  );

/** PHP lists come as lists, as maps with number keys, as false or null when empty. */
const listOf = <Row extends z.ZodType>(row: Row) =>
  z.preprocess(
    (value) =>
      value === null || value === undefined || value === false || value === ''
        ? []
        : Array.isArray(value)
          ? (value as unknown[])
          : typeof value === 'object'
            ? Object.values(value)
            : value,
    z.array(row),
  );

const mapOf = <Row extends z.ZodType>(row: Row) =>
  z.preprocess(
    (value) =>
      value === null || value === undefined || (Array.isArray(value) && value.length === 0) ? {} : value,
    z.union([
      z.array(row).transform((rows) => new Map(rows.map((item, index) => [String(index), item] as const))),
      z.record(z.string(), row).transform((rows) => new Map(Object.entries(rows))),
    ]),
  );

/** ISO 8601 with offset, in milliseconds. */
const Moment = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    context.addIssue({ code: 'custom', message: 'no date' });
    return z.NEVER;
  }
  return at;
});
const MomentOrNone = z
  .union([Moment, z.literal('').transform(() => null), z.null(), z.literal(false).transform(() => null)])
  .optional()
  .transform((at) => at ?? null);

const ErrorValue = z.union([
  z.string().transform((code) => ({ code, text: '' })),
  z.number().transform((code) => ({ code: String(code), text: '' })),
  // REST 3.0, and commands of a batch.
  z
    .object({
      code: Id.optional(),
      message: z.string().optional(),
      error: Id.optional(),
      error_description: z.string().nullish(),
    })
    .transform((error) => ({
      code: error.code ?? error.error ?? '',
      text: error.message ?? error.error_description ?? '',
    })),
]);
const Time = z
  .object({ finish: z.number().optional(), operating_reset_at: z.number().optional() })
  .optional()
  .catch(undefined);

/** The outer form of every answer. An `error` key decides, even when its code is an empty text. */
export const Envelope = z
  .object({
    result: z.unknown().optional(),
    error: ErrorValue.optional(),
    error_description: z.string().nullish(),
    total: z.number().optional().catch(undefined),
    time: Time,
  })
  .transform((envelope) => ({
    ...envelope,
    error:
      envelope.error === undefined
        ? undefined
        : {
            code: envelope.error.code,
            text: envelope.error.text === '' ? (envelope.error_description ?? '') : envelope.error.text,
          },
  }));
export type Envelope = z.infer<typeof Envelope>;

export const BatchMaps = z.object({
  result: mapOf(z.unknown()),
  result_error: mapOf(ErrorValue),
  result_total: mapOf(z.number().catch(0)),
  result_time: mapOf(Time),
});

/** `result` of tasks.task.get; a missing or inaccessible task is an empty list. */
export const TaskResult = z.union([
  z.array(z.unknown()).transform(() => null),
  z.object({ task: z.unknown() }).transform(({ task }) => task),
]);

export const TaskRow = z.object({
  id: Id,
  title: z.string(),
  description: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  status: Id,
  createdBy: IdOrNone,
  responsibleId: IdOrNone,
  accomplices: listOf(Id),
  auditors: listOf(Id),
  deadline: MomentOrNone,
  startDatePlan: MomentOrNone,
  endDatePlan: MomentOrNone,
  groupId: IdOrNone,
  changedDate: MomentOrNone,
  statusChangedDate: MomentOrNone,
  taskControl: z.union([z.boolean(), z.string().transform((flag) => flag === 'Y'), z.null()]).optional(),
  chatId: IdOrNone,
  xmlId: z.string().nullish(),
  forumTopicId: IdOrNone,
  ufTaskWebdavFiles: listOf(Id),
  action: z
    .union([
      z.array(z.unknown()).transform(() => null),
      z
        .record(z.string(), z.unknown())
        .transform((flags) =>
          Object.keys(flags).filter((name) => flags[name] === true || flags[name] === 'Y'),
        ),
    ])
    .nullish(),
});
export type TaskRow = z.infer<typeof TaskRow>;

/** A row of a sweep or a search. */
export const ListedTask = z.object({
  id: Id,
  xmlId: z.string().nullish(),
  changedDate: MomentOrNone,
  activityDate: MomentOrNone,
});
export const TaskList = z
  .object({ tasks: listOf(z.unknown()) })
  .transform(({ tasks }) => tasks)
  .or(z.array(z.unknown()));

export const Attachment = z.object({
  ID: Id,
  OBJECT_ID: IdOrNone,
  NAME: z.string(),
  SIZE: z.coerce.number().nullish().catch(null),
  DOWNLOAD_URL: z.string().nullish(),
});

export const DiskFile = z.object({
  ID: Id,
  NAME: z.string(),
  SIZE: z.coerce.number().nullish().catch(null),
  DOWNLOAD_URL: z.string().nullish(),
});

export const Storage = z.object({ ID: Id, ENTITY_TYPE: z.string(), ENTITY_ID: Id });
export const Attached = z.object({ attachmentId: Id });

/** A comment of the old card. */
export const OldComment = z.object({
  ID: Id,
  AUTHOR_ID: IdOrNone,
  AUTHOR_NAME: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  POST_DATE: Moment,
  POST_MESSAGE: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  ATTACHED_OBJECTS: mapOf(
    z.object({ ATTACHMENT_ID: Id, NAME: z.string(), SIZE: z.coerce.number().nullish().catch(null) }),
  ),
});

const MessageParams = z
  .union([
    z.array(z.unknown()).transform(() => ({})),
    z.object({
      FILE_ID: listOf(Id).optional(),
      IS_DELETED: z.unknown().optional(),
      REPLY_ID: IdOrNone,
    }),
  ])
  .nullish()
  .transform(
    (params): { FILE_ID?: string[] | undefined; IS_DELETED?: unknown; REPLY_ID?: string | null } =>
      params ?? {},
  );

/** A message of a task chat. */
export const ChatMessage = z.object({
  id: Id,
  author_id: Id,
  date: Moment,
  text: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  isSystem: z.unknown().optional(),
  params: MessageParams,
});
export type ChatMessage = z.infer<typeof ChatMessage>;

export const MessagePage = z.object({
  messages: listOf(z.unknown()),
  users: listOf(z.unknown()),
  files: listOf(z.unknown()),
});
export const ChatUser = z.object({ id: Id, name: z.string() });
export const ChatFile = z.object({
  id: Id,
  name: z.string(),
  size: z.coerce.number().nullish().catch(null),
  authorId: IdOrNone,
  date: MomentOrNone.catch(null),
});
export type ChatFile = z.infer<typeof ChatFile>;
export const Uploaded = z.object({ file: z.object({ id: Id }), messageId: Id });
export const DownloadLink = z.object({ downloadUrl: z.string() });

/** An answer of im.v2.Event.get; its events are read one by one. */
export const ChatEvents = z.object({
  events: z.union([
    z.array(z.unknown()),
    z.record(z.string(), z.unknown()).transform((rows): unknown[] => Object.values(rows)),
  ]),
  nextOffset: z.coerce.number().int().nonnegative(),
  hasMore: z.union([z.boolean(), z.string().transform((flag) => flag === 'Y' || flag === 'true')]),
});
/** What such an event is about; a deletion has no message. */
export const ChatEvent = z.object({
  type: z.string(),
  data: z.object({
    message: z.object({ authorId: Id }).nullish().catch(null),
    chat: z.object({ entityType: z.string(), entityId: Id }).nullish().catch(null),
    user: z.object({ id: Id }).nullish().catch(null),
  }),
});

export const HistoryList = z.object({ list: z.array(z.unknown()) });

export const User = z.object({
  ID: Id,
  ACTIVE: z.union([z.boolean(), z.string().transform((flag) => flag === 'Y' || flag === '1')]).catch(true),
  NAME: z.string().nullish(),
  LAST_NAME: z.string().nullish(),
  EMAIL: z.string().nullish(),
  USER_TYPE: z.string().nullish(),
});

export const Profile = z.object({ ID: Id, ADMIN: z.unknown().optional() });

/** The names of the fields that broke a shape, never their values. */
export const shapeOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map(({ path, code }) => `${path.map(String).join('.') || 'row'}: ${code}`)
    .join(', ');

/** Number or text of a new comment or message. */
export const NewId = Id;
