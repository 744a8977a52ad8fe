/** Every method of the port as a question that can be asked of an account, and what an honest answer to it is. */
import { unknowns as ofBitrix24 } from '../../connectors/bitrix24/unknowns.ts';
import { unknowns as ofPlanfix } from '../../connectors/planfix/unknowns.ts';
import {
  type Connector,
  type OpenSource,
  type ReadRequest,
  type SweepCursor,
  type Swept,
} from '../../connectors/port.ts';
import { type Unknown } from '../../connectors/unknowns.ts';
import { type Json } from '../../emulators/common/types.ts';
import {
  type AccountId,
  as,
  type LocalFileId,
  type LocalTaskId,
  type Mark,
  type MessageId,
} from '../../errors/ids.ts';
import { type FileSource, type Write } from '../../sync/core/operation.ts';
import { type CommentsReading, type Reading, type Snapshot } from '../../sync/core/replica.ts';
import { type Bench, type Truth } from './account.ts';

export const mark = (number: number): Mark =>
  as<Mark>(`0c091b1f-a735-44e9-a56c-${String(number).padStart(12, '0')}`);

const sentBytes = Uint8Array.from({ length: 5_000 }, (_, index) => (index * 31) % 251);

const source: FileSource = {
  shared: { account: as<AccountId>('elsewhere'), file: as<LocalFileId>('1') },
  name: 'договор «Ромашки».pdf',
  size: sentBytes.length,
  comment: null,
};

export const openSource: OpenSource = (asked) => {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield sentBytes.subarray(0, 1_000);
    yield sentBytes.subarray(1_000);
  }
  return Promise.resolve({ name: asked.name, size: sentBytes.length, bytes: bytes() });
};

const everything = ({ facts }: Bench): ReadRequest => ({
  task: facts.task,
  aspects: ['task', 'comments', 'deleted-comments'],
  commentsAfter: null,
  world: null,
  chat: null,
});

/** How many tasks of the account carry this title. */
function tasksNamed(bench: Bench, title: string): number {
  const { tasks } = bench.dump() as { readonly tasks: readonly Readonly<Record<string, Json>>[] };
  return tasks.filter((task) => task['title'] === title || task['name'] === title).length;
}

const said = ({ comments }: Truth, words: string): number =>
  comments.list.filter(({ text }) => text.includes(words)).length;

export interface WriteCase {
  readonly name: string;
  /** Planned on what stands in the account now. */
  plan(bench: Bench, now: Truth): Write;
  /** How often its effect stands. */
  stands(bench: Bench, now: Truth): number;
  /** Doing it twice is doing it once: a refusal may be untrue. */
  readonly idempotent?: true;
  /** Its outcome brings the task as it is afterwards, which may contradict the success. */
  readonly kept?: 'read back';
  /** Kinds of account where it means something. */
  readonly only?: (bench: Bench) => boolean;
}

const creation = (
  { facts }: Bench,
  files: readonly FileSource[],
): Extract<Write, { kind: 'task.create' }> => ({
  kind: 'task.create',
  mark: mark(1),
  fields: {
    title: 'Новое дело',
    description: 'Что сделать',
    creator: facts.creator,
    assignees: [facts.assignee],
    deadline: { at: Date.parse('2026-12-02T10:00Z'), timed: true },
  },
  status: facts.next,
  object: facts.object,
  place: facts.place,
  files,
});

const saying = (
  { facts, now }: Bench,
  more: Partial<Extract<Write, { kind: 'comment.create' }>> = {},
): Extract<Write, { kind: 'comment.create' }> => ({
  kind: 'comment.create',
  task: facts.task,
  world: facts.world,
  chat: facts.chat,
  message: as<MessageId>('vesna/new'),
  mark: mark(2),
  text: 'Новое слово',
  author: facts.world === 'chat' ? null : facts.assignee,
  at: now() - 300_000,
  notify: [],
  replyTo: null,
  files: [],
  after: facts.last,
  ...more,
});

const longText = (): string => {
  const word = 'длинное'.repeat(2_400);
  return `<p>Новое слово ${word}</p><p>${word} конец</p>`;
};

