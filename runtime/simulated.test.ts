import { describe, expect, test } from '@jest/globals';
import { type Runtime, TransportError } from './runtime.ts';
import { type SimulatedAnswer, simulatedRuntime } from './simulated.ts';

const silent = (): SimulatedAnswer => ({ status: 200 });
const request = { method: 'GET', url: 'http://x.test/', headers: {}, timeoutMs: 1_000 } as const;

describe('virtual time', () => {
  test('sleepers wake in order of time, those of one moment in the order they lay down', async () => {
    const runtime = simulatedRuntime({ seed: 1, start: 1_000, route: silent });
    const woke: string[] = [];
    const nap = async (name: string, ms: number): Promise<void> => {
      await runtime.sleep(ms);
      woke.push(`${name}@${runtime.now()}`);
    };
    const all = [nap('c', 30), nap('a', 10), nap('b', 10), nap('d', 30)];
    await runtime.runUntilIdle();
    await Promise.all(all);
    expect(woke).toStrictEqual(['a@1010', 'b@1010', 'c@1030', 'd@1030']);
  });

  test('advance runs what is due, what that starts in turn, and nothing later', async () => {
    const runtime = simulatedRuntime({ seed: 1, start: 0, route: silent });
    const seen: number[] = [];
    const ticking = (async () => {
      for (let tick = 0; tick < 3; tick += 1) {
        await runtime.sleep(40);
        for (let hop = 0; hop < 1_000; hop += 1) await Promise.resolve();
        seen.push(runtime.now());
      }
    })();
    await runtime.advance(100);
    expect(seen).toStrictEqual([40, 80]);
    expect([runtime.now(), runtime.sleeping]).toStrictEqual([100, 1]);
    await runtime.runUntilIdle();
    await ticking;
    expect(seen).toStrictEqual([40, 80, 120]);
  });

  test('a sleep that is called off ends at once and leaves no sleeper', async () => {
    const runtime = simulatedRuntime({ seed: 1, start: 0, route: silent });
    const callOff = new AbortController();
    const nap = runtime.sleep(1_000, callOff.signal);
    callOff.abort();
    await nap;
    await runtime.sleep(5, callOff.signal);
    expect([runtime.now(), runtime.sleeping]).toStrictEqual([0, 0]);
  });

  test('a run that never comes to rest is told, not waited for', async () => {
    const runtime = simulatedRuntime({ seed: 1, start: 0, route: silent });
    const forever = async (): Promise<void> => {
      for (;;) await runtime.sleep(1_000);
    };
    void forever();
    await expect(runtime.runUntilIdle(10_000)).rejects.toThrow('1 still sleep after 10000 ms');
  });
});

describe('chance', () => {
  const draw = (runtime: Runtime): unknown[] => [
    runtime.random(),
    runtime.uuid(),
    runtime.random(),
    runtime.uuid(),
  ];
  const from = (seed: number): unknown[] => draw(simulatedRuntime({ seed, start: 0, route: silent }));

  test('one seed draws the same numbers and ids, another draws others', () => {
    expect(from(7)).toStrictEqual(from(7));
    expect(from(7)).not.toStrictEqual(from(8));
    expect(from(7)[1]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('numbers lie in [0, 1) and spread over it', () => {
    const runtime = simulatedRuntime({ seed: 3, start: 0, route: silent });
    const tenths = new Set<number>();
    for (let draws = 0; draws < 1_000; draws += 1) {
      const number = runtime.random();
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
      tenths.add(Math.floor(number * 10));
    }
    expect(tenths.size).toBe(10);
  });
});

describe('the network', () => {
  test('an answer that takes virtual time arrives then, its header names in lower case', async () => {
    const runtime = simulatedRuntime({
      seed: 1,
      start: 0,
      route: async () => {
        await runtime.sleep(300);
        return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'Готово' };
      },
    });
    const answered = runtime.http(request);
    await runtime.runUntilIdle();
    const { headers, body } = await answered;
    expect([runtime.now(), headers, await body.text(100)]).toStrictEqual([
      300,
      { 'content-type': 'text/plain' },
      'Готово',
    ]);
  });

  test('an answer that comes too late is a time-out at the request’s own limit', async () => {
    const runtime = simulatedRuntime({
      seed: 1,
      start: 0,
      route: async () => {
        await runtime.sleep(5_000);
        return { status: 200 };
      },
    });
    const failed = runtime.http(request).catch((error: unknown) => [error, runtime.now()]);
    await runtime.runUntilIdle();
    expect(await failed).toMatchObject([{ name: 'TransportError', kind: 'timeout' }, 1_000]);
  });

  test('a request that comes too late reaches nobody, the last moment is none too late', async () => {
    let asked = 0;
    const runtime = simulatedRuntime({
      seed: 1,
      start: 5_000,
      route: () => {
        asked += 1;
        return { status: 200 };
      },
    });
    await expect(runtime.http({ ...request, notAfter: 4_999 })).rejects.toMatchObject({ kind: 'unsent' });
    expect(asked).toBe(0);
    expect(await runtime.http({ ...request, notAfter: 5_000 })).toMatchObject({ status: 200 });
  });

  test('what the route throws reaches the caller as it is', async () => {
    const error = new TransportError('unsent', 'refused');
    const runtime = simulatedRuntime({
      seed: 1,
      start: 0,
      route: () => {
        throw error;
      },
    });
    await expect(runtime.http(request)).rejects.toBe(error);
    await runtime.runUntilIdle();
    expect(runtime.now()).toBe(0);
  });

  test('a body larger than its reader allows is refused', async () => {
    const runtime = simulatedRuntime({
      seed: 1,
      start: 0,
      route: () => ({ status: 200, body: 'x'.repeat(11) }),
    });
    const { body } = await runtime.http(request);
    await expect(body.text(10)).rejects.toMatchObject({ kind: 'too-large' });
  });
});
