/** The accounts of the demo, of rehearsals and of end-to-end tests: an integrator, its client and its contractor. */
import { type Json } from '../emulators/common/types.ts';

type World = { readonly [key: string]: Json };

export interface PlanfixPerson {
  readonly id: number;
  readonly name: string;
  readonly lastname: string;
  readonly role: 'Robot' | 'Admin' | 'User';
  readonly email?: string;
}

export interface Scenario {
  readonly id: number;
  readonly name: string;
  readonly on: 'task.created' | 'task.changed' | 'comment.created' | 'button';
  readonly event: string;
}

const scenarios: readonly Scenario[] = [
  { id: 1, name: 'Связка: задача создана', on: 'task.created', event: 'task.created' },
  { id: 2, name: 'Связка: задача изменена', on: 'task.changed', event: 'task.changed' },
  { id: 3, name: 'Связка: комментарий', on: 'comment.created', event: 'comment.created' },
  { id: 4, name: 'Сверить', on: 'button', event: 'button' },
];

export interface PlanfixWorldOptions {
  readonly name: string;
  readonly token: string;
  readonly people: readonly PlanfixPerson[];
  readonly contacts: readonly { readonly id: number; readonly name: string; readonly email?: string }[];
  readonly projects: readonly { readonly id: number; readonly name: string }[];
  /** Number of the one task type. */
  readonly object: number;
  /** Statuses beside the usual eight; all of them are in the one process. */
  readonly statuses?: readonly { readonly id: number; readonly name: string }[];
  /** Where the scenarios post to; null = the account has none. */
  readonly webhook: string | null;
  /** The scenarios have the conditions that `svyazka account webhook` asks for: what the bridge writes starts none. */
  readonly sparing?: boolean;
}

const status = (
  id: number,
  ru: string,
  en: string,
  isActive: boolean,
  isAppliedIndividually = false,
): World => ({
  id,
  name: ru,
  color: '#4573b1',
  isActive,
  hasDeadline: isActive,
  isAppliedIndividually,
  texts: [
    { lang: 'Ru', name: ru },
    { lang: 'En', name: en },
  ],
});

export function planfixWorld(options: PlanfixWorldOptions): World {
  const { name, token, people, contacts, projects, webhook, statuses: own = [] } = options;
  const bridgeAndStandIns = [
    'user:1',
    ...contacts.filter(({ email }) => !email).map(({ id }) => `contact:${String(id)}`),
  ];
  return {
    account: {
      name,
      baseUrl: `https://${name}.planfix.ru/rest`,
      timezone: 'Europe/Moscow',
      state: 'active',
      usedToday: 0,
    },
    tokens: [{ token, user: 'user:1', scopes: 'all', timezone: 'Europe/Moscow' }],
    users: people.map((person) => ({ ...person, status: 'Active', groups: [] })),
    userGroups: [],
    contacts: contacts.map((contact) => ({ ...contact, isCompany: false, companies: [], phones: [] })),
    projects: projects.map((project) => ({ ...project, status: 2, owner: 'user:2' })),
    statuses: [
      status(0, 'Черновик', 'Draft', false),
      status(1, 'Новая', 'New', true),
      status(2, 'В работе', 'In progress', true),
      status(3, 'Завершенная', 'Completed', false),
      status(4, 'Отложенная', 'Postponed', false),
      status(5, 'Отклоненная', 'Rejected', false),
      status(6, 'Выполненная', 'Done', true),
      status(7, 'Отмененная', 'Canceled', false),
      ...own.map(({ id, name: title }) => status(id, title, title, true)),
    ],
    processes: [{ id: 1, name: 'Задача', statuses: [0, 1, 2, 3, 4, 5, 6, 7, ...own.map(({ id }) => id)] }],
    objects: [{ id: options.object, name: 'Задача', process: 1, customFields: [] }],
    templates: [{ id: options.object, name: 'Задача' }],
    tasks: [],
    comments: [],
    files: [],
    scenarios:
      webhook === null
        ? []
        : scenarios.map(({ id, name: title, on, event }) => ({
            id,
            name: title,
            on,
            ...(on === 'button' || !options.sparing ? {} : { authorNot: bridgeAndStandIns }),
            retry: true,
            request: {
              method: 'POST',
              url: webhook,
              headers: { 'Content-Type': 'application/json' },
              body: `{"event":"${event}","task":"{{Задача.Номер}}"}`,
            },
          })),
  };
}

