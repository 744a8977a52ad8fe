import { describe, expect, test } from '@jest/globals';
import { planfix } from './emulator.ts';
import { bench, bodyText, hook, NOW, type Bench, type Row } from './testing.ts';

const MINUTE = 60_000;
const ACCOUNT = {
  account: 'vesna',
  address: { http: 'http://127.0.0.1:5001', https: 'https://127.0.0.1:5002' },
  seed: 7,
};

describe('what the account sends', () => {
  test('requests of one account go out one at a time', () => {
    const { call, sent, answer } = bench({ scenarios: [hook('task.changed')] });
    call('POST', '/task/1001', { description: 'а' });
    call('POST', '/task/1002', { description: 'б' });
    expect(sent).toHaveLength(1);
    answer(200);
    expect(sent.map(({ request }) => bodyText(request))).toEqual(['{"task":"1002","name":"Справочник"}']);
  });

  test('anything but 200 is repeated after 15, 30, 60 and 60 minutes, then given up', () => {
    const { call, sent, answer, advance, now, state } = bench({ scenarios: [hook('task.changed')] });
    call('POST', '/task/1001', { description: 'а' });
    const times: number[] = [];
    for (const minutes of [15, 30, 60, 60]) {
      times.push(now() - NOW);
      answer(204);
      advance(minutes * MINUTE - 1);
      expect(sent).toHaveLength(0);
      advance(1);
      expect(sent).toHaveLength(1);
    }
    answer(500);
    advance(24 * 60 * MINUTE);
    expect(sent).toHaveLength(0);
    expect(state.deliveries).toMatchObject({ sent: 5, failed: 5, givenUp: 1 });
    expect(times).toEqual([0, 15, 45, 105].map((minutes) => minutes * MINUTE));
  });

  test('after a failure every other request waits three minutes', () => {
    const { call, sent, answer, advance } = bench({ scenarios: [hook('task.changed')] });
    call('POST', '/task/1001', { description: 'а' });
    answer(500);
    call('POST', '/task/1002', { description: 'б' });
    advance(3 * MINUTE - 1);
    expect(sent).toHaveLength(0);
    advance(1);
    expect(bodyText(sent[0]?.request)).toContain('1002');
  });

  test('methods outside the rules neither wait nor pause nor repeat', () => {
    const get = hook('task.changed', {
      request: { method: 'GET', url: 'https://bridge.example/?n={{Задача.Название}}' },
    });
    const { call, sent, answer, advance } = bench({ scenarios: [get] });
    call('POST', '/task/1001', { name: 'А и Б' });
    call('POST', '/task/1002', { name: 'В' });
    expect(sent.map(({ request }) => request.url)).toEqual([
      'https://bridge.example/?n=%D0%90%20%D0%B8%20%D0%91',
      'https://bridge.example/?n=%D0%92',
    ]);
    answer(500);
    advance(60 * MINUTE);
    expect(sent).toHaveLength(1);
  });

  test('values are read when the request goes out, so two quick edits may tell the last one twice', () => {
    const { call, sent, answer, advance } = bench({ scenarios: [hook('task.changed', { delay: '1m' })] });
    call('POST', '/task/1001', { name: 'А' });
    call('POST', '/task/1001', { name: 'Б' });
    advance(MINUTE);
    expect(bodyText(sent[0]?.request)).toContain('"Б"');
    answer(200);
    expect(bodyText(sent[0]?.request)).toContain('"Б"');
  });

  test('a repetition keeps the first body, or is rendered anew when the setting says so', () => {
    const repeated = (anew: boolean) => {
      const settings = { 'silent.suppressesScenarios': true, 'webhook.retryRendersAnew': anew };
      const { call, sent, answer, advance } = bench({ scenarios: [hook('task.changed')] }, settings);
      call('POST', '/task/1001', { name: 'А' });
      call('POST', '/task/1001?silent=true', { name: 'Б' });
      answer(500);
      advance(15 * MINUTE);
      return bodyText(sent[0]?.request);
    };
    expect(repeated(false)).toContain('"А"');
    expect(repeated(true)).toContain('"Б"');
  });

  test('quotes in a value break the body unless bodies are escaped', () => {
    const name = 'Обмен "1С"';
    const raw = bench({ scenarios: [hook('task.changed')] });
    raw.call('POST', '/task/1001', { name });
    expect(() => JSON.parse(bodyText(raw.sent[0]?.request)) as unknown).toThrow();
    const escaped = bench({ scenarios: [hook('task.changed')] }, { 'webhook.escapeBodies': true });
    escaped.call('POST', '/task/1001', { name });
    expect(JSON.parse(bodyText(escaped.sent[0]?.request))).toMatchObject({ name });
  });

  test('a condition on the author keeps the robot quiet, people are told of', () => {
    const { call, act, sent } = bench({ scenarios: [hook('task.changed', { authorNot: ['user:1'] })] });
    call('POST', '/task/1001', { name: 'Робот' });
    expect(sent).toHaveLength(0);
    act({ as: 2, do: 'edit task', task: 1001, name: 'Человек' });
    expect(sent).toHaveLength(1);
  });

  test('settings stop scenarios for API writes and for silent ones', () => {
    const quiet = bench({ scenarios: [hook('task.changed')] }, { 'scenarios.onApiWrites': false });
    quiet.call('POST', '/task/1001', { name: 'А' });
    expect(quiet.sent).toHaveLength(0);
    const silent = bench({ scenarios: [hook('task.changed')] }, { 'silent.suppressesScenarios': true });
    silent.call('POST', '/task/1001?silent=true', { name: 'А' });
    expect(silent.sent).toHaveLength(0);
    const usual = bench({ scenarios: [hook('task.changed')] });
    usual.call('POST', '/task/1001?silent=true', { name: 'А' });
    expect(usual.sent).toHaveLength(1);
  });

  test('edits and deletions of comments and deletions of tasks fire nothing', () => {
    const all = ['task.created', 'task.changed', 'comment.created'].map((on, at) =>
      hook(on, { id: 700 + at }),
    );
    const { call, act, sent, answer } = bench({ scenarios: all });
    const made = call('POST', '/task/1001/comments/', { description: 'а' });
    expect(sent).toHaveLength(1);
    answer(200);
    call('POST', `/task/1001/comments/${String(made.body['id'])}`, { description: 'б' });
    call('DELETE', `/comment/${String(made.body['id'])}`);
    act({ as: 2, do: 'delete task', task: 1001 });
    expect(sent).toHaveLength(0);
  });

  test('events can be dropped, doubled, and the receiver be taken to have failed', () => {
    const { call, sent, state, advance } = bench({ scenarios: [hook('task.changed')] });
    planfix.sendFault(state, { times: 1, drop: true });
    planfix.sendFault(state, { times: 1, double: true, receiverStatus: 500 });
    call('POST', '/task/1001', { name: 'потеряно' });
    expect(sent).toHaveLength(0);
    call('POST', '/task/1001', { name: 'дважды' });
    expect(sent).toHaveLength(2);
    for (const { delivery } of sent)
      planfix.answered(state, delivery, { kind: 'answer', status: 200, body: '' }, NOW);
    expect(state.deliveries.failed).toBe(1);
    advance(15 * MINUTE);
    expect(sent).toHaveLength(3);
  });

  test('a request that nobody ever answers is a failure in time and holds the thread no longer', () => {
    const { call, sent, advance, state } = bench({ scenarios: [hook('task.changed')] });
    call('POST', '/task/1001', { description: 'а' });
    sent.length = 0;
    advance(16 * MINUTE);
    expect(state.deliveries.failed).toBe(1);
    expect(bodyText(sent[0]?.request)).toContain('1001');
  });

  test('a restarted countdown sends once for many changes', () => {
    const { call, sent, advance } = bench({
      scenarios: [hook('task.changed', { delay: '1m', restartCountdown: true })],
    });
    for (const name of ['А', 'Б', 'В']) {
      call('POST', '/task/1001', { name });
      advance(30_000);
    }
    expect(sent).toHaveLength(0);
    advance(30_000);
    expect(sent).toHaveLength(1);
  });

  test('each execution is one automatic operation of its month, conditions that do not hold cost none', () => {
    const all = [hook('task.changed', { authorNot: ['user:1'] }), hook('comment.created', { id: 702 })];
    const { call, act, answer, state, advance } = bench({ scenarios: all });
    call('POST', '/task/1001', { name: 'Робот' });
    expect(state.deliveries.operations.count).toBe(0);
    act({ as: 2, do: 'edit task', task: 1001, name: 'Человек' });
    answer(500);
    advance(15 * MINUTE);
    answer(200);
    act({ as: 2, do: 'add comment', task: 1001, text: 'Готово' });
    expect(state.deliveries.operations).toEqual({ month: '2026-11', count: 2 });
    answer(200);
    advance(10 * 24 * 60 * MINUTE);
    act({ as: 2, do: 'edit task', task: 1001, name: 'Декабрь' });
    expect(state.deliveries.operations).toEqual({ month: '2026-12', count: 1 });
    expect(planfix.create({ ...ACCOUNT, world: planfix.dump(state) }).deliveries.operations.count).toBe(1);
  });

  test('repetitions count where the setting says so, and a used up month sends nothing more', () => {
    const settings = { 'scenarios.repeatsCount': true, 'scenarios.perMonth': 2 };
    const { act, answer, state, advance, sent } = bench({ scenarios: [hook('task.changed')] }, settings);
    act({ as: 2, do: 'edit task', task: 1001, name: 'А' });
    answer(500);
    advance(15 * MINUTE);
    expect(state.deliveries.operations.count).toBe(2);
    answer(200);
    act({ as: 2, do: 'edit task', task: 1001, name: 'Б' });
    expect(sent).toHaveLength(0);
    expect(state.deliveries.operations.count).toBe(2);
  });

  test('the author of a comment in the name of another is the token user or its owner, as the setting says', () => {
    const told = (commentAuthor: string): number => {
      const { call, sent } = bench(
        { scenarios: [hook('comment.created', { authorNot: ['user:1'] })] },
        { 'scenarios.commentAuthor': commentAuthor },
      );
      call('POST', '/task/1001/comments/', { description: 'а', owner: { id: 'contact:12' } });
      return sent.length;
    };
    expect([told('token user'), told('owner')]).toEqual([0, 1]);
  });

  test('a button is a scenario that runs when somebody presses it', () => {
    const button = hook('button', { id: 9, name: 'Сверить', authorNot: ['user:1'] });
    const { act, sent } = bench({ scenarios: [button] });
    expect(act({ as: 3, do: 'press button', task: 1001, button: 'Сверить' }).ok).toBe(true);
    expect(bodyText(sent[0]?.request)).toContain('1001');
    expect(act({ as: 3, do: 'press button', task: 1001, button: 'Нет такой' })).toMatchObject({ ok: false });
  });
});

