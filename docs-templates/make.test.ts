import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { as, type AccountId, type LocalTaskId, type RoleName } from '../errors/ids.ts';
import { type Rehearsal } from '../simulation/rehearsal.ts';
import { anotherWorker } from '../tests/e2e/around.ts';
import { bitrixTasks, fileBytes, only, planfixTasks } from '../tests/e2e/look.ts';
import { rehearseThree } from '../tests/e2e/three.ts';
import { akt } from './akt.ts';
import { type DocumentOrder, DocumentRefused, type MadeDocument, makeDocument } from './make.ts';
import { docxOf, paragraph, row, table, textOf } from './ooxml.ts';

const plain = (text: string): string => text.replace(/\u00a0/gu, ' ');
const lines = ({ docx }: MadeDocument): string[] => textOf(docx).map(plain);
const day = Date.parse('2026-11-24T09:00:00Z');
/** Whatever tells the contractor: its organisation, its people, its account. */
const contractor = /Пиксел|Pixel|pixel/u;

test('the committed template is the one that its source makes', () => {
  const committed = readFileSync(new URL('templates/akt.docx', import.meta.url));
  expect(textOf(committed)).toEqual(textOf(akt()));
  expect(Buffer.compare(committed, akt())).toBe(0);
});

describe('A document of a task that three companies share', () => {
  let three: Rehearsal;
  let client = '';
  let hub = '';
  let far = '';

  const make = (
    account: string,
    task: string,
    more: Partial<Omit<DocumentOrder, 'forRole'>> & { role?: string } = {},
  ): Promise<MadeDocument> => {
    const { role, ...rest } = more;
    return makeDocument({
      deps: three.deps,
      template: 'akt',
      account: as<AccountId>(account),
      task: as<LocalTaskId>(task),
      attach: false,
      extra: { сумма: '150000' },
      now: day,
      ...(role === undefined ? {} : { forRole: as<RoleName>(role) }),
      ...rest,
    });
  };
  const everything = docxOf(
    [
      '{задача.номер} {задача.название} {задача.описание} {задача.статус} {задача.срок}',
      '{#задача.автор}{имя}, {организация}{/}',
      '{#задача.исполнитель}{имя}, {организация}{/}',
      '{задача.участники | имена | список}',
      '{задача.наблюдатели | имена | список}',
      '{#организации}{название} {роль};{/}',
      '{заказчик} {исполнитель} {пространство} {сейчас}',
    ]
      .map((text) => paragraph(text))
      .join('') +
      table(
        [3000, 3000],
        [row('{#комментарии}{автор} {организация} {когда}', '{текст} {файлы | список}{/}')],
      ) +
      table([3000, 3000], [row('{#файлы}{название}', '{организация}{/}')]),
  );
  const all = { name: 'Всё.docx', bytes: everything };

  beforeEach(async () => {
    three = await rehearseThree('new');
    const made = three.act('romashka', {
      as: 12,
      do: 'create task',
      title: 'Форма заявки',
      description: 'Нужна [B]форма[/B]',
      responsible: 77,
      group: 7,
      deadline: '2026-12-01T18:00:00+03:00',
    }) as { id: number };
    client = String(made.id);
    await three.settle();
    hub = String(only(planfixTasks(three, 'teyron')).id);
    three.act('teyron', { as: 2, do: 'edit task', task: Number(hub), assignees: ['contact:21'] });
    await three.settle();
    far = String(only(planfixTasks(three, 'pixel')).id);
    three.act('pixel', {
      as: 2,
      do: 'add comment',
      task: Number(far),
      text: '<p>Макет от Пиксель готов</p>',
    });
    three.act('romashka', { as: 12, do: 'post message', task: made.id, text: 'Ждём' });
    await three.settle();
  });

  test('the act says what was done, for whom and for how much', async () => {
    const made = await make('romashka', client);
    expect(made).toMatchObject({ fileName: `Акт выполненных работ № ${client}.docx`, role: 'client' });
    expect(lines(made)).toEqual([
      `АКТ № ${client}`,
      'сдачи-приёмки выполненных работ',
      '«24» ноября 2026 г.',
      'Исполнитель',
      'ТЕЙРОН',
      'Заказчик',
      'Ромашка',
      'Основание',
      `задача № ${client} «Форма заявки», срок 01.12.2026`,
      expect.stringContaining('Исполнитель сдал, а Заказчик принял'),
      '№',
      'Наименование работ',
      'Стоимость',
      '1',
      'Форма заявки',
      '150 000,00 ₽',
      'Итого',
      '150 000,00 ₽',
      'Всего выполнено работ на сумму: Сто пятьдесят тысяч рублей 00 копеек.',
      'НДС не облагается.',
      'Исполнитель',
      'ТЕЙРОН',
      '______________________ / ______________ /',
      'М. П.',
      'Заказчик',
      'Ромашка',
      '______________________ / ______________ /',
      'М. П.',
    ]);
  });

  test("nothing in the client's document names the contractor, whichever task it is made from", async () => {
    for (const [account, task] of [
      ['romashka', client],
      ['teyron', hub],
    ] as const) {
      const text = lines(await make(account, task, { role: 'client', template: all })).join('\n');
      expect(text).toContain('Форма заявки');
      expect(text).toContain('Ждём');
      expect(text).not.toMatch(contractor);
    }
  });

  test("the contractor's document tells nothing of the client, the hub's tells of all", async () => {
    const theirs = lines(await make('pixel', far, { template: all })).join('\n');
    expect(theirs).toContain('Макет от Пиксель готов');
    expect(theirs).not.toMatch(/Ромашк|romashka|Ждём/u);
    const ours = lines(await make('teyron', hub, { template: all })).join('\n');
    expect(ours).toContain('Макет от Пиксель готов');
    expect(ours).toContain('Ждём');
    expect(ours).toContain('Ромашка');
  });

  test('attached once, it goes to those who may read it and stays one file', async () => {
    const first = await make('teyron', hub, { role: 'client', attach: true });
    expect(first.attached).toMatchObject({ is: 'attached', account: 'teyron', shownTo: ['romashka'] });
    await three.settle();
    const again = await make('teyron', hub, { role: 'client', attach: true });
    expect(again.attached?.is).toBe('already');
    await three.sweep('teyron');
    await three.settle();
    const bytes = Buffer.from(first.docx).toString('base64');
    expect(fileBytes(three, 'teyron').get(first.fileName)).toEqual([bytes]);
    expect(fileBytes(three, 'romashka').get(first.fileName)).toEqual([bytes]);
    expect(fileBytes(three, 'pixel').has(first.fileName)).toBe(false);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(1);
  });

  test('an attachment whose answer was lost is found, handed on, and not made twice', async () => {
    const accounts = new Map(three.deps.accounts);
    const teyron = accounts.get(as<AccountId>('teyron'));
    if (!teyron) throw new Error('no teyron');
    const { connector } = teyron;
    const losing: typeof connector = {
      ...connector,
      write: async (writes, open) => {
        await connector.write(writes, open);
        const at = three.runtime.now();
        const trouble = { code: 'E-REMOTE-UNKNOWN', about: 'file', todo: 'Look.' } as const;
        return writes.map(() => ({ is: 'unknown', at, notBefore: at, trouble }));
      },
    };
    accounts.set(as<AccountId>('teyron'), { ...teyron, connector: losing });
    const order = { role: 'client', attach: true };
    await expect(make('teyron', hub, { ...order, deps: { ...three.deps, accounts } })).rejects.toThrow(
      /Run the command again/u,
    );
    await three.settle();
    await three.sweep('teyron');
    await three.settle();
    const again = await make('teyron', hub, order);
    expect(again.attached?.is).toBe('already');
    await three.settle();
    expect(fileBytes(three, 'teyron').get(again.fileName)).toHaveLength(1);
    expect(fileBytes(three, 'romashka').get(again.fileName)).toHaveLength(1);
    expect(fileBytes(three, 'pixel').has(again.fileName)).toBe(false);
  });

  test('an attachment that takes minutes is not given up meanwhile, and no request of it goes out once it is', async () => {
    const accounts = new Map(three.deps.accounts);
    const teyron = accounts.get(as<AccountId>('teyron'));
    if (!teyron) throw new Error('no teyron');
    const { connector } = teyron;
    let last = 0;
    let open: readonly string[] = [];
    const slow: typeof connector = {
      ...connector,
      write: async (writes, openSource, notAfter) => {
        three.runtime.advance(150_000);
        await anotherWorker(three, teyron.connector.account, hub);
        open = (await three.store.openOperations(null)).map(({ state }) => state);
        const outcomes = await connector.write(writes, openSource, notAfter);
        await anotherWorker(three, teyron.connector.account, hub);
        last = (await notAfter?.()) ?? 0;
        return outcomes;
      },
    };
    accounts.set(teyron.connector.account, { ...teyron, connector: slow });
    const begun = three.runtime.now();
    const order = { role: 'client', attach: true };
    const made = await make('teyron', hub, { ...order, deps: { ...three.deps, accounts } });
    expect([made.attached?.is, open]).toEqual(['attached', ['sent']]);
    await three.settle();
    await three.sweep('teyron');
    await three.settle();
    expect(fileBytes(three, 'romashka').get(made.fileName)).toHaveLength(1);
    expect(fileBytes(three, 'pixel').has(made.fileName)).toBe(false);
    expect(last - begun).toBe(300_000 - connector.serverMaxMs);
  });

  test("attached to the client's own task it crosses to the integrator only", async () => {
    const made = await make('romashka', client, { attach: true });
    expect(made.attached).toMatchObject({ is: 'attached', shownTo: ['teyron'] });
    await three.settle();
    expect(fileBytes(three, 'teyron').has(made.fileName)).toBe(true);
    expect(fileBytes(three, 'pixel').has(made.fileName)).toBe(false);
  });

  test("a document for the integrator's eyes never leaves its account", async () => {
    const made = await make('teyron', hub, { attach: true, template: all });
    expect(made.attached).toMatchObject({ is: 'attached', shownTo: [] });
    await three.settle();
    await three.sweep('teyron');
    await three.settle();
    expect(fileBytes(three, 'teyron').has(made.fileName)).toBe(true);
    expect(fileBytes(three, 'romashka').has(made.fileName)).toBe(false);
    expect(fileBytes(three, 'pixel').has(made.fileName)).toBe(false);
  });

  test('it is not attached where somebody would read what they may not see', async () => {
    await expect(make('romashka', client, { role: 'integrator', attach: true })).rejects.toThrow(
      /may not see/u,
    );
    expect(fileBytes(three, 'romashka').size).toBe(0);
  });

  test('a missing sum, an unknown role, task or template are refused with what to do', async () => {
    const refused = await make('romashka', client, { extra: {} }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DocumentRefused);
    expect((refused as DocumentRefused).problems[0]).toMatchObject({
      message: 'There is no variable "сумма".',
      fix: 'Correct the name, or give its value: --set сумма=…',
    });
    await expect(make('romashka', client, { role: 'boss' })).rejects.toThrow(/Roles: /u);
    await expect(make('romashka', '999')).rejects.toThrow(/is not shared/u);
    await expect(make('romashka', client, { template: 'счёт' })).rejects.toThrow(/Built in: akt/u);
    await expect(make('romashka', client, { extra: { задача: 'x' } })).rejects.toThrow(/can not replace/u);
  });
});
