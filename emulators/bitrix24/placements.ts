/**
 * placement.* and bizproc.robot.* (section 22; api-reference/widgets and bizproc of the vendor's reference): thin. What an
 * application registers is kept and listed; no widget opens and no rule runs.
 */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { asInt, asRecord, asText, type Params, pick, refuse } from './values.ts';

/** A widget that the application put into a place of the interface. */
export interface Placement {
  placement: string;
  handler: string;
  user: number;
  title: string;
  description: string;
  languages: { readonly [key: string]: Json };
  options: { readonly [key: string]: Json };
}

const method = (name: string, scope: string, write: boolean, run: Method['run']): Method => ({
  name,
  version: 2,
  scope: scope === '' ? [] : [scope],
  write,
  application: true,
  run,
});

const admin = (call: Call): void => {
  if (!call.admin) refuse(403, 'ACCESS_DENIED', 'Access denied!');
};

const argument = (params: Params, name: string): string => {
  const text = asText(pick(params, name));
  return text === '' ? refuse(400, 'ERROR_ARGUMENT', `Argument '${name}' is null or empty`) : text;
};

/** Places in the card and the list of tasks. */
const places = ['TASK_VIEW_TAB', 'TASK_VIEW_SIDEBAR', 'TASK_VIEW_TOP_PANEL', 'TASK_LIST_CONTEXT_MENU'];

const bind: Method['run'] = (call, params) => {
  admin(call);
  const placement = argument(params, 'PLACEMENT').toUpperCase();
  const handler = argument(params, 'HANDLER');
  if (!places.includes(placement)) refuse(400, 'ERROR_PLACEMENT_NOT_FOUND', 'Placement not found');
  call.state.placements.push({
    placement,
    handler,
    user: asInt(pick(params, 'USER_ID')) ?? 0,
    title: asText(pick(params, 'TITLE')),
    description: asText(pick(params, 'DESCRIPTION')),
    languages: asRecord(pick(params, 'LANG_ALL')),
    options: asRecord(pick(params, 'OPTIONS')),
  });
  return answer(true);
};

const unbind: Method['run'] = (call, params) => {
  admin(call);
  const placement = argument(params, 'PLACEMENT').toUpperCase();
  const handler = asText(pick(params, 'HANDLER'));
  const gone = call.state.placements.filter(
    (one) => one.placement === placement && (handler === '' || one.handler === handler),
  );
  call.state.placements = call.state.placements.filter((one) => !gone.includes(one));
  return answer({ count: gone.length });
};

const invalid = (text: string): never => refuse(400, 'ERROR_ACTIVITY_VALIDATION_FAILURE', text);

const codeOf = (params: Params): string => {
  const code = asText(pick(params, 'CODE'));
  if (code === '') invalid('Empty activity code!');
  return /^[\w.-]+$/.test(code) ? code : invalid('Wrong activity code!');
};

const addRobot: Method['run'] = (call, params) => {
  admin(call);
  const code = codeOf(params);
  const handler = asText(pick(params, 'HANDLER'));
  if (!/^https?:\/\//.test(handler))
    refuse(400, 'ERROR_UNSUPPORTED_PROTOCOL', 'Unsupported handler protocol');
  if (!URL.canParse(handler)) refuse(400, 'ERROR_WRONG_HANDLER_URL', 'Wrong handler URL');
  const name = pick(params, 'NAME');
  if (asText(name) === '' && Object.keys(asRecord(name)).length === 0) invalid('Empty activity NAME!');
  if (call.state.robots.includes(code)) {
    refuse(400, 'ERROR_ACTIVITY_ALREADY_INSTALLED', 'Activity or Robot already installed!');
  }
  call.state.robots.push(code);
  return answer(true);
};

export const placementMethods: readonly Method[] = [
  method('placement.bind', '', true, bind),
  method('placement.unbind', '', true, unbind),
  method('placement.get', '', false, (call) =>
    answer(
      call.state.placements.map((one): Json => ({
        placement: one.placement,
        userId: one.user,
        handler: one.handler,
        options: Object.keys(one.options).length === 0 ? [] : one.options,
        title: one.title,
        description: one.description,
        langAll: one.languages,
      })),
    ),
  ),
  method('placement.list', '', false, () => answer([...places])),
  method('bizproc.robot.add', 'bizproc', true, addRobot),
  method('bizproc.robot.list', 'bizproc', false, (call) => {
    admin(call);
    return answer([...call.state.robots]);
  }),
  method('bizproc.robot.delete', 'bizproc', true, (call, params) => {
    admin(call);
    const code = codeOf(params);
    if (!call.state.robots.includes(code)) {
      refuse(400, 'ERROR_ACTIVITY_NOT_FOUND', 'Activity or Robot not found!');
    }
    call.state.robots = call.state.robots.filter((one) => one !== code);
    return answer(true);
  }),
];