export const writeCases: readonly WriteCase[] = [
  {
    name: 'write task.create',
    plan: (bench) => creation(bench, []),
    stands: (bench) => tasksNamed(bench, 'Новое дело'),
  },
  {
    name: 'write task.create with a file',
    plan: (bench) => creation(bench, [source]),
    stands: (bench) => tasksNamed(bench, 'Новое дело'),
  },
  {
    name: 'write task.update',
    kept: 'read back',
    plan: ({ facts, connector }, { snapshot }) => {
      const status = connector.view([]).statusMove(snapshot, facts.next);
      if ('unreachable' in status) throw new Error(status.unreachable);
      return {
        kind: 'task.update',
        task: facts.task,
        base: snapshot,
        set: { title: 'Дело иначе', deadline: null, participants: [facts.creator] },
        status,
        silent: true,
      };
    },
    stands: ({ facts }, { snapshot }) =>
      snapshot.title === 'Дело иначе' &&
      snapshot.deadline === null &&
      snapshot.participants.join() === facts.creator &&
      snapshot.status === facts.next
        ? 1
        : 0,
  },
  {
    name: 'write task.update of one field',
    kept: 'read back',
    plan: ({ facts }, { snapshot }) => ({
      kind: 'task.update',
      task: facts.task,
      base: snapshot,
      set: { title: 'Дело иначе' },
      status: null,
      silent: true,
    }),
    stands: (_bench, { snapshot }) => (snapshot.title === 'Дело иначе' ? 1 : 0),
  },
  {
    name: 'write task.join',
    idempotent: true,
    plan: ({ facts }) => ({ kind: 'task.join', task: facts.task }),
    stands: () => 1,
  },
  {
    name: 'write file.attach',
    plan: ({ facts }) => ({ kind: 'file.attach', task: facts.task, source }),
    stands: (_bench, { snapshot }) =>
      Math.min(1, snapshot.files.filter(({ name }) => name.startsWith('договор')).length),
  },
  {
    name: 'write file.detach',
    plan: ({ facts }, { snapshot }) => ({
      kind: 'file.detach',
      task: facts.task,
      base: snapshot,
      file: facts.file,
    }),
    stands: ({ facts }, { snapshot }) =>
      snapshot.files.some(({ id }) => id === facts.file) ? 0 : snapshot.files.length === 1 ? 1 : 7,
  },
  {
    name: 'write comment.create',
    plan: (bench) => saying(bench),
    stands: (_bench, now) => said(now, 'Новое слово'),
  },
  {
    name: 'write comment.create with a file',
    plan: (bench) => saying(bench, { files: [source] }),
    stands: (_bench, now) => said(now, 'Новое слово'),
  },
  {
    name: 'write comment.create in answer to another',
    only: ({ facts }) => facts.world === 'chat',
    plan: (bench) => saying(bench, { replyTo: bench.facts.first }),
    stands: (_bench, now) => said(now, 'Новое слово'),
  },
  {
    name: 'write comment.create in parts',
    only: ({ facts }) => facts.world === 'planfix',
    plan: (bench) => saying(bench, { text: longText() }),
    stands: (_bench, now) => {
      const [heads, ends] = [said(now, 'Новое слово'), said(now, 'конец')];
      return heads === ends ? heads : 0;
    },
  },
  {
    name: 'write comment.update',
    plan: ({ facts, now }) => ({
      kind: 'comment.update',
      task: facts.task,
      world: facts.world,
      chat: facts.chat,
      comments: [facts.ours],
      text: 'Наше второе слово',
      author: facts.world === 'chat' ? null : facts.assignee,
      message: as<MessageId>('vesna/ours'),
      mark: as<Mark>('0c091b1f-a735-44e9-a56c-00000000aaaa'),
      at: now() - 300_000,
    }),
    stands: (_bench, now) => said(now, 'Наше второе слово'),
  },
  {
    name: 'write comment.delete',
    plan: ({ facts }) => ({
      kind: 'comment.delete',
      task: facts.task,
      world: facts.world,
      chat: facts.chat,
      comments: [facts.ours],
    }),
    stands: ({ facts }, { comments }) => (comments.list.some(({ id }) => id === facts.ours) ? 0 : 1),
  },
];

