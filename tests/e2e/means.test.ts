import { describe, expect, test } from '@jest/globals';
import { type SettingValue } from '../../emulators/common/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { threeCompanies } from '../../simulation/worlds.ts';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { bitrixSaid, only, planfixComments, type Said, texts } from './look.ts';
import { clientTask, type Deed } from './tasks.ts';
import { planfixTasks } from './look.ts';
import { rehearseThree } from './three.ts';

/**
 * What becomes of a mirror when its origin is edited or taken back: one row for each world and each way in which the
 * rights there may stand. `update` keeps the comment's number, `anew` is another comment in its place, `below` leaves the
 * old words and adds a comment, `listed` changes nothing and tells the integrator.
 */
type Means = 'update' | 'anew' | 'below' | 'gone' | 'line' | 'listed';

interface Row {
  readonly world: 'chat' | 'old card' | 'Planfix';
  readonly rights: string;
  readonly edit: Means;
  readonly retraction: Means;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** Scopes that the integrator's token has not. */
  readonly without?: readonly string[];
  readonly admin?: boolean;
  readonly deed?: Deed;
  /** Nothing new may be said in the mirror's status, to which it moves after the copy was made. */
  readonly closed?: boolean;
}

const rows: readonly Row[] = [
  { world: 'chat', rights: 'edits are open', edit: 'update', retraction: 'gone' },
  {
    world: 'chat',
    rights: 'edits are over, the bridge owns the chat',
    settings: { 'chat.editWindowSeconds': 60 },
    deed: { as: 1 },
    edit: 'anew',
    retraction: 'gone',
  },
  {
    world: 'chat',
    rights: 'edits are over, another owns the chat',
    settings: { 'chat.editWindowSeconds': 60 },
    edit: 'below',
    retraction: 'line',
  },
  { world: 'old card', rights: 'the bridge is administrator', edit: 'update', retraction: 'gone' },
  {
    world: 'old card',
    rights: 'the bridge is none',
    admin: false,
    edit: 'below',
    retraction: 'line',
  },
  {
    world: 'Planfix',
    rights: 'texts that the token wrote may be edited',
    settings: { 'comments.editForeignText': 'code 6' },
    edit: 'update',
    retraction: 'gone',
  },
  {
    world: 'Planfix',
    rights: 'all texts may be edited',
    settings: { 'comments.editForeignText': 'allowed' },
    edit: 'update',
    retraction: 'gone',
  },
  {
    world: 'Planfix',
    rights: 'only the owner edits',
    settings: { 'comments.editForeignText': 'owner only' },
    edit: 'anew',
    retraction: 'gone',
  },
  {
    world: 'Planfix',
    rights: 'the token may not edit',
    without: ['comment_update'],
    edit: 'anew',
    retraction: 'gone',
  },
  {
    world: 'Planfix',
    rights: 'the token may not delete',
    without: ['comment_delete'],
    edit: 'update',
    retraction: 'line',
  },
  {
    world: 'Planfix',
    rights: 'only the owner edits and the token may not delete',
    settings: { 'comments.editForeignText': 'owner only' },
    without: ['comment_delete'],
    edit: 'below',
    retraction: 'line',
  },
  {
    world: 'Planfix',
    rights: 'the token may neither edit nor delete',
    without: ['comment_update', 'comment_delete'],
    edit: 'below',
    retraction: 'line',
  },
  {
    world: 'Planfix',
    rights: 'the token may neither edit nor delete, and the status forbids comments',
    without: ['comment_update', 'comment_delete'],
    closed: true,
    edit: 'listed',
    retraction: 'listed',
  },
];

const scopes = ['task', 'comment', 'contact', 'file', 'user', 'datatag', 'directory', 'project'].flatMap(
  (room) => ['readonly', 'add', 'update', 'delete'].map((right) => `${room}_${right}`),
);

