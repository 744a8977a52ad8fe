import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readPlanfixHints } from '../connectors/planfix/webhook.ts';
import { as, type AccountId, type LocalPersonId } from '../errors/ids.ts';
import { loadMapping } from '../mappings/load.ts';
import { type Mapping } from '../mappings/types.ts';
import { type LocalPerson } from '../sync/core/account.ts';
import { type Account, hookAddress } from './accounts.ts';
import { type PlanfixSetup, type SetupGround, webhookSetup } from './webhookSetup.ts';

const account = (kind: Account['kind'], more: Partial<Account> = {}): Account => ({
  account: as<AccountId>(kind === 'planfix' ? 'teyron' : 'romashka'),
  kind,
  url: 'https://teyron.planfix.ru/rest',
  token: 'secret-token',
  actor: 'user:1',
  organisation: 'ТЕЙРОН',
  zone: 'Europe/Moscow',
  ca: null,
  serverMaxMs: 60_000,
  hookSecret: 'hooksecret',
  allowPrivate: false,
  limited: true,
  ...more,
});

function hub(): Mapping {
  const file = new URL('../mappings/examples/hub-two-members.yaml', import.meta.url);
  const accounts = {
    teyron: { kind: 'planfix' },
    romashka: { kind: 'bitrix24' },
    pixel: { kind: 'planfix' },
  } as const;
  const loaded = loadMapping(readFileSync(file, 'utf8'), { fileName: 'hub', accounts, version: 1 });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.mapping;
}

const person = (id: string, name: string, kind: LocalPerson['kind']): LocalPerson => ({
  id: as<LocalPersonId>(id),
  name,
  email: null,
  kind,
  active: true,
});

function setupOf(one: Account, more: Partial<SetupGround> = {}) {
  return webhookSetup({
    account: one,
    address: hookAddress('https://bridge.example', one),
    mappings: [hub()],
    people: [person('user:1', 'Связка Робот', 'robot'), person('contact:20', 'Ромашка', 'contact')],
    objects: [{ id: '31', name: 'Задача' }],
    ...more,
  });
}

const planfixSetup = (more: Partial<SetupGround> = {}): PlanfixSetup => {
  const setup = setupOf(account('planfix'), more);
  if (setup.kind !== 'planfix') throw new Error(setup.kind);
  return setup;
};

describe('What to build in Planfix', () => {
  test('each event has a scenario with the address of the account and a body that holds numbers alone', () => {
    const { scenarios, button } = planfixSetup();
    for (const { request } of [...scenarios, button]) {
      expect(request.method).toBe('POST');
      expect(request.address).toBe('https://bridge.example/webhooks/planfix/teyron/hooksecret');
      expect(request.body.match(/\{\{.*?\}\}/gu)).toEqual(['{{Задача.Номер}}']);
    }
  });

  test('what a scenario sends is read as what has happened', () => {
    const { scenarios, button } = planfixSetup();
    const aspects = [...scenarios, button].map(({ request }) => {
      const [hint] = readPlanfixHints(request.body.replace('{{Задача.Номер}}', '1001'), 'application/json');
      return hint?.is === 'task' ? [hint.task, ...hint.aspects] : hint;
    });
    expect(aspects).toEqual([
      ['1001', 'task', 'comments'],
      ['1001', 'task'],
      ['1001', 'comments'],
      ['1001', 'task', 'comments', 'deleted-comments'],
    ]);
  });

  test('conditions exclude the robot everywhere, and of comments those who stand in for others', () => {
    const { scenarios, button } = planfixSetup();
    const robot = 'Modified by: is not Связка Робот (user:1)';
    expect(scenarios.map(({ conditions }) => conditions)).toEqual([
      [robot],
      [robot],
      [robot, 'Modified by: is not Ромашка (contact:20)', 'Modified by: is not contact:21'],
    ]);
    expect(button.conditions).toEqual([]);
  });

  test('a change is told by the event that looks at the conditions of this moment alone', () => {
    expect(planfixSetup().scenarios[1]?.event).toBe('Task is modified and still meets the conditions');
  });

  test('an account without a mapping, or that can not be asked, gets its scenarios all the same', () => {
    const { scenarios, objects } = planfixSetup({ mappings: [], people: [], objects: null });
    expect(objects).toBeNull();
    expect(scenarios.map(({ conditions }) => conditions)).toEqual(
      scenarios.map(() => ['Modified by: is not user:1']),
    );
  });

  test('nothing that is printed holds the token', () => {
    expect(JSON.stringify(planfixSetup())).not.toContain('secret-token');
  });
});

describe('What to build in Bitrix24', () => {
  test('the events of tasks and comments, the address, and whether the token is known', () => {
    expect(setupOf(account('bitrix24', { hookSecret: null }))).toMatchObject({
      kind: 'bitrix24',
      address: 'https://bridge.example/webhooks/bitrix24/romashka',
      events: expect.arrayContaining(['ONTASKADD', 'ONTASKUPDATE', 'ONTASKDELETE', 'ONTASKCOMMENTADD']),
      tokenKnown: false,
    });
    expect(setupOf(account('bitrix24'))).toMatchObject({ tokenKnown: true, bindsItself: false });
  });

  test('an application binds its events itself', () => {
    const application = { client: null, installSecret: 'install', portal: 'https://romashka.bitrix24.ru' };
    expect(setupOf(account('bitrix24', { application }))).toMatchObject({ bindsItself: true });
  });
});
