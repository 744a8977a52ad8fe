import { describe, expect, test } from '@jest/globals';
import { judge } from './judge.ts';
import { type RecordedComment, type StoryRecord } from './record.ts';
import { withAuthorLine } from './seen.ts';

const anna = { name: 'Анна', home: 'teyron' };
const maria = { name: 'Мария', home: 'romashka' };

const comment: RecordedComment = {
  author: anna,
  text: 'Начинаем',
  files: [],
  readers: ['teyron', 'romashka'],
};

const record = (comments: readonly RecordedComment[] = [comment]): StoryRecord => ({
  accounts: {
    teyron: {
      kind: 'planfix',
      organisation: 'ТЕЙРОН',
      hands: ['user:1', 'contact:20'],
      sees: { romashka: 'by name' },
      neverReads: [],
    },
    romashka: {
      kind: 'bitrix24',
      organisation: 'Ромашка',
      hands: ['1', '77'],
      sees: { teyron: 'by name' },
      neverReads: ['Пиксель'],
    },
  },
  statuses: { new: { teyron: ['1'], romashka: ['2'] } },
  tasks: [
    {
      title: 'Форма',
      text: 'Нужна форма',
      status: 'new',
      creator: maria,
      holder: anna,
      deadline: Date.parse('2026-12-01T15:00:00Z'),
      accounts: ['teyron', 'romashka'],
      comments,
      files: [],
    },
  ],
});

const message = (id: number, text: string, author = 1) => ({ id, author, text, files: [], deleted: false });
const entry = (id: number, owner: string, description: string) => ({
  id,
  task: { id: 5 },
  owner: { id: owner, name: owner === 'user:2' ? 'Анна' : 'Ромашка' },
  description,
  isDeleted: false,
  files: [],
});

const dumps = (messages = [message(9, '[B]Анна (ТЕЙРОН):[/B]\n\nНачинаем')]) => ({
  teyron: {
    statuses: [{ id: 1, name: 'Новая' }],
    tasks: [
      {
        id: 5,
        name: 'Форма',
        description: '<p>Нужна <b>форма</b></p>',
        status: 1,
        assigner: { name: 'Ромашка' },
        assignees: { users: [{ name: 'Анна' }] },
        hasEndDate: true,
        endDateTime: { datetime: '2026-12-01T15:00Z' },
        files: [],
      },
    ],
    comments: [entry(3, 'user:2', '<p>Начинаем</p>')],
    files: [],
  },
  romashka: {
    users: [
      { id: 1, name: 'Мост' },
      { id: 12, name: 'Мария' },
      { id: 77, name: 'ТЕЙРОН' },
    ],
    tasks: [
      {
        id: 8,
        title: 'Форма',
        description: 'Нужна [B]форма[/B]',
        status: 2,
        creator: 12,
        responsible: 77,
        deadline: '2026-12-01T18:00:00+03:00',
        attachments: [],
      },
    ],
    comments: [],
    chats: [{ task: 8, messages: [message(1, 'Мария создала задачу', 0), ...messages] }],
    disk: { files: [] },
  },
});

describe('the judge', () => {
  test('finds nothing where both accounts show what people did', () => {
    expect(judge(record(), dumps())).toEqual([]);
  });

  test('finds an account without a dump', () => {
    expect(judge(record(), { teyron: dumps().teyron })).toEqual(['romashka: there is no dump']);
  });

  test('finds words under another name, and a comment that nobody wrote', () => {
    expect(judge(record(), dumps([message(9, '[B]Борис (ТЕЙРОН):[/B]\nНачинаем')]))).toEqual([
      'romashka: «Форма»: the comment «Начинаем» stands under «Борис (ТЕЙРОН)» and not under Анна or Анна (ТЕЙРОН)',
    ]);
    expect(
      judge(record(), dumps([message(9, '[B]Анна (ТЕЙРОН):[/B]\nНачинаем'), message(10, 'Чужое', 12)])),
    ).toContain('romashka: «Форма»: the comment «Чужое» of «Мария» does not belong here');
  });

  test('finds comments in another order than they were written', () => {
    const second: RecordedComment = { ...comment, text: 'Готово', readers: ['romashka'] };
    const swapped = dumps([message(9, '[B]Анна:[/B]\nГотово'), message(10, '[B]Анна:[/B]\nНачинаем')]);
    expect(judge(record([comment, second]), swapped)).toEqual([
      'romashka: «Форма»: the comments stand in another order than they were written',
    ]);
  });

  test('finds a task where none should be', () => {
    const alone: StoryRecord = { ...record(), tasks: [] };
    expect(judge(alone, dumps())).toContain('romashka: «Форма» does not belong here');
  });
});

describe('an author line', () => {
  test('counts only under a hand that writes for others', () => {
    expect(withAuthorLine(true, 'Мост', 'Анна:\nДа')).toEqual({ author: 'Анна', text: 'Да' });
    expect(withAuthorLine(false, 'Мария', 'Список:\nДа')).toEqual({ author: 'Мария', text: 'Список:\nДа' });
    expect(withAuthorLine(true, 'ТЕЙРОН', 'Да')).toEqual({ author: 'ТЕЙРОН', text: 'Да' });
  });
});
