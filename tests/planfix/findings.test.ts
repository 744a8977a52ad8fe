/** What a check of a Planfix account finds out, by readings, by a task of the acting user alone, and from ordinary answers. */
import { describe, expect, test } from '@jest/globals';
import { unknowns } from '../../connectors/planfix/unknowns.ts';
import { type CheckLine } from '../../connectors/port.ts';
import { type SettingValue } from '../../emulators/common/types.ts';
import { settingDescriptions } from '../../emulators/planfix/settings.ts';
import { as, type LocalPersonId, type LocalStatusId, type LocalTaskId } from '../../errors/ids.ts';
import {
  asking,
  creating,
  editing,
  fileSource,
  opening,
  saying,
  snapshotOf,
  updating,
} from '../contracts/portCalls.ts';
import { type PlanfixAccount, planfixAccount } from './account.ts';

type Settings = Readonly<Record<string, SettingValue>>;

const account = (settings: Settings = {}, known: Readonly<Record<string, string>> = {}): PlanfixAccount =>
  planfixAccount({ zone: 'Europe/Moscow', settings, known });

const withTask = (of: PlanfixAccount): LocalTaskId =>
  as<LocalTaskId>(String(of.act({ as: 2, do: 'create task', name: 'Форма', assignees: ['user:12'] }).id));

const checked = async (of: PlanfixAccount, scratch = false): Promise<ReadonlyMap<string, CheckLine>> =>
  new Map((await of.connector.check({ scratch })).map((line) => [line.about, line]));

const writes = ({ host }: PlanfixAccount): readonly string[] =>
  host.log().entries.flatMap(({ write, operation }) => (write ? [operation] : []));

test('every setting of the emulator has a row, and every row is one line of a check', async () => {
  const names = unknowns.map(({ name }) => name as string);
  expect(new Set(names).size).toBe(names.length);
  const ofTests = ['task.queueDelayMs', 'webhook.timeScale'];
  const emulated = settingDescriptions.map(({ name }) => name).filter((name) => !ofTests.includes(name));
  expect(emulated.filter((name) => !names.includes(name))).toEqual([]);
  const lines = await checked(account());
  for (const name of names) expect(lines.get(`fact: ${name}`)?.found).toMatch(/\S/u);
});

describe('By reading alone', () => {
  test.each<[string, SettingValue, string]>([
    ['commentListEndpoint', true, 'yes'],
    ['commentListEndpoint', false, 'no'],
    ['task.missingGet', '400 code 1000', '400 code 1000'],
    ['task.missingGet', '404 code 1000', '404 code 1000'],
    ['task.missingGet', '400 code 0', '400 code 0'],
    ['dates.gtOtherDateInclusive', true, 'yes'],
    ['dates.gtOtherDateInclusive', false, 'no'],
    ['limits.perDay', 20_000, 'at least 20000'],
    ['limits.perDay', 100_000, 'at least 100000'],
  ])('%s %s is found as %s, and nothing is written', async (name, setting, found) => {
    const vesna = account({ [name]: setting });
    withTask(vesna);
    const line = (await checked(vesna)).get(`fact: ${name}`);
    expect(line?.found).toMatch(new RegExp(`^${found}: .*2026-11-24`, 'u'));
    expect(writes(vesna)).toEqual([]);
  });

  test.each([
    [true, null],
    [false, 'no'],
  ])('whether comments move the time of change (%s) shows where one came later', async (touches, found) => {
    const vesna = account({ 'comments.touchTaskChangedTime': touches });
    const task = withTask(vesna);
    vesna.runtime.advance(300_000);
    vesna.act({ as: 2, do: 'add comment', task: Number(task), text: 'Да' });
    await vesna.connector.check();
    expect(vesna.findings.value('comments.touchTaskChangedTime')).toBe(found);
  });

  test('a plan that was seen to be larger is not forgotten while less is left', async () => {
    const vesna = account({ 'limits.perDay': 100_000 });
    await vesna.connector.check();
    vesna.findings.learn({ name: 'limits.perDay', value: 'at least 200000', how: 'given', at: 0 });
    await vesna.connector.check();
    expect(vesna.findings.value('limits.perDay')).toBe('at least 200000');
  });
});

