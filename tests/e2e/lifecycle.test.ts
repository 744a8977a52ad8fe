import { describe, expect, test } from '@jest/globals';
import { rehearseThree } from './three.ts';

type Row = { readonly [key: string]: unknown };
const rows = (dump: unknown, key: string): Row[] => (dump as Record<string, Row[]>)[key] ?? [];

describe('A task shared by an integrator and its client', () => {
  test('a task that the client creates appears at the integrator, and what each says reaches the other', async () => {
    const three = await rehearseThree();
    const made = three.act('romashka', {
      as: 12,
      do: 'create task',
      title: 'Форма заявки на сайте',
      description: 'Нужна [B]форма[/B] заявки',
      responsible: 77,
      group: 7,
      deadline: '2026-12-01T18:00:00+03:00',
    }) as { id: number };
    await three.settle();
    const tasks = rows(three.host('teyron').dump(), 'tasks');
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({ name: 'Форма заявки на сайте' });
    three.act('romashka', { as: 12, do: 'post message', task: made.id, text: 'Когда начнёте?' });
    await three.settle();
    console.log(JSON.stringify(rows(three.host('teyron').dump(), 'comments'), null, 1));
    three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: Number(tasks[0]?.['id']),
      text: '<p>Завтра</p>',
      recipients: ['contact:20'],
    });
    await three.settle();
    console.log(JSON.stringify(rows(three.host('romashka').dump(), 'chats'), null, 1));
    console.log(three.requests('teyron'), three.requests('romashka'), three.requests('pixel'));
  });
});
