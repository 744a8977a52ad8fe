/** A process that takes a job and never ends it, to be killed with the job in hand. */
import { openQueue } from '../queue/queue.ts';

const [connectionString] = process.argv.slice(2);
if (!connectionString) throw new Error('usage: queue-process CONNECTION');
const log = { warn: () => undefined, error: () => undefined };
const queue = await openQueue({ connectionString, log, lockMs: 1_000 });
queue.process('document', async () => {
  console.log('in hand');
  await new Promise(() => undefined);
});
await queue.start();
