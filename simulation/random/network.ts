/**
 * Emulated accounts on simulated time: requests take their time, answers may be held or lost, webhooks travel, and an
 * account may be out of reach for a while. Everything that goes over the wire goes into the trace.
 */
import { createHash } from 'node:crypto';
import { bitrix24 } from '../../emulators/bitrix24/emulator.ts';
import { type EmulatorHost, hostEmulator, type Reply, type Step } from '../../emulators/common/host.ts';
import { type Act, type Acted, type EmulatorRequest } from '../../emulators/common/types.ts';
import { planfix } from '../../emulators/planfix/emulator.ts';
import { type CrmKind } from '../../mappings/types.ts';
import { type HttpRequest, TransportError } from '../../runtime/runtime.ts';
import { type SimulatedAnswer, type SimulatedRuntime, simulatedRuntime } from '../../runtime/simulated.ts';
import { type Store } from '../../store/port.ts';
import { touchesOf } from '../hints.ts';
import { accountOf } from './companies.ts';
import { drawFrom } from './draw.ts';
import { type CompanyPlan, type Outage, type WorldPlan } from './story.ts';

export interface Trace {
  add(...parts: readonly string[]): void;
  /** SHA-256 of all that was added, hex. */
  hash(): string;
  readonly lines: readonly string[];
}

/** `keep`: also as lines. */
export function traceOf(keep: boolean): Trace {
  const sha = createHash('sha256');
  const lines: string[] = [];
  return {
    add(...parts) {
      const line = parts.join(' ');
      sha.update(`${line}\n`);
      if (keep) lines.push(line);
    },
    hash: () => sha.copy().digest('hex'),
    lines,
  };
}

export interface Network {
  readonly runtime: SimulatedRuntime;
  host(account: string): EmulatorHost;
  act(account: string, act: Act): Acted;
  /** Until when the account answers nobody as it should; how it fails meanwhile. */
  breakDown(account: string, how: Outage, until: number): void;
  /** Whether webhooks reach anybody. */
  receiving: boolean;
  /** What went wrong in the simulation itself. */
  readonly broken: readonly unknown[];
  /** Runs beside everything; what it throws goes to `broken`. */
  beside(work: Promise<unknown>): void;
}

/**
 * Around what may change an account without its people: asked before it, gives what is to be done after it. `request`: null
 * = what was accepted earlier takes effect.
 */
export type Watch = (account: string, request: EmulatorRequest | null, sentAt: number) => (() => void) | null;

const encoder = new TextEncoder();

async function bytesOf(body: HttpRequest['body']): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (typeof body === 'string') return encoder.encode(body);
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

const json = (status: number, body: unknown): SimulatedAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** What an account answers instead of an answer (planfix-api: errors; b24restdocs: _includes/system-errors.md). */
function refusalOf(kind: CrmKind, how: Exclude<Outage, 'offline'>): SimulatedAnswer {
  if (how === 'web page')
    return {
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<html><h1>Bad gateway</h1></html>',
    };
  if (kind === 'planfix') {
    const refused = {
      refused: [401, 1, 'Access denied, unknown token'],
      unpaid: [403, 20, 'Subscription is not paid'],
      limited: [403, 22, 'Too many requests'],
    } as const;
    const [status, code, error] = refused[how];
    return json(status, {
      result: 'fail',
      code,
      error,
      ...(how === 'limited' ? { timeToReset: 5_000 } : {}),
    });
  }
  const refused = {
    refused: [401, 'INVALID_CREDENTIALS'],
    unpaid: [402, 'PAYMENT_REQUIRED'],
    limited: [503, 'QUERY_LIMIT_EXCEEDED'],
  } as const;
  const [status, error] = refused[how];
  return json(status, { error, error_description: how });
}

interface Account {
  readonly plan: CompanyPlan;
  readonly host: EmulatorHost;
  broken: { readonly how: Outage; readonly until: number } | null;
  /** When its next tick is. */
  tickAt: number;
}

