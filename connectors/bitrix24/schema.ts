/**
 * What Bitrix24 answers, taken as it comes: ids are texts or numbers, an empty map is an empty list, flags are Y and N.
 * Only what is used is named; a row that breaks its shape fails alone. Sources: b24restdocs api-reference/tasks/*,
 * tasks/comment-item/*, chats/messages/*, disk/*, user/*.
 */
import { z } from 'zod';

const Id = z.union([z.string(), z.number()]).transform(String);
/** A number of something that is there. */
const Digits = Id.refine((id) => /^[1-9]\d{0,17}$/.test(id), 'no number');
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

/** A list that was asked for: one that is left out is no empty one. */
const toldListOf = <Row extends z.ZodType>(row: Row) =>
  z.preprocess((value) => (value === undefined ? 'left out' : value === '' ? [] : value), listOf(row));

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

/** A number or none, asked for: `0`, an empty text, false and null mean "none". */
const ToldId = z
  .union([z.string().regex(/^\d{0,18}$/), z.number().int().nonnegative(), z.null(), z.literal(false)])
  .transform((id) => (id === null || id === false || id === '' || String(id) === '0' ? null : String(id)));
/** A column of a kanban, asked for; "0" until the card is moved (b24restdocs: api-reference/tasks/stages/index.md). */
const ToldStage = ToldId.transform((id) => id ?? '0');
/** A date or none, asked for. */
const ToldMoment = z.union([
  z.literal('').transform(() => null),
  Moment,
  z.null(),
  z.literal(false).transform(() => null),
]);

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
    .refine((error) => (error.code ?? error.error ?? error.message) !== undefined, 'no error')
    .transform((error) => ({
      code: error.code ?? error.error ?? '',
      text: error.message ?? error.error_description ?? '',
    })),
]);
/** Seconds since 1970 of this century; what is none is not taken for a time. */
const Seconds = z.number().min(946_684_800).max(4_102_444_800).optional().catch(undefined);
const Time = z
  .object({ finish: Seconds, operating_reset_at: Seconds, operating: z.number().optional().catch(undefined) })
  .optional()
  .catch(undefined);

