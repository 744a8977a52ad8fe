import { expect, test } from '@jest/globals';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { planfixComments, texts } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';
import { threeCompanies } from '../../simulation/worlds.ts';

const day = 86_400_000;

/** Vera works in both companies: where authors can be named, what she says is hers in either. */
const vera = { id: 15, name: 'Вера Орлова', email: 'anna@teyron.example' };

async function begin(rule: string, speaker = 12) {
  const companies = threeCompanies((account) => `https://bridge.example/webhooks/${account}`);
  const users = (companies.romashka.world as { users: object[] }).users;
  users.push({ ...users.at(-2), ...vera });
  const three: Rehearsal = await rehearseThree('new', {}, companies);
  three.host('teyron').setSettings({ 'comments.ownerAllowed': rule });
  const { task, mirror } = await sharedTask(three, { accomplices: [vera.id] });
  const said = () =>
    planfixComments(three, 'teyron').map(({ author, text }) => [author, texts([{ text } as never])[0]]);
  const round = async (): Promise<void> => {
    await three.settle();
    three.runtime.advance(180_000);
    await three.sweep('romashka');
    await three.sweep('teyron');
    await three.settle();
  };
  const says = (text: string): number =>
    (three.act('romashka', { as: speaker, do: 'post message', task, text }) as { id: number }).id;
  const edits = (message: number, text: string): void => {
    three.act('romashka', { as: speaker, do: 'edit message', task, message, text });
  };
  return { three, mirror, said, round, says, edits };
}

const lined = (text: string): string => `Мария Лебедева (Ромашка):\n${text}`;

test('a Planfix that lets others be named again names them within a day, and what was said before keeps its form', async () => {
  const { three, said, round, says, edits } = await begin('nobody');
  const first = says('Первый');
  await round();
  three.host('teyron').setSettings({ 'comments.ownerAllowed': 'admin' });
  says('Второй');
  await round();
  // Within the day it is not asked again.
  expect(said()).toEqual([
    ['user:1', lined('Первый')],
    ['user:1', lined('Второй')],
  ]);
  three.runtime.advance(day);
  const third = says('Третий');
  await round();
  says('Четвёртый');
  await round();
  edits(first, 'Первый, исправлен');
  edits(third, 'Третий, исправлен');
  await round();
  expect(said()).toEqual([
    ['user:1', lined('Первый, исправлен')],
    ['user:1', lined('Второй')],
    ['contact:20', lined('Третий, исправлен')],
    ['contact:20', lined('Четвёртый')],
  ]);
  three.forgetRequests();
  for (let more = 0; more < 3; more += 1) await round();
  expect(three.requests('teyron').writes + three.requests('romashka').writes).toBe(0);
});

test('an edit keeps the first line of what was the bridge’s own, and gives none to what is its author’s', async () => {
  const { three, said, round, says, edits } = await begin('nobody', vera.id);
  const first = says('Первый');
  await round();
  three.host('teyron').setSettings({ 'comments.ownerAllowed': 'admin' });
  three.runtime.advance(day);
  const second = says('Второй');
  await round();
  edits(first, 'Первый, исправлен');
  edits(second, 'Второй, исправлен');
  await round();
  // The right is gone again: what stands keeps its form.
  three.host('teyron').setSettings({ 'comments.ownerAllowed': 'nobody' });
  says('Третий');
  await round();
  edits(second, 'Второй, ещё раз');
  await round();
  expect(said()).toEqual([
    ['user:1', 'Вера Орлова (Ромашка):\nПервый, исправлен'],
    ['user:2', 'Второй, ещё раз'],
    ['user:1', 'Вера Орлова (Ромашка):\nТретий'],
  ]);
});

test('a Planfix that goes on refusing is asked once a day, and nothing is said twice', async () => {
  const { three, said, round, says } = await begin('nobody');
  for (const text of ['Первый', 'Второй']) {
    says(text);
    await round();
  }
  three.runtime.advance(day);
  three.forgetRequests();
  for (const text of ['Третий', 'Четвёртый']) {
    says(text);
    await round();
  }
  expect(said().map(([author]) => author)).toEqual(['user:1', 'user:1', 'user:1', 'user:1']);
  // One of them was tried in its author's name first.
  expect(three.requests('teyron').writes).toBe(3);
});

test('a try whose answer was lost is looked up, not repeated in the other form', async () => {
  const { three, mirror, said, round, says } = await begin('nobody');
  says('Первый');
  await round();
  three.host('teyron').setSettings({ 'comments.ownerAllowed': 'admin' });
  three.runtime.advance(day);
  three.host('teyron').addFault({ on: `POST /task/${String(mirror)}/comments/`, when: 'after', cut: true });
  says('Второй');
  for (let more = 0; more < 3; more += 1) await round();
  expect(said()).toEqual([
    ['user:1', lined('Первый')],
    ['contact:20', lined('Второй')],
  ]);
});
