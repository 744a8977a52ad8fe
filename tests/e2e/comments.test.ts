import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, only, planfixComments, planfixTasks, texts, told } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

describe.each(['new', 'old'] as const)('Comments, the client in the %s card', (card) => {
  let three: Rehearsal;
  let task = 0;
  let mirror = 0;

  const clientSays = async (text: string, as = 12): Promise<number> => {
    const { id } = three.act('romashka', { as, do: 'post message', task, text }) as { id: number };
    await three.settle();
    return id;
  };
  const integratorSays = async (text: string, more: object = {}): Promise<number> => {
    const { id } = three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: mirror,
      text,
      recipients: ['contact:20'],
      ...more,
    }) as { id: number };
    await three.settle();
    return id;
  };
  const atClient = (): string[] => texts(bitrixSaid(three, 'romashka'));
  const atIntegrator = (): string[] => texts(planfixComments(three, 'teyron'));

  beforeEach(async () => {
    three = await rehearseThree(card);
    ({ task, mirror } = await sharedTask(three, { title: 'Форма заявки', auditors: [14] }));
    for (const account of ['teyron', 'romashka', 'pixel']) three.host(account).clearMail();
  });

  test('each comment names its author on the other side, and their order is kept', async () => {
    for (const [index, text] of ['раз', 'два', 'три'].entries()) {
      three.act('romashka', { as: index === 1 ? 14 : 12, do: 'post message', task, text });
      three.runtime.advance(1_000);
    }
    await three.settle();
    await integratorSays('<p>четыре</p>');
    expect(atIntegrator()).toEqual([
      'Мария Лебедева (Ромашка):\nраз',
      'Олег Гусев (Ромашка):\nдва',
      'Мария Лебедева (Ромашка):\nтри',
      'четыре',
    ]);
    expect(planfixComments(three, 'teyron').map(({ author }) => author)).toEqual([
      'contact:20',
      'contact:20',
      'contact:20',
      'user:2',
    ]);
    const last = bitrixSaid(three, 'romashka').at(-1);
    expect(texts(last ? [last] : [])).toEqual(['Анна Смирнова (ТЕЙРОН):\nчетыре']);
    expect(last?.author).toBe(card === 'new' ? '1' : '77');
  });

  test('an integrator comment that does not address the client, and a hidden one, stay at home', async () => {
    await integratorSays('<p>Между собой</p>', { recipients: ['user:3'] });
    await integratorSays('<p>Скрыто</p>', { recipients: ['contact:20'], hidden: true });
    await integratorSays('<p>Для вас</p>');
    expect(atClient()).toEqual(['Анна Смирнова (ТЕЙРОН):\nДля вас']);
  });

  test('a mirrored comment tells the own people who hold or gave the task, once, and no stand-in', async () => {
    await clientSays('Вопрос');
    expect(told(three, 'teyron')).toEqual(['user:3: comment']);
    expect(only(planfixComments(three, 'teyron')).recipients).toEqual(['user:3']);
  });

  test('technical writes tell nobody at the integrator', async () => {
    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма заявки v2' });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма заявки v2');
    expect(told(three, 'teyron')).toEqual([]);
  });

  test('an edit and a deletion at a Planfix origin are found by the sweep and mirrored', async () => {
    const first = await integratorSays('<p>Срок — пятница</p>');
    const second = await integratorSays('<p>Лишнее</p>');
    expect(atClient()).toHaveLength(2);
    three.act('teyron', { as: 2, do: 'edit comment', comment: first, text: '<p>Срок — четверг</p>' });
    three.act('teyron', { as: 2, do: 'delete comment', comment: second });
    three.runtime.advance(180_000);
    await three.sweep('teyron');
    await three.settle();
    expect(atClient()).toEqual(['Анна Смирнова (ТЕЙРОН):\nСрок — четверг']);
  });

  test('a person edits or deletes a mirror at the integrator: it is restored', async () => {
    await clientSays('Как есть');
    const copy = only(planfixComments(three, 'teyron'));
    three.act('teyron', {
      as: 'contact:20',
      do: 'edit comment',
      comment: copy.id,
      text: '<p>Переписано</p>',
    });
    three.runtime.advance(180_000);
    await three.sweep('teyron');
    await three.settle();
    expect(atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nКак есть']);
    const again = only(planfixComments(three, 'teyron'));
    three.act('teyron', { as: 2, do: 'delete comment', comment: again.id });
    three.runtime.advance(180_000);
    await three.sweep('teyron');
    await three.settle();
    expect(atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nКак есть']);
  });

  test('history that a new copy catches up with tells nobody', async () => {
    await clientSays('Старое');
    await clientSays('Ещё старее');
    three.runtime.advance(3_600_000);
    await integratorSays('<p>Пикселю тоже</p>', { recipients: ['contact:20', 'contact:21'] });
    three.runtime.advance(3_600_000);
    three.host('pixel').clearMail();
    three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: ['contact:21'] });
    await three.settle();
    expect(only(planfixTasks(three, 'pixel')).assignees).toEqual(['user:2']);
    expect(texts(planfixComments(three, 'pixel'))).toEqual(['Анна Смирнова (ТЕЙРОН):\nПикселю тоже']);
    expect(told(three, 'pixel').filter((line) => line.includes('comment'))).toEqual([]);
  });

  test('a mention crosses as a name that the other side may read', async () => {
    await clientSays('[USER=14]Олег[/USER] и [USER=77]ТЕЙРОН[/USER], смотрите');
    expect(atIntegrator()).toEqual(['Мария Лебедева (Ромашка):\nОлег (Ромашка) и ТЕЙРОН, смотрите']);
  });

  test('a mirror that was changed or deleted at the client is put back as it was said', async () => {
    await integratorSays('<p>Как есть</p>');
    const copy = only(bitrixSaid(three, 'romashka'));
    const by = Number(copy.author);
    const word = card === 'new' ? 'message' : 'comment';
    const about = { task, [word]: copy.id };
    three.act('romashka', { as: by, do: `edit ${word}`, ...about, text: 'Переписано' });
    three.runtime.advance(180_000);
    await three.sweep('romashka');
    await three.settle();
    expect(atClient()).toEqual(['Анна Смирнова (ТЕЙРОН):\nКак есть']);
    const again = only(bitrixSaid(three, 'romashka'));
    three.act('romashka', { as: by, do: `delete ${word}`, task, [word]: again.id });
    three.runtime.advance(180_000);
    await three.sweep('romashka');
    await three.settle();
    expect(atClient()).toEqual(['Анна Смирнова (ТЕЙРОН):\nКак есть']);
    expect(atIntegrator()).toEqual(['Как есть']);
  });

  test('a long thread crosses whole and in order', async () => {
    const count = 45;
    for (let index = 0; index < count; index += 1) {
      three.act('romashka', { as: 12, do: 'post message', task, text: `№${String(index)}` });
      three.runtime.advance(1_000);
    }
    await three.settle();
    expect(atIntegrator()).toEqual(
      Array.from({ length: count }, (_, index) => `Мария Лебедева (Ромашка):\n№${String(index)}`),
    );
    await integratorSays('<p>Последнее</p>');
    expect(atClient().at(-1)).toBe('Анна Смирнова (ТЕЙРОН):\nПоследнее');
  });
});

describe('Comments of the old card', () => {
  test('an edit and a deletion at the client are told by events and mirrored', async () => {
    const three = await rehearseThree('old');
    const { task } = await sharedTask(three);
    const say = (text: string): number =>
      (three.act('romashka', { as: 12, do: 'add comment', task, text }) as { id: number }).id;
    const first = say('Первый');
    const second = say('Второй');
    await three.settle();
    expect(planfixComments(three, 'teyron')).toHaveLength(2);
    three.act('romashka', { as: 12, do: 'edit comment', task, comment: first, text: 'Первый, исправлен' });
    three.act('romashka', { as: 12, do: 'delete comment', task, comment: second });
    await three.settle(600_000);
    expect(texts(planfixComments(three, 'teyron'))).toEqual(['Мария Лебедева (Ромашка):\nПервый, исправлен']);
  });
});
