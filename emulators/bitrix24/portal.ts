/** What a portal says of itself: scope, methods, app.info, feature.get, server.time (sections 6, 7, 19). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { isoAt } from './moments.ts';
import { asList, asText, isYes, type Params, pick, refuse } from './values.ts';

const paidFeatures = new Set(['rest_offline_extended', 'rest_auth_connector']);
const plansWithFeatures = new Set(['professional', 'enterprise', 'demo']);

const applicationInfo = (call: Call): Json => {
  const { application, portal } = call.state;
  return {
    ID: application === null ? null : 3,
    CODE: application?.clientId ?? null,
    VERSION: application?.version ?? null,
    STATUS: application?.status ?? null,
    INSTALLED: application?.installed ?? false,
    PAYMENT_EXPIRED: 'N',
    DAYS: null,
    LANGUAGE_ID: 'ru',
    LICENSE: `ru_${portal.plan}`,
    LICENSE_TYPE: portal.plan,
    LICENSE_FAMILY: portal.plan,
  };
};

/** Every method of version 2 with its scopes; filled by the registry, which knows them all. */
let known: () => readonly Method[] = () => [];

export const nameMethodsBy = (list: () => readonly Method[]): void => {
  known = list;
};

const open = (call: Call, { scope }: Method): boolean =>
  scope.length === 0 || scope.some((one) => call.scope.includes(one));

/** Names of methods: those that the caller's scopes open, all of them, or those of one scope. */
const named = (call: Call, params: Params): Json => {
  const scope = pick(params, 'scope');
  const wanted = (method: Method): boolean =>
    scope === undefined
      ? isYes(pick(params, 'full')) || open(call, method)
      : method.scope.length === 0
        ? asText(scope) === ''
        : method.scope.includes(asText(scope));
  return known()
    .filter(wanted)
    .map(({ name }) => name);
};

/** Whether one of the access codes is the caller's: U with his number, AU of everybody; an administrator has every one. */
const hasAccess = (call: Call, codes: readonly Json[]): boolean =>
  call.admin || codes.map(asText).some((code) => code === 'AU' || code === `U${call.user}`);

const basic = (name: string, run: Method['run']): Method => ({
  name,
  version: 2,
  scope: [],
  write: false,
  run,
});

export const portalMethods: readonly Method[] = [
  basic('scope', (call, params) => {
    const all = (): string[] => [...new Set(known().flatMap(({ scope }) => scope))].sort();
    return answer(isYes(pick(params, 'full')) ? all() : [...call.scope]);
  }),
  basic('methods', (call, params) => answer(named(call, params))),
  basic('method.get', (call, params) => {
    const name = asText(pick(params, 'name')).toLowerCase();
    const method = known().find((one) => one.name.toLowerCase() === name);
    return answer({
      isExisting: method !== undefined,
      isAvailable: method !== undefined && open(call, method),
    });
  }),
  basic('app.info', (call) => {
    // By a webhook the page prints a refusal; the vendor's Python SDK reads scope and licence there, and so do its tests.
    const license = `ru_${call.state.portal.plan}`;
    return answer(call.application ? applicationInfo(call) : { SCOPE: [...call.scope], LICENSE: license });
  }),
  basic('feature.get', (call, params) => {
    const code = asText(pick(params, 'CODE'));
    if (code === '') refuse(400, 'CODE_EMPTY', "CODE can't be empty");
    const has = paidFeatures.has(code) && plansWithFeatures.has(call.state.portal.plan);
    return answer({ value: has ? 'Y' : 'N' });
  }),
  basic('server.time', (call) => answer(isoAt(call.state, call.now))),
  basic('user.admin', (call) => answer(call.admin)),
  basic('user.access', (call, params) => answer(hasAccess(call, asList(pick(params, 'ACCESS'))))),
];
