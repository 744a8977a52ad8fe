import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo } from 'node:net';
import { toy } from '../../../tests/toyKind.ts';
import { runEmulators } from '../command.ts';
import { type SettingValue } from '../types.ts';
import { startable, startAccounts, type StartedAccount, type StartedEmulators } from './start.ts';

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const kinds = { planfix: startable(toy), bitrix24: startable(toy) };

async function startToys(options: {
  readonly names?: readonly string[];
  readonly worlds?: Readonly<Record<string, { hook?: string }>>;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly maxBodyBytes?: number;
  readonly onError?: (account: string, error: unknown) => void;
}): Promise<StartedEmulators> {
  const { names = ['one'], onError = () => undefined, ...rest } = options;
  const started = await startAccounts({ kinds, planfix: names, onError, ...rest });
  ends.push(() => started.close());
  return started;
}

function firstOf(started: StartedEmulators): StartedAccount {
  const [account] = started.accounts;
  if (account === undefined) throw new Error('nothing was started');
  return account;
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** A receiver of webhooks that tells what came. */
async function receiver(): Promise<{ url: string; next: () => Promise<string> }> {
  const came: string[] = [];
  const waiting: ((body: string) => void)[] = [];
  const server = createServer((message, answer) => {
    let body = '';
    message.setEncoding('utf8');
    message.on('data', (chunk: string) => (body += chunk));
    message.on('end', () => {
      answer.end('ok');
      const waiter = waiting.shift();
      if (waiter === undefined) came.push(body);
      else waiter(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`,
    next: () =>
      new Promise((resolve) => {
        const body = came.shift();
        if (body === undefined) waiting.push(resolve);
        else resolve(body);
      }),
  };
}

describe('the HTTP shell', () => {
  test('serves an account over http, and over https to whoever trusts its authority', async () => {
    const { http, https, ca } = firstOf(await startToys({}));
    await post(`${http}/rest/note`, 'one');
    const text = await new Promise<string>((resolve, reject) => {
      httpsRequest(`${https}/rest/notes`, { ca, agent: false }, (response) => {
        response.setEncoding('utf8');
        response.on('data', resolve);
      })
        .on('error', reject)
        .end();
    });
    expect(text).toBe('one');
    await expect(fetch(`${https}/rest/notes`)).rejects.toThrow();
    expect(await (await fetch(`${http}/__emulator__/ca`)).text()).toBe(ca);
  });

  test('a held answer comes when it is due', async () => {
    const { http } = firstOf(await startToys({ settings: { answerMs: 5 } }));
    expect(await (await fetch(`${http}/rest/slow`)).text()).toBe('at last');
  });

  test('sends go out for real and their answers come back', async () => {
    const { url, next } = await receiver();
    const { http, control } = firstOf(await startToys({ worlds: { one: { hook: url } } }));
    await post(`${http}/rest/note`, 'told');
    const moved = await (await post(`${control}/clock`, { advance: '1m' })).json();
    expect(moved).toMatchObject({ frozen: false });
    expect(await next()).toBe('told');
    expect(await (await fetch(`${control}/idle`)).json()).toMatchObject({ idle: true, pendingSends: 0 });
  });

  test('a receiver that is not there is an answer too', async () => {
    const started = await startToys({ worlds: { one: { hook: 'http://127.0.0.1:1/hook' } } });
    const { http, control } = firstOf(started);
    await post(`${http}/rest/note`, 'unheard');
    expect((await post(`${control}/clock`, { advance: '1m' })).status).toBe(200);
    expect(await (await fetch(`${control}/idle`)).json()).toMatchObject({ idle: true });
  });

  test('a cut connection is no answer, and the account goes on', async () => {
    const { http, control } = firstOf(await startToys({}));
    await post(`${control}/faults`, { on: 'note', when: 'after', cut: true });
    await expect(post(`${http}/rest/note`, 'kept')).rejects.toThrow();
    expect(await (await fetch(`${http}/rest/notes`)).text()).toBe('kept');
  });

  test('a delay of a fault is a real one', async () => {
    const { http, control } = firstOf(await startToys({}));
    await post(`${control}/faults`, { on: 'note', delayMs: 5 });
    expect((await post(`${http}/rest/note`, 'late')).status).toBe(201);
  });

  test('an error of the machine is answered 500 and told', async () => {
    const told: unknown[] = [];
    const { http } = firstOf(await startToys({ onError: (account, error) => told.push([account, error]) }));
    const response = await fetch(`${http}/rest/broken`);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({
      error: expect.stringMatching('a mistake of the machine') as unknown,
    });
    expect(told).toHaveLength(1);
  });

  test('a body above the limit is refused without being kept', async () => {
    const { http } = firstOf(await startToys({ maxBodyBytes: 10 }));
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${http}/rest/note`, { method: 'POST', agent: false }, (response) => {
        resolve(response.statusCode);
        response.resume();
        request.destroy();
      });
      request.on('error', reject);
      request.write('far more than ten bytes');
      request.flushHeaders();
    });
    expect(status).toBe(413);
  });

  test('settings reach every account that knows them, or the named one', async () => {
    const started = await startToys({
      names: ['one', 'two'],
      settings: { greeting: 'salve', 'two:answerMs': 0 },
    });
    expect(started.host('one').settings()).toEqual({ greeting: 'salve', answerMs: 50 });
    expect(started.host('two').settings()).toEqual({ greeting: 'salve', answerMs: 0 });
    await expect(startToys({ settings: { nonsense: 1 } })).rejects.toThrow(/no account here has a setting/);
  });

  test('close leaves no open port', async () => {
    const started = await startAccounts({ kinds, planfix: ['one'], onError: () => undefined });
    const { http, https } = firstOf(started);
    const waiting = fetch(`${http}/rest/slow`);
    const cut = expect(waiting).rejects.toThrow();
    await started.close();
    await cut;
    for (const url of [http, https]) await expect(fetch(url)).rejects.toThrow();
  });
});