/** The outer form of every answer. An `error` key decides, even when its code is an empty text. */
export const Envelope = z
  .object({
    result: z.unknown().optional(),
    error: ErrorValue.nullish().transform((error) => error ?? undefined),
    error_description: z.string().nullish().catch(null),
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

const Unknowns = mapOf(z.unknown());
const BatchShape = z.object({ result: Unknowns, result_error: Unknowns });
const noMap = new Map<string, never>();
const BatchAside = z.object({
  result_total: mapOf(z.number().catch(0)).catch(noMap),
  result_time: mapOf(Time).catch(noMap),
});

type ErrorTold = z.infer<typeof ErrorValue>;

/**
 * The maps of a batch's answer, or null when it is none. An error that breaks its shape is `odd` and spoils its own
 * command alone; totals and times are by the way.
 */
export function batchMaps(result: unknown): {
  readonly results: ReadonlyMap<string, unknown>;
  readonly errors: ReadonlyMap<string, ErrorTold | 'odd'>;
  readonly totals: ReadonlyMap<string, number>;
  readonly times: ReadonlyMap<string, z.infer<typeof Time>>;
} | null {
  const shape = BatchShape.safeParse(result);
  if (!shape.success) return null;
  const errors = new Map<string, ErrorTold | 'odd'>();
  for (const [key, value] of shape.data.result_error) {
    if (value === null || value === undefined) continue;
    errors.set(key, ErrorValue.safeParse(value).data ?? 'odd');
  }
  const { result_total: totals, result_time: times } = BatchAside.parse(result);
  return { results: shape.data.result, errors, totals, times };
}

/** `result` of tasks.task.get; a missing or inaccessible task is an empty list. */
export const TaskResult = z.union([
  z
    .array(z.unknown())
    .max(0)
    .transform(() => null),
  z.object({ task: z.unknown() }).transform(({ task }) => task),
]);

/** All of it was asked for by name: what is left out was not told, and must not look like what a person emptied. */
export const TaskRow = z.object({
  id: Digits,
  title: z.string(),
  description: z
    .string()
    .nullable()
    .transform((text) => text ?? ''),
  status: Digits,
  stageId: ToldStage,
  createdBy: ToldId,
  responsibleId: ToldId,
  accomplices: toldListOf(Digits),
  auditors: toldListOf(Digits),
  deadline: ToldMoment,
  startDatePlan: ToldMoment,
  endDatePlan: ToldMoment,
  groupId: ToldId,
  changedDate: MomentOrNone,
  statusChangedDate: MomentOrNone,
  taskControl: z.union([z.boolean(), z.string().transform((flag) => flag === 'Y'), z.null()]),
  chatId: IdOrNone,
  xmlId: z.string().nullish(),
  ufTaskWebdavFiles: toldListOf(Digits),
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

/** A row of a sweep. */
export const SweptTask = z.object({ id: Digits, changedDate: ToldMoment, activityDate: ToldMoment });
/** A row of a search by mark. */
export const MarkedTask = z.object({ id: Digits, xmlId: z.string().nullable() });
export const ListedTask = z.object({ id: Digits });
export const DatedTask = z.object({ id: Digits, changedDate: MomentOrNone });
/** `result` of app.info, as far as its plan goes. */
export const License = z.object({ LICENSE: z.string().min(1) });
/** `result` of tasks.task.add of REST 3.0. */
export const NewItem = z.object({ item: z.object({ id: Digits, xmlId: z.string().nullish().catch(null) }) });
/** `result` of tasks.task.field.list of REST 3.0. */
export const FieldItems = z.object({ items: z.array(z.object({ name: z.string() })) });
/** A row of a list with WITH_RESULT_INFO. */
export const ResultInfo = z.object({
  taskRequireResult: z.string().optional().catch(undefined),
  taskHasOpenResult: z.string().optional().catch(undefined),
});
/** Rows of tasks.task.list: a list, or what PHP makes of one with gaps; nothing in its place is no empty list. */
export const TaskList = z
  .object({
    tasks: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown()).transform(Object.values)]),
  })
  .transform(({ tasks }): readonly unknown[] => tasks);

export const Attachment = z.object({
  ID: Id,
  OBJECT_ID: IdOrNone,
  NAME: z.string(),
  SIZE: z.coerce.number().nullish().catch(null),
  DOWNLOAD_URL: z.string().nullish(),
});

export const DiskFile = z.object({
  ID: Digits,
  NAME: z.string(),
  SIZE: z.coerce.number().nullish().catch(null),
  DOWNLOAD_URL: z.string().nullish(),
});

export const Storage = z.object({ ID: Digits, ENTITY_TYPE: z.string(), ENTITY_ID: Id });
export const Attached = z.object({ attachmentId: Digits });

/** A comment of the old card. */
export const OldComment = z.object({
  ID: Digits,
  AUTHOR_ID: ToldId,
  AUTHOR_NAME: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  POST_DATE: Moment,
  POST_MESSAGE: z
    .string()
    .nullable()
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
  id: Digits,
  chat_id: Id.nullish(),
  author_id: Id.refine((id) => /^\d{1,18}$/.test(id), 'no number'),
  date: Moment,
  text: z
    .string()
    .nullable()
    .transform((text) => text ?? ''),
  isSystem: z.unknown().optional(),
  params: MessageParams,
});
export type ChatMessage = z.infer<typeof ChatMessage>;

export const MessagePage = z.object({
  messages: z.union([
    z.array(z.unknown()),
    z.record(z.string(), z.unknown()).transform((rows): unknown[] => Object.values(rows)),
  ]),
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
export const Uploaded = z.object({ file: z.object({ id: Digits }), messageId: Digits });
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

/** An answer of task.stages.get: columns by their ids; they are read one by one. */
export const StageMap = mapOf(z.unknown());
export const Stage = z.object({
  ID: Digits,
  TITLE: z.string(),
  SORT: z.coerce.number(),
  ENTITY_ID: Id,
  ENTITY_TYPE: z.string(),
});

export const HistoryList = z.object({ list: z.array(z.unknown()) });

export const User = z.object({
  ID: Digits,
  ACTIVE: z.union([z.boolean(), z.string().transform((flag) => flag === 'Y' || flag === '1')]).catch(true),
  NAME: z.string().nullish(),
  LAST_NAME: z.string().nullish(),
  EMAIL: z.string().nullish(),
  USER_TYPE: z.string().nullish(),
});

export const Profile = z.object({
  ID: Digits,
  ADMIN: z
    .unknown()
    .optional()
    .transform((told) => told === true || told === 'Y' || told === 1),
});

/** The names of the fields that broke a shape, never their values. */
export const shapeOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map(({ path, code }) => `${path.map(String).join('.') || 'row'}: ${code}`)
    .join(', ');

/** Number or text of a new comment or message. */
export const NewId = Id;
