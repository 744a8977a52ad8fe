import { expect, test } from '@jest/globals';
import { type EmulatorHost, hostEmulator } from '../emulators/common/host.ts';
import { bitrix24 } from '../emulators/bitrix24/emulator.ts';
import { planfix } from '../emulators/planfix/emulator.ts';
import { readContracts } from './contracts/layout.ts';

const { worlds } = await readContracts();
const encoder = new TextEncoder();
const address = { http: 'http://vesna.example', https: 'https://vesna.example' };
const scenario = {
  id: 701,
  name: 'Мост',
  on: 'task.changed',
  request: { method: 'POST', url: 'https://bridge.example/hook', headers: {}, body: 'x' },
  retry: true,
};
const planfixWorld = { ...(worlds.planfix as object), scenarios: [scenario] };

const accounts = {
  planfix: {
    start: (now: number): EmulatorHost =>
      hostEmulator(planfix, {
        account: 'vesna',
        address,
        world: planfixWorld,
        seed: 1,
        now,
        clock: 'caller',
      }),
    now: planfix.worldNow(worlds.planfix) ?? 0,
    target: '/rest/task/1001',
    headers: { authorization: 'Bearer pavel-token-0001' },
    body: { name: 'Новое имя' },
  },
  bitrix24: {
    start: (now: number): EmulatorHost =>
      hostEmulator(bitrix24, {
        account: 'vesna',
        address,
        world: worlds.bitrix24,
        seed: 1,
        now,
        clock: 'caller',
      }),
    now: bitrix24.worldNow(worlds.bitrix24) ?? 0,
    target: '/rest/5/auth0rh00kvesna5/tasks.task.update',
    headers: {},
    body: { taskId: 101, fields: { TITLE: 'Новое имя' } },
  },
};

test.each(['planfix', 'bitrix24'] as const)(
  'clearing faults of %s forgets the webhooks to be dropped',
  (kind) => {
    const { start, now, target, headers, body } = accounts[kind];
    const sentAfter = (prepare: (host: EmulatorHost) => void): number => {
      const host = start(now);
      prepare(host);
      const request = {
        scheme: 'https' as const,
        method: 'POST',
        target,
        headers: { ...headers, host: 'vesna.bitrix24.ru', 'content-type': 'application/json' },
        body: encoder.encode(JSON.stringify(body)),
      };
      let { step } = host.serve(request, now);
      let sent = step.sends.length;
      for (let round = 0; round < 20 && step.nextAt !== undefined && step.nextAt < now + 60_000; round += 1) {
        step = host.tick(step.nextAt);
        sent += step.sends.length;
      }
      return sent;
    };
    const drop = (host: EmulatorHost): void => {
      host.addFault({ on: 'webhook', drop: true, times: 3 });
    };
    expect(sentAfter(drop)).toBe(0);
    expect(
      sentAfter((host) => {
        drop(host);
        host.clearFaults();
      }),
    ).toBe(1);
  },
);