describe('By a task of the acting user alone', () => {
  test.each<[string, SettingValue, string]>([
    ['sourceMarks', 'kept always', 'kept always'],
    ['sourceMarks', 'only with sourceId', 'only with sourceId'],
    ['sourceMarks', 'dropped', 'dropped'],
    ['comments.ownerAllowed', 'admin', 'allowed'],
    ['comments.ownerAllowed', 'nobody', 'refused'],
    ['html.rejectAstral', false, 'taken'],
    ['html.rejectAstral', true, 'refused'],
    ['comments.filesReplaceOnUpdate', true, 'yes'],
    ['comments.filesReplaceOnUpdate', false, 'no'],
    ['comments.deletedGet', 'flag', 'flag'],
    ['comments.deletedGet', 'missing', 'missing'],
    ['task.isDeletedWritable', true, 'yes'],
    ['task.isDeletedWritable', false, 'no'],
    ['task.deletedGet', 'flag', 'flag'],
    ['task.deletedGet', 'missing', 'missing'],
    ['task.listShowsDeleted', true, 'yes'],
    ['task.listShowsDeleted', false, 'no'],
    ['task.updateBody', 'success', 'success'],
    ['task.updateBody', 'empty', 'empty'],
    ['people.emptyListClears', true, 'yes'],
    ['people.emptyListClears', false, 'no'],
    ['html.rewrite', 'keep', 'kept'],
    ['html.rewrite', 'wrap in p', 'rewritten'],
    ['checklist.write', true, 'yes'],
    ['checklist.write', false, 'no'],
    ['checklist.doneField', 'isDone', 'isDone'],
    ['checklist.doneField', 'status', 'status'],
    ['file.downloadMode', 'redirect', 'redirect'],
    ['file.downloadMode', 'direct', 'direct'],
  ])('%s %s is found as %s', async (name, setting, found) => {
    const vesna = account({ [name]: setting });
    const lines = await checked(vesna, true);
    expect(vesna.findings.value(name)).toBe(found);
    expect(lines.get(`fact: ${name}`)?.found).toMatch(new RegExp(`^${found}: .*2026-11-24`, 'u'));
    expect([...lines.values()].filter(({ state }) => state === 'failed')).toEqual([]);
  });

  test('without leave it is not made, and a check says what leave would tell', async () => {
    const vesna = account();
    const lines = await checked(vesna);
    expect(writes(vesna)).toEqual([]);
    expect(lines.get('scopes: write')).toMatchObject({ state: 'unknown' });
    for (const { name } of unknowns.filter(({ told }) => told === 'scratch'))
      expect(lines.get(`fact: ${name}`)).toMatchObject({
        state: 'unknown',
        found: expect.stringMatching(/^not known; --scratch would tell/u),
      });
  });

  test('nobody else takes part, and all of it ends in the bin', async () => {
    const vesna = account();
    const lines = await checked(vesna, true);
    const dump = vesna.host.dump() as {
      tasks: { id: number; isDeleted: boolean; assigner: { id: string }; [role: string]: unknown }[];
      comments: { owner: { id: string }; isDeleted: boolean; recipients?: unknown }[];
      notices?: unknown[];
    };
    const [task] = dump.tasks;
    expect(dump.tasks).toHaveLength(1);
    expect(task).toMatchObject({ isDeleted: true, assigner: { id: 'user:1' } });
    expect(JSON.stringify(dump.tasks)).not.toMatch(/user:(?:2|12)\b|contact:/u);
    expect(dump.comments.filter(({ isDeleted }) => !isDeleted)).toEqual([]);
    expect(lines.get('scratch: removed')).toMatchObject({
      state: 'ok',
      found: `task ${String(task?.id)} is in the bin`,
    });
  });

  test('what can not go into the bin is closed, and named for a person to delete', async () => {
    const vesna = account({ 'task.isDeletedWritable': false });
    const line = (await checked(vesna, true)).get('scratch: removed');
    const [task] = (vesna.host.dump() as { tasks: { id: number; status: number }[] }).tasks;
    expect(task).toMatchObject({ status: 3 });
    expect(line).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('closed'),
      todo: expect.stringContaining(`Delete task ${String(task?.id)}`),
    });
  });

  test.each(['task_add', 'task_update', 'comment_add', 'comment_update', 'comment_delete', 'file_add'])(
    'the right %s is told where it is there and where it is missing',
    async (scope) => {
      const all = [
        ...['task_readonly', 'task_add', 'task_update', 'contact_readonly', 'user_readonly', 'file_readonly'],
        ...['comment_readonly', 'comment_add', 'comment_update', 'comment_delete', 'file_add'],
      ];
      const token = 'c0ffee00c0ffee00c0ffee00c0ffee31';
      const granted = (scopes: readonly string[]): PlanfixAccount =>
        planfixAccount({
          zone: 'Europe/Moscow',
          world: { tokens: [{ token, user: 'user:1', scopes: [...scopes], timezone: 'Europe/Moscow' }] },
        });
      expect((await checked(granted(all), true)).get(`right: ${scope}`)).toMatchObject({ state: 'ok' });
      const without = await checked(granted(all.filter((one) => one !== scope)), true);
      expect(without.get(`right: ${scope}`)).toMatchObject({
        state: 'failed',
        todo: expect.stringContaining(scope),
      });
    },
  );

  test.each<[string, string, SettingValue, string]>([
    ['Europe/Moscow', 'Europe/Moscow', 'user zone', 'ok'],
    ['Europe/Moscow', 'Europe/Moscow', 'UTC', 'failed'],
    ['UTC', 'Europe/Moscow', 'user zone', 'failed'],
    ['Asia/Tokyo', 'Europe/Moscow', 'user zone', 'failed'],
  ])(
    'the zone of %s, configured as %s, is proved by a date that is read back (%s)',
    async (zone, configured, shown, state) => {
      const vesna = planfixAccount({ zone, configured, settings: { 'timepoint.dateTimeIn': shown } });
      const lines = await vesna.connector.check({ scratch: true });
      expect(lines.filter(({ about }) => about === 'zone')).toMatchObject([{ state }]);
    },
  );

  test('an emoji that was refused once is tried again, and taken where it is by now', async () => {
    const vesna = account({}, { 'html.rejectAstral': 'refused', 'comments.ownerAllowed': 'refused' });
    await vesna.connector.check({ scratch: true });
    expect(vesna.findings.value('html.rejectAstral')).toBe('taken');
    expect(vesna.findings.value('comments.ownerAllowed')).toBe('allowed');
  });

  test('what was found earlier is shown without asking again', async () => {
    const vesna = account({}, { sourceMarks: 'dropped' });
    expect((await checked(vesna)).get('fact: sourceMarks')).toMatchObject({
      state: 'warning',
      found: expect.stringMatching(/^dropped: given .*by place, people, title and words/u),
    });
  });
});

