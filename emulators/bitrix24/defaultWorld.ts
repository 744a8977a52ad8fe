/** The small world of an account that nobody described. */
import { type Address, type Json } from '../common/types.ts';
import { randomHex } from './state.ts';
import { allScopes } from './world.ts';
import { type Row } from './worldReader.ts';

const person = (id: number, name: string, position: string, account: string, admin: boolean): Row => ({
  id,
  name,
  position,
  admin,
  type: 'employee',
  active: true,
  email: `user${id}@${account}.example`,
  departments: [1],
});

/**
 * A portal with an administrator, three employees, a service employee, one group, webhooks for each, and a local
 * application whose authorization server is the portal's own https address.
 */
export const defaultWorld = (account: string, address: Address, seed: number): Json => {
  // Accounts of one seed still get secrets of their own.
  let mixed = seed | 0;
  for (const sign of account) mixed = (Math.imul(mixed, 31) + (sign.codePointAt(0) ?? 0)) | 0;
  const chance = { chance: mixed };
  const people = [
    person(1, 'Анна Орлова', 'Администратор', account, true),
    person(3, 'Павел Громов', 'Руководитель проектов', account, false),
    person(5, 'Мария Синицына', 'Менеджер', account, false),
    person(7, 'Илья Котов', 'Инженер', account, false),
    person(9, 'Связка', 'Служебный сотрудник моста', account, true),
  ];
  // Drawn apart: the secrets of webhooks stay what they were before a portal had an application.
  const own = { chance: mixed ^ 0x5bd1e995 };
  return {
    portal: {
      domain: new URL(address.https).host,
      member_id: randomHex(chance, 32),
      utc_offset: '+03:00',
      server_endpoint: `${address.https}/rest/`,
      browser_user: 1,
    },
    application: {
      client_id: `local.${randomHex(own, 14)}.${String(10_000_000 + (own.chance >>> 8))}`,
      client_secret: randomHex(own, 40),
      redirect_uri: `${address.https}/application/`,
      application_token: randomHex(own, 32),
      scope: [...allScopes, 'crm'],
    },
    outgoing_webhook: {
      application_token: randomHex(chance, 32),
      event_handler_id: '1',
      handler: null,
      events: [
        'ONTASKADD',
        'ONTASKUPDATE',
        'ONTASKDELETE',
        'ONTASKCOMMENTADD',
        'ONTASKCOMMENTUPDATE',
        'ONTASKCOMMENTDELETE',
      ],
    },
    incoming_webhooks: people.map((one): Json => ({
      user: one['id'] ?? 0,
      secret: randomHex(chance, 16),
      scope: [...allScopes, 'crm'],
    })),
    users: people,
    departments: [{ id: 1, name: account }],
    groups: [
      {
        id: 1,
        name: 'Общие работы',
        owner: 1,
        members: [1, 3, 5, 7, 9],
        visible: true,
        project: true,
        stages: [
          { id: 1, title: 'Новые', system: 'NEW' },
          { id: 2, title: 'Выполняются', system: 'WORK' },
          { id: 3, title: 'Сделаны', system: 'FINISH' },
        ],
      },
    ],
    tasks: [],
    disk: {
      storages: [
        { id: 2401, name: 'Общий диск', entity_type: 'common', entity_id: 'shared_files_s1', root: 7601 },
      ],
      folders: [
        { id: 7601, name: 'Общий диск', storage: 2401, parent: 0 },
        { id: 7602, name: 'Svyazka', storage: 2401, parent: 7601 },
      ],
    },
    next_ids: { task: 101, message: 5001, comment: 3001, attachment: 2001, chat: 2001, disk_file: 8801 },
  };
};
