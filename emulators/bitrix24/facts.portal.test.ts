import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { facts, vesna } from './factTable.ts';

const named = (...names: readonly string[]): string[] => names.map((name) => `department.${name}`);

facts('what a portal says of itself', [
  {
    says: 'by a webhook scope and licence are told, and nothing of an application',
    page: 'b24pysdk, AppInfoWebhook',
    as: 9,
    method: 'app.info',
    answers: { SCOPE: ['task', 'tasks', 'disk', 'user'], LICENSE: 'ru_professional' },
  },
  {
    says: 'a feature has a code',
    page: 'feature-get.md',
    as: 1,
    method: 'feature.get',
    error: ['CODE_EMPTY', "CODE can't be empty"],
  },
  {
    says: 'a method may exist and not be open to the scopes of the caller',
    page: 'method-get.md',
    as: 9,
    method: 'method.get',
    send: { name: 'im.message.add' },
    answers: { isExisting: true, isAvailable: false },
  },
  {
    says: 'a method that does not exist is told so',
    page: 'method-get.md',
    as: 9,
    method: 'method.get',
    send: { name: 'tasks.task.teleport' },
    answers: { isExisting: false, isAvailable: false },
  },
  {
    says: 'methods are listed by scope',
    page: 'methods.md',
    as: 9,
    method: 'methods',
    send: { scope: 'department' },
    answers: named('get', 'fields', 'add', 'update', 'delete'),
  },
  { says: 'an administrator is told', page: 'user-admin.md', as: 1, method: 'user.admin', answers: true },
  { says: 'and everybody else', page: 'user-admin.md', as: 5, method: 'user.admin', answers: false },
  {
    says: 'one of the access codes is enough',
    page: 'user-access.md',
    as: 5,
    method: 'user.access',
    send: { ACCESS: ['U7', 'U5'] },
    answers: true,
  },
]);

test('without parameters only what the scopes open is listed (methods.md)', () => {
  const portal = vesna();
  expect(portal.call(9, 'methods').body['result']).not.toContain('im.message.add');
  expect(portal.call(9, 'methods', { full: true }).body['result']).toContain('im.message.add');
  expect(portal.call(9, 'scope').body['result']).toEqual(['task', 'tasks', 'disk', 'user']);
  expect(portal.call(9, 'scope', { full: true }).body['result']).toContain('crm');
});

test('departments are made, moved, filled and removed by an administrator (departments/index.md)', () => {
  const portal = vesna();
  const send = { NAME: 'Сметы', PARENT: 3, UF_HEAD: 7, SORT: 120 };
  expect(portal.call(5, 'department.add', send).body).toMatchObject({ error: 'ERROR_CORE' });
  const id = portal.call(1, 'department.add', send).body['result'] ?? 0;
  const get = () => portal.call(1, 'department.get', { ID: id }).body['result'];
  expect(get()).toEqual([{ ID: String(id), NAME: 'Сметы', SORT: 120, PARENT: '3', UF_HEAD: '7' }]);
  expect(portal.call(1, 'department.update', { ID: id, NAME: 'Смета', PARENT: 1 }).body['result']).toBe(true);
  expect(get()).toMatchObject([{ NAME: 'Смета', PARENT: '1' }]);
  expect(portal.call(1, 'department.add', { NAME: 'Вторая', PARENT: 0 }).body['error']).toBe('ERROR_CORE');
  expect(portal.call(1, 'department.delete', { ID: 3 }).body['result']).toBe(true);
  expect(portal.state.users.get(5)?.departments).toEqual([1]);
  expect(portal.call(1, 'department.delete', { ID: 3 }).body['error_description']).toContain('not found');
});

describe('what an application registers', () => {
  const call = (
    portal: ReturnType<typeof vesna>,
    method: string,
    send: { readonly [key: string]: Json },
    user = 1,
  ) =>
    portal.request(
      'POST',
      `/rest/${method}`,
      { 'content-type': 'application/json' },
      JSON.stringify({ ...send, auth: `at-valid-user${String(user)}` }),
    );
  const tab = { PLACEMENT: 'TASK_VIEW_TAB', HANDLER: 'https://svyazka.example/tab', TITLE: 'Связка' };

  test('a webhook registers no widget and no rule (local-webhooks.md)', () => {
    const portal = vesna();
    for (const name of ['placement.bind', 'bizproc.robot.add']) {
      const webhook = portal.state.hooks.get('adm1nh00kvesna01');
      webhook?.scope.push('bizproc');
      expect(portal.call(1, name, tab)).toMatchObject({ status: 403, body: { error: 'WRONG_AUTH_TYPE' } });
    }
  });

  test('an administrator binds widgets by the application, lists them and takes them away (placement-bind.md)', () => {
    const portal = vesna();
    expect(call(portal, 'placement.bind', tab, 7)).toMatchObject({
      status: 403,
      body: { error: 'ACCESS_DENIED' },
    });
    expect(call(portal, 'placement.bind', { ...tab, HANDLER: '' }).body['error']).toBe('ERROR_ARGUMENT');
    expect(call(portal, 'placement.bind', tab).body['result']).toBe(true);
    expect(call(portal, 'placement.get', {}).body['result']).toMatchObject([
      { placement: 'TASK_VIEW_TAB', userId: 0, handler: tab.HANDLER, title: 'Связка', options: [] },
    ]);
    expect(call(portal, 'placement.unbind', { PLACEMENT: 'TASK_VIEW_TAB' }).body['result']).toEqual({
      count: 1,
    });
  });

  test('a rule is registered once (bizproc-robot-add.md)', () => {
    const portal = vesna();
    portal.state.application?.scope.push('bizproc');
    const robot = {
      CODE: 'svyazka',
      HANDLER: 'https://svyazka.example/robot',
      NAME: 'Связка',
      AUTH_USER_ID: 1,
    };
    expect(call(portal, 'bizproc.robot.add', robot).body['result']).toBe(true);
    expect(call(portal, 'bizproc.robot.add', robot).body['error']).toBe('ERROR_ACTIVITY_ALREADY_INSTALLED');
    expect(call(portal, 'bizproc.robot.list', {}).body['result']).toEqual(['svyazka']);
    expect(call(portal, 'bizproc.robot.delete', { CODE: 'svyazka' }).body['result']).toBe(true);
    expect(call(portal, 'bizproc.robot.delete', { CODE: 'svyazka' }).body['error']).toBe(
      'ERROR_ACTIVITY_NOT_FOUND',
    );
  });
});
