import { describe, expect, test } from '@jest/globals';
import { actWords } from './acts.ts';
import { bench, hook } from './testing.ts';

describe('people', () => {
  test('create, discuss and finish a task within their rights', () => {
    const { act, call } = bench();
    const made = act({
      as: 2,
      do: 'create task',
      name: 'Смета',
      assignees: ['user:3'],
      participants: ['contact:12', 'group:1'],
      project: 50,
      deadline: '2026-12-01',
      files: [{ name: 'смета.txt', text: 'итого' }],
    });
    expect(made).toMatchObject({ ok: true, result: { id: 1003 } });
    expect(made.notices.map(({ to, about }) => `${to} ${about}`)).toEqual([
      'user:3 task.assigned',
      'contact:12 task.added',
      'user:4 task.added',
    ]);
    expect(act({ as: 3, do: 'add comment', task: 1003, text: 'Беру' })).toMatchObject({
      ok: false,
      refused: 'New comments not allowed in this process.',
    });
    expect(act({ as: 3, do: 'set status', task: 1003, status: 'В работе' }).ok).toBe(true);
    expect(act({ as: 3, do: 'add comment', task: 1003, text: 'Беру' }).ok).toBe(true);
    expect(act({ as: 3, do: 'edit task', task: 1003, name: 'Моя' }).ok).toBe(false);
    expect(act({ as: 4, do: 'set status', task: 1003, status: 6 }).ok).toBe(false);
    expect(act({ as: 3, do: 'set status', task: 1003, status: 1 })).toMatchObject({ ok: false });
    expect(act({ as: 2, do: 'set status', task: 1003, status: 3 }).ok).toBe(true);
    expect(call('GET', '/task/1003?fields=status,endDateTime,hasEndTime,files').body).toMatchObject({
      task: {
        status: { id: 3 },
        endDateTime: { date: '01-12-2026' },
        hasEndTime: false,
        files: [{ name: 'смета.txt' }],
      },
    });
  });

  test('only authors edit their comments, authors and administrators delete them', () => {
    const { act } = bench();
    const made = act({ as: 'contact:12', do: 'add comment', task: 1001, text: 'Вопрос' });
    const comment = made.ok ? Number((made.result as { id: number }).id) : 0;
    expect(act({ as: 3, do: 'edit comment', comment, text: 'Чужое' }).ok).toBe(false);
    expect(act({ as: 'contact:12', do: 'edit comment', comment, text: 'Вопрос!' }).ok).toBe(true);
    expect(act({ as: 3, do: 'delete comment', comment }).ok).toBe(false);
    expect(act({ as: 2, do: 'delete comment', comment }).ok).toBe(true);
    expect(act({ as: 2, do: 'delete comment', comment }).ok).toBe(false);
  });

  test('a comment without chosen recipients tells everybody in the task but its author', () => {
    const { act } = bench();
    const told = (recipients?: string[]) =>
      act({
        as: 3,
        do: 'add comment',
        task: 1001,
        text: 'x',
        ...(recipients === undefined ? {} : { recipients }),
      })
        .notices.map(({ to }) => to)
        .sort();
    expect(told()).toEqual(['contact:12', 'user:2', 'user:4']);
    expect(told(['user:4'])).toEqual(['user:4']);
    expect(told([])).toEqual([]);
  });

  test('a deleted task leaves the lists and comes back when restored', () => {
    const { act, call } = bench();
    const listed = () => call('POST', '/task/list', {}).body['tasks'];
    expect(act({ as: 3, do: 'delete task', task: 1001 }).ok).toBe(false);
    expect(act({ as: 2, do: 'delete task', task: 1001 }).ok).toBe(true);
    expect(listed()).toEqual([{ id: 1002 }]);
    expect(call('POST', '/task/1001', { name: 'x' }).body['code']).toBe(1000);
    expect(act({ as: 2, do: 'restore task', task: 1001 }).ok).toBe(true);
    expect(listed()).toEqual([{ id: 1001 }, { id: 1002 }]);
  });

  test('fire scenarios as API writes do', () => {
    const { act, sent } = bench({ scenarios: [hook('comment.created')] });
    act({ as: 3, do: 'add comment', task: 1001, text: 'x' });
    expect(sent).toHaveLength(1);
  });

  test('a word that nobody knows is refused with the words that are known', () => {
    const { act } = bench();
    const refused = act({ as: 2, do: 'fly' });
    expect(refused.ok ? '' : refused.refused).toContain(actWords.join(', '));
  });
});
