/** The smallest set of writes that brings one account's task to its projection. */
import {
  type AccountId,
  type Instant,
  type LocalCommentId,
  type LocalPersonId,
  type Mark,
  type MessageId,
} from '../../errors/ids.ts';
import { type FieldName, fieldNames } from '../../mappings/types.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { reaches } from './audience.ts';
import { type Context, member, view, withoutAuthors } from './context.ts';
import { type Item, type Message, type SharedFile } from './item.ts';
import { fileChange, filesToCarry, sourceOf } from './messageFiles.ts';
import { copyOf, notified } from './messages.ts';
import { planNotes, tooLargeTroubles } from './notes.ts';
import {
  type FileSource,
  type Lane,
  type PlannedOperation,
  type StatusMove,
  type WantedFields,
  type Write,
} from './operation.ts';
import { planLastWord } from './parting.ts';
import { isPlain } from './plain.ts';
import { type Projection, projectField } from './project.ts';
import { circumstances, normalField, principal, statusWish, withCard } from './raw.ts';
import { retraction } from './retraction.ts';
import {
  type Blocked,
  takenBack,
  type CommentWorld,
  type KnownComment,
  type Replica,
  type Snapshot,
  worldOfComment,
} from './replica.ts';
import { isTooLarge, taskFilesFor } from './tooLarge.ts';

/** Marks of what this replica may be asked to create; the engine derives them from its key. */
export interface Marks {
  task(item: Item, account: AccountId): Mark;
  message(message: MessageId, account: AccountId): Mark;
}

export interface Plan {
  readonly operations: readonly PlannedOperation[];
  /** What stays as it is, and why: by field or operation key. */
  readonly held: Readonly<Record<string, Blocked>>;
  readonly troubles: readonly Trouble[];
}

const nothing: Plan = { operations: [], held: {}, troubles: [] };

export function plan(context: Context, item: Item, replica: Replica, marks: Marks, now: Instant): Plan {
  if (item.state === 'parted' || replica.state === 'gone') return nothing;
  if (replica.state === 'parted') {
    const lastWord = planLastWord(context, item, replica, marks, now);
    return { ...nothing, operations: lastWord.filter((operation) => !isBlocked(replica, operation, now)) };
  }
  if (replica.task === null) return planCreation(context, item, replica, marks, now);
  if (replica.shadow === null || replica.state === 'unreadable') return nothing;
  const fields = planFields(context, item, replica, replica.shadow, now);
  const operations = [
    ...planJoin(context, replica, replica.shadow, now),
    ...fields.operations,
    ...planMessages(context, item, replica, replica.shadow, marks, now),
    ...planFiles(context, item, replica, replica.shadow),
  ];
  return {
    operations: operations.filter((operation) => !isBlocked(replica, operation, now)),
    held: fields.held,
    troubles: [
      ...fields.troubles,
      ...(replica.outsideChat === true ? [noSeat(replica.shadow)] : []),
      ...tooLargeTroubles(context, item, replica),
    ],
  };
}

const noSeat = ({ chat }: Snapshot): Trouble => ({
  code: 'E-REMOTE-RIGHT',
  about: 'comment',
  wanted: `chat ${chat ?? ''}`,
  answered: 'the acting user has no seat in the chat of this task',
  todo: 'Add the acting user to the chat: until then no comment crosses. It asks for its seat itself, once a day.',
});

const stillBlocked = (blocked: Blocked | undefined, wanted: string, now: Instant): boolean =>
  blocked !== undefined && blocked.wanted === wanted && (blocked.retryAt === null || now < blocked.retryAt);

/** What an operation wants, as far as another try with the same would be refused again. Updates are compared by field. */
export function wantedText({ write }: PlannedOperation): string {
  switch (write.kind) {
    case 'task.create':
      return JSON.stringify([write.fields, write.status, write.object, write.place]);
    case 'comment.create':
      return commentWanted(write.text, write.files);
    case 'comment.update':
      return commentWanted(write.text, write.files?.add ?? []);
    case 'comment.delete':
      return write.instead?.text ?? '';
    default:
      return '';
  }
}

/** The same for a comment of this text with these files. */
export const commentWanted = (text: string, files: readonly FileSource[]): string =>
  [text, ...files.map(({ shared }) => `${shared.account}/${shared.file}`)].join('\n');

const isBlocked = (replica: Replica, operation: PlannedOperation, now: Instant): boolean =>
  stillBlocked(replica.blocked[operation.key], wantedText(operation), now);

