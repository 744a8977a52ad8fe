/** What people and portals do to the Bitrix24 connector, played on the emulator. */
import { describe, expect, test } from '@jest/globals';
import { ConnectorError } from '../../connectors/port.ts';
import { type LocalCommentId, type LocalTaskId } from '../../errors/ids.ts';
import { type CommentsReading, type Snapshot } from '../../sync/core/replica.ts';
import { type BitrixHarness, bitrixHarness, webhooks } from './bitrix24Harness.ts';
import {
  collected,
  commentId,
  creating,
  done,
  editing,
  failureOf,
  fileId,
  fileSource,
  madeBy,
  mark,
  minute,
  noFiles,
  opening,
  person,
  readingOf,
  saying,
  statusId,
  taskId,
  updating,
  written,
} from './portCalls.ts';

const whole = { aspects: ['task', 'comments'] } as const;
const openText = opening((name) => `bytes of ${name}`);

async function read(
  bench: BitrixHarness,
  task: LocalTaskId,
): Promise<{ snapshot: Snapshot; comments: CommentsReading }> {
  const found = await readingOf(bench, task, whole);
  if (found.is !== 'read' || found.snapshot === undefined || found.comments === undefined)
    throw new Error(JSON.stringify(found));
  return { snapshot: found.snapshot, comments: found.comments };
}

const people = ({ comments }: { comments: CommentsReading }) => comments.list.filter(({ system }) => !system);

