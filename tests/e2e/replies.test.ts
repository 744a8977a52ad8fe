/** Answers and quotations of people: how they read on the other side, and what of them stays at home. */
import { describe, expect, test } from '@jest/globals';
import { type Mapping } from '../../mappings/types.ts';
import { as, type AccountId, type RoleName } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { threeCompanies } from '../../simulation/worlds.ts';
import { secretOf, withHooksOf } from './clients.ts';
import { bitrixSaid, only, planfixComments, planfixTasks, rows, type Said, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { hubMapping, rehearseThree } from './three.ts';

const hook = (account: string): string => `https://bridge.example/webhooks/${account}`;
const teyron = as<AccountId>('teyron');

/** Everything that the integrator says in a thread crosses to whoever may read it. */
const talkative = (): Mapping => {
  const mapping = hubMapping();
  return {
    ...mapping,
    comments: { ...mapping.comments, share: { ...mapping.comments.share, [teyron]: 'all' } },
  };
};

/** What the contractor says is handed on to the client as the integrator's words. */
const handedOn = (): Mapping => {
  const mapping = talkative();
  const rule = { of: as<RoleName>('contractor'), to: as<RoleName>('client') };
  return { ...mapping, comments: { ...mapping.comments, passOn: [rule] } };
};

interface Thread {
  readonly three: Rehearsal;
  readonly task: number;
  readonly mirror: number;
  readonly order: number;
  /** Somebody of the client answers a message of the chat. */
  clientAnswers(message: number, text: string, user?: number): Promise<void>;
  clientSays(text: string, user?: number): Promise<number>;
  integratorSays(text: string, more?: object): Promise<number>;
  contractorSays(text: string): Promise<number>;
  readonly inChat: () => readonly Said[];
  readonly atIntegrator: () => readonly Said[];
  readonly atContractor: () => readonly Said[];
  /** Nothing more is to be written anywhere. */
  staysSo(): Promise<void>;
}

async function thread(mapping: Mapping = hubMapping(), card: 'new' | 'old' = 'new'): Promise<Thread> {
  const companies = threeCompanies(hook, card);
  const three = await rehearseThree(card, { mappings: [mapping] }, companies, {
    world: withHooksOf(companies.romashka.world, [12, 14]),
  });
  const { task, mirror } = await sharedTask(three, { accomplices: [14] });
  three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: ['contact:21'] });
  await three.settle();
  const order = only(planfixTasks(three, 'pixel')).id;
  const says = async (account: string, act: object): Promise<number> => {
    const { id } = three.act(account, act as never) as { id: number };
    await three.settle();
    three.runtime.advance(60_000);
    return id;
  };
  const everywhere = (): readonly Said[][] => [
    bitrixSaid(three, 'romashka'),
    planfixComments(three, 'teyron'),
    planfixComments(three, 'pixel'),
  ];
  return {
    three,
    task,
    mirror,
    order,
    async clientAnswers(message, text, user = 12) {
      const chat = rows(three.host('romashka').dump(), 'chats').find((one) => one['task'] === task);
      const response = await three.runtime.http({
        method: 'POST',
        url: `https://romashka.bitrix24.ru/rest/${String(user)}/${secretOf(user)}/im.message.add`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ DIALOG_ID: `chat${String(chat?.['id'])}`, MESSAGE: text, REPLY_ID: message }),
        timeoutMs: 10_000,
      });
      expect(response.status).toBe(200);
      await three.settle();
      three.runtime.advance(60_000);
    },
    clientSays: (text, user = 12) => says('romashka', { as: user, do: 'post message', task, text }),
    integratorSays: (text, more = {}) =>
      says('teyron', {
        as: 2,
        do: 'add comment',
        task: mirror,
        text,
        recipients: ['contact:20'],
        ...more,
      }),
    contractorSays: (text) => says('pixel', { as: 2, do: 'add comment', task: order, text }),
    inChat: () => bitrixSaid(three, 'romashka'),
    atIntegrator: () => planfixComments(three, 'teyron'),
    atContractor: () => planfixComments(three, 'pixel'),
    async staysSo() {
      const before = everywhere();
      three.forgetRequests();
      for (let round = 0; round < 2; round += 1) {
        three.runtime.advance(180_000);
        for (const account of ['romashka', 'teyron', 'pixel']) await three.sweep(account);
        await three.settle();
      }
      expect(everywhere()).toEqual(before);
      expect(['romashka', 'teyron', 'pixel'].map((account) => three.requests(account).writes)).toEqual([
        0, 0, 0,
      ]);
    },
  };
}

