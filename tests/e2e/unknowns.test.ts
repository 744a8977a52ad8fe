/** What a check found out of a portal is kept with the account, told by the next one, and used by its connection. */
import { describe, expect, test } from '@jest/globals';
import { type Account, connect, viewOf } from '../../app/accounts.ts';
import { keepIn, knownOf } from '../../app/findings.ts';
import { type AccountId, as } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { memoryStore } from '../../store/memory.ts';
import { bitrixSaid, bitrixTasks, only, planfixTasks, texts } from './look.ts';
import { integratorTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const hours = 3_600_000;
const romashka = as<AccountId>('romashka');
const narrow = { 'limits.chatMessageMax': 200, 'limits.descriptionMax': 1000 };
const long = (word: string, lines: number): string =>
  Array.from({ length: lines }, (_, line) => `${word} ${String(line)}`).join(' ');

const portal = (): Promise<Rehearsal> => rehearseThree('new', {}, undefined, { settings: narrow });

async function probed(three: Rehearsal): Promise<void> {
  const lines = await three.deps.accounts.get(romashka)?.connector.check({ scratch: true });
  expect(lines?.filter(({ state }) => state === 'failed')).toEqual([]);
  expect(lines?.filter(({ about }) => about === 'scratch: removed').map(({ state }) => state)).not.toContain(
    'failed',
  );
  await three.reconnect('romashka');
}

const said = (three: Rehearsal): readonly string[] => texts(bitrixSaid(three, 'romashka'));

describe('A portal that holds less than the documents say', () => {
  test('once that was found out, a long comment and a long description come whole or say that they do not', async () => {
    const three = await portal();
    await probed(three);
    const task = integratorTask(three, { description: `<p>${long('Пункт', 300)}</p>` });
    await three.settle(hours);
    const { description } = only(bitrixTasks(three, 'romashka'));
    expect(description.length).toBeLessThanOrEqual(1000);
    expect(description.trimEnd().split('\n').at(-1)).toMatch(/^Текст сокращён/u);
    const words = long('Слово', 80);
    three.act('teyron', {
      as: 2,
      do: 'add comment',
      task,
      text: `<p>${words}</p>`,
      recipients: ['contact:20'],
    });
    await three.settle(hours);
    expect(said(three).length).toBeGreaterThan(2);
    expect(said(three).join('').replace(/\s/gu, '')).toContain(words.replace(/\s/gu, ''));
    expect(said(three).filter((text) => text.endsWith('(...)'))).toEqual([]);
    expect(await three.store.openOperations(null)).toEqual([]);
  });

  test('what was cut before that stays where it is, and its edit comes whole', async () => {
    const three = await portal();
    const task = integratorTask(three);
    await three.settle(hours);
    const comment = three.act('teyron', {
      as: 2,
      do: 'add comment',
      task,
      text: `<p>${long('Слово', 80)}</p>`,
      recipients: ['contact:20'],
    }) as { id: number };
    await three.settle(hours);
    const cut = said(three);
    expect(cut).toEqual([expect.stringMatching(/\(\.\.\.\)$/u)]);
    await probed(three);
    three.act('romashka', {
      as: 12,
      do: 'post message',
      task: only(bitrixTasks(three, 'romashka')).id,
      text: 'Да',
    });
    await three.settle(hours);
    await three.sweep('romashka');
    await three.settle(hours);
    expect(said(three)).toEqual([...cut, 'Да']);
    const words = long('Иначе', 80);
    three.act('teyron', { as: 2, do: 'edit comment', comment: comment.id, text: `<p>${words}</p>` });
    await three.sweep('teyron');
    await three.settle(hours);
    expect(said(three).join('').replace(/\s/gu, '')).toContain(words.replace(/\s/gu, ''));
    expect(said(three).filter((text) => text === 'Да')).toHaveLength(1);
    expect(planfixTasks(three, 'teyron')).toHaveLength(1);
  });
});

test('a fact is kept with its proof and its day; the next connection begins with it, and says so without writing', async () => {
  const three = await portal();
  const store = memoryStore(() => 'id');
  const settings: Account = {
    account: romashka,
    kind: 'bitrix24',
    url: 'https://romashka.bitrix24.ru/rest/1/svyazkahook00001',
    token: null,
    actor: '1',
    organisation: 'Ромашка',
    zone: 'Europe/Moscow',
    ca: null,
    serverMaxMs: 60_000,
    hookSecret: null,
    allowPrivate: true,
    limited: false,
  };
  const failed = (error: unknown): void => {
    throw error;
  };
  const keep = keepIn(store, () => undefined, failed);
  const first = connect(settings, three.runtime, undefined, keep);
  await first.connector.check({ scratch: true });
  const known = await knownOf(store, settings);
  const account: Account = { ...settings, known };
  const facts = new Map(known.map(({ name, value }) => [name, value]));
  expect(facts.get('limits.descriptionMax')).toBe('1000');
  three.forgetRequests();
  three.runtime.advance(3 * 24 * hours);
  const again = await connect(account, three.runtime, undefined, keep).connector.check();
  expect(three.requests('romashka').writes).toBe(0);
  const fact = again.find(({ about }) => about === 'fact: limits.descriptionMax');
  expect(fact?.state).toBe('ok');
  expect(fact?.found).toMatch(/^1000: .*\(2026-11-24\)/u);
  expect(viewOf(account, []).descriptionSurface().maxLength).toBe(1000);
});