describe('Tasks', () => {
  test('a text that looks like a reference of a batch arrives as it was written', async () => {
    const bench = bitrixHarness();
    const [first, second] = [
      await bench.acts.createTask('Секрет подрядчика'),
      await bench.acts.createTask('Вторая'),
    ];
    const [one, two] = [(await read(bench, first)).snapshot, (await read(bench, second)).snapshot];
    const title = '$result[w0b][task][title] и $result[w0a][task][title]';
    const outcomes = await bench.connector.write(
      [updating(one, { set: { description: 'Новое' } }), updating(two, { set: { title } })],
      noFiles,
    );
    expect(outcomes.map(({ is }) => is)).toEqual(['done', 'done']);
    expect((await read(bench, second)).snapshot.title).toBe(title);
    const born = await done(bench, creating({ title, assignees: [person('7')] }, { status: statusId('3') }));
    expect(born.after).toMatchObject({ title, status: '3', mark: mark(1) });
  });

  test('a person who was faster shows in the reading before the write', async () => {
    const bench = bitrixHarness();
    const task = await bench.acts.createTask('Было');
    const { snapshot } = await read(bench, task);
    await bench.acts.rename(task, 'Человек успел');
    const outcome = await done(bench, updating(snapshot, { set: { title: 'Мост' } }));
    expect(outcome.before?.title).toBe('Человек успел');
    expect(outcome.after?.title).toBe('Мост');
  });

  test('tasks that were never read are told by lists, and those that a list leaves out by themselves', async () => {
    const bench = bitrixHarness();
    const tasks: LocalTaskId[] = [];
    for (let number = 0; number < 120; number += 1)
      tasks.push(await bench.acts.createTask(`Задача ${String(number)}`));
    const missing = taskId('987654321');
    const requests = [...tasks, missing].map((task) => ({
      task,
      aspects: ['task'] as const,
      commentsAfter: null,
      world: null,
      chat: null,
    }));
    const before = bench.served();
    const readings = await bench.connector.read(requests);
    // Three pages of a list, then the missing one alone, then its history.
    expect(bench.served() - before).toBe(3);
    expect(readings.get(missing)).toMatchObject({ is: 'gone' });
    const [first] = tasks;
    const alone = first === undefined ? null : await readingOf(bench, first, { aspects: ['task'] });
    const listed = first === undefined ? undefined : readings.get(first);
    if (alone?.is !== 'read' || listed?.is !== 'read') throw new Error('not read');
    // What the acting user may do to a task no list tells.
    expect(listed.snapshot).toEqual({ ...alone.snapshot, actions: null });
    expect([...readings.values()].filter(({ is }) => is === 'read')).toHaveLength(120);
  });

  test('a list that does not tell a task whole is not believed: the task is read by itself', async () => {
    const bench = bitrixHarness();
    const tasks: LocalTaskId[] = [];
    for (let number = 0; number < 12; number += 1)
      tasks.push(await bench.acts.createTask(`Задача ${String(number)}`));
    const rows = tasks.map((task) => ({ id: task, title: 'Без остального', status: '5' }));
    bench.fault({
      on: 'batch',
      answer: { status: 200, body: { result: { result: { c0: { tasks: rows } }, result_error: [] } } },
    });
    const readings = await bench.connector.read(
      tasks.map((task) => ({ task, aspects: ['task'], commentsAfter: null, world: null, chat: null })),
    );
    for (const [number, task] of tasks.entries())
      expect(readings.get(task)).toMatchObject({
        is: 'read',
        snapshot: { title: `Задача ${String(number)}`, status: '2' },
      });
  });

  test('sixteen changes of different tasks cost one request', async () => {
    const bench = bitrixHarness();
    const bases: Snapshot[] = [];
    for (let number = 0; number < 16; number += 1)
      bases.push((await read(bench, await bench.acts.createTask(`Задача ${String(number)}`))).snapshot);
    const before = bench.served();
    const outcomes = await bench.connector.write(
      bases.map((base) => updating(base, { set: { title: `${base.title}!` } })),
      noFiles,
    );
    expect(outcomes.every(({ is }) => is === 'done')).toBe(true);
    expect(bench.served() - before).toBe(1);
  });

  test('the last accomplice can be taken off', async () => {
    const bench = bitrixHarness();
    const { after: base } = await done(
      bench,
      creating({ title: 'С соисполнителем', assignees: [person('7')], participants: [person('11')] }),
    );
    if (base === undefined) throw new Error('not read');
    expect(base.participants).toEqual(['11']);
    await done(bench, updating(base, { set: { participants: [] } }));
    expect((await read(bench, base.task)).snapshot.participants).toEqual([]);
  });

  test('the acting user keeps a seat in the task whatever people are written', async () => {
    const bench = bitrixHarness();
    const { snapshot } = await read(bench, await bench.acts.createTask('Задача'));
    await done(bench, updating(snapshot, { set: { auditors: [person('11')] } }));
    expect((await read(bench, snapshot.task)).snapshot.auditors).toEqual(['11', '1']);
  });

  test('every status is reached from every other as the view says', async () => {
    const bench = bitrixHarness();
    for (const control of [false, true])
      for (const from of ['2', '3', '4', '5', '6'])
        for (const to of ['2', '3', '4', '5', '6']) {
          const { after: base } = await done(
            bench,
            creating(
              { title: `${from} → ${to}`, creator: person('5'), assignees: [person('7')], control },
              { status: statusId(from) },
            ),
          );
          if (base === undefined) throw new Error('not read');
          expect(base.status).toBe(from);
          const move = bench.connector.view([]).statusMove(base, statusId(to));
          if ('unreachable' in move) throw new Error(move.unreachable);
          const outcome = await done(bench, updating(base, { status: move }));
          expect([from, to, control, outcome.after?.status, outcome.failures]).toEqual([
            from,
            to,
            control,
            to,
            [],
          ]);
        }
  });

  test('completing a controlled task as its responsible asks for acceptance, and no more is promised', async () => {
    const bench = bitrixHarness({ url: webhooks.assignee });
    const { task: row } = (await bench.call(webhooks.author, 'tasks.task.add', {
      fields: { TITLE: 'Под контролем', RESPONSIBLE_ID: 7, TASK_CONTROL: 'Y' },
    })) as { task: { id: string } };
    const { snapshot } = await read(bench, taskId(row.id));
    const view = bench.connector.view([]);
    expect(view.statusMove(snapshot, statusId('4'))).toMatchObject({
      steps: [{ via: 'tasks.task.complete', gives: '4' }],
    });
    const accepted = view.statusMove(snapshot, statusId('5'));
    if ('steps' in accepted) {
      expect(accepted.steps.map(({ via }) => via)).toEqual(['set']);
      expect(snapshot.actions).toContain('edit');
    } else expect(accepted.unreachable).toContain('acting user');
  });

  test('a task that was deleted is gone; one without access is unreadable', async () => {
    const bench = bitrixHarness({ url: webhooks.auditor });
    const closed = await readingOf(bench, taskId('106'), whole);
    expect(closed).toMatchObject({ is: 'unreadable', trouble: { code: 'E-TASK-UNREADABLE' } });
    const task = await bench.acts.createTask('Ненадолго');
    await bench.call(webhooks.administrator, 'tasks.task.delete', { taskId: task });
    expect((await readingOf(bench, task, whole)).is).toBe('gone');
  });

  test('a plan keeps its end when the start is moved, and drops one that would come before it', async () => {
    const bench = bitrixHarness();
    const [day, end] = [24 * 60 * minute, bench.now() + 3 * 24 * 60 * minute];
    const { task: row } = (await bench.call(webhooks.author, 'tasks.task.add', {
      fields: {
        TITLE: 'План',
        RESPONSIBLE_ID: 7,
        AUDITORS: [1],
        START_DATE_PLAN: new Date(bench.now()).toISOString(),
        END_DATE_PLAN: new Date(end).toISOString(),
      },
    })) as { task: { id: string } };
    const { snapshot } = await read(bench, taskId(row.id));
    const planned = async (): Promise<string | null> => {
      const { task } = (await bench.call(webhooks.author, 'tasks.task.get', {
        taskId: row.id,
        select: ['ID', 'END_DATE_PLAN'],
      })) as { task: { endDatePlan: string | null } };
      return task.endDatePlan;
    };
    const at = bench.now() + day;
    const moved = await done(bench, updating(snapshot, { set: { start: { at, timed: true } } }));
    expect(moved.after?.start?.at).toBe(at);
    expect(Date.parse((await planned()) ?? '')).toBe(end);
    const later = await done(bench, updating(snapshot, { set: { start: { at: end + day, timed: true } } }));
    expect(later.failures).toEqual([]);
    expect(later.after?.start?.at).toBe(end + day);
  });
});