const swept = async ({ three }: Thread, account: string): Promise<void> => {
  three.runtime.advance(180_000);
  await three.sweep(account);
  await three.settle();
};

const markup = (said: readonly Said[]): string => said.at(-1)?.text ?? '';
const lastOf = (said: readonly Said[]): string => texts(said).at(-1) ?? '';

describe('An answer in a task chat', () => {
  test('stands in Planfix below the first words of what it answers, once, and speaks to whoever wrote that', async () => {
    const all = await thread();
    await all.integratorSays('<p>Сдаём в четверг, если макет не изменится.</p>');
    const asked = only(all.inChat());
    await all.clientAnswers(asked.id, 'Не изменится', 14);
    expect(lastOf(all.atIntegrator())).toBe(
      'Олег Гусев (Ромашка):\nАнна Смирнова:\nСдаём в четверг, если макет не изменится.\nНе изменится',
    );
    expect(markup(all.atIntegrator())).toContain('<blockquote><p><b>Анна Смирнова:</b></p>');
    // The one who is answered is told.
    expect(all.atIntegrator().at(-1)?.recipients).toEqual(['user:2']);
    await all.staysSo();
  });

  test('to a long message repeats its beginning; to a file alone, its name', async () => {
    const all = await thread();
    await all.clientSays('слово '.repeat(100).trim());
    const [long] = all.inChat();
    await all.clientAnswers(long?.id ?? 0, 'Коротко', 14);
    expect(lastOf(all.atIntegrator())).toMatch(/^Олег[^\n]*\nМария[^\n]*\n(?:слово ){26}слов…\nКоротко$/u);
    const { id } = all.three.act('romashka', {
      as: 12,
      do: 'post message',
      task: all.task,
      text: '',
      files: [{ name: 'акт.txt', text: 'тело' }],
    }) as { id: number };
    await all.three.settle();
    await all.clientAnswers(id, 'Подписан', 14);
    expect(lastOf(all.atIntegrator())).toBe(
      'Олег Гусев (Ромашка):\nМария Лебедева (Ромашка):\n«акт.txt»\nПодписан',
    );
    await all.staysSo();
  });

  test('to words that were taken back afterwards repeats them no longer', async () => {
    const all = await thread();
    const comment = await all.integratorSays('<p>Цена — сто тысяч рублей</p>');
    await all.clientAnswers(only(all.inChat()).id, 'Дорого');
    await all.clientSays('Подумаем');
    expect(texts(all.atIntegrator()).join()).toContain('Анна Смирнова:\nЦена — сто тысяч рублей\nДорого');
    all.three.act('teyron', { as: 2, do: 'delete comment', comment });
    await swept(all, 'teyron');
    expect(texts(all.atIntegrator())).toEqual([
      'Мария Лебедева (Ромашка):\nДорого',
      'Мария Лебедева (Ромашка):\nПодумаем',
    ]);
    expect(texts(all.inChat())).toEqual(['Дорого', 'Подумаем']);
    await all.staysSo();
  });

  test('of Planfix has no mark to cross by; what it quotes stands in the chat as a quote', async () => {
    const all = await thread();
    await all.clientSays('Когда сдача?');
    await all.integratorSays(
      '<blockquote><p><b>Мария Лебедева (Ромашка):</b></p><p>Когда сдача?</p></blockquote><p>В четверг</p>',
    );
    // At home she needs no company behind her name.
    expect(markup(all.inChat())).toBe(
      '[B]Анна Смирнова (ТЕЙРОН):[/B]\n>>[B]Мария Лебедева:[/B]\n>>\n>>Когда сдача?\nВ четверг',
    );
    await all.staysSo();
  });
});

