/** What the Bitrix24 connector finds out of a portal by reading, and what it does with it when it changes tasks. */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../../emulators/common/types.ts';
import { type BitrixHarness, bitrixHarness, webhooks } from './bitrix24Harness.ts';
import { creation } from './promises/bench.ts';
import { done, mark, snapshotOf, updating, written } from './portCalls.ts';

const writes = ({ host }: BitrixHarness): readonly string[] =>
  host
    .log()
    .entries.flatMap(({ operation, inner = [] }) => [operation, ...inner])
    .filter((name) => /\.(add|update|delete)$|startwatch/.test(name));

describe('What is found out by reading', () => {
  test.each(['empty', 'refused', 'literal'] as const)(
    'where a reference without a value becomes %s it reaches no task, and changes are guarded by it',
    async (unresolved) => {
      const bench = bitrixHarness({ settings: { 'batch.unresolved': unresolved }, application: true });
      await bench.acts.createTask('Проба');
      const before = writes(bench).length;
      await bench.connector.detect?.();
      const found = ['creations', 'card', 'compare-and-set', 'plan'] as const;
      expect(found.map((name) => bench.findings.value(name))).toEqual([
        'v3',
        'chat',
        'guarded',
        'ru_professional',
      ]);
      expect(writes(bench)).toHaveLength(before);
    },
  );

  test('a portal with the old card and without REST 3.0 says so', async () => {
    const bench = bitrixHarness({
      card: 'old',
      edit: (world) => Object.assign(world['portal'] ?? {}, { rest_v3: false }),
    });
    await bench.acts.createTask('Проба');
    await bench.connector.detect?.();
    expect(bench.findings.value('creations')).toBe('v2');
    expect(bench.findings.value('card')).toBe('comments');
  });

  test('a reference that reaches a task without a value guards nothing', async () => {
    const bench = bitrixHarness();
    const tasks = [{ id: '101', changedDate: '2026-11-24T10:00:00+03:00' }];
    const result = {
      newest: { tasks },
      got: { task: { id: '101', chatId: 7 } },
      since: { tasks },
      none: { tasks: [] },
      unresolved: { task: { id: '5' } },
    };
    bench.fault({
      on: 'batch',
      times: 2,
      answer: { status: 200, body: { result: { result, result_error: [] } } },
    });
    await bench.connector.detect?.();
    expect(bench.findings.value('compare-and-set')).toBe('no');
  });

  test('a portal that does not answer changes nothing of what is known', async () => {
    const bench = bitrixHarness({ known: { creations: 'v3', 'compare-and-set': 'guarded', card: 'chat' } });
    bench.fault({ on: '*', times: 20, answer: { status: 503, body: { $raw: '' } } });
    await bench.connector.detect?.();
    expect(bench.findings.value('creations')).toBe('v3');
    expect(bench.findings.value('compare-and-set')).toBe('guarded');
  });

  test('what a creation has disproved is not restored by a reading', async () => {
    const bench = bitrixHarness({ known: { creations: 'unfit' } });
    await bench.connector.detect?.();
    expect(bench.findings.value('creations')).toBe('unfit');
  });
});

describe.each(['empty', 'refused', 'literal'] as const)(
  'A guarded change, where a reference without a value becomes %s,',
  (unresolved) => {
    const guarded = (): BitrixHarness =>
      bitrixHarness({
        known: { 'compare-and-set': 'guarded' },
        settings: { 'batch.unresolved': unresolved },
      });

    test('overwrites nothing that a person changed after the reading', async () => {
      const bench = guarded();
      const task = await bench.acts.createTask('Макет');
      const base = await snapshotOf(bench, task);
      bench.advance(2_000);
      await bench.acts.rename(task, 'Макет главной');
      const status = bench.connector.view([]).statusMove(base, bench.statuses.next);
      if ('unreachable' in status) throw new Error(status.unreachable);
      const outcome = await written(bench, updating(base, { set: { title: 'Макет 2' }, status }));
      expect(outcome).toMatchObject({ is: 'refused', overtaken: true });
      expect(await snapshotOf(bench, task)).toMatchObject({ title: 'Макет главной', status: base.status });
      const again = await snapshotOf(bench, task);
      await done(bench, updating(again, { set: { title: 'Макет 2' } }));
      expect((await snapshotOf(bench, task)).title).toBe('Макет 2');
    });

    test('reaches a task that stands as it was read, a text with a reference in it too', async () => {
      const bench = guarded();
      const made = await done(bench, creation(bench, {}, { mark: mark(4) }));
      for (const title of ['Иначе', '$result[c][tasks][0][id]']) {
        const base = await snapshotOf(bench, made.made.task ?? ('' as never));
        bench.advance(2_000);
        const outcome = await done(bench, updating(base, { set: { title, participants: [] } }));
        expect(outcome.failures).toEqual([]);
        expect((await snapshotOf(bench, base.task)).title).toBe(title);
      }
    });
  },
);