describe('The chat of a task', () => {
  test('a seat in the task opens its chat', async () => {
    const bench = bitrixHarness();
    const { task: row } = (await bench.call(webhooks.author, 'tasks.task.add', {
      fields: { TITLE: 'Без моста', RESPONSIBLE_ID: 7 },
    })) as { task: { id: string } };
    const task = taskId(row.id);
    await bench.acts.comment(task, 'Слышно?');
    const outside = await readingOf(bench, task, whole);
    expect(outside).toMatchObject({ is: 'read', troubles: [{ code: 'E-REMOTE-RIGHT', about: 'comment' }] });
    expect(outside).not.toHaveProperty('comments');
    await done(bench, { kind: 'task.join', task });
    expect(people(await read(bench, task)).map(({ text }) => text)).toEqual(['Слышно?']);
  });

  test('a hundred and thirty messages are read to the first one, and after a known one only the younger', async () => {
    const bench = bitrixHarness();
    const task = await bench.acts.createTask('Болтливая');
    const ids: LocalCommentId[] = [];
    for (let number = 0; number < 130; number += 1)
      ids.push(await bench.acts.comment(task, `Сообщение ${String(number)}`));
    const { snapshot, comments } = await read(bench, task);
    expect(comments.extent).toEqual({ kind: 'all' });
    expect(people({ comments }).map(({ id }) => id)).toEqual(ids);
    const known = ids[59] ?? null;
    const younger = await readingOf(bench, task, {
      aspects: ['comments'],
      commentsAfter: known,
      world: 'chat',
      chat: snapshot.chat,
    });
    if (younger.is !== 'read' || younger.comments === undefined) throw new Error(JSON.stringify(younger));
    expect(younger.comments.extent).toEqual({ kind: 'after', known });
    expect(people({ comments: younger.comments }).map(({ id }) => id)).toEqual(ids.slice(60));
  });

  test('a text of fifty thousand characters goes as several messages of which none is cut', async () => {
    const bench = bitrixHarness();
    const { snapshot } = await read(bench, await bench.acts.createTask('Длинная'));
    const text = Array.from({ length: 1000 }, (_, line) => `Строка ${String(line)} ${'я'.repeat(40)}`).join(
      '\n\n',
    );
    const outcome = await done(bench, saying(snapshot, text));
    const shown = people(await read(bench, snapshot.task));
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.map(({ id }) => id)).toEqual(madeBy(outcome));
    expect(shown.every((comment) => !comment.text.endsWith('(...)'))).toBe(true);
    expect(
      shown
        .map((comment) => comment.text)
        .join('')
        .replace(/\s/g, ''),
    ).toBe(text.replace(/\s/g, ''));
    const shorter = await done(bench, editing(snapshot, madeBy(outcome), 'Коротко'));
    expect(people(await read(bench, snapshot.task)).map((comment) => comment.text)).toEqual(['Коротко']);
    const longer = await done(bench, editing(snapshot, madeBy(shorter), text));
    expect(madeBy(longer)).toHaveLength(shown.length);
  });

  test('a message past its edit window is deleted and written again', async () => {
    const bench = bitrixHarness({ settings: { 'chat.editWindowSeconds': 60 } });
    const { snapshot } = await read(bench, await bench.acts.createTask('Задача'));
    const first = await done(bench, saying(snapshot, 'Было'));
    bench.advance(5 * minute);
    const outcome = await done(bench, editing(snapshot, madeBy(first), 'Стало'));
    const shown = people(await read(bench, snapshot.task));
    expect(outcome.made.means).not.toBe('update');
    expect(shown.map(({ id }) => id)).toEqual(madeBy(outcome));
    expect(shown.at(-1)?.text).toBe('Стало');
  });

  test('a message with a file that can not be edited any more is followed up, and its file stays', async () => {
    const bench = bitrixHarness({ settings: { 'chat.editWindowSeconds': 60 } });
    const { snapshot } = await read(bench, await bench.acts.createTask('Задача'));
    const first = await done(
      bench,
      saying(snapshot, 'Смета', { files: [fileSource('смета.txt')] }),
      openText,
    );
    expect(madeBy(first)).toHaveLength(1);
    bench.advance(5 * minute);
    const outcome = await done(bench, editing(snapshot, madeBy(first), 'Смета исправлена'));
    expect(outcome.made.means).toBe('follow-up');
    const shown = people(await read(bench, snapshot.task));
    expect(shown.map(({ id }) => id)).toEqual(madeBy(outcome));
    expect(shown.map(({ text }) => text)).toEqual(['Смета', 'Смета исправлена']);
    const again = await done(bench, editing(snapshot, madeBy(outcome), 'Смета окончательная'));
    expect(madeBy(again)).toEqual(madeBy(outcome));
    expect(people(await read(bench, snapshot.task)).map(({ text }) => text)).toEqual([
      'Смета',
      'Смета окончательная',
    ]);
  });

  test('an answer to a message that is no more is written all the same', async () => {
    const bench = bitrixHarness();
    const { snapshot } = await read(bench, await bench.acts.createTask('Задача'));
    await done(bench, saying(snapshot, 'Ответ', { replyTo: commentId('chat:999999') }));
    expect(people(await read(bench, snapshot.task)).map(({ text }) => text)).toEqual(['Ответ']);
  });

  test("files of a message come back byte by byte, each under its message's number", async () => {
    const bench = bitrixHarness();
    const { snapshot } = await read(bench, await bench.acts.createTask('Задача'));
    const files = [fileSource('один.txt'), fileSource('два.txt')];
    const outcome = await done(bench, saying(snapshot, 'Файлы', { files }), openText);
    const shown = people(await read(bench, snapshot.task));
    expect(shown.map(({ id }) => id)).toEqual(madeBy(outcome));
    expect(shown.flatMap((comment) => comment.files.map(({ name }) => name))).toEqual([
      'один.txt',
      'два.txt',
    ]);
    for (const comment of shown)
      for (const file of comment.files) {
        const opened = await bench.connector.openFile(snapshot.task, comment.id, file.id);
        expect((await collected(opened.bytes)).toString()).toBe(`bytes of ${file.name}`);
      }
    const edited = await done(bench, editing(snapshot, madeBy(outcome), 'Два файла'));
    expect([...madeBy(edited)].sort()).toEqual([...madeBy(outcome)].sort());
    expect(people(await read(bench, snapshot.task)).flatMap((comment) => comment.files)).toHaveLength(2);
  });
});

