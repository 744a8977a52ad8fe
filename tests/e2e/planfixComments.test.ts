import { describe, expect, test } from '@jest/globals';
import { as, type AccountId, type LocalTaskId } from '../../errors/ids.ts';
import { type Json, type SettingValue } from '../../emulators/common/types.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type Replica } from '../../sync/core/replica.ts';
import { bitrixSaid, only, planfixComments, texts, told } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';
import { threeCompanies } from '../../simulation/worlds.ts';

/** The client and the integrator with one task; the integrator's Planfix has these settings. */
async function shared(
  settings: Readonly<Record<string, SettingValue>>,
  companies?: ReturnType<typeof threeCompanies>,
) {
  const three: Rehearsal = await rehearseThree('new', {}, companies);
  three.host('teyron').setSettings(settings);
  const { task, mirror } = await sharedTask(three);
  const numberOf = (made: unknown): number => (made as { id: number }).id;
  return {
    three,
    task,
    mirror,
    clientSays: (text: string): number =>
      numberOf(three.act('romashka', { as: 12, do: 'post message', task, text })),
    integratorSays: (text: string, more: object = {}): number =>
      numberOf(
        three.act('teyron', {
          as: 2,
          do: 'add comment',
          task: mirror,
          text,
          recipients: ['contact:20'],
          ...more,
        }),
      ),
    atIntegrator: (): string[] => texts(planfixComments(three, 'teyron')),
    atClient: (): string[] => texts(bitrixSaid(three, 'romashka')),
    async round(): Promise<void> {
      await three.settle();
      three.runtime.advance(180_000);
      await three.sweep('romashka');
      await three.sweep('teyron');
      await three.settle();
    },
    async replica(): Promise<Replica> {
      const loaded = only(
        await three.store.loadByTask([
          { account: as<AccountId>('teyron'), task: as<LocalTaskId>(String(mirror)) },
        ]),
      );
      return only(loaded.replicas.filter(({ account }) => account === 'teyron'));
    },
  };
}

