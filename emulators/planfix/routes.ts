/** What a route is, and what its handler gets. */
import { type EmulatorRequest, type EmulatorResponse } from '../common/types.ts';
import { type JsonObject, Refusal, toInteger } from './answers.ts';
import { isTrue } from './filterForm.ts';
import { type Actor, type Cause, type Step } from './state.ts';

/** One request on its way through a handler. */
export interface Call extends Step {
  readonly request: EmulatorRequest;
  readonly query: URLSearchParams;
  readonly actor: Actor;
  /** What stands in the path at the placeholders, in order. */
  readonly params: readonly string[];
  /** The JSON body; empty for multipart and for requests without one. */
  readonly body: JsonObject;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/rest`, with `{placeholders}`; exact in its slashes. */
  readonly path: string;
  /** Scope that the token needs; absent = any. */
  readonly scope?: string;
  readonly write: boolean;
  /** List methods answer business errors with HTTP 500 (section 3). */
  readonly list?: boolean;
  /** The body is not JSON. */
  readonly raw?: boolean;
  readonly run: (call: Call) => EmulatorResponse;
}

/** The number in a path. @throws Refusal code 41 when there is none. */
export function numberParam(call: Call, index: number): number {
  const id = toInteger((call.params[index] ?? '').replace(/^(user|contact):/, ''));
  if (id === undefined) throw new Refusal(400, 41, `Bad value of parameter id`);
  return id;
}

/** The cause of a change made by a REST request. */
export function causeOf(call: Call, silentAllowed = true): Cause {
  return { actor: call.actor, api: true, silent: silentAllowed && isTrue(call.query.get('silent')) };
}

/** Zone of the `date` and `time` keys for this token user. */
export function zoneOf(call: { readonly state: Step['state']; readonly actor: Actor }): string {
  return call.state.settings['timepoint.dateTimeIn'] === 'UTC' ? 'UTC' : call.actor.zone;
}
