/** What `account check` finds out of a Bitrix24 portal, under each setting of each unknown of the reference (§23). */
import { describe, expect, test } from '@jest/globals';
import { unknowns } from '../../connectors/bitrix24/unknowns.ts';
import { settings } from '../../emulators/bitrix24/settings.ts';
import { type Json } from '../../emulators/common/types.ts';
import { type LocalCommentId } from '../../errors/ids.ts';
import { type BitrixHarness, bitrixHarness, type HarnessOptions, webhooks } from './bitrix24Harness.ts';
import {
  done,
  editing,
  failureOf,
  fileSource,
  madeBy,
  minute,
  opening,
  person,
  saying,
  snapshotOf,
  statusId,
  updating,
  written,
} from './portCalls.ts';
import { byPeople, commentsOf, creation } from './promises/bench.ts';

type Lines = ReadonlyMap<string, { readonly state: string; readonly found: string; readonly todo?: string }>;

const checked = async (bench: BitrixHarness, scratch = false): Promise<Lines> =>
  new Map((await bench.connector.check({ scratch })).map((line) => [line.about, line]));

/** A portal with a task, in whose chat a person spoke and the acting user has a seat. */
async function portal(
  chosen: Readonly<Record<string, Json>>,
  more: HarnessOptions = {},
): Promise<BitrixHarness> {
  const bench = bitrixHarness({ settings: chosen, ...more });
  const { task } = (await bench.call(webhooks.author, 'tasks.task.add', {
    fields: { TITLE: 'Макет', RESPONSIBLE_ID: 7, TAGS: ['срочно'] },
  })) as { task: { id: string; chatId: number } };
  if (more.card !== 'old')
    await bench.call(webhooks.author, 'im.message.add', {
      DIALOG_ID: `chat${String(task.chatId)}`,
      MESSAGE: 'Начали',
    });
  return bench;
}

const calls = ({ host }: BitrixHarness, name: string): number =>
  host
    .log()
    .entries.flatMap(({ operation, inner = [] }) => [operation, ...inner])
    .filter((operation) => operation.toLowerCase() === name.toLowerCase()).length;
const uploads = (bench: BitrixHarness): number => calls(bench, 'im.v2.File.upload');

const sources = {
  start: [2, 4, 6],
  pause: [3],
  defer: [2, 3],
  complete: [2, 3, 4, 6],
  renew: [4, 5, 6, 7],
};

/** Told by readings: a client's account is not written to. */
const byReading: readonly (readonly [name: string, setting: string, value: Json, found: string])[] = [
  ['list.startMinusOneTotal', 'list.startMinusOneTotal', 'absent', 'absent'],
  ['list.startMinusOneTotal', 'list.startMinusOneTotal', 0, '0'],
  ['list.activityFilter', 'list.activityFilter', 'ignored', 'ignored'],
  ['list.activityFilter', 'list.activityFilter', 'honoured', 'honoured'],
  ['portal.zone', 'portal.zone', '+03:00', '+03:00'],
  ['portal.zone', 'portal.zone', '+00:00', '+00:00'],
  ['tags.form', 'tags.form', 'map', 'map'],
  ['tags.form', 'tags.form', 'list', 'list'],
  ['legacy.positional', 'legacy.positional', 'strict', 'strict'],
  ['legacy.positional', 'legacy.positional', 'named', 'named'],
  ['batch.overLength', 'batch.overLength', 'per-command', 'per-command'],
  ['batch.overLength', 'batch.overLength', 'http-400', 'http-400'],
  ['limits.operatingChargedTo', 'limits.operatingChargedTo', 'inner', 'inner'],
  ['limits.operatingChargedTo', 'limits.operatingChargedTo', 'batch', 'batch'],
  ['time.operating', 'time.operating', true, 'yes'],
  ['time.operating', 'time.operating', false, 'no'],
  ['chat.readableBy', 'chat.readableBy', 'members', 'members'],
  ['chat.readableBy', 'chat.readableBy', 'members-and-admins', 'members-and-admins'],
  ['card', 'taskCard.mode', 'new', 'chat'],
  ['compare-and-set', 'batch.unresolved', 'literal', 'guarded'],
];

