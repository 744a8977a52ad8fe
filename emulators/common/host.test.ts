import { describe, expect, test } from '@jest/globals';
import { toy, toyRequest } from '../../tests/toyKind.ts';
import { type EmulatorHost, hostEmulator, type Served } from './host.ts';
import { type Json } from './types.ts';

const start = Date.parse('2026-11-24T07:30:00Z');
const hook = 'https://bridge.example/hook';

function toyHost(world: Json = { hook }, now = start): EmulatorHost {
  return hostEmulator(toy, {
    account: 'toy',
    address: { http: 'http://toy', https: 'https://toy' },
    world,
    seed: 1,
    now,
  });
}

function textOf({ reply }: Served): string {
  if (reply.kind !== 'respond') return reply.kind;
  return `${String(reply.response.status)} ${new TextDecoder().decode(reply.response.body)}`;
}

function jsonOf({ reply }: Served): unknown {
  return reply.kind === 'respond' ? JSON.parse(new TextDecoder().decode(reply.response.body)) : reply.kind;
}

describe('serving', () => {
  test('a request is answered, logged and told to the mailbox', () => {
    const host = toyHost();
    expect(textOf(host.serve(toyRequest('POST', '/rest/note', 'one'), start))).toBe('201 1');
    expect(host.log().entries).toEqual([
      {
        at: start,
        method: 'POST',
        target: '/rest/note',
        operation: 'note',
        write: true,
        rest: true,
        actor: 'user:1',
        status: 201,
      },
    ]);
    expect(host.mail('user:1')).toHaveLength(1);
    expect(host.mail('user:2')).toHaveLength(0);
  });

  test('a held answer comes in the step of the tick that it is due in', () => {
    const host = toyHost();
    const served = host.serve(toyRequest('GET', '/rest/slow'), start);
    expect(served.reply.kind).toBe('held');
    expect(served.step).toMatchObject({ replies: [], nextAt: start + 50 });
    expect(host.idle(start, 0)).toMatchObject({ idle: false, held: 1 });
    const step = host.tick(start + 50);
    expect(step.replies).toMatchObject([{ held: served.reply.kind === 'held' ? served.reply.held : '' }]);
    expect(host.log().entries[0]?.status).toBe(200);
    expect(host.idle(start + 50, 0)).toMatchObject({ idle: true, held: 0 });
  });

  test('a send waits for its answer before the account counts as quiet', () => {
    const host = toyHost();
    expect(host.serve(toyRequest('POST', '/rest/note', 'one'), start).step.nextAt).toBe(start + 2_000);
    const [send] = host.tick(start + 2_000).sends;
    expect(send?.request.url).toBe(hook);
    expect(host.idle(start + 2_000, 0)).toMatchObject({ idle: false, pendingSends: 1 });
    host.answered(send?.id ?? '', { kind: 'answer', status: 200, body: '' }, start + 2_100);
    expect(host.idle(start + 2_100, 0)).toMatchObject({ idle: true, pendingSends: 0 });
  });

  test('the same calls in the same order give the same answers', () => {
    const play = (): string => {
      const host = toyHost();
      const steps = ['a', 'b', 'c'].map((note) => host.serve(toyRequest('POST', '/rest/note', note), start));
      return JSON.stringify([steps, host.tick(start + 2_000), host.dump(), host.log()]);
    };
    expect(play()).toBe(play());
  });
});

