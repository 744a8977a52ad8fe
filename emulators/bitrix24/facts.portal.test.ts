import { expect, test } from '@jest/globals';
import { facts, vesna } from './factTable.ts';

facts('what a portal says of itself', [
  {
    says: 'an application asks for itself, a webhook does not',
    page: 'app-info.md',
    as: 1,
    method: 'app.info',
    error: ['ACCESS_DENIED', 'Access denied! Application context required'],
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
    answers: ['department.get'],
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
