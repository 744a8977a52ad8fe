/** Accounts to be hostile in: built once, then copied for every try. */
import { makeBitrix24 } from '../../connectors/bitrix24/connector.ts';
import { makePlanfix } from '../../connectors/planfix/connector.ts';
import { type Connector } from '../../connectors/port.ts';
import { bitrix24 } from '../../emulators/bitrix24/emulator.ts';
import { type EmulatorHost, hostEmulator } from '../../emulators/common/host.ts';
import { type Act, type EmulatorKind, type Json, type SettingValue } from '../../emulators/common/types.ts';
import { planfix } from '../../emulators/planfix/emulator.ts';
import {
  type AccountId,
  as,
  type LocalCommentId,
  type LocalFileId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
} from '../../errors/ids.ts';
import { type CommentsReading, type CommentWorld, type Snapshot } from '../../sync/core/replica.ts';
import { hostedRuntime } from '../../simulation/hostedRuntime.ts';
import { type Conversation, conversation } from './conversation.ts';

export interface Facts {
  /** A mirrored task with two files and a talk, and another beside it. */
  readonly task: LocalTaskId;
  readonly other: LocalTaskId;
  readonly file: LocalFileId;
  readonly fileText: string;
  /** Of a person, of the bridge, of a person again; one was deleted by its writer. */
  readonly first: LocalCommentId;
  readonly ours: LocalCommentId;
  readonly last: LocalCommentId;
  readonly creator: LocalPersonId;
  readonly assignee: LocalPersonId;
  readonly place: string | null;
  readonly object: string | null;
  readonly next: LocalStatusId;
  readonly world: CommentWorld;
  readonly chat: string | null;
}

export interface Bench {
  readonly talk: Conversation;
  /** Over the conversation. */
  readonly connector: Connector;
  /** Another connector of the same account, without memory and undisturbed. */
  readonly calm: Connector;
  readonly facts: Facts;
  now(): number;
  advance(ms: number): void;
  dump(): Json;
  /** A person changes something else. */
  rename(task: LocalTaskId, title: string): void;
  /** A person says something there. */
  say(task: LocalTaskId, text: string): void;
}

/** What stands in the account, as an undisturbed connector reads it. */
export interface Truth {
  readonly snapshot: Snapshot;
  readonly comments: CommentsReading;
}

export async function truth({ calm, facts }: Bench): Promise<Truth> {
  const readings = await calm.read([
    {
      task: facts.task,
      aspects: ['task', 'comments', 'deleted-comments'],
      commentsAfter: null,
      world: facts.world,
      chat: facts.chat,
    },
  ]);
  const reading = readings.get(facts.task);
  if (reading?.is !== 'read' || reading.snapshot === undefined || reading.comments === undefined)
    throw new Error(`the truth can't be read: ${JSON.stringify(reading)}`);
  return { snapshot: reading.snapshot, comments: reading.comments };
}

export interface Account {
  /** What every copy shows at first. */
  readonly truth: Truth;
  readonly name: string;
  readonly kind: 'planfix' | 'bitrix24';
  /** A copy of its own. */
  copy(): Bench;
}

const minute = 60_000;
export const start = Date.parse('2026-11-24T07:30Z');

interface Plan<State> {
  readonly name: string;
  readonly machine: EmulatorKind<State>;
  readonly origin: string;
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly actor: string;
  readonly connect: (secret: string) => { readonly url: string; readonly token: string | null };
  /** Fills the account; `act` gives what an act gave, `pass` lets time go by. */
  readonly fill: (
    act: (act: Act) => Readonly<Record<string, Json>>,
    pass: (ms: number) => void,
    connector: Connector,
  ) => Promise<Facts>;
  readonly renaming: (task: LocalTaskId, title: string) => Act;
  readonly saying: (task: LocalTaskId, text: string) => Act;
}

