/** app.option.* and user.option.*: what an application keeps in the portal, for all and for one person (api-reference/common/settings). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { asRecord, asText, phpMap, pick, refuse } from './values.ts';

type Owner = (call: Call) => string;

const context = (call: Call): void => {
  if (!call.application) refuse(400, 'AccessException', 'Application context required');
};

const get =
  (owner: Owner): Method['run'] =>
  (call, params) => {
    context(call);
    const kept = call.state.options.get(owner(call)) ?? {};
    const option = asText(pick(params, 'option'));
    return answer(option === '' ? phpMap(kept) : (kept[option] ?? ''));
  };

const set =
  (owner: Owner): Method['run'] =>
  (call, params) => {
    context(call);
    const given: { readonly [key: string]: Json } = asRecord(pick(params, 'options'));
    if (Object.keys(given).length === 0) refuse(400, 'ArgumentNullException', 'options is empty');
    const key = owner(call);
    call.state.options.set(key, { ...call.state.options.get(key), ...given });
    return answer(true);
  };

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name,
  version: 2,
  scope: [],
  write,
  run,
});

const ofApplication: Owner = () => 'application';
const ofUser: Owner = (call) => `user ${call.user}`;

export const optionMethods: readonly Method[] = [
  method('app.option.get', false, get(ofApplication)),
  method('app.option.set', true, (call, params) => {
    context(call);
    if (!call.admin) refuse(400, 'AccessException', 'Administrator authorization required');
    return set(ofApplication)(call, params);
  }),
  method('user.option.get', false, get(ofUser)),
  method('user.option.set', true, set(ofUser)),
];
