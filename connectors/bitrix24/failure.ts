/** What a call of the API failed with, told apart by what it means for the caller. */
import { type Instant } from '../../errors/ids.ts';
import { type Trouble, type TroubleCode } from '../../errors/trouble.ts';
import { ConnectorError } from '../port.ts';

export type FailureKind =
  /** The portal said no to this call. */
  | 'refused'
  /** Too many requests or too much method time. */
  | 'limit'
  /** Credential, application or portal is gone: a person must act. */
  | 'auth'
  | 'scope'
  | 'plan'
  | 'down'
  /** An answer that is no Bitrix24 answer. */
  | 'answer';

export interface Failure {
  readonly is: 'failed';
  readonly kind: FailureKind;
  /** True when the call surely had no effect. */
  readonly certain: boolean;
  /** HTTP status; 0 = no answer. Inside a batch the outer one. */
  readonly status: number;
  readonly code: string;
  /** Localised text for people, never an identifier. */
  readonly text: string;
  readonly retryAt: Instant | null;
  /** What a person should do, where whoever failed knows better than this file. */
  readonly todo?: string;
}

export interface Success {
  readonly is: 'ok';
  readonly result: unknown;
  readonly total: number | null;
}

export type Answer = Success | Failure;

const authCodes = new Set([
  'expired_token',
  'invalid_token',
  'NO_AUTH_FOUND',
  'INVALID_CREDENTIALS',
  'user_access_error',
  'WRONG_AUTH_TYPE',
  'PORTAL_DELETED',
]);

/** Codes of a server that failed while it worked: the call may have taken effect. */
const brokenCodes = new Set(['INTERNAL_SERVER_ERROR', 'ERROR_UNEXPECTED_ANSWER']);

/** Waiting times where the portal names none (bitrix24 sends no Retry-After). */
const waits = {
  queryMs: 2_000,
  operatingMs: 60_000,
  overloadMs: 3_600_000,
  planMs: 3_600_000,
  downMs: 5_000,
};

/** HTML tags and line ends out of an error's text, at most 300 characters. */
export const plainText = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);

/**
 * Decides what an error answer means (b24restdocs: _includes/system-errors.md, settings/performance/limits.md).
 * The code decides, not the status: 503 is a rate limit, a block by the support or a server that is down.
 */
export function failureOf(
  error: { readonly status: number; readonly code: string; readonly text: string },
  now: Instant,
  operatingResetAt: Instant | null,
): Failure {
  const { status, code } = error;
  const make = (kind: FailureKind, certain: boolean, retryAt: Instant | null = null): Failure => ({
    is: 'failed',
    kind,
    certain,
    status,
    code,
    text: plainText(error.text),
    retryAt,
  });
  if (code === 'QUERY_LIMIT_EXCEEDED') return make('limit', true, now + waits.queryMs);
  if (code === 'OPERATION_TIME_LIMIT') {
    const reset = operatingResetAt !== null && operatingResetAt > now ? operatingResetAt + 1_000 : null;
    return make('limit', true, reset ?? now + waits.operatingMs);
  }
  if (code === 'OVERLOAD_LIMIT') return make('limit', true, now + waits.overloadMs);
  if (authCodes.has(code) || status === 401) return make('auth', true);
  if (code === 'PAYMENT_REQUIRED' || status === 402) return make('plan', true, now + waits.planMs);
  if (code === 'insufficient_scope') return make('scope', true);
  // Drive and the stages use the same code for a missing right, with status 400.
  if (code === 'ACCESS_DENIED' && status === 403) return make('plan', true, now + waits.planMs);
  if (status === 429) return make('limit', true, now + waits.queryMs);
  if (status >= 500 || brokenCodes.has(code)) return make('down', false, now + waits.downMs);
  return make('refused', true);
}

export const noAnswer = (certain: boolean, text: string, now: Instant): Failure => ({
  is: 'failed',
  kind: 'down',
  certain,
  status: 0,
  code: '',
  text,
  retryAt: now + waits.downMs,
});

export const strangeAnswer = (certain: boolean, status: number, text: string): Failure => ({
  is: 'failed',
  kind: 'answer',
  certain,
  status,
  code: '',
  text,
  retryAt: null,
});

/** Codes that say "not allowed" of one task: also used for a task that does not exist (reference §10). */
const rightCodes = new Set([
  '0',
  '1048582',
  '1048584',
  'ACCESS_ERROR',
  'ACCESS_DENIED',
  'ACCESS_DENIED_MOVE',
  'CANT_EDIT_MESSAGE',
]);

/** A Drive without room for a file. No code is documented for it; its words are known by what they name. */
const isFull = ({ code, text }: Failure): boolean =>
  /quota|disk_?space|no_?space/i.test(code) || /\bquota\b|disk space|квот|места на диске/i.test(text);

const codeOf = (failure: Failure): TroubleCode => {
  switch (failure.kind) {
    case 'limit':
      return 'E-REMOTE-LIMIT';
    case 'auth':
      return 'E-REMOTE-AUTH';
    case 'scope':
      return 'E-REMOTE-RIGHT';
    case 'plan':
      return 'E-REMOTE-PLAN';
    case 'down':
      return 'E-REMOTE-DOWN';
    case 'answer':
      return 'E-REMOTE-ANSWER';
    case 'refused':
      if (failure.code === 'FILE_TOO_LARGE' || isFull(failure)) return 'E-FILE-TOO-LARGE';
      return rightCodes.has(failure.code) ? 'E-REMOTE-RIGHT' : 'E-REMOTE-REFUSED';
  }
};

const todoOf = (failure: Failure, method: string): string => {
  if (failure.todo !== undefined) return failure.todo;
  switch (failure.kind) {
    case 'limit':
      return failure.code === 'OVERLOAD_LIMIT'
        ? 'Bitrix24 blocked the REST API of this portal: write to its support.'
        : 'Nothing to do: the call is tried again later.';
    case 'auth':
      return failure.code === 'PORTAL_DELETED'
        ? 'The portal was deleted: remove the account.'
        : 'Make a new incoming webhook as the acting user and give its address to the account.';
    case 'scope':
      return `Give the incoming webhook the scope that ${method} needs: task, im, disk, user and sonet_group.`;
    case 'plan':
      return "Ask the portal's administrator to choose a plan with the REST API.";
    case 'down':
      return 'Nothing to do: the call is tried again later.';
    case 'answer':
      return 'Check that the address of the account is a Bitrix24 webhook; the answer was none.';
    case 'refused':
      return rightCodes.has(failure.code)
        ? 'Check in the portal that the task exists and that the acting user may do this; best, make it an administrator.'
        : 'Read what the portal answered and change the value or the task.';
  }
};

/** A failure as a trouble about one field, comment or file. */
export function troubleOf(failure: Failure, about: string, method: string, wanted?: string): Trouble {
  const answered = [failure.status === 0 ? '' : String(failure.status), failure.code, failure.text]
    .filter((part) => part !== '')
    .join(' ');
  return {
    code: codeOf(failure),
    about,
    ...(wanted === undefined ? {} : { wanted }),
    tried: method,
    answered,
    todo: todoOf(failure, method),
  };
}

export const connectorError = (failure: Failure, about: string, method: string): ConnectorError =>
  new ConnectorError(troubleOf(failure, about, method), failure.retryAt);
