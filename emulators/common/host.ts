import { type AccountClock, accountTime, callerTime, clockAt } from './clock.ts';
import { faultResponse, jsonResponse } from './answer.ts';
import { controlAnswer, isControl } from './control.ts';
import {
  type Disturbance,
  type FaultPlan,
  machineFault,
  readFault,
  takeFault,
  takeSendCut,
} from './faults.ts';
import {
  type AccessLogEntry,
  type Act,
  type Acted,
  type Address,
  type CoverageEntry,
  type Effect,
  type EmulatorKind,
  type EmulatorRequest,
  type EmulatorResponse,
  type Fault,
  type Instant,
  type Json,
  type Notice,
  type OutgoingRequest,
  type ReceiverAnswer,
  type SettingDescription,
  type SettingValue,
} from './types.ts';

/** What the caller does with a request: answer it or cut its connection, `at` the caller's clock (absent = now). */
export type Reply =
  | { readonly kind: 'respond'; readonly response: EmulatorResponse; readonly at?: Instant }
  | { readonly kind: 'cut'; readonly at?: Instant };

/** A request that the account sends of itself; the caller carries it out and tells `answered` what came back. */
export interface Send {
  readonly id: string;
  readonly request: OutgoingRequest;
}

/** What a step of the host asks of its caller, in this order. Times are of the caller's clock. */
export interface Step {
  readonly replies: readonly { readonly held: string; readonly reply: Reply }[];
  readonly sends: readonly Send[];
  /** When `tick` wants to be called; absent = only after something happened. */
  readonly nextAt?: Instant;
}

/** `held` = the reply comes in a later step under this name, maybe already in this one's `replies`. */
export interface Served {
  readonly reply: Reply | { readonly kind: 'held'; readonly held: string };
  readonly step: Step;
}

export interface Idle {
  readonly idle: boolean;
  /** Requests whose answer is still to come. */
  readonly held: number;
  /** Sends whose receiver has not answered yet. */
  readonly pendingSends: number;
  /** The next thing due, in the account's time. */
  readonly nextAt?: Instant;
}

/**
 * One emulated account under a caller that owns time and sockets: the HTTP shell, the contract runner, a simulation.
 * Deterministic and free of I/O: the same calls in the same order give the same answers. Every function that may
 * cause something takes the caller's `now` and gives the step to carry out.
 */
export interface EmulatorHost {
  readonly kind: 'planfix' | 'bitrix24';
  readonly account: string;
  readonly coverage: readonly CoverageEntry[];
  readonly settingDescriptions: readonly SettingDescription[];
  /** Any request to the account, the control API under `/__emulator__/` included. */
  serve(request: EmulatorRequest, now: Instant): Served;
  /** Runs what is due. */
  tick(now: Instant): Step;
  /** What the receiver of a send answered. An answer to a send from before a reset is ignored. */
  answered(id: string, answer: ReceiverAnswer, now: Instant): Step;
  act(act: Act, now: Instant): { readonly acted: Acted; readonly step: Step };
  /** Back to the world, settings and seed of the start; log, mail and faults are emptied, open requests cut. */
  reset(now: Instant): Step;
  /**
   * Like `reset`, with another world; its clock starts at `at`, else at the world's own `now`.
   * Throws TypeError for a world that cannot be read; then nothing changed.
   */
  seed(world: Json, now: Instant, options?: { readonly seed?: number; readonly at?: Instant }): Step;
  /** Throws TypeError for a fault that cannot be. */
  addFault(fault: Fault): void;
  clearFaults(): void;
  faults(): readonly Fault[];
  settings(): Readonly<Record<string, SettingValue>>;
  /** Throws TypeError for an unknown name or a wrong value. */
  setSettings(settings: Readonly<Record<string, SettingValue>>): void;
  dump(): Json;
  /** Entries from number `since` on (0 = the first ever); status 0 = not answered yet, or cut. */
  log(since?: number): { readonly entries: readonly AccessLogEntry[]; readonly next: number };
  clearLog(): void;
  mail(to?: string): readonly Notice[];
  clearMail(): void;
  credentials(): readonly { readonly actor: string; readonly name: string; readonly secret: string }[];
  time(now: Instant): { readonly at: Instant; readonly frozen: boolean };
  /**
   * Moves the account's clock. Forwards: everything due in between runs in order, and each send waits for its
   * answer before the clock goes on, so the reply may be held. Backwards: the clock is only set.
   */
  moveClock(to: Instant, now: Instant, freeze?: boolean): Served;
  /** Quiet = no open request, no send under way, nothing due within `withinMs`. */
  idle(now: Instant, withinMs: number): Idle;
}

