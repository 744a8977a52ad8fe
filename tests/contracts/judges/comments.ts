/** Cases of Planfix about comments. */
import { expect } from '@jest/globals';
import { type JsonObject } from '../layout.ts';
import {
  benchOf,
  edit,
  known,
  listBody,
  openText,
  refused,
  say,
  task,
  type Judges,
} from '../planfixBench.ts';
import { commentId, fileSource, readingOf, removing, taskId, person, written } from '../portCalls.ts';

export const commentJudges: Judges = {
  'planfix.comments.list.missing-task': async (one) => {
    const bench = benchOf(one);
    expect(await readingOf(bench, taskId('999999'), { aspects: ['comments'] })).toMatchObject({ is: 'gone' });
    expect(bench.sent).toHaveLength(1);
  },
  'planfix.comment.list.basic': async (one) => {
    const bench = benchOf(one);
    const found = await readingOf(bench, task, { aspects: ['comments'] });
    if (found.is !== 'read') throw new Error(JSON.stringify(found));
    expect(found.comments).toMatchObject({ extent: { kind: 'all' }, deleted: [] });
    expect(found.comments?.list).toMatchObject([
      {
        id: '5001',
        author: 'user:3',
        authorName: 'Ольга Ветрова',
        at: Date.parse('2026-11-23T09:15Z'),
        system: false,
      },
      { id: '5002', author: 'contact:12', files: [] },
      { id: '5005', author: 'user:2', hidden: true, recipients: ['user:3', 'group:1'] },
    ]);
    expect(found.comments?.list[0]?.files).toEqual([
      { id: '9001', name: 'Акт сверки.pdf', size: null, kilobytes: 2048 },
    ]);
    expect(bench.own()[0]?.json).toMatchObject({
      typeList: 'Comments',
      resultOrder: [{ field: 'id', direction: 'Desc' }],
    });
  },
  'planfix.comment.list.deleted': async (one) => {
    const bench = benchOf(one);
    const found = await readingOf(bench, task, { aspects: ['deleted-comments'] });
    expect(found).toMatchObject({ is: 'read', comments: { deleted: ['5003'], list: [] } });
    expect(bench.own().map((each) => each.json['typeList'])).toEqual(['Deleted']);
  },
  'planfix.comment.list.all-with-system': async (one) => {
    const { comments } = one.response.body as { comments: readonly JsonObject[] };
    const dateTime = { datetime: '2026-11-23T09:15Z' };
    const rows = comments.map((row) => ({
      ...row,
      dateTime,
      description: row['type'] === 'Comment' ? 'x' : '',
    }));
    const found = await readingOf(
      benchOf({ ...one, response: { status: 200, body: listBody(rows, 'comments') } }),
      task,
      { aspects: ['comments'] },
    );
    if (found.is !== 'read') throw new Error(JSON.stringify(found));
    expect(found.comments?.list.map((comment) => comment.system)).toEqual([true, false, false, true, false]);
  },
  'planfix.comment.create.plain': async (one) => {
    const bench = benchOf(one);
    const made = await written(bench, say());
    expect(made).toMatchObject({
      is: 'done',
      made: { comments: [{ comment: '5010', text: 'Готово, проверьте' }] },
    });
    expect(bench.own()[0]?.json).not.toHaveProperty('recipients');
    expect(bench.own()[0]?.json).not.toHaveProperty('owner');
  },
  'planfix.comment.create.as-other-author': async (one) => {
    const bench = benchOf(one);
    await written(
      bench,
      say({ author: person('contact:12'), notify: [person('user:3'), person('group:1')] }),
    );
    expect(bench.own()[0]?.json).toMatchObject({
      owner: { id: 'contact:12' },
      dateTime: { date: '12-11-2026', time: '12:15' },
      sourceObjectId: '0c091b1f-a735-44e9-a56c-43435e7a40b6',
      recipients: { users: [{ id: 'user:3' }], groups: [{ id: 1 }] },
    });
  },
  'planfix.comment.create.as-other-author-denied': async (one) => {
    const made = await written(benchOf(one), say({ author: person('contact:12') }));
    expect(made).toMatchObject(refused('E-REMOTE-RIGHT'));
    expect(made).toMatchObject({ trouble: { todo: expect.stringContaining('robot') } });
  },
  'planfix.comment.create.forbidden-in-status': async (one) => {
    expect(await written(benchOf(one), say({ task: taskId('1002') }))).toMatchObject(
      refused('E-COMMENT-FORBIDDEN'),
    );
  },
  'planfix.comment.create.file-only': async (one) => {
    const bench = benchOf(one, { 'POST /file/': { result: 'success', id: 9001 } });
    const source = fileSource('Акт.pdf');
    const made = await written(bench, say({ text: '', files: [source] }), openText('акт'));
    expect(made).toMatchObject({
      is: 'done',
      made: { comments: [{ comment: '5013' }], files: [{ shared: source.shared, file: '9001' }] },
    });
    expect(bench.own()[0]?.json['files']).toEqual([{ id: 9001 }]);
  },
  'planfix.comment.update.text': async (one) => {
    const bench = benchOf(one);
    expect(await written(bench, edit('5010', 'Готово, проверьте ещё раз'))).toMatchObject({
      is: 'done',
      made: { means: 'update', comments: [{ comment: '5010' }] },
    });
    expect(bench.own()).toMatchObject([
      { query: { silent: 'true' }, json: { description: 'Готово, проверьте ещё раз' } },
    ]);
    expect(Object.keys(bench.own()[0]?.json ?? {})).toEqual(['description']);
  },
  'planfix.comment.update.missing': async (one) => {
    const bench = benchOf(one, {
      'POST /task/1001/comments/list': listBody([], 'comments'),
      'POST /task/1001/comments/': { result: 'success', id: 5021 },
    });
    expect(await written(bench, edit('115', 'Нет'))).toMatchObject({
      is: 'done',
      made: { means: 'recreate', comments: [{ comment: '5021', text: 'Нет' }] },
    });
  },
  'planfix.comment.update.foreign-text': async (one) => {
    const bench = benchOf(one, {
      'DELETE /comment/5002': { result: 'fail', code: 6, error: 'Access denied' },
      'POST /task/1001/comments/list': listBody(
        [
          {
            id: 5002,
            dateTime: { datetime: '2026-11-23T09:40Z' },
            type: 'Comment',
            description: 'Как было',
            owner: { id: 'contact:12', name: 'Ромашка' },
          },
        ],
        'comments',
      ),
      'POST /task/1001/comments/': { result: 'success', id: 5021 },
    });
    // What may be neither edited nor deleted stays as it is; the new text stands below it.
    expect(await written(bench, edit('5002', 'Чужой текст'))).toMatchObject({
      is: 'done',
      made: {
        means: 'follow-up',
        comments: [
          { comment: '5002', text: 'Как было' },
          { comment: '5021', text: 'Чужой текст' },
        ],
      },
    });
  },
  'planfix.comment.delete': async (one) => {
    const comments = [commentId('5010')];
    expect(await written(benchOf(one), removing(known, comments))).toMatchObject({ is: 'done' });
  },
};