/** Told by something of the acting user's own. */
const byScratch: typeof byReading = [
  ['taskCard.commentGet', 'taskCard.commentGet', 'empty', 'empty'],
  ['taskCard.commentGet', 'taskCard.commentGet', 'error-512', 'error-512'],
  ['taskCard.commentGet', 'taskCard.commentGet', 'content', 'content'],
  ['taskCard.commentUpdate', 'taskCard.commentUpdate', 'error-4', 'error-4'],
  ['taskCard.commentUpdate', 'taskCard.commentUpdate', 'error-512', 'error-512'],
  ['taskCard.commentUpdate', 'taskCard.commentUpdate', 'works', 'works'],
  [
    'taskCard.commentAdd',
    'taskCard.commentAdd',
    { returns: 'message', author: true, date: false },
    'message, its time not kept',
  ],
  [
    'taskCard.commentAdd',
    'taskCard.commentAdd',
    { returns: 'comment', author: false, date: true },
    'comment, its time kept',
  ],
  ['template-id', 'im.templateId', 'dedupes', 'unique'],
  ['template-id', 'im.templateId', 'stored', 'plain'],
  ['chat.touchesChangedDate', 'chat.touchesChangedDate', false, 'no'],
  ['chat.touchesChangedDate', 'chat.touchesChangedDate', true, 'yes'],
  ['chat.deletedMessages', 'chat.deletedMessages', 'marked', 'marked'],
  ['chat.deletedMessages', 'chat.deletedMessages', 'gone', 'gone'],
  ['limits.titleMax', 'limits.titleMax', 255, '255'],
  ['limits.titleMax', 'limits.titleMax', 40, '40'],
  ['limits.descriptionMax', 'limits.descriptionMax', 65_535, '65535'],
  ['limits.descriptionMax', 'limits.descriptionMax', 1000, '1000'],
  ['limits.chatMessageMax', 'limits.chatMessageMax', 20_000, '20000'],
  ['limits.chatMessageMax', 'limits.chatMessageMax', 200, '200'],
  ['status.updateObeysGraph', 'status.updateObeysGraph', false, 'no'],
  ['status.updateObeysGraph', 'status.updateObeysGraph', true, 'yes'],
  ['status.creatorCompletesStraight', 'status.creatorCompletesStraight', true, 'yes'],
  ['status.creatorCompletesStraight', 'status.creatorCompletesStraight', false, 'no'],
  [
    'status.transitionSources',
    'status.transitionSources',
    {},
    'start 2 6; pause 3; defer 2 3; complete 2 3 6; renew 4 5 6 7',
  ],
  [
    'status.transitionSources',
    'status.transitionSources',
    sources,
    'start 2 4 6; pause 3; defer 2 3; complete 2 3 4 6; renew 4 5 6 7',
  ],
];

describe('By readings alone a check finds', () => {
  test.each(byReading)('%s under %s = %j: %s', async (name, setting, value, found) => {
    const bench = await portal({ [setting]: value });
    const lines = await checked(bench);
    expect(bench.findings.value(name)).toBe(found);
    expect(lines.get(`fact: ${name}`)?.found).toMatch(
      new RegExp(`^${found.replace('+', '\\+')}: .*\\(2026-11-24\\)`),
    );
  });
});

describe('By a task of its own a check finds', () => {
  test.each(byScratch)('%s under %s = %j: %s', async (name, setting, value, found) => {
    const bench = await portal({ [setting]: value });
    const lines = await checked(bench, true);
    expect(bench.findings.value(name)).toBe(found);
    expect([...lines].filter(([, { state }]) => state === 'failed')).toEqual([]);
    expect(lines.get('right: delete own messages')?.found).toBe('done');
  });
});

