/** One call of one method, and what a method is. */
import { type Effect, type Instant, type Json } from '../common/types.ts';
import { type State } from './state.ts';
import { type Params } from './values.ts';

/** Who calls, when, and what the call causes. */
export interface Call {
  readonly state: State;
  readonly now: Instant;
  /** 0 = nobody: an automation. */
  readonly user: number;
  readonly admin: boolean;
  readonly scope: readonly string[];
  /** Name of the credential, for limits: a webhook's secret or the application. */
  readonly credential: string;
  /** True for an application's token, false for an incoming webhook or a person. */
  readonly application: boolean;
  /** True when the call came through REST, false for a person in the interface. */
  readonly rest: boolean;
  /** Key that keeps the call out of the offline queue of its own source. */
  readonly connector: string | null;
  /** Address for links to the portal itself. */
  readonly base: string;
  readonly effects: Effect[];
}

/** What a method answers; total and next only for lists. */
export interface Answer {
  readonly result: Json;
  readonly total?: number;
  readonly next?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Method {
  /** As the documentation spells it. */
  readonly name: string;
  readonly version: 2 | 3;
  /** Any one of these scopes is enough; empty = no scope needed. */
  readonly scope: readonly string[];
  readonly write: boolean;
  /** Names of parameters in order, for methods that read them by position. */
  readonly positional?: readonly string[];
  /** Needs an application's token. */
  readonly application?: boolean;
  /** Uploads and downloads are refused in a batch. */
  readonly file?: boolean;
  readonly run: (call: Call, params: Params) => Answer;
}

export const answer = (result: Json): Answer => ({ result });

export const pageSize = 50;

/**
 * One page of 50 of a list that is already selected and ordered (section 3 of the reference).
 * @param start the parameter as it came: offset, or -1 for no count
 */
export const page = <Row>(
  rows: readonly Row[],
  start: number | undefined,
  show: (row: Row) => Json,
  wrap: (rows: Json[]) => Json = (list) => list,
  zeroTotal = false,
): Answer => {
  if (start === -1) {
    const shown = rows.slice(0, pageSize).map(show);
    return zeroTotal ? { result: wrap(shown), total: 0 } : { result: wrap(shown) };
  }
  const from = Math.max(0, start ?? 0);
  const shown = rows.slice(from, from + pageSize).map(show);
  const next = from + pageSize;
  return next < rows.length
    ? { result: wrap(shown), next, total: rows.length }
    : { result: wrap(shown), total: rows.length };
};
