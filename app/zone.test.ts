import { expect, test } from '@jest/globals';
import { type AccountId, as } from '../errors/ids.ts';
import { memoryStore } from '../store/memory.ts';
import { keepZone, keptZone } from './zone.ts';

const teyron = as<AccountId>('teyron');

test('what was found of a zone stays with the account as long as the zone is configured', async () => {
  const store = memoryStore(() => 'id');
  expect(await keptZone(store, teyron, 'Europe/Moscow')).toBeNull();
  const line = { about: 'zone', state: 'ok', found: 'Planfix shows its times in Europe/Moscow' } as const;
  await keepZone(store, teyron, 'Europe/Moscow', line, 5);
  expect(await keptZone(store, teyron, 'Europe/Moscow')).toEqual({
    zone: 'Europe/Moscow',
    state: 'ok',
    found: line.found,
    at: 5,
  });
  expect(await keptZone(store, teyron, 'Asia/Tokyo')).toBeNull();
});