describe('svyazka emulators', () => {
  async function run(command: Parameters<typeof runEmulators>[0], file = '{}'): Promise<[number, string[]]> {
    const lines: string[] = [];
    const code = await runEmulators(command, {
      start: (options) => startAccounts({ onError: () => undefined, ...options, kinds }),
      readFile: () => Promise.resolve(file),
      print: (line) => lines.push(line),
      complain: (line) => lines.push(line),
      stopped: Promise.resolve(),
    });
    return [code, lines];
  }

  test('prints one JSON object a line', async () => {
    const [code, lines] = await run({
      planfix: ['vesna', 'osen'],
      setting: ['vesna:answerMs=1'],
      json: true,
    });
    expect(code).toBe(0);
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual([
      ['kind', 'account', 'http', 'https', 'ca', 'token', 'control'],
      ['kind', 'account', 'http', 'https', 'ca', 'token', 'control'],
    ]);
  });

  test('prints people with their tokens for a reader', async () => {
    const [, lines] = await run({ planfix: ['vesna'] });
    expect(lines.join('\n')).toMatch(/token-one {2}\(One, user:1\)/);
  });

  test.each([
    [{ setting: ['nonsense'] }, '{}', /KEY=VALUE/],
    [{ setting: ['nonsense=1'] }, '{}', /no account here has a setting/],
    [{ planfix: ['same', 'same'] }, '{}', /two accounts are called "same"/],
    [{ planfix: ['one'], seed: 'w.json' }, '{"world":{"portal":{}}}', /no bitrix24 account/],
    [{ seed: 'w.json' }, '{"notes":[]}', /neither a Planfix world/],
    [{ seed: 'w.json' }, '{', /no JSON/],
  ])('%j is wrong use', async (command, file, text) => {
    const [code, lines] = await run(command, file);
    expect(code).toBe(2);
    expect(lines.join('\n')).toMatch(text);
  });
});
