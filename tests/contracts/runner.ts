import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readDuration } from '../../emulators/common/clock.ts';
import { readFault } from '../../emulators/common/faults.ts';
import { type EmulatorHost, hostEmulator, type Reply, type Step } from '../../emulators/common/host.ts';
import {
  type Act,
  type EmulatorKind,
  type EmulatorRequest,
  type EmulatorResponse,
  type Json,
  type OutgoingRequest,
  type ReceiverAnswer,
} from '../../emulators/common/types.ts';
import { type FollowUp } from './afterwards.ts';
import { compareBody, compareHeaders, type Difference, type Facts, factsOf } from './compare.ts';
import { editedWorld } from './edits.ts';
import { type Area, type CaseRequest, type ContractCase, type JsonObject, type Kind } from './layout.ts';
import { at } from './pointer.ts';
import { compareEvents, compareMail, compareRefused, isRefused, visibleLists } from './must.ts';
import { formMap, substituted, wireRequest } from './wire.ts';

export type Outcome =
  | { readonly id: string; readonly outcome: 'passed' }
  | { readonly id: string; readonly outcome: 'failed'; readonly differences: readonly Difference[] }
  | { readonly id: string; readonly outcome: 'skipped'; readonly reason: string };

/** Starts an account of a kind; the runner needs only its host. */
export type StartAccount = (options: {
  readonly world: Json;
  readonly address: { readonly http: string; readonly https: string };
  readonly account: string;
}) => { readonly host: EmulatorHost; readonly now: number };

/** Makes the starter of a kind for `runCase`. */
export function starterOf<State>(kind: EmulatorKind<State>): StartAccount {
  return ({ world, address, account }) => {
    const now = kind.worldNow(world) ?? 0;
    const host = hostEmulator(kind, { account, address, world, seed: 1, now, clock: 'caller' });
    return { host, now };
  };
}

const decoder = new TextDecoder();
/** How long the clock runs on for an answer that is held or a send that is due, in milliseconds. */
const patienceMs = 5 * 60_000;

interface Run {
  readonly host: EmulatorHost;
  now: number;
  readonly sent: OutgoingRequest[];
  readonly replies: Map<string, Reply>;
  readonly receiver: (request: OutgoingRequest) => ReceiverAnswer;
}

function carryOut(run: Run, first: Step): number | undefined {
  const waiting: Step[] = [first];
  let nextAt: number | undefined;
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    ({ nextAt } = step);
    for (const { held, reply } of step.replies) run.replies.set(held, reply);
    for (const send of step.sends) {
      run.sent.push(send.request);
      waiting.push(run.host.answered(send.id, run.receiver(send.request), run.now));
    }
  }
  return nextAt;
}

/** Lets the clock run to `until`, or to the moment when `enough` holds; stops where it got. */
function runClock(run: Run, until: number, enough: () => boolean): void {
  let nextAt = carryOut(run, run.host.tick(run.now));
  while (nextAt !== undefined && nextAt <= until && !enough()) {
    run.now = Math.max(run.now, nextAt);
    nextAt = carryOut(run, run.host.tick(run.now));
  }
}

