/**
 * What every connector promises, whatever stands behind it: one suite of the port. A runner per CRM hands in a harness
 * over its emulator; nothing here knows Planfix or Bitrix24.
 */
import { describe, expect, test } from '@jest/globals';
import { type Connector, ConnectorError, type OpenSource } from '../../connectors/port.ts';
import { type Fault } from '../../emulators/common/types.ts';
import {
  type AccountId,
  as,
  type Instant,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
  type MessageId,
} from '../../errors/ids.ts';
import { catalogue } from '../../errors/trouble.ts';
import { type FileSource, type Outcome, type WantedFields, type Write } from '../../sync/core/operation.ts';
import {
  type CommentsReading,
  type RawComment,
  type Reading,
  type Snapshot,
} from '../../sync/core/replica.ts';

export interface ConnectorHarness {
  readonly connector: Connector;
  /** Employees who may create tasks, be assigned and watch; none of them is the acting user. */
  readonly people: {
    readonly creator: LocalPersonId;
    readonly assignee: LocalPersonId;
    readonly other: LocalPersonId;
  };
  readonly place: string | null;
  readonly object: string | null;
  /** A status that a new task can be born with, and one that it can go to from there in one or more steps. */
  readonly statuses: { readonly born: LocalStatusId; readonly next: LocalStatusId };
  /** A value that the account surely refuses while it takes others, and the name of its field. */
  readonly refused: { readonly set: WantedFields; readonly about: string };
  /** Names that faults use for the requests behind these writes and readings. */
  readonly requests: {
    readonly createTask: string;
    readonly createComment: string;
    readonly updateTask: string;
  };
  /** Whether the account can be asked which comments were deleted. */
  readonly tellsDeleted: boolean;
  now(): Instant;
  advance(ms: number): void;
  /** What people do, in tasks that they made themselves. */
  readonly acts: {
    createTask(title: string): Promise<LocalTaskId>;
    rename(task: LocalTaskId, title: string): Promise<void>;
    /** By `people.creator`. */
    comment(task: LocalTaskId, text: string): Promise<LocalCommentId>;
    deleteComment(task: LocalTaskId, comment: LocalCommentId): Promise<void>;
  };
  fault(fault: Fault): void;
  clearFaults(): void;
  /** REST requests that reached the account so far. */
  served(): number;
  /** Limits of the account, as it documents them, from now on. */
  limitsOn(): void;
}

const minute = 60_000;
const mark = (number: number): Mark =>
  as<Mark>(`0c091b1f-a735-44e9-a56c-${String(number).padStart(12, '0')}`);

const noFiles: OpenSource = () => Promise.reject(new Error('no file was to be opened'));

const fileBytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) % 251);

const source: FileSource = {
  shared: { account: as<AccountId>('elsewhere'), file: as<LocalFileId>('1') },
  name: 'Смета «Ромашки» 2026.xlsx',
  size: fileBytes.length,
  comment: null,
};

const openBytes: OpenSource = (asked) => {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield fileBytes.subarray(0, 1000);
    yield fileBytes.subarray(1000);
  }
  return Promise.resolve({ name: asked.name, size: fileBytes.length, bytes: bytes() });
};

