/** What a portal says of itself: scope, methods, app.info, feature.get, server.time (sections 6, 7, 19). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { isoAt } from './moments.ts';
import { asText, pick } from './values.ts';

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

/** The names of every method of version 2; filled by the registry, which knows them all. */
let names: () => readonly string[] = () => [];

export const nameMethodsBy = (list: () => readonly string[]): void => {
  names = list;
};

export const portalMethods: readonly Method[] = [
  {
    name: 'scope',
    version: 2,
    scope: [],
    write: false,
    run: (call) => answer([...call.scope]),
  },
  { name: 'methods', version: 2, scope: [], write: false, run: () => answer([...names()]) },
  {
    name: 'method.get',
    version: 2,
    scope: [],
    write: false,
    run: (_, params) => {
      const name = asText(pick(params, 'name')).toLowerCase();
      const known = names().some((one) => one.toLowerCase() === name);
      return answer({ isExisting: known, isAvailable: known });
    },
  },
  { name: 'app.info', version: 2, scope: [], write: false, run: (call) => answer(applicationInfo(call)) },
  {
    name: 'feature.get',
    version: 2,
    scope: [],
    write: false,
    run: (call, params) => {
      const code = asText(pick(params, 'CODE'));
      const has = paidFeatures.has(code) && plansWithFeatures.has(call.state.portal.plan);
      return answer({ value: has ? 'Y' : 'N' });
    },
  },
  {
    name: 'server.time',
    version: 2,
    scope: [],
    write: false,
    run: (call) => answer(isoAt(call.state, call.now)),
  },
];
