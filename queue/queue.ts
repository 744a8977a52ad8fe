/**
 * Schedules (sweeps, retention) and long jobs (documents, exports): BullMQ on its PostgreSQL backend, in a schema of
 * its own. What is due for an item is not here but in a table: a job may be lost, doubled or late without harm.
 */
import { createPostgresBackend, type Job, withBackend } from 'bullmq';

const { Queue, Worker } = withBackend(createPostgresBackend);

/** What a handler learns of its job. */
export interface JobContext {
  readonly id: string;
  /** 1 at the first try. */
  readonly attempt: number;
  /** Aborts when the queue closes: end soon, or throw and be tried again by the next process. */
  readonly signal: AbortSignal;
}
/** `data` is what was enqueued, through JSON and back: parse it. What it throws is logged, and the job tried again. */
export type Handler = (data: unknown, context: JobContext) => Promise<void>;

export interface EnqueueOptions {
  /**
   * A job with this id that still waits or runs is not enqueued twice. An enqueue while it runs is dropped, so it
   * suits only jobs that say all in their data.
   */
  readonly id?: string;
  readonly delayMs?: number;
  /** Tries in all, a growing pause between them; 5 unless told. */
  readonly attempts?: number;
}

export interface QueueOptions {
  readonly connectionString: string;
  readonly log: {
    warn(data: object, message: string): void;
    error(data: object, message: string): void;
  };
  /** Jobs at once in this process; 8 unless told. */
  readonly concurrency?: number;
  /** How long a killed process keeps its jobs; 30 s unless told. */
  readonly lockMs?: number;
}

export interface JobQueue {
  /** Names the handler of a schedule: it runs every `everyMs`, once at a time over all processes. */
  schedule(name: string, everyMs: number, handler: Handler): void;
  /** Names the handler of the jobs of a name. Every process that starts must name the same ones. */
  process(name: string, handler: Handler): void;
  /** Begins to work; nothing runs before, so that no job meets a process that does not know it yet. */
  start(): Promise<void>;
  /** Puts a job into the queue, in a process that works or one that does not. Returns its id. */
  enqueue(name: string, data: object, options?: EnqueueOptions): Promise<string>;
  /** Waits up to `graceMs` (10 s unless told) for running jobs, hands back the rest, and closes every connection. */
  close(graceMs?: number): Promise<void>;
}

const queueName = 'svyazka';
const schema = 'svyazka_queue';

/** Connections that a queue holds: 2 to add, and in a process that works 4 more and one that listens. */
export const queueConnections = { adding: 2, working: 4, listening: 1 } as const;

/** Opens the queue, making its schema if it is missing. Errors of its connections go to the log. */
export const openQueue = async ({
  connectionString,
  log,
  concurrency = 8,
  lockMs = 30_000,
}: QueueOptions): Promise<JobQueue> => {
  const connection = (max: number) => ({ connectionString, schema, migrate: true, max, keepAlive: true });
  const onError = (error: Error): void => log.warn({ error: error.message }, 'queue connection broke');
  const adding = new Queue<object>(queueName, {
    connection: connection(queueConnections.adding),
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 5_000, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: { age: 30 * 86_400, count: 1_000 },
    },
  });
  adding.on('error', onError);
  await adding.waitUntilReady();

  const handlers = new Map<string, Handler>();
  const schedules = new Map<string, number>();
  const closing = new AbortController();

  const handlerFor = (name: string, handler: Handler): void => {
    if (handlers.has(name)) throw new Error(`The queue has a handler for ${name} already`);
    handlers.set(name, handler);
  };

  const run = async (job: Job<object>): Promise<void> => {
    const handler = handlers.get(job.name);
    if (!handler) throw new Error(`No handler for ${job.name} in this process`);
    await handler(job.data, {
      id: job.id ?? '',
      attempt: job.attemptsMade + 1,
      signal: closing.signal,
    });
  };
  const newWorker = () => {
    const worker = new Worker<object, void>(queueName, run, {
      connection: connection(queueConnections.working),
      autorun: false,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      // That many processes may be killed under a job before it counts as the reason.
      maxStalledCount: 5,
    });
    worker.on('error', onError);
    worker.on('failed', (job, error) =>
      log.error(
        { job: job?.name, id: job?.id, attempt: job?.attemptsMade, error: error.message },
        'job failed',
      ),
    );
    return worker;
  };
  let worker: ReturnType<typeof newWorker> | undefined;

  return {
    schedule: (name, everyMs, handler) => {
      handlerFor(name, handler);
      schedules.set(name, everyMs);
    },
    process: handlerFor,
    start: async () => {
      if (worker) throw new Error('The queue works already');
      worker = newWorker();
      for (const [name, every] of schedules)
        await adding.upsertJobScheduler(name, { every }, { name, data: {}, opts: { attempts: 1 } });
      await worker.waitUntilReady();
      worker.run().catch((error: unknown) => log.error({ error: String(error) }, 'queue stopped working'));
    },
    enqueue: async (name, data, { id, delayMs, attempts } = {}) => {
      const job = await adding.add(name, data, {
        ...(id === undefined ? {} : { jobId: id }),
        ...(delayMs === undefined ? {} : { delay: delayMs }),
        ...(attempts === undefined ? {} : { attempts }),
      });
      return job.id ?? '';
    },
    close: async (graceMs = 10_000) => {
      closing.abort();
      const late = setTimeout(() => void worker?.close(true).catch(onError), graceMs);
      await worker?.close();
      clearTimeout(late);
      await adding.close();
    },
  };
};
