/** Cases of Planfix about tasks and their statuses. */
import { expect } from '@jest/globals';
import { type JsonObject } from '../layout.ts';
import { benchOf, known, listBody, minimal, refused, task, update, type Judges } from '../planfixBench.ts';
import { asking, fileId, readingOf, snapshotOf, statusId, taskId, person, written } from '../portCalls.ts';

export const taskJudges: Judges = {
  'planfix.task.get.all-system-fields': async (one) => {
    const bench = benchOf(one);
    expect(await snapshotOf(bench, task)).toMatchObject({
      task: '1001',
      title: 'Настроить обмен с 1С',
      status: '2',
      object: '31',
      place: '50',
      creator: 'contact:12',
      assignees: ['user:3'],
      participants: ['user:4', 'contact:12', 'group:2'],
      auditors: ['user:2'],
      start: { at: Date.parse('2026-11-23T00:00Z'), timed: false },
      deadline: { at: Date.parse('2026-12-04T15:00Z'), timed: true },
      changedAt: Date.parse('2026-11-24T06:55Z'),
      control: true,
      files: [{ id: '9002', name: 'ТЗ.docx', size: null }],
      mark: null,
    });
    expect(bench.own()[0]?.query['fields']).toContain('assignees');
  },
  'planfix.task.get.no-fields': async (one) => {
    const bench = benchOf(one);
    expect(await readingOf(bench, task)).toMatchObject({ is: 'unreadable' });
    expect(bench.own()[0]?.query['fields']).toMatch(/^id,.*name/);
  },
  'planfix.task.get.deleted': async (one) => {
    const row = one.response.body as { task: JsonObject };
    const answer = { ...one.response, body: { result: 'success', task: { ...row.task, status: { id: 1 } } } };
    expect(await readingOf(benchOf({ ...one, response: answer }), taskId('1004'))).toMatchObject({
      is: 'gone',
    });
  },
  'planfix.task.get.not-found': async (one) => {
    const bench = benchOf(one);
    expect(await readingOf(bench, taskId('999999'))).toMatchObject({ is: 'gone' });
    expect(bench.sent).toHaveLength(1);
  },
  'planfix.task.list.filter.numbers': async (one) => {
    const asked = ['1001', '1003'].map(taskId);
    const bench = benchOf(one);
    const found = await bench.connector.read(asked.map((id) => asking(id)));
    expect([...found.values()].map((each) => each.is)).toEqual(['read', 'read']);
    expect(bench.sent).toHaveLength(1);
    expect(bench.own()[0]?.json['filters']).toEqual([{ type: 57, operator: 'equal', value: [1001, 1003] }]);
  },
  'planfix.task.list.deleted-not-listed': async (one) => {
    const rows = listBody([{ id: 1003, name: 'Смета', isDeleted: false, status: { id: 3 } }], 'tasks');
    const bench = benchOf(
      { ...one, response: { status: 200, body: rows } },
      { 'GET /task/1004': { result: 'fail', code: 1000, error: 'Task not found by id 1004' } },
    );
    const found = await bench.connector.read(['1003', '1004'].map((id) => asking(taskId(id))));
    expect([...found.values()].map((each) => each.is)).toEqual(['read', 'gone']);
  },
  'planfix.task.list.filter.changed-or-commented-since': async (one) => {
    const bench = benchOf(one);
    const swept = await bench.connector.changedSince({ since: Date.parse('2026-11-24T06:02Z') });
    expect(swept.tasks.map((each) => each.task)).toEqual(['1001', '1005']);
    expect(bench.own()[0]?.json['filters']).toEqual([
      { type: 79, operator: 'gt', value: { dateType: 'otherDate_withTime', dateFrom: '24-11-2026 06:00' } },
    ]);
  },
  'planfix.task.create.minimal': async (one) => {
    const bench = benchOf(one);
    expect(await written(bench, minimal)).toMatchObject({
      is: 'done',
      made: { task: '1006' },
      failures: [],
    });
    expect(bench.own()[0]?.json).toEqual({ name: 'Перенести сайт', sourceObjectId: minimal.mark });
  },
  'planfix.task.create.full': async (one) => {
    const bench = benchOf(one);
    const made = await written(bench, {
      ...minimal,
      fields: {
        title: 'Перенести сайт',
        description: '<p>С хостинга <i>заказчика</i></p>',
        creator: person('contact:12'),
        assignees: [person('user:3'), person('contact:13'), person('group:1')],
        participants: [person('user:4')],
        auditors: [person('user:2')],
        start: { at: Date.parse('2026-11-25T09:00:30Z'), timed: true },
        deadline: { at: Date.parse('2026-12-01T00:00Z'), timed: false },
      },
      status: statusId('2'),
      object: '31',
      place: '50',
    });
    expect(made).toMatchObject({ is: 'done', made: { task: '1007' } });
    const wanted = one.request.body as JsonObject;
    expect(bench.own()[0]?.json).toEqual({
      ...Object.fromEntries(
        [
          'name',
          'description',
          'object',
          'project',
          'status',
          'assigner',
          'assignees',
          'startDateTime',
          'endDateTime',
        ].map((key) => [key, wanted[key]]),
      ),
      participants: { users: [{ id: 'user:4' }], groups: [] },
      auditors: { users: [{ id: 'user:2' }], groups: [] },
      sourceObjectId: minimal.mark,
    });
  },
  'planfix.task.create.source-mark': async (one) => {
    const bench = benchOf(one);
    expect(await written(bench, minimal)).toMatchObject({ is: 'done', made: { task: '1011' } });
    expect(bench.own()[0]?.json['sourceObjectId']).toBe('0c091b1f-a735-44e9-a56c-43435e7a40b6');
  },
  'planfix.task.create.bad-status': async (one) => {
    const bench = benchOf(one);
    const made = await written(bench, { ...minimal, status: statusId('777') });
    expect(made).toMatchObject(refused('E-REMOTE-REFUSED'));
  },
  'planfix.task.update.name': async (one) => {
    const bench = benchOf(one);
    expect(await written(bench, update({ title: 'Настроить обмен с 1С:УТ' }))).toMatchObject({
      is: 'done',
      failures: [],
    });
    expect(bench.own()).toMatchObject([{ query: {}, json: { name: 'Настроить обмен с 1С:УТ' } }]);
  },
  'planfix.task.update.empty-body': async (one) => {
    expect(await written(benchOf(one), update({ description: '<p>Новый текст</p>' }))).toMatchObject({
      is: 'done',
      failures: [],
    });
  },
  'planfix.task.update.silent': async (one) => {
    const bench = benchOf(one);
    const to = statusId('101');
    const status = bench.connector.view([]).statusMove(known, to);
    if ('unreachable' in status) throw new Error(status.unreachable);
    expect(await written(bench, update({}, { status, silent: true }))).toMatchObject({ is: 'done' });
    expect(bench.own()).toMatchObject([{ query: { silent: 'true' }, json: { status: { id: 101 } } }]);
  },
  'planfix.task.update.queued': async (one) => {
    const bench = benchOf(one);
    expect(await written(bench, update({ title: 'Позже' }))).toMatchObject({ is: 'queued' });
    expect(bench.own()).toHaveLength(1);
  },
  'planfix.task.update.failures': async (one) => {
    const made = await written(benchOf(one), update({ title: 'Имя принято', creator: person('user:2') }));
    expect(made).toMatchObject({
      is: 'done',
      failures: [{ about: 'counterparty', answered: 'Field change failed' }],
    });
    const listed = {
      ...one,
      response: { status: 200, body: { failures: [{ field: 'assigner', error: 'no' }] } },
    };
    const other = await written(benchOf(listed), update({ title: 'Имя принято', creator: person('user:2') }));
    expect(other).toMatchObject({ is: 'done', failures: [{ about: 'creator' }] });
  },
  'planfix.task.update.clear-dates': async (one) => {
    const bench = benchOf(one);
    await written(bench, update({ start: null, deadline: null }));
    expect(bench.own()[0]?.json).toEqual(one.request.body);
  },
  'planfix.task.update.assignees-replace': async (one) => {
    const bench = benchOf(one);
    await written(bench, update({ assignees: [person('user:4'), person('contact:12'), person('group:1')] }));
    expect(bench.own()[0]?.json).toEqual(one.request.body);
  },
  'planfix.task.update.files-replace': async (one) => {
    const files = ['9001', '9002'].map((id) => ({ id: Number(id), name: 'x', size: 1 }));
    const bench = benchOf(one, { 'GET /task/1001/files': { result: 'success', files } });
    await written(bench, { kind: 'file.detach', task, base: known, file: fileId('9002') });
    expect(bench.own()[0]?.json).toEqual(one.request.body);
  },
  'planfix.task.update.not-found': async (one) => {
    const bench = benchOf(one);
    const missing = update({ title: 'Нет такой', control: true }, { task: taskId('999999') });
    expect(await written(bench, missing)).toMatchObject(refused('E-TASK-GONE'));
    expect(bench.own()).toHaveLength(1);
  },
  'planfix.scope.denied-update': async (one) => {
    const bench = benchOf(one);
    const made = await written(bench, update({ title: 'Другое имя', control: false }));
    expect(made).toMatchObject(refused('E-REMOTE-RIGHT'));
    expect(made).toMatchObject({ trouble: { todo: expect.stringContaining('task_update') } });
    expect(bench.own()).toHaveLength(1);
  },
  'planfix.status.set': async (one) => {
    const bench = benchOf(one);
    const status = bench.connector.view([]).statusMove(known, statusId('101'));
    if ('unreachable' in status) throw new Error(status.unreachable);
    await written(bench, update({}, { status }));
    expect(bench.own()[0]?.json).toEqual(one.request.body);
  },
  'planfix.status.transition-refused': async (one) => {
    const bench = benchOf(one);
    const status = { from: known.status, to: statusId('3'), steps: [] };
    const made = await written(bench, update({}, { status, task: taskId('1002') }));
    expect(made).toMatchObject({ is: 'refused', trouble: { about: 'status' } });
    expect(bench.own()).toHaveLength(1);
  },
};
