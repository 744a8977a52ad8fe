/** Cases of Planfix about the account: credentials, limits, the envelope, its people and statuses. */
import { expect } from '@jest/globals';
import { benchOf, type Judge, type Judges, listBody, refused, start, task, update } from '../planfixBench.ts';
import { readingOf, written, failureOf } from '../portCalls.ts';

/** Lists that a case of people does not speak of. */
const everybodyElse = {
  'POST /contact/list': listBody([], 'contacts'),
  'GET /user/groups': listBody([], 'groups'),
};

const badCredential: Judge = async (one) => {
  const bench = benchOf(one);
  expect(await bench.connector.check()).toMatchObject([{ about: 'credential', state: 'failed' }]);
  const reader = benchOf({ ...one, request: { ...one.request, path: '/task/1001' } });
  expect((await failureOf(readingOf(reader, task))).trouble.code).toBe('E-REMOTE-AUTH');
  expect(reader.sent).toHaveLength(1);
};

export const accountJudges: Judges = {
  'planfix.auth.bad-token': badCredential,
  'planfix.auth.inactive-token': badCredential,
  'planfix.envelope.fail-with-200': async (one) => {
    expect(await written(benchOf(one), update({ title: 'x' }))).toMatchObject(refused('E-REMOTE-REFUSED'));
  },
  'planfix.envelope.html-502': async (one) => {
    const error = await failureOf(benchOf(one).connector.changedSince({ since: start }));
    expect(error.trouble).toMatchObject({ code: 'E-REMOTE-DOWN', answered: expect.stringContaining('502') });
    const lost = { ...one, request: { ...one.request, path: '/task/1001' } };
    expect(await written(benchOf(lost), update({ title: 'x' }))).toMatchObject({
      is: 'unknown',
      notBefore: start + 60_000,
    });
  },
  'planfix.limit.refused': async (one) => {
    const bench = benchOf(one);
    const error = await failureOf(bench.connector.changedSince({ since: start }));
    expect(error).toMatchObject({ trouble: { code: 'E-REMOTE-LIMIT' }, retryAt: start + 42_000 });
    expect(bench.own()).toHaveLength(1);
    const write = { ...one, request: { ...one.request, path: '/task/1001' } };
    expect(await written(benchOf(write), update({ title: 'x' }))).toMatchObject({
      ...refused('E-REMOTE-LIMIT'),
      retryAt: start + 42_000,
    });
  },
  'planfix.limit.one-per-second': async (one) => {
    const bench = benchOf(one);
    const error = await failureOf(readingOf(bench, task));
    expect(error.trouble.code).toBe('E-REMOTE-LIMIT');
    // Repeated while the wait is short, then told: never lost, never without a pause.
    expect(bench.own().length).toBeGreaterThan(1);
    expect(bench.now()).toBeGreaterThan(start);
  },
  'planfix.limit.remaining-header': async (one) => {
    const lines = await benchOf(one).connector.check();
    expect(lines.find((line) => line.about === 'requests left today')?.found).toContain('19412');
  },
  'planfix.ping.ok': async (one) => {
    const bench = benchOf(one);
    expect((await bench.connector.check())[0]).toMatchObject({ about: 'credential', state: 'ok' });
    expect(bench.own()[0]?.headers['authorization']).toBe('Bearer robot-token-0001');
    expect(bench.sent.every((each) => each.query['access_token'] === undefined)).toBe(true);
  },
  'planfix.account.frozen': async (one) => {
    const bench = benchOf(one);
    const error = await failureOf(readingOf(bench, task));
    expect(error.trouble.code).toBe('E-REMOTE-PLAN');
    expect(bench.sent).toHaveLength(1);
  },
  'planfix.own-domain.redirect': async (one) => {
    const bench = benchOf(one);
    const error = await failureOf(bench.connector.changedSince({ since: start }));
    expect(error.trouble.todo).toContain('https://crm.vesna.example');
    expect(bench.sent).toHaveLength(1);
  },
  'planfix.user.list': async (one) => {
    const people = await benchOf(one, everybodyElse).connector.people();
    expect(people.find((each) => each.id === 'user:1')).toMatchObject({
      kind: 'robot',
      email: null,
      active: true,
    });
    expect(people.find((each) => each.id === 'user:3')).toMatchObject({
      name: 'Ольга Ветрова',
      kind: 'employee',
    });
    expect(people.find((each) => each.id === 'user:5')).toMatchObject({ active: false });
  },
  'planfix.user.list.prefixed': async (one) => {
    const bench = benchOf(one, everybodyElse);
    expect((await bench.connector.people()).map((each) => each.id)).toContain('user:4');
    expect(bench.own()[0]?.json['prefixedId']).toBe(true);
  },
  'planfix.user.groups': async (one) => {
    const people = await benchOf(one, {
      ...everybodyElse,
      'POST /user/list': listBody([], 'users'),
    }).connector.people();
    expect(people.filter((each) => each.kind === 'group').map((each) => each.id)).toEqual([
      'group:1',
      'group:2',
    ]);
  },
  'planfix.contact.list.people': async (one) => {
    const bench = benchOf(one, { ...everybodyElse, 'POST /user/list': listBody([], 'users') });
    const people = await bench.connector.people();
    expect(people.find((each) => each.id === 'contact:12')).toMatchObject({
      kind: 'contact',
      email: 'maria@romashka.example',
    });
    expect(bench.own().map((each) => each.json['isCompany'])).toEqual([false, true]);
  },
  'planfix.user.get.robot': async (one) => {
    const lines = await benchOf(one).connector.check();
    expect(lines.find((line) => line.about === 'acting user')).toMatchObject({ state: 'ok' });
    expect(lines.find((line) => line.about.includes('as others'))).toMatchObject({ state: 'ok' });
  },
  'planfix.user.get.missing': async (one) => {
    const asRobot = { ...one, request: { ...one.request, path: '/user/1' } };
    const lines = await benchOf(asRobot).connector.check();
    expect(lines.find((line) => line.about === 'acting user')).toMatchObject({ state: 'failed' });
  },
  'planfix.object.statuses': async (one) => {
    const bench = benchOf(one, {
      'POST /object/list': listBody([{ id: 31, name: 'Внедрение' }], 'objects'),
      'GET /process/task': listBody([], 'processes'),
    });
    const statuses = await bench.connector.statuses();
    expect(statuses.find((each) => each.id === '101')).toMatchObject({
      name: 'На проверке у клиента',
      objects: ['31'],
      final: false,
    });
    expect(statuses.find((each) => each.id === '3')).toMatchObject({ final: true });
  },
  'planfix.process.statuses.system': async (one) => {
    const bench = benchOf(one, {
      'POST /object/list': listBody([], 'objects'),
      'GET /process/task': listBody([{ id: 1, name: 'Задача' }], 'processes'),
    });
    expect((await bench.connector.statuses()).find((each) => each.id === '0')).toMatchObject({
      name: 'Черновик',
      objects: null,
    });
  },
};