describe('A status of Planfix that forbids comments', () => {
  const forbidding = async (bans: readonly object[]) => {
    const companies = threeCompanies((account) => `https://bridge.example/webhooks/${account}`, 'new');
    const world = companies.teyron.world as Record<string, readonly object[]>;
    const processes = (world['processes'] ?? []).map((one) => ({ ...one, commentsForbidden: bans }));
    return shared(
      {},
      {
        ...companies,
        teyron: { ...companies.teyron, world: { ...world, processes } as Readonly<Record<string, Json>> },
      },
    );
  };

  test('holds a comment back, listed and not tried again and again, until the task moves on', async () => {
    const pair = await forbidding([{ status: 1 }]);
    pair.clientSays('Вопрос');
    await pair.round();
    expect(pair.atIntegrator()).toEqual([]);
    expect(Object.values((await pair.replica()).blocked).map(({ trouble }) => trouble.code)).toEqual([
      'E-COMMENT-FORBIDDEN',
    ]);
    pair.three.forgetRequests();
    await pair.three.settle(3 * 86_400_000);
    expect(pair.three.requests('teyron').writes).toBe(0);
    pair.three.act('teyron', { as: 2, do: 'set status', task: pair.mirror, status: 2 });
    await pair.round();
    expect(pair.atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nВопрос']);
    expect((await pair.replica()).blocked).toEqual({});
  });

  test('lets it go when the other side moves the task on', async () => {
    const pair = await forbidding([{ status: 1 }]);
    pair.clientSays('Вопрос');
    await pair.round();
    pair.three.act('romashka', { as: 77, do: 'start', task: pair.task });
    await pair.three.settle();
    expect(pair.atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nВопрос']);
  });
});

describe('Who may write in another name in Planfix', () => {
  test.each(['admin', 'everyone'])('%s: a comment is its author’s', async (rule) => {
    const pair = await shared({ 'comments.ownerAllowed': rule });
    pair.clientSays('Вопрос');
    await pair.round();
    expect(pair.atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nВопрос']);
    expect(only(planfixComments(pair.three, 'teyron')).author).toBe('contact:20');
  });

  test('nobody: a comment is the bridge’s own and its first line names the author', async () => {
    const pair = await shared({ 'comments.ownerAllowed': 'nobody' });
    const first = pair.clientSays('Вопрос');
    await pair.round();
    pair.three.act('romashka', {
      as: 12,
      do: 'edit message',
      task: pair.task,
      message: first,
      text: 'Вопрос 2',
    });
    await pair.round();
    pair.clientSays('Ещё вопрос');
    await pair.round();
    expect(pair.atIntegrator()).toEqual([
      'Мария Лебедева (Ромашка):\nВопрос 2',
      'Мария Лебедева (Ромашка):\nЕщё вопрос',
    ]);
    expect(planfixComments(pair.three, 'teyron').map(({ author }) => author)).not.toContain('contact:20');
    expect(pair.atClient()).toEqual(['Вопрос 2', 'Ещё вопрос']);
  });
});

describe.each(['code 6', 'allowed', 'owner only'])('Whose text may be edited in Planfix: %s', (rule) => {
  test('an edit of the origin reaches the mirror, and a changed mirror is put back', async () => {
    const pair = await shared({ 'comments.editForeignText': rule });
    const first = pair.clientSays('Вопрос');
    await pair.round();
    pair.three.act('romashka', {
      as: 12,
      do: 'edit message',
      task: pair.task,
      message: first,
      text: 'Вопрос 2',
    });
    await pair.round();
    expect(pair.atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nВопрос 2']);
    const copy = only(planfixComments(pair.three, 'teyron'));
    pair.three.act('teyron', {
      as: 'contact:20',
      do: 'edit comment',
      comment: copy.id,
      text: '<p>Переписано</p>',
    });
    await pair.round();
    expect(pair.atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nВопрос 2']);
    pair.three.act('romashka', { as: 12, do: 'delete message', task: pair.task, message: first });
    await pair.round();
    expect(pair.atIntegrator()).toEqual([]);
  });
});

describe.each([true, false])('Files of a comment in Planfix are replaced by an edit: %s', (replaced) => {
  test('an edit of the words keeps the file', async () => {
    const pair = await shared({ 'comments.filesReplaceOnUpdate': replaced });
    const { id } = pair.three.act('romashka', {
      as: 12,
      do: 'post message',
      task: pair.task,
      text: 'Смотрите',
      files: [{ name: 'акт.txt', text: 'тело' }],
    }) as { id: number };
    await pair.round();
    pair.three.act('romashka', {
      as: 12,
      do: 'edit message',
      task: pair.task,
      message: id,
      text: 'Смотрите 2',
    });
    await pair.round();
    expect(pair.atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nСмотрите 2']);
    expect(only(planfixComments(pair.three, 'teyron')).files).toHaveLength(1);
  });
});

describe.each(['flag', 'missing'])('A deleted comment of Planfix by its number: %s', (deletedGet) => {
  test('its deletion crosses by the list of deleted comments', async () => {
    const pair = await shared({ 'comments.deletedGet': deletedGet });
    const first = pair.integratorSays('<p>Первый</p>');
    pair.integratorSays('<p>Второй</p>');
    await pair.round();
    pair.three.act('teyron', { as: 2, do: 'delete comment', comment: first });
    await pair.round();
    expect(pair.atClient()).toEqual(['Анна Смирнова (ТЕЙРОН):\nВторой']);
  });
});

describe('Hidden comments and recipients of Planfix', () => {
  test('a comment that is hidden afterwards is taken back, and comes again when it is shown', async () => {
    const pair = await shared({});
    const id = pair.integratorSays('<p>Внутреннее</p>');
    await pair.round();
    expect(pair.atClient()).toHaveLength(1);
    pair.three.act('teyron', { as: 2, do: 'edit comment', comment: id, hidden: true });
    await pair.round();
    expect(pair.atClient()).toEqual([]);
    pair.three.act('teyron', { as: 2, do: 'edit comment', comment: id, hidden: false });
    await pair.round();
    expect(pair.atClient()).toEqual(['Анна Смирнова (ТЕЙРОН):\nВнутреннее']);
  });

  test('a comment that is addressed to the client afterwards crosses then', async () => {
    const pair = await shared({});
    const id = pair.integratorSays('<p>Сначала между собой</p>', { recipients: ['user:3'] });
    await pair.round();
    expect(pair.atClient()).toEqual([]);
    pair.three.act('teyron', {
      as: 2,
      do: 'edit comment',
      comment: id,
      recipients: ['user:3', 'contact:20'],
    });
    await pair.round();
    expect(pair.atClient()).toEqual(['Анна Смирнова (ТЕЙРОН):\nСначала между собой']);
  });

  test('an edit of a mirror tells nobody', async () => {
    const pair = await shared({});
    const first = pair.clientSays('Вопрос');
    await pair.round();
    pair.three.host('teyron').clearMail();
    pair.three.act('romashka', {
      as: 12,
      do: 'edit message',
      task: pair.task,
      message: first,
      text: 'Вопрос 2',
    });
    await pair.round();
    expect(told(pair.three, 'teyron')).toEqual([]);
  });
});