export interface BitrixPerson {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly admin?: boolean;
  readonly type?: 'employee' | 'extranet';
}

export interface BitrixWorldOptions {
  readonly name: string;
  readonly card: 'new' | 'old';
  readonly people: readonly BitrixPerson[];
  readonly group: { readonly id: number; readonly name: string };
  /** Columns of the group's kanban, in their order. */
  readonly stages?: readonly { readonly id: number; readonly title: string }[];
  /** The acting user's incoming webhook. */
  readonly incoming: { readonly user: number; readonly secret: string };
  /** Where events go; null = nowhere. */
  readonly webhook: string | null;
  readonly applicationToken: string;
}

const scope = ['task', 'tasks', 'im', 'disk', 'user', 'sonet_group', 'department'];

export function bitrixWorld(options: BitrixWorldOptions): World {
  const { name, card, people, group, stages = [], incoming, webhook, applicationToken } = options;
  const staff = people.filter(({ type }) => type !== 'extranet').map(({ id }) => id);
  return {
    portal: {
      domain: `${name}.bitrix24.ru`,
      member_id: '9d2f5c7a1e4b8063a7c5d9e2f1b40386',
      server_endpoint: 'https://oauth.bitrix24.tech/rest/',
      utc_offset: '+03:00',
      plan: 'professional',
      rate: { burst: 50, drain_per_second: 2 },
      operating_limit_seconds: 480,
      task_card: card,
      rest_v3: true,
      state: 'active',
      former_domains: [],
      browser_user: null,
    },
    outgoing_webhook: {
      application_token: applicationToken,
      event_handler_id: '11',
      handler: webhook,
      events: [
        'ONTASKADD',
        'ONTASKUPDATE',
        'ONTASKDELETE',
        'ONTASKCOMMENTADD',
        'ONTASKCOMMENTUPDATE',
        'ONTASKCOMMENTDELETE',
      ],
    },
    incoming_webhooks: [{ ...incoming, scope }],
    users: people.map(({ id, name: full, email, admin = false, type = 'employee' }) => ({
      id,
      name: full,
      email,
      admin,
      type,
      active: true,
      departments: type === 'employee' ? [1] : [],
    })),
    departments: [{ id: 1, name: options.group.name }],
    groups: [
      {
        id: group.id,
        name: group.name,
        owner: staff[0] ?? incoming.user,
        members: people.map(({ id }) => id),
        visible: false,
        project: true,
        stages: stages.map((stage) => ({ ...stage, system: null })),
      },
    ],
    tasks: [],
    comments: [],
    chats: [],
  };
}

const zone = 'Europe/Moscow';
const robot: PlanfixPerson = { id: 1, name: 'Связка', lastname: 'Робот', role: 'Robot' };
const token = (last: string): string => `c0ffee00c0ffee00c0ffee00c0ffee${last}`;

type Company = { readonly organisation: string };

/** A Planfix account whose first person is the bridge's robot. */
const planfixMember = ({ organisation, people, ...account }: Company & PlanfixWorldOptions) => ({
  kind: 'planfix' as const,
  organisation,
  token: account.token,
  actor: 'user:1',
  zone,
  world: planfixWorld({ ...account, people: [robot, ...people], sparing: true }),
});

const incoming = { user: 1, secret: 'svyazkahook00001' };
const applicationToken = 'ab12cd34ef56ab12cd34ef56ab12cd34';

type Portal = Company & Omit<BitrixWorldOptions, 'incoming' | 'applicationToken'>;

/** A Bitrix24 portal whose first person is the bridge, an administrator. */
const bitrixMember = ({ organisation, people, ...portal }: Portal) => ({
  kind: 'bitrix24' as const,
  organisation,
  incoming,
  actor: '1',
  zone,
  applicationToken,
  world: bitrixWorld({
    ...portal,
    people: [{ id: 1, name: 'Мост Связка', email: `svyazka@${portal.name}.example`, admin: true }, ...people],
    incoming,
    applicationToken,
  }),
});

const peopleOfTeyron: readonly PlanfixPerson[] = [
  { id: 2, name: 'Анна', lastname: 'Смирнова', role: 'Admin', email: 'anna@teyron.example' },
  { id: 3, name: 'Борис', lastname: 'Ким', role: 'User', email: 'boris@teyron.example' },
];

/** Where the bridge listens for an account; `null` = no webhooks. */
export type HookAddress = (account: 'teyron' | 'romashka' | 'pixel') => string | null;

