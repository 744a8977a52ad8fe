/** Envelopes of answers (section 2): results with their time, errors of both versions, pages. */
import { type EmulatorResponse, type Instant, type Json } from '../common/types.ts';
import { type Answer } from './call.ts';
import { usedTime } from './limits.ts';
import { isoAt } from './moments.ts';
import { flag } from './settings.ts';
import { type State } from './state.ts';
import { type Refusal } from './values.ts';

const jsonHeaders = { 'Content-Type': 'application/json; charset=utf-8' };

export const json = (
  status: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): EmulatorResponse => ({
  status,
  headers: { ...jsonHeaders, ...headers },
  body: Buffer.from(JSON.stringify(body), 'utf8'),
});

export const html = (status: number, text: string): EmulatorResponse => ({
  status,
  headers: { 'Content-Type': 'text/html' },
  body: Buffer.from(text, 'utf8'),
});

export const notFoundPage = (): EmulatorResponse =>
  html(404, '<html><body><center><h1>404 Not Found</h1></center></body></html>');

export const redirect = (location: string): EmulatorResponse => ({
  status: 302,
  headers: { Location: location },
  body: new Uint8Array(0),
});

/** The `time` block of one call that took `seconds`. */
export const timeBlock = (
  state: State,
  now: Instant,
  seconds: number,
  credential: string,
  method: string,
): { readonly [key: string]: Json } => {
  const start = now / 1000;
  const finish = Math.round((start + seconds) * 1000) / 1000;
  const date = isoAt(state, now);
  const block: { [key: string]: Json } = {
    start,
    finish,
    duration: seconds,
    processing: seconds,
    date_start: date,
    date_finish: date,
  };
  if (flag(state, 'time.operating')) {
    const used = usedTime(state, credential, method, now);
    block['operating_reset_at'] = used.resetAt;
    block['operating'] = Math.round(used.seconds * 10_000) / 10_000;
  }
  return block;
};

/** A good answer with total and next where the method gave them. */
export const success = (answer: Answer, time: { readonly [key: string]: Json }): EmulatorResponse => {
  const body: { [key: string]: Json } = { result: answer.result };
  if (answer.next !== undefined) body['next'] = answer.next;
  if (answer.total !== undefined) body['total'] = answer.total;
  body['time'] = time;
  return json(200, body, answer.headers);
};

/** An error of version 2. */
export const errorV2 = (refusal: Refusal): EmulatorResponse =>
  json(refusal.status, { error: refusal.code, error_description: refusal.message });

const v3Prefix = 'BITRIX_REST_V3_EXCEPTION_';

const v3Codes: Readonly<Record<string, readonly [number, string]>> = {
  NO_AUTH_FOUND: [401, 'ACCESSDENIEDEXCEPTION'],
  INVALID_CREDENTIALS: [401, 'ACCESSDENIEDEXCEPTION'],
  INVALID_REQUEST: [401, 'ACCESSDENIEDEXCEPTION'],
  expired_token: [401, 'ACCESSDENIEDEXCEPTION'],
  invalid_token: [401, 'ACCESSDENIEDEXCEPTION'],
  user_access_error: [403, 'ACCESSDENIEDEXCEPTION'],
  insufficient_scope: [403, 'INSUFFICIENTSCOPEEXCEPTION'],
  ERROR_METHOD_NOT_FOUND: [404, 'METHODNOTFOUNDEXCEPTION'],
  QUERY_LIMIT_EXCEEDED: [429, 'RATELIMITEXCEPTION'],
  OPERATION_TIME_LIMIT: [429, 'OPERATIONTIMELIMITEXCEPTION'],
};

/** An error of REST 3.0; a code of version 2 becomes its counterpart. */
export const errorV3 = (refusal: Refusal): EmulatorResponse => {
  const [status, code] = refusal.code.startsWith(v3Prefix)
    ? [refusal.status, refusal.code.slice(v3Prefix.length)]
    : (v3Codes[refusal.code] ?? [refusal.status, `${refusal.code.toUpperCase()}EXCEPTION`]);
  const error: { [key: string]: Json } = { code: v3Prefix + code, message: refusal.message };
  if (refusal.validation !== undefined) {
    error['validation'] = refusal.validation.map(({ field, message }) => ({ field, message }));
  }
  return json(status, { error });
};
