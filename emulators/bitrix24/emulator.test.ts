import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { bitrix24 } from './emulator.ts';
import { at, start, testPortal } from './testing.ts';

const world = (
  JSON.parse(
    readFileSync(new URL('../../tests/contracts/cases/bitrix24/world.json', import.meta.url), 'utf8'),
  ) as { world: Json }
).world;

describe('what the machine is', () => {
  test('every route is in the coverage matrix, and every supported method has a route', () => {
    const served = new Set(bitrix24.routes());
    const claimed = new Set(
      bitrix24.coverage.filter((entry) => entry.support !== 'left out').map((entry) => entry.method),
    );
    expect([...served].filter((name) => !claimed.has(name))).toEqual([]);
    expect([...claimed].filter((name) => !served.has(name))).toEqual([]);
    expect(new Set(bitrix24.coverage.map((entry) => entry.method)).size).toBe(bitrix24.coverage.length);
  });

  test('a dump is a world that gives the same dump again', () => {
    const portal = testPortal({}, world);
    portal.call(5, 'tasks.task.add', { fields: { TITLE: 'Новая', RESPONSIBLE_ID: 7, TAGS: ['срочно'] } });
    portal.call(7, 'im.v2.Event.subscribe');
    portal.act(7, 'post message', { task: 101, text: 'Готово', files: [{ name: 'a.txt', text: 'привет' }] });
    portal.act(5, 'post message', { task: 107, text: 'Старая карточка' });
    const dump = bitrix24.dump(portal.state);
    const again = bitrix24.create({
      account: 'vesna',
      address: portal.state.address,
      world: JSON.parse(JSON.stringify(dump)) as Json,
      seed: 1,
    });
    const second = bitrix24.dump(again);
    expect(second).toEqual({ ...(dump as object), emulator: at(second, 'emulator') });
    expect(at(second, 'emulator', 'chance')).toBe(at(dump, 'emulator', 'chance'));
  });

  test('the same calls give the same answers', () => {
    const run = (): string => {
      const portal = testPortal({ 'events.delayMsMax': 500, 'events.doublePercent': 40 });
      const added = portal.call(3, 'tasks.task.add', { fields: { TITLE: 'А', RESPONSIBLE_ID: 5 } });
      portal.call(5, 'tasks.task.start', { taskId: at(added.body, 'result', 'task', 'id') ?? 0 });
      portal.pass(1000);
      return JSON.stringify([added.body, portal.events(), bitrix24.dump(portal.state)]);
    };
    expect(run()).toBe(run());
  });

  test('without a world an account has people, a group and a webhook for each of them', () => {
    const portal = testPortal();
    const names = bitrix24.credentials(portal.state).map((one) => one.name);
    expect(names).toHaveLength(5);
    expect(names).toContain('Связка');
    expect(at(portal.call(9, 'profile').body, 'result', 'ADMIN')).toBe(true);
    expect(at(portal.call(3, 'profile').body, 'result', 'ADMIN')).toBe(false);
    expect(bitrix24.worldNow(world)).toBe(start);
  });

  test('a world that can not be read is refused with the place', () => {
    const create = (broken: Json) => () => testPortal({}, broken);
    expect(create({ portal: {}, tasks: [{ id: 1 }] })).toThrow('tasks/1/creator');
    expect(create({})).toThrow(TypeError);
  });

  test('settings are checked by name and by value', () => {
    const { state } = testPortal();
    expect(() => {
      bitrix24.setSettings(state, { 'no.such': 1 });
    }).toThrow('There is no setting');
    expect(() => {
      bitrix24.setSettings(state, { 'batch.overLength': 'twelve' });
    }).toThrow(TypeError);
    bitrix24.setSettings(state, { 'list.startMinusOneTotal': 0 });
    expect(bitrix24.getSettings(state)['list.startMinusOneTotal']).toBe(0);
    for (const setting of bitrix24.settings) {
      for (const value of [...setting.values, setting.default]) {
        bitrix24.setSettings(state, { [setting.name]: value });
      }
    }
  });

  test('a batch is described as a write when one of its commands writes', () => {
    const { state } = testPortal();
    const described = (cmd: Json) =>
      bitrix24.describe(state, {
        scheme: 'http',
        method: 'POST',
        target: '/rest/1/secret/batch.json',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ cmd })),
      });
    expect(described({ a: 'tasks.task.get?taskId=1' })).toMatchObject({ write: false, rest: true });
    expect(described({ a: 'tasks.task.get?taskId=1', b: 'TASKS.TASK.UPDATE?taskId=1' })).toMatchObject({
      write: true,
      inner: ['tasks.task.get', 'TASKS.TASK.UPDATE'],
    });
  });
});