describe('The old card', () => {
  test('a comment carries its author and time, and its files come back', async () => {
    const bench = bitrixHarness({ card: 'old' });
    const { snapshot } = await read(bench, await bench.acts.createTask('Задача'));
    expect(snapshot.world).toBe('old-card');
    const outcome = await done(
      bench,
      saying(snapshot, 'Юрист согласовал', { author: person('11'), files: [fileSource('акт.txt')] }),
      openText,
    );
    const [comment] = people(await read(bench, snapshot.task));
    expect(comment).toMatchObject({
      id: madeBy(outcome)[0],
      author: '11',
      at: Date.parse('2026-11-20T10:00Z'),
      text: 'Юрист согласовал',
      files: [{ id: outcome.made.files?.[0]?.file, name: 'акт.txt' }],
    });
    const file = comment?.files[0]?.id ?? fileId('');
    const opened = await bench.connector.openFile(snapshot.task, comment?.id ?? null, file);
    expect((await collected(opened.bytes)).toString()).toBe('bytes of акт.txt');
  });

  test('a card that becomes a chat in mid-life loses no old comment', async () => {
    const bench = bitrixHarness({
      card: 'old',
      settings: { 'taskCard.switchAt': '2026-09-28T12:00:00+03:00' },
    });
    const task = await bench.acts.createTask('Задача');
    await bench.acts.comment(task, 'Старый комментарий');
    const before = await read(bench, task);
    expect(before.comments.extent).toEqual({ kind: 'all' });
    bench.advance(24 * 60 * minute);
    const now = await readingOf(bench, task, { ...whole, world: 'old-card' });
    if (now.is !== 'read' || now.snapshot === undefined) throw new Error(JSON.stringify(now));
    expect(now.snapshot.world).toBe('chat');
    expect(now.comments?.extent).toEqual({ kind: 'after', known: null });
    expect(now.comments?.deleted).toEqual([]);
  });

  test('a chat that has been the place of comments is read whole, though its task still names a forum topic', async () => {
    const bench = bitrixHarness({
      edit: ({ tasks = {} }) => {
        const task = Object.values(tasks).find((row) => (row as { id: number }).id === 102);
        Object.assign(task as object, { forum_topic: 1700, auditors: [1] });
      },
    });
    const task = taskId('102');
    await bench.acts.comment(task, 'После перехода');
    expect(
      await bench.call(webhooks.author, 'tasks.task.get', { taskId: 102, select: ['FORUM_TOPIC_ID'] }),
    ).toMatchObject({ task: { forumTopicId: '1700' } });
    const { snapshot, comments } = await read(bench, task);
    expect(comments.extent).toEqual({ kind: 'all' });
    const again = await readingOf(bench, task, { ...whole, world: 'chat', chat: snapshot.chat });
    expect(again).toMatchObject({ is: 'read', comments: { extent: { kind: 'all' } } });
  });
});

