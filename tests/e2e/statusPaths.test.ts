/** Ways between statuses: clients at their own cards, others' credentials, what a portal demands first, ways that are cut. */
import { describe, expect, test } from '@jest/globals';
import { as, type AccountId } from '../../errors/ids.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { type Blocked } from '../../sync/core/replica.ts';
import { tryStatusesAgain } from '../../sync/engine/statuses.ts';
import { becomes } from './around.ts';
import {
  type ClientOptions,
  clientInBitrix24,
  clientInPlanfix,
  giveCredential,
  oneWayProcess,
  withoutAdministrator,
} from './clients.ts';
import { bitrixSaid, type BitrixTask, bitrixTasks, only, type PlanfixTask, planfixTasks } from './look.ts';

const hours = 3_600_000;
const vesna = as<AccountId>('vesna');

/** Why the status is held in an account; undefined = it is not. */
async function heldStatus(three: Rehearsal, account: string): Promise<Blocked | undefined> {
  const loaded = await three.store.loadItems(await three.store.listItems(null));
  return loaded
    .flatMap(({ replicas }) => replicas)
    .find((replica) => replica.account === account && replica.blocked['status'])?.blocked['status'];
}

/** Writes that an account was asked for since the last `forgetRequests`. */
const writes = (three: Rehearsal, account: string): number => three.requests(account).writes;

/** Ways of the client and its integrator, whatever CRM each works in. */
interface Sides {
  readonly three: Rehearsal;
  /** The integrator takes up the task, and hands in what it made of it. */
  handsIn(): Promise<void>;
  accepts(): Promise<void>;
  returns(): Promise<void>;
  declines(): Promise<void>;
  /** Lifecycle statuses as the client's and the integrator's cards show them. */
  shown(): { readonly client: string; readonly integrator: string };
}

const planfixWords = ['', 'new', 'in_progress', 'done', '', 'declined', 'review', 'declined'];
const bitrixWords = ['', '', 'new', 'in_progress', 'review', 'done', 'declined'];
const planfixShows = ({ status }: PlanfixTask): string => planfixWords[status] ?? '';
const bitrixShows = ({ status }: BitrixTask): string => bitrixWords[status] ?? '';

async function bitrixClient(actors: readonly number[]): Promise<Sides> {
  const three = await clientInBitrix24({ actors });
  const { id } = three.act('romashka', {
    as: 12,
    do: 'create task',
    title: 'Форма',
    responsible: 77,
    group: 7,
  }) as { id: number };
  await three.settle();
  const { id: mirror } = only(planfixTasks(three, 'teyron'));
  const asClient = async (word: string): Promise<void> => {
    three.act('romashka', { as: 12, do: word, task: id });
    await three.settle();
  };
  return {
    three,
    async handsIn() {
      for (const status of [2, 6]) {
        three.act('teyron', { as: 3, do: 'set status', task: mirror, status });
        await three.settle();
      }
    },
    accepts: () => asClient('approve'),
    returns: () => asClient('disapprove'),
    async declines() {
      three.act('romashka', { as: 12, do: 'post message', task: id, text: 'Больше не нужно' });
      await asClient('defer');
    },
    shown: () => ({
      client: bitrixShows(only(bitrixTasks(three, 'romashka'))),
      integrator: planfixShows(only(planfixTasks(three, 'teyron'))),
    }),
  };
}

async function planfixClient(
  actors: readonly number[],
  portal: NonNullable<ClientOptions['portal']> = (world) => world,
): Promise<Sides> {
  const three = await clientInPlanfix({ actors, portal });
  return { three, ...(await planfixSides(three)) };
}

