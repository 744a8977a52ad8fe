/** Events (section 18): form-encoded, ids only, sent once, to the outgoing webhook, to handlers and to the queue. */
import { type Effect, type Instant, type Json } from '../common/types.ts';
import { type Call } from './call.ts';
import { writeForm } from './forms.ts';
import { isoAt, seconds } from './moments.ts';
import { amount, flag } from './settings.ts';
import { type Application, chance, type Handler, nextId, randomHex, type State } from './state.ts';

type Data = { readonly [key: string]: Json };

const none = 'undefined';

export const taskAdded = (task: number): Data => ({
  FIELDS_BEFORE: none,
  FIELDS_AFTER: { ID: task },
  IS_ACCESSIBLE_BEFORE: 'N',
  IS_ACCESSIBLE_AFTER: none,
});

export const taskUpdated = (task: number): Data => ({
  FIELDS_BEFORE: { ID: task },
  FIELDS_AFTER: { ID: task },
  IS_ACCESSIBLE_BEFORE: none,
  IS_ACCESSIBLE_AFTER: none,
});

export const taskDeleted = (task: number): Data => ({
  FIELDS_BEFORE: { ID: task },
  FIELDS_AFTER: none,
  IS_ACCESSIBLE_BEFORE: none,
  IS_ACCESSIBLE_AFTER: 'N',
});

export const commentAdded = (fields: Data): Data => ({
  FIELDS_BEFORE: none,
  FIELDS_AFTER: fields,
  IS_ACCESSIBLE_BEFORE: 'N',
  IS_ACCESSIBLE_AFTER: none,
});

export const commentChanged = (comment: number, task: number, action: 'EDIT' | 'DEL'): Data => ({
  FIELDS_BEFORE: { ID: comment, TASK_ID: task },
  FIELDS_AFTER: { ID: comment, TASK_ID: task, ACTION: action },
  IS_ACCESSIBLE_BEFORE: none,
  IS_ACCESSIBLE_AFTER: none,
});

const portalAuth = (state: State): Data => ({
  domain: state.portal.domain,
  client_endpoint: `https://${state.portal.domain}/rest/`,
  server_endpoint: state.portal.serverEndpoint,
  member_id: state.portal.memberId,
});

/** Issues an access token of the application for one user, good for an hour. */
export const issueToken = (
  state: State,
  application: Application,
  user: number,
  now: Instant,
  token = `at-user${user}-${randomHex(state, 32)}`,
): string => {
  application.tokens.set(token, { token, user, expires: now + 3_600_000, expired: false });
  return token;
};

export const issueRefreshToken = (state: State, application: Application, user: number): string => {
  const token = `rt-user${user}-${randomHex(state, 32)}`;
  application.refreshTokens.set(token, { token, user, dead: false });
  return token;
};

/** The refresh token that a user has already, else a new one: installs and code exchanges do not end a living one. */
export const livingRefreshToken = (state: State, application: Application, user: number): string => {
  for (const known of application.refreshTokens.values()) {
    if (known.user === user && !known.dead) return known.token;
  }
  return issueRefreshToken(state, application, user);
};

const applicationAuth = (
  state: State,
  application: Application,
  user: number,
  now: Instant,
  withRefresh: boolean,
): Data => {
  const base = portalAuth(state);
  if (user === 0) return { ...base, application_token: application.applicationToken };
  const number = String(nextId(state, 'event_token')).padStart(5, '0');
  const auth: { [key: string]: Json } = {
    access_token: issueToken(state, application, user, now, `at-event-user${user}-${number}`),
    expires: Math.floor(now / 1000) + 3600,
    expires_in: 3600,
    scope: application.scope.join(','),
    domain: state.portal.domain,
    server_endpoint: state.portal.serverEndpoint,
    status: application.status,
    client_endpoint: `https://${state.portal.domain}/rest/`,
    member_id: state.portal.memberId,
    user_id: user,
    application_token: application.applicationToken,
  };
  if (withRefresh) auth['refresh_token'] = livingRefreshToken(state, application, user);
  return auth;
};

/** Sends one event body to one address, through loss, doubling, delay and the faults that were asked for. */
const send = (
  state: State,
  effects: Effect[],
  now: Instant,
  url: string,
  event: string,
  handlerId: string,
  data: Data | '',
  auth: Data,
): void => {
  const fault = state.sendFaults[0];
  if (fault !== undefined) {
    fault.times -= 1;
    if (fault.times <= 0) state.sendFaults.shift();
  }
  const loss = amount(state, 'events.lossPercent');
  const double = amount(state, 'events.doublePercent');
  const delayMax = amount(state, 'events.delayMsMax');
  state.sent += 1;
  if (fault?.drop === true || (loss > 0 && chance(state) * 100 < loss)) {
    state.lost += 1;
    return;
  }
  const token = fault?.applicationToken ?? null;
  const body = writeForm({
    event,
    event_handler_id: handlerId,
    data,
    ts: Math.floor(now / 1000),
    auth: token === null ? auth : { ...auth, application_token: token },
  });
  const copies = fault?.double === true || (double > 0 && chance(state) * 100 < double) ? 2 : 1;
  for (let copy = 0; copy < copies; copy += 1) {
    const delivery = `event-${nextId(state, 'delivery')}`;
    if (fault !== undefined && fault.receiverStatus !== null) {
      state.forcedStatus.set(delivery, fault.receiverStatus);
    }
    const effect: Effect = {
      kind: 'send',
      delivery,
      request: {
        method: 'POST',
        url,
        headers: {
          'Content-Type': 'application/x-www-form-urlencoded',
          'User-Agent': 'Bitrix24 Webhook Engine',
        },
        body: Buffer.from(body, 'utf8'),
        timeoutMs: 10_000,
      },
    };
    const delay = (fault?.delayMs ?? 0) + (delayMax > 0 ? Math.floor(chance(state) * (delayMax + 1)) : 0);
    if (delay > 0) state.waiting.push({ at: now + delay, effect });
    else effects.push(effect);
  }
};

