/** How many requests the first reading of everything costs, a task, bytes of files not counted. */
import { type ReadRequest } from '../connectors/port.ts';
import { type AccountId, as, type LocalTaskId } from '../errors/ids.ts';
import { rehearsePair } from './rehearsed.ts';
import { type Figure } from './report.ts';

const tasksRead = 1_000;
const start = Date.parse('2026-11-24T06:00:00Z');

type Account = 'teyron' | 'romashka';

async function requestsPerTask(
  account: Account,
  card: 'new' | 'old',
  aspects: ReadRequest['aspects'],
): Promise<number> {
  const pair = await rehearsePair({
    card,
    start,
    teyron: { 'limits.perSecond': 0, 'limits.perDay': 0 },
    limit: null,
  });
  const connector = pair.deps.accounts.get(as<AccountId>(account))?.connector;
  if (!connector) throw new Error(`${account} is not rehearsed`);
  const tasks = Array.from({ length: tasksRead }, (_, n): LocalTaskId => {
    const name = `Задача ${String(n)}`;
    const { id } = pair.act(
      account,
      account === 'teyron'
        ? { as: 2, do: 'create task', name, assignees: ['user:3'] }
        : { as: 12, do: 'create task', title: name, responsible: 14 },
    ) as { id: number };
    pair.act(
      account,
      account === 'teyron'
        ? { as: 3, do: 'add comment', task: id, text: 'Начали' }
        : { as: 14, do: 'add comment', task: id, text: 'Начали' },
    );
    return as<LocalTaskId>(String(id));
  });
  pair.forgetRequests();
  let read = 0;
  for (let from = 0; from < tasks.length; from += connector.batch.read) {
    const readings = await connector.read(
      tasks
        .slice(from, from + connector.batch.read)
        .map((task) => ({ task, aspects, commentsAfter: null, world: null, chat: null })),
    );
    for (const reading of readings.values()) if (reading.is === 'read') read += 1;
  }
  if (read !== tasksRead) throw new Error(`${String(read)} of ${String(tasksRead)} tasks were read`);
  return pair.requests(account).reads / tasksRead;
}

const figure = (what: string, value: number, atMost?: number): Figure => ({
  bench: 'reading',
  what: `first reading, ${what}: requests a task`,
  value,
  unit: '',
  ...(atMost === undefined ? {} : { limit: { atMost } }),
});

export async function reading(): Promise<Figure[]> {
  const everything = ['task', 'comments'] as const;
  return [
    figure('Bitrix24, tasks alone', await requestsPerTask('romashka', 'old', ['task']), 0.005),
    figure('Bitrix24 with old comments', await requestsPerTask('romashka', 'old', everything), 0.025),
    figure('Bitrix24 with task chats', await requestsPerTask('romashka', 'new', everything)),
    figure('Planfix with comments', await requestsPerTask('teyron', 'new', everything), 1.1),
    figure(
      'Planfix with comments and deleted ones',
      await requestsPerTask('teyron', 'new', [...everything, 'deleted-comments']),
      2.1,
    ),
  ];
}