function planCreation(context: Context, item: Item, replica: Replica, marks: Marks, now: Instant): Plan {
  const { account } = replica;
  const here = view(context, account);
  const troubles: Trouble[] = [];
  const held: Record<string, Blocked> = {};
  let set: WantedFields = {};
  let status: PlannedCreation['status'] = null;
  let stage: PlannedCreation['stage'];
  for (const field of fieldNames) {
    const projection = projectField(context, item, account, field, null);
    if (projection.is === 'nothing') continue;
    troubles.push(...projection.troubles);
    if (projection.is === 'held') continue;
    set = withoutEmpty({ ...set, ...projection.set });
    status = projection.status ?? status;
    stage = projection.stage ?? stage;
  }
  const { title } = set;
  if (title === undefined || title.trim() === '') return nothing;
  if (here.abilities.singleAssignee && set.assignees === undefined) {
    const fallback =
      member(context, account).defaultAssignee ?? member(context, account).standIns[context.mapping.hub];
    if (fallback === undefined || fallback === null) {
      const trouble: Trouble = {
        code: 'E-PERSON-UNMAPPED',
        about: 'assignee',
        wanted: `somebody responsible in ${account}`,
        todo: `Give the member ${account} a default_assignee or a stand-in for ${context.mapping.hub}.`,
      };
      return {
        operations: [],
        held: { 'task.create': { wanted: '', retryAt: null, tries: 0, trouble } },
        troubles: [trouble],
      };
    }
    set = { ...set, assignees: [fallback] };
  }
  const lens = context.mapping.statuses[account]?.everywhere;
  const { acceptance } = here.abilities;
  const waitsForAcceptance =
    acceptance !== null &&
    lens !== undefined &&
    lens !== null &&
    Object.values(lens.out).includes(acceptance);
  const { scope, object } = member(context, account);
  const write: Write = {
    kind: 'task.create',
    mark: marks.task(item, account),
    fields: { ...set, title, ...(waitsForAcceptance ? { control: true } : {}) },
    status,
    ...(stage === undefined ? {} : { stage }),
    object,
    place: scope === null ? null : scope.kind === 'project' ? scope.project : scope.group,
    files: here.abilities.bornWithFiles
      ? visibleFiles(context, item, replica).map((file) => sourceOf(file, null))
      : [],
  };
  const operation: PlannedOperation = {
    key: 'task.create',
    fields: ['task'],
    lane: 'field',
    write,
    from: item.origin.account,
  };
  return { operations: isBlocked(replica, operation, now) ? [] : [operation], held, troubles };
}

type PlannedCreation = Extract<Write, { kind: 'task.create' }>;

/** A new task has no dates and no people of itself: nothing need be said of what is empty. */
function withoutEmpty(set: WantedFields): WantedFields {
  const { start, deadline, description, ...rest } = set;
  return {
    ...rest,
    ...(start ? { start } : {}),
    ...(deadline ? { deadline } : {}),
    ...(description === undefined || description === '' ? {} : { description }),
  };
}

interface FieldPlan {
  readonly operations: readonly PlannedOperation[];
  readonly held: Readonly<Record<string, Blocked>>;
  readonly troubles: readonly Trouble[];
}

function planFields(
  context: Context,
  item: Item,
  replica: Replica,
  shadow: Snapshot,
  now: Instant,
): FieldPlan {
  const { account } = replica;
  const here = view(context, account);
  const preferred = principal(here, shadow);
  const held: Record<string, Blocked> = {};
  const troubles: Trouble[] = [];
  const parts: { field: FieldName; set: WantedFields; status: StatusMove | null }[] = [];
  for (const field of fieldNames) {
    const projection: Projection = projectField(context, item, account, field, shadow);
    if (projection.is === 'nothing') continue;
    troubles.push(...projection.troubles);
    if (projection.is === 'held') {
      const [trouble] = projection.troubles;
      if (trouble) held[field] = { wanted: trouble.wanted ?? '', retryAt: null, tries: 0, trouble };
      continue;
    }
    if (projection.normal === normalField(here, shadow, field, preferred)) continue;
    const blocked = replica.blocked[field];
    const anew = blocked?.stood?.includes(circumstances(here, shadow)) === false;
    if (blocked && !anew && stillBlocked(blocked, projection.normal, now)) {
      held[field] = blocked;
      continue;
    }
    if (projection.status === null) {
      parts.push({ field, set: projection.set, status: null });
      continue;
    }
    const control = projection.status === here.abilities.acceptance && !shadow.control;
    const move = here.statusMove(control ? { ...shadow, control: true } : shadow, projection.status);
    if ('unreachable' in move) {
      const trouble: Trouble = {
        code: 'E-STATUS-UNREACHABLE',
        about: 'status',
        wanted: statusWish(here, shadow, projection.status),
        answered: move.unreachable,
        todo: `Set the status of task ${shadow.task} in ${account} by hand, or give the bridge whoever may do it: svyazka account actor add ${account}`,
      };
      const stood = [circumstances(here, shadow)];
      held[field] = { wanted: projection.normal, retryAt: null, tries: 0, trouble, stood };
      troubles.push(trouble);
    } else
      parts.push({
        field,
        set: control ? { control: true } : {},
        status: withCard(move, projection.stage, shadow.stage),
      });
  }
  return { operations: updates(item, replica, shadow, parts), held, troubles };
}

