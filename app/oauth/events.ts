/** Events of an application: bound by the bridge itself, and where the portal queues them, fetched from there. */
import {
  applicationFeatures,
  bindEvents,
  clearQueued,
  queuePage,
  type QueuedEvents,
  reservedEvents,
  takeQueued,
} from '../../connectors/bitrix24/application.ts';
import { type Client } from '../../connectors/bitrix24/client.ts';
import { type AccountId } from '../../errors/ids.ts';
import { type Runtime } from '../../runtime/runtime.ts';
import { type Store, type Touch } from '../../store/port.ts';
import { type Secrets } from '../secrets.ts';
import { changeTokens, type Features, keptTokens, type TokenStore } from './tokens.ts';

export interface EventsDeps {
  readonly store: TokenStore & Pick<Store, 'touch'>;
  readonly secrets: Secrets;
  readonly runtime: Pick<Runtime, 'now' | 'uuid'>;
}

/** The application as events need it. */
export interface Listening {
  readonly account: AccountId;
  readonly client: Client;
  /** Name under which our own changes are left out where the portal can do so. */
  readonly key: string;
}

const keyOf = (features: Features, key: string): string | null => (features.connector ? key : null);

/**
 * Learns what the portal gives the application, keeps it, and makes the event handlers those that fit: the queue where
 * there is one, with a bell, calls at `handler` otherwise. Harmless to repeat. Gives the events that were missing; throws
 * ConnectorError.
 */
export async function listenTo(
  { store, secrets }: EventsDeps,
  { account, client, key }: Listening,
  handler: string | null,
): Promise<{ readonly bound: readonly string[]; readonly changed: boolean }> {
  const features = await applicationFeatures(client);
  const { bound } = await bindEvents(client, {
    handler,
    queue: features.offline ? { key: keyOf(features, key) } : null,
  });
  const changed = await changeTokens(store, secrets, account, (tokens) =>
    JSON.stringify(tokens.features) === JSON.stringify(features) ? null : { ...tokens, features },
  );
  return { bound, changed: changed !== null };
}

/**
 * Fetches what the portal has queued. Deleted there only after the hints are kept here: whatever happens in between, an
 * event is seen twice at most. `leftovers`: also what another process had reserved when it died. `missed` is true when
 * an event did not say what it is about, so that only a sweep can tell. Throws ConnectorError.
 */
export async function fetchQueue(
  { store, secrets, runtime }: EventsDeps,
  { account, client, key }: Listening,
  leftovers: boolean,
): Promise<{ readonly events: number; readonly missed: boolean }> {
  const kept = await keptTokens(store, secrets, account);
  if (kept === null || kept.tokens.trouble !== null || !kept.tokens.features.offline)
    return { events: 0, missed: false };
  const queue = keyOf(kept.tokens.features, key);
  let events = 0;
  let missed = false;
  const take = async (queued: QueuedEvents): Promise<void> => {
    const now = runtime.now();
    const touches = queued.hints.flatMap((hint): Touch[] =>
      hint.is === 'task'
        ? [
            {
              account,
              task: hint.task,
              aspects: hint.aspects,
              lane: 'field',
              dueAt: now,
              correlation: runtime.uuid(),
            },
          ]
        : [],
    );
    if (touches.length > 0) await store.touch(touches);
    events += queued.hints.length;
    missed ||= touches.length < queued.hints.length;
    await clearQueued(client, queued);
  };
  if (leftovers) for (const queued of await reservedEvents(client, queue)) await take(queued);
  for (;;) {
    const queued = await takeQueued(client, queue);
    if (queued.process !== null) await take(queued);
    if (queued.ids.length < queuePage) return { events, missed };
  }
}
