/** Statuses that the acting user may not set go out on the token of one who may; everything else stays the acting user's. */
import { describe, expect, test } from '@jest/globals';
import { as, type LocalPersonId, type LocalStatusId, type LocalTaskId } from '../../errors/ids.ts';
import { type Outcome, type Write } from '../../sync/core/operation.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { origin, planfixAccount, type PlanfixAccount } from './account.ts';

const zone = 'Europe/Moscow';
const tokens = { 'user:2': 'token-of-anna', 'user:12': 'token-of-boris' } as const;
type Person = keyof typeof tokens;

const account = (acting: Person, other: Person, token: string = tokens[other]): PlanfixAccount =>
  planfixAccount({
    zone,
    acts: {
      actor: as<LocalPersonId>(acting),
      token: tokens[acting],
      actors: [{ person: as<LocalPersonId>(other), url: `${origin}/rest`, token, administrator: false }],
    },
    world: {
      tokens: Object.entries(tokens).map(([user, its]) => ({
        token: its,
        user,
        scopes: 'all',
        timezone: zone,
      })),
    },
  });

async function read({ connector }: PlanfixAccount, id: number): Promise<Snapshot> {
  const task = as<LocalTaskId>(String(id));
  const told = (
    await connector.read([{ task, aspects: ['task'], commentsAfter: null, world: null, chat: null }])
  ).get(task);
  if (told?.is !== 'read' || told.snapshot === undefined) throw new Error(JSON.stringify(told));
  return told.snapshot;
}

async function moved(one: PlanfixAccount, id: number, to: string, set = {}): Promise<Outcome | undefined> {
  const base = await read(one, id);
  const view = one.connector.view(await one.connector.people());
  const status = view.statusMove(base, as<LocalStatusId>(to));
  if ('unreachable' in status) throw new Error(status.unreachable);
  const write: Write = { kind: 'task.update', task: base.task, base, set, status, silent: false };
  const none = (): never => {
    throw new Error('no file');
  };
  const [outcome] = await one.connector.write([write], none);
  return outcome;
}

describe('Another actor of a Planfix account', () => {
  const annaGives = {
    as: 2,
    do: 'create task',
    name: 'Макет',
    assigner: 'user:2',
    participants: ['user:12'],
  };

  test('sets a status that the acting user may not, by his part in the task', async () => {
    const one = account('user:12', 'user:2');
    const { id } = one.act(annaGives);
    expect(await moved(one, id, '2')).toMatchObject({ is: 'done', failures: [] });
    expect((await read(one, id)).status).toBe('2');
  });

  test('is not asked where the acting user takes part as one who may', async () => {
    const one = account('user:12', 'user:2', 'no-token');
    const { id } = one.act({ ...annaGives, assignees: ['user:12'] });
    expect(await moved(one, id, '2')).toMatchObject({ is: 'done', failures: [] });
    expect((await read(one, id)).status).toBe('2');
  });

  test('sets the status, and the acting user the fields of the same write', async () => {
    const one = account('user:2', 'user:12');
    const { id } = one.act({
      as: 2,
      do: 'create task',
      name: 'Макет',
      assigner: 'contact:12',
      assignees: ['user:12'],
    });
    expect(await moved(one, id, '2', { title: 'Макет 2' })).toMatchObject({ is: 'done', failures: [] });
    expect(await read(one, id)).toMatchObject({ status: '2', title: 'Макет 2' });
  });

  test('whose token is not taken any more is refused, and nothing is said of the account', async () => {
    const one = account('user:12', 'user:2', 'no-token');
    const { id } = one.act(annaGives);
    expect(await moved(one, id, '2')).toMatchObject({
      is: 'refused',
      trouble: {
        code: 'E-REMOTE-REFUSED',
        about: 'status',
        todo: expect.stringContaining('user:2'),
      },
    });
    const lines = await one.connector.check();
    expect(lines.find(({ about }) => about === 'actor user:2')?.state).toBe('failed');
  });
});