describe('events and conditions (reference 13)', () => {
  const tasksOf = ({ sent }: Bench): number => sent.length;

  test('a task that meets the conditions only now is told of once, one that still meets them each time', () => {
    const met = bench({ scenarios: [hook('task.met', { status: [6] })] });
    const still = bench({ scenarios: [hook('task.changed', { status: [6] })] });
    for (const account of [met, still]) {
      const { call } = account;
      call('POST', '/task/1001', { name: 'А' });
      expect(tasksOf(account)).toBe(0);
      call('POST', '/task/1001', { status: { id: 6 } });
      expect(tasksOf(account)).toBe(1);
      account.answer(200);
      call('POST', '/task/1001', { name: 'Б' });
    }
    expect([tasksOf(met), tasksOf(still)]).toEqual([0, 1]);
  });

  test('a changed field is told of by its key, a custom one by its number', () => {
    const told = (fields: readonly string[], body: Row) => {
      const account = bench({ scenarios: [hook('field.changed', { fields })] });
      account.call('POST', '/task/1001', body);
      return tasksOf(account);
    };
    const contract = { customFieldData: [{ field: { id: 200 }, value: 'Д-7' }] };
    expect(told(['endDateTime'], { endDateTime: { date: '01-12-2026' } })).toBe(1);
    expect(told(['endDateTime'], { name: 'А' })).toBe(0);
    expect(told(['200'], contract)).toBe(1);
    expect(told(['203'], contract)).toBe(0);
  });

  test('scenarios of one event go out in the order of their list, whatever kind of event they name', () => {
    const request = (word: string) => ({ method: 'POST', url: 'https://bridge.example/', body: word });
    const account = bench({
      scenarios: [
        hook('field.changed', { id: 1, request: request('поле') }),
        hook('task.changed', { id: 2, request: request('задача') }),
      ],
    });
    account.call('POST', '/task/1001', { name: 'А' });
    const first = bodyText(account.sent[0]?.request);
    account.answer(200);
    expect([first, bodyText(account.sent[0]?.request)]).toEqual(['поле', 'задача']);
  });

  test('whose the last comment is can be a condition', () => {
    const told = (kind: string, owner: string) => {
      const account = bench({ scenarios: [hook('comment.created', { lastCommentFrom: [kind] })] });
      account.call('POST', '/task/1001/comments/', { description: 'а', owner: { id: owner } });
      return tasksOf(account);
    };
    const kinds = ['employee', 'contact', 'robot'];
    expect(kinds.map((kind) => told(kind, 'user:2'))).toEqual([1, 0, 0]);
    expect(kinds.map((kind) => told(kind, 'contact:12'))).toEqual([0, 1, 0]);
    expect(kinds.map((kind) => told(kind, 'user:1'))).toEqual([0, 0, 1]);
  });
});