/** A question that changes nothing; its answer without what time alone changes. */
export interface ReadCase {
  readonly name: string;
  ask(connector: Connector, bench: Bench): Promise<unknown>;
  /** What is wrong with an answer under a broken one of the account, given the true answer; empty = nothing. */
  judge(told: unknown, right: unknown, rowsMayMiss: boolean): readonly string[];
}

const timeless = (reading: Reading): Reading => ({ ...reading, at: 0 });

type Readings = readonly (readonly [LocalTaskId, Reading])[];

/** A reading holds what is true or nothing: neither another value, nor a hole that looks like a deletion. */
function judgeReadings(told: unknown, right: unknown): readonly string[] {
  const wrong: string[] = [];
  const truths = new Map(right as Readings);
  const all = new Map(told as Readings);
  for (const [task, truly] of truths) {
    const shown = all.get(task);
    if (shown === undefined) wrong.push(`task ${task} has no reading`);
    if (shown?.is === 'gone') wrong.push(`task ${task} is said to be gone`);
    if (shown?.is !== 'read' || truly.is !== 'read') continue;
    const troubled = (shown.troubles ?? []).length > 0;
    const bare = (snapshot: Snapshot | undefined): unknown =>
      // Names of files that could not be had are told by a trouble.
      troubled && snapshot !== undefined
        ? { ...snapshot, files: snapshot.files.map(({ id }) => id) }
        : snapshot;
    if (shown.snapshot !== undefined && !same(bare(shown.snapshot), bare(truly.snapshot)))
      wrong.push(`task ${task} is shown as ${difference(shown.snapshot, truly.snapshot)}`);
    const [comments, thread] = [shown.comments, truly.comments];
    if (comments === undefined || thread === undefined) continue;
    const { extent } = comments;
    const order = (id: string): number => Number(/\d+$/.exec(id)?.[0] ?? 0);
    const bound = extent.kind === 'all' || extent.known === null ? 0 : order(extent.known);
    const proves = extent.kind === 'all' || comments.list.length > 0;
    for (const comment of thread.list) {
      const found = comments.list.find(({ id }) => id === comment.id);
      if (found === undefined && order(comment.id) > bound && proves)
        wrong.push(`comment ${comment.id} is missing from what was read`);
      if (found !== undefined && !same(found, comment))
        wrong.push(`comment ${comment.id} is shown as ${difference(found, comment)}`);
    }
    const strangers = comments.list.filter(({ id }) => !thread.list.some((comment) => comment.id === id));
    if (strangers.length > 0) wrong.push(`${String(strangers.length)} comments are nobody's`);
    if (new Set(comments.list.map(({ id }) => id)).size < comments.list.length)
      wrong.push('a comment stands twice');
    const buried = comments.deleted.filter((id) => !thread.deleted.includes(id));
    if (buried.length > 0)
      wrong.push(`said to be deleted: ${buried.slice(0, 3).join()} of ${String(buried.length)}`);
  }
  return wrong;
}

export const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function difference(one: object | undefined, other: object | undefined): string {
  const [left, right] = [one, other] as readonly (Readonly<Record<string, unknown>> | undefined)[];
  return Object.keys({ ...left, ...right })
    .filter((key) => !same(left?.[key], right?.[key]))
    .map((key) => `${key} ${JSON.stringify(left?.[key])} for ${JSON.stringify(right?.[key])}`)
    .join(', ');
}

const reading = (name: string, requests: (bench: Bench) => readonly ReadRequest[]): ReadCase => ({
  name,
  ask: async (connector, bench) =>
    [...(await connector.read(requests(bench)))].map(([task, found]) => [task, timeless(found)]),
  judge: judgeReadings,
});

const known = ({ facts }: Bench): Pick<ReadRequest, 'world' | 'chat'> => ({
  world: facts.world,
  chat: facts.chat,
});

