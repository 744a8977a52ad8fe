/** event.bind, unbind, get, test and events (section 18): for applications only. */
import { type Json } from '../common/types.ts';
import { answer, type Method } from './call.ts';
import { fireApplication } from './events.ts';
import { type Handler, nextId } from './state.ts';
import { asInt, asRecord, asText, isYes, type Params, pick, refuse } from './values.ts';

/** Events that a handler may be bound to, by scope; those without a scope belong to every application. */
const eventsByScope: Readonly<Record<string, readonly string[]>> = {
  '': [
    'ONAPPUNINSTALL',
    'ONAPPINSTALL',
    'ONAPPUPDATE',
    'ONAPPPAYMENT',
    'ONAPPTEST',
    'ONAPPMETHODCONFIRM',
    'ONOFFLINEEVENT',
  ],
  user: ['ONUSERADD'],
  task: [
    'ONTASKADD',
    'ONTASKUPDATE',
    'ONTASKDELETE',
    'ONTASKCOMMENTADD',
    'ONTASKCOMMENTUPDATE',
    'ONTASKCOMMENTDELETE',
  ],
  sonet_group: ['ONSONETGROUPADD', 'ONSONETGROUPUPDATE', 'ONSONETGROUPDELETE'],
  crm: [
    'ONCRMDEALADD',
    'ONCRMDEALUPDATE',
    'ONCRMDEALDELETE',
    'ONCRMDYNAMICITEMADD',
    'ONCRMDYNAMICITEMUPDATE',
    'ONCRMDYNAMICITEMDELETE',
  ],
};

export const eventNames: readonly string[] = Object.values(eventsByScope).flat();

const isOffline = (params: Params): boolean => asText(pick(params, 'event_type')).toLowerCase() === 'offline';

const matches = (handler: Handler, params: Params): boolean => {
  const authType = asInt(pick(params, 'auth_type'));
  return (
    handler.event === asText(pick(params, 'event')).toUpperCase() &&
    handler.offline === isOffline(params) &&
    (handler.offline || handler.handler === asText(pick(params, 'handler') ?? handler.handler)) &&
    (authType === undefined || handler.authType === authType) &&
    (handler.connector ?? '') === asText(pick(params, 'auth_connector'))
  );
};

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name,
  version: 2,
  scope: [],
  write,
  application: true,
  run,
});

export const eventMethods: readonly Method[] = [
  method('event.bind', true, (call, params) => {
    const event = asText(pick(params, 'event')).toUpperCase();
    if (!eventNames.includes(event)) refuse(400, 'ERROR_EVENT_NOT_FOUND', 'Event not found');
    const offline = isOffline(params);
    const authType = asInt(pick(params, 'auth_type')) ?? 0;
    if (offline && !call.admin) {
      refuse(
        403,
        'ACCESS_DENIED',
        'Access denied! Offline events binding requires administrator access rights',
      );
    }
    if (authType !== 0 && authType !== call.user && !call.admin) {
      refuse(
        403,
        'ACCESS_DENIED',
        'Access denied! Event binding with AUTH_TYPE requires administrator access rights',
      );
    }
    const address = asText(pick(params, 'handler'));
    if (!offline && !/^https?:\/\//.test(address)) {
      refuse(400, 'ERROR_EVENT_BINDING_FAILED', 'Unable to set event handler: Wrong handler URL');
    }
    if (call.state.handlers.some((handler) => matches(handler, { ...params, auth_type: authType }))) {
      refuse(400, 'ERROR_EVENT_BINDING_FAILED', 'Unable to set event handler: Handler already binded');
    }
    call.state.handlers.push({
      id: nextId(call.state, 'handler'),
      event,
      handler: offline ? null : address,
      user: call.user,
      authType,
      offline,
      connector: asText(pick(params, 'auth_connector')) || null,
      options: asRecord(pick(params, 'options')),
      rang: null,
    });
    return answer(true);
  }),
  method('event.unbind', true, (call, params) => {
    const authType = asInt(pick(params, 'auth_type'));
    if (isOffline(params) && !call.admin) {
      refuse(
        403,
        'ACCESS_DENIED',
        'Access denied! Offline events unbinding requires administrator access rights',
      );
    }
    if (authType !== undefined && authType !== 0 && authType !== call.user && !call.admin) {
      refuse(
        403,
        'ACCESS_DENIED',
        'Access denied! Event unbinding with AUTH_TYPE requires administrator access rights',
      );
    }
    const before = call.state.handlers.length;
    call.state.handlers = call.state.handlers.filter((handler) => {
      // What the call does not name is not asked for: without parameters every handler of its own goes.
      const wanted = {
        ...params,
        event: pick(params, 'event') ?? handler.event,
        auth_connector: pick(params, 'auth_connector') ?? handler.connector ?? '',
      };
      return !(matches(handler, wanted) && (call.admin || handler.user === call.user));
    });
    return answer({ count: before - call.state.handlers.length });
  }),
  method('event.get', false, (call) =>
    answer(
      call.state.handlers
        .filter((handler) => call.admin || handler.user === call.user)
        .map((handler): Json => {
          const row: { [key: string]: Json } = {
            event: handler.event,
            handler: handler.handler ?? '',
            auth_type: String(handler.authType),
            offline: handler.offline ? 1 : 0,
          };
          if (handler.connector !== null) row['connector_id'] = handler.connector;
          return row;
        }),
    ),
  ),
  method('event.test', true, (call, params) => {
    const query = Object.fromEntries(Object.entries(params).filter(([key]) => key !== 'auth'));
    fireApplication(call, 'ONAPPTEST', { QUERY: query, LANGUAGE_ID: 'ru' }, 'refresh');
    return answer(1);
  }),
  {
    name: 'events',
    version: 2,
    scope: [],
    write: false,
    application: true,
    run: (call, params) => {
      const scope = pick(params, 'SCOPE');
      if (scope !== undefined) return answer([...(eventsByScope[asText(scope)] ?? [])]);
      if (isYes(pick(params, 'FULL'))) return answer([...eventNames]);
      return answer(
        Object.entries(eventsByScope).flatMap(([name, events]) =>
          name === '' || call.scope.includes(name) ? events : [],
        ),
      );
    },
  },
];
