import { describe, expect, test } from '@jest/globals';
import { type Json } from '../../emulators/common/types.ts';
import { fetchQueue, type Listening, listenTo } from './events.ts';
import { account, type Installed, portalWith } from './testing.ts';
import { keptTokens } from './tokens.ts';

const handler = 'https://bridge.example/webhooks/bitrix24/vesna';
const clientOfQueue = 'svyazka';

async function listening(plan: string, events: (url: string) => void = () => undefined) {
  const installed = portalWith(
    {},
    (world) => Object.assign(world['portal'] ?? {}, { plan }),
    (_host, request) => {
      events(new TextDecoder().decode(request.body));
      return { kind: 'answer', status: 200, body: '' };
    },
  );
  await installed.keep({ access: 'at-valid-user1' });
  const { client } = installed.process();
  const to: Listening = { account, client, key: clientOfQueue };
  return { installed, to, client };
}

function act(installed: Installed, what: { as: number; do: string; [key: string]: Json }): void {
  const { acted, step } = installed.host.act(what, installed.runtime.now());
  installed.runtime.carryOut(installed.host, step);
  if (!acted.ok) throw new Error(acted.refused);
}

const due = async ({ store }: Installed): Promise<readonly string[]> =>
  (await store.due(account)).map(({ task }) => task);

describe('Events of an application', () => {
  test.each([
    ['basic', 9],
    ['professional', 10],
  ])('are bound once, however often that is done (plan %s)', async (plan, count) => {
    const { installed, to } = await listening(plan);
    const first = await listenTo(installed, to, handler);
    expect(first.bound).toHaveLength(count);
    expect(first.changed).toBe(true);
    expect(await listenTo(installed, to, handler)).toEqual({ bound: [], changed: false });
  });

  test('an update of the application takes them off, and they are bound again', async () => {
    const { installed, to } = await listening('basic');
    await listenTo(installed, to, handler);
    act(installed, { as: 1, do: 'update application to version 2' });
    expect((await listenTo(installed, to, handler)).bound).toContain('ONTASKUPDATE');
  });

  test('a bridge with another address takes the old handlers off', async () => {
    const { installed, to, client } = await listening('basic');
    await listenTo(installed, to, 'https://old.example/webhooks/bitrix24/vesna');
    await listenTo(installed, to, handler);
    const answer = await client.call('event.get', {});
    expect(JSON.stringify(answer)).not.toContain('old.example');
  });

  test('where the portal queues them, they are fetched, kept, and only then deleted there', async () => {
    const bells: string[] = [];
    const { installed, to, client } = await listening('professional', (body) => bells.push(body));
    await listenTo(installed, to, handler);
    act(installed, { as: 5, do: 'edit task', task: 101, title: 'Другое' });
    expect(bells.join()).toContain('ONOFFLINEEVENT');
    const failing = {
      ...installed,
      store: { ...installed.store, touch: () => Promise.reject(new Error('the database is away')) },
    };
    await expect(fetchQueue(failing, to, false)).rejects.toThrow('away');
    expect(await due(installed)).toEqual([]);
    // What was reserved is hidden from everybody, but not lost: it is taken up by the next start.
    expect(await fetchQueue(installed, to, false)).toEqual({ events: 0, missed: false });
    expect(await fetchQueue(installed, to, true)).toEqual({ events: 1, missed: false });
    expect(await due(installed)).toEqual(['101']);
    const left = await client.call('event.offline.list', { auth_connector: clientOfQueue });
    expect(left).toMatchObject({ is: 'ok', result: [] });
  });

  test('our own changes stay out of the queue, those of people do not', async () => {
    const { installed, to } = await listening('professional');
    await listenTo(installed, to, handler);
    const { client } = installed.process(clientOfQueue);
    const change = { taskId: 101, fields: { TITLE: 'Наше' } };
    expect(await client.call('tasks.task.update', change)).toMatchObject({ is: 'ok' });
    expect(
      [...(await client.run([{ key: 'a', method: 'tasks.task.update', params: change }])).values()].map(
        ({ is }) => is,
      ),
    ).toEqual(['ok']);
    expect(await fetchQueue(installed, to, true)).toEqual({ events: 0, missed: false });
    act(installed, { as: 5, do: 'edit task', task: 101, title: 'Людское' });
    expect(await fetchQueue(installed, to, true)).toEqual({ events: 1, missed: false });
  });

  test('more than a page of events comes whole', async () => {
    const { installed, to } = await listening('professional');
    await listenTo(installed, to, handler);
    for (let count = 0; count < 60; count += 1)
      act(installed, { as: 5, do: 'create task', title: `Задача ${String(count)}` });
    const { events } = await fetchQueue(installed, to, false);
    expect(events).toBeGreaterThanOrEqual(60);
    expect(new Set(await due(installed)).size).toBe(60);
  });

  test('an application that was removed asks its portal nothing', async () => {
    const { installed, to } = await listening('professional');
    await listenTo(installed, to, handler);
    const kept = await keptTokens(installed.store, installed.secrets, account);
    const trouble = { code: 'E-REMOTE-AUTH' as const, about: 'application', answered: 'removed', todo: '' };
    await installed.keep({ ...kept?.tokens, trouble }, (kept?.version ?? 0) + 1);
    const { next } = installed.host.log(0);
    expect(await fetchQueue(installed, to, true)).toEqual({ events: 0, missed: false });
    expect(installed.host.log(0).next).toBe(next);
  });
});
