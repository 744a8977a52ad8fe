import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixComments, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

/** Every byte value, so that nothing that treats bytes as text goes unnoticed. */
const bytes = (seed: number): string =>
  Buffer.from(Uint8Array.from({ length: 700 }, (_, index) => (index * 7 + seed) % 256)).toString('base64');

describe.each(['new', 'old'] as const)('Files, the client in the %s card', (card) => {
  let three: Rehearsal;
  let task = 0;
  let mirror = 0;

  beforeEach(async () => {
    three = await rehearseThree(card);
    const files = [{ name: 'бриф.pdf', base64: bytes(1) }];
    ({ task, mirror } = await sharedTask(three, { title: 'Логотип', files }));
  });

  test('a file that a task is created with crosses with equal bytes', () => {
    expect(fileBytes(three, 'teyron').get('бриф.pdf')).toEqual([bytes(1)]);
    expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(1);
  });

  test('files attached later cross both ways, each once', async () => {
    three.act('romashka', { as: 12, do: 'attach file', task, name: 'фото.jpg', base64: bytes(2) });
    three.act('teyron', { as: 2, do: 'attach file', task: mirror, name: 'смета.xlsx', base64: bytes(3) });
    await three.settle();
    await three.sweep('teyron');
    await three.sweep('romashka');
    await three.settle();
    expect(fileBytes(three, 'teyron').get('фото.jpg')).toEqual([bytes(2)]);
    expect(fileBytes(three, 'romashka').get('смета.xlsx')).toEqual([bytes(3)]);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(3);
    expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(3);
  });

  test('files of comments cross with their comment, both ways', async () => {
    three.act('romashka', {
      as: 12,
      do: 'post message',
      task,
      text: 'Скан договора',
      files: [{ name: 'договор.pdf', base64: bytes(4) }],
    });
    await three.settle();
    three.act('teyron', {
      as: 2,
      do: 'add comment',
      task: mirror,
      text: '<p>Акт</p>',
      recipients: ['contact:20'],
      files: [{ name: 'акт.docx', base64: bytes(5) }],
    });
    await three.settle();
    expect(fileBytes(three, 'teyron').get('договор.pdf')).toEqual([bytes(4)]);
    expect(fileBytes(three, 'romashka').get('акт.docx')).toEqual([bytes(5)]);
    const copy = planfixComments(three, 'teyron').find(({ text }) => text.includes('Скан'));
    expect(copy?.files).toHaveLength(1);
    const said = bitrixSaid(three, 'romashka').filter(({ files }) => files.length > 0);
    expect(said).toHaveLength(2);
    expect(planfixComments(three, 'teyron')).toHaveLength(2);
    expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(1);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(1);
  });

  test('a file taken off at its origin is taken off everywhere and does not come back', async () => {
    const second = await sharedTask(three, { title: 'Второе' });
    const attached = three.act('romashka', {
      as: 12,
      do: 'attach file',
      task: second.task,
      name: 'черновик.txt',
      base64: bytes(6),
    }) as { attachment: number };
    await three.settle();
    expect(planfixTasks(three, 'teyron').find(({ id }) => id === second.mirror)?.files).toHaveLength(1);
    three.act('romashka', { as: 12, do: 'detach file', task: second.task, attachment: attached.attachment });
    await three.settle();
    expect(planfixTasks(three, 'teyron').find(({ id }) => id === second.mirror)?.files).toHaveLength(0);
    await three.sweep('teyron');
    await three.sweep('romashka');
    await three.settle();
    expect(bitrixTasks(three, 'romashka').find(({ id }) => id === second.task)?.files).toHaveLength(0);
  });

  test('a file that the integrator takes off its task is taken off at the client', async () => {
    three.act('teyron', { as: 2, do: 'attach file', task: mirror, name: 'смета.xlsx', base64: bytes(3) });
    await three.settle();
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(2);
    three.act('teyron', {
      as: 2,
      do: 'edit task',
      task: mirror,
      files: only(planfixTasks(three, 'teyron')).files.slice(0, 1).map(Number),
    });
    await three.settle();
    expect(only(planfixTasks(three, 'teyron')).files).toHaveLength(1);
    expect(only(bitrixTasks(three, 'romashka')).files).toHaveLength(1);
  });
});

describe('Files behind a facade', () => {
  test('a file of the contractor reaches the hub and never the client', async () => {
    const three = await rehearseThree();
    const { mirror: id } = await sharedTask(three, { title: 'Логотип' });
    three.act('teyron', { as: 2, do: 'set assignees', task: id, users: ['contact:21'] });
    await three.settle();
    const theirs = only(planfixTasks(three, 'pixel'));
    three.act('pixel', { as: 2, do: 'attach file', task: theirs.id, name: 'исходник.psd', base64: bytes(7) });
    await three.settle();
    expect(fileBytes(three, 'teyron').get('исходник.psd')).toEqual([bytes(7)]);
    await three.sweep('teyron');
    await three.sweep('romashka');
    await three.settle();
    expect(fileBytes(three, 'romashka').size).toBe(0);
  });
});
