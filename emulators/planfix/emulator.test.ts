import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { planfix } from './emulator.ts';
import { bench, hook, NOW } from './testing.ts';

const address = { http: 'http://127.0.0.1:1', https: 'https://127.0.0.1:2' };

/** A little of everything. */
function busy() {
  const account = bench({ scenarios: [hook('task.changed', { delay: '5m' })] }, { 'limits.perSecond': 5 });
  const { call, act, advance } = account;
  call('POST', '/task/1001', {
    endDateTime: { date: '01-12-2026', time: '10:00' },
    customFieldData: [
      { field: { id: 203 }, value: { date: '11-12-2026' } },
      { field: { id: 206 }, value: { from: { time: '10:00' }, to: { time: '10:30' } } },
    ],
  });
  advance(90_500);
  act({ as: 3, do: 'add comment', task: 1001, text: 'x', files: [{ name: 'a', text: 'bytes' }] });
  call('POST', '/task/1001/comments/', { description: 'y', owner: { id: 'contact:12' } });
  call('POST', '/task/1001/checklist', { name: 'пункт' });
  act({ as: 2, do: 'delete task', task: 1002 });
  act({ as: 2, do: 'create contact', name: 'Новый', email: 'new@vesna.example' });
  return account;
}

function again(dump: Json, seed: number) {
  return planfix.create({ account: 'vesna', address, world: dump, seed });
}

describe('the machine', () => {
  test('a dump is a world again: the same dump comes out, and the same future', () => {
    const { state, now } = busy();
    const dump = planfix.dump(state);
    const copy = again(dump, 99);
    expect(planfix.dump(copy)).toEqual(dump);
    const later = now() + 10 * 60_000;
    const strip = ({ effects, ...rest }: ReturnType<typeof planfix.tick>) => ({
      ...rest,
      count: effects.length,
    });
    expect(strip(planfix.tick(copy, later))).toEqual(strip(planfix.tick(state, later)));
    expect(planfix.dump(copy)).toEqual(planfix.dump(state));
  });

  test('the same calls in the same order give the same account', () => {
    expect(planfix.dump(busy().state)).toEqual(planfix.dump(busy().state));
  });

  test('a fresh account without a world works with the token that it names', () => {
    const state = planfix.create({ account: 'romashka', address, seed: 1 });
    const [robot] = planfix.credentials(state);
    expect(robot).toMatchObject({ actor: 'user:1' });
    const request = {
      scheme: 'http',
      method: 'POST',
      target: '/rest/task/',
      headers: { authorization: `Bearer ${robot?.secret ?? ''}` },
      body: new TextEncoder().encode('{"name":"Первая"}'),
    } as const;
    expect(planfix.handle(state, request, NOW).response).toMatchObject({ status: 201 });
  });

  test('a world that can not be read is refused with the places that are wrong', () => {
    expect(() => again({ account: { name: 'x' }, tasks: [{ id: 'один' }] }, 1)).toThrow(/tasks\/0\/id/);
    expect(() =>
      again({ account: { name: 'x' }, comments: [{ id: 1, task: 5, owner: 'user:1' }] }, 1),
    ).toThrow(TypeError);
  });

  test('a request is described by its own path and by its method, with its person', () => {
    const { state } = bench();
    const described = planfix.describe(state, {
      scheme: 'http',
      method: 'POST',
      target: '/rest/task/1001?silent=true',
      headers: { authorization: 'Bearer olga-token' },
      body: new Uint8Array(0),
    });
    expect(described).toEqual({
      operations: ['POST /task/1001', 'POST /task/{id}'],
      write: true,
      rest: true,
      actor: 'user:3',
    });
  });

  test('every setting takes each of its values and refuses another kind', () => {
    const { state } = bench();
    for (const { name, values } of planfix.settings) {
      for (const value of values) {
        planfix.setSettings(state, { [name]: value });
        expect(planfix.getSettings(state)[name]).toEqual(value);
      }
      expect(() => {
        planfix.setSettings(state, { [name]: { strange: true } });
      }).toThrow(TypeError);
    }
    expect(() => {
      planfix.setSettings(state, { 'no.such': 1 });
    }).toThrow(TypeError);
  });
});
