/**
 * Creations under a key: tasks by REST 3.0 with Idempotency-Key (b24restdocs: api-reference/rest-v3.md), messages with a
 * TEMPLATE_ID where the portal keeps it unique. Whatever becomes of answers, each stands exactly once.
 */
import { describe, expect, test } from '@jest/globals';
import { type Fault } from '../../emulators/common/types.ts';
import { type BitrixHarness, bitrixHarness, type HarnessOptions, webhooks } from './bitrix24Harness.ts';
import { creation, say } from './promises/bench.ts';
import { done, madeBy, mark, minute, opening, removing, snapshotOf, taskId, written } from './portCalls.ts';

const hour = 60 * minute;
const known = { creations: 'v3', 'template-id': 'unique' } as const;
const portal = (more: HarnessOptions = {}): BitrixHarness =>
  bitrixHarness({ known, settings: { 'im.templateId': 'dedupes' }, ...more });

const lost: Omit<Fault, 'on'> = { when: 'after', cut: true };

/** Tasks that stand in the portal under this title. */
async function titled({ call }: BitrixHarness, title: string): Promise<readonly string[]> {
  const { tasks } = (await call(webhooks.administrator, 'tasks.task.list', {
    filter: { TITLE: title },
    select: ['ID'],
  })) as { tasks: readonly { id: string }[] };
  return tasks.map(({ id }) => id);
}

const versions = ({ host }: BitrixHarness): readonly string[] =>
  host
    .log()
    .entries.filter(({ operation, inner = [] }) => [operation, ...inner].includes('tasks.task.add'))
    .map(({ operation }) => (operation === 'batch' ? 'v2' : 'v3'));

describe.each([
  ['by a webhook', false],
  ['by an application', true],
])('A task made under its mark as a key, %s,', (_, application) => {
  const one = (bench: BitrixHarness, title: string, number = 1) =>
    creation(
      bench,
      { title, deadline: { at: bench.now() - (bench.now() % minute) + hour, timed: true } },
      { mark: mark(number), status: bench.statuses.born },
    );

  test('whose answer was lost is made once by sending it again, before any list shows it', async () => {
    const bench = portal({ application });
    bench.fault({ on: 'tasks.task.add', ...lost });
    const write = one(bench, 'Ключ 1');
    const first = await written(bench, write);
    expect(first.is).toBe('unknown');
    bench.advance(2 * minute);
    const again = await done(bench, write);
    expect(await titled(bench, 'Ключ 1')).toEqual([again.made.task]);
    const stands = await snapshotOf(bench, again.made.task ?? taskId(''));
    expect(stands).toMatchObject({ status: bench.statuses.born, mark: mark(1), creator: '5' });
    expect(versions(bench)).toEqual(['v3', 'v3']);
  });

  test('is found by a look-up too, for a day and longer', async () => {
    const bench = portal({ application });
    bench.fault({ on: 'tasks.task.add', ...lost });
    const write = one(bench, 'Ключ 2');
    await written(bench, write);
    bench.advance(25 * hour);
    const [task] = await titled(bench, 'Ключ 2');
    expect(await bench.connector.find(write)).toEqual({ is: 'task', task });
  });

  test('that changed before it was sent again is found, not made twice', async () => {
    const bench = portal({ application });
    bench.fault({ on: 'tasks.task.add', ...lost });
    const write = one(bench, 'Ключ 3');
    await written(bench, write);
    bench.advance(2 * minute);
    const again = await done(bench, { ...write, fields: { ...write.fields, title: 'Ключ 3, иначе' } });
    expect(await titled(bench, 'Ключ 3%')).toEqual([again.made.task]);
  });

  test('that a person deleted meanwhile is made anew once lists would have shown it', async () => {
    const bench = portal({ application });
    bench.fault({ on: 'tasks.task.add', ...lost });
    const write = one(bench, 'Ключ 4');
    await written(bench, write);
    const [taskId] = await titled(bench, 'Ключ 4');
    await bench.call(webhooks.administrator, 'tasks.task.delete', { taskId });
    const changed = { ...write, fields: { ...write.fields, title: 'Ключ 4, иначе' } };
    bench.advance(2 * minute);
    const waits = await written(bench, changed);
    expect(waits).toMatchObject({ is: 'unknown', notBefore: bench.now() + 10 * minute });
    bench.advance(10 * minute);
    expect(await bench.connector.find(changed)).toEqual({ is: 'nothing' });
    const anew = await done(bench, changed);
    expect(await titled(bench, 'Ключ 4%')).toEqual([anew.made.task]);
  });
});

