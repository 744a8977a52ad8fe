/**
 * The wire forms of clients that others wrote for the real Bitrix24: each test sends what such a client puts on the
 * wire (names of clients are those of their public repositories), and expects what its code reads.
 */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { bitrix24 } from './emulator.ts';
import { writeForm } from './forms.ts';
import { at, testPortal, type TestPortal } from './testing.ts';

const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };

const hookOf = (portal: TestPortal, user = 3): string =>
  bitrix24.credentials(portal.state).find((one) => one.actor === String(user))?.secret ?? '';

interface Application {
  readonly portal: TestPortal;
  readonly client: { readonly client_id: string; readonly client_secret: string };
  readonly access: string;
  readonly refresh: string;
}

const tokens = (portal: TestPortal, form: string): { readonly access: string; readonly refresh: string } => {
  const { body } = portal.request('POST', '/oauth/token/', urlencoded, form);
  return { access: String(body['access_token']), refresh: String(body['refresh_token']) };
};

/** A portal whose application has gone the way of the browser. */
const application = (): Application => {
  const portal = testPortal();
  const known = portal.state.application;
  if (known === null) throw new Error('the default portal has an application');
  const client = { client_id: known.clientId, client_secret: known.clientSecret };
  const sent = portal.request('GET', `/oauth/authorize/?client_id=${known.clientId}&state=s`);
  const code = new URL(sent.headers['Location'] ?? '').searchParams.get('code') ?? '';
  return {
    portal,
    client,
    ...tokens(portal, writeForm({ grant_type: 'authorization_code', ...client, code })),
  };
};

const made = (portal: TestPortal, title: string): string =>
  String(
    at(
      portal.call(3, 'tasks.task.add', { fields: { TITLE: title, RESPONSIBLE_ID: 5 } }).body,
      'result',
      'task',
      'id',
    ),
  );

describe('CRest, the vendor’s single PHP file: forms of http_build_query to METHOD.json', () => {
  test('a call, a call without parameters by GET, and a batch whose commands refer to each other', () => {
    const portal = testPortal();
    const hook = hookOf(portal);
    const fields = { TITLE: 'Смета & план', RESPONSIBLE_ID: 5, ACCOMPLICES: [7, 9], TASK_CONTROL: true };
    const added = portal.request('POST', `${hook}tasks.task.add.json`, urlencoded, writeForm({ fields }));
    expect(at(added.body, 'result', 'task')).toMatchObject({
      title: 'Смета & план',
      accomplices: ['7', '9'],
    });
    expect(at(portal.request('GET', `${hook}profile.json`).body, 'result', 'ID')).toBe('3');
    const cmd = {
      new: `tasks.task.add?${writeForm({ fields: { TITLE: 'Первая', RESPONSIBLE_ID: 5 } })}`,
      read: `tasks.task.get?${writeForm({ taskId: '$result[new][task][id]', select: ['ID', 'TITLE'] })}`,
      me: 'user.current',
    };
    const batch = portal.request('POST', `${hook}batch.json`, urlencoded, writeForm({ cmd, halt: 0 }));
    expect(at(batch.body, 'result', 'result', 'read', 'task', 'title')).toBe('Первая');
    expect(at(batch.body, 'result', 'result', 'me', 'ID')).toBe('3');
    expect(at(batch.body, 'result', 'result_error')).toEqual([]);
  });

  test('an application: auth among the form’s fields, expired_token, refresh by a form, the call again', () => {
    const { portal, client, access, refresh } = application();
    const call = (auth: string) =>
      portal.request('POST', '/rest/user.current.json', urlencoded, writeForm({ auth }));
    expect(at(call(access).body, 'result', 'ID')).toBe('1');
    portal.pass(3_600_001);
    expect(call(access)).toMatchObject({ status: 401, body: { error: 'expired_token' } });
    const form = { client_id: client.client_id, grant_type: 'refresh_token' };
    const again = tokens(
      portal,
      writeForm({ ...form, client_secret: client.client_secret, refresh_token: refresh }),
    );
    expect(at(call(again.access).body, 'result', 'ID')).toBe('1');
  });

  test('TYPE_TRANSPORT xml: the answer and the error are XML', () => {
    const portal = testPortal();
    const hook = hookOf(portal);
    const good = portal.request('POST', `${hook}user.get.xml`, urlencoded, 'ID=3');
    expect(good.headers['Content-Type']).toBe('text/xml; charset=utf-8');
    const text = Buffer.from(good.bytes).toString('utf8');
    expect(text).toContain('<response><result><item><ID>3</ID>');
    expect(text).toContain('<total>1</total>');
    const bad = portal.request('GET', `${hook}no.such.method.xml`);
    expect(bad.status).toBe(404);
    expect(Buffer.from(bad.bytes).toString('utf8')).toBe(
      '<?xml version="1.0" ?>\n<response><error>ERROR_METHOD_NOT_FOUND</error>' +
        '<error_description>Method not found!</error_description></response>',
    );
  });
});

