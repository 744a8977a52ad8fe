/** REST calls from the door to the method: portal state, limits, credentials, scopes (sections 1, 2, 5). */
import { type Effect, type EmulatorRequest, type EmulatorResponse, type Instant } from '../common/types.ts';
import { errorV2, errorV3, redirect, success, timeBlock } from './answers.ts';
import { runBatch } from './batch.ts';
import { type Answer, type Call, type Method } from './call.ts';
import { byPosition, restRequest, type RestRequest } from './calls.ts';
import { admitted, charge, costOf, withinBudget } from './limits.ts';
import { flag, word } from './settings.ts';
import { type State } from './state.ts';
import { runBatchV3, runV3 } from './v3.ts';
import { asText, type Params, Refusal, refuse } from './values.ts';
import { asXml } from './xml.ts';

interface Identity {
  readonly user: number;
  readonly scope: readonly string[];
  readonly credential: string;
  readonly application: boolean;
}

/** Who a request's credential stands for; the refusal when it stands for nobody. */
const identify = (state: State, rest: RestRequest, now: Instant): Identity => {
  if (rest.hook !== null) {
    const hook = state.hooks.get(rest.hook.secret);
    if (hook === undefined || String(hook.user) !== rest.hook.user) {
      return word(state, 'auth.wrongSecret') === 'NO_AUTH_FOUND'
        ? refuse(401, 'NO_AUTH_FOUND', 'Wrong authorization data')
        : refuse(401, 'INVALID_CREDENTIALS', 'Invalid request credentials');
    }
    return { user: hook.user, scope: hook.scope, credential: hook.secret, application: false };
  }
  if (rest.auth === '') return refuse(401, 'NO_AUTH_FOUND', 'Wrong authorization data');
  const { application } = state;
  const token = application?.tokens.get(rest.auth);
  if (application === null || token === undefined || !(application.installed || application.unfinished)) {
    return refuse(401, 'invalid_token', 'Unable to get application by token');
  }
  if (token.expired || (token.expires !== null && token.expires <= now)) {
    return refuse(401, 'expired_token', 'The access token provided has expired.');
  }
  if (application.allowedUsers !== null && !application.allowedUsers.includes(token.user)) {
    return refuse(403, 'user_access_error', 'The user does not have access to the application');
  }
  return { user: token.user, scope: application.scope, credential: rest.auth, application: true };
};

const portalOpen = (state: State, request: EmulatorRequest): void => {
  if (request.scheme === 'http' && flag(state, 'portal.httpsOnly')) {
    refuse(401, 'INVALID_REQUEST', 'Https required.');
  }
  if (state.portal.condition === 'deleted') refuse(500, 'PORTAL_DELETED', 'Portal was deleted');
  if (state.portal.condition === 'overload') {
    refuse(503, 'OVERLOAD_LIMIT', 'REST API is blocked due to overload');
  }
  if (state.portal.plan === 'free') {
    refuse(403, 'ACCESS_DENIED', 'REST API is available only on commercial plans');
  }
};

const hasScope = (call: Call, method: Method): boolean => {
  if (method.scope.length === 0) return true;
  if (method.version === 3) {
    const wanted = word(call.state, 'v3.scopeName');
    if (wanted !== 'both' && method.scope.includes('tasks')) return call.scope.includes(wanted);
  }
  return method.scope.some((scope) => call.scope.includes(scope));
};

/** One budget for all tokens of the application. */
const budgetOf = (call: Call): string => (call.application ? 'application' : call.credential);

/** Runs one method with the checks that hold inside and outside of a batch. */
const perform = (call: Call, method: Method | undefined, params: Params, payer: string | null): Answer => {
  if (method === undefined) return refuse(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
  if (!hasScope(call, method)) {
    refuse(
      403,
      'insufficient_scope',
      'The request requires higher privileges than provided by the webhook token',
    );
  }
  if (method.application === true && !call.application) {
    refuse(403, 'WRONG_AUTH_TYPE', 'Application context required');
  }
  const charged = payer ?? method.name;
  if (!withinBudget(call.state, budgetOf(call), charged, call.now)) {
    refuse(429, 'OPERATION_TIME_LIMIT', 'Method is blocked due to operation time limit.');
  }
  try {
    const positional =
      method.positional !== undefined && word(call.state, 'legacy.positional') === 'strict'
        ? byPosition(params, method.positional)
        : params;
    return method.run(call, positional);
  } finally {
    charge(call.state, budgetOf(call), charged, costOf(method), call.now);
  }
};

const respond = (call: Call, rest: RestRequest, request: EmulatorRequest): EmulatorResponse => {
  if (rest.version === 3) {
    return rest.name.toLowerCase() === 'batch'
      ? runBatchV3(call, rest, (method, params) => perform(call, method, params, null))
      : runV3(call, rest, request, (method, params) => perform(call, method, params, null));
  }
  const payer = word(call.state, 'limits.operatingChargedTo') === 'batch' ? 'batch' : null;
  if (rest.name.toLowerCase() === 'batch') {
    const result = runBatch(call, rest.params, (method, params) => {
      const connector = asText(params['auth_connector']) || call.connector;
      return perform({ ...call, connector }, method, params, payer);
    });
    return success(result, timeBlock(call.state, call.now, 0.1, budgetOf(call), 'batch'));
  }
  const result = perform(call, rest.method, rest.params, null);
  const cost = rest.method === undefined ? 0 : costOf(rest.method);
  return success(result, timeBlock(call.state, call.now, cost, budgetOf(call), rest.name));
};

/** Answers a request to `/rest/…`. Effects of the call are put into `effects`. */
export const answerRest = (
  state: State,
  request: EmulatorRequest,
  now: Instant,
  effects: Effect[],
): EmulatorResponse => {
  const rest = restRequest(request);
  const response = answered(state, request, rest, now, effects);
  return rest.xml ? asXml(response) : response;
};

const answered = (
  state: State,
  request: EmulatorRequest,
  rest: RestRequest,
  now: Instant,
  effects: Effect[],
): EmulatorResponse => {
  try {
    portalOpen(state, request);
    if (!admitted(state, now)) refuse(503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests');
    if (rest.hook === null && rest.method === undefined && rest.name.includes('/')) {
      refuse(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
    }
    if (rest.version === 3 && !state.portal.restV3) {
      refuse(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
    }
    const identity = identify(state, rest, now);
    const call: Call = {
      state,
      now,
      ...identity,
      admin: state.users.get(identity.user)?.admin === true,
      rest: true,
      connector: asText(rest.params['auth_connector']) || null,
      base: request.scheme === 'https' ? state.address.https : state.address.http,
      effects,
    };
    return respond(call, rest, request);
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    return rest.version === 3 ? errorV3(problem) : errorV2(problem);
  }
};

/** The redirect of a former address, when the Host header names one. */
export const moved = (state: State, request: EmulatorRequest): EmulatorResponse | undefined => {
  const host = (request.headers['host'] ?? '').toLowerCase();
  return state.portal.formerDomains.includes(host)
    ? redirect(`https://${state.portal.domain}${request.target}`)
    : undefined;
};