export function networkOf(seed: number, plan: WorldPlan, store: Store, trace: Trace, watch: Watch): Network {
  const draw = drawFrom(seed ^ 0x77_1d_5a_01);
  const accounts = new Map<string, Account>();
  const byOrigin = new Map<string, Account>();
  const held = new Map<string, (reply: Reply) => void>();
  const broken: unknown[] = [];
  const beside = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => broken.push(error));
  };

  const runtime = simulatedRuntime({ seed, start: plan.start, route });

  for (const company of plan.companies) {
    const { account, kind, clockMs, settings } = company;
    const domain = `${account}.${kind === 'planfix' ? 'planfix' : 'bitrix24'}.ru`;
    const { world } = accountOf(plan, company);
    const options = {
      account,
      address: { http: `http://${domain}`, https: `https://${domain}` },
      world,
      seed,
      now: plan.start,
      at: plan.start + clockMs,
      settings,
    };
    const host = kind === 'planfix' ? hostEmulator(planfix, options) : hostEmulator(bitrix24, options);
    const made: Account = { plan: company, host, broken: null, tickAt: Infinity };
    accounts.set(account, made);
    byOrigin.set(`https://${domain}`, made);
  }

  const found = (account: string): Account => {
    const one = accounts.get(account);
    if (!one) throw new Error(`the world has no account ${account}`);
    return one;
  };

  function carryOut(account: Account, step: Step): void {
    const { host } = account;
    for (const { held: name, reply } of step.replies) {
      const answer = held.get(`${host.account} ${name}`);
      held.delete(`${host.account} ${name}`);
      answer?.(reply);
    }
    for (const { id, request } of step.sends) beside(deliver(account, id, request));
    if (step.nextAt !== undefined) tickLater(account, Math.max(step.nextAt, runtime.now() + 1));
  }

  function tickLater(account: Account, at: number): void {
    if (account.tickAt <= at) return;
    account.tickAt = at;
    beside(
      runtime.sleep(at - runtime.now()).then(() => {
        if (account.tickAt !== at) return;
        account.tickAt = Infinity;
        const after = watch(account.host.account, null, at);
        carryOut(account, account.host.tick(runtime.now()));
        after?.();
      }),
    );
  }

  async function deliver(
    account: Account,
    id: string,
    request: Parameters<typeof touchesOf>[2],
  ): Promise<void> {
    const { host, plan: company } = account;
    await runtime.sleep(draw.between(5, 400));
    const receiving = network.receiving;
    if (receiving) await store.touch(touchesOf(host.account, company.kind, request, runtime.now()));
    trace.add(String(runtime.now()), host.account, receiving ? 'hint' : 'hint lost');
    carryOut(
      account,
      host.answered(
        id,
        receiving ? { kind: 'answer', status: 200, body: '' } : { kind: 'none', why: 'nobody listens' },
        runtime.now(),
      ),
    );
  }

  async function serve(account: Account, request: EmulatorRequest, sentAt: number): Promise<Reply> {
    const { host } = account;
    const after = watch(host.account, request, sentAt);
    const served = host.serve(request, runtime.now());
    const { reply } = served;
    const waiting =
      reply.kind === 'held'
        ? new Promise<Reply>((resolve) => held.set(`${host.account} ${reply.held}`, resolve))
        : Promise.resolve(reply);
    carryOut(account, served.step);
    after?.();
    return waiting;
  }

  async function route(request: HttpRequest): Promise<SimulatedAnswer> {
    const url = new URL(request.url);
    const account = byOrigin.get(url.origin);
    if (account === undefined) throw new TransportError('unsent', `nothing listens at ${url.origin}`);
    const sentAt = runtime.now();
    const name = account.host.account;
    const body = await bytesOf(request.body);
    const about = [
      name,
      request.method,
      `${url.pathname}${url.search}`,
      createHash('sha256').update(body).digest('hex').slice(0, 12),
    ];
    trace.add(String(sentAt), ...about);
    if (account.broken !== null && account.broken.until > sentAt) {
      const { how } = account.broken;
      await runtime.sleep(draw.between(5, 300));
      trace.add(String(runtime.now()), name, how);
      if (how !== 'offline') return refusalOf(account.plan.kind, how);
      if (draw.chance(0.7)) throw new TransportError('unsent', 'the host is not reachable');
      await runtime.sleep(request.timeoutMs);
      throw new TransportError('timeout', 'nobody answers');
    }
    await runtime.sleep(draw.between(5, 120));
    const reply = await serve(
      account,
      {
        scheme: 'https',
        method: request.method,
        target: `${url.pathname}${url.search}`,
        headers: {
          host: url.host,
          ...Object.fromEntries(
            Object.entries(request.headers).map(([header, value]) => [header.toLowerCase(), value]),
          ),
        },
        body,
      },
      sentAt,
    );
    if (reply.at !== undefined) await runtime.sleep(reply.at - runtime.now());
    await runtime.sleep(draw.between(5, 120));
    trace.add(String(runtime.now()), name, reply.kind === 'cut' ? 'cut' : String(reply.response.status));
    if (reply.kind === 'cut') throw new TransportError('cut', 'the connection was cut');
    const { status, headers, body: answered } = reply.response;
    // Every web server says what time it has.
    const date = new Date(account.host.time(runtime.now()).at).toUTCString();
    return { status, headers: { date, ...headers }, body: answered };
  }

  const network: Network = {
    runtime,
    host: (account) => found(account).host,
    act(account, act) {
      const one = found(account);
      const { acted, step } = one.host.act(act, runtime.now());
      trace.add(String(runtime.now()), account, JSON.stringify(act), acted.ok ? 'done' : 'refused');
      carryOut(one, step);
      return acted;
    },
    breakDown(account, how, until) {
      found(account).broken = { how, until };
    },
    receiving: true,
    broken,
    beside,
  };
  return network;
}
