import { describe, expect, test } from '@jest/globals';
import { toy, toyRequest } from '../../tests/toyKind.ts';
import { readDuration } from './clock.ts';
import { type EmulatorHost, hostEmulator } from './host.ts';
import { type Json } from './types.ts';

const start = Date.parse('2026-11-24T07:30:00Z');

function toyHost(): EmulatorHost {
  return hostEmulator(toy, {
    account: 'toy',
    address: { http: 'http://toy', https: 'https://toy' },
    seed: 1,
    now: start,
  });
}

function control(
  host: EmulatorHost,
  method: string,
  path: string,
  body?: Json,
): { status: number; body: unknown } {
  const { reply, step } = host.serve(toyRequest(method, `/__emulator__/${path}`, body), start);
  const told = reply.kind === 'held' ? step.replies.find(({ held }) => held === reply.held)?.reply : reply;
  if (told?.kind !== 'respond') throw new Error(`no answer: ${JSON.stringify(reply)}`);
  return { status: told.response.status, body: JSON.parse(new TextDecoder().decode(told.response.body)) };
}

describe('control API', () => {
  test('seed takes a world.json, a dump and a bare world', () => {
    const host = toyHost();
    expect(
      control(host, 'POST', 'seed', { area: 'world', cases: [], world: { notes: ['file'] } }).status,
    ).toBe(200);
    expect(control(host, 'GET', 'dump').body).toMatchObject({ kind: 'planfix', world: { notes: ['file'] } });
    const dump = control(host, 'GET', 'dump').body as Json;
    control(host, 'POST', 'seed', { notes: ['bare'] });
    expect(control(host, 'GET', 'dump').body).toMatchObject({ world: { notes: ['bare'] } });
    control(host, 'POST', 'seed', dump);
    expect(control(host, 'GET', 'dump').body).toEqual(dump);
  });

  test('seed sets the clock to the now of its world', () => {
    const host = toyHost();
    control(host, 'POST', 'seed', { world: { now: '2026-01-02T03:04:00Z' } });
    expect(control(host, 'GET', 'clock').body).toMatchObject({
      now: '2026-01-02T03:04:00.000Z',
      frozen: false,
    });
  });

  test('an act gives its result, or why the account refuses it', () => {
    const host = toyHost();
    expect(control(host, 'POST', 'act', { as: 1, do: 'note this' })).toEqual({
      status: 200,
      body: { ok: true, result: { note: 1 } },
    });
    expect(control(host, 'POST', 'act', { as: 13, do: 'note this' })).toEqual({
      status: 409,
      body: { ok: false, refused: 'user 13 may do nothing' },
    });
  });

  test('the log is read on from a number, also after it was emptied', () => {
    const host = toyHost();
    const call = (note: string): void => {
      host.serve(toyRequest('POST', '/rest/note', note), start);
    };
    call('one');
    call('two');
    expect(control(host, 'GET', 'log?since=1').body).toMatchObject({
      next: 2,
      entries: [{ operation: 'note' }],
    });
    control(host, 'DELETE', 'log');
    call('three');
    expect(control(host, 'GET', 'log?since=2').body).toMatchObject({
      next: 3,
      entries: [{ operation: 'note' }],
    });
  });

  test('the control API itself is not logged', () => {
    const host = toyHost();
    control(host, 'GET', 'dump');
    expect(control(host, 'GET', 'log').body).toEqual({ entries: [], next: 0 });
  });

  test('mail stands by person', () => {
    const host = toyHost();
    host.serve(toyRequest('POST', '/rest/note', 'one'), start);
    expect(control(host, 'GET', 'mail').body).toMatchObject({
      mail: { 'user:1': [{ about: 'note', text: 'one' }] },
    });
    expect(control(host, 'GET', 'mail?to=user:2').body).toEqual({ mail: {} });
    control(host, 'DELETE', 'mail');
    expect(control(host, 'GET', 'mail').body).toEqual({ mail: {} });
  });

  test('settings are read and patched', () => {
    const host = toyHost();
    expect(control(host, 'PATCH', 'settings', { answerMs: 0 }).body).toMatchObject({
      settings: { answerMs: 0 },
    });
    expect(control(host, 'GET', 'settings').body).toMatchObject({
      settings: { answerMs: 0, greeting: 'hello' },
      descriptions: [{ name: 'answerMs' }, { name: 'greeting' }],
    });
  });

  test('the clock takes a time, an advance, and backwards too', () => {
    const host = toyHost();
    expect(
      control(host, 'POST', 'clock', { now: '2026-11-25T00:00:00Z', advance: '90s', freeze: true }).body,
    ).toEqual({
      now: '2026-11-25T00:01:30.000Z',
      at: Date.parse('2026-11-25T00:01:30Z'),
      frozen: true,
    });
    expect(control(host, 'POST', 'clock', { now: '2026-01-01T00:00:00Z' }).body).toMatchObject({
      frozen: true,
    });
    expect(host.time(start + 5_000).at).toBe(Date.parse('2026-01-01T00:00:00Z'));
  });

  test('idle, coverage and the greeting page answer', () => {
    const host = toyHost();
    expect(control(host, 'GET', 'idle').body).toMatchObject({ idle: true, held: 0, pendingSends: 0 });
    expect(control(host, 'GET', 'coverage').body).toEqual({ kind: 'planfix', coverage: [] });
    expect(control(host, 'GET', '').body).toMatchObject({
      account: 'toy',
      credentials: [{ secret: 'token-one' }],
    });
  });

  test.each([
    ['POST', 'act', '{"as":', 400, /no JSON/],
    ['POST', 'act', '[]', 400, /JSON object/],
    ['POST', 'act', '{"do":"x"}', 400, /"as" names/],
    ['POST', 'act', '{"as":1,"do":"explode"}', 400, /no word/],
    ['POST', 'clock', '{"advance":"soon"}', 400, /"45s"/],
    ['POST', 'clock', '{"now":"yesterday"}', 400, /ISO time/],
    ['POST', 'clock', '{"then":1}', 400, /unknown key "then"/],
    ['PATCH', 'settings', '{"nonsense":1}', 400, /no setting "nonsense"/],
    ['GET', 'log?since=x', '', 400, /whole number/],
    ['GET', 'nowhere', '', 404, /no control address/],
    ['PUT', 'dump', '', 405, /only GET/],
  ])('%s %s with %j is refused: %d', (method, path, body, status, text) => {
    expect(control(toyHost(), method, path, body)).toEqual({
      status,
      body: { error: expect.stringMatching(text) as unknown },
    });
  });
});

test('durations are read in ms, s, m, h and d', () => {
  expect(['250ms', '45s', '5m', '1h', '1d', '1.5h', 7].map(readDuration)).toEqual([
    250, 45_000, 300_000, 3_600_000, 86_400_000, 5_400_000, 7,
  ]);
});