/** One write for all fields of a task; one by one after a refusal that did not say which field it meant. */
function updates(
  item: Item,
  replica: Replica,
  base: Snapshot,
  parts: readonly { field: FieldName; set: WantedFields; status: StatusMove | null }[],
): PlannedOperation[] {
  const make = (chosen: typeof parts): PlannedOperation => {
    const status = chosen.find((part) => part.status !== null)?.status ?? null;
    const set = chosen.reduce<WantedFields>((all, part) => ({ ...all, ...part.set }), {});
    const first = chosen[0]?.field ?? 'title';
    return {
      key: chosen.length === 1 ? `task.update/${first}` : 'task.update',
      fields: chosen.map((part) => part.field),
      lane: status === null ? 'field' : 'status',
      from: item.fields[first]?.by ?? item.origin.account,
      write: { kind: 'task.update', task: base.task, base, set, status, silent: status === null },
    };
  };
  if (parts.length === 0) return [];
  return replica.isolate ? parts.slice(0, 1).map((part) => make([part])) : [make(parts)];
}

/** The acting user takes part in every mirrored task where it could not read it otherwise. */
function planJoin(context: Context, replica: Replica, shadow: Snapshot, now: Instant): PlannedOperation[] {
  const here = view(context, replica.account);
  if (!here.abilities.mustTakePart) return [];
  const people = [shadow.creator, ...shadow.assignees, ...shadow.participants, ...shadow.auditors];
  if (people.includes(here.actor)) return planReturn(replica, shadow, here.actor, now);
  return [
    {
      key: 'task.join',
      fields: [],
      lane: 'comment',
      from: replica.account,
      write: { kind: 'task.join', task: shadow.task },
    },
  ];
}

/** Whoever takes it out of the chat again within a day means it: it asks once a day. */
const askAgainMs = 86_400_000;

/** Taken out of the chat of a task that it takes part in, the acting user asks back. */
function planReturn(
  replica: Replica,
  shadow: Snapshot,
  actor: LocalPersonId,
  now: Instant,
): PlannedOperation[] {
  const { task, chat } = shadow;
  if (replica.outsideChat !== true || chat === null) return [];
  if (replica.askedBackAt !== undefined && now < replica.askedBackAt + askAgainMs) return [];
  const watches =
    shadow.auditors.includes(actor) &&
    ![shadow.creator, ...shadow.assignees, ...shadow.participants].includes(actor);
  return [
    {
      key: 'chat.join',
      fields: [],
      lane: 'comment',
      from: replica.account,
      write: { kind: 'task.join', task, chat, watches },
    },
  ];
}

