/**
 * Whose word a call goes out on: an incoming webhook has its secret in the address, an application puts an access token
 * beside the parameters (b24restdocs: settings/how-to-call-rest-api/general-principles.md) and renews it when the portal
 * says that it has expired, never by a timer (settings/oauth/auto-renewal.md).
 */
import { type Instant } from '../../errors/ids.ts';
import { type ApplicationAccess, ConnectorError } from '../port.ts';
import { type Params } from './batch.ts';
import { type Failure, type FailureKind, noAnswer } from './failure.ts';

/** Codes that a new access token cures. */
const staleCodes = new Set(['expired_token', 'invalid_token']);

const kindOf = ({ trouble }: ConnectorError): FailureKind => {
  if (trouble.code === 'E-REMOTE-PLAN') return 'plan';
  if (trouble.code === 'E-REMOTE-LIMIT') return 'limit';
  return trouble.code === 'E-REMOTE-AUTH' ? 'auth' : 'down';
};

const noToken = (error: unknown): Failure => {
  if (!(error instanceof ConnectorError)) throw error;
  const { trouble, retryAt } = error;
  return {
    is: 'failed',
    kind: kindOf(error),
    certain: true,
    status: 0,
    code: '',
    text: trouble.answered ?? '',
    retryAt,
    todo: trouble.todo,
  };
};

/** What a person does when the portal refuses an application; for other failures what everybody is told holds. */
export function applicationTodo({ kind, code }: Failure): string | undefined {
  if (code === 'PORTAL_DELETED') return undefined;
  if (code === 'user_access_error')
    return 'Let the administrator of the portal give the acting user access to the application.';
  if (kind === 'auth')
    return 'Open the application once in the portal as its acting user, or press Reinstall in the card of the application.';
  if (kind === 'scope')
    return 'Assign the application these permissions in its card, then press Reinstall: task, tasks, im, disk, user, sonet_group, department.';
  if (kind === 'plan') return 'Pay for the plan or the application; the bridge asks again by itself.';
  return undefined;
}

export type Sent<Answered> =
  { readonly answered: Answered; readonly errorCode: string | null } | { readonly failed: Failure };

/**
 * Sends with the credential in it (last of all parameters: methods that begin with `task.` read by position), and once more with a new token when the old one was refused. What can be sent only
 * once (`repeatable` false) then surely had no effect and goes out at the next try.
 */
export async function sendAs<Answered>(
  application: ApplicationAccess | undefined,
  repeatable: boolean,
  now: () => Instant,
  send: (auth: Params) => Promise<Sent<Answered>>,
): Promise<Sent<Answered>> {
  if (application === undefined) return send({});
  const { tokens } = application;
  try {
    const token = await tokens.current();
    const sent = await send({ auth: token });
    if ('failed' in sent || sent.errorCode === null || !staleCodes.has(sent.errorCode)) return sent;
    const renewed = await tokens.renew(token);
    if (!repeatable) return { failed: noAnswer(true, 'the access token had expired and is renewed', now()) };
    return await send({ auth: renewed });
  } catch (error) {
    return { failed: noToken(error) };
  }
}