describe('Where REST 3.0 is not what it was found to be', () => {
  test('a portal that has it no more gets its tasks by version 2, and is not asked again', async () => {
    const bench = portal({ edit: (world) => Object.assign(world['portal'] ?? {}, { rest_v3: false }) });
    await done(bench, creation(bench, { title: 'Без версии 3' }));
    await done(bench, creation(bench, { title: 'Без версии 3, вторая' }, { mark: mark(3) }));
    expect(await titled(bench, 'Без версии 3%')).toHaveLength(2);
    expect(versions(bench)).toEqual(['v3', 'v2', 'v2']);
    expect(bench.findings.value('creations')).toBe('v2');
  });

  test('a credential without its scope gets them by version 2', async () => {
    const bench = portal({ settings: { 'v3.scopeName': 'tasks' }, edit: withoutScope });
    await done(bench, creation(bench, { title: 'Без права' }));
    expect(await titled(bench, 'Без права')).toHaveLength(1);
    expect(bench.findings.value('creations')).toBe('v2');
  });

  test('what it refuses is made by version 2, which says what it refused', async () => {
    const bench = portal();
    const refusal = {
      error: { code: 'BITRIX_REST_V3_EXCEPTION_VALIDATION_REQUESTVALIDATIONEXCEPTION', message: '' },
    };
    bench.fault({ on: 'tasks.task.add', answer: { status: 400, body: refusal } });
    await done(bench, creation(bench, { title: 'Не принято' }));
    expect(await titled(bench, 'Не принято')).toHaveLength(1);
    expect(bench.findings.value('creations')).toBe('v3');
  });

  test('one that names no key in its answer is not trusted with the next', async () => {
    const bench = portal();
    const task = await bench.acts.createTask('Стоит');
    bench.fault({
      on: 'tasks.task.add',
      answer: { status: 200, body: { result: { item: { id: Number(task), xmlId: mark(1) } } } },
    });
    await done(bench, creation(bench));
    expect(bench.findings.value('creations')).toBe('unfit');
  });

  test('a task that came without its mark is given it', async () => {
    const bench = portal();
    const task = await bench.acts.createTask('Стоит');
    bench.fault({
      on: 'tasks.task.add',
      answer: {
        status: 200,
        headers: { 'Idempotency-Key': mark(1) },
        body: { result: { item: { id: Number(task), xmlId: null } } },
      },
    });
    await done(bench, creation(bench));
    expect((await snapshotOf(bench, task)).mark).toBe(mark(1));
    expect(bench.findings.value('creations')).toBe('unfit');
  });

  test('a flood of tasks goes in batches', async () => {
    const bench = portal();
    const flood = [1, 2, 3, 4, 5, 6].map((number) =>
      creation(bench, { title: `Поток ${String(number)}` }, { mark: mark(number) }),
    );
    const outcomes = await bench.connector.write(
      flood,
      opening(() => ''),
    );
    expect(outcomes.map(({ is }) => is)).toEqual(flood.map(() => 'done'));
    expect(versions(bench)).toEqual(['v2']);
  });
});

function withoutScope(world: Record<string, unknown>): void {
  const hooks = world['incoming_webhooks'] as { scope: string[] }[];
  for (const hook of hooks) hook.scope = hook.scope.filter((name) => name !== 'tasks');
}

describe('A message sent under its mark', () => {
  const messages = async (bench: BitrixHarness, chat: string | null): Promise<readonly string[]> => {
    const { messages: rows } = (await bench.call(webhooks.administrator, 'im.dialog.messages.get', {
      DIALOG_ID: `chat${chat ?? ''}`,
      LIMIT: 50,
    })) as { messages: readonly { text: string; author_id: number; params: { IS_DELETED?: string } }[] };
    return rows
      .filter(({ author_id, params }) => author_id !== 0 && params.IS_DELETED !== 'Y')
      .map(({ text }) => text);
  };

  test.each(['Раз', 'Раз. '.repeat(5_000)])('again after a lost answer stands once', async (text) => {
    const bench = portal();
    const task = await snapshotOf(bench, await bench.acts.createTask('Слова'));
    const write = say(bench, task, text);
    bench.fault({ on: 'im.message.add', ...lost });
    expect((await written(bench, write)).is).toBe('unknown');
    bench.advance(2 * minute);
    const again = await done(bench, write);
    expect(await messages(bench, task.chat)).toHaveLength(madeBy(again).length);
  });

  test('that was taken back before is written anew', async () => {
    const bench = portal();
    const task = await snapshotOf(bench, await bench.acts.createTask('Слова'));
    const first = madeBy(await done(bench, say(bench, task, 'Раз')));
    await done(bench, removing(task, first));
    const again = madeBy(await done(bench, say(bench, task, 'Раз', { after: first[0] ?? null })));
    expect(again).not.toEqual(first);
    expect(await messages(bench, task.chat)).toEqual(['Раз']);
  });

  test('carries no such id where the portal was not found to keep it unique', async () => {
    const bench = portal({ known: { 'template-id': 'plain' } });
    const task = await snapshotOf(bench, await bench.acts.createTask('Слова'));
    await done(bench, say(bench, task, 'Раз'));
    await done(bench, say(bench, task, 'Раз'));
    expect(await messages(bench, task.chat)).toHaveLength(2);
  });
});