describe('Files of a task', () => {
  test('taking one file off leaves the others with their numbers', async () => {
    const bench = bitrixHarness();
    const { snapshot } = await read(bench, await bench.acts.createTask('Задача'));
    const { task } = snapshot;
    for (const name of ['один.txt', 'два.txt', 'три.txt'])
      await done(bench, { kind: 'file.attach', task, source: fileSource(name) }, openText);
    const { files } = (await read(bench, task)).snapshot;
    expect(files.map(({ name }) => name)).toEqual(['один.txt', 'два.txt', 'три.txt']);
    const [first, second, third] = files;
    await done(bench, {
      kind: 'file.detach',
      task,
      base: snapshot,
      file: second?.id ?? fileId(''),
    });
    expect((await read(bench, task)).snapshot.files).toEqual([first, third]);
    for (const file of [first, third])
      await done(bench, { kind: 'file.detach', task, base: snapshot, file: file?.id ?? fileId('') });
    expect((await read(bench, task)).snapshot.files).toEqual([]);
  });

  test('a file that is too large is refused before anything is sent', async () => {
    const bench = bitrixHarness();
    const task = await bench.acts.createTask('Задача');
    const before = bench.served();
    const huge = fileSource('видео.mp4', { size: 200 * 1024 * 1024 });
    const outcome = await written(bench, { kind: 'file.attach', task, source: huge }, openText);
    expect(outcome).toMatchObject({
      is: 'refused',
      trouble: { code: 'E-FILE-TOO-LARGE', about: 'видео.mp4' },
    });
    expect(bench.served() - before).toBeLessThanOrEqual(1);
  });
});

