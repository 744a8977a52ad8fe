import { describe, expect, test } from '@jest/globals';
import { type Connector } from '../../connectors/port.ts';
import { type CommentRules } from '../../mappings/types.ts';
import { as, type AccountId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type ConnectedAccount } from '../../sync/engine/deps.ts';
import {
  bitrixSaid,
  bitrixTasks,
  fileBytes,
  only,
  planfixComments,
  planfixTasks,
  texts,
  told,
} from './look.ts';
import { clientTask, integratorTask, sharedTask } from './tasks.ts';
import { hubMapping, rehearseThree } from './three.ts';

const hours = 3_600_000;

const withComments = (rules: Partial<CommentRules>): ReturnType<typeof hubMapping> => {
  const mapping = hubMapping();
  return { ...mapping, comments: { ...mapping.comments, ...rules } };
};

const say = (three: Rehearsal, mirror: number, text: string, recipients: string[] = []): number =>
  (three.act('teyron', { as: 2, do: 'add comment', task: mirror, text, recipients }) as { id: number }).id;

describe.each(['new', 'old'] as const)('Corners, the client in the %s card', (card) => {
  test('an edit of one block of a description on the mirror leaves the other blocks of the origin as they are', async () => {
    const three = await rehearseThree(card);
    const source =
      '<p style="margin: 0">Первый   <b>блок</b></p><table><tbody><tr><td>А</td><td>Б</td></tr></tbody></table><p>Третий</p>';
    integratorTask(three, { description: source });
    await three.settle();
    const origin = only(planfixTasks(three, 'teyron')).description;
    const mirror = only(bitrixTasks(three, 'romashka'));
    expect(mirror.description).toContain('Третий');
    three.act('romashka', {
      as: 12,
      do: 'edit task',
      task: mirror.id,
      description: mirror.description.replace('Третий', 'Третий и последний'),
    });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).description).toBe(
      origin.replace('Третий', 'Третий и последний'),
    );
  });

  test('dates are cleared on both sides from either side', async () => {
    const three = await rehearseThree(card);
    const { task, mirror } = await sharedTask(three, { deadline: '2026-12-01T18:00:00+03:00' });
    three.act('romashka', { as: 12, do: 'edit task', task, deadline: null });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).deadline).toBeNull();
    three.act('teyron', { as: 2, do: 'set deadline', task: mirror, deadline: '2026-12-03T10:00Z' });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).deadline).toBe('2026-12-03T13:00:00+03:00');
    three.act('teyron', { as: 2, do: 'set deadline', task: mirror, deadline: null });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).deadline).toBeNull();
  });

  test('the client takes the baton and gives it back', async () => {
    const three = await rehearseThree(card);
    const { task } = await sharedTask(three);
    three.act('romashka', { as: 12, do: 'edit task', task, responsible: 14 });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).assignees).toEqual(['contact:20']);
    three.act('romashka', { as: 12, do: 'edit task', task, responsible: 77 });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).assignees).toEqual(['user:3']);
    expect(only(bitrixTasks(three, 'romashka')).responsible).toBe(77);
  });

  test('a deleted task leaves the other copies as they are, and is listed', async () => {
    const three = await rehearseThree(card);
    const { task, mirror } = await sharedTask(three);
    three.act('romashka', { as: 12, do: 'delete task', task });
    await three.settle(hours);
    say(three, mirror, '<p>Куда пропала?</p>', ['contact:20']);
    three.act('teyron', { as: 2, do: 'edit task', task: mirror, name: 'Форма 2' });
    await three.settle(hours);
    expect(only(planfixTasks(three, 'teyron')).title).toBe('Форма 2');
    const [loaded] = await three.store.loadItems(await three.store.listItems(null));
    const codes = loaded?.replicas.flatMap(({ account, troubles }) =>
      troubles.map(({ code }) => `${account} ${code}`),
    );
    expect(codes).toEqual(['romashka E-TASK-GONE']);
    // It is looked for again another day, in case it is restored.
    const soon = three.runtime.now() + hours;
    expect((await three.store.due(null)).filter(({ dueAt }) => dueAt <= soon)).toEqual([]);
  });

  test('a task moved out of the scope parts: nothing crosses any more, nothing is deleted; moved back, it goes on', async () => {
    const three = await rehearseThree(card);
    const id = integratorTask(three);
    await three.settle();
    three.act('teyron', { as: 2, do: 'edit task', task: id, project: null });
    await three.settle();
    three.act('teyron', { as: 2, do: 'edit task', task: id, name: 'Макет 2' });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Макет');
    three.act('teyron', { as: 2, do: 'edit task', task: id, project: 41 });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).title).toBe('Макет 2');
  });

  test('a message that the client deletes disappears at the integrator with the next sweep', async () => {
    const three = await rehearseThree(card);
    const { task } = await sharedTask(three);
    const { id } = three.act('romashka', { as: 12, do: 'post message', task, text: 'Раз' }) as { id: number };
    await three.settle();
    expect(planfixComments(three, 'teyron')).toHaveLength(1);
    const word = card === 'new' ? 'message' : 'comment';
    three.act('romashka', { as: 12, do: `delete ${word}`, task, [word]: id });
    three.runtime.advance(300_000);
    await three.sweep('romashka');
    await three.settle();
    expect(planfixComments(three, 'teyron')).toHaveLength(0);
  });

  test('"none" keeps all comments of an account at home, "all" shares them without being addressed', async () => {
    for (const audience of ['none', 'all'] as const) {
      const share = { ...hubMapping().comments.share, [as<AccountId>('teyron')]: audience };
      const three = await rehearseThree(card, { mappings: [withComments({ share })] });
      const { mirror } = await sharedTask(three);
      say(three, mirror, '<p>Адресовано</p>', ['contact:20']);
      say(three, mirror, '<p>Всем</p>');
      await three.settle();
      expect(texts(bitrixSaid(three, 'romashka'))).toEqual(
        audience === 'none' ? [] : ['Анна Смирнова (ТЕЙРОН):\nАдресовано', 'Анна Смирнова (ТЕЙРОН):\nВсем'],
      );
    }
  });

  test('with notify "none" a mirrored comment tells nobody', async () => {
    const three = await rehearseThree(card, { mappings: [withComments({ notify: 'none' })] });
    const { task } = await sharedTask(three);
    three.host('teyron').clearMail();
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Раз' });
    await three.settle();
    expect(planfixComments(three, 'teyron')).toHaveLength(1);
    expect(told(three, 'teyron')).toEqual([]);
  });

  test('a comment whose file can not be read crosses without it; the file is listed, and follows when it can', async () => {
    const three = await rehearseThree(card);
    const { mirror } = await sharedTask(three);
    three.host('teyron').addFault({ on: 'GET /file/{id}/download', answer: { status: 500 }, times: 1_000 });
    three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: mirror,
      text: '<p>Акт</p>',
      recipients: ['contact:20'],
      files: [{ name: 'акт.docx', text: 'акт' }],
    });
    await three.settle();
    say(three, mirror, '<p>Следом</p>', ['contact:20']);
    await three.settle(4 * hours);
    const said = texts(bitrixSaid(three, 'romashka'));
    expect(said.filter((text) => text.includes('Следом'))).toHaveLength(1);
    expect(said.filter((text) => text.includes('Акт'))).toHaveLength(1);
    expect(fileBytes(three, 'romashka').get('акт.docx')).toBeUndefined();
    const [loaded] = await three.store.loadItems(await three.store.listItems(null));
    const listed = loaded?.replicas.flatMap(({ blocked }) => Object.values(blocked)) ?? [];
    expect(listed.map(({ trouble }) => trouble.about)).toEqual(['акт.docx']);
    three.host('teyron').clearFaults();
    await three.settle(48 * hours);
    expect(fileBytes(three, 'romashka').get('акт.docx')).toHaveLength(1);
    expect(texts(bitrixSaid(three, 'romashka')).filter((text) => text.includes('Акт'))).toHaveLength(1);
    const [healed] = await three.store.loadItems(await three.store.listItems(null));
    expect(healed?.replicas.flatMap(({ blocked }) => Object.keys(blocked))).toEqual([]);
  });

  test('sixty tasks changed at once are read in a few requests', async () => {
    const three = await rehearseThree(card);
    const made = Array.from({ length: 60 }, (_, index) =>
      clientTask(three, { title: `Задача ${String(index)}` }),
    );
    await three.settle();
    expect(planfixTasks(three, 'teyron')).toHaveLength(60);
    three.runtime.advance(60_000);
    three.forgetRequests();
    for (const task of made)
      three.act('romashka', { as: 12, do: 'edit task', task, title: `Новая ${String(task)}` });
    await three.settle();
    expect(planfixTasks(three, 'teyron').filter(({ title }) => title.startsWith('Новая'))).toHaveLength(60);
    expect(three.requests('romashka').reads).toBeLessThanOrEqual(6);
    expect(three.requests('teyron').reads).toBeLessThanOrEqual(6);
    expect(three.requests('teyron').writes).toBe(60);
  });

  test('a record is kept of what crossed, each row hashed upon the one before', async () => {
    const three = await rehearseThree(card);
    const { task } = await sharedTask(three);
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Раз' });
    await three.settle();
    const rows = await three.store.journal(hubMapping().space, 0, 100);
    const kinds = new Set(rows.map(({ kind }) => kind));
    for (const kind of ['field', 'message.added', 'write.task.create', 'write.comment.create'])
      expect(kinds).toContain(kind);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    rows.slice(1).forEach((row, index) => expect(row.prev).toBe(rows[index]?.hash));
  });
});