describe('faults', () => {
  const answer = { status: 503, body: { error: 'OVERLOAD' } };

  test('an answer before the write took effect changes nothing', () => {
    const host = toyHost();
    host.addFault({ on: 'note', when: 'before', answer });
    expect(textOf(host.serve(toyRequest('POST', '/rest/note', 'one'), start))).toBe(
      '503 {"error":"OVERLOAD"}',
    );
    expect(host.dump()).toEqual({ notes: [], hook });
    expect(host.log().entries[0]).toMatchObject({ status: 503, fault: 'before' });
  });

  test('an answer after the write took effect hides what happened', () => {
    const host = toyHost();
    host.addFault({ on: 'POST /rest/note', when: 'after', answer });
    expect(textOf(host.serve(toyRequest('POST', '/rest/note', 'one'), start))).toBe(
      '503 {"error":"OVERLOAD"}',
    );
    expect(host.dump()).toEqual({ notes: ['one'], hook });
    expect(host.log().entries[0]).toMatchObject({ status: 503, fault: 'after' });
  });

  test('a fault plays as often as it was asked, and a path below the REST base names it too', () => {
    const host = toyHost();
    host.addFault({ on: 'GET /notes', answer: { status: 502, body: { $raw: '<html>' } }, times: 2 });
    const statuses = [1, 2, 3].map(() => textOf(host.serve(toyRequest('GET', '/rest/notes'), start)));
    expect(statuses).toEqual(['502 <html>', '502 <html>', '200 ']);
    expect(host.faults()).toEqual([]);
  });

  test('a cut before loses the write, a cut after keeps it', () => {
    const host = toyHost();
    host.addFault({ on: '*', when: 'before', cut: true });
    host.addFault({ on: '*', when: 'after', cut: true });
    expect(host.serve(toyRequest('POST', '/rest/note', 'lost'), start).reply).toEqual({ kind: 'cut' });
    expect(host.serve(toyRequest('POST', '/rest/note', 'kept'), start).reply).toEqual({ kind: 'cut' });
    expect(host.dump()).toEqual({ notes: ['kept'], hook });
    expect(host.log().entries.map(({ status, fault }) => [status, fault])).toEqual([
      [0, 'cut'],
      [0, 'cut'],
    ]);
  });

  test('a delay after the write holds the answer only; a delay before holds the write too', () => {
    const host = toyHost();
    host.addFault({ on: 'note', when: 'after', delayMs: 300 });
    const late = host.serve(toyRequest('POST', '/rest/note', 'one'), start);
    expect(late.reply).toMatchObject({ kind: 'respond', at: start + 300 });
    expect(host.idle(start + 299, 0)).toMatchObject({ held: 1 });
    expect(host.idle(start + 300, 0)).toMatchObject({ held: 0 });

    host.addFault({ on: 'note', when: 'before', delayMs: 300 });
    const held = host.serve(toyRequest('POST', '/rest/note', 'two'), start);
    expect(held.reply.kind).toBe('held');
    expect(host.dump()).toEqual({ notes: ['one'], hook });
    expect(held.step.nextAt).toBe(start + 300);
    expect(host.tick(start + 300).replies).toHaveLength(1);
    expect(host.dump()).toEqual({ notes: ['one', 'two'], hook });
  });

  test('webhook faults go to the machine; a cut one is answered by nobody', () => {
    const host = toyHost();
    host.addFault({ on: 'webhook', drop: true });
    host.serve(toyRequest('POST', '/rest/note', 'dropped'), start);
    expect(host.tick(start + 2_000).sends).toHaveLength(0);
    host.addFault({ on: 'webhook', cut: true });
    host.serve(toyRequest('POST', '/rest/note', 'cut'), start + 2_000);
    expect(host.tick(start + 4_000).sends).toHaveLength(0);
    expect(host.idle(start + 4_000, 0)).toMatchObject({ idle: true });
  });

  test('clearing faults reaches those that the machine holds', () => {
    const host = toyHost();
    host.addFault({ on: 'webhook', drop: true, times: 5 });
    host.clearFaults();
    host.serve(toyRequest('POST', '/rest/note', 'told'), start);
    expect(host.tick(start + 2_000).sends).toHaveLength(1);
  });

  test.each([
    [{}, /"on" wants/],
    [{ on: '*' }, /nothing to do/],
    [{ on: '*', drop: true }, /"on": "webhook"/],
    [{ on: '*', cut: true, sometimes: true }, /unknown key "sometimes"/],
    [{ on: '*', cut: true, when: 'during' }, /"when" is/],
    [{ on: '*', answer: { body: 1 } }, /"answer" wants/],
    [{ on: '*', delayMs: -1 }, /"delayMs" wants/],
  ])('%j is refused with a readable text', (fault, text) => {
    const host = toyHost();
    const served = host.serve(toyRequest('POST', '/__emulator__/faults', fault), start);
    expect(jsonOf(served)).toMatchObject({ error: expect.stringMatching(text) as unknown });
    expect(host.faults()).toEqual([]);
  });
});

