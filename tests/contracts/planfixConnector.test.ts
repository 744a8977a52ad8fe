import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makePlanfix } from '../../connectors/planfix/connector.ts';
import { type OpenSource } from '../../connectors/port.ts';
import { hostEmulator } from '../../emulators/common/host.ts';
import { type Json, type SettingValue } from '../../emulators/common/types.ts';
import { planfix } from '../../emulators/planfix/emulator.ts';
import {
  type AccountId,
  as,
  type LocalCommentId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
  type Mark,
  type MessageId,
} from '../../errors/ids.ts';
import { type Write } from '../../sync/core/operation.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { connectorSuite } from './connectorSuite.ts';
import { hostedRuntime } from './hostRuntime.ts';
import { ownCases } from './layout.ts';
import { type ConnectorHarness } from './promises/bench.ts';

const origin = 'https://vesna.planfix.ru';
const start = Date.parse('2026-11-24T07:30Z');

const { world } = JSON.parse(readFileSync(join(ownCases, 'planfix', 'world.json'), 'utf8')) as {
  world: { readonly [key: string]: Json; readonly tokens: readonly { readonly token: string }[] };
};

interface Account {
  /** Where the robot lives. */
  readonly zone: string;
  readonly settings: Readonly<Record<string, SettingValue>>;
}

function planfixHarness({ zone, settings }: Account): ConnectorHarness {
  const host = hostEmulator(planfix, {
    account: 'vesna',
    address: { http: 'http://vesna.planfix.ru', https: origin },
    world: {
      ...world,
      tokens: world.tokens.map((token) =>
        token.token === 'robot-token-0001' ? { ...token, timezone: zone } : token,
      ),
    },
    settings: { 'limits.perSecond': 0, 'limits.perDay': 0, ...settings },
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
      zone,
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

connectorSuite('The Planfix connector', () => planfixHarness({ zone: 'UTC', settings: {} }));

connectorSuite('The Planfix connector, where the account leaves much unsaid,', () =>
  planfixHarness({
    zone: 'Europe/Moscow',
    settings: {
      'comments.defaultOrder': 'id Asc',
      'comments.deletedGet': 'missing',
      'comments.editForeignText': 'owner only',
      'comments.listDefaultType': 'All',
      'comments.touchTaskChangedTime': true,
      'dates.gtOtherDateInclusive': true,
      'errors.pageSizeOver100': 'code 41',
      'file.downloadMode': 'direct',
      'file.storageRefusesAuthorization': false,
      'html.rewrite': 'wrap in p',
      'limits.status': 429,
      'limits.timeToResetUnit': 's',
      sourceMarks: 'dropped',
      'status.perUserView': true,
      'task.deletedGet': 'missing',
      'task.listShowsDeleted': true,
      'task.missingGet': '400 code 0',
      'task.updateBody': 'empty',
    },
  }),
);

connectorSuite('The Planfix connector of a far-away robot', () =>
  planfixHarness({
    zone: 'America/Los_Angeles',
    settings: {
      'comments.editForeignText': 'allowed',
      'file.linkSeconds': 1,
      'silent.suppressesScenarios': true,
      sourceMarks: 'only with sourceId',
      'task.missingGet': '404 code 1000',
    },
  }),
);

describe('The Planfix connector', () => {
  const open: OpenSource = () => Promise.reject(new Error('no file was to be opened'));

  test('takes a 202 as accepted, and the value is there later, once', async () => {
    const { connector, acts, advance } = planfixHarness({
      zone: 'UTC',
      settings: { 'task.queueProbability': 1 },
    });
    const task = await acts.createTask('Раньше');
    const request = { task, aspects: ['task'] as const, commentsAfter: null, world: null, chat: null };
    const read = async (): Promise<Snapshot> => {
      const reading = (await connector.read([request])).get(task);
      if (reading?.is !== 'read' || reading.snapshot === undefined) throw new Error(JSON.stringify(reading));
      return reading.snapshot;
    };
    const base = await read();
    const set = { title: 'Позже' };
    const outcomes = await connector.write(
      [{ kind: 'task.update', task, base, set, status: null, silent: true }],
      open,
    );
    expect(outcomes.map((outcome) => outcome.is)).toEqual(['queued']);
    advance(60_000);
    expect((await read()).title).toBe('Позже');
  });

  test('proves the zone of the robot by a filter where tasks show UTC', async () => {
    const { connector } = planfixHarness({
      zone: 'Europe/Moscow',
      settings: { 'timepoint.dateTimeIn': 'UTC' },
    });
    const lines = await connector.check();
    expect(lines.find((line) => line.about === 'zone')).toMatchObject({
      state: 'ok',
      found: expect.stringContaining('filters'),
    });
  });

  test('writes a comment longer than Planfix takes in parts, and takes up a broken row where it ended', async () => {
    const bench = planfixHarness({ zone: 'UTC', settings: {} });
    const { connector } = bench;
    const task = await bench.acts.createTask('Длинный разговор');
    const words = Array.from({ length: 9000 }, (_, index) => `слово${String(index)}`);
    const text = `<p>${words.join(' ')}</p>`;
    const one: Write = {
      kind: 'comment.create',
      task,
      world: 'planfix',
      chat: null,
      message: as<MessageId>('long'),
      mark: as<Mark>('0c091b1f-a735-44e9-a56c-000000000007'),
      text,
      author: bench.people.other,
      at: bench.now(),
      notify: [],
      replyTo: null,
      files: [],
      after: null,
    };
    const second = { status: 500, body: { $raw: '' } };
    bench.fault({ on: bench.requests.createComment, when: 'after', times: 1, answer: second });
    expect((await connector.write([one], open))[0]?.is).toBe('unknown');
    expect(await connector.find(one)).toEqual({ is: 'nothing' });
    const [outcome] = await connector.write([one], open);
    if (outcome?.is !== 'done') throw new Error(JSON.stringify(outcome));
    const request = { task, aspects: ['comments'] as const, commentsAfter: null, world: null, chat: null };
    const reading = (await connector.read([request])).get(task);
    if (reading?.is !== 'read') throw new Error(JSON.stringify(reading));
    const list = reading.comments?.list ?? [];
    expect(list.map((comment) => comment.id)).toEqual(outcome.made.comments?.map((part) => part.comment));
    expect(list.length).toBeGreaterThan(1);
    const said = list.map((comment) => comment.text.replace(/<[^>]*>/g, ' ')).join(' ');
    expect(said.split(/\s+/).filter((word) => word !== '')).toEqual(words);
    const found = await connector.find(one);
    expect(found.is === 'comments' ? found.comments.length : 0).toBe(list.length);
  });
});