describe('An account that takes a creation and stores only a part of it', () => {
  test('what it left out is listed and does not empty the field at the origin', async () => {
    const three = await rehearseThree();
    const teyron = as<AccountId>('teyron');
    const connected = three.deps.accounts.get(teyron);
    if (!connected) throw new Error('no teyron');
    const { connector } = connected;
    const forgetful: Connector = {
      ...connector,
      write: (writes, open) =>
        connector.write(
          writes.map((write) => {
            if (write.kind !== 'task.create') return write;
            const { deadline: _left, ...fields } = write.fields;
            return { ...write, fields };
          }),
          open,
        ),
    };
    (three.deps.accounts as Map<AccountId, ConnectedAccount>).set(teyron, {
      ...connected,
      connector: forgetful,
    });
    const { task, mirror } = await sharedTask(three, { deadline: '2026-12-01T18:00:00+03:00' });
    expect(mirror).toBeGreaterThan(0);
    expect(only(planfixTasks(three, 'teyron')).deadline).toBeNull();
    expect(bitrixTasks(three, 'romashka').find(({ id }) => id === task)?.deadline).toBe(
      '2026-12-01T18:00:00+03:00',
    );
    const [loaded] = await three.store.loadItems(await three.store.listItems(null));
    const listed = loaded?.replicas.flatMap(({ blocked }) => Object.values(blocked)) ?? [];
    expect(listed.map(({ trouble }) => `${trouble.code} ${trouble.about}`)).toEqual([
      'E-FIELD-NOT-STORED deadline',
    ]);
  });
});