async function planfixSides(three: Rehearsal): Promise<Omit<Sides, 'three'>> {
  const { id } = three.act('lavanda', {
    as: 5,
    do: 'create task',
    name: 'Каталог',
    assigner: 'user:5',
    assignees: ['contact:8'],
    project: 3,
  }) as { id: number };
  await three.settle();
  const { id: mirror } = only(bitrixTasks(three, 'vesna'));
  const asClient = async (status: number): Promise<void> => {
    three.act('lavanda', { as: 5, do: 'set status', task: id, status });
    await three.settle();
  };
  return {
    async handsIn() {
      const { status } = only(bitrixTasks(three, 'vesna'));
      for (const word of status === 2 ? ['start', 'complete'] : ['complete']) {
        three.act('vesna', { as: 6, do: word, task: mirror });
        await three.settle();
      }
    },
    accepts: () => asClient(3),
    returns: () => asClient(2),
    async declines() {
      three.act('lavanda', { as: 5, do: 'add comment', task: id, text: '<p>Больше не нужно</p>' });
      await three.settle();
      await asClient(5);
    },
    shown: () => ({
      client: planfixShows(only(planfixTasks(three, 'lavanda'))),
      integrator: bitrixShows(only(bitrixTasks(three, 'vesna'))),
    }),
  };
}

const both = (status: string): object => ({ client: status, integrator: status });

describe.each([
  { where: 'Bitrix24, the bridge acts as an administrator', make: () => bitrixClient([]), returned: 'new' },
  { where: 'Bitrix24, with her own credential beside it', make: () => bitrixClient([12]), returned: 'new' },
  {
    where: 'Planfix, the bridge acts as an administrator',
    make: () => planfixClient([]),
    returned: 'in_progress',
  },
  {
    where: 'Planfix, with the credential of her stand-in',
    make: () => planfixClient([31]),
    returned: 'in_progress',
  },
  {
    where: 'Planfix, the bridge is nobody there but for her stand-in',
    make: () => planfixClient([31], withoutAdministrator),
    returned: 'in_progress',
  },
])('A client in its own card in $where', ({ make, returned }) => {
  test('accepts what was handed in', async () => {
    const sides = await make();
    await sides.handsIn();
    expect(sides.shown()).toEqual(both('review'));
    await sides.accepts();
    expect(sides.shown()).toEqual(both('done'));
  });

  test('returns it, and it is handed in and accepted after all', async () => {
    const sides = await make();
    await sides.handsIn();
    await sides.returns();
    expect(sides.shown()).toEqual(both(returned));
    await sides.handsIn();
    expect(sides.shown()).toEqual(both('review'));
    await sides.accepts();
    expect(sides.shown()).toEqual(both('done'));
  });

  test('declines with a word', async () => {
    const sides = await make();
    await sides.declines();
    expect(sides.shown()).toEqual(both('declined'));
  });
});