export interface HostOptions {
  readonly account: string;
  readonly address: Address;
  readonly world?: Json;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly seed: number;
  /** The account's time at the start, when it is not the world's own `now`. */
  readonly at?: Instant;
  /** The caller's clock at the start. */
  readonly now: Instant;
  /** `world` (default): the account's clock starts at the `now` of its world, if it has one; `caller`: never shifted. */
  readonly clock?: 'world' | 'caller';
}

type LogEntry = { -readonly [Key in keyof AccessLogEntry]: AccessLogEntry[Key] };
interface Held {
  readonly entry: LogEntry;
  readonly disturbance: Disturbance | undefined;
}

const tickGuard = 100_000;
/** Starts one account of a kind. Throws TypeError when its world or settings cannot be read. */
export function hostEmulator<State>(kind: EmulatorKind<State>, options: HostOptions): EmulatorHost {
  const { account, address } = options;
  let origin: { readonly world: Json | undefined; readonly seed: number; readonly at?: Instant } = {
    world: options.world,
    seed: options.seed,
    ...(options.at === undefined ? {} : { at: options.at }),
  };
  let state: State;
  let clock: AccountClock;
  let dueAt: Instant | undefined;
  let epoch = 0;
  let heldCount = 0;
  let logBase = 0;
  let log: LogEntry[] = [];
  let mail: Notice[] = [];
  let plans: FaultPlan[] = [];
  let advance: { readonly target: Instant; readonly held: string; readonly freeze: boolean } | undefined;
  const heldByMachine = new Map<string, Held>();
  const deferred = new Map<string, { readonly at: Instant; readonly request: EmulatorRequest } & Held>();
  const inFlight = new Map<string, string>();
  const delayedUntil: Instant[] = [];
  const cutSends: string[] = [];
  let replies: { readonly held: string; readonly reply: Reply }[] = [];
  let sends: Send[] = [];

  function create(world: Json | undefined, seed: number): State {
    return kind.create({
      account,
      address,
      seed,
      ...(world === undefined ? {} : { world }),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
    });
  }

  function startClock(now: Instant): AccountClock {
    if (options.clock === 'caller') return clockAt(now, now, false);
    const asked = origin.at ?? (origin.world === undefined ? undefined : kind.worldNow(origin.world));
    return clockAt(asked ?? now, now, false);
  }

  function finish(held: Held, response: EmulatorResponse, now: Instant): Reply {
    const { entry, disturbance } = held;
    const at = disturbance !== undefined && disturbance.delayMs > 0 ? now + disturbance.delayMs : undefined;
    if (at !== undefined) delayedUntil.push(at);
    const when = at === undefined ? {} : { at };
    if (disturbance?.cut === true) return { kind: 'cut', ...when };
    const given = disturbance?.answer === undefined ? response : faultResponse(disturbance.answer);
    entry.status = given.status;
    return { kind: 'respond', response: given, ...when };
  }

  function absorb(effects: readonly Effect[], now: Instant): void {
    for (const effect of effects) {
      if (effect.kind === 'notice') mail.push(effect.notice);
      else if (effect.kind === 'send') {
        const id = `${String(epoch)}:${effect.delivery}`;
        inFlight.set(id, effect.delivery);
        if (takeSendCut(plans)) cutSends.push(id);
        else sends.push({ id, request: effect.request });
      } else {
        const held = heldByMachine.get(effect.held);
        if (held === undefined)
          throw new Error(`the machine answered "${effect.held}", which nobody waits for`);
        heldByMachine.delete(effect.held);
        replies.push({ held: `${String(epoch)}:${effect.held}`, reply: finish(held, effect.response, now) });
      }
    }
  }

  function takeAnswer(id: string, answer: ReceiverAnswer, now: Instant): void {
    const delivery = inFlight.get(id);
    if (delivery === undefined) return;
    inFlight.delete(id);
    const { effects, nextAt } = kind.answered(state, delivery, answer, accountTime(clock, now));
    dueAt = nextAt;
    absorb(effects, now);
  }

  function runAt(at: Instant, now: Instant): void {
    for (let round = 0; round < tickGuard; round += 1) {
      const { effects, nextAt } = kind.tick(state, at);
      dueAt = nextAt;
      absorb(effects, now);
      const cut = cutSends.shift();
      if (cut !== undefined) takeAnswer(cut, { kind: 'none', why: 'the connection was cut' }, now);
      else if (nextAt === undefined || nextAt > at) return;
    }
    throw new Error(`${kind.kind} ${account}: tick asks for the same moment again and again`);
  }

  function runAdvance(now: Instant): void {
    while (advance !== undefined) {
      runAt(accountTime(clock, now), now);
      if (inFlight.size > 0) return;
      const { target, held, freeze } = advance;
      if (dueAt !== undefined && dueAt <= target) {
        clock = { kind: 'frozen', at: dueAt };
        continue;
      }
      advance = undefined;
      clock = clockAt(target, now, freeze);
      runAt(target, now);
      replies.push({ held, reply: { kind: 'respond', response: jsonResponse(200, shownTime(now)) } });
    }
  }

  function run(request: EmulatorRequest, held: Held, now: Instant): Served['reply'] {
    const { response, effects } = kind.handle(state, request, accountTime(clock, now));
    if ('held' in response) heldByMachine.set(response.held, held);
    absorb(effects, now);
    if ('held' in response) return { kind: 'held', held: `${String(epoch)}:${response.held}` };
    return finish(held, response, now);
  }

  function runDue(now: Instant): void {
    for (const [name, { at, request, entry }] of deferred) {
      if (at > now) continue;
      deferred.delete(name);
      const reply = run(request, { entry, disturbance: undefined }, now);
      if (reply.kind === 'held')
        throw new Error('a request delayed by a fault was held once more: not supported');
      replies.push({ held: name, reply });
    }
    if (advance === undefined) runAt(accountTime(clock, now), now);
    else runAdvance(now);
  }

  function nextCall(now: Instant): Instant | undefined {
    const machine = dueAt === undefined || advance !== undefined ? undefined : callerTime(clock, dueAt, now);
    let next = machine;
    for (const { at } of deferred.values()) if (next === undefined || at < next) next = at;
    return next;
  }

  function drain(now: Instant): Step {
    const nextAt = nextCall(now);
    const step = { replies, sends, ...(nextAt === undefined ? {} : { nextAt }) };
    replies = [];
    sends = [];
    return step;
  }

  function startAgain(fresh: State, now: Instant): void {
    for (const held of heldByMachine.keys())
      replies.push({ held: `${String(epoch)}:${held}`, reply: { kind: 'cut' } });
    for (const held of deferred.keys()) replies.push({ held, reply: { kind: 'cut' } });
    if (advance !== undefined) replies.push({ held: advance.held, reply: { kind: 'cut' } });
    heldByMachine.clear();
    deferred.clear();
    inFlight.clear();
    cutSends.length = 0;
    advance = undefined;
    epoch += 1;
    logBase = 0;
    log = [];
    mail = [];
    plans = [];
    state = fresh;
    clock = startClock(now);
    runAt(accountTime(clock, now), now);
  }

  function shownTime(now: Instant): { now: string; at: Instant; frozen: boolean } {
    const at = accountTime(clock, now);
    return { now: new Date(at).toISOString(), at, frozen: clock.kind === 'frozen' };
  }

  function serveAccount(request: EmulatorRequest, now: Instant): Served['reply'] {
    const described = kind.describe(state, request);
    const entry: LogEntry = {
      at: accountTime(clock, now),
      method: request.method,
      target: request.target,
      operation: described.operations[0] ?? request.method,
      write: described.write,
      rest: described.rest,
      status: 0,
      ...(described.inner === undefined ? {} : { inner: described.inner }),
      ...(described.actor === undefined ? {} : { actor: described.actor }),
    };
    log.push(entry);
    const disturbance = plans.length === 0 ? undefined : takeFault(plans, request, described);
    const held = { entry, disturbance };
    if (disturbance === undefined) return run(request, held, now);
    const replaced = disturbance.cut || disturbance.answer !== undefined;
    entry.fault = disturbance.cut ? 'cut' : replaced ? disturbance.when : 'delay';
    if (disturbance.when === 'after') return run(request, held, now);
    if (replaced) return finish(held, jsonResponse(500, {}), now);
    heldCount += 1;
    const name = `delayed:${String(heldCount)}`;
    deferred.set(name, { at: now + disturbance.delayMs, request, entry, disturbance });
    return { kind: 'held', held: name };
  }

  function moveClock(to: Instant, now: Instant, freeze: boolean): Served['reply'] {
    if (advance !== undefined)
      return {
        kind: 'respond',
        response: jsonResponse(409, { error: 'the clock is already being moved: wait for its answer' }),
      };
    const at = accountTime(clock, now);
    if (to <= at) {
      clock = clockAt(to, now, freeze);
      return { kind: 'respond', response: jsonResponse(200, shownTime(now)) };
    }
    heldCount += 1;
    const held = `clock:${String(heldCount)}`;
    clock = { kind: 'frozen', at };
    advance = { target: to, held, freeze };
    return { kind: 'held', held };
  }

  const host: EmulatorHost = {
    kind: kind.kind,
    account,
    coverage: kind.coverage,
    settingDescriptions: kind.settings,
    serve(request, now) {
      const control = isControl(request);
      const reply = control ? controlAnswer(host, request, now) : serveAccount(request, now);
      if ('step' in reply) return reply;
      runDue(now);
      return { reply, step: drain(now) };
    },
    tick(now) {
      runDue(now);
      return drain(now);
    },
    answered(id, answer, now) {
      takeAnswer(id, answer, now);
      runDue(now);
      return drain(now);
    },
    act(act, now) {
      const acted = kind.act(state, act, accountTime(clock, now));
      if (acted.ok) absorb(acted.effects, now);
      runDue(now);
      return { acted, step: drain(now) };
    },
    reset(now) {
      startAgain(create(origin.world, origin.seed), now);
      return drain(now);
    },
    seed(world, now, { seed = options.seed, at } = {}) {
      const fresh = create(world, seed);
      origin = { world, seed, ...(at === undefined ? {} : { at }) };
      startAgain(fresh, now);
      return drain(now);
    },
    addFault(given) {
      const fault = readFault(given);
      const { times = 1 } = fault;
      if (times === 0) return;
      const machine = machineFault(fault);
      if (machine === undefined) plans.push({ fault, left: times });
      else kind.sendFault(state, machine);
    },
    clearFaults() {
      plans = [];
      kind.sendFault(state, { times: 0 });
    },
    faults: () => plans.map(({ fault, left }) => ({ ...fault, times: left })),
    settings: () => kind.getSettings(state),
    setSettings(settings) {
      kind.setSettings(state, settings);
    },
    dump: () => kind.dump(state),
    log: (since = 0) => ({ entries: log.slice(Math.max(0, since - logBase)), next: logBase + log.length }),
    clearLog() {
      logBase += log.length;
      log = [];
    },
    mail: (to) => (to === undefined ? mail : mail.filter((notice) => notice.to === to)),
    clearMail() {
      mail = [];
    },
    credentials: () => kind.credentials(state),
    time: (now) => ({ at: accountTime(clock, now), frozen: clock.kind === 'frozen' }),
    moveClock(to, now, freeze = clock.kind === 'frozen') {
      const reply = moveClock(to, now, freeze);
      runDue(now);
      return { reply, step: drain(now) };
    },
    idle(now, withinMs) {
      while (delayedUntil[0] !== undefined && delayedUntil[0] <= now) delayedUntil.shift();
      const held =
        heldByMachine.size +
        deferred.size +
        delayedUntil.filter((at) => at > now).length +
        (advance === undefined ? 0 : 1);
      const soon = dueAt !== undefined && dueAt <= accountTime(clock, now) + withinMs;
      return {
        idle: held === 0 && inFlight.size === 0 && !soon,
        held,
        pendingSends: inFlight.size,
        ...(dueAt === undefined ? {} : { nextAt: dueAt }),
      };
    },
  };

  state = create(options.world, options.seed);
  clock = startClock(options.now);
  runAt(accountTime(clock, options.now), options.now);
  return host;
}
