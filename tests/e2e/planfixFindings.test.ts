/** What a check found out of a Planfix account is kept with it, told by the next one, and used by its connection. */
import { describe, expect, test } from '@jest/globals';
import { type Account, connect, viewOf } from '../../app/accounts.ts';
import { actedOn, keepIn, knownOf } from '../../app/findings.ts';
import { type AccountId, as } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { threeCompanies } from '../../simulation/worlds.ts';
import { memoryStore } from '../../store/memory.ts';
import { origin, planfixAccount } from '../planfix/account.ts';
import { bitrixTasks, only, planfixComments, planfixTasks, texts } from './look.ts';
import { clientTask, sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const day = 86_400_000;

test('what was found is kept with the account, and told again without a request that writes', async () => {
  const settings = { 'comments.ownerAllowed': 'nobody', 'html.rejectAstral': true, sourceMarks: 'dropped' };
  const { host, runtime } = planfixAccount({ zone: 'Europe/Moscow', settings });
  const account: Account = {
    account: as<AccountId>('vesna'),
    kind: 'planfix',
    url: `${origin}/rest`,
    token: 'c0ffee00c0ffee00c0ffee00c0ffee31',
    actor: 'user:1',
    organisation: 'Весна',
    zone: 'Europe/Moscow',
    ca: null,
    serverMaxMs: 60_000,
    hookSecret: null,
    allowPrivate: true,
    limited: false,
  };
  const store = memoryStore(() => runtime.uuid());
  let changed = 0;
  const keep = keepIn(
    store,
    () => {
      changed += 1;
    },
    (error) => {
      throw error;
    },
  );
  const kept: Promise<void>[] = [];
  const first = connect(account, runtime, undefined, (...finding) => {
    const keeping = keep(...finding);
    kept.push(keeping);
    return keeping;
  });
  await first.connector.check({ scratch: true });
  await Promise.all(kept);
  const known = await knownOf(store, account);
  expect(Object.fromEntries(actedOn(known))).toEqual({
    'comments.ownerAllowed': 'refused',
    'html.rejectAstral': 'refused',
    sourceMarks: 'dropped',
  });
  expect(changed).toBe(3);

  const { next } = host.log(0);
  const later = { ...account, known };
  const lines = await connect(later, runtime).connector.check();
  expect(host.log(next).entries.filter(({ write }) => write)).toEqual([]);
  const found = new Map(lines.map((line) => [line.about, line]));
  expect(found.get('fact: comments.ownerAllowed')).toMatchObject({
    state: 'warning',
    found: expect.stringMatching(/^refused: a comment with another time: code 6.*\(2026-11-24\)/u),
  });
  expect(found.get('fact: sourceMarks')?.found).toMatch(/^dropped: .*by place, people, title and words/u);
  expect(found.get('fact: checklist.write')?.found).toMatch(/^yes: /u);
  expect(viewOf(later, []).abilities.refusesAuthors).toBe(true);
  // Another acting user has other rights.
  expect(await knownOf(store, { ...account, actor: 'user:2' })).toEqual([]);
});

/** Vera works in both companies: where authors can be named, what she says is hers in either. */
const vera = { id: 15, name: 'Вера Орлова', email: 'anna@teyron.example' };

async function begin(rule: string) {
  const companies = threeCompanies((account) => `https://bridge.example/webhooks/${account}`);
  const users = (companies.romashka.world as { users: object[] }).users;
  users.push({ ...users.at(-2), ...vera });
  const three: Rehearsal = await rehearseThree('new', {}, companies);
  three.host('teyron').setSettings({ 'comments.ownerAllowed': rule });
  const says = (task: number, text: string): void => {
    three.act('romashka', { as: 12, do: 'post message', task, text });
  };
  const said = () =>
    planfixComments(three, 'teyron').map(({ author, text }) => [author, texts([{ text } as never])[0]]);
  const refusals = (): readonly string[] =>
    three
      .host('teyron')
      .log()
      .entries.flatMap(({ write, status, operation }) => (write && status >= 400 ? [operation] : []));
  return { three, says, said, refusals };
}

async function probe(three: Rehearsal): Promise<void> {
  const lines = await three.deps.accounts.get(as<AccountId>('teyron'))?.connector.check({ scratch: true });
  expect(lines?.filter(({ state }) => state === 'failed')).toEqual([]);
  await three.reconnect('teyron');
}

const lined = (text: string): string => `Мария Лебедева (Ромашка):\n${text}`;

describe('A Planfix that was found to name no authors', () => {
  test('is not tried for each new thread, and names them within a day once it may', async () => {
    const { three, says, said, refusals } = await begin('nobody');
    await probe(three);
    const before = refusals().length;
    const { task } = await sharedTask(three, { accomplices: [vera.id] });
    says(task, 'Первый');
    await three.settle();
    expect(refusals()).toHaveLength(before);
    expect(said().filter(([, text]) => !text?.startsWith('Svyazka'))).toEqual([['user:1', lined('Первый')]]);

    three.host('teyron').setSettings({ 'comments.ownerAllowed': 'admin' });
    three.runtime.advance(day);
    says(task, 'Второй');
    await three.settle();
    expect(said().at(-1)).toEqual(['contact:20', lined('Второй')]);
    expect(refusals()).toHaveLength(before);
  });

  test('without having been found so is tried once in each thread', async () => {
    const { three, says, said, refusals } = await begin('nobody');
    const { task } = await sharedTask(three, { accomplices: [vera.id] });
    says(task, 'Первый');
    await three.settle();
    expect(refusals()).toHaveLength(1);
    expect(said()).toEqual([['user:1', lined('Первый')]]);
  });
});

test.each([true, false])(
  'emoji cross both ways where Planfix refuses them, found out before or not (%s), and come to rest',
  async (known) => {
    const three: Rehearsal = await rehearseThree('new');
    three.host('teyron').setSettings({ 'html.rejectAstral': true });
    if (known) await probe(three);
    const task = clientTask(three, { title: 'Макет 🙂', description: 'Срочно 🎉' });
    await three.settle();
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Готово 👍🏽' });
    await three.settle();
    const copy = only(planfixTasks(three, 'teyron'));
    expect(copy).toMatchObject({ title: 'Макет □', description: expect.stringContaining('&#127881;') });
    const [said] = texts(planfixComments(three, 'teyron').slice(-1));
    expect(said).toContain('Готово');
    expect(said).not.toContain('□');
    three.forgetRequests();
    for (let round = 0; round < 3; round += 1) {
      three.runtime.advance(180_000);
      await three.sweep('romashka');
      await three.sweep('teyron');
      await three.settle();
    }
    expect(three.requests('teyron').writes + three.requests('romashka').writes).toBe(0);
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Макет 🙂');
    const blocked = await three.store.openOperations(null);
    expect(blocked).toEqual([]);
    three.act('teyron', { as: 2, do: 'edit task', task: copy.id, name: 'Макет главной' });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Макет главной');
  },
);
