/** The small account that stands when no world is given. */
import { createHash } from 'node:crypto';
import { type Json } from '../common/types.ts';
import { defaultSettings } from './settings.ts';

const STATUSES: readonly (readonly [string, string, string, string, boolean, boolean, boolean])[] = [
  ['draft', 'Черновик', 'Draft', '#9a9a9a', false, false, false],
  ['new', 'Новая', 'New', '#4573b1', true, true, true],
  ['inWork', 'В работе', 'In progress', '#2f8f4e', true, true, false],
  ['completed', 'Завершенная', 'Completed', '#6b6b6b', false, false, false],
  ['postponed', 'Отложенная', 'Postponed', '#b08a2e', false, false, false],
  ['rejected', 'Отклоненная', 'Rejected', '#b04545', false, false, true],
  ['done', 'Выполненная', 'Done', '#3f7f9f', true, false, false],
  ['cancelled', 'Отмененная', 'Canceled', '#808080', false, false, false],
];

/** A token of 32 hex digits that depends on nothing but the names. */
function tokenFor(account: string, person: string): string {
  return createHash('sha256').update(`${account}/${person}`).digest('hex').slice(0, 32);
}

/**
 * A robot, an administrator and two employees, the standard statuses, one process, one object and one project, all of
 * account `name`.
 */
export function defaultWorld(name: string): Json {
  const ids = defaultSettings()['status.systemIds'];
  const numbers = STATUSES.map(([key]) => ids[key] ?? 0);
  return {
    account: {
      name,
      baseUrl: `https://${name}.planfix.ru/rest`,
      state: 'active',
      usedToday: 0,
    },
    tokens: [
      { token: tokenFor(name, 'user:1'), user: 'user:1', scopes: 'all' },
      { token: tokenFor(name, 'user:2'), user: 'user:2', scopes: 'all' },
    ],
    users: [
      { id: 1, name: 'Мост', lastname: 'Связка', role: 'Robot', status: 'Active' },
      {
        id: 2,
        name: 'Павел',
        lastname: 'Орлов',
        email: `pavel@${name}.example`,
        role: 'Admin',
        status: 'Active',
      },
      {
        id: 3,
        name: 'Ольга',
        lastname: 'Ветрова',
        email: `olga@${name}.example`,
        role: 'User',
        status: 'Active',
      },
      {
        id: 4,
        name: 'Тимур',
        lastname: 'Саидов',
        email: `timur@${name}.example`,
        role: 'User',
        status: 'Active',
      },
    ],
    userGroups: [{ id: 1, name: 'Разработка', members: ['user:3', 'user:4'] }],
    contactGroups: [{ id: 1, name: 'Клиенты' }],
    contactTemplates: [{ id: 1, name: 'Контакт' }],
    projects: [{ id: 1, name: 'Общий', status: 2, owner: 'user:2' }],
    statuses: STATUSES.map(([key, ru, en, color, isActive, hasDeadline, isAppliedIndividually]) => ({
      id: ids[key] ?? 0,
      name: ru,
      color,
      isActive,
      hasDeadline,
      isAppliedIndividually,
      texts: [
        { lang: 'Ru', name: ru },
        { lang: 'En', name: en },
      ],
    })),
    processes: [
      {
        id: 1,
        name: 'Задача',
        statuses: numbers,
        commentsForbidden: [{ status: ids.new, role: 'assignee' }],
      },
    ],
    objects: [{ id: 1, name: 'Задача', process: 1, customFields: [] }],
    templates: [{ id: 1, name: 'Задача' }],
  };
}