describe('By the way of its work the connector notices', () => {
  test.each(['INVALID_CREDENTIALS', 'NO_AUTH_FOUND'])(
    'what a wrong secret is answered with: %s',
    async (code) => {
      const bench = bitrixHarness({ settings: { 'auth.wrongSecret': code }, url: `${webhooks.author}x` });
      await failureOf(bench.connector.people());
      expect(bench.findings.value('auth.wrongSecret')).toBe(code);
    },
  );

  test.each([403, 400])('with which status REST 3.0 denies: %d', async (status) => {
    const bench = bitrixHarness({ known: { creations: 'v3' } });
    const error = { code: 'BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION', message: 'Доступ запрещен' };
    bench.fault({ on: 'tasks.task.add', answer: { status, body: { error } } });
    await done(bench, creation(bench));
    expect(bench.findings.value('v3.accessDeniedStatus')).toBe(String(status));
  });

  test.each(['params', 'text', 'none'])('how a message points to its files: %s', async (link) => {
    const bench = bitrixHarness({ settings: { 'chat.fileLink': link } });
    const snapshot = await snapshotOf(bench, await bench.acts.createTask('Задача'));
    await done(
      bench,
      saying(snapshot, 'Смета', { files: [fileSource('смета.txt')] }),
      opening(() => 'смета'),
    );
    await commentsOf(bench, snapshot);
    expect(bench.findings.value('chat.fileLink')).toBe(link);
  });

  test.each([
    [[], 'none'],
    [['DEADLINE'], 'DEADLINE'],
  ])('what a responsible may write: %j', async (fields, found) => {
    const bench = bitrixHarness({
      url: webhooks.assignee,
      settings: { 'rights.responsibleFields': fields },
    });
    const base = await snapshotOf(bench, await bench.acts.createTask('Задача'));
    const deadline = { at: Date.parse('2026-12-01T12:00Z'), timed: true };
    await written(bench, updating(base, { set: { title: 'Иначе', deadline } }));
    expect(bench.findings.value('rights.responsibleFields')).toBe(found);
  });

  test('that a file was too large for a chat: one as large is not sent again, a smaller one is', async () => {
    const bench = bitrixHarness({ settings: { 'limits.chatFileMax': 1000 } });
    const snapshot = await snapshotOf(bench, await bench.acts.createTask('Задача'));
    const upload = async (size: number): Promise<number> => {
      const before = uploads(bench);
      const files = [fileSource(`${String(size)}.bin`, { size })];
      await done(
        bench,
        saying(snapshot, 'Файл', { files }),
        opening(() => 'x'.repeat(size), size),
      );
      return uploads(bench) - before;
    };
    expect(await upload(3000)).toBe(1);
    expect(bench.findings.value('limits.chatFileMax')).toBe('3000');
    expect(await upload(3000)).toBe(0);
    expect(await upload(2000)).toBe(1);
    expect(bench.findings.value('limits.chatFileMax')).toBe('2000');
    expect(await upload(500)).toBe(1);
    expect(bench.findings.value('limits.chatFileMax')).toBe('2000');
  });

  test('that the time to edit a message is over: for a day no edit of it or of an older one is tried', async () => {
    const bench = bitrixHarness({ settings: { 'chat.editWindowSeconds': 60 } });
    const snapshot = await snapshotOf(bench, await bench.acts.createTask('Задача'));
    const said = [];
    for (const text of ['Раз', 'Два', 'Три']) said.push(madeBy(await done(bench, saying(snapshot, text))));
    const [older = [], refused = [], younger = []] = said;
    bench.advance(5 * minute);
    const edits = async (comments: readonly LocalCommentId[]): Promise<number> => {
      const before = calls(bench, 'im.message.update');
      await done(bench, editing(snapshot, comments, 'Иначе'));
      return calls(bench, 'im.message.update') - before;
    };
    expect(await edits(refused)).toBe(1);
    expect(bench.findings.value('chat.editWindowSeconds')).toMatch(/^message \d+ is closed after 300 s$/u);
    expect(await edits(older)).toBe(0);
    expect(await edits(younger)).toBe(1);
    const last = madeBy(await done(bench, saying(snapshot, 'Четыре')));
    expect(await edits(last)).toBe(1);
  });

  test('nothing of the edit window where another refusal came', async () => {
    const bench = bitrixHarness();
    const snapshot = await snapshotOf(bench, await bench.acts.createTask('Задача'));
    const first = madeBy(await done(bench, saying(snapshot, 'Раз')));
    bench.fault({ on: 'im.message.update', answer: { status: 400, body: { error: 'ATTACH_ERROR' } } });
    await done(bench, editing(snapshot, first, 'Два'));
    expect(bench.findings.value('chat.editWindowSeconds')).toBeNull();
  });

  test.each([
    ['task', ['tasks'], 'tasks is not enough'],
    ['task', ['task'], 'task is enough'],
    ['tasks', ['tasks'], 'tasks is enough'],
    ['tasks', ['task'], 'task is not enough'],
  ])('which scope REST 3.0 asks for, which is %s where %j was granted: %s', async (asked, granted, found) => {
    const bench = await portal(
      { 'v3.scopeName': asked },
      {
        edit: (world) => {
          for (const hook of world['incoming_webhooks'] as unknown as { scope: string[] }[])
            hook.scope = [...hook.scope.filter((name) => !/^tasks?$/.test(name)), ...granted];
        },
      },
    );
    await checked(bench);
    expect(bench.findings.value('v3.scopeName')).toBe(found);
  });
});