describe('The account', () => {
  test('a portal that moved is followed with the same request, and remembered', async () => {
    const bench = bitrixHarness({
      url: webhooks.administrator.replace('vesna.', 'old-vesna.'),
      edit: (world) => {
        world['portal'] = { ...world['portal'], former_domains: ['old-vesna.bitrix24.ru'] };
      },
    });
    const task = await bench.acts.createTask('Задача');
    expect((await readingOf(bench, task, { aspects: ['task'] })).is).toBe('read');
    const before = bench.served();
    await readingOf(bench, task, { aspects: ['task'] });
    expect(bench.served() - before).toBe(1);
    const lines = await bench.connector.check();
    expect(lines.find(({ about }) => about === 'address')?.state).toBe('warning');
  });

  test('a wrong secret is a failed credential, and no write goes on', async () => {
    const bench = bitrixHarness({ url: webhooks.administrator.replace('adm1n', 'wrong') });
    expect(await bench.connector.check()).toMatchObject([{ about: 'credential', state: 'failed' }]);
    await expect(bench.connector.people()).rejects.toThrow(ConnectorError);
    const task = taskId('101');
    const outcomes = await bench.connector.write(
      Array.from({ length: 120 }, () => ({ kind: 'task.join' as const, task })),
      noFiles,
    );
    expect(outcomes.every((one) => one.is === 'refused' && one.trouble.code === 'E-REMOTE-AUTH')).toBe(true);
    expect(bench.served()).toBeLessThanOrEqual(3);
    expect(JSON.stringify(outcomes)).not.toContain('wrongh00k');
  });

  test('the limit of requests stops a reading at once and says when to come back', async () => {
    const bench = bitrixHarness();
    const task = await bench.acts.createTask('Задача');
    bench.fault({
      on: 'batch',
      when: 'before',
      times: 10,
      answer: {
        status: 503,
        body: { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' },
      },
    });
    const failure = await failureOf(readingOf(bench, task, whole));
    expect(failure.trouble.code).toBe('E-REMOTE-LIMIT');
    expect(failure.retryAt).toBeGreaterThan(bench.now());
  });

  test('a sweep over three hundred changed tasks names each of them', async () => {
    const bench = bitrixHarness();
    const { next } = await bench.connector.changedSince(null);
    bench.advance(10 * minute);
    const tasks: LocalTaskId[] = [];
    for (let number = 0; number < 300; number += 1) {
      tasks.push(await bench.acts.createTask(`Задача ${String(number)}`));
      if (number % 100 === 99) bench.advance(minute);
    }
    const told = new Set<LocalTaskId>();
    let [cursor, more, requests] = [next, true, 0];
    while (more) {
      const swept = await bench.connector.changedSince(cursor);
      swept.tasks.forEach(({ task }) => told.add(task));
      ({ next: cursor, more } = swept);
      requests += 1;
    }
    expect(tasks.filter((task) => !told.has(task))).toEqual([]);
    expect(requests).toBeLessThanOrEqual(10);
    bench.advance(10 * minute);
    expect((await bench.connector.changedSince(cursor)).tasks).toEqual([]);
  });

  test('dismissed people, guests and addresses are told apart', async () => {
    const bench = bitrixHarness();
    const found = await bench.connector.people();
    const view = bench.connector.view(found);
    expect(view.person(person('21'))).toMatchObject({ active: false, email: 'belova@vesna.example' });
    expect(view.person(person('15'))).toMatchObject({ kind: 'guest' });
    expect(view.personByEmail('Titova@Vesna.example')?.id).toBe('7');
    expect(found.map(({ id }) => id)).not.toContain('77');
  });
});