describe('A portal where the acting user may not accept', () => {
  test('holds the status with what would open a way, asks for nothing meanwhile, and lifts nothing', async () => {
    const { three, ...sides } = await planfixClient([], withoutAdministrator);
    await sides.handsIn();
    three.forgetRequests();
    await sides.accepts();
    expect(sides.shown()).toEqual({ client: 'done', integrator: 'review' });
    const { id } = only(bitrixTasks(three, 'vesna'));
    expect((await heldStatus(three, 'vesna'))?.trouble).toMatchObject({
      code: 'E-STATUS-UNREACHABLE',
      wanted: `status "5" of task ${String(id)} in vesna, which stands in "4"`,
      answered: expect.stringContaining('only the creator (user 31) or an administrator'),
      todo: expect.stringContaining('svyazka account actor add vesna'),
    });
    await three.settle(3 * hours);
    expect(writes(three, 'vesna')).toBe(0);
    expect(sides.shown()).toEqual({ client: 'done', integrator: 'review' });
  });

  test('goes on by itself when the acting user may do it by now', async () => {
    const { three, ...sides } = await planfixClient([], withoutAdministrator);
    await sides.returns();
    expect(sides.shown()).toEqual({ client: 'in_progress', integrator: 'new' });
    expect((await heldStatus(three, 'vesna'))?.trouble.code).toBe('E-STATUS-UNREACHABLE');
    const { id } = only(bitrixTasks(three, 'vesna'));
    three.act('vesna', { as: 0, do: 'edit task', task: id, accomplices: [1] });
    await three.settle();
    expect(sides.shown()).toEqual(both('in_progress'));
    expect(await heldStatus(three, 'vesna')).toBeUndefined();
  });

  test('goes on once the credential of somebody who may is there', async () => {
    const { three, ...sides } = await planfixClient([], withoutAdministrator);
    await sides.handsIn();
    await sides.accepts();
    await giveCredential(three, 31);
    expect(await tryStatusesAgain(three.deps, vesna)).toBe(1);
    await three.settle();
    expect(sides.shown().integrator).toBe('done');
    expect(await heldStatus(three, 'vesna')).toBeUndefined();
  });

  test('only the steps that the acting user may not take go out on that credential', async () => {
    const { three, ...sides } = await planfixClient([31], withoutAdministrator);
    await sides.handsIn();
    await sides.returns();
    await sides.declines();
    const { entries } = three.host('vesna').log(0);
    const lent = entries.filter(({ actor }) => actor === '31').map(({ operation }) => operation);
    expect(lent).toEqual(['tasks.task.disapprove', 'tasks.task.start', 'tasks.task.defer']);
    expect(new Set(entries.flatMap(({ actor }) => actor ?? []))).toEqual(new Set(['1', '31']));
  });

  test('a check tells whose the other credential is, and that it is taken no more', async () => {
    const three = await clientInPlanfix({ actors: [31] });
    const line = async () =>
      (await three.deps.accounts.get(vesna)?.connector.check())?.find(({ about }) => about === 'actor 31');
    expect(await line()).toMatchObject({
      state: 'ok',
      found: 'the credential acts as user 31, no administrator',
    });
    three.act('vesna', { as: 0, do: 'dismiss user', user: 31 });
    expect(await line()).toMatchObject({ state: 'failed' });
  });

  test('a credential that is not taken any more is held against its owner, and the account goes on', async () => {
    const { three, ...sides } = await planfixClient([31], withoutAdministrator);
    await sides.handsIn();
    three.act('vesna', { as: 0, do: 'dismiss user', user: 31 });
    await sides.accepts();
    expect(sides.shown()).toEqual({ client: 'done', integrator: 'review' });
    const { trouble } = (await heldStatus(three, 'vesna')) ?? {};
    expect(trouble?.code).toBe('E-REMOTE-REFUSED');
    expect(trouble?.todo).toContain('credential of user 31');
    const { id } = only(planfixTasks(three, 'lavanda'));
    three.act('lavanda', { as: 5, do: 'add comment', task: id, text: '<p>Спасибо</p>' });
    await three.settle();
    expect(bitrixSaid(three, 'vesna').at(-1)?.text).toContain('Спасибо');
  });
});

describe('A Planfix whose process has no such move', () => {
  test.each(['refuse', 'failures'])(
    '(%s) holds it, lifts nothing and is not asked again until the task stands otherwise',
    async (how) => {
      const three = await clientInPlanfix({
        planfix: oneWayProcess,
        planfixSettings: { 'task.enforceTransitions': how },
      });
      const { shown } = await planfixSides(three);
      const task = only(planfixTasks(three, 'lavanda')).id;
      const { id } = only(bitrixTasks(three, 'vesna'));
      three.act('vesna', { as: 6, do: 'complete', task: id });
      await three.settle();
      expect(shown()).toEqual({ client: 'new', integrator: 'review' });
      expect((await heldStatus(three, 'lavanda'))?.trouble).toMatchObject({
        about: 'status',
        wanted: `status "6" of task ${String(task)} in lavanda, which stands in "1"`,
      });
      three.forgetRequests();
      await three.settle(5 * hours);
      expect(writes(three, 'lavanda')).toBe(0);
      three.act('lavanda', { as: 5, do: 'set auditors', task, users: ['user:6'] });
      await three.settle(5 * hours);
      expect(writes(three, 'lavanda')).toBe(1);
      expect(shown()).toEqual({ client: 'new', integrator: 'review' });
      three.host('lavanda').setSettings({ 'task.enforceTransitions': false });
      three.act('lavanda', { as: 5, do: 'set auditors', task, users: [] });
      await three.settle();
      expect(writes(three, 'lavanda')).toBe(1);
      three.act('lavanda', { as: 5, do: 'set participants', task, users: ['user:6'] });
      await three.settle();
      expect(shown()).toEqual(both('review'));
      expect(await heldStatus(three, 'lavanda')).toBeUndefined();
    },
  );
});

