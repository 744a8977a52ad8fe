/** What the parts of the connector share, and the way in which many small calls become few requests. */
import { type Instant, type LocalPersonId, type Mark } from '../../errors/ids.ts';
import { type RawFile } from '../../sync/core/replica.ts';
import { type Runtime } from '../../runtime/runtime.ts';
import { type Findings } from '../findings.ts';
import { type AccountSettings } from '../port.ts';
import { batchMax, type Params } from './batch.ts';
import { type Client } from './client.ts';
import { type Answer, type Failure } from './failure.ts';
import { type Limits } from './store.ts';
import { type Ways } from './statuses.ts';

/** What is known when a connection begins holds as long as it: plans and writes must agree. */
export interface Facts {
  readonly limits: Limits;
  readonly ways: Ways;
}

export interface Session {
  readonly settings: AccountSettings;
  readonly runtime: Runtime;
  readonly client: Client;
  /** The same for the account's other actors. */
  readonly actors: ReadonlyMap<LocalPersonId, Client>;
  readonly findings: Findings;
  readonly facts: Facts;
  /** Since when the portal says of a mark that it has made its task, while no list shows it. */
  readonly reused: Map<Mark, Instant>;
  /** Attachments that were described once: a binding never changes its file, so it is not asked for again. */
  readonly attachments: Map<string, RawFile>;
  /** Where the acting user's uploads go; found at the first one. */
  storage: string | null;
  /** Where a round of the sweep began that came upon an odd page: the next one begins there anew. */
  astray: Instant | null;
}

/** One call of a reading; its answer may ask for more calls. */
export interface Job {
  readonly method: string;
  readonly params: Params;
  take(answer: Answer): readonly Job[];
}

/**
 * Works jobs off in waves: each wave goes out in batches of fifty, what its answers ask for is the next wave. When one
 * batch fails as a whole (limit, credential, no answer) nothing more is sent and every job left takes that failure,
 * which is returned.
 */
export async function workOff(client: Client, jobs: readonly Job[]): Promise<Failure | null> {
  let wave = jobs;
  let stopped: Failure | null = null;
  while (wave.length > 0) {
    const next: Job[] = [];
    for (let start = 0; start < wave.length; start += batchMax) {
      const part = wave.slice(start, start + batchMax);
      if (stopped === null) {
        const answers = await client.run(
          part.map(({ method, params }, index) => ({ key: `c${String(index)}`, method, params })),
        );
        const [first] = answers.values();
        const whole = first?.is === 'failed' && [...answers.values()].every((answer) => answer === first);
        if (whole && first.kind !== 'refused') stopped = first;
        for (const [index, job] of part.entries()) {
          const answer = answers.get(`c${String(index)}`);
          if (answer !== undefined) next.push(...job.take(answer));
        }
      } else {
        const failure = stopped;
        for (const job of part) job.take(failure);
      }
    }
    wave = next;
  }
  return stopped;
}