describe('fast_bitrix24 (Python): JSON to a lower-cased method, pages by one batch', () => {
  test('the first page by total, the rest as commands with offsets and a trailing ampersand', () => {
    const portal = testPortal();
    for (let index = 0; index < 120; index += 1) made(portal, `Заявка ${String(index)}`);
    const hook = hookOf(portal);
    const asked = { select: ['ID', 'TITLE'], order: { ID: 'ASC' } };
    const first = portal.request('POST', `${hook}tasks.task.list`, json, JSON.stringify(asked));
    expect(first.body['total']).toBe(120);
    const command = (start: number) =>
      `tasks.task.list?start=${String(start)}&select[0]=ID&select[1]=TITLE&order[ID]=ASC&`;
    const cmd = { cmd0000000000: command(50), cmd0000000001: command(100) };
    const rest = portal.request('POST', `${hook}batch`, json, JSON.stringify({ halt: 0, cmd }));
    const rows = [first.body['result'], ...Object.values(at(rest.body, 'result', 'result') ?? {})].flatMap(
      (page) => (at(page as Json, 'tasks') as Json[]).map((task) => at(task, 'id')),
    );
    expect(new Set(rows).size).toBe(120);
    expect(at(rest.body, 'result', 'result_total')).toEqual({ cmd0000000000: 120, cmd0000000001: 120 });
  });

  test('get_by_ID: many commands of one method, keys that are the ids', () => {
    const portal = testPortal();
    const ids = ['А', 'Б'].map((title) => made(portal, title));
    const cmd = Object.fromEntries(ids.map((id) => [id, `tasks.task.get?taskId=${id}&select[0]=TITLE&`]));
    const { body } = portal.request('POST', `${hookOf(portal)}batch`, json, JSON.stringify({ halt: 0, cmd }));
    expect(ids.map((id) => at(body, 'result', 'result', id, 'task', 'title'))).toEqual(['А', 'Б']);
  });
});

describe('b24pysdk, bitrix24-php-sdk: JSON with the token in the body', () => {
  test('commands numbered from 0, halt as a boolean, user.get sorted by SORT and ORDER', () => {
    const { portal, access } = application();
    const cmd = {
      0: 'user.get?SORT=ID&ORDER=DESC&filter%5B%3CID%5D=9&start=-1',
      1: 'department.get?ID=1',
      2: 'sonet_group.get?ORDER%5BID%5D=ASC&FILTER%5B%3EID%5D=0',
    };
    const headers = { 'content-type': 'application/json; charset=utf-8', accept: 'application/json' };
    const body = JSON.stringify({ cmd, halt: true, auth: access });
    const answered = portal.request('POST', '/rest/batch', headers, body);
    const results = at(answered.body, 'result', 'result');
    expect(results).toHaveLength(3);
    expect((at(results, 0) as Json[]).map((row) => at(row, 'ID'))).toEqual(['7', '5', '3', '1']);
    expect(at(results, 2, 0, 'ID')).toBe('1');
    expect(typeof at(answered.body['time'], 'start')).toBe('number');
  });

  test('keys that count from 0 come back as a list, others as a map: errors may be the one beside the other', () => {
    const portal = testPortal();
    const cmd = { 0: 'tasks.task.start?taskId=0', 1: 'no.such.method', 35943: 'profile' };
    const body = JSON.stringify({ halt: 0, cmd });
    const answered = portal.request('POST', `${hookOf(portal)}batch`, json, body);
    expect(at(answered.body, 'result', 'result_error')).toHaveLength(2);
    expect(at(answered.body, 'result', 'result')).toMatchObject({ 35943: { ID: '3' } });
    expect(at(answered.body, 'result', 'result_total')).toEqual([]);
  });

  test('app.info with a slash at the end, the token in the query; refresh by GET', () => {
    const { portal, client, access, refresh } = application();
    const info = portal.request('GET', `/rest/app.info/?auth=${access}`);
    expect(at(info.body, 'result', 'INSTALLED')).toBe(true);
    const query = new URLSearchParams({ grant_type: 'refresh_token', ...client, refresh_token: refresh });
    const got = portal.request('GET', `/oauth/token/?${query.toString()}`);
    expect(got.body).toMatchObject({ expires_in: 3600, member_id: portal.state.portal.memberId });
    expect(got.body['refresh_token']).not.toBe(refresh);
  });
});

