/** Planfix's refusals in the words of the catalogue: what was tried, what came back, what a person should do. */
import { type TroubleCode, type Trouble } from '../../errors/trouble.ts';
import { type Outcome } from '../../sync/core/operation.ts';
import { ConnectorError } from '../port.ts';
import { limitCode, type Refused, type Session, type Unclear } from './client.ts';

const credentials = [1, 2, 16];
const account = [10, 11, 20, 21];

/** True when the answer concerns the account as a whole, so that further calls would meet the same. */
export const isAccountWide = (answer: Refused | Unclear): boolean =>
  answer.is === 'unclear' ||
  answer.movedTo !== undefined ||
  (answer.code === null
    ? answer.status === 401
    : [...credentials, ...account, limitCode].includes(answer.code));

export const isMissingTask = (answer: Refused | Unclear): boolean =>
  answer.is === 'refused' && answer.code === 1000;

/** Scopes by the first segments of a path; the page lists none for other paths (reference 2). */
function scopeOf(tried: string): string {
  if (/\/comment/.test(tried))
    return tried.startsWith('DELETE') ? 'comment_delete' : 'comment_readonly, comment_add and comment_update';
  if (/ \/task/.test(tried)) return 'task_readonly, task_add and task_update';
  if (/ \/file/.test(tried)) return 'file_readonly and file_add';
  if (/ \/user/.test(tried)) return 'user_readonly';
  if (/ \/contact/.test(tried)) return 'contact_readonly';
  return 'that this call needs';
}

/** `tried`: method and path, without query. */
export function troubleOf(answer: Refused | Unclear, about: string, tried: string): Trouble {
  const trouble = (code: TroubleCode, answered: string, todo: string): Trouble => ({
    code,
    about,
    tried,
    answered,
    todo,
  });
  if (answer.is === 'unclear') {
    return answer.kind === 'silent'
      ? trouble(
          'E-REMOTE-DOWN',
          answer.why,
          'Nothing, unless it lasts: it is tried again. Else see whether Planfix answers.',
        )
      : trouble(
          'E-REMOTE-ANSWER',
          answer.why,
          'Check that the address of the account is that of its REST API.',
        );
  }
  if (answer.movedTo !== undefined) {
    return trouble(
      'E-REMOTE-AUTH',
      answer.error,
      `Change the account's address to ${answer.movedTo}/rest: the token is not sent to another host by itself.`,
    );
  }
  const { code } = answer;
  const answered = `${code === null ? `HTTP ${String(answer.status)}` : `code ${String(code)}`}: ${answer.error}`;
  if (code === null && answer.status === 401) {
    return trouble('E-REMOTE-AUTH', answered, 'Give the account a valid token (account add).');
  }
  if (code === null) {
    return trouble(
      'E-REMOTE-REFUSED',
      answered,
      'Check that the address of the account is that of its REST API.',
    );
  }
  if (credentials.includes(code)) {
    return trouble(
      'E-REMOTE-AUTH',
      answered,
      'Give the account a valid, active token of an active robot (account add).',
    );
  }
  if (account.includes(code)) {
    return trouble(
      'E-REMOTE-PLAN',
      answered,
      'Settle the state of the account with Planfix: the API is closed for it.',
    );
  }
  if (code === limitCode) {
    return trouble('E-REMOTE-LIMIT', answered, 'Nothing: it is sent again when the limit allows.');
  }
  if (code === 5) {
    return trouble('E-REMOTE-RIGHT', answered, `Grant the token the scopes ${scopeOf(tried)}.`);
  }
  if (code === 6 && /comments? not allowed/i.test(answer.error)) {
    return trouble(
      'E-COMMENT-FORBIDDEN',
      answered,
      'Allow comments in this status in the process, or move the task to another status.',
    );
  }
  if (code === 6) {
    return trouble(
      'E-REMOTE-RIGHT',
      answered,
      'Give the bridge the token of a robot, which always has the rights of an administrator.',
    );
  }
  if (code === 1000) return trouble('E-TASK-GONE', answered, 'Restore the task or unlink it.');
  if (code === 7000) return trouble('E-FILE-UNREADABLE', answered, 'See whether the file is still there.');
  // No code is known for an account whose storage is full (reference 4, "total by plan"): its words are.
  if (code === 7001 && /space|storage|quota|limit|мест|хранилищ|квот/i.test(answer.error))
    return trouble('E-FILE-TOO-LARGE', answered, 'Make room in the account; then svyazka retry.');
  if (code === 7002) return trouble('E-FILE-TOO-LARGE', answered, 'Share the file by a link instead.');
  if (/status/i.test(answer.error) && code === 41) {
    return trouble(
      'E-REMOTE-REFUSED',
      answered,
      'Correct the status of this account in the mapping: it is not known there.',
    );
  }
  return trouble(
    'E-REMOTE-REFUSED',
    answered,
    'See what Planfix says; it is tried again when the value changes.',
  );
}

export function connectorError(answer: Refused | Unclear, about: string, tried: string): ConnectorError {
  return new ConnectorError(troubleOf(answer, about, tried), answer.is === 'refused' ? answer.retryAt : null);
}

/** An answer of an unknown form where the envelope said success. */
export const oddAnswer = (about: string, tried: string, answered: string): Trouble => ({
  code: 'E-REMOTE-ANSWER',
  about,
  tried,
  answered,
  todo: 'Report the shape that the log shows: this answer is not what the API documents.',
});

/** The outcome of a write whose decisive request was answered so. */
export function unsuccessful(
  session: Session,
  answer: Refused | Unclear,
  about: string,
  tried: string,
): Outcome {
  const at = session.runtime.now();
  const trouble = troubleOf(answer, about, tried);
  if (answer.is === 'unclear' && answer.sent) return unknown(session, trouble);
  const retryAt = answer.is === 'refused' ? answer.retryAt : null;
  return { is: 'refused', at, trouble, ...(retryAt === null ? {} : { retryAt }) };
}

/** Perhaps carried out; not looked up before the server has surely stopped working on it. */
export function unknown(session: Session, trouble: Trouble): Outcome {
  const at = session.runtime.now();
  return {
    is: 'unknown',
    at,
    notBefore: at + session.settings.serverMaxMs,
    trouble: {
      ...trouble,
      code: 'E-REMOTE-UNKNOWN',
      todo: 'Nothing: it is looked up before it is tried again.',
    },
  };
}

/** A write whose preparation failed: nothing that people see was done. */
export function notBegun(session: Session, answer: Refused | Unclear, tried: string): Outcome {
  const retryAt = answer.is === 'refused' ? answer.retryAt : null;
  return {
    is: 'refused',
    at: session.runtime.now(),
    trouble: troubleOf(answer, 'file', tried),
    ...(retryAt === null ? {} : { retryAt }),
  };
}