/** A list is told whole or not at all. */
const whole = (told: unknown, right: unknown, rowsMayMiss: boolean): readonly string[] => {
  const [shown, truly] = [told, right] as readonly (readonly unknown[])[];
  const missing = (truly ?? []).filter((row) => !(shown ?? []).some((other) => same(row, other)));
  const strange = (shown ?? []).filter((row) => !(truly ?? []).some((other) => same(row, other)));
  const show = (rows: readonly unknown[]): string => `${String(rows.length)}, ${JSON.stringify(rows[0])}`;
  return [
    ...(missing.length === 0 || rowsMayMiss ? [] : [`missing: ${show(missing)}`]),
    ...(strange.length === 0 ? [] : [`nobody's: ${show(strange)}`]),
  ];
};

/** An account without the list of objects tells its statuses of all of them. */
const judgeStatuses = (told: unknown, right: unknown, rowsMayMiss: boolean): readonly string[] => {
  const general = (list: unknown): unknown =>
    (list as readonly { readonly objects: unknown }[]).map((status) => ({ ...status, objects: null }));
  const all = (told as readonly { readonly objects: unknown }[]).every(({ objects }) => objects === null);
  return all ? whole(told, general(right), rowsMayMiss) : whole(told, right, rowsMayMiss);
};

const ordered = <One extends { readonly id: string }>(list: readonly One[]): readonly One[] =>
  [...list].sort((one, other) => (one.id < other.id ? -1 : 1));

/** Lines of facts that a connection acts upon. */
const acted = new Set(
  [...ofBitrix24, ...ofPlanfix].flatMap((row: Unknown) => (row.acted === true ? [`fact: ${row.name}`] : [])),
);

const absent = (bench: Bench): Extract<Write, { kind: 'task.create' }> => ({
  ...creation(bench, []),
  mark: mark(404),
  fields: { ...creation(bench, []).fields, title: 'Никогда не было' },
});

export const readCases: readonly ReadCase[] = [
  reading('read task', (bench) => [
    { task: bench.facts.task, aspects: ['task'], commentsAfter: null, ...known(bench) },
  ]),
  reading('read task, two of them', (bench) =>
    [bench.facts.task, bench.facts.other].map((task) => ({
      task,
      aspects: ['task'],
      commentsAfter: null,
      world: null,
      chat: null,
    })),
  ),
  reading('read comments', (bench) => [
    { task: bench.facts.task, aspects: ['comments'], commentsAfter: null, ...known(bench) },
  ]),
  reading('read comments after one', (bench) => [
    { task: bench.facts.task, aspects: ['comments'], commentsAfter: bench.facts.ours, ...known(bench) },
  ]),
  reading('read deleted-comments', (bench) => [
    { task: bench.facts.task, aspects: ['deleted-comments'], commentsAfter: null, ...known(bench) },
  ]),
  reading('read everything of a task never met', (bench) => [everything(bench)]),
  {
    name: 'recentComments',
    ask: async (connector, bench) => {
      const told = await connector.recentComments?.(bench.now() - 86_400_000);
      return told == null ? null : [...told.readings].sort(([one], [other]) => Number(one) - Number(other));
    },
    // A hint: what it leaves out is met when its thread is read. It invents nothing, and nothing of it counts as deleted.
    judge: (told, right) => {
      const truths = new Map((right ?? []) as readonly (readonly [LocalTaskId, CommentsReading])[]);
      return ((told ?? []) as readonly (readonly [LocalTaskId, CommentsReading])[]).flatMap(
        ([task, thread]) => {
          const truth = truths.get(task);
          const strange = thread.list.filter(({ id }) => truth?.list.every((one) => one.id !== id) !== false);
          const buried = thread.deleted.filter((id) => truth?.deleted.includes(id) !== true);
          return strange.length + buried.length === 0 ? [] : [`task ${task}: comments that are not there`];
        },
      );
    },
  },
  {
    name: 'find task.create that never was',
    ask: (connector, bench) => connector.find(absent(bench)),
    judge: (told) =>
      ['nothing', 'cannot-tell'].includes((told as { is: string }).is) ? [] : ['found what never was'],
  },
  {
    name: 'find comment.create that is there',
    ask: (connector, bench) =>
      connector.find(
        saying(bench, {
          text: 'Наше слово',
          mark: as<Mark>('0c091b1f-a735-44e9-a56c-00000000aaaa'),
          at: Date.parse('2026-11-24T07:30Z'),
          after: null,
        }),
      ),
    judge: (told, right) =>
      (told as { is: string }).is === 'cannot-tell' || same(told, right)
        ? []
        : [`told ${JSON.stringify(told)}`],
  },
  {
    name: 'find comment.create that never was',
    ask: (connector, bench) => connector.find(saying(bench, { text: 'Никто не говорил', mark: mark(405) })),
    judge: (told) =>
      ['nothing', 'cannot-tell'].includes((told as { is: string }).is) ? [] : ['found what never was'],
  },
  { name: 'people', ask: async (connector) => ordered(await connector.people()), judge: whole },
  { name: 'statuses', ask: async (connector) => ordered(await connector.statuses()), judge: judgeStatuses },
  {
    name: 'openFile',
    ask: async (connector, { facts }) => {
      const file = await connector.openFile(facts.task, null, facts.file);
      const chunks: Uint8Array[] = [];
      for await (const chunk of file.bytes) chunks.push(chunk);
      return { name: file.name, text: Buffer.concat(chunks).toString('utf8') };
    },
    judge: (told, right) => (same(told, right) ? [] : [`opened as ${JSON.stringify(told).slice(0, 80)}`]),
  },
  {
    name: 'check',
    // How many rows were counted is not the point, nor what an odd answer shows of itself where nothing is done with it.
    ask: async (connector) =>
      (await connector.check())
        .filter(({ about }) => !about.startsWith('fact: ') || acted.has(about))
        .map((line) => ({
          ...line,
          found: line.found.replace(/\d+ (tasks|moments)|task \d+/g, 'N'),
        })),
    judge: (told, right) => {
      const good = (lines: unknown): readonly string[] =>
        (lines as readonly { about: string; state: string; found: string }[])
          .filter(({ state }) => state === 'ok')
          .map(({ about, found }) => `${about}: ${found}`);
      return good(told)
        .filter((line) => !good(right).includes(line))
        .map((line) => `said to be well: ${line}`);
    },
  },
];

