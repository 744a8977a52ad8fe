import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { testDatabase, type TestDatabase } from '../tests/database.ts';
import { type JobQueue, openQueue } from './queue.ts';

let database: TestDatabase;
const open: JobQueue[] = [];
const logged: unknown[] = [];
const log = {
  warn: (data: object, message: string) => void logged.push([message, data]),
  error: (data: object, message: string) => void logged.push([message, data]),
};

beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  for (const queue of open.splice(0)) await queue.close();
  await sql('drop schema if exists svyazka_queue cascade');
  logged.length = 0;
});
// Dropping is refused while a connection is open: a queue that left one fails here.
afterAll(() => database.drop());

const sql = async (text: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
};
const newQueue = async (lockMs = 1_000): Promise<JobQueue> => {
  const queue = await openQueue({ connectionString: database.connectionString, log, lockMs });
  open.push(queue);
  return queue;
};
/** A handler that keeps what it was given, and a promise of the n-th. */
const recorder = () => {
  const seen: unknown[] = [];
  const waiting: (() => void)[] = [];
  return {
    seen,
    record: (value: unknown): void => {
      seen.push(value);
      for (const wake of waiting) wake();
    },
    reached: (count: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (seen.length >= count) resolve();
        };
        waiting.push(look);
        look();
      }),
  };
};

describe('jobs', () => {
  test('one enqueued by a process that does not work is done by one that does', async () => {
    const command = await newQueue();
    const id = await command.enqueue('document', { template: 'акт', item: 7 });
    const bridge = await newQueue();
    const { seen, record, reached } = recorder();
    bridge.process('document', (data, { attempt, id: given }) => {
      record([data, attempt, given]);
      return Promise.resolve();
    });
    await bridge.start();
    await reached(1);
    expect(seen).toStrictEqual([[{ template: 'акт', item: 7 }, 1, id]]);
  });

  test('one that waits already is not enqueued again under its id', async () => {
    const queue = await newQueue();
    await queue.enqueue('document', { n: 1 }, { id: 'act-7' });
    await queue.enqueue('document', { n: 2 }, { id: 'act-7' });
    await queue.enqueue('document', { n: 3 });
    const { seen, record, reached } = recorder();
    queue.process('document', (data) => {
      record(data);
      return Promise.resolve();
    });
    await queue.start();
    await reached(2);
    expect(seen).toStrictEqual([{ n: 1 }, { n: 3 }]);
  });

  test('one that fails is logged by name, and others go on', async () => {
    const queue = await newQueue();
    const { record, reached } = recorder();
    queue.process('broken', () => Promise.reject(new Error('no such template')));
    queue.process('document', () => {
      record('done');
      return Promise.resolve();
    });
    await queue.enqueue('broken', {}, { attempts: 1 });
    await queue.enqueue('document', {});
    await queue.start();
    await reached(1);
    await queue.close();
    expect(logged).toMatchObject([['job failed', { job: 'broken', error: 'no such template' }]]);
  });

  test('one that was in the hands of a killed process is taken up again', async () => {
    const queue = await newQueue();
    await queue.enqueue('document', { n: 1 });
    const root = join(import.meta.dirname, '..');
    const killed = spawn(
      process.execPath,
      [
        '--import',
        join(root, 'tests/typescript.mjs'),
        join(root, 'tests/queue-process.ts'),
        database.connectionString,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] } },
    );
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const { seen, record, reached } = recorder();
    queue.process('document', (data) => {
      record(data);
      return Promise.resolve();
    });
    await queue.start();
    await reached(1);
    expect(seen).toStrictEqual([{ n: 1 }]);
  });

  test('closing lets a running job end, and tells it that it should', async () => {
    const queue = await newQueue();
    const { record, reached } = recorder();
    let ended = false;
    queue.process('document', async (_data, { signal }) => {
      record('begun');
      await once(signal, 'abort');
      ended = true;
    });
    await queue.enqueue('document', {});
    await queue.start();
    await reached(1);
    await queue.close();
    expect(ended).toBe(true);
    expect(
      await sql('select count(*)::int as open from pg_stat_activity where datname = current_database()'),
    ).toStrictEqual([{ open: 1 }]);
  });
});

describe('schedules', () => {
  test('run again and again, each time in one of the processes', async () => {
    const { seen, record, reached } = recorder();
    for (let count = 0; count < 2; count += 1) {
      const queue = await newQueue();
      queue.schedule('sweep', 200, (_data, { id }) => {
        record(id);
        return Promise.resolve();
      });
      await queue.start();
    }
    await reached(4);
    for (const queue of open.splice(0)) await queue.close();
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('two handlers of one name are a mistake of ours, told at once', async () => {
    const queue = await newQueue();
    queue.process('sweep', () => Promise.resolve());
    expect(() => queue.schedule('sweep', 1_000, () => Promise.resolve())).toThrow(
      'handler for sweep already',
    );
  });
});
