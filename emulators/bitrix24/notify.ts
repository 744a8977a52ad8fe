/**
 * im.notify.*: what an application tells a person (api-reference/chats/notifications of the vendor's reference): thin. He
 * is told and the number of the notification answered; notifications are not kept.
 */
import { type Json } from '../common/types.ts';
import { answer, type Method } from './call.ts';
import { tell } from './notices.ts';
import { nextId } from './state.ts';
import { asInt, asText, pick, refuse } from './values.ts';

const run: Method['run'] = (call, params) => {
  const user = asInt(pick(params, 'USER_ID', 'TO')) ?? 0;
  if (user <= 0) refuse(400, 'USER_ID_EMPTY', "User ID can't be empty");
  const text = asText(pick(params, 'MESSAGE')).trim();
  if (text === '') refuse(400, 'MESSAGE_EMPTY', "Message can't be empty");
  tell(call, [user], 'application', 0, text);
  return answer(nextId(call.state, 'notification'));
};

const method = (name: string, doing: Method['run']): Method => ({
  name,
  version: 2,
  scope: ['im'],
  write: true,
  run: doing,
});

const given = (value: Json | undefined): boolean => value !== undefined && value !== null && value !== '';

export const notifyMethods: readonly Method[] = [
  method('im.notify', run),
  method('im.notify.personal.add', run),
  method('im.notify.system.add', run),
  method('im.notify.delete', (_, params) => {
    const named = ['ID', 'TAG', 'SUB_TAG'].some((name) => given(pick(params, name)));
    return named ? answer(true) : refuse(400, 'PARAMS_ERROR', 'Incorrect params');
  }),
];
