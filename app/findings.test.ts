import { expect, test } from '@jest/globals';
import { type Finding } from '../connectors/findings.ts';
import { type AccountId, as } from '../errors/ids.ts';
import { memoryStore } from '../store/memory.ts';
import { keepFinding, keepIn, keptFindings, knownOf } from './findings.ts';

const vesna = {
  kind: 'bitrix24' as const,
  account: as<AccountId>('vesna'),
  url: 'https://vesna.bitrix24.ru/rest/1/secret',
  actor: '1',
  zone: 'Europe/Moscow',
};
const finding: Finding = { name: 'creations', value: 'v3', how: 'it answers', at: 5 };

test('a finding holds of the portal and the acting user that it was found of, whatever the secret', async () => {
  const store = memoryStore(() => 'id');
  await keepFinding(store, vesna, finding);
  expect(await knownOf(store, vesna)).toEqual([finding]);
  expect(await knownOf(store, { ...vesna, url: 'https://vesna.bitrix24.ru/rest/1/new' })).toEqual([finding]);
  expect(await knownOf(store, { ...vesna, url: 'https://osen.bitrix24.ru/rest/1/secret' })).toEqual([]);
  expect(await knownOf(store, { ...vesna, actor: '7' })).toEqual([]);
});

test('other connections are told of a finding that they act upon, once', async () => {
  const store = memoryStore(() => 'id');
  let told = 0;
  const keep = keepIn(
    store,
    () => {
      told += 1;
    },
    (error) => {
      throw error;
    },
  );
  await keep(vesna, finding, true);
  await keep(vesna, finding, false);
  await keep(vesna, { ...finding, name: 'card', value: 'chat' }, true);
  expect(await keptFindings(store, vesna, ['creations', 'card'])).toHaveLength(2);
  expect(told).toBe(1);
});
