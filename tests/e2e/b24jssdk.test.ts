import { afterEach, describe, expect, test } from '@jest/globals';
import { B24Hook, B24OAuth } from '@bitrix24/b24jssdk';
import { globalAgent } from 'node:https';
import { startEmulators } from '../../emulators/common/shell/emulators.ts';
import { type StartedAccount, type StartedEmulators } from '../../emulators/common/shell/start.ts';

const ends: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const restrictionParams = { maxRetries: 1, retryOnNetworkError: false };

interface Portal {
  readonly account: StartedAccount;
  readonly started: StartedEmulators;
}

/** A fresh portal; the process learns to trust its authority, the SDK itself stays as it is published. */
async function portal(): Promise<Portal> {
  const started = await startEmulators({
    bitrix24: ['romashka'],
    settings: { 'limits.rate': false },
    onError: (name, error) => {
      throw new Error(`emulator ${name}`, { cause: error });
    },
  });
  const [account] = started.accounts;
  if (account === undefined) throw new Error('no portal was started');
  const before = globalAgent.options.ca;
  globalAgent.options.ca = account.ca;
  ends.push(async () => {
    globalAgent.destroy();
    if (before === undefined) delete globalAgent.options.ca;
    else globalAgent.options.ca = before;
    await started.close();
  });
  return { account, started };
}

/** The SDK by an incoming webhook. */
async function hook(): Promise<B24Hook> {
  const { account } = await portal();
  if (account.webhook === undefined) throw new Error('the portal has no webhook');
  const b24 = B24Hook.fromWebhookUrl(account.webhook.replace(account.http, account.https), {
    restrictionParams,
  });
  b24.offClientSideWarning();
  ends.push(() => {
    b24.destroy();
  });
  return b24;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly client_endpoint: string;
  readonly server_endpoint: string;
  readonly member_id: string;
}

interface Installed {
  readonly b24: B24OAuth;
  /** Refresh tokens that the SDK has told of, in order. */
  readonly told: string[];
}

interface Application {
  readonly client_id: string;
  readonly client_secret: string;
  readonly application_token: string;
}

/**
 * The SDK with the tokens of the portal's application, taken by the way of a browser: authorize, code, tokens.
 * @param expires unix seconds at which the SDK believes the access token to end
 */
async function application(expires = Math.floor(Date.now() / 1000) + 3600): Promise<Installed> {
  const { account } = await portal();
  const { world } = (await (await fetch(`${account.control}/dump`)).json()) as {
    world: { application: Application };
  };
  const { client_id, client_secret, application_token } = world.application;
  const asked = new URLSearchParams({ client_id, state: 'st-1' });
  const sent = await fetch(`${account.http}/oauth/authorize/?${asked.toString()}`, { redirect: 'manual' });
  const back = new URL(sent.headers.get('location') ?? '');
  expect(back.searchParams.get('state')).toBe('st-1');
  const code = back.searchParams.get('code') ?? '';
  const grant = new URLSearchParams({ grant_type: 'authorization_code', client_id, client_secret, code });
  const tokens = (await (await fetch(`${account.http}/oauth/token/?${grant.toString()}`)).json()) as Tokens;
  const b24 = new B24OAuth(
    {
      applicationToken: application_token,
      userId: 1,
      memberId: tokens.member_id,
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      expires,
      expiresIn: tokens.expires_in,
      scope: tokens.scope,
      domain: new URL(tokens.client_endpoint).host,
      clientEndpoint: tokens.client_endpoint,
      serverEndpoint: tokens.server_endpoint,
      status: 'L',
    },
    { clientId: client_id, clientSecret: client_secret },
    { restrictionParams },
  );
  b24.offClientSideWarning();
  const told: string[] = [];
  b24.setCallbackRefreshAuth(({ b24OAuthParams }) => {
    told.push(b24OAuthParams.refreshToken);
    return Promise.resolve();
  });
  ends.push(() => {
    b24.destroy();
  });
  return { b24, told };
}

interface TaskAnswer {
  readonly task: { readonly id: string; readonly title: string; readonly status: string };
}

