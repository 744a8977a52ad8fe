/** Comments: written, found again, read in order, edited and deleted. */
import { expect, test } from '@jest/globals';
import { type Fresh, byPeople, commentsOf, create, noAnswer, plain, say } from './bench.ts';
import {
  done,
  editing,
  madeBy,
  mark,
  minute,
  readingOf,
  removing,
  snapshotOf,
  written,
} from '../portCalls.ts';

export function commentsKept(fresh: Fresh): void {
  test('a comment whose creation was not answered is found', async () => {
    const bench = await fresh();
    const known = await snapshotOf(bench, await create(bench));
    const first = await done(bench, say(bench, known, 'Первое', { mark: mark(3) }));
    const after = first.made.comments?.[0]?.comment ?? null;
    const one = say(bench, known, 'Готово, проверьте', { after });
    bench.fault({ on: bench.requests.createComment, when: 'after', answer: noAnswer });
    expect((await written(bench, one)).is).toBe('unknown');
    bench.advance(bench.connector.serverMaxMs);
    const found = await bench.connector.find(one);
    expect(found.is).toBe('comments');
    if (found.is !== 'comments') return;
    expect(found.comments.map((comment) => plain(bench, known, comment.text))).toEqual([
      plain(bench, known, one.text),
    ]);
  });

  test('a comment whose creation never happened is not found', async () => {
    const bench = await fresh();
    const known = await snapshotOf(bench, await create(bench));
    const first = await done(bench, say(bench, known, 'Первое', { mark: mark(3) }));
    const after = first.made.comments?.[0]?.comment ?? null;
    const one = say(bench, known, 'Второе', { after });
    bench.fault({ on: bench.requests.createComment, when: 'before', answer: noAnswer });
    expect((await written(bench, one)).is).toBe('unknown');
    bench.advance(bench.connector.serverMaxMs);
    expect(await bench.connector.find(one)).toEqual({ is: 'nothing' });
  });

  test('comments come oldest first with their author, whoever wrote them', async () => {
    const bench = await fresh();
    const known = await snapshotOf(bench, await bench.acts.createTask('Задача людей'));
    await bench.acts.comment(known.task, 'Первый');
    bench.advance(minute);
    await done(bench, say(bench, known, 'Второй'));
    bench.advance(minute);
    await bench.acts.comment(known.task, 'Третий');
    const { list, extent } = await commentsOf(bench, known);
    const comments = byPeople(list);
    expect(extent).toEqual({ kind: 'all' });
    expect(comments.map((comment) => plain(bench, known, comment.text))).toEqual([
      expect.stringContaining('Первый'),
      expect.stringContaining('Второй'),
      expect.stringContaining('Третий'),
    ]);
    const { authored } = bench.connector.view([]).abilities;
    const mirrored = authored[known.world] ? bench.people.other : bench.connector.view([]).actor;
    expect(comments.map((comment) => comment.author)).toEqual([
      bench.people.creator,
      mirrored,
      bench.people.creator,
    ]);
  });

  test('the thread after a known comment holds every younger one', async () => {
    const bench = await fresh();
    const known = await snapshotOf(bench, await bench.acts.createTask('Задача людей'));
    const first = await bench.acts.comment(known.task, 'Первый');
    const second = await bench.acts.comment(known.task, 'Второй');
    const { task, world, chat } = known;
    const found = await readingOf(bench, task, { aspects: ['comments'], commentsAfter: first, world, chat });
    if (found.is !== 'read') throw new Error(JSON.stringify(found));
    expect(byPeople(found.comments?.list ?? []).map((comment) => comment.id)).toContain(second);
  });

  test('an edited comment shows its new text and keeps its place', async () => {
    const bench = await fresh();
    const known = await snapshotOf(bench, await create(bench));
    const made = await done(bench, say(bench, known, 'Было'));
    const { text, author, at } = say(bench, known, 'Стало');
    await done(bench, editing(known, madeBy(made), text, { author, at }));
    const shown = byPeople((await commentsOf(bench, known)).list);
    expect(shown.map((comment) => plain(bench, known, comment.text))).toContain(plain(bench, known, text));
  });

  test('a deleted comment is told where the account tells, and gone from the thread', async () => {
    const bench = await fresh();
    const known = await snapshotOf(bench, await bench.acts.createTask('Задача людей'));
    const kept = await bench.acts.comment(known.task, 'Останется');
    const doomed = await bench.acts.comment(known.task, 'Удалят');
    await bench.acts.deleteComment(known.task, doomed);
    const found = await commentsOf(bench, known);
    const left = byPeople(found.list).map((comment) => comment.id);
    expect(left).toContain(kept);
    expect(left).not.toContain(doomed);
    if (bench.tellsDeleted) expect(found.deleted).toContain(doomed);
  });

  test('a comment that the bridge deletes is gone, deleting it again is no failure', async () => {
    const bench = await fresh();
    const known = await snapshotOf(bench, await create(bench));
    const made = await done(bench, say(bench, known, 'Лишнее'));
    const gone = removing(known, madeBy(made));
    await done(bench, gone);
    const left = byPeople((await commentsOf(bench, known)).list).map((comment) =>
      plain(bench, known, comment.text),
    );
    expect(left.join()).not.toContain('Лишнее');
    await done(bench, gone);
  });
}
