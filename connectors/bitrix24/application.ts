/**
 * What an application alone may ask of its portal: what it can do there, its event handlers, and the queue of events that
 * waits until it is fetched (b24restdocs: api-reference/events/event-bind.md, event-get.md, offline-events.md).
 */
import { z } from 'zod';
import { type Hint } from '../port.ts';
import { type Command } from './batch.ts';
import { type Client } from './client.ts';
import { type Answer, connectorError, type Failure } from './failure.ts';
import { Profile } from './schema.ts';
import { hintOfEvent } from './webhook.ts';

/** Events of tasks and comments; on the new card only the first comment event comes. */
export const taskEvents = [
  'ONTASKADD',
  'ONTASKUPDATE',
  'ONTASKDELETE',
  'ONTASKCOMMENTADD',
  'ONTASKCOMMENTUPDATE',
  'ONTASKCOMMENTDELETE',
] as const;
const lifeEvents = ['ONAPPINSTALL', 'ONAPPUPDATE', 'ONAPPUNINSTALL'] as const;

export interface WhoIAm {
  readonly user: string;
  readonly admin: boolean;
  /** Code of the application that the token is of; null where the portal does not tell it. */
  readonly code: string | null;
}

/** Whom a token stands for. Throws ConnectorError. */
export async function whoAmI(client: Client): Promise<WhoIAm> {
  const answers = await client.run([
    { key: 'profile', method: 'profile', params: {} },
    { key: 'info', method: 'app.info', params: {} },
  ]);
  const [profile, info] = [answers.get('profile'), answers.get('info')];
  if (profile?.is === 'failed') throw connectorError(profile, 'acting user', 'profile');
  const told = Info.safeParse(info?.is === 'ok' ? info.result : null);
  const { ID: user, ADMIN: admin } = Profile.parse(profile?.result);
  return {
    user,
    admin,
    code: told.success ? (told.data.CODE ?? null) : null,
  };
}

export interface ApplicationFeatures {
  readonly offline: boolean;
  readonly connector: boolean;
  readonly v3: boolean;
  readonly installed: boolean;
  readonly plan: string | null;
}

const Feature = z.object({ value: z.string() });
const Info = z.object({
  CODE: z.string().nullable().optional(),
  INSTALLED: z.boolean().optional(),
  LICENSE: z.string().nullable().optional(),
});

/** What the portal's plan and version give the application (b24restdocs: common/system/feature-get.md, app-info.md). */
export async function applicationFeatures(client: Client): Promise<ApplicationFeatures> {
  const has = (code: string): Command => ({ key: code, method: 'feature.get', params: { CODE: code } });
  const answers = await client.run([
    has('rest_offline_extended'),
    has('rest_auth_connector'),
    { key: 'info', method: 'app.info', params: {} },
  ]);
  const told = answers.get('info');
  if (told?.is === 'failed') throw connectorError(told, 'application', 'app.info');
  const yes = (code: string): boolean => {
    const answer = answers.get(code);
    const feature = Feature.safeParse(answer?.is === 'ok' ? answer.result : null);
    return feature.success && feature.data.value === 'Y';
  };
  const info = Info.safeParse(told?.result);
  return {
    offline: yes('rest_offline_extended'),
    connector: yes('rest_auth_connector'),
    v3: (await client.callV3('rest.scope.list', {})).is === 'ok',
    installed: info.success ? info.data.INSTALLED !== false : true,
    plan: info.success ? (info.data.LICENSE ?? null) : null,
  };
}

export interface WantedEvents {
  /** Where the portal posts events; null = the bridge has no address that the portal reaches. */
  readonly handler: string | null;
  /** Whether the portal queues them, and under which key our own changes are left out. */
  readonly queue: { readonly key: string | null } | null;
}

interface Binding {
  readonly event: string;
  readonly handler: string;
  readonly offline: boolean;
  readonly key: string;
}

const Row = z.object({
  event: z.string().transform((event) => event.toUpperCase()),
  handler: z.string().catch(''),
  offline: z.union([z.number(), z.string(), z.boolean()]).transform((flag) => Number(flag) === 1),
  connector_id: z.string().optional(),
});

function wantedBindings({ handler, queue }: WantedEvents): readonly Binding[] {
  const online = (event: string): Binding[] =>
    handler === null ? [] : [{ event, handler, offline: false, key: '' }];
  const queued = taskEvents.map((event): Binding => ({
    event,
    handler: '',
    offline: true,
    key: queue?.key ?? '',
  }));
  return [
    ...lifeEvents.flatMap(online),
    ...(queue === null ? taskEvents.flatMap(online) : [...queued, ...online('ONOFFLINEEVENT')]),
  ];
}

const same = (a: Binding, b: Binding): boolean =>
  a.event === b.event && a.offline === b.offline && a.handler === b.handler && a.key === b.key;

const bindingParams = ({ event, handler, offline, key }: Binding): Command['params'] => ({
  event,
  ...(offline ? { event_type: 'offline' } : { handler }),
  ...(key === '' ? {} : { auth_connector: key }),
});

/** Bell of the queue: at most one call in so many seconds. */
const bellSeconds = 1;