async function account<State>(plan: Plan<State>): Promise<Account> {
  const { machine, origin } = plan;
  const held: { state?: State } = {};
  const options = {
    account: 'vesna',
    address: { http: origin.replace('https', 'http'), https: origin },
    settings: plan.settings,
    seed: 1,
    clock: 'caller' as const,
  };
  const origins = [origin, origin.replace('https', 'http')];
  const filled = hostEmulator(
    { ...machine, create: (asked) => (held.state = machine.create(asked)) },
    { ...options, now: start },
  );
  const secret = filled.credentials().find(({ actor }) => actor === plan.actor)?.secret ?? '';
  const reach = plan.connect(secret);
  const connectorOver = (runtime: Conversation['runtime']): Connector =>
    (machine.kind === 'planfix' ? makePlanfix : makeBitrix24)(
      {
        account: as<AccountId>('vesna'),
        kind: machine.kind,
        ...reach,
        actor: as<LocalPersonId>(plan.actor),
        organisation: 'Весна',
        zone: 'Europe/Moscow',
        ca: null,
        serverMaxMs: minute,
      },
      runtime,
    );
  const first = hostedRuntime([{ host: filled, origins }], start);
  const acting =
    (host: EmulatorHost, runtime: typeof first) =>
    (act: Act): Readonly<Record<string, Json>> => {
      const { acted, step } = host.act(act, runtime.now());
      if (!acted.ok) throw new Error(`${act.do}: ${acted.refused}`);
      runtime.carryOut(host, step);
      return acted.result as Readonly<Record<string, Json>>;
    };
  const pass = (ms: number): void => {
    first.advance(ms);
  };
  const facts = await plan.fill(acting(filled, first), pass, connectorOver(first));
  const begun = first.now();
  const made: Omit<Account, 'truth'> = {
    name: plan.name,
    kind: machine.kind,
    copy() {
      const host = hostEmulator(
        { ...machine, create: () => structuredClone(held.state as State) },
        { ...options, now: begun },
      );
      const runtime = hostedRuntime([{ host, origins }], begun);
      const talk = conversation(
        runtime,
        origins,
        [secret.split('/').at(-2) ?? '', secret].filter((part) => part.length > 8),
      );
      return {
        talk,
        connector: connectorOver(talk.runtime),
        calm: connectorOver(runtime),
        facts,
        now: () => runtime.now(),
        advance: (ms) => {
          runtime.advance(Math.max(0, ms));
        },
        dump: () => host.dump(),
        rename: (task, title) => {
          acting(host, runtime)(plan.renaming(task, title));
        },
        say: (task, text) => {
          acting(host, runtime)(plan.saying(task, text));
        },
      };
    },
  };
  return { ...made, truth: await truth(made.copy()) };
}

const idIn = (given: Readonly<Record<string, Json>>, key = 'id'): string => String(given[key]);

async function say(connector: Connector, facts: Omit<Facts, 'ours' | 'last'>): Promise<LocalCommentId> {
  const [outcome] = await connector.write(
    [
      {
        kind: 'comment.create',
        task: facts.task,
        world: facts.world,
        chat: facts.chat,
        message: as('vesna/ours'),
        mark: as('0c091b1f-a735-44e9-a56c-00000000aaaa'),
        text: 'Наше слово',
        author: facts.world === 'chat' ? null : facts.assignee,
        at: start,
        notify: [],
        replyTo: null,
        files: [],
        after: null,
      },
    ],
    () => Promise.reject(new Error('no file was to be opened')),
  );
  const made = outcome?.is === 'done' ? outcome.made.comments?.[0]?.comment : undefined;
  if (made === undefined) throw new Error(JSON.stringify(outcome));
  return made;
}