function planMessages(
  context: Context,
  item: Item,
  replica: Replica,
  shadow: Snapshot,
  marks: Marks,
  now: Instant,
): PlannedOperation[] {
  const { account } = replica;
  const { world, chat } = shadow;
  // Without a seat in the chat each would be refused; they wait for it.
  if (world === 'chat' && replica.outsideChat === true) return [];
  const known = new Map(replica.comments.map((comment) => [comment.message, comment]));
  const ordered = [...item.messages].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const youngest = youngestComment(replica.comments, world);
  const operations: PlannedOperation[] = [];
  const common = { task: shadow.task, world, chat };
  let creating = false;
  for (const message of ordered) {
    if (message.origin.account === account) continue;
    const copy = known.get(message.id);
    const shown = message.state === 'live' && reaches(context, message, account);
    const about = { lane: 'comment' as Lane, fields: ['comment'] as const, from: message.origin.account };
    if (!shown) {
      if (copy && copy.state === 'live') {
        const comments = copy.parts.map((part) => part.comment);
        const instead = retraction(
          context,
          replica,
          world,
          message,
          marks,
          (shownIn, said) => copyOf(shownIn, replica, world, said, item.messages).text,
        );
        operations.push({
          ...about,
          key: `comment.delete/${message.id}`,
          write: { ...common, kind: 'comment.delete', comments, ...(instead && { instead }) },
        });
      }
      continue;
    }
    if (copy && (copy.state === 'deleted' ? copy.version !== takenBack : copy.version === message.version))
      continue;
    const stands = copy && (copy.state === 'live' || copy.stands === true) ? copy : undefined;
    const isPlainly = isPlain(view(context, account), replica, stands, now);
    const plain = isPlainly ? { plain: true } : {};
    const shownIn = isPlainly ? withoutAuthors(context, account) : context;
    const { text, author } = copyOf(shownIn, replica, world, message, item.messages);
    const mark = marks.message(message.id, account);
    if (stands) {
      const files = fileChange(context, replica, world, message, stands, text);
      operations.push({
        ...about,
        key: `comment.update/${message.id}`,
        write: {
          ...common,
          kind: 'comment.update',
          comments: stands.parts.map((part) => part.comment),
          text,
          author,
          message: message.id,
          mark,
          at: message.at,
          ...plain,
          ...(files === undefined ? {} : { files }),
        },
      });
    } else if (!creating) {
      const backfill = isBackfill(replica, message);
      const creation: PlannedOperation = {
        ...about,
        lane: backfill ? 'backfill' : 'comment',
        key: `comment.create/${message.id}`,
        write: {
          ...common,
          kind: 'comment.create',
          message: message.id,
          mark,
          text,
          author,
          at: message.at,
          ...plain,
          notify: backfill ? [] : notified(context, item, replica, message),
          replyTo: replyTarget(known, message),
          files: filesToCarry(context, replica, message).map((file) => sourceOf(file, message)),
          after: youngest,
        },
      };
      // One that was refused holds up no other.
      if (isBlocked(replica, creation, now)) continue;
      // One creation in flight per thread keeps their order, and a lost answer can be looked up by absence.
      creating = true;
      operations.push(creation);
    }
  }
  if (!creating)
    operations.push(
      ...planNotes(context, item, replica, shadow, marks, youngest, now)
        .filter((note) => !isBlocked(replica, note, now))
        .slice(0, 1),
    );
  for (const twin of replica.twins)
    operations.push({
      key: `comment.delete/twin ${twin}`,
      fields: ['comment'],
      lane: 'comment',
      from: account,
      write: { ...common, kind: 'comment.delete', comments: [twin] },
    });
  return operations;
}

/** Written before this replica existed: history, of which nobody is told. */
const isBackfill = (replica: Replica, message: Message): boolean =>
  replica.linkedAt !== null && message.at < replica.linkedAt - 60_000;

const replyTarget = (known: ReadonlyMap<MessageId, KnownComment>, message: Message): LocalCommentId | null =>
  (message.replyTo === null ? undefined : known.get(message.replyTo)?.parts[0]?.comment) ?? null;

/** Of those that stand in this world; where that is not known, of all. */
export function youngestComment(
  comments: readonly KnownComment[],
  world: CommentWorld | null,
): LocalCommentId | null {
  const order = (id: LocalCommentId): number => Number(/\d+$/u.exec(id)?.[0] ?? 0);
  return comments
    .flatMap(({ parts }) => parts.map(({ comment }) => comment))
    .filter((id) => world === null || worldOfComment(id) === world)
    .reduce<LocalCommentId | null>(
      (youngest, id) => (youngest === null || order(id) > order(youngest) ? id : youngest),
      null,
    );
}

function visibleFiles(context: Context, item: Item, replica: Replica): SharedFile[] {
  return taskFilesFor(context, item, replica.account).filter((file) => !isTooLarge(context, replica, file));
}

function planFiles(context: Context, item: Item, replica: Replica, shadow: Snapshot): PlannedOperation[] {
  const here = view(context, replica.account);
  const knownAs = (file: SharedFile): Replica['files'][number] | undefined =>
    replica.files.find((one) => one.shared.account === file.account && one.shared.file === file.file);
  const operations: PlannedOperation[] = [];
  for (const file of visibleFiles(context, item, replica)) {
    if (knownAs(file)) continue;
    operations.push({
      key: `file.attach/${file.account}/${file.file}`,
      fields: ['file'],
      lane: 'file',
      from: file.account,
      write: { kind: 'file.attach', task: shadow.task, source: sourceOf(file, null) },
    });
  }
  if (!here.abilities.detachesFiles) return operations;
  for (const file of item.files) {
    const known = knownAs(file);
    if (file.state !== 'removed' || !known || known.role !== 'copy') continue;
    if (!shadow.files.some((one) => one.id === known.file)) continue;
    operations.push({
      key: `file.detach/${known.file}`,
      fields: ['file'],
      lane: 'file',
      from: file.account,
      write: { kind: 'file.detach', task: shadow.task, base: shadow, file: known.file },
    });
  }
  return operations;
}
