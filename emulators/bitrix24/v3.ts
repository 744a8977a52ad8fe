/** REST 3.0 around its methods (section 17): JSON only, Idempotency-Key, batch with references. */
import { type EmulatorRequest, type EmulatorResponse, type Json } from '../common/types.ts';
import { success, timeBlock } from './answers.ts';
import { answer, type Answer, type Call, type Method } from './call.ts';
import { type RestRequest } from './calls.ts';
import { costOf } from './limits.ts';
import { methodNamed, methods } from './methods.ts';
import { asList, asRecord, asText, isRecord, type Params, Refusal } from './values.ts';
import { refuseV3 } from './v3View.ts';

type Perform = (method: Method | undefined, params: Params) => Answer;

const day = 24 * 3_600_000;
const printable = /^[\x20-\x7e]{1,255}$/;

const timed = (call: Call, method: Method | undefined, name: string, result: Answer): EmulatorResponse =>
  success(
    result,
    timeBlock(call.state, call.now, method === undefined ? 0.1 : costOf(method), call.credential, name),
  );

const invalidJson = (): never =>
  refuseV3(400, 'INVALIDJSONEXCEPTION', 'Тело запроса не является корректным JSON');

const openApi = (): Json => ({
  openapi: '3.0.0',
  info: { title: 'Bitrix24 REST V3 API', version: '1.0.0' },
  tags: [{ name: 'tasks', description: 'tasks module methods' }],
  paths: Object.fromEntries(
    methods
      .filter((method) => method.version === 3)
      .map((method): [string, Json] => [`/${method.name}`, { post: { responses: {} } }]),
  ),
});

const scopes = (): Json =>
  methods
    .filter((method) => method.version === 3)
    .map((method): Json => ({ method: method.name, scope: 'tasks' }));

/** Answers one call of REST 3.0. */
export const runV3 = (
  call: Call,
  rest: RestRequest,
  request: EmulatorRequest,
  perform: Perform,
): EmulatorResponse => {
  const name = rest.name.toLowerCase();
  if (rest.json === undefined || !isRecord(rest.json)) {
    const parameterless = Array.isArray(rest.json) && rest.json.length === 0;
    if (!parameterless) invalidJson();
  }
  if (name === 'rest.documentation.openapi' || name === 'documentation')
    return timed(call, undefined, name, answer(openApi()));
  if (name === 'rest.scope.list') return timed(call, undefined, name, answer({ items: scopes() }));
  const { method } = rest;
  const key = request.headers['idempotency-key'];
  const guarded = method !== undefined && method.write && /\.(add|update|delete)$/.test(method.name);
  if (key === undefined || !guarded) return timed(call, method, rest.name, perform(method, rest.params));
  if (!printable.test(key)) {
    refuseV3(400, 'INVALIDIDEMPOTENCYKEYEXCEPTION', 'Недопустимое значение ключа');
  }
  const { state, now } = call;
  const slot = `${call.application ? 'application' : call.credential}|${call.user}|${method.name}|${key}`;
  const body = JSON.stringify(rest.params);
  const known = state.idempotent.get(slot);
  if (known !== undefined && now - known.at < day) {
    if (known.body !== body) {
      refuseV3(
        422,
        'IDEMPOTENCYKEYREUSEDEXCEPTION',
        'Ключ идемпотентности уже использован с другим телом запроса',
      );
    }
    const replay: Answer = {
      result: JSON.parse(known.answer) as Json,
      headers: { 'Idempotency-Key': key, 'Idempotent-Replayed': 'true' },
    };
    return timed(call, method, rest.name, replay);
  }
  const result = perform(method, rest.params);
  state.idempotent.set(slot, { at: now, body, answer: JSON.stringify(result.result) });
  return timed(call, method, rest.name, { ...result, headers: { 'Idempotency-Key': key } });
};

const pathIn = (value: Json | undefined, path: readonly string[]): Json | undefined => {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as { readonly [key: string]: Json })[step];
  }
  return at;
};

const replaced = (value: Json, results: ReadonlyMap<string, Json>): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => replaced(item, results));
  if (!isRecord(value)) return value;
  const one = value['$ref'];
  if (typeof one === 'string') {
    const [alias = '', ...path] = one.split('.');
    return pathIn(results.get(alias), path) ?? null;
  }
  const many = value['$refArray'];
  if (typeof many === 'string') {
    const [alias = '', ...path] = many.split('.');
    return asList(pathIn(results.get(alias), ['items'])).map((item) => pathIn(item, path) ?? null);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, results)]));
};

/**
 * The commands of a batch: a JSON array (section 17), or what PHP reads alike, a map numbered from 0, which is how the
 * official SDK 2.2 sends them, an application's `auth` beside the numbers. Undefined for everything else.
 */
export const commandsOfV3 = (body: Json | undefined): readonly Json[] | undefined => {
  if (Array.isArray(body)) return body as readonly Json[];
  if (!isRecord(body)) return undefined;
  const rows = Object.entries(body).filter(([key]) => key !== 'auth');
  return rows.every(([key], index) => key === String(index)) ? rows.map(([, row]) => row) : undefined;
};

/** Answers a batch of REST 3.0: in order, all or nothing. */
export const runBatchV3 = (call: Call, rest: RestRequest, perform: Perform): EmulatorResponse => {
  const list = commandsOfV3(rest.json);
  if (list === undefined) {
    // The format of version 2, an object with `cmd`, is read as a call with a select that is none.
    return isRecord(rest.json) && 'cmd' in rest.json
      ? refuseV3(400, 'INVALIDSELECTEXCEPTION', 'Не удалось распознать выражение выборки')
      : invalidJson();
  }
  if (list.length > 50) {
    refuseV3(400, 'VALIDATION_REQUESTVALIDATIONEXCEPTION', 'Слишком много команд в пакете');
  }
  const writes = list.some((item) => methodNamed(asText(asRecord(item)['method']), 3)?.write === true);
  const before = writes ? structuredClone(call.state) : undefined;
  const effects = call.effects.length;
  const results = new Map<string, Json>();
  const answers: Json[] = [];
  try {
    for (const item of list) {
      const command = asRecord(item);
      const params = replaced(asRecord(command['query']), results) as Params;
      const { result } = perform(methodNamed(asText(command['method']), 3), params);
      answers.push(result);
      if (typeof command['as'] === 'string') results.set(command['as'], result);
    }
  } catch (problem) {
    if (problem instanceof Refusal && before !== undefined) {
      Object.assign(call.state, before);
      call.effects.length = effects;
    }
    throw problem;
  }
  return timed(call, undefined, 'batch', answer(answers));
};