/** The bridge's task in Ромашка, with what Maria demands of it. */
async function demanding(
  three: Rehearsal,
  code: number,
  more: object = {},
): Promise<{ task: number; mirror: number }> {
  const { id: task } = three.act('romashka', {
    as: 12,
    do: 'create task',
    title: 'Форма',
    responsible: 77,
    group: 7,
    parameters: [{ VALUE: 'Y', CODE: code }],
    ...more,
  }) as { id: number };
  await three.settle();
  return { task, mirror: only(planfixTasks(three, 'teyron')).id };
}

const statusOf = (three: Rehearsal, task: number): number | undefined =>
  bitrixTasks(three, 'romashka').find(({ id }) => id === task)?.status;

describe('A task that must have a result', () => {
  test('waits for it with that reason, and is completed when people have added it', async () => {
    const three = await clientInBitrix24();
    const { task, mirror } = await demanding(three, 3);
    three.act('teyron', { as: 3, do: 'set status', task: mirror, status: 6 });
    await three.settle(10_000);
    expect(statusOf(three, task)).toBe(2);
    expect((await heldStatus(three, 'romashka'))?.trouble).toMatchObject({
      code: 'E-STATUS-WAITS',
      answered: `task ${String(task)} must have a result before it is completed, and has none`,
    });
    expect(only(planfixTasks(three, 'teyron')).status).toBe(6);
    three.act('romashka', { as: 77, do: 'add result', task, text: 'Форма на сайте' });
    three.act('romashka', { as: 12, do: 'post message', task, text: 'Готово' });
    await three.settle(5_000);
    expect(statusOf(three, task)).toBe(4);
    expect(await heldStatus(three, 'romashka')).toBeUndefined();
  });

  test('is asked for ever more rarely while nothing tells that the result has come', async () => {
    const three = await clientInBitrix24();
    const { task, mirror } = await demanding(three, 3);
    three.act('teyron', { as: 3, do: 'set status', task: mirror, status: 6 });
    await three.settle(10 * hours);
    three.forgetRequests();
    await three.settle(10 * hours);
    expect(writes(three, 'romashka')).toBeGreaterThan(0);
    expect(writes(three, 'romashka')).toBeLessThan(25);
    three.act('romashka', { as: 77, do: 'add result', task, text: 'Форма на сайте' });
    await three.settle(2 * hours);
    expect(statusOf(three, task)).toBe(4);
  });
});

describe('Subtasks that move with their task', () => {
  async function family(three: Rehearsal) {
    const { task, mirror } = await demanding(three, 2);
    const { id: child } = three.act('romashka', {
      as: 12,
      do: 'create task',
      title: 'Поля формы',
      responsible: 77,
      group: 7,
      parent: task,
    }) as { id: number };
    await three.settle();
    const childMirror = planfixTasks(three, 'teyron').find(({ title }) => title === 'Поля формы')?.id ?? 0;
    return { task, mirror, child, childMirror };
  }
  const mirrored = (three: Rehearsal): number[] => planfixTasks(three, 'teyron').map(({ status }) => status);

  test('are completed by the portal, and that crosses like anything that happened there', async () => {
    const three = await clientInBitrix24();
    const { task, child, mirror } = await family(three);
    three.act('teyron', { as: 2, do: 'set status', task: mirror, status: 3 });
    await three.settle();
    expect([statusOf(three, task), statusOf(three, child)]).toEqual([5, 5]);
    expect(mirrored(three)).toEqual([3, 3]);
    expect(await heldStatus(three, 'romashka')).toBeUndefined();
  });

  test('are not completed twice when both were wanted', async () => {
    const three = await clientInBitrix24();
    const { task, child, mirror, childMirror } = await family(three);
    for (const one of [mirror, childMirror])
      three.act('teyron', { as: 2, do: 'set status', task: one, status: 3 });
    await three.settle();
    expect([statusOf(three, task), statusOf(three, child)]).toEqual([5, 5]);
    expect(mirrored(three)).toEqual([3, 3]);
    expect(await heldStatus(three, 'romashka')).toBeUndefined();
  });

  test('complete their task with the last of them', async () => {
    const three = await clientInBitrix24();
    const { task, child, childMirror } = await family(three);
    three.act('teyron', { as: 2, do: 'set status', task: childMirror, status: 3 });
    await three.settle();
    expect([statusOf(three, task), statusOf(three, child)]).toEqual([5, 5]);
    expect(mirrored(three)).toEqual([3, 3]);
  });
});

