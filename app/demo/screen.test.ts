import { describe, expect, test } from '@jest/globals';
import { type SeenTask } from '../../simulation/judge/seen.ts';
import { type Seen } from '../../simulation/story/stage.ts';
import { plainDress, sceneLines, wrapped } from './screen.ts';

const task = (statusName: string): SeenTask => ({
  id: '1',
  title: 'Форма',
  text: '',
  status: '1',
  statusName,
  creator: 'Мария',
  assignees: ['Борис'],
  deadline: null,
  files: [],
  comments: [],
});

const seen: Seen = {
  romashka: { tasks: [task('Выполняется')] },
  teyron: { tasks: [task('В работе')] },
  pixel: { tasks: [] },
};

describe('what the demo prints of a scene', () => {
  test('each side in its own words, side by side; who does not have the task has no column', () => {
    const lines = sceneLines(
      { headline: 'Борис begins.', show: ['status'], seen },
      'Форма',
      4,
      '1.0 s',
      plainDress,
    );
    expect(lines.map((line) => line.replace(/ {2,}/gu, '  ').trim())).toEqual([
      '',
      '4  Борис begins.  1.0 s',
      'Ромашка · Bitrix24  ТЕЙРОН · Planfix',
      'status  Выполняется  В работе',
    ]);
  });

  test('long words are cut, long texts end after three lines', () => {
    expect(wrapped('длинноеслово', 8)).toEqual(['длинное…']);
    expect(wrapped('раз два три четыре пять', 6)).toEqual(['раз', 'два', 'три…']);
  });
});