type Sdk = B24Hook | B24OAuth;

/** What each form of the SDK must be able to do, in this order. */
const promises: readonly (readonly [string, (b24: Sdk) => Promise<void>])[] = [
  [
    'one call makes a task, another is refused in the words of the portal',
    async (b24) => {
      const made = await b24.actions.v2.call.make<TaskAnswer>({
        method: 'tasks.task.add',
        params: { fields: { TITLE: 'Вывезти мусор', RESPONSIBLE_ID: 3 } },
      });
      expect(made.isSuccess).toBe(true);
      expect(made.getData()?.result.task).toMatchObject({ title: 'Вывезти мусор', status: '2' });
      const refused = b24.actions.v2.call.make({ method: 'tasks.task.teleport', params: {} });
      await expect(refused).rejects.toThrow('Method not found!');
    },
  ],
  [
    'a positional method of the old API takes no telemetry and works',
    async (b24) => {
      const made = await b24.actions.v2.call.make<TaskAnswer>({
        method: 'tasks.task.add',
        params: { fields: { TITLE: 'Смета', RESPONSIBLE_ID: 3 } },
      });
      const id = Number(made.getData()?.result.task.id);
      const added = await b24.actions.v2.call.make<number>({
        method: 'task.commentitem.add',
        params: { TASKID: id, FIELDS: { POST_MESSAGE: 'Готово' } },
      });
      expect(added.getErrorMessages()).toEqual([]);
      expect(typeof added.getData()?.result).toBe('number');
    },
  ],
  [
    'a batch brings each answer under its key, a failed command beside the good ones',
    async (b24) => {
      const result = await b24.actions.v2.batch.make({
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
    },
  ],
  [
    'a batch as a list keeps its order, and a broken command halts it',
    async (b24) => {
      const good = await b24.actions.v2.batch.make<{ ID: string } | TaskAnswer>({
        calls: [
          ['profile', {}],
          ['tasks.task.add', { fields: { TITLE: 'Замер', RESPONSIBLE_ID: 3 } }],
        ],
        options: { isHaltOnError: true },
      });
      expect(good.getErrorMessages()).toEqual([]);
      expect(good.getData()).toMatchObject([{ ID: '1' }, { task: { title: 'Замер' } }]);
      const halted = await b24.actions.v2.batch.make({
        calls: [
          ['tasks.task.start', { taskId: 999_999 }],
          ['profile', {}],
        ],
        options: { isHaltOnError: true },
      });
      expect(halted.isSuccess).toBe(false);
      expect(halted.getErrorMessages().join()).toContain('Действие над задачей не разрешено');
    },
  ],
  [
    'chunks of batches, callList and fetchList walk every page by id',
    async (b24) => {
      const added = await b24.actions.v2.batchByChunk.make<TaskAnswer>({
        calls: Array.from({ length: 120 }, (_, n) => ({
          method: 'tasks.task.add',
          params: { fields: { TITLE: `Заявка ${String(n)}`, RESPONSIBLE_ID: 3, TAGS: ['список'] } },
        })),
      });
      expect(added.getErrorMessages()).toEqual([]);
      expect(added.getData()).toHaveLength(120);
      const walk = {
        method: 'tasks.task.list',
        params: { select: ['ID', 'TITLE'], filter: { TAG: 'список' } },
        idKey: 'id',
        cursorIdKey: 'ID',
        customKeyForResult: 'tasks',
      };
      const pages: number[] = [];
      const ids = new Set<string>();
      for await (const rows of b24.actions.v2.fetchList.make<{ id: string }>(walk)) {
        pages.push(rows.length);
        for (const row of rows) ids.add(row.id);
      }
      expect(pages).toEqual([50, 50, 20]);
      expect(ids.size).toBe(120);
      const whole = await b24.actions.v2.callList.make<{ id: string }>(walk);
      expect(new Set(whole.getData()?.map((row) => row.id))).toEqual(ids);
    },
  ],
  [
    'people and groups are listed by their own names of parameters',
    async (b24) => {
      const users = await b24.actions.v2.callList.make<{ ID: string }>({ method: 'user.get', idKey: 'ID' });
      expect(users.getData()?.map((row) => row.ID)).toEqual(['1', '3', '5', '7', '9']);
      const groups = await b24.actions.v2.callList.make<{ ID: string }>({ method: 'sonet_group.get' });
      expect(groups.getData()?.map((row) => row.ID)).toEqual(['1']);
    },
  ],
  [
    'REST 3.0: calls, a batch of named commands with references, lists and chunks',
    async (b24) => {
      const fields = { title: 'Сдать ключи', creatorId: 1, responsibleId: 3 };
      const made = await b24.actions.v3.call.make<{ item: { id: number } }>({
        method: 'tasks.task.add',
        params: { fields },
      });
      expect(made.getErrorMessages()).toEqual([]);
      const first = made.getData()?.result.item.id ?? 0;
      const batch = await b24.actions.v3.batch.make({
        calls: {
          one: { method: 'tasks.task.add', params: { fields } },
          two: { method: 'tasks.task.get', params: { id: { $ref: 'one.item.id' }, select: ['id', 'title'] } },
        },
      });
      expect(batch.getErrorMessages()).toEqual([]);
      expect(batch.getData()).toMatchObject({ two: { item: { title: 'Сдать ключи' } } });
      const chunks = await b24.actions.v3.batchByChunk.make<{ item: { id: number } }>({
        calls: Array.from({ length: 60 }, (): [string, object] => ['tasks.task.add', { fields }]),
      });
      expect(chunks.getData()).toHaveLength(60);
      const since: [string, string, unknown] = ['id', '>=', first];
      const walk = {
        method: 'tasks.task.list',
        params: { select: ['id', 'title'], filter: [since] },
        idKey: 'id',
        customKeyForResult: 'items',
        limit: 25,
      };
      const pages: number[] = [];
      for await (const rows of b24.actions.v3.fetchList.make<{ id: number }>(walk)) pages.push(rows.length);
      expect(pages).toEqual([25, 25, 12]);
      const whole = await b24.actions.v3.callList.make<{ id: number }>(walk);
      expect(whole.getData()).toHaveLength(62);
      const refused = await b24.actions.v3.call.make({ method: 'tasks.task.get', params: { id: 999_999 } });
      expect(refused.isSuccess).toBe(false);
      expect(refused.getErrorMessages().join()).toContain('999999');
    },
  ],
];

describe('the official SDK by a webhook against the emulated Bitrix24', () => {
  test.each(promises)('%s', async (_, promise) => {
    await promise(await hook());
  });
});

describe('the official SDK as an OAuth application against the emulated Bitrix24', () => {
  test.each(promises)('%s', async (_, promise) => {
    await promise((await application()).b24);
  });

  test('a token that has ended is refreshed once for all calls, and the new one works', async () => {
    const { b24, told } = await application(1);
    const answers = await Promise.all(
      [1, 2, 3].map(() => b24.actions.v2.call.make<{ ID: string }>({ method: 'profile' })),
    );
    expect(answers.map((one) => one.getData()?.result.ID)).toEqual(['1', '1', '1']);
    expect(told).toHaveLength(1);
    await b24.initIsAdmin();
    expect(b24.auth.isAdmin).toBe(true);
  });

  test('methods that need an application answer it: events are bound, listed and unbound', async () => {
    const { b24 } = await application();
    const event = { event: 'ONTASKADD', handler: 'https://app.example/events' };
    const bound = await b24.actions.v2.call.make<boolean>({ method: 'event.bind', params: event });
    expect(bound.getData()?.result).toBe(true);
    const list = await b24.actions.v2.call.make<{ event: string }[]>({ method: 'event.get' });
    expect(list.getData()?.result).toMatchObject([{ event: 'ONTASKADD' }]);
    const gone = await b24.actions.v2.call.make<{ count: number }>({ method: 'event.unbind', params: event });
    expect(gone.getData()?.result.count).toBe(1);
  });
});