/** The three companies of the demo. The client works in the new card unless told otherwise. */
export function threeCompanies(hook: HookAddress, card: 'new' | 'old' = 'new') {
  return {
    teyron: planfixMember({
      organisation: 'ТЕЙРОН',
      name: 'teyron',
      token: token('01'),
      people: peopleOfTeyron,
      contacts: [
        { id: 20, name: 'Ромашка' },
        { id: 21, name: 'Пиксель' },
      ],
      projects: [{ id: 41, name: 'Сайт «Ромашки»' }],
      object: 31,
      webhook: hook('teyron'),
    }),
    romashka: bitrixMember({
      organisation: 'Ромашка',
      name: 'romashka',
      card,
      people: [
        { id: 12, name: 'Мария Лебедева', email: 'maria@romashka.example' },
        { id: 14, name: 'Олег Гусев', email: 'oleg@romashka.example' },
        { id: 77, name: 'ТЕЙРОН', email: '', type: 'extranet' },
      ],
      group: { id: 7, name: 'Сайт' },
      stages: [
        { id: 41, title: 'Новые' },
        { id: 42, title: 'В работе' },
        { id: 43, title: 'Ждём ответа' },
        { id: 44, title: 'Когда-нибудь' },
        { id: 45, title: 'Готово' },
      ],
      webhook: hook('romashka'),
    }),
    pixel: planfixMember({
      organisation: 'Пиксель',
      name: 'pixel',
      token: token('02'),
      people: [{ id: 2, name: 'Дина', lastname: 'Юсупова', role: 'Admin', email: 'dina@pixel.example' }],
      contacts: [{ id: 5, name: 'ТЕЙРОН' }],
      projects: [{ id: 1, name: 'Заказы' }],
      object: 1,
      webhook: hook('pixel'),
    }),
  };
}

/** Two Planfix accounts with statuses of their own: mappings/examples/planfix-planfix.yaml. */
export function twoPlanfixAccounts(hook: (account: 'teyron' | 'lavanda') => string | null) {
  return {
    teyron: planfixMember({
      organisation: 'ТЕЙРОН',
      name: 'teyron',
      token: token('11'),
      people: peopleOfTeyron,
      contacts: [{ id: 25, name: 'Лаванда' }],
      projects: [{ id: 50, name: 'Магазин «Лаванда»' }],
      object: 31,
      statuses: [
        { id: 101, name: 'На приёмке' },
        { id: 102, name: 'Ждём клиента' },
      ],
      webhook: hook('teyron'),
    }),
    lavanda: planfixMember({
      organisation: 'Лаванда',
      name: 'lavanda',
      token: token('12'),
      people: [
        { id: 5, name: 'Вера', lastname: 'Орлова', role: 'Admin', email: 'vera@lavanda.example' },
        { id: 6, name: 'Глеб', lastname: 'Титов', role: 'User', email: 'gleb@lavanda.example' },
      ],
      contacts: [{ id: 8, name: 'ТЕЙРОН' }],
      projects: [{ id: 3, name: 'Магазин' }],
      object: 30,
      statuses: [
        { id: 110, name: 'У дизайнера' },
        { id: 111, name: 'На тесте' },
      ],
      webhook: hook('lavanda'),
    }),
  };
}

/** Two Bitrix24 portals, an agency and its printer: mappings/examples/bitrix24-bitrix24.yaml. */
export function twoPortals(hook: (account: 'vesna' | 'pechat') => string | null) {
  return {
    vesna: bitrixMember({
      organisation: 'Весна',
      name: 'vesna',
      card: 'new',
      people: [
        { id: 5, name: 'Ирина Белова', email: 'irina@vesna.example' },
        { id: 6, name: 'Павел Зуев', email: 'pavel@vesna.example' },
        { id: 31, name: 'Печать', email: '', type: 'extranet' },
      ],
      group: { id: 21, name: 'Заказы в печать' },
      webhook: hook('vesna'),
    }),
    pechat: bitrixMember({
      organisation: 'Печать',
      name: 'pechat',
      card: 'old',
      people: [
        { id: 3, name: 'Семён Чащин', email: 'semen@pechat.example' },
        { id: 9, name: 'Весна', email: '', type: 'extranet' },
      ],
      group: { id: 4, name: 'Производство' },
      webhook: hook('pechat'),
    }),
  };
}
