import { afterEach, describe, expect, test } from '@jest/globals';
import { ApiVersion, B24Hook } from '@bitrix24/b24jssdk';
import { Agent } from 'node:https';
import { startEmulators } from '../../emulators/common/shell/emulators.ts';

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The official SDK, unmodified, over https against a fresh portal; its client only learns to trust our authority. */
async function sdk(): Promise<B24Hook> {
  const started = await startEmulators({
    bitrix24: ['romashka'],
    settings: { 'limits.rate': false },
    onError: (account, error) => {
      throw new Error(`emulator ${account}`, { cause: error });
    },
  });
  ends.push(() => started.close());
  const [account] = started.accounts;
  if (account?.webhook === undefined) throw new Error('no portal was started');
  const webhook = account.webhook.replace(account.http, account.https);
  const hook = B24Hook.fromWebhookUrl(webhook, {
    restrictionParams: { maxRetries: 1, retryOnNetworkError: false },
  });
  hook.offClientSideWarning();
  const httpsAgent = new Agent({ ca: account.ca });
  for (const version of [ApiVersion.v2, ApiVersion.v3]) {
    hook.getHttpClient(version).ajaxClient.defaults.httpsAgent = httpsAgent;
  }
  ends.push(() => {
    hook.destroy();
    httpsAgent.destroy();
    return Promise.resolve();
  });
  return hook;
}

interface TaskAnswer {
  readonly task: { readonly id: string; readonly title: string; readonly status: string };
}

describe('the official SDK against the emulated Bitrix24', () => {
  test('one call makes a task, another is refused in the words of the portal', async () => {
    const hook = await sdk();
    const made = await hook.actions.v2.call.make<TaskAnswer>({
      method: 'tasks.task.add',
      params: { fields: { TITLE: 'Вывезти мусор', RESPONSIBLE_ID: 3 } },
    });
    expect(made.isSuccess).toBe(true);
    expect(made.getData()?.result.task).toMatchObject({ title: 'Вывезти мусор', status: '2' });
    const refused = hook.actions.v2.call.make({ method: 'tasks.task.teleport', params: {} });
    await expect(refused).rejects.toThrow('Method not found!');
  });

  test('a positional method of the old API takes no telemetry and works', async () => {
    const hook = await sdk();
    const made = await hook.actions.v2.call.make<TaskAnswer>({
      method: 'tasks.task.add',
      params: { fields: { TITLE: 'Смета', RESPONSIBLE_ID: 3 } },
    });
    const id = Number(made.getData()?.result.task.id);
    const added = await hook.actions.v2.call.make<number>({
      method: 'task.commentitem.add',
      params: { TASKID: id, FIELDS: { POST_MESSAGE: 'Готово' } },
    });
    expect(added.getErrorMessages()).toEqual([]);
    expect(typeof added.getData()?.result).toBe('number');
  });

  test('a batch brings each answer under its key, a failed command beside the good ones', async () => {
    const hook = await sdk();
    const result = await hook.actions.v2.batch.make({
      calls: {
        made: { method: 'tasks.task.add', params: { fields: { TITLE: 'Смета', RESPONSIBLE_ID: 3 } } },
        read: {
          method: 'tasks.task.get',
          params: { taskId: '$result[made][task][id]', select: ['ID', 'TITLE'] },
        },
        broken: { method: 'tasks.task.start', params: { taskId: 999_999 } },
      },
      options: { isHaltOnError: false, returnAjaxResult: false },
    });
    expect(result.getData()).toMatchObject({ read: { task: { title: 'Смета' } } });
    expect(result.isSuccess).toBe(false);
    expect(result.getErrorMessages()).toHaveLength(1);
  });

  test('fetchList walks every page by id', async () => {
    const hook = await sdk();
    const calls = (from: number) =>
      Array.from({ length: 50 }, (_, n) => ({
        method: 'tasks.task.add',
        params: { fields: { TITLE: `Заявка ${String(from + n)}`, RESPONSIBLE_ID: 3 } },
      }));
    for (const from of [0, 50, 100]) {
      const made = await hook.actions.v2.batch.make({ calls: calls(from) });
      expect(made.getErrorMessages()).toEqual([]);
    }
    const pages: number[] = [];
    const ids = new Set<string>();
    const list = hook.actions.v2.fetchList.make<{ id: string }>({
      method: 'tasks.task.list',
      params: { select: ['ID', 'TITLE'] },
      idKey: 'id',
      cursorIdKey: 'ID',
      customKeyForResult: 'tasks',
    });
    for await (const rows of list) {
      pages.push(rows.length);
      for (const row of rows) ids.add(row.id);
    }
    expect(ids.size).toBe(150);
    expect(pages.slice(0, 3)).toEqual([50, 50, 50]);
  });

  test('REST 3.0 answers the SDK too', async () => {
    const hook = await sdk();
    const made = await hook.actions.v3.call.make<{ item: { id: number } }>({
      method: 'tasks.task.add',
      params: { fields: { title: 'Сдать ключи', creatorId: 1, responsibleId: 3 } },
    });
    expect(made.getErrorMessages()).toEqual([]);
    expect(typeof made.getData()?.result.item.id).toBe('number');
  });
});