describe('A way that is cut', () => {
  /** Vera returns it to work: 4 → 2 as her stand-in, 2 → 3 as the acting user. */
  async function returning(fault: Parameters<ReturnType<Rehearsal['host']>['addFault']>[0]) {
    const { three, ...sides } = await planfixClient([31], withoutAdministrator);
    await sides.handsIn();
    three.host('vesna').addFault(fault);
    await sides.returns();
    return { three, sides };
  }
  const refusal = {
    status: 400,
    body: { error: '0', error_description: 'Action on the task is not allowed' },
  };

  test('goes on from where it was cut', async () => {
    const { sides } = await returning({ on: 'tasks.task.start', answer: refusal, times: 1 });
    expect(sides.shown()).toEqual(both('in_progress'));
  });

  test('and can not go on: what stands between is lifted by nobody, held, and gone on from when the task stands otherwise', async () => {
    const { three, sides } = await returning({ on: 'tasks.task.start', answer: refusal, times: 3 });
    await three.sweep('vesna');
    await three.settle(hours);
    expect(sides.shown()).toEqual({ client: 'in_progress', integrator: 'new' });
    expect((await heldStatus(three, 'vesna'))?.trouble.code).toBe('E-REMOTE-RIGHT');
    three.host('vesna').clearFaults();
    const { id } = only(bitrixTasks(three, 'vesna'));
    three.act('vesna', { as: 0, do: 'edit task', task: id, accomplices: [5] });
    await three.settle();
    expect(sides.shown()).toEqual(both('in_progress'));
    expect(await heldStatus(three, 'vesna')).toBeUndefined();
  });

  test.each(['before', 'after'] as const)(
    'by a lost answer %s the step took effect is looked up and gone on from',
    async (when) => {
      const { three, sides } = await returning({ on: 'tasks.task.start', when, cut: true, times: 1 });
      await three.sweep('vesna');
      await three.settle(hours);
      expect(sides.shown()).toEqual(both('in_progress'));
    },
  );

  test('and nobody saw where: what stands there is lifted by nobody when it is read', async () => {
    const { three, ...sides } = await planfixClient([31], withoutAdministrator);
    await sides.handsIn();
    becomes(three, vesna, (connector) => ({
      async write(all, open, notAfter) {
        const outcomes = await connector.write(all, open, notAfter);
        return outcomes.map((outcome) => {
          if (outcome.is !== 'done') return outcome;
          const { is, at, made, failures } = outcome;
          return { is, at, made, failures };
        });
      },
    }));
    three.host('vesna').addFault({ on: 'tasks.task.start', answer: refusal, times: 2 });
    await sides.returns();
    await three.settle(hours);
    expect(sides.shown()).toEqual({ client: 'in_progress', integrator: 'new' });
    expect((await heldStatus(three, 'vesna'))?.trouble.code).toBe('E-REMOTE-RIGHT');
  });

  test('while a new task is born: what its birth left is lifted by nobody', async () => {
    const three = await clientInBitrix24();
    let cut = false;
    becomes(three, as<AccountId>('romashka'), (connector) => ({
      async write(all, open, notAfter) {
        const [birth] = all;
        if (birth?.kind !== 'task.create' || cut) return connector.write(all, open, notAfter);
        cut = true;
        await connector.write([{ ...birth, status: null }], open, notAfter);
        const at = three.runtime.now();
        const trouble = { code: 'E-REMOTE-UNKNOWN', about: 'task', todo: 'Nothing.' } as const;
        return [{ is: 'unknown', at, notBefore: at + 60_000, trouble }];
      },
    }));
    const { id } = three.act('teyron', {
      as: 2,
      do: 'create task',
      name: 'Макет',
      assignees: ['user:3'],
      project: 41,
      status: 6,
    }) as { id: number };
    await three.settle(hours);
    expect(cut).toBe(true);
    expect(planfixTasks(three, 'teyron').find((task) => task.id === id)?.status).toBe(6);
    expect(only(bitrixTasks(three, 'romashka')).status).toBe(4);
  });
});