function serve(run: Run, request: EmulatorRequest): EmulatorResponse | 'cut' {
  const { reply, step } = run.host.serve(request, run.now);
  carryOut(run, step);
  if (reply.kind !== 'held') return reply.kind === 'cut' ? 'cut' : reply.response;
  const { held } = reply;
  runClock(run, run.now + patienceMs, () => run.replies.has(held));
  const later = run.replies.get(held);
  if (later === undefined) throw new Error('the answer is held for longer than five minutes');
  return later.kind === 'cut' ? 'cut' : later.response;
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function answerAsJson(response: EmulatorResponse): Json {
  const text = decoder.decode(response.body);
  return {
    status: response.status,
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: jsonOf(text) ?? text,
  };
}

function applyStep(
  run: Run,
  step: JsonObject,
  saved: Map<string, string>,
  send: (request: CaseRequest) => EmulatorResponse | 'cut',
): void {
  if (typeof step['setting'] === 'string') {
    run.host.setSettings({ [step['setting']]: step['value'] as never });
  } else if (step['advance'] !== undefined) {
    const until = run.now + readDuration(step['advance']);
    runClock(run, until, () => false);
    run.now = until;
    carryOut(run, run.host.tick(run.now));
  } else if (step['call'] !== undefined) {
    const { times, save, ...call } = { ...(step['call'] as JsonObject), ...step } as JsonObject;
    for (let round = 0; round < (typeof times === 'number' ? times : 1); round += 1) {
      const response = send(call as unknown as CaseRequest);
      if (response === 'cut' || typeof save !== 'object' || save === null) continue;
      for (const [name, pointer] of Object.entries(save as JsonObject)) {
        const value = at(answerAsJson(response), String(pointer));
        if (value === undefined)
          throw new Error(`save: the answer has nothing at ${String(pointer)} for {{${name}}}`);
        saved.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
      }
    }
  } else if (step['act'] !== undefined) {
    const { acted, step: after } = run.host.act(step['act'] as unknown as Act, run.now);
    carryOut(run, after);
    if (!acted.ok) throw new Error(`act refused: ${acted.refused}`);
  } else if (step['fault'] !== undefined) run.host.addFault(readFault(step['fault']));
  else if (!('set' in step || 'add' in step || 'remove' in step))
    throw new Error(`unknown step of setup: ${JSON.stringify(step)}`);
}

type Validate = (schema: string, value: Json, where: string) => Difference[];

/** A checker of an area's schemas. */
export function schemaChecker(area: Area): Validate {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const id = `contracts:${area.file}`;
  ajv.addSchema({ $id: id, schemas: area.schemas });
  return (schema, value, where) => {
    const validate = ajv.getSchema(`${id}${schema}`);
    if (validate === undefined)
      return [{ where, wanted: `schema ${schema}`, got: 'no such schema in the area' }];
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map((error) => ({
      where: `${where}${error.instancePath}`,
      wanted: `schema ${schema}: ${error.message ?? error.keyword} ${JSON.stringify(error.params)}`,
      got: JSON.stringify(at(value, error.instancePath))?.slice(0, 200) ?? 'nothing',
    }));
  };
}

function compareAnswer(
  contract: ContractCase,
  response: EmulatorResponse | 'cut',
  facts: Facts,
  validate: Validate,
): Difference[] {
  if (response === 'cut') return [{ where: '', wanted: 'an answer', got: 'a cut connection' }];
  const { status, headers = {}, body = null } = contract.response;
  const statuses = typeof status === 'number' ? [status] : status;
  const text = decoder.decode(response.body);
  const differences: Difference[] = statuses.includes(response.status)
    ? []
    : [
        {
          where: '/status',
          wanted: statuses.join(' or '),
          got: `${String(response.status)} ${text.slice(0, 400)}`,
        },
      ];
  if (response.body.length === 0 && facts.bodyMayBeEmpty) return differences;
  differences.push(...compareHeaders(headers, response.headers, facts));
  if (body === null) {
    if (text !== '') differences.push({ where: '/body', wanted: 'an empty body', got: text.slice(0, 300) });
    return differences;
  }
  const raw = typeof body === 'object' && '$raw' in body ? String(body.$raw) : undefined;
  if (raw !== undefined) {
    const described = /^<[\p{L} ]+>$/u.test(raw);
    if (described ? text === '' : text !== raw)
      differences.push({ where: '/body', wanted: raw, got: text.slice(0, 300) });
    return differences;
  }
  const parsed = jsonOf(text);
  if (parsed === undefined)
    return [...differences, { where: '/body', wanted: 'JSON', got: text.slice(0, 300) || 'an empty body' }];
  differences.push(...compareBody(body, parsed, facts));
  if (contract.schema !== null) differences.push(...validate(contract.schema, parsed, '/body'));
  return differences;
}

function decodedBody(request: OutgoingRequest, expected: Json | undefined): Json {
  const text = decoder.decode(request.body);
  if (expected === undefined) return text;
  if (typeof expected === 'object' && expected !== null && '$raw' in expected) return { $raw: text };
  if (typeof expected === 'object' && expected !== null && '$form' in expected)
    return { $form: formMap(text) };
  return jsonOf(text) ?? text;
}

function compareSent(
  contract: ContractCase,
  sent: OutgoingRequest,
  facts: Facts,
  validate: Validate,
): Difference[] {
  const { method, path, query = {}, headers = {}, body } = contract.request;
  const url = new URL(sent.url);
  const differences: Difference[] = [];
  if (sent.method !== method) differences.push({ where: '/method', wanted: method, got: sent.method });
  if (url.pathname !== path) differences.push({ where: '/path', wanted: path, got: url.pathname });
  differences.push(
    ...compareBody(query, Object.fromEntries(url.searchParams), facts, '/query'),
    ...compareHeaders(headers, sent.headers, facts),
  );
  if (body === undefined || body === null) return differences;
  const decoded = decodedBody(sent, body);
  if (typeof body === 'object' && '$raw' in body) {
    if (JSON.stringify(decoded) !== JSON.stringify(body))
      differences.push({ where: '/body', wanted: String(body.$raw), got: decoder.decode(sent.body) });
    return differences;
  }
  differences.push(...compareBody(body, decoded, facts));
  const inner =
    typeof decoded === 'object' && decoded !== null && '$form' in decoded ? decoded.$form : decoded;
  if (contract.requestSchema !== undefined && inner !== undefined)
    differences.push(...validate(contract.requestSchema, inner as Json, '/body'));
  return differences;
}

/** The id that an answer gave to what was made: `id` of Planfix, a number as `result` of Bitrix24. */
function givenId(answer: Json): string {
  const id = at(answer, '/body/id') ?? at(answer, '/body/result');
  return typeof id === 'number' || typeof id === 'string' ? String(id) : '';
}

function compareLater(
  followUp: FollowUp,
  saved: ReadonlyMap<string, string>,
  send: (request: CaseRequest) => EmulatorResponse | 'cut',
): Difference[] {
  const response = send(followUp.request);
  const answer = response === 'cut' ? null : answerAsJson(response);
  const { has = {}, lacks = [] } = followUp;
  const where = (pointer: string): string => `afterwards ${followUp.request.path}: ${pointer}`;
  return [
    ...Object.entries(has).flatMap(([given, wanted]) => {
      const pointer = substituted(given, saved);
      const got = at(answer, pointer);
      if (JSON.stringify(got) === JSON.stringify(wanted)) return [];
      const shown = got ?? answer;
      return [
        { where: where(pointer), wanted: JSON.stringify(wanted), got: JSON.stringify(shown).slice(0, 400) },
      ];
    }),
    ...lacks.flatMap((given) => {
      const got = at(answer, substituted(given, saved));
      return got === undefined
        ? []
        : [{ where: where(given), wanted: 'nothing', got: JSON.stringify(got).slice(0, 300) }];
    }),
  ];
}

function addressOf(kind: Kind, world: Json): string {
  const named =
    kind === 'planfix'
      ? at(world, '/account/baseUrl')
      : `https://${String(at(world, '/portal/domain') ?? '')}`;
  return typeof named === 'string' && URL.canParse(named)
    ? new URL(named).origin
    : 'https://emulator.example';
}

function receiverOf(contract: ContractCase): Run['receiver'] {
  const { status, body } = contract.response;
  const text = typeof body === 'object' && body !== null && '$raw' in body ? String(body.$raw) : '';
  return (request) => {
    if (contract.direction !== 'from-crm') return { kind: 'answer', status: 200, body: '' };
    if (new URL(request.url).pathname !== contract.request.path)
      return { kind: 'none', why: 'nobody listens at this address' };
    return { kind: 'answer', status: typeof status === 'number' ? status : (status[0] ?? 200), body: text };
  };
}

function failedBy(id: string, error: unknown): Outcome {
  const told = (cause: unknown): string =>
    cause instanceof Error
      ? [
          cause.message,
          ...(cause.stack ?? '').split('\n').slice(1, 5),
          ...(cause.cause === undefined ? [] : [`because: ${told(cause.cause)}`]),
        ].join('\n')
      : String(cause);
  return {
    id,
    outcome: 'failed',
    differences: [{ where: '', wanted: 'a run without errors', got: told(error) }],
  };
}

/**
 * Runs one case against a fresh account in this process: world edits, the rest of `setup`, the request, and the
 * comparison; for `from-crm` cases what the account sends is compared with the case's request. `followUps` (requests
 * made afterwards, by case) belong to our own cases and world: leave them out for another folder.
 */
export function runCase(
  kind: Kind,
  contract: ContractCase,
  world: Json,
  start: StartAccount,
  validate: Validate,
  followUps: Readonly<Record<string, readonly FollowUp[]>> = {},
): Outcome {
  const { id, setup = [], must } = contract;
  const skip = setup.find((step) => step['skip'] !== undefined);
  if (skip !== undefined) return { id, outcome: 'skipped', reason: String(skip['skip']) };
  try {
    const edited = editedWorld(world, setup);
    const origin = addressOf(kind, world);
    const account = String(at(world, '/account/name') ?? 'vesna');
    const { host, now } = start({
      world: edited,
      address: { http: origin.replace('https:', 'http:'), https: origin },
      account,
    });
    const run: Run = { host, now, sent: [], replies: new Map(), receiver: receiverOf(contract) };
    const saved = new Map<string, string>();
    const defaultHost = new URL(origin).host;
    const send = (request: CaseRequest): EmulatorResponse | 'cut' =>
      serve(run, wireRequest(kind, substituted(request, saved), defaultHost));
    for (const step of setup) applyStep(run, step, saved, send);
    const request = substituted(contract.request, saved);
    const facts = factsOf({
      world: edited,
      request: [request as unknown as Json, ...request.path.split('/')],
      must,
    });
    let differences: Difference[];
    if (contract.direction === 'from-crm') {
      const fits = (): boolean =>
        run.sent.some((sent) => compareSent(contract, sent, facts, validate).length === 0);
      if (!fits()) runClock(run, run.now + patienceMs, fits);
      const last = run.sent.at(-1);
      differences = fits()
        ? []
        : last === undefined
          ? [{ where: '', wanted: 'a request from the account', got: 'nothing was sent' }]
          : compareSent(contract, last, facts, validate);
    } else {
      const before = isRefused(contract) ? visibleLists(host.dump()) : undefined;
      const [sentBefore, mailBefore] = [run.sent.length, host.mail().length];
      const response = send(contract.request);
      differences = compareAnswer(contract, response, facts, validate);
      if (response !== 'cut') saved.set('id', givenId(answerAsJson(response)));
      if (before !== undefined) differences.push(...compareRefused(before, visibleLists(host.dump())));
      runClock(run, run.now + 60_000, () => false);
      for (const followUp of followUps[id] ?? []) differences.push(...compareLater(followUp, saved, send));
      differences.push(
        ...compareEvents(must, run.sent.slice(sentBefore)),
        ...compareMail(must, host.mail().length - mailBefore),
      );
    }
    return differences.length === 0 ? { id, outcome: 'passed' } : { id, outcome: 'failed', differences };
  } catch (error) {
    return failedBy(id, error);
  }
}
