import { expect, test } from '@jest/globals';
import { type AccountId, as } from '../errors/ids.ts';
import { memoryStore } from '../store/memory.ts';
import { countDeliveries, deliveryLine, keptDelivery } from './delivery.ts';

const vesna = as<AccountId>('vesna');
const day = 86_400_000;

test('hints are counted on over restarts, and the last one is remembered', async () => {
  const store = memoryStore(() => 'id');
  expect(await keptDelivery(store, vesna)).toBeNull();
  const first = countDeliveries(store);
  first.came('vesna', 5);
  first.came('vesna', 7);
  await first.keep();
  await first.keep();
  const second = countDeliveries(store);
  second.came('vesna', 9);
  await second.keep();
  expect(await keptDelivery(store, vesna)).toEqual({ count: 3, since: 5, lastAt: 9 });
});

test('what came while it was being kept is kept the next time', async () => {
  const store = memoryStore(() => 'id');
  const counted = countDeliveries(store);
  counted.came('vesna', 5);
  const keeping = counted.keep();
  counted.came('vesna', 6);
  await keeping;
  await counted.keep();
  expect(await keptDelivery(store, vesna)).toEqual({ count: 2, since: 5, lastAt: 6 });
});

test('a check says when the last hint came, and what to do when none does', () => {
  const kept = { count: 3, since: 0, lastAt: 2 * day };
  expect(deliveryLine('vesna', 'bitrix24', kept, 2 * day + 1)).toMatchObject({ state: 'ok' });
  expect(deliveryLine('vesna', 'bitrix24', kept, 4 * day)).toMatchObject({ state: 'warning' });
  const none = deliveryLine('teyron', 'planfix', null, 4 * day);
  expect(none.state).toBe('unknown');
  expect(none.todo).toContain('svyazka account webhook teyron');
});