/** The client and the integrator with one task; accounts with the rights of the row. */
async function begin(row: Row) {
  const { world, settings = {}, without = [], admin = true, deed = {}, closed = false } = row;
  const card = world === 'old card' ? 'old' : 'new';
  const companies = threeCompanies((account) => `https://bridge.example/webhooks/${account}`, card);
  const { teyron, romashka } = companies;
  const of = (world: unknown, key: string): object[] => (world as Record<string, object[]>)[key] ?? [];
  for (const token of of(teyron.world, 'tokens'))
    Object.assign(token, { scopes: scopes.filter((scope) => !without.includes(scope)) });
  if (closed)
    for (const process of of(teyron.world, 'processes'))
      Object.assign(process, { commentsForbidden: [{ status: 2 }] });
  for (const user of of(romashka.world, 'users'))
    if ((user as { id: number }).id === 1) Object.assign(user, { admin });
  const three: Rehearsal = await rehearseThree(card, {}, companies);
  three.host(world === 'Planfix' ? 'teyron' : 'romashka').setSettings(settings);
  const task = clientTask(three, deed);
  await three.settle();
  const mirror = only(planfixTasks(three, 'teyron')).id;
  const toPlanfix = world === 'Planfix';
  const clientActs = (act: object): { id: number } =>
    three.act('romashka', { as: 12, task, ...act } as never) as { id: number };
  const integratorActs = (act: object): { id: number } =>
    three.act('teyron', { as: 2, ...act } as never) as { id: number };
  const pair = {
    three,
    say: (text: string): number =>
      toPlanfix
        ? clientActs({ do: 'post message', text }).id
        : integratorActs({ do: 'add comment', task: mirror, text, recipients: ['contact:20'] }).id,
    edit: (id: number, text: string): unknown =>
      toPlanfix
        ? clientActs({ do: 'edit message', message: id, text })
        : integratorActs({ do: 'edit comment', comment: id, text }),
    takeBack: (id: number): unknown =>
      toPlanfix
        ? clientActs({ do: 'delete message', message: id })
        : integratorActs({ do: 'delete comment', comment: id }),
    hide: (id: number): unknown => integratorActs({ do: 'edit comment', comment: id, hidden: true }),
    atMirror: (): Said[] => (toPlanfix ? planfixComments(three, 'teyron') : bitrixSaid(three, 'romashka')),
    atOrigin: (): string[] =>
      texts(toPlanfix ? bitrixSaid(three, 'romashka') : planfixComments(three, 'teyron')),
    async round(): Promise<void> {
      await three.settle();
      three.runtime.advance(180_000);
      await three.sweep('romashka');
      await three.sweep('teyron');
      await three.settle();
    },
    async listed(): Promise<string[]> {
      const account = as<AccountId>(toPlanfix ? 'teyron' : 'romashka');
      const number = as<LocalTaskId>(String(toPlanfix ? mirror : task));
      const loaded = only(await three.store.loadByTask([{ account, task: number }]));
      return loaded.replicas
        .filter((replica) => replica.account === account)
        .flatMap(({ blocked }) => Object.values(blocked).map(({ trouble }) => trouble.code));
    },
    /** Nothing more is written, and nothing comes back to where it was said. */
    async staysSo(): Promise<void> {
      const [here, there] = [pair.atMirror(), pair.atOrigin()];
      three.forgetRequests();
      for (let more = 0; more < 3; more += 1) await pair.round();
      expect(pair.atMirror()).toEqual(here);
      expect(pair.atOrigin()).toEqual(there);
      expect(three.requests('romashka').writes + three.requests('teyron').writes).toBe(0);
    },
    /** The mirror, once its task has the rights of the row. */
    async mirrored(text: string): Promise<{ origin: number; copy: Said }> {
      const origin = pair.say(text);
      await pair.round();
      const copy = only(pair.atMirror().filter((said) => said.text.includes(text)));
      if (closed) {
        integratorActs({ do: 'set status', task: mirror, status: 2 });
        await pair.round();
      }
      return { origin, copy };
    },
  };
  return pair;
}