export function planfixAccount(
  name: string,
  settings: Readonly<Record<string, SettingValue>> = {},
): Promise<Account> {
  return account({
    name,
    machine: planfix,
    origin: 'https://vesna.planfix.ru',
    settings: { 'limits.perSecond': 0, 'limits.perDay': 0, ...settings },
    actor: 'user:1',
    connect: (token) => ({ url: 'https://vesna.planfix.ru/rest', token }),
    renaming: (task, title) => ({ as: 2, do: 'edit task', task, name: title }),
    saying: (task, text) => ({ as: 3, do: 'add comment', task, text: `<p>${text}</p>` }),
    async fill(act, pass, connector) {
      const create = (title: string): LocalTaskId =>
        as<LocalTaskId>(
          idIn(
            act({
              as: 2,
              do: 'create task',
              name: title,
              description: '<p>Описание <b>дела</b></p>',
              assignees: ['user:3'],
              participants: ['user:4'],
              auditors: ['user:2'],
              deadline: '2026-12-01T10:00Z',
              project: 1,
              object: 1,
              status: 2,
            }),
          ),
        );
      const [other, task] = [create('Соседняя'), create('Дело')];
      const comment = (text: string): LocalCommentId =>
        as<LocalCommentId>(idIn(act({ as: 3, do: 'add comment', task, text: `<p>${text}</p>` })));
      const fileText = 'содержимое файла '.repeat(20);
      const file = as<LocalFileId>(
        idIn(act({ as: 2, do: 'attach file', task, name: 'смета.txt', text: fileText })),
      );
      act({ as: 2, do: 'attach file', task, name: 'план.txt', text: 'план' });
      const first = comment('Первое слово');
      pass(minute);
      const facts = {
        task,
        other,
        file,
        fileText,
        first,
        creator: as<LocalPersonId>('user:2'),
        assignee: as<LocalPersonId>('user:3'),
        place: '1',
        object: '1',
        next: as<LocalStatusId>('6'),
        world: 'planfix' as const,
        chat: null,
      };
      const ours = await say(connector, facts);
      pass(minute);
      act({ as: 3, do: 'delete comment', comment: comment('Лишнее слово') });
      const last = comment('Последнее слово');
      pass(60 * minute);
      return { ...facts, ours, last };
    },
  });
}

export function bitrixAccount(
  name: string,
  card: 'new' | 'old',
  settings: Readonly<Record<string, SettingValue>> = {},
): Promise<Account> {
  return account({
    name,
    machine: bitrix24,
    origin: 'https://vesna.bitrix24.ru',
    settings: { 'taskCard.mode': card, 'limits.rate': false, 'limits.operating': false, ...settings },
    actor: '9',
    connect: (path) => ({ url: `https://vesna.bitrix24.ru${path.replace(/\/+$/, '')}`, token: null }),
    renaming: (task, title) => ({ as: 3, do: 'edit task', task, title }),
    saying: (task, text) => ({ as: 7, do: 'post message', task, text }),
    async fill(act, pass, connector) {
      const create = (title: string): Readonly<Record<string, Json>> =>
        act({
          as: 3,
          do: 'create task',
          title,
          description: 'Описание [B]дела[/B]',
          responsible: 7,
          accomplices: [5],
          auditors: [9],
          deadline: '2026-12-01T10:00:00+00:00',
          group: 1,
        });
      const other = as<LocalTaskId>(idIn(create('Соседняя')));
      const made = create('Дело');
      const task = as<LocalTaskId>(idIn(made));
      const world = card === 'new' ? ('chat' as const) : ('old-card' as const);
      const prefix = card === 'new' ? 'chat' : 'comment';
      const comment = (text: string): LocalCommentId =>
        as<LocalCommentId>(`${prefix}:${idIn(act({ as: 7, do: 'post message', task, text }))}`);
      const fileText = 'содержимое файла '.repeat(20);
      const attached = act({ as: 3, do: 'attach file', task, name: 'смета.txt', text: fileText });
      act({ as: 3, do: 'attach file', task, name: 'план.txt', text: 'план' });
      const first = comment('Первое слово');
      pass(minute);
      const facts = {
        task,
        other,
        file: as<LocalFileId>(`attachment:${idIn(attached, 'attachment')}`),
        fileText,
        first,
        creator: as<LocalPersonId>('3'),
        assignee: as<LocalPersonId>('7'),
        place: '1',
        object: null,
        next: as<LocalStatusId>('6'),
        world,
        chat: card === 'new' ? idIn(made, 'chat') : null,
      };
      const ours = await say(connector, facts);
      pass(minute);
      const doomed = comment('Лишнее слово').split(':')[1] ?? '';
      act(
        card === 'new'
          ? { as: 7, do: 'delete message', task, message: Number(doomed) }
          : { as: 1, do: 'delete comment', task, comment: Number(doomed) },
      );
      const last = comment('Последнее слово');
      pass(60 * minute);
      return { ...facts, ours, last };
    },
  });
}
