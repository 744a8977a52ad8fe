import { expect, test } from '@jest/globals';
import { type AccountId, as } from '../errors/ids.ts';
import { memoryStore } from '../store/memory.ts';
import { keepZone, keptZone } from './zone.ts';

const teyron = {
  account: as<AccountId>('teyron'),
  url: 'https://teyron.planfix.ru/rest',
  actor: 'user:1',
  zone: 'Europe/Moscow',
};

test('what was found of a zone stays with the account as long as the zone is configured', async () => {
  const store = memoryStore(() => 'id');
  expect(await keptZone(store, teyron)).toBeNull();
  const line = { about: 'zone', state: 'ok', found: 'Planfix shows its times in Europe/Moscow' } as const;
  await keepZone(store, teyron, line, 5);
  const robot = { ...teyron, actor: 'user:2' };
  expect(await keptZone(store, robot)).toEqual({ state: 'ok', found: line.found, at: 5 });
  expect(await keptZone(store, { ...teyron, zone: 'Asia/Tokyo' })).toBeNull();
});