const line = 'Сообщение выше отозвано автором.';

describe.each(rows)('A mirror in $world where $rights', (row) => {
  test(`an edit of its origin: ${row.edit}`, async () => {
    const pair = await begin(row);
    const { origin, copy } = await pair.mirrored('Первое слово');
    pair.edit(origin, 'Второе слово');
    await pair.round();
    const words = (): string[] => texts(pair.atMirror()).map((text) => text.split('\n').at(-1) ?? '');
    const numbers = pair.atMirror().map(({ id }) => id);
    switch (row.edit) {
      case 'update':
        expect([words(), numbers]).toEqual([['Второе слово'], [copy.id]]);
        break;
      case 'anew':
        expect(words()).toEqual(['Второе слово']);
        expect(numbers).not.toContain(copy.id);
        break;
      case 'below':
        expect(words()).toEqual(['Первое слово', 'Второе слово']);
        expect(only(numbers.filter((id) => id !== copy.id))).toBeGreaterThan(copy.id);
        break;
      default:
        expect(words()).toEqual(['Первое слово']);
        expect(await pair.listed()).not.toEqual([]);
    }
    await pair.staysSo();
    if (row.edit === 'listed') return;
    // A further edit finds what the first one left.
    pair.edit(origin, 'Третье слово');
    await pair.round();
    expect(words().filter((text) => text === 'Третье слово')).toHaveLength(1);
    expect(words().at(-1)).toBe('Третье слово');
    await pair.staysSo();
  });

  test(`a retraction of its origin: ${row.retraction}`, async () => {
    const pair = await begin(row);
    const { origin, copy } = await pair.mirrored('Первое слово');
    pair.takeBack(origin);
    await pair.round();
    const words = (): string[] => texts(pair.atMirror()).map((text) => text.split('\n').at(-1) ?? '');
    switch (row.retraction) {
      case 'gone':
        expect(words()).toEqual([]);
        break;
      case 'line':
        expect(words()).toEqual(['Первое слово', line]);
        expect(await pair.listed()).toEqual([]);
        break;
      default:
        expect(pair.atMirror()).toEqual([copy]);
        expect(await pair.listed()).not.toEqual([]);
    }
    await pair.staysSo();
  });
});

const closedChat = rows.find(({ rights }) => rights === 'edits are over, another owns the chat');

describe('A message that can not be deleted from a chat any more', () => {
  const begun = async () => {
    if (!closedChat) throw new Error('no such row');
    return begin(closedChat);
  };

  test('is listed and not followed by a line where it was hidden, not taken back', async () => {
    const pair = await begun();
    const { origin, copy } = await pair.mirrored('Между нами');
    pair.hide(origin);
    await pair.round();
    expect(pair.atMirror()).toEqual([copy]);
    expect(await pair.listed()).toEqual(['E-COMMENT-EDIT']);
    await pair.staysSo();
    // Its author deletes what was hidden: it concerns nobody there either.
    pair.takeBack(origin);
    await pair.round();
    expect(pair.atMirror()).toEqual([copy]);
    await pair.staysSo();
  });

  test('gets its line once, though the answer to it was lost', async () => {
    const pair = await begun();
    const first = await pair.mirrored('Первое слово');
    const second = await pair.mirrored('Второе слово');
    pair.three.host('romashka').addFault({ on: 'im.message.add', when: 'after', cut: true });
    pair.takeBack(first.origin);
    pair.takeBack(second.origin);
    for (let more = 0; more < 3; more += 1) await pair.round();
    const said = pair.atMirror();
    expect(said.map(({ text }) => text.includes(line))).toEqual([false, false, true, true]);
    expect(
      said
        .slice(2)
        .map(({ replyTo }) => replyTo)
        .sort(),
    ).toEqual([first.copy.id, second.copy.id].sort());
    await pair.staysSo();
  });
});