const other = as<LocalPersonId>('user:12');
const words = opening(() => 'слова');

describe('From answers of ordinary work', () => {
  const read = async (of: PlanfixAccount, task: LocalTaskId): Promise<void> => {
    await of.connector.read([asking(task, { aspects: ['task', 'comments'] })]);
  };

  test.each(['kept always', 'only with sourceId', 'dropped'])('marks are %s', async (rule) => {
    const vesna = account({ sourceMarks: rule });
    const [made] = await vesna.connector.write([creating({ title: 'Форма' })], words);
    if (made?.is !== 'done' || made.made.task === undefined) throw new Error('not made');
    const snapshot = await snapshotOf(vesna, made.made.task);
    await vesna.connector.write([saying(snapshot, 'Да')], words);
    await read(vesna, snapshot.task);
    expect(vesna.findings.value('sourceMarks')).toBe(rule);
  });

  test('a mark that is not shown any more takes back what was found', async () => {
    const vesna = account({ sourceMarks: 'dropped' }, { sourceMarks: 'kept always' });
    const [made] = await vesna.connector.write([creating({ title: 'Форма' })], words);
    if (made?.is !== 'done' || made.made.task === undefined) throw new Error('not made');
    await snapshotOf(vesna, made.made.task);
    expect(vesna.findings.value('sourceMarks')).toBe('dropped');
  });

  test.each([
    ['admin', 'allowed'],
    ['nobody', 'refused'],
  ])('authors of comments (%s) are %s', async (rule, found) => {
    const vesna = account({ 'comments.ownerAllowed': rule });
    const snapshot = await snapshotOf(vesna, withTask(vesna));
    await vesna.connector.write([saying(snapshot, 'Да', { author: other })], words);
    await vesna.connector.write([saying(snapshot, 'Да', { author: null, plain: true })], words);
    expect(vesna.findings.value('comments.ownerAllowed')).toBe(found);
  });

  test('a thread that takes no comments at all says nothing of authors', async () => {
    const vesna = account({ 'comments.ownerAllowed': 'nobody' });
    const snapshot = await snapshotOf(vesna, withTask(vesna));
    await vesna.connector.write([saying(snapshot, 'Да', { author: other })], words);
    expect(vesna.findings.value('comments.ownerAllowed')).toBeNull();
  });

  test.each([
    ['code 6', 'allowed'],
    ['owner only', 'refused'],
  ])('edits in another’s name (%s) are %s', async (rule, found) => {
    const vesna = account({ 'comments.editForeignText': rule });
    const snapshot = await snapshotOf(vesna, withTask(vesna));
    const [said] = await vesna.connector.write([saying(snapshot, 'Да', { author: other })], words);
    if (said?.is !== 'done') throw new Error('not said');
    const comments = (said.made.comments ?? []).map(({ comment }) => comment);
    await vesna.connector.write([editing(snapshot, comments, 'Нет', { author: other })], words);
    expect(vesna.findings.value('comments.editForeignText')).toBe(found);
  });

  test.each([
    [false, null],
    ['refuse', 'refuse'],
    ['failures', 'failures'],
  ])('transitions of statuses (%s): %s', async (rule, found) => {
    const vesna = planfixAccount({
      zone: 'Europe/Moscow',
      settings: { 'task.enforceTransitions': rule },
      world: {
        processes: [{ id: 1, name: 'Задача', statuses: [1, 2, 3], transitions: [{ from: 1, to: [2] }] }],
      },
    });
    const snapshot = await snapshotOf(vesna, withTask(vesna));
    const status = vesna.connector.view([]).statusMove(snapshot, as<LocalStatusId>('3'));
    if ('unreachable' in status) throw new Error(status.unreachable);
    await vesna.connector.write([updating(snapshot, { status })], words);
    expect(vesna.findings.value('task.enforceTransitions')).toBe(found);
  });

  test.each([
    [0, null],
    [1, 'queues'],
  ])('updates that are queued (share %d): %s', async (share, found) => {
    const vesna = account({ 'task.queueProbability': share });
    const snapshot = await snapshotOf(vesna, withTask(vesna));
    await vesna.connector.write([updating(snapshot, { set: { title: 'Форма 2' } })], words);
    expect(vesna.findings.value('task.queueProbability')).toBe(found);
  });

  test.each([
    [403, 'ms', 'ms'],
    [429, 's', null],
  ])('refusals by the limit: HTTP %d, timeToReset in %s', async (status, unit, found) => {
    const vesna = account({
      'limits.perSecond': 1,
      'limits.burst': 1,
      'limits.status': status,
      'limits.timeToResetUnit': unit,
    });
    const task = withTask(vesna);
    for (let times = 0; times < 3; times += 1) await snapshotOf(vesna, task);
    expect(vesna.findings.value('limits.status')).toBe(String(status));
    expect(vesna.findings.value('limits.timeToResetUnit')).toBe(found);
  });

  test('a file that is too large, and one that is not', async () => {
    const vesna = account({ 'file.maxBytes': 1_000 });
    const snapshot = await snapshotOf(vesna, withTask(vesna));
    const attach = (name: string) => ({
      kind: 'file.attach' as const,
      task: snapshot.task,
      source: fileSource(name),
    });
    await vesna.connector.write(
      [attach('а.txt')],
      opening(() => 'а'.repeat(400), 800),
    );
    expect(vesna.findings.value('file.maxBytes')).toBeNull();
    await vesna.connector.write(
      [attach('б.txt')],
      opening(() => 'а'.repeat(1_000), 2_000),
    );
    expect(vesna.findings.value('file.maxBytes')).toBe('less than 2000');
  });

  test.each([
    [true, 'yes'],
    [false, 'no'],
  ])('a list of all comments (%s): %s', async (there, found) => {
    const vesna = account({ commentListEndpoint: there });
    await vesna.connector.recentComments?.(vesna.runtime.now());
    expect(vesna.findings.value('commentListEndpoint')).toBe(found);
  });

  test('what every answer shows is not kept again and again', async () => {
    const kept: string[] = [];
    const vesna = planfixAccount({ zone: 'Europe/Moscow', told: (name) => kept.push(name) });
    const snapshot = await snapshotOf(vesna, withTask(vesna));
    for (const title of ['Раз', 'Два', 'Три'])
      await vesna.connector.write([updating(snapshot, { set: { title } })], words);
    expect(kept.filter((name) => name === 'task.updateBody')).toHaveLength(1);
  });
});

