import { describe, expect, test } from '@jest/globals';
import { simulatedRuntime } from '../../runtime/simulated.ts';
import { type HttpRequest } from '../../runtime/runtime.ts';
import { govern } from './governor.ts';

const limit = { burst: 1, perSecond: 1, perDay: null };
const get = { method: 'GET', url: 'https://x.test/', headers: {}, timeoutMs: 30_000 } as const;

function governed(overslept = 0) {
  const arrived: number[] = [];
  const simulated = simulatedRuntime({
    seed: 1,
    start: 1_000,
    route: () => {
      arrived.push(simulated.now());
      return { status: 200 };
    },
  });
  const { runtime } = govern(
    { ...simulated, sleep: (ms) => simulated.sleep(ms + overslept) },
    limit,
    () => true,
  );
  const ask = (more: Partial<HttpRequest> = {}): Promise<string> =>
    runtime.http({ ...get, ...more }).then(
      ({ status }) => String(status),
      (error: unknown) => String(error),
    );
  return { simulated, arrived, ask };
}

describe('A request that must not go out late', () => {
  test('is refused at once when its place is too far off, and leaves the place to the next', async () => {
    const { simulated, arrived, ask } = governed();
    const asked = [ask(), ask({ notAfter: 1_500 }), ask({ notAfter: 2_000 }), ask()];
    await simulated.runUntilIdle();
    expect(await Promise.all(asked)).toEqual(['200', expect.stringContaining('500 ms before'), '200', '200']);
    expect(arrived).toEqual([1_000, 2_000, 3_000]);
  });

  test('is surely not sent when the wait took longer than it should have', async () => {
    const { simulated, arrived, ask } = governed(7_000);
    const asked = [ask(), ask({ notAfter: 2_500 })];
    await simulated.runUntilIdle();
    expect(await Promise.all(asked)).toEqual(['200', expect.stringContaining('TransportError')]);
    expect(arrived).toEqual([1_000]);
  });
});