test('a guard that holds a change back without a reason is given up, and the change is made', async () => {
  const bench = bitrixHarness({ known: { 'compare-and-set': 'guarded' } });
  const task = await bench.acts.createTask('Макет');
  const base = await snapshotOf(bench, task);
  const { task: row } = (await bench.call(webhooks.administrator, 'tasks.task.get', { taskId: task })) as {
    task: Record<string, Json>;
  };
  const refusal = { error: '0', error_description: 'wrong task id' };
  bench.fault({
    on: 'batch',
    answer: {
      status: 200,
      body: {
        result: {
          result: { w0b: { task: withLists(row) }, w0c: { tasks: [] }, w0a: { task: withLists(row) } },
          result_error: { w0u: refusal },
        },
      },
    },
  });
  await done(bench, updating(base, { set: { title: 'Макет 2' } }));
  expect((await snapshotOf(bench, task)).title).toBe('Макет 2');
  expect(bench.findings.value('compare-and-set')).toBe('no');
});

const withLists = (row: Record<string, Json>): Json => ({ ufTaskWebdavFiles: [], ...row });

describe('A check', () => {
  const about = async (bench: BitrixHarness, scratch: boolean): Promise<ReadonlyMap<string, string>> => {
    const lines = await bench.connector.check({ scratch });
    return new Map(lines.map((line) => [line.about, `${line.state} ${line.found}`]));
  };

  test.each([
    ['dedupes', 'unique'],
    ['stored', 'plain'],
    ['ignored', 'plain'],
  ] as const)(
    'that may write proves by a task of its own what readings can not tell, and removes it: TEMPLATE_ID %s',
    async (mode, found) => {
      const bench = bitrixHarness({ settings: { 'im.templateId': mode } });
      await bench.acts.createTask('Стоит');
      const tasks = async (): Promise<number> =>
        (
          (await bench.call(webhooks.administrator, 'tasks.task.list', { select: ['ID'] })) as {
            tasks: object[];
          }
        ).tasks.length;
      const before = await tasks();
      const lines = await about(bench, true);
      expect(await tasks()).toBe(before);
      expect(bench.findings.value('template-id')).toBe(found);
      expect(bench.findings.value('creations')).toBe('v3');
      expect(bench.findings.value('compare-and-set')).toBe('guarded');
      expect(lines.get('scratch: made')).toMatch(/^ok task/u);
      expect(lines.get('scratch: removed')).toMatch(/^ok task/u);
      expect(lines.get('right: delete own messages')).toBe('ok done');
      expect([...lines].filter(([, text]) => text.startsWith('failed'))).toEqual([]);
    },
  );

  test('that may not write writes nothing, names each right, and says what it could not find out', async () => {
    const bench = bitrixHarness();
    await bench.acts.createTask('Стоит');
    const before = writes(bench).length;
    const lines = await about(bench, false);
    expect(writes(bench)).toHaveLength(before);
    expect(lines.get('fact: template-id')).toMatch(/^unknown/u);
    for (const right of ['read tasks', 'create tasks', 'move statuses', 'read people', 'upload files'])
      expect(lines.get(`right: ${right}`)).toBe('ok allowed by the scopes');
    expect(lines.get('right: a seat in task chats')).toMatch(/^ok reads the chat/u);
    expect(lines.get('limit: running time of methods')).toMatch(/^(ok|unknown)/u);
  });

  test('names the scope that a right lacks', async () => {
    const bench = bitrixHarness({
      edit: (world) => {
        for (const hook of world['incoming_webhooks'] as unknown as { scope: string[] }[])
          hook.scope = hook.scope.filter((name) => name !== 'disk');
      },
    });
    const lines = await bench.connector.check();
    const upload = lines.find((line) => line.about === 'right: upload files');
    expect(upload?.state).toBe('failed');
    expect(upload?.todo).toContain('disk');
  });
});
