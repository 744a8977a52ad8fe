/**
 * The contract between an emulated CRM (a deterministic machine over its own state) and whatever runs it: the HTTP
 * shell, the contract runner, or a simulation that calls it directly. Nothing here knows Planfix or Bitrix24.
 */

/** Milliseconds since 1970-01-01T00:00Z. */
export type Instant = number;

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One HTTP request as it reached an account's port. */
export interface EmulatorRequest {
  readonly scheme: 'http' | 'https';
  /** Upper case. */
  readonly method: string;
  /** As on the request line: path and query, percent-encoding untouched. */
  readonly target: string;
  /** Names in lower case; repeated headers joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface EmulatorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** An HTTP request that the emulated CRM sends of itself: a webhook, an event. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
}

/** What the receiver of an outgoing request answered; `none` = time-out, refused or cut connection. */
export type ReceiverAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'none'; readonly why: string };

/** A notice that the CRM would send to a person: by mail, push or in its own bell. */
export interface Notice {
  readonly at: Instant;
  /** The person in the account's own terms, for example `user:3`, `contact:12` (Planfix) or `12` (Bitrix24). */
  readonly to: string;
  /** E-mail address when the CRM would also send a mail there. */
  readonly email?: string;
  /** What happened, a stable word: `comment`, `task.assigned`, `task.changed`, `mention`, … */
  readonly about: string;
  readonly task?: string;
  readonly text: string;
}

/** What a step of the machine causes outside of its own state. */
export type Effect =
  | { readonly kind: 'send'; readonly delivery: string; readonly request: OutgoingRequest }
  | { readonly kind: 'respond'; readonly held: string; readonly response: EmulatorResponse }
  | { readonly kind: 'notice'; readonly notice: Notice };

/** The answer of `handle`: a response now, or the name of one that a later `respond` effect brings. */
export interface Handled {
  readonly response: EmulatorResponse | { readonly held: string };
  readonly effects: readonly Effect[];
}

export interface Ticked {
  readonly effects: readonly Effect[];
  /** When `tick` wants to be called next; absent = only after something happened. */
  readonly nextAt?: Instant;
}

/** What a request is, for the access log, for faults (`on`) and for counting calls. Changes nothing. */
export interface Described {
  /** Names that a fault's `on` may use, most specific first: a Bitrix24 method name, `POST /task/list`, … */
  readonly operations: readonly string[];
  /** True when the request may change anything in the account; a batch with one write in it is a write. */
  readonly write: boolean;
  /** False for what is no REST address: file storage downloads, OAuth pages, the control API. */
  readonly rest: boolean;
  /** The person that the credential acts as, in the account's terms; absent when it is unknown. */
  readonly actor?: string;
  /** Methods inside a batch, in order. */
  readonly inner?: readonly string[];
}

/** Something that a person does in the interface of the CRM. Which words `do` knows: README.md of each emulator. */
export interface Act {
  /** The person in the account's terms (number or string); 0 = nobody, an automation. */
  readonly as: string | number;
  readonly do: string;
  readonly [detail: string]: Json;
}

/** What an act gave: its ids, or why the CRM refused it. */
export type Acted =
  | { readonly ok: true; readonly result: Json; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly refused: string };

export interface CoverageEntry {
  /** The method or route as the references name it: `tasks.task.add`, `POST /task/{id}`. */
  readonly method: string;
  /** `thin`: the answers' shapes without the rules behind them; `left out`: deliberately not served. */
  readonly support: 'supported' | 'partly' | 'thin' | 'left out';
  /** Section of the reference. */
  readonly reference: string;
  readonly note?: string;
}

export type SettingValue =
  boolean | number | string | readonly (boolean | number | string)[] | { readonly [key: string]: Json };

export interface SettingDescription {
  readonly name: string;
  readonly default: SettingValue;
  /** Every value of an enumeration, or two named examples of a number: what pairwise tests draw from. */
  readonly values: readonly SettingValue[];
  readonly about: string;
}

/** Where the account is reached; the emulator needs it to build links to itself. */
export interface Address {
  /** `http://127.0.0.1:5001`, no slash at the end. */
  readonly http: string;
  /** `https://127.0.0.1:5002`, no slash at the end. */
  readonly https: string;
}

/**
 * One kind of emulated CRM. `State` is plain mutable data owned by the machine (its seeded generator included): the
 * same calls in the same order give the same answers. No function reads a clock, draws chance or does I/O.
 */
export interface EmulatorKind<State> {
  readonly kind: 'planfix' | 'bitrix24';
  /** Default settings, from the references' last sections. */
  readonly settings: readonly SettingDescription[];
  readonly coverage: readonly CoverageEntry[];
  /** Every route or method that `handle` really serves; a test compares it with `coverage`. */
  routes(): readonly string[];
  /**
   * A fresh account. `world` is the `world` value of a contracts' world.json, or a dump of our own; absent = a small
   * default world named after `account`. Throws TypeError with a readable text for a world that it can't read.
   */
  create(options: {
    readonly account: string;
    readonly address: Address;
    readonly world?: Json;
    readonly settings?: Readonly<Record<string, SettingValue>>;
    readonly seed: number;
  }): State;
  /** The clock that a world asks for (its `now`), if any. */
  worldNow(world: Json): Instant | undefined;
  handle(state: State, request: EmulatorRequest, now: Instant): Handled;
  tick(state: State, now: Instant): Ticked;
  /** The receiver's answer to a `send` effect. */
  answered(state: State, delivery: string, answer: ReceiverAnswer, now: Instant): Ticked;
  act(state: State, act: Act, now: Instant): Acted;
  /** Plain data that `create` accepts as `world` again; what the judge reads. Deterministic order. */
  dump(state: State): Json;
  describe(state: State, request: EmulatorRequest): Described;
  getSettings(state: State): Readonly<Record<string, SettingValue>>;
  /** Throws TypeError for an unknown name or a value of a wrong type. */
  setSettings(state: State, settings: Readonly<Record<string, SettingValue>>): void;
  /** The credentials to print at start: a token (Planfix) or an incoming webhook URL path (Bitrix24), per person. */
  credentials(
    state: State,
  ): readonly { readonly actor: string; readonly name: string; readonly secret: string }[];
  /**
   * Faults that only the machine can play: a forged application token, an event dropped or doubled, the receiver's
   * status. `times: 0` forgets every fault given before.
   */
  sendFault(
    state: State,
    fault: {
      readonly times: number;
      readonly drop?: boolean;
      readonly double?: boolean;
      readonly delayMs?: number;
      readonly receiverStatus?: number;
      readonly applicationToken?: string;
    },
  ): void;
}

/** A fault as `POST /__emulator__/faults` takes it and as the contracts' README describes it. */
export interface Fault {
  readonly on: string;
  readonly when?: 'before' | 'after';
  readonly answer?: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Json;
  };
  readonly times?: number;
  readonly delayMs?: number;
  readonly double?: boolean;
  readonly drop?: boolean;
  readonly cut?: boolean;
  readonly receiverStatus?: number;
  readonly applicationToken?: string;
}

export interface AccessLogEntry {
  readonly at: Instant;
  readonly method: string;
  readonly target: string;
  readonly operation: string;
  readonly inner?: readonly string[];
  readonly write: boolean;
  readonly rest: boolean;
  readonly actor?: string;
  readonly status: number;
  /** Set when a fault touched the request: `before`, `after`, `cut`, `delay`. */
  readonly fault?: string;
}