describe('Emoji', () => {
  const title = 'Форма 🙂';

  test.each([undefined, 'refused'])(
    'cross where they are refused, found out earlier or not (%s)',
    async (known) => {
      const vesna = account(
        { 'html.rejectAstral': true },
        known === undefined ? {} : { 'html.rejectAstral': known },
      );
      const [made] = await vesna.connector.write([creating({ title, description: '<p>Ура 🎉</p>' })], words);
      if (made?.is !== 'done' || made.made.task === undefined) throw new Error(JSON.stringify(made));
      const snapshot = await snapshotOf(vesna, made.made.task);
      const surface = vesna.connector.view([]).descriptionSurface();
      const shown = surface.parse(snapshot.description).blocks.map(({ block }) => surface.normal(block));
      expect(snapshot.title).toBe('Форма □');
      expect(shown.join()).toContain('🎉');
      const [said] = await vesna.connector.write([saying(snapshot, '<p>👍🏽</p>')], words);
      expect(said).toMatchObject({ is: 'done' });
      expect(vesna.findings.value('html.rejectAstral')).toBe('refused');
      const refusals = vesna.host.log().entries.filter(({ write, status }) => write && status >= 400);
      expect(refusals).toHaveLength(known === undefined ? 1 : 0);
    },
  );

  test('stay as they are where they are taken', async () => {
    const vesna = account();
    const [made] = await vesna.connector.write([creating({ title, description: '<p>🎉</p>' })], words);
    if (made?.is !== 'done' || made.made.task === undefined) throw new Error('not made');
    expect(await snapshotOf(vesna, made.made.task)).toMatchObject({ title, description: '<p>🎉</p>' });
    expect(vesna.findings.value('html.rejectAstral')).toBe('taken');
  });

  test('a request that is refused for another reason is sent once more and its own refusal is told', async () => {
    const vesna = account();
    const snapshot = await snapshotOf(vesna, withTask(vesna));
    const [said] = await vesna.connector.write(
      [saying(snapshot, '🎉', { author: as<LocalPersonId>('user:999') })],
      words,
    );
    expect(said).toMatchObject({ is: 'refused', trouble: { answered: expect.stringContaining('code 41') } });
    expect(vesna.findings.value('html.rejectAstral')).toBeNull();
  });
});

describe('A task whose answer was lost', () => {
  const twin = creating({ title: 'Форма' });

  test.each([
    [{}, 'task'],
    [{ sourceMarks: 'kept always' }, 'nothing'],
  ])(
    'is told from a person’s twin by its mark once marks are known to be kept (%j: %s)',
    async (known, is) => {
      const vesna = account({}, known);
      vesna.act({ as: 2, do: 'create task', name: 'Форма' });
      expect(await vesna.connector.find(twin)).toMatchObject({ is });
    },
  );

  test('is still found by its words where marks were found to be dropped', async () => {
    const vesna = account({ sourceMarks: 'dropped' }, { sourceMarks: 'dropped' });
    await vesna.connector.write([twin], words);
    expect(await vesna.connector.find(twin)).toMatchObject({ is: 'task' });
  });
});