describe('call forms', () => {
  const portal = testPortal({}, world);
  const hook = '/rest/5/auth0rh00kvesna5';

  test('query, form and JSON give one answer, whatever the case of the method', () => {
    const asked = [
      portal.request('GET', `${hook}/tasks.task.get.json?taskId=102&select[]=ID&select[]=TITLE`),
      portal.request(
        'GET',
        `/rest//5/auth0rh00kvesna5/TASKS.TASK.GET/?taskId=102&select%5B0%5D=ID&select%5B1%5D=TITLE`,
      ),
      portal.request(
        'POST',
        `${hook}/tasks.task.get`,
        { 'content-type': 'application/x-www-form-urlencoded' },
        'taskId=102&select[0]=ID&select[1]=TITLE',
      ),
      portal.call(5, 'tasks.task.get', { taskId: 102, select: ['ID', 'TITLE'] }),
    ];
    const results = asked.map((answer) => answer.body['result']);
    expect(results.every((result) => at(result, 'task', 'title') === 'Согласовать план работ')).toBe(true);
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  });

  test('an unencoded operator in a bracket breaks the key as in PHP, and the filter is lost', () => {
    const encoded = portal.request('GET', `${hook}/tasks.task.list?filter[%3E%3DID]=110&select[]=ID`);
    const plain = portal.request('GET', `${hook}/tasks.task.list?filter[>=ID]=110&select[]=ID`);
    expect(encoded.body['total']).toBe(1);
    expect(Number(plain.body['total'])).toBeGreaterThan(1);
  });

  test('positional methods read order, not names, and ignore auth wherever it stands', () => {
    const swapped = portal.call(5, 'task.commentitem.get', { ITEMID: 3102, TASKID: 107 });
    expect(swapped.body['error']).toBe('ERROR_CORE');
    const named = portal.call(5, 'task.commentitem.get', { auth: 'x', a: 107, b: 3102 });
    expect(at(named.body, 'result', 'ID')).toBe('3102');
  });

  test('plain http is refused when the portal wants https', () => {
    const strict = testPortal({ 'portal.httpsOnly': true });
    expect(strict.call(1, 'profile')).toMatchObject({ status: 401, body: { error: 'INVALID_REQUEST' } });
  });
});

describe('batch', () => {
  test('references bring scalars and whole lists of earlier answers', () => {
    const portal = testPortal();
    const { body } = portal.call(3, 'batch', {
      halt: 1,
      cmd: {
        new: 'tasks.task.add?fields[TITLE]=%D0%90&fields[RESPONSIBLE_ID]=5&fields[AUDITORS][0]=7',
        same: 'tasks.task.update?taskId=$result[new][task][id]&fields[ACCOMPLICES]=$result[new][task][auditors]',
        read: 'tasks.task.get?taskId=%24result%5Bnew%5D%5Btask%5D%5Bid%5D&select[0]=ACCOMPLICES',
      },
    });
    expect(at(body, 'result', 'result', 'read', 'task', 'accomplices')).toEqual(['7']);
    expect(at(body, 'result', 'result_error')).toEqual([]);
  });

  test('what an unresolved reference becomes is a setting', () => {
    const asked = (mode: string): Json | undefined => {
      const portal = testPortal({ 'batch.unresolved': mode });
      const { body } = portal.call(3, 'batch', { cmd: { a: 'tasks.task.get?taskId=$result[none][id]' } });
      return at(body, 'result', 'result_error', 'a', 'error_description');
    };
    expect(asked('empty')).toBe('wrong task id');
    expect(asked('literal')).toBe('wrong task id');
    expect(asked('refused')).toContain('$result[none][id]');
  });

  test('a v3 batch is all or nothing', () => {
    const portal = testPortal();
    const before = portal.state.tasks.size;
    const failed = portal.call(1, 'api/batch', [
      {
        method: 'tasks.task.add',
        query: { fields: { title: 'А', creatorId: 1, responsibleId: 3 } },
        as: 'made',
      },
      { method: 'tasks.task.get', query: { id: 999 } },
    ]);
    expect(failed.status).toBe(400);
    expect(portal.state.tasks.size).toBe(before);
    expect(failed.effects).toEqual([]);
    const good = portal.call(1, 'api/batch', [
      {
        method: 'tasks.task.add',
        query: { fields: { title: 'А', creatorId: 1, responsibleId: 3 } },
        as: 'made',
      },
      { method: 'tasks.task.get', query: { id: { $ref: 'made.item.id' }, select: ['title'] } },
    ]);
    expect(at(good.body, 'result', 1, 'item', 'title')).toBe('А');
    const numbered = portal.call(1, 'api/batch', {
      0: { method: 'tasks.task.list', query: {} },
      1: { method: 'tasks.task.field.list', query: {} },
    });
    expect(at(numbered.body, 'result')).toHaveLength(2);
    const wrapped = portal.call(1, 'api/batch', { cmd: { a: 'tasks.task.list' } });
    expect(at(wrapped.body, 'error', 'code')).toBe('BITRIX_REST_V3_EXCEPTION_INVALIDSELECTEXCEPTION');
  });
});

describe('limits', () => {
  test('the bucket drains with time', () => {
    const portal = testPortal({ 'limits.rate': true, 'limits.burst': 2, 'limits.drainPerSecond': 1 });
    const statuses = [1, 2, 3].map(() => portal.call(1, 'profile').status);
    expect(statuses).toEqual([200, 200, 503]);
    portal.pass(1000);
    expect(portal.call(1, 'profile').status).toBe(200);
  });

  test('operating time blocks one method of one webhook for ten minutes', () => {
    const portal = testPortal({ 'limits.operatingSeconds': 0.01 });
    expect(portal.call(1, 'tasks.task.list').status).toBe(200);
    expect(portal.call(1, 'tasks.task.list')).toMatchObject({
      status: 429,
      body: { error: 'OPERATION_TIME_LIMIT' },
    });
    expect(portal.call(3, 'tasks.task.list').status).toBe(200);
    expect(portal.call(1, 'profile').status).toBe(200);
    portal.pass(600_000);
    expect(portal.call(1, 'tasks.task.list').status).toBe(200);
  });
});
