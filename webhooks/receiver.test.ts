import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { applicationToken, readBitrix24Hints } from '../connectors/bitrix24/webhook.ts';
import { readPlanfixHints } from '../connectors/planfix/webhook.ts';
import { type AccountId, as, type LocalTaskId } from '../errors/ids.ts';
import { type RejectedHint, type Touch } from '../store/port.ts';
import { hintWriter } from './hints.ts';
import { receive, type ReceiverDeps } from './receiver.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function receiver(touch: (touches: readonly Touch[]) => Promise<void> = () => Promise.resolve()) {
  const kept: Touch[] = [];
  const rejected: RejectedHint[] = [];
  const lost: string[] = [];
  const deps: ReceiverDeps = {
    account: (name) =>
      name === 'teyron'
        ? { kind: 'planfix', secret: 'planfix-secret', readHints: readPlanfixHints, tokenOf: null }
        : name === 'romashka'
          ? {
              kind: 'bitrix24',
              secret: 'application-token',
              readHints: readBitrix24Hints,
              tokenOf: applicationToken,
            }
          : undefined,
    hints: hintWriter(async (touches) => {
      await touch(touches);
      kept.push(...touches);
    }),
    now: () => 1_000,
    uuid: () => 'correlation',
    reject: (hint) => rejected.push(hint),
    lost: (account) => lost.push(account),
    count: () => undefined,
    // What can't be kept in time is told at once here: no test waits for real seconds.
    after: (_ms, then) => {
      const timer = setImmediate(() => setImmediate(() => setImmediate(then)));
      return { cancel: () => clearImmediate(timer) };
    },
  };
  const server = createServer((request, response) => {
    receive(deps, request, response).then(
      (handled) => {
        if (!handled) response.writeHead(404).end();
      },
      () => response.writeHead(500).end(),
    );
  });
  // As in life (app/http.ts): a slow machine would else close a connection that is just taken up again.
  server.keepAliveTimeout = 65_000;
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/webhooks`;
  const post = async (path: string, body: string, type = 'application/json') => {
    const response = await fetch(`${base}/${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    });
    return { status: response.status, text: await response.text() };
  };
  return { kept, rejected, lost, post };
}

const event = (token: string): string =>
  `event=ONTASKUPDATE&data[FIELDS_BEFORE][ID]=101&data[FIELDS_AFTER][ID]=101&ts=1790578800&auth[application_token]=${token}`;
const form = 'application/x-www-form-urlencoded';

describe('Webhooks', () => {
  test('a Planfix hint is kept before it is answered', async () => {
    const { kept, post } = await receiver();
    const answer = await post('planfix/teyron/planfix-secret', '{"event":"task.changed","task":"1001"}');
    expect(answer).toEqual({ status: 200, text: '' });
    expect(kept).toMatchObject([{ account: 'teyron', task: '1001', aspects: ['task'] }]);
  });

  test('Planfix gets the same empty 200 for a wrong secret, an unknown account and any body at all', async () => {
    const { kept, rejected, post } = await receiver();
    for (const path of [
      'planfix/teyron/wrong',
      'planfix/nobody/planfix-secret',
      'planfix/teyron/',
      'planfix/%ff/x',
    ])
      expect(await post(path, '{"event":"task.changed","task":"1001"}')).toEqual({ status: 200, text: '' });
    expect(kept).toEqual([]);
    expect(rejected).toHaveLength(4);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 400 }), async (body) => {
        expect(await post('planfix/teyron/planfix-secret', body)).toEqual({ status: 200, text: '' });
      }),
      { numRuns: 60 },
    );
  });

  test('a body broken by unescaped text still yields its task', async () => {
    const { kept, post } = await receiver();
    await post(
      'planfix/teyron/planfix-secret',
      '{"event":"comment.created","task":"1001","text":"он сказал "да"\n"}',
    );
    expect(kept).toMatchObject([{ task: '1001' }]);
  });

  test('Bitrix24 is told 403 without the right application_token, and nothing is kept', async () => {
    const { kept, rejected, post } = await receiver();
    expect((await post('bitrix24/romashka', event('forged'), form)).status).toBe(403);
    expect((await post('bitrix24/nobody', event('application-token'), form)).status).toBe(403);
    expect((await post('bitrix24/romashka', 'anything at all', form)).status).toBe(403);
    expect(kept).toEqual([]);
    expect(rejected.map(({ excerpt }) => excerpt).join(' ')).not.toContain('forged');
  });

  test('a frame that was led to the wrong address leaves no token in the list', async () => {
    const { rejected, post } = await receiver();
    await post('bitrix24/romashka', 'AUTH_ID=forged1&AUTH_EXPIRES=3600&REFRESH_ID=forged2&member_id=x', form);
    expect(rejected.map(({ excerpt }) => excerpt).join(' ')).toContain('REFRESH_ID=…');
    expect(JSON.stringify(rejected)).not.toContain('forged');
  });

  test('a Bitrix24 event is kept', async () => {
    const { kept, post } = await receiver();
    expect(await post('bitrix24/romashka', event('application-token'), form)).toEqual({
      status: 200,
      text: '',
    });
    expect(kept).toMatchObject([{ account: 'romashka', task: '101', aspects: ['task'] }]);
  });

  test('what can not be kept in time: Planfix hears 200, Bitrix24 503, and both accounts are swept', async () => {
    const { lost, post } = await receiver(() => new Promise(() => undefined));
    expect((await post('planfix/teyron/planfix-secret', '{"task":"1001"}')).status).toBe(200);
    expect((await post('bitrix24/romashka', event('application-token'), form)).status).toBe(503);
    expect(lost).toEqual(['teyron', 'romashka']);
  });

  test('what the database refuses is told at once', async () => {
    const { lost, post } = await receiver(() => Promise.reject(new Error('down')));
    expect((await post('bitrix24/romashka', event('application-token'), form)).status).toBe(503);
    expect(lost).toEqual(['romashka']);
  });

  test('hints that come while one is being kept are kept together', async () => {
    const batches: number[] = [];
    let go: () => void = () => undefined;
    const writer = hintWriter(async (touches) => {
      batches.push(touches.length);
      await new Promise<void>((resolve) => {
        go = resolve;
      });
    });
    const touch = (task: string): Touch => ({
      account: as<AccountId>('teyron'),
      task: as<LocalTaskId>(task),
      aspects: ['task'],
      lane: 'field',
      dueAt: 0,
      correlation: '',
    });
    const first = writer.keep([touch('1')]);
    const others = ['2', '3', '4'].map((task) => writer.keep([touch(task)]));
    go();
    await first;
    go();
    await Promise.all(others);
    expect(batches).toEqual([1, 3]);
  });
});