const ring = (call: Call): void => {
  const { state, now } = call;
  const application = state.application;
  if (application === null) return;
  for (const handler of state.handlers) {
    if (handler.event !== 'ONOFFLINEEVENT' || handler.handler === null) continue;
    const wanted = handler.options['minTimeout'];
    const pause = (typeof wanted === 'number' ? wanted : Number(wanted ?? 1)) * 1000;
    if (handler.rang !== null && pause > 0 && now - handler.rang < pause) continue;
    handler.rang = now;
    const auth = applicationAuth(state, application, handler.user, now, true);
    send(state, call.effects, now, handler.handler, handler.event, String(handler.id), '', auth);
  }
};

const asTexts = (value: Json): Json => {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asTexts(item as Json)]));
};

const queue = (call: Call, handler: Handler, event: string, task: number, data: Data): boolean => {
  const { state, now } = call;
  if (handler.connector !== null && handler.connector === call.connector) return false;
  const row = state.offline.find(
    (item) =>
      item.event === event &&
      item.task === task &&
      item.connector === handler.connector &&
      item.process === null,
  );
  const texts = asTexts(data) as Data;
  if (row !== undefined) {
    row.date = seconds(now);
    row.user = call.user;
    row.data = texts;
    return true;
  }
  state.offline.push({
    id: nextId(state, 'offline_event'),
    messageId: randomHex(state, 32),
    event,
    task,
    data: texts,
    user: call.user,
    connector: handler.connector,
    date: seconds(now),
    process: null,
    reserved: null,
    error: false,
  });
  return true;
};

/** Fires a task event for everybody who asked for it. */
export const fire = (call: Call, event: string, task: number, data: Data): void => {
  const { state, now } = call;
  if (call.rest && !flag(state, 'events.onApiWrites')) return;
  const { outgoing, application } = state;
  if (outgoing !== null && outgoing.handler !== null && outgoing.events.includes(event)) {
    const auth = { ...portalAuth(state), application_token: outgoing.applicationToken };
    send(state, call.effects, now, outgoing.handler, event, outgoing.handlerId, data, auth);
  }
  if (application?.installed !== true) return;
  let queued = false;
  for (const handler of state.handlers) {
    if (handler.event !== event) continue;
    if (handler.offline) queued = queue(call, handler, event, task, data) || queued;
    else if (handler.handler !== null) {
      const user = handler.authType === 0 ? call.user : handler.authType;
      const refresh = flag(state, 'events.refreshToken');
      const auth = applicationAuth(state, application, user, now, refresh);
      send(state, call.effects, now, handler.handler, event, String(handler.id), data, auth);
    }
  }
  if (queued) ring(call);
};

/** Sends an event of the application's own life (install, update, uninstall, test) to its handlers. */
export const fireApplication = (
  call: Call,
  event: string,
  data: Data,
  tokens: 'none' | 'access' | 'refresh',
): void => {
  const { state, now } = call;
  const application = state.application;
  if (application === null) return;
  for (const handler of state.handlers) {
    if (handler.event !== event || handler.handler === null) continue;
    const user = tokens === 'none' ? 0 : call.user || handler.user;
    const auth = applicationAuth(state, application, user, now, tokens === 'refresh');
    send(state, call.effects, now, handler.handler, event, String(handler.id), data, auth);
  }
};

/** Tells the installation path of an application without an interface that it was installed, tokens included. */
export const sendInstallation = (call: Call, application: Application): void => {
  const { state, now, user } = call;
  if (application.installPath === null) return;
  const data = { VERSION: application.version, ACTIVE: 'Y', INSTALLED: 'Y', LANGUAGE_ID: 'ru' };
  const auth = applicationAuth(state, application, user, now, true);
  send(state, call.effects, now, application.installPath, 'ONAPPINSTALL', '0', data, auth);
};

/** Events whose delay is over leave now. */
export const release = (state: State, now: Instant): Effect[] => {
  if (state.waiting.length === 0) return [];
  const due = state.waiting.filter((item) => item.at <= now).sort((a, b) => a.at - b.at);
  if (due.length > 0) state.waiting = state.waiting.filter((item) => item.at > now);
  return due.map((item) => item.effect);
};

/** A row of the offline queue as event.offline.get and list show it. */
export const offlineRow = (state: State, row: State['offline'][number]): { [key: string]: Json } => ({
  ID: String(row.id),
  TIMESTAMP_X: isoAt(state, row.date),
  EVENT_NAME: row.event,
  EVENT_DATA: row.data ?? (asTexts(rebuilt(row.event, row.task)) as Data),
  EVENT_ADDITIONAL: { user_id: String(row.user) },
  MESSAGE_ID: row.messageId,
});

const rebuilt = (event: string, task: number): Data => {
  if (event === 'ONTASKADD') return taskAdded(task);
  if (event === 'ONTASKDELETE') return taskDeleted(task);
  return taskUpdated(task);
};