describe('What was found of a portal is used:', () => {
  const sweeps = async (bench: BitrixHarness): Promise<readonly string[]> => {
    const { next } = await bench.connector.changedSince(null);
    bench.advance(10 * minute);
    const task = await bench.acts.createTask('Новая');
    bench.advance(2 * minute);
    const swept = await bench.connector.changedSince(next);
    expect(swept.tasks.map((one) => one.task)).toContain(task);
    bench.advance(10 * minute);
    const before = bench.host.log().entries.length;
    const idle = await bench.connector.changedSince(swept.next);
    expect(idle.tasks).toEqual([]);
    return bench.host
      .log()
      .entries.slice(before)
      .map(({ operation }) => operation);
  };

  test.each(['ignored', 'honoured'])(
    'the sweep finds what is new in a portal that %s the filter by activity, and takes the finding back where it no more holds',
    async (mode) => {
      const bench = bitrixHarness({
        settings: { 'list.activityFilter': mode },
        known: { 'list.activityFilter': 'honoured' },
      });
      expect(await sweeps(bench)).toEqual(['batch']);
      expect(bench.findings.value('list.activityFilter')).toBe(mode);
    },
  );

  test('a long text goes as messages that the portal holds, and is found in them again', async () => {
    const bench = bitrixHarness({
      settings: { 'limits.chatMessageMax': 200 },
      known: { 'limits.chatMessageMax': '200' },
    });
    const snapshot = await snapshotOf(bench, await bench.acts.createTask('Задача'));
    const text = Array.from({ length: 30 }, (_, line) => `Строка ${String(line)} письма`).join('\n\n');
    const outcome = await done(bench, saying(snapshot, text));
    const { list } = await commentsOf(bench, snapshot);
    const shown = byPeople(list).map((comment) => comment.text);
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.join('').replace(/\s/gu, '')).toBe(text.replace(/\s/gu, ''));
    expect(bench.connector.view([]).commentParts('chat', text)).toHaveLength(madeBy(outcome).length);
  });

  test('the core cuts descriptions where the portal would', () => {
    const within = bitrixHarness({ known: { 'limits.descriptionMax': '1000' } }).connector.view([]);
    expect(within.descriptionSurface().maxLength).toBe(1000);
    expect(within.surface('bitrix24.description').maxLength).toBe(1000);
    const beyond = bitrixHarness({ known: { 'limits.descriptionMax': 'more than 69999' } }).connector.view(
      [],
    );
    expect(beyond.descriptionSurface().maxLength).toBe(65_535);
  });

  const moved = async (
    bench: BitrixHarness,
    facts: {
      readonly status: string;
      readonly control: boolean;
      readonly creator: string;
      readonly to: string;
    },
  ) => {
    const { status, control, creator, to } = facts;
    const snapshot = await snapshotOf(bench, await bench.acts.createTask('Задача'));
    const here = { ...snapshot, status: statusId(status), control, creator: person(creator), actions: null };
    const move = bench.connector.view([]).statusMove(here, statusId(to));
    return 'steps' in move ? move.steps.map(({ via }) => via.replace('tasks.task.', '')) : move.unreachable;
  };

  test.each([
    ['yes', ['complete']],
    ['no', ['complete', 'approve']],
  ])('its creator completes a task under control straight: %s', async (straight, steps) => {
    const bench = bitrixHarness({ known: { 'status.creatorCompletesStraight': straight } });
    expect(await moved(bench, { status: '3', control: true, creator: '1', to: '5' })).toEqual(steps);
  });

  test('a way goes from where a transition was found to work', async () => {
    const bench = bitrixHarness({
      known: {
        'status.transitionSources': 'start 2 4 6; pause 3; defer 2 3; complete 2 3 4 6; renew 4 5 6 7',
      },
    });
    const facts = { status: '4', control: false, creator: '5', to: '3' };
    expect(await moved(bench, facts)).toEqual(['start']);
    expect(await moved(bitrixHarness(), facts)).toEqual(['renew', 'start']);
  });

  test('a status that the portal takes from no field is not tried', async () => {
    const facts = { status: '5', control: true, creator: '1', to: '4' };
    expect(await moved(bitrixHarness(), facts)).toEqual(['set']);
    const bound = bitrixHarness({ known: { 'status.updateObeysGraph': 'yes' } });
    expect(await moved(bound, facts)).toMatch(/^no transition leads from 5 to 4/u);
  });
});

describe('The list of unknowns', () => {
  test('has a row for each setting of the reference, and a check a line for each row', async () => {
    const older: Readonly<Record<string, string>> = {
      'taskCard.mode': 'card',
      'batch.unresolved': 'compare-and-set',
      'im.templateId': 'template-id',
    };
    const names = new Set<string>(unknowns.map(({ name }) => name));
    const ofReference = settings
      .filter(({ about }) => !about.endsWith('(emulator).') || about.includes('im.v2'))
      .map(({ name }) => older[name] ?? name);
    expect(ofReference.filter((name) => !names.has(name))).toEqual([]);
    const lines = await checked(await portal({}));
    expect(unknowns.filter(({ name }) => !lines.has(`fact: ${name}`))).toEqual([]);
  });

  test('says of each that is not known what would tell it', async () => {
    const lines = await checked(await portal({}));
    expect(lines.get('fact: limits.titleMax')?.found).toMatch(
      /^not known; --scratch would tell, by a long title/u,
    );
    expect(lines.get('fact: events.doublePercent')?.found).toMatch(
      /^shows itself only when an event comes twice/u,
    );
    expect(lines.get('fact: plan')?.found).toMatch(/^not known; is told to an application/u);
    for (const { name, told } of unknowns)
      if (told === 'use') expect(lines.get(`fact: ${name}`)?.state).toBe('unknown');
  });
});