describe('n8n nodes, workflow builders: the token in the query or a header', () => {
  test('POST with ?auth= and a JSON body, offsets as numbers and as texts', () => {
    const { portal, access } = application();
    const body = JSON.stringify({ FILTER: { ACTIVE: true }, start: 0 });
    const users = portal.request('POST', `/rest/user.get.json?auth=${access}`, json, body);
    expect(users.body['total']).toBe(5);
    for (let index = 0; index < 60; index += 1) made(portal, `Заявка ${String(index)}`);
    const second = JSON.stringify({ order: { ID: 'asc' }, start: '50' });
    const list = portal.request('POST', `/rest/tasks.task.list.json?auth=${access}`, json, second);
    expect(at(list.body, 'result', 'tasks')).toHaveLength(10);
    expect(list.body['next']).toBeUndefined();
  });

  test('Authorization: Bearer, as the pages of tasks.flow print it', () => {
    const { portal, access } = application();
    const answered = portal.request('GET', '/rest/user.current', { authorization: `Bearer ${access}` });
    expect(at(answered.body, 'result', 'ID')).toBe('1');
    const stranger = portal.request('GET', '/rest/user.current', { authorization: 'Bearer none' });
    expect(stranger).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
  });
});

describe('older Python and PHP clients: everything in the query, or multipart', () => {
  test('GET with encoded brackets and operators, a batch encoded twice', () => {
    const portal = testPortal();
    const hook = hookOf(portal);
    const first = made(portal, 'А');
    made(portal, 'John&Martin');
    const filter = `filter%5B%3EID%5D=${first}&filter[RESPONSIBLE_ID]=5&select[]=TITLE&order[ID]=asc&start=0&`;
    const list = portal.request('GET', `${hook}tasks.task.list.json?${filter}`);
    expect((at(list.body, 'result', 'tasks') as Json[]).map((task) => at(task, 'title'))).toEqual([
      'John&Martin',
    ]);
    const command = 'tasks.task.add%3Ffields%5BTITLE%5D%3DJohn%2526Martin%26fields%5BRESPONSIBLE_ID%5D%3D5';
    const batch = portal.request('GET', `${hook}batch?halt=0&cmd[0]=${command}&cmd%5B1%5D=profile`);
    expect(at(batch.body, 'result', 'result', 0, 'task', 'title')).toBe('John&Martin');
    expect(at(batch.body, 'result', 'result', 1, 'ID')).toBe('3');
  });

  test('curl with an array of fields sends multipart: brackets stand in the names of the parts', () => {
    const portal = testPortal();
    const part = (name: string, value: string) =>
      `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const body = `${part('fields[TITLE]', 'Многочастная')}${part('fields[RESPONSIBLE_ID]', '5')}--X--\r\n`;
    const headers = { 'content-type': 'multipart/form-data; boundary=X' };
    const added = portal.request('POST', `${hookOf(portal)}tasks.task.add`, headers, body);
    expect(at(added.body, 'result', 'task', 'title')).toBe('Многочастная');
  });

  test('names of parameters in any case, positional methods with names of their own', () => {
    const portal = testPortal();
    const hook = hookOf(portal);
    const id = made(portal, 'Регистр');
    const body = JSON.stringify({ FILTER: { ID: id }, SELECT: ['ID', 'TITLE'], ORDER: { ID: 'DESC' } });
    const list = portal.request('POST', `${hook}tasks.task.list`, json, body);
    expect(at(list.body, 'result', 'tasks', 0, 'title')).toBe('Регистр');
    const form = writeForm({ taskId: id, fields: { TITLE: 'Пункт' } });
    const item = portal.request('POST', `${hook}task.checklistitem.add.json`, urlencoded, form);
    expect(typeof item.body['result']).toBe('number');
    const plain = portal.request('GET', `${hook}task.checklistitem.getlist?0=${id}`);
    expect((plain.body['result'] as Json[]).length).toBeGreaterThan(0);
  });

  test('a body that the content type does not name as JSON is read as a form, so nothing arrives', () => {
    const portal = testPortal();
    const headers = { 'content-type': 'text/plain' };
    const body = JSON.stringify({ taskId: made(portal, 'А') });
    const answered = portal.request('POST', `${hookOf(portal)}tasks.task.get`, headers, body);
    expect(answered.body['error']).toBe('100');
  });
});