/** A way in which an account tells what changed in it. */
export interface Feed {
  readonly name: string;
  /** Accounts that have it. */
  readonly only?: (bench: Bench) => boolean;
  read(connector: Connector, cursor: SweepCursor | null): Promise<Swept>;
  /** A person does in a task what this feed tells. */
  change(bench: Bench, task: LocalTaskId): void;
  /** A cursor that says that the account has no such thing, after a refusal that says so. */
  readonly absent?: (cursor: SweepCursor) => boolean;
}

export const feeds: readonly Feed[] = [
  {
    name: 'changedSince',
    read: (connector, cursor) => connector.changedSince(cursor),
    change: (bench, task) => {
      bench.rename(task, 'Соседняя иначе');
    },
  },
  {
    name: 'changes.read',
    only: ({ facts }) => facts.world === 'chat',
    read: (connector, cursor) => {
      if (connector.changes === undefined) throw new Error('the account has no log of changes');
      return connector.changes.read(cursor);
    },
    change: (bench, task) => {
      bench.say(task, 'Слово в соседней');
    },
    absent: (cursor) => 'absentUntil' in cursor,
  },
];

/** Walks a feed to its end; its cursor is kept where an error meets it. */
export async function walked(
  feed: Feed,
  connector: Connector,
  begin: SweepCursor,
): Promise<{
  readonly tasks: ReadonlySet<LocalTaskId>;
  readonly cursor: SweepCursor;
  readonly error: unknown;
}> {
  const tasks = new Set<LocalTaskId>();
  let cursor = begin;
  try {
    for (;;) {
      const found = await feed.read(connector, cursor);
      for (const { task } of found.tasks) tasks.add(task);
      cursor = found.next;
      if (!found.more) return { tasks, cursor, error: null };
    }
  } catch (error) {
    return { tasks, cursor, error };
  }
}