async function collected(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Answers that no API should give, yet proxies and accidents do. */
const hostile: readonly (readonly [string, Fault['answer'] | 'cut'])[] = [
  ['a page of HTML with status 200', { status: 200, body: { $raw: '<html><body>Вход</body></html>' } }],
  [
    'a page of HTML with status 502',
    { status: 502, body: { $raw: '<html><h1>502 Bad Gateway</h1></html>' } },
  ],
  ['an empty 200', { status: 200, body: { $raw: '' } }],
  ['an empty 500', { status: 500, body: { $raw: '' } }],
  ['half of an answer', { status: 200, body: { $raw: '{"result":"success","id":10' } }],
  ['null', { status: 200, body: { $raw: 'null' } }],
  ['a list', { status: 200, body: [] }],
  ['a text', { status: 200, body: { $raw: '"ok"' } }],
  ['an object without anything', { status: 200, body: {} }],
  [
    'wrong types everywhere',
    {
      status: 200,
      body: { result: { a: 1 }, id: {}, tasks: 7, task: [], comments: 'x', comment: 1, error: 3 },
    },
  ],
  [
    'rows of wrong types',
    { status: 200, body: { result: 'success', tasks: [null, 4, { id: {} }], task: { id: [] } } },
  ],
  ['a redirect to another host', { status: 302, headers: { location: 'https://elsewhere.example/' } }],
  ['a redirect to nowhere', { status: 302 }],
  ['an error with a wrong code', { status: 400, body: { result: 'fail', code: 'x', error: { deep: true } } }],
  ['a limit without a time', { status: 429, body: { $raw: 'slow down' } }],
  ['a cut connection', 'cut'],
];

/** `makeHarness` gives a fresh account for every test. */
export function connectorSuite(
  name: string,
  makeHarness: () => ConnectorHarness | Promise<ConnectorHarness>,
): void {
  const harness = async (): Promise<ConnectorHarness> => makeHarness();

  async function reading(
    { connector }: ConnectorHarness,
    task: LocalTaskId,
    aspects: readonly ('task' | 'comments' | 'deleted-comments')[] = ['task'],
    known?: Snapshot,
  ): Promise<Reading> {
    const request = {
      task,
      aspects,
      commentsAfter: null,
      world: known?.world ?? null,
      chat: known?.chat ?? null,
    };
    const found = (await connector.read([request])).get(task);
    if (found === undefined) throw new Error(`task ${task} has no reading`);
    return found;
  }

  async function snapshotOf(bench: ConnectorHarness, task: LocalTaskId): Promise<Snapshot> {
    const found = await reading(bench, task);
    if (found.is !== 'read' || found.snapshot === undefined) {
      throw new Error(`task ${task}: ${JSON.stringify(found)}`);
    }
    return found.snapshot;
  }

  async function commentsOf(bench: ConnectorHarness, known: Snapshot): Promise<CommentsReading> {
    const aspects = ['comments', 'deleted-comments'] as const;
    const found = await reading(bench, known.task, aspects, known);
    if (found.is !== 'read' || found.comments === undefined) throw new Error(JSON.stringify(found));
    return found.comments;
  }

  const byPeople = (comments: readonly RawComment[]): readonly RawComment[] =>
    comments.filter((comment) => !comment.system);

  async function written(bench: ConnectorHarness, one: Write, open = noFiles): Promise<Outcome> {
    const [outcome, ...others] = await bench.connector.write([one], open);
    if (outcome === undefined || others.length > 0) throw new Error('one write has one outcome');
    return outcome;
  }

  async function done(
    bench: ConnectorHarness,
    one: Write,
    open = noFiles,
  ): Promise<Extract<Outcome, { is: 'done' }>> {
    const outcome = await written(bench, one, open);
    if (outcome.is !== 'done') throw new Error(`${one.kind}: ${JSON.stringify(outcome)}`);
    return outcome;
  }

  type Create = Extract<Write, { kind: 'task.create' }>;
  const creation = (bench: ConnectorHarness, fields: Partial<Create['fields']> = {}): Create => ({
    kind: 'task.create',
    mark: mark(1),
    fields: {
      title: 'Перенести сайт 🙂 & настроить',
      creator: bench.people.creator,
      assignees: [bench.people.assignee],
      ...fields,
    },
    status: null,
    object: bench.object,
    place: bench.place,
    files: [],
  });

  async function create(
    bench: ConnectorHarness,
    fields: Partial<Create['fields']> = {},
  ): Promise<LocalTaskId> {
    const outcome = await done(bench, creation(bench, fields));
    if (outcome.made.task === undefined) throw new Error('the new task has no number');
    return outcome.made.task;
  }

  const saying = (
    bench: ConnectorHarness,
    known: Snapshot,
    text: string,
  ): Extract<Write, { kind: 'comment.create' }> => {
    const surface = bench.connector.view([]).commentSurface(known.world);
    return {
      kind: 'comment.create',
      task: known.task,
      world: known.world,
      chat: known.chat,
      message: as<MessageId>('message'),
      mark: mark(2),
      text: surface.print([{ kind: 'paragraph', children: [{ kind: 'text', text, marks: [] }] }]),
      author: bench.connector.view([]).abilities.authored[known.world] ? bench.people.other : null,
      at: bench.now() - 5 * minute,
      notify: [],
      replyTo: null,
      files: [],
      after: null,
    };
  };

  const plain = (bench: ConnectorHarness, known: Snapshot, markup: string): string => {
    const surface = bench.connector.view([]).commentSurface(known.world);
    return surface
      .parse(markup)
      .blocks.map(({ block }) => surface.normal(block))
      .filter((text) => text !== '')
      .join('\n');
  };

  describe(`${name} keeps the port's promises`, () => {
    test('a created task reads back as wanted', async () => {
      const bench = await harness();
      const surface = bench.connector.view([]).descriptionSurface();
      const description = surface.print([
        { kind: 'paragraph', children: [{ kind: 'text', text: 'Сроки: «до пятницы» <b>', marks: [] }] },
      ]);
      const start = { at: Math.floor(bench.now() / minute) * minute, timed: true };
      const deadline = { at: start.at + 3 * 86_400_000, timed: true };
      const one: Create = {
        ...creation(bench, { description, auditors: [bench.people.other], start, deadline, control: true }),
        status: bench.statuses.born,
      };
      const outcome = await done(bench, one);
      expect(outcome.failures).toEqual([]);
      const found = await snapshotOf(bench, outcome.made.task ?? as<LocalTaskId>(''));
      expect(found).toMatchObject({
        title: one.fields.title,
        status: bench.statuses.born,
        creator: bench.people.creator,
        assignees: [bench.people.assignee],
        start,
        deadline,
        place: bench.place,
        control: true,
        deleted: false,
      });
      expect(found.auditors).toContain(bench.people.other);
      const normal = (markup: string): readonly string[] =>
        surface.parse(markup).blocks.map(({ block }) => surface.normal(block));
      expect(normal(found.description)).toEqual(normal(description));
    });

    test('an update touches nothing else', async () => {
      const bench = await harness();
      const task = await create(bench, {
        participants: [bench.people.other],
        deadline: { at: bench.now(), timed: true },
      });
      const before = await snapshotOf(bench, task);
      bench.advance(2 * minute);
      const title = 'Другое название';
      await done(bench, {
        kind: 'task.update',
        task,
        base: before,
        set: { title },
        status: null,
        silent: true,
      });
      const after = await snapshotOf(bench, task);
      expect({ ...after, changedAt: null }).toEqual({ ...before, title, changedAt: null });
    });

    test('a date is cleared, set people are exactly the set', async () => {
      const bench = await harness();
      const { creator, other } = bench.people;
      const task = await create(bench, { participants: [other], deadline: { at: bench.now(), timed: true } });
      const base = await snapshotOf(bench, task);
      const set = { deadline: null, participants: [creator] };
      await done(bench, { kind: 'task.update', task, base, set, status: null, silent: true });
      const after = await snapshotOf(bench, task);
      expect(after.deadline).toBeNull();
      expect(after.participants).toEqual([creator]);
    });

    test('a status is reached by the way that the view names', async () => {
      const bench = await harness();
      const task = await create(bench);
      const base = await snapshotOf(bench, task);
      const status = bench.connector.view([]).statusMove(base, bench.statuses.next);
      if ('unreachable' in status) throw new Error(status.unreachable);
      await done(bench, { kind: 'task.update', task, base, set: {}, status, silent: true });
      expect((await snapshotOf(bench, task)).status).toBe(bench.statuses.next);
    });

    test('a refused field fails alone', async () => {
      const bench = await harness();
      const task = await create(bench);
      const base = await snapshotOf(bench, task);
      const set = { title: 'Принято', ...bench.refused.set };
      const outcome = await done(bench, { kind: 'task.update', task, base, set, status: null, silent: true });
      expect(outcome.failures.map((failure) => failure.about)).toEqual([bench.refused.about]);
      expect((await snapshotOf(bench, task)).title).toBe('Принято');
    });

    test('a refused value does not keep a task from being made', async () => {
      const bench = await harness();
      const outcome = await done(bench, creation(bench, bench.refused.set));
      expect(outcome.failures.map((failure) => failure.about)).toEqual([bench.refused.about]);
      const found = await snapshotOf(bench, outcome.made.task ?? as<LocalTaskId>(''));
      expect(found).toMatchObject({
        title: creation(bench).fields.title,
        assignees: [bench.people.assignee],
      });
    });

    test('a task whose creation was not answered is found by its mark, once', async () => {
      const bench = await harness();
      bench.fault({
        on: bench.requests.createTask,
        when: 'after',
        answer: { status: 503, body: { $raw: '' } },
      });
      const one = creation(bench);
      const outcome = await written(bench, one);
      expect(outcome.is).toBe('unknown');
      if (outcome.is !== 'unknown') return;
      expect(outcome.notBefore).toBeGreaterThanOrEqual(outcome.at + bench.connector.serverMaxMs);
      bench.advance(outcome.notBefore - bench.now());
      const found = await bench.connector.find(one);
      expect(found.is).toBe('task');
      if (found.is !== 'task') return;
      expect((await snapshotOf(bench, found.task)).title).toBe(one.fields.title);
    });

    test('a task whose creation never happened is not found', async () => {
      const bench = await harness();
      await create(bench);
      bench.fault({
        on: bench.requests.createTask,
        when: 'before',
        answer: { status: 503, body: { $raw: '' } },
      });
      const one: Create = { ...creation(bench, { title: 'Ещё одна' }), mark: mark(9) };
      expect((await written(bench, one)).is).toBe('unknown');
      bench.advance(bench.connector.serverMaxMs);
      expect(await bench.connector.find(one)).toEqual({ is: 'nothing' });
    });

    test('a comment whose creation was not answered is found', async () => {
      const bench = await harness();
      const known = await snapshotOf(bench, await create(bench));
      const first = await done(bench, { ...saying(bench, known, 'Первое'), mark: mark(3) });
      const after = first.made.comments?.[0]?.comment ?? null;
      const one = { ...saying(bench, known, 'Готово, проверьте'), after };
      bench.fault({
        on: bench.requests.createComment,
        when: 'after',
        answer: { status: 503, body: { $raw: '' } },
      });
      expect((await written(bench, one)).is).toBe('unknown');
      bench.advance(bench.connector.serverMaxMs);
      const found = await bench.connector.find(one);
      expect(found.is).toBe('comments');
      if (found.is !== 'comments') return;
      expect(found.comments.map((comment) => plain(bench, known, comment.text))).toEqual([
        plain(bench, known, one.text),
      ]);
    });

    test('a comment whose creation never happened is not found', async () => {
      const bench = await harness();
      const known = await snapshotOf(bench, await create(bench));
      const first = await done(bench, { ...saying(bench, known, 'Первое'), mark: mark(3) });
      const after = first.made.comments?.[0]?.comment ?? null;
      const one = { ...saying(bench, known, 'Второе'), after };
      bench.fault({
        on: bench.requests.createComment,
        when: 'before',
        answer: { status: 503, body: { $raw: '' } },
      });
      expect((await written(bench, one)).is).toBe('unknown');
      bench.advance(bench.connector.serverMaxMs);
      expect(await bench.connector.find(one)).toEqual({ is: 'nothing' });
    });

    test('comments come oldest first with their author, whoever wrote them', async () => {
      const bench = await harness();
      const known = await snapshotOf(bench, await bench.acts.createTask('Задача людей'));
      await bench.acts.comment(known.task, 'Первый');
      bench.advance(minute);
      await done(bench, saying(bench, known, 'Второй'));
      bench.advance(minute);
      await bench.acts.comment(known.task, 'Третий');
      const { list, extent } = await commentsOf(bench, known);
      const comments = byPeople(list);
      expect(extent).toEqual({ kind: 'all' });
      expect(comments.map((comment) => plain(bench, known, comment.text))).toEqual([
        expect.stringContaining('Первый'),
        expect.stringContaining('Второй'),
        expect.stringContaining('Третий'),
      ]);
      const { authored } = bench.connector.view([]).abilities;
      const mirrored = authored[known.world] ? bench.people.other : bench.connector.view([]).actor;
      expect(comments.map((comment) => comment.author)).toEqual([
        bench.people.creator,
        mirrored,
        bench.people.creator,
      ]);
    });

    test('the thread after a known comment holds every younger one', async () => {
      const bench = await harness();
      const known = await snapshotOf(bench, await bench.acts.createTask('Задача людей'));
      const first = await bench.acts.comment(known.task, 'Первый');
      const second = await bench.acts.comment(known.task, 'Второй');
      const { task, world, chat } = known;
      const request = { task, aspects: ['comments'] as const, commentsAfter: first, world, chat };
      const found = (await bench.connector.read([request])).get(task);
      if (found?.is !== 'read') throw new Error(JSON.stringify(found));
      expect(byPeople(found.comments?.list ?? []).map((comment) => comment.id)).toContain(second);
    });

    test('an edited comment shows its new text and keeps its place', async () => {
      const bench = await harness();
      const known = await snapshotOf(bench, await create(bench));
      const made = await done(bench, saying(bench, known, 'Было'));
      const comments = (made.made.comments ?? []).map((part) => part.comment);
      const { task, world, chat, text, author, message, at } = { ...saying(bench, known, 'Стало'), ...known };
      const edit: Write = {
        kind: 'comment.update',
        task,
        world,
        chat,
        comments,
        text,
        author,
        message,
        at,
        mark: mark(2),
      };
      await done(bench, edit);
      const shown = byPeople((await commentsOf(bench, known)).list);
      expect(shown.map((comment) => plain(bench, known, comment.text))).toContain(plain(bench, known, text));
    });

    test('a deleted comment is told where the account tells, and gone from the thread', async () => {
      const bench = await harness();
      const known = await snapshotOf(bench, await bench.acts.createTask('Задача людей'));
      const kept = await bench.acts.comment(known.task, 'Останется');
      const doomed = await bench.acts.comment(known.task, 'Удалят');
      await bench.acts.deleteComment(known.task, doomed);
      const found = await commentsOf(bench, known);
      const left = byPeople(found.list).map((comment) => comment.id);
      expect(left).toContain(kept);
      expect(left).not.toContain(doomed);
      if (bench.tellsDeleted) expect(found.deleted).toContain(doomed);
    });

    test('a comment that the bridge deletes is gone, deleting it again is no failure', async () => {
      const bench = await harness();
      const known = await snapshotOf(bench, await create(bench));
      const made = await done(bench, saying(bench, known, 'Лишнее'));
      const comments = (made.made.comments ?? []).map((part) => part.comment);
      const { task, world, chat } = known;
      const gone: Write = { kind: 'comment.delete', task, world, chat, comments };
      await done(bench, gone);
      const left = byPeople((await commentsOf(bench, known)).list).map((comment) =>
        plain(bench, known, comment.text),
      );
      expect(left.join()).not.toContain('Лишнее');
      await done(bench, gone);
    });

    test('reading a hundred tasks costs as few requests as the batch allows', async () => {
      const bench = await harness();
      const tasks: LocalTaskId[] = [];
      for (let number = 0; number < 100; number += 1)
        tasks.push(await bench.acts.createTask(`Задача ${String(number)}`));
      const before = bench.served();
      const readings = await bench.connector.read(
        tasks.map((task) => ({ task, aspects: ['task'], commentsAfter: null, world: null, chat: null })),
      );
      expect(bench.served() - before).toBe(Math.ceil(100 / bench.connector.batch.read));
      expect([...readings.values()].filter((found) => found.is === 'read')).toHaveLength(100);
    });

    test('a task that is not there does not spoil the reading of others', async () => {
      const bench = await harness();
      const task = await bench.acts.createTask('Есть');
      const missing = as<LocalTaskId>('987654321');
      const request = { aspects: ['task'] as const, commentsAfter: null, world: null, chat: null };
      const readings = await bench.connector.read([
        { task: missing, ...request },
        { task, ...request },
      ]);
      expect(readings.get(task)?.is).toBe('read');
      expect(['gone', 'unreadable']).toContain(readings.get(missing)?.is);
    });

    test('a sweep finds every task that changed or was commented on, and none that was left alone', async () => {
      const bench = await harness();
      const quiet = await bench.acts.createTask('Тихая');
      const renamed = await bench.acts.createTask('Старое имя');
      const discussed = await bench.acts.createTask('Обсуждаемая');
      bench.advance(60 * minute);
      const begun = await bench.connector.changedSince(null);
      expect(begun).toMatchObject({ tasks: [], more: false });
      bench.advance(5 * minute);
      await bench.acts.rename(renamed, 'Новое имя');
      await bench.acts.comment(discussed, 'Вопрос');
      const made = await bench.acts.createTask('Новая');
      bench.advance(minute);
      const told = new Map<LocalTaskId, Set<string>>();
      let cursor = begun.next;
      for (;;) {
        const swept = await bench.connector.changedSince(cursor);
        for (const { task, aspects } of swept.tasks) {
          told.set(task, new Set([...(told.get(task) ?? []), ...aspects]));
        }
        cursor = swept.next;
        if (!swept.more) break;
      }
      expect(told.get(renamed)).toContain('task');
      expect(told.get(discussed)).toContain('comments');
      expect(told.get(made)).toContain('task');
      expect(told.has(quiet)).toBe(false);
    });

    test("a file's bytes come back equal under their name", async () => {
      const bench = await harness();
      const task = await create(bench);
      const outcome = await done(bench, { kind: 'file.attach', task, source }, openBytes);
      expect(outcome.made.files?.map((made) => made.shared)).toEqual([source.shared]);
      const [file] = (await snapshotOf(bench, task)).files;
      expect(file).toMatchObject({ id: outcome.made.files?.[0]?.file, name: source.name });
      const opened = await bench.connector.openFile(task, null, file?.id ?? as<LocalFileId>(''));
      expect(opened.name).toBe(source.name);
      expect(Buffer.from(await collected(opened.bytes)).equals(Buffer.from(fileBytes))).toBe(true);
    });

    test('a comment carries its files, and one that can not be opened fails alone', async () => {
      const bench = await harness();
      const known = await snapshotOf(bench, await create(bench));
      const broken = { ...source, name: 'пропал.pdf' };
      const open: OpenSource = (asked) =>
        asked.name === broken.name ? Promise.reject(new Error('gone')) : openBytes(asked);
      const outcome = await done(
        bench,
        { ...saying(bench, known, 'Вот смета'), files: [broken, source] },
        open,
      );
      expect(outcome.failures.map((failure) => failure.about)).toEqual([broken.name]);
      const shown = byPeople((await commentsOf(bench, known)).list);
      const [file] = shown.flatMap((comment) => comment.files);
      expect(file).toMatchObject({ id: outcome.made.files?.[0]?.file, name: source.name });
    });

    test('people and statuses are listed with the ids that tasks show', async () => {
      const bench = await harness();
      const people = await bench.connector.people();
      const ids = people.map((person) => person.id);
      for (const person of Object.values(bench.people)) expect(ids).toContain(person);
      const statuses = (await bench.connector.statuses()).map((status) => status.id);
      expect(statuses).toContain(bench.statuses.born);
      expect(statuses).toContain(bench.statuses.next);
    });

    test('a check of a sound account finds nothing failed', async () => {
      const bench = await harness();
      await bench.acts.createTask('Задача');
      const lines = await bench.connector.check();
      expect(lines.filter((line) => line.state === 'failed')).toEqual([]);
      expect(lines.map((line) => line.about)).toContain('credential');
    });

    test('under the limits of the account work goes on or says when to come back', async () => {
      const bench = await harness();
      const known = await snapshotOf(bench, await create(bench));
      bench.limitsOn();
      for (let number = 0; number < 10; number += 1) {
        const outcome = await written(bench, {
          ...saying(bench, known, `Сообщение ${String(number)}`),
          mark: mark(100 + number),
        });
        if (outcome.is === 'refused') expect(outcome.trouble.code).toBe('E-REMOTE-LIMIT');
        else expect(outcome.is).toBe('done');
      }
    });
  });

  describe(`${name} withstands answers that no API should give`, () => {
    test.each(hostile)(
      '%s: writes give an outcome, readings a trouble, nothing else is thrown',
      async (_what, answer) => {
        const bench = await harness();
        const known = await snapshotOf(bench, await create(bench));
        const said = await done(bench, saying(bench, known, 'Есть'));
        const comments = (said.made.comments ?? []).map((part) => part.comment);
        const { task, world, chat } = known;
        const { text, author, message, at } = saying(bench, known, 'Иначе');
        const move = bench.connector.view([]).statusMove(known, bench.statuses.next);
        if ('unreachable' in move) throw new Error(move.unreachable);
        const writes: readonly Write[] = [
          { ...creation(bench), files: [source] },
          {
            kind: 'task.update',
            task,
            base: known,
            set: { title: 'Ново', deadline: null },
            status: move,
            silent: true,
          },
          { kind: 'task.join', task },
          { kind: 'file.attach', task, source },
          { kind: 'file.detach', task, base: known, file: as<LocalFileId>('1') },
          saying(bench, known, 'Ещё'),
          { kind: 'comment.update', task, world, chat, comments, text, author, message, at, mark: mark(2) },
          { kind: 'comment.delete', task, world, chat, comments },
        ];
        const fault = answer === 'cut' ? { cut: true } : answer === undefined ? {} : { answer };
        bench.fault({ on: '*', when: 'before', times: 10_000, ...fault });
        const outcomes = await bench.connector.write(writes, openBytes);
        expect(outcomes).toHaveLength(writes.length);
        for (const outcome of outcomes) {
          if (outcome.is !== 'refused' && outcome.is !== 'unknown') continue;
          expect(Object.keys(catalogue)).toContain(outcome.trouble.code);
          expect(outcome.trouble.code).not.toBe('E-OURS');
          expect(outcome.trouble.todo).not.toBe('');
        }
        // A creation that was not answered with a number is never taken for done.
        expect(outcomes[0]?.is).not.toBe('done');
        expect(outcomes[5]?.is).not.toBe('done');

        const aspects = ['task', 'comments', 'deleted-comments'] as const;
        const asked = [task, as<LocalTaskId>('987654321')].map((id) => ({
          task: id,
          aspects,
          commentsAfter: null,
          world,
          chat,
        }));
        const readings = await troubled(bench.connector.read(asked));
        for (const found of readings?.values() ?? []) expect(found.is).toBe('unreadable');
        expect(['nothing', 'cannot-tell']).toContain((await bench.connector.find(creation(bench))).is);
        expect(['nothing', 'cannot-tell']).toContain(
          (await bench.connector.find(saying(bench, known, 'Ещё'))).is,
        );
        await troubled(bench.connector.changedSince({ since: bench.now() - 60 * minute }));
        await troubled(bench.connector.people());
        await troubled(bench.connector.statuses());
        await troubled(bench.connector.openFile(task, null, as<LocalFileId>('1')));
        expect((await bench.connector.check()).length).toBeGreaterThan(0);

        bench.clearFaults();
        bench.advance(60 * minute);
        expect((await snapshotOf(bench, task)).title).toBe(known.title);
      },
    );
  });
}

/** The value, or undefined when the connector said in its own words why there is none. */
async function troubled<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    expect(Object.keys(catalogue)).toContain(error.trouble.code);
    return undefined;
  }
}
