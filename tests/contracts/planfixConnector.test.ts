import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePlanfix } from '../../connectors/planfix/connector.ts';
import { hostEmulator } from '../../emulators/common/host.ts';
import { type Json } from '../../emulators/common/types.ts';
import { planfix } from '../../emulators/planfix/emulator.ts';
import {
  type AccountId,
  as,
  type LocalCommentId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
} from '../../errors/ids.ts';
import { type ConnectorHarness, connectorSuite } from './connectorSuite.ts';
import { hostedRuntime } from './hostRuntime.ts';
import { ownCases } from './layout.ts';

const origin = 'https://vesna.planfix.ru';
const start = Date.parse('2026-11-24T07:30Z');

const { world } = JSON.parse(readFileSync(join(ownCases, 'planfix', 'world.json'), 'utf8')) as {
  world: Json;
};

function planfixHarness(): ConnectorHarness {
  const host = hostEmulator(planfix, {
    account: 'vesna',
    address: { http: 'http://vesna.planfix.ru', https: origin },
    world,
    settings: { 'limits.perSecond': 0, 'limits.perDay': 0 },
    seed: 1,
    now: start,
  });
  const runtime = hostedRuntime([{ host, origins: [origin, 'http://vesna.planfix.ru'] }], start);
  const connector = makePlanfix(
    {
      account: as<AccountId>('vesna'),
      kind: 'planfix',
      url: `${origin}/rest`,
      token: 'robot-token-0001',
      actor: as<LocalPersonId>('user:1'),
      organisation: 'Весна',
      zone: 'UTC',
      ca: null,
      serverMaxMs: 60_000,
    },
    runtime,
  );
  /** A person's doing, with the person's own token. */
  const person = async (method: 'POST' | 'DELETE', path: string, json?: object): Promise<string> => {
    const response = await runtime.http({
      method,
      url: `${origin}/rest${path}`,
      headers: { authorization: 'Bearer pavel-token-0001', 'content-type': 'application/json' },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      timeoutMs: 1000,
    });
    const text = await response.body.text(100_000);
    if (response.status >= 300) throw new Error(`${method} ${path}: ${text}`);
    return text === '' ? '' : String((JSON.parse(text) as { id?: number }).id ?? '');
  };
  return {
    connector,
    people: {
      creator: as<LocalPersonId>('user:2'),
      assignee: as<LocalPersonId>('user:3'),
      other: as<LocalPersonId>('contact:12'),
    },
    place: '50',
    object: '31',
    statuses: { born: as<LocalStatusId>('2'), next: as<LocalStatusId>('101') },
    refused: { set: { creator: as<LocalPersonId>('user:77') }, about: 'creator' },
    requests: {
      createTask: 'POST /task/',
      createComment: 'POST /task/{id}/comments/',
      updateTask: 'POST /task/{id}',
    },
    tellsDeleted: true,
    now: () => runtime.now(),
    advance: (ms) => {
      runtime.advance(ms);
    },
    acts: {
      createTask: async (name) => as<LocalTaskId>(await person('POST', '/task/', { name })),
      rename: async (task, name) => {
        await person('POST', `/task/${task}`, { name });
      },
      comment: async (task, description) =>
        as<LocalCommentId>(await person('POST', `/task/${task}/comments/`, { description })),
      deleteComment: async (_task, comment) => {
        await person('DELETE', `/comment/${comment}`);
      },
    },
    fault: (fault) => {
      host.addFault(fault);
    },
    clearFaults: () => {
      host.clearFaults();
    },
    served: () => host.log().entries.filter((entry) => entry.rest).length,
    limitsOn: () => {
      host.setSettings({ 'limits.perSecond': 1 });
    },
  };
}

connectorSuite('The Planfix connector', planfixHarness);
