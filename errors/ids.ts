/** Branded ids: plain text at run time, told apart by the compiler. */

declare const brand: unique symbol;
export type Brand<Name extends string> = string & { readonly [brand]: Name };

/** Name of an account as configured (`teyron`), unique in this bridge. */
export type AccountId = Brand<'account'>;
/** Name of a shared workspace. */
export type SpaceId = Brand<'space'>;
/** A role's name inside a space: data, not an enumeration. */
export type RoleName = Brand<'role'>;
/** One shared task. */
export type ItemId = Brand<'item'>;
export type MessageId = Brand<'message'>;
export type OperationId = Brand<'operation'>;
/** A status of the space's own lifecycle. */
export type LifecycleStatus = Brand<'lifecycle'>;
/** UUID derived by HMAC from origin and target; tells nothing to who reads it (design, section 6). */
export type Mark = Brand<'mark'>;

/** The account's own number of a task. */
export type LocalTaskId = Brand<'local-task'>;
/** The account's own comment or chat message; `chat:901`, `comment:55` where one task has both worlds. */
export type LocalCommentId = Brand<'local-comment'>;
/** Planfix: `user:3`, `contact:12`, `group:5`. Bitrix24: `12`. */
export type LocalPersonId = Brand<'local-person'>;
/** The account's own status id, as text. */
export type LocalStatusId = Brand<'local-status'>;
/** A column of a group's kanban (Bitrix24), as text; "0" until the card is moved for the first time. */
export type LocalStageId = Brand<'local-stage'>;
/** Planfix: file id. Bitrix24: `disk:6465` or `attachment:2213`. */
export type LocalFileId = Brand<'local-file'>;

/** Milliseconds since 1970-01-01T00:00Z. */
export type Instant = number;

/** Names a text as an id of the wanted kind; the place where it is parsed is the place to call this. */
export const as = <Id extends Brand<string>>(text: string): Id => text as Id;