/**
 * Makes the application's event handlers those that are wanted: what is missing is bound, what is left over of ours is
 * taken off. Asks first, so that it may run as often as one likes; an update of the application takes all handlers off.
 */
export async function bindEvents(
  client: Client,
  wanted: WantedEvents,
): Promise<{ readonly bound: readonly string[]; readonly unbound: readonly string[] }> {
  const listed = await client.call('event.get', {});
  if (listed.is === 'failed') throw connectorError(listed, 'events', 'event.get');
  const present = (Array.isArray(listed.result) ? (listed.result as unknown[]) : []).flatMap((row) => {
    const parsed = Row.safeParse(row);
    if (!parsed.success) return [];
    const { event, handler, offline, connector_id: key = '' } = parsed.data;
    return [{ event, handler: offline ? '' : handler, offline, key }];
  });
  const all = wantedBindings(wanted);
  const missing = all.filter((one) => !present.some((other) => same(one, other)));
  const ours: readonly string[] = [...taskEvents, ...lifeEvents, 'ONOFFLINEEVENT'];
  const left = present.filter((one) => ours.includes(one.event) && !all.some((other) => same(one, other)));
  // New ones first: between the two steps an event may come twice, but none is lost.
  const commands = [
    ...missing.map((one, at): Command => ({
      key: `bind${String(at)}`,
      method: 'event.bind',
      params: {
        ...bindingParams(one),
        ...(one.event === 'ONOFFLINEEVENT' ? { options: { minTimeout: bellSeconds } } : {}),
      },
    })),
    ...left.map((one, at): Command => ({
      key: `unbind${String(at)}`,
      method: 'event.unbind',
      params: bindingParams(one),
    })),
  ];
  const answers = commands.length === 0 ? new Map<string, Answer>() : await client.run(commands);
  const failed = [...answers].find(([, answer]) => answer.is === 'failed');
  if (failed !== undefined)
    throw connectorError(
      failed[1] as Failure,
      'events',
      failed[0].startsWith('bind') ? 'event.bind' : 'event.unbind',
    );
  return { bound: missing.map(({ event }) => event), unbound: left.map(({ event }) => event) };
}

export interface QueuedEvents {
  /** Name of the reservation; null = nothing waits. */
  readonly process: string | null;
  readonly ids: readonly string[];
  readonly hints: readonly Hint[];
}

/** Events that one request brings. */
export const queuePage = 50;

const QueuedEvent = z.object({
  EVENT_NAME: z.string(),
  EVENT_DATA: z.unknown(),
  MESSAGE_ID: z.string(),
  PROCESS_ID: z.string().nullable().optional(),
});
type QueuedEvent = z.infer<typeof QueuedEvent>;

const Taken = z.object({ process_id: z.string().nullable(), events: z.array(z.unknown()) });

const queuedEvents = (rows: readonly unknown[]): readonly QueuedEvent[] =>
  rows.flatMap((row) => {
    const event = QueuedEvent.safeParse(row);
    return event.success ? [event.data] : [];
  });

const keyParams = (key: string | null): Command['params'] => (key === null ? {} : { auth_connector: key });

/**
 * Reserves the next events of the queue without deleting them: what is reserved is hidden from other readers until it
 * is cleared. Throws ConnectorError.
 */
export async function takeQueued(client: Client, key: string | null): Promise<QueuedEvents> {
  const method = 'event.offline.get';
  const answer = await client.call(method, { clear: 0, limit: queuePage, ...keyParams(key) });
  if (answer.is === 'failed') throw connectorError(answer, 'events', method);
  const { process_id: process, events } = Taken.parse(answer.result);
  const rows = queuedEvents(events);
  return {
    process: rows.length === 0 ? null : process,
    ids: rows.map(({ MESSAGE_ID: id }) => id),
    hints: rows.map(({ EVENT_NAME: event, EVENT_DATA: data }) => hintOfEvent(event, data)),
  };
}

/** What somebody reserved and never cleared: a process that died with it in hand. Throws ConnectorError. */
export async function reservedEvents(client: Client, key: string | null): Promise<readonly QueuedEvents[]> {
  const method = 'event.offline.list';
  const answer = await client.call(method, { order: { ID: 'ASC' }, ...keyParams(key) });
  if (answer.is === 'failed') throw connectorError(answer, 'events', method);
  const rows = queuedEvents(Array.isArray(answer.result) ? (answer.result as unknown[]) : []);
  const processes = new Set(rows.flatMap(({ PROCESS_ID: process }) => process || []));
  return [...processes].map((process) => {
    const its = rows.filter((row) => row.PROCESS_ID === process);
    return {
      process,
      ids: its.map(({ MESSAGE_ID: id }) => id),
      hints: its.map(({ EVENT_NAME: event, EVENT_DATA: data }) => hintOfEvent(event, data)),
    };
  });
}

/** Deletes reserved events, once what they tell is kept. Throws ConnectorError. */
export async function clearQueued(client: Client, { process, ids }: QueuedEvents): Promise<void> {
  if (process === null) return;
  const method = 'event.offline.clear';
  const answer = await client.call(method, { process_id: process, message_id: [...ids] });
  if (answer.is === 'failed') throw connectorError(answer, 'events', method);
}