describe('An answer on the old card is a quote', () => {
  test('and reads so on both sides', async () => {
    const all = await thread(hubMapping(), 'old');
    await all.integratorSays('<p>Сдаём в четверг</p>');
    all.three.act('romashka', {
      as: 12,
      do: 'add comment',
      task: all.task,
      text: '[QUOTE]Анна Смирнова (ТЕЙРОН):\nСдаём в четверг[/QUOTE]\nГодится',
    });
    await all.three.settle();
    expect(lastOf(all.atIntegrator())).toBe(
      'Мария Лебедева (Ромашка):\nАнна Смирнова:\nСдаём в четверг\nГодится',
    );
    await all.staysSo();
  });
});

describe('A quotation of what the other side must not see', () => {
  const secret = 'Закладываем двойную цену, клиент согласится';

  test('stays at home when it was hidden, and the words around it cross', async () => {
    const all = await thread();
    await all.integratorSays(`<p>${secret}</p>`, { hidden: true });
    await all.integratorSays(`<blockquote><p>${secret}</p></blockquote><p>Счёт пришлём завтра</p>`);
    expect(texts(all.inChat())).toEqual(['Анна Смирнова (ТЕЙРОН):\nСчёт пришлём завтра']);
    await all.staysSo();
  });

  test.each([
    ['a part of it', 'двойную цену, клиент'],
    ['other spaces and a header', 'Анна Смирнова, 24.11: Закладываем  двойную цену, клиент согласится'],
    ['a quote inside a quote', `</p><blockquote><p>${secret}</p></blockquote><p>`],
  ])('is known by %s', async (_, quoted) => {
    const all = await thread();
    await all.integratorSays(`<p>${secret}</p>`, { hidden: true });
    await all.integratorSays(`<blockquote><p>${quoted}</p></blockquote><p>Счёт завтра</p>`);
    expect(texts(all.inChat())).toEqual(['Анна Смирнова (ТЕЙРОН):\nСчёт завтра']);
  });

  test('leaves nothing but dots when there were no other words', async () => {
    const all = await thread();
    await all.integratorSays(`<p>${secret}</p>`, { hidden: true });
    await all.integratorSays(`<blockquote><p>${secret}</p></blockquote>`);
    expect(texts(all.inChat())).toEqual(['Анна Смирнова (ТЕЙРОН):\n…']);
    await all.staysSo();
  });

  test('is taken out when it was hidden after it had been quoted, and comes again when it is shown again', async () => {
    const all = await thread();
    const said = await all.integratorSays(`<p>${secret}</p>`);
    await all.integratorSays(`<blockquote><p>${secret}</p></blockquote><p>Счёт завтра</p>`);
    expect(lastOf(all.inChat())).toContain(secret);
    const hide = async (hidden: boolean): Promise<void> => {
      all.three.act('teyron', { as: 2, do: 'edit comment', comment: said, text: `<p>${secret}</p>`, hidden });
      await swept(all, 'teyron');
      await swept(all, 'teyron');
    };
    await hide(true);
    expect(texts(all.inChat())).toEqual(['Анна Смирнова (ТЕЙРОН):\nСчёт завтра']);
    await all.staysSo();
    await hide(false);
    expect(texts(all.inChat()).filter((text) => text.includes(secret))).toHaveLength(2);
    await all.staysSo();
  });

  test('stays secret when the hidden words were changed since', async () => {
    const all = await thread();
    const said = await all.integratorSays(`<p>${secret}</p>`, { hidden: true });
    const quoting = await all.integratorSays(`<blockquote><p>${secret}</p></blockquote><p>Счёт завтра</p>`);
    all.three.act('teyron', { as: 2, do: 'edit comment', comment: said, text: '<p>Ладно</p>' });
    await swept(all, 'teyron');
    all.three.act('teyron', {
      as: 2,
      do: 'edit comment',
      comment: quoting,
      text: `<blockquote><p>${secret}</p></blockquote><p>Счёт послезавтра</p>`,
    });
    await swept(all, 'teyron');
    expect(texts(all.inChat())).toEqual(['Анна Смирнова (ТЕЙРОН):\nСчёт послезавтра']);
  });

  test('names no contractor and repeats none of its words to the client, nor the client’s to the contractor', async () => {
    const all = await thread(talkative());
    await all.contractorSays('<p>Сверстаем за пять тысяч</p>');
    const contractors = lastOf(all.atIntegrator()).split('\n');
    await all.integratorSays(
      `<blockquote><p><b>${contractors[0] ?? ''}</b></p><p>${contractors[1] ?? ''}</p></blockquote><p>Это нам подходит</p>`,
    );
    await all.clientSays('Наш бюджет — пятьдесят тысяч');
    const clients = lastOf(all.atIntegrator()).split('\n');
    await all.integratorSays(
      `<blockquote><p><b>${clients[0] ?? ''}</b></p><p>${clients[1] ?? ''}</p></blockquote><p>Учтём</p>`,
    );
    expect(texts(all.inChat()).at(0)).toBe('Анна Смирнова (ТЕЙРОН):\nЭто нам подходит');
    expect(JSON.stringify(all.inChat())).not.toMatch(/Дина|Пиксель|пять тысяч/u);
    expect(texts(all.atContractor()).at(-1)).toBe('Анна Смирнова (ТЕЙРОН):\nУчтём');
    expect(JSON.stringify(all.atContractor())).not.toMatch(/Мария|Ромашка|бюджет/u);
    await all.staysSo();
  });

  test('what is handed on under a facade is quoted under it too', async () => {
    const all = await thread(handedOn());
    await all.contractorSays('<p>Сверстаем за пять дней</p>');
    const [name, words] = lastOf(all.atIntegrator()).split('\n');
    await all.integratorSays(
      `<blockquote><p><b>${name ?? ''}</b></p><p>${words ?? ''}</p></blockquote><p>Согласны</p>`,
    );
    const client = JSON.stringify(all.inChat());
    expect(client).toContain('Сверстаем за пять дней');
    expect(client).not.toMatch(/Дина|Пиксель/u);
  });

  test('a colleague’s words that were not addressed to the client may be repeated to it by whoever likes', async () => {
    const all = await thread();
    await all.integratorSays('<p>Успеем к пятнице, проверено</p>', { recipients: ['user:3'] });
    await all.integratorSays('<blockquote><p>Успеем к пятнице, проверено</p></blockquote><p>Подтверждаю</p>');
    expect(texts(all.inChat())).toEqual([
      'Анна Смирнова (ТЕЙРОН):\n>>Успеем к пятнице, проверено\nПодтверждаю',
    ]);
  });

  test('an answer to a message that stays at home tells nothing of it', async () => {
    const mapping = hubMapping();
    const romashka = as<AccountId>('romashka');
    const all = await thread({
      ...mapping,
      comments: { ...mapping.comments, share: { ...mapping.comments.share, [romashka]: 'addressed' } },
    });
    const inner = await all.clientSays('Между нами: бюджет двести тысяч');
    await all.clientAnswers(inner, '[USER=77]ТЕЙРОН[/USER], пришлите смету', 14);
    expect(texts(all.atIntegrator())).toEqual(['Олег Гусев (Ромашка):\nТЕЙРОН, пришлите смету']);
    // A quote of the integrator's words speaks to it, as an answer does.
    await all.integratorSays('<p>Смета готова, смотрите</p>');
    const copy = all.inChat().at(-1);
    await all.clientSays(
      `------------------------------------------------------\nМост Связка[Сегодня, 12:10]\n${copy?.text ?? ''}\n------------------------------------------------------\nСпасибо`,
    );
    expect(lastOf(all.atIntegrator())).toContain('Спасибо');
    await all.clientSays('Хорошая смета');
    expect(lastOf(all.atIntegrator())).toContain('Спасибо');
    await all.staysSo();
  });
});
