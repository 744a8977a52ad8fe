import { describe, expect, test } from '@jest/globals';
import { bench, OLGA, ROBOT, world } from './testing.ts';

describe('limits', () => {
  test('a burst is answered, then one request a second, and a refused one counts nowhere', () => {
    const { call, advance, state } = bench(
      {},
      { 'limits.perSecond': 1, 'limits.burst': 3, 'limits.perDay': 100 },
    );
    for (let i = 0; i < 3; i += 1) expect(call('GET', '/ping').status).toBe(200);
    const refused = call('GET', '/ping');
    expect([refused.status, refused.body['code'], refused.body['timeToReset']]).toEqual([403, 22, 1000]);
    expect(state.usage.usedToday).toBe(3);
    advance(999);
    expect(call('GET', '/ping').status).toBe(403);
    advance(1);
    expect(call('GET', '/ping').status).toBe(200);
    expect(call('GET', '/ping').status).toBe(403);
  });

  test('the limit is of the account, or of each token', () => {
    const shared = bench({}, { 'limits.perSecond': 1, 'limits.burst': 1 });
    expect(shared.call('GET', '/ping').status).toBe(200);
    expect(shared.call('GET', '/ping', undefined, OLGA).status).toBe(403);
    const apart = bench({}, { 'limits.perSecond': 1, 'limits.burst': 1, 'limits.enforce': 'token' });
    expect(apart.call('GET', '/ping').status).toBe(200);
    expect(apart.call('GET', '/ping', undefined, OLGA).status).toBe(200);
  });

  test('the header is refreshed every ten minutes and the day ends at midnight', () => {
    const { call, advance } = bench({}, { 'limits.perDay': 2 });
    expect(call('GET', '/ping').headers['x-ratelimit-remaining']).toBe('2');
    expect(call('GET', '/ping').headers['x-ratelimit-remaining']).toBe('2');
    expect(call('GET', '/ping').body['code']).toBe(22);
    advance(600_000);
    expect(call('GET', '/ping').headers['x-ratelimit-remaining']).toBe('0');
    advance(24 * 3_600_000);
    expect(call('GET', '/ping').status).toBe(200);
  });
});

describe('tokens and accounts', () => {
  test('refusals of credentials carry their codes', () => {
    const tokens = [
      { token: ROBOT, user: 'user:1' },
      { token: 'off', user: 'user:1', active: false },
      { token: 'reader', user: 'user:1', scopes: ['task_readonly'] },
    ];
    const { call } = bench({ tokens });
    const code = (token: string, path = '/ping') => call('GET', path, undefined, token).body['code'];
    expect([code('nobody'), code('off'), code('reader'), code('reader', '/user/1')]).toEqual([
      1,
      2,
      undefined,
      5,
    ]);
    expect(call('POST', '/task/1001', { name: 'x' }, 'reader').status).toBe(405);
  });

  test('states of an account answer everything', () => {
    const codes = ['spam', 'frozen', 'unpaid', 'free'].map((state) => {
      const account = { ...(world['account'] as object), state };
      return bench({ account }).call('GET', '/task/1001').body['code'];
    });
    expect(codes).toEqual([10, 11, 20, 21]);
  });

  test('a method that does not exist on a path is 405, an unknown path 404', () => {
    const { call } = bench();
    expect(call('DELETE', '/task/1001').status).toBe(405);
    expect(call('GET', '/nothing/here').status).toBe(404);
  });

  test('a slash too many or too few at the end leads to the same place', () => {
    const { call, state } = bench();
    expect(call('POST', '/task', { name: 'x' }).status).toBe(201);
    expect(call('POST', '/task/1001/', { name: 'x' }).status).toBe(200);
    expect(call('POST', '/task/1001/comments', { description: 'x' }).status).toBe(201);
    expect(call('GET', '/task/1001/').body['task']).toEqual({ id: 1001 });
    expect(call('DELETE', '/task/1001/').status).toBe(405);
    expect(call('GET', '/nothing/').status).toBe(404);
    expect(state.tasks.get(1001)?.name).toBe('x');
  });
});