describe('the clock', () => {
  test("starts at the world's now and runs with the caller's", () => {
    const host = toyHost({ now: '2026-09-28T10:00:00Z' }, start);
    expect(new Date(host.time(start + 1_000).at).toISOString()).toBe('2026-09-28T10:00:01.000Z');
  });

  test('advancing runs what is due in between, in order, and waits for each answer', () => {
    const host = toyHost();
    host.serve(toyRequest('POST', '/rest/note', 'one'), start);
    const moved = host.serve(toyRequest('POST', '/__emulator__/clock', { advance: '1h' }), start);
    expect(moved.reply.kind).toBe('held');
    const [send] = moved.step.sends;
    expect(host.time(start).at).toBe(start + 2_000);
    const step = host.answered(send?.id ?? '', { kind: 'answer', status: 200, body: '' }, start + 7);
    expect(step.replies).toHaveLength(1);
    expect(host.time(start + 7)).toEqual({ at: start + 3_600_000, frozen: false });
  });

  test('a frozen clock lets nothing come due until it is moved or let go', () => {
    const host = toyHost();
    host.serve(toyRequest('POST', '/__emulator__/clock', { freeze: true }), start);
    expect(host.serve(toyRequest('POST', '/rest/note', 'one'), start).step.nextAt).toBeUndefined();
    expect(host.tick(start + 60_000).sends).toHaveLength(0);
    host.serve(toyRequest('POST', '/__emulator__/clock', { freeze: false }), start + 60_000);
    expect(host.tick(start + 62_000).sends).toHaveLength(1);
  });
});

describe('reset and seed', () => {
  test('reset brings the first world back, cuts open requests and forgets log, mail and faults', () => {
    const host = toyHost({ notes: ['first'] });
    host.serve(toyRequest('POST', '/rest/note', 'second'), start);
    host.addFault({ on: '*', cut: true, times: 9 });
    const slow = host.serve(toyRequest('GET', '/rest/slow'), start).reply;
    host.clearFaults();
    const held = host.serve(toyRequest('GET', '/rest/slow'), start).reply;
    const step = host.reset(start);
    expect(slow).toEqual({ kind: 'cut' });
    expect(step.replies).toEqual([{ held: held.kind === 'held' ? held.held : '', reply: { kind: 'cut' } }]);
    expect(host.dump()).toEqual({ notes: ['first'] });
    expect([host.log().entries, host.mail(), host.faults()]).toEqual([[], [], []]);
  });

  test('an answer to a send from before the reset is ignored', () => {
    const host = toyHost();
    host.serve(toyRequest('POST', '/rest/note', 'one'), start);
    const [send] = host.tick(start + 2_000).sends;
    host.reset(start + 2_000);
    host.answered(send?.id ?? '', { kind: 'none', why: 'late' }, start + 3_000);
    expect(host.idle(start + 3_000, 0)).toMatchObject({ idle: true, pendingSends: 0 });
  });

  test('a world that cannot be read changes nothing', () => {
    const host = toyHost({ notes: ['first'] });
    const served = host.serve(toyRequest('POST', '/__emulator__/seed', { notes: 7 }), start);
    expect(jsonOf(served)).toEqual({ error: 'toy world: "notes" wants a list' });
    expect(host.dump()).toEqual({ notes: ['first'] });
  });
});
