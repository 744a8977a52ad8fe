import { describe, expect, test } from '@jest/globals';
import { type Rehearsal, rehearse } from '../../simulation/rehearsal.ts';
import { threeCompanies } from '../../simulation/worlds.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixComments, planfixTasks, texts } from './look.ts';
import { clientTask, integratorTask } from './tasks.ts';
import { hubMapping, noon } from './three.ts';

/** No account has a scenario or a webhook: whatever is found is found by sweeping. */
async function rehearseUntold(card: 'new' | 'old'): Promise<Rehearsal> {
  const { teyron, romashka, pixel } = threeCompanies(() => null, card);
  const unlimited = { 'limits.perSecond': 0, 'limits.perDay': 0 };
  const three = await rehearse({
    accounts: [
      { ...teyron, account: 'teyron', credential: teyron.token, settings: unlimited },
      {
        ...romashka,
        account: 'romashka',
        credential: `/rest/${String(romashka.incoming.user)}/${romashka.incoming.secret}`,
      },
      { ...pixel, account: 'pixel', credential: pixel.token, settings: unlimited },
    ],
    mappings: [hubMapping()],
    start: noon,
    hints: () => false,
  });
  await minutes(three, 1);
  return three;
}

/** What the bridge does of itself: a sweep of every account each minute. */
async function minutes(three: Rehearsal, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    three.runtime.advance(60_000);
    for (const account of ['teyron', 'romashka', 'pixel']) await three.sweep(account, 5);
    await three.settle(1_000);
  }
}

describe.each(['new', 'old'] as const)('Without any webhook, the client in the %s card', (card) => {
  test('tasks are created, edited, moved, passed on and finished both ways', async () => {
    const three = await rehearseUntold(card);
    const task = clientTask(three, { deadline: '2026-12-01T18:00:00+03:00' });
    await minutes(three, 2);
    const mirror = only(planfixTasks(three, 'teyron'));
    expect(mirror).toMatchObject({ title: 'Форма', status: 1, deadline: '2026-12-01T15:00Z' });

    three.act('romashka', { as: 12, do: 'edit task', task, title: 'Форма 2' });
    await minutes(three, 1);
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 2');

    three.act('teyron', {
      as: 2,
      do: 'edit task',
      task: mirror.id,
      name: 'Форма 3',
      deadline: '2026-12-04T09:00Z',
    });
    three.act('teyron', { as: 3, do: 'set status', task: mirror.id, status: 2 });
    await minutes(three, 1);
    expect(only(bitrixTasks(three, 'romashka'))).toMatchObject({
      title: 'Форма 3',
      status: 3,
      deadline: '2026-12-04T12:00:00+03:00',
    });

    three.act('teyron', { as: 2, do: 'set assignees', task: mirror.id, users: ['contact:21'] });
    await minutes(three, 1);
    const theirs = only(planfixTasks(three, 'pixel'));
    three.act('pixel', { as: 2, do: 'set status', task: theirs.id, status: 6 });
    await minutes(three, 1);
    expect(only(bitrixTasks(three, 'romashka')).status).toBe(4);
    three.act('romashka', { as: 12, do: 'approve', task });
    await minutes(three, 1);
    expect(only(planfixTasks(three, 'teyron')).status).toBe(3);
  });

  test('comments and files cross both ways; edits and deletions in Planfix are found by re-reading', async () => {
    const three = await rehearseUntold(card);
    const task = clientTask(three);
    await minutes(three, 2);
    const mirror = only(planfixTasks(three, 'teyron')).id;

    const says = card === 'new' ? 'post message' : 'add comment';
    three.act('romashka', { as: 12, do: says, task, text: 'Когда?' });
    three.act('romashka', { as: 12, do: 'attach file', task, name: 'Логотип.svg', text: '<svg/>' });
    const said = three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: mirror,
      text: '<p>К пятнице</p>',
      recipients: ['contact:20'],
    }) as { id: number };
    three.act('teyron', { as: 2, do: 'attach file', task: mirror, name: 'Макет.txt', text: 'макет' });
    await minutes(three, 8);
    expect(texts(planfixComments(three, 'teyron')).join('|')).toContain('Когда?');
    expect(texts(bitrixSaid(three, 'romashka')).join('|')).toContain('К пятнице');
    expect([...fileBytes(three, 'teyron').keys()].sort()).toEqual(['Логотип.svg', 'Макет.txt']);
    expect([...fileBytes(three, 'romashka').keys()].sort()).toEqual(['Логотип.svg', 'Макет.txt']);

    three.act('teyron', { as: 2, do: 'edit comment', comment: said.id, text: '<p>К понедельнику</p>' });
    await minutes(three, 8);
    expect(texts(bitrixSaid(three, 'romashka')).join('|')).toContain('К понедельнику');
    expect(texts(bitrixSaid(three, 'romashka')).join('|')).not.toContain('К пятнице');

    three.act('teyron', { as: 2, do: 'delete comment', comment: said.id });
    await minutes(three, 8);
    expect(texts(bitrixSaid(three, 'romashka')).join('|')).not.toContain('К понедельнику');
  });

  test('what begins at the integrator reaches the client', async () => {
    const three = await rehearseUntold(card);
    integratorTask(three);
    await minutes(three, 2);
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Макет');
  });
});
