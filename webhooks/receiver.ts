/**
 * Where the CRMs' webhooks arrive. A hint is stored, then answered, then worked on; nothing of its body is believed
 * beyond the number of a task.
 */
import { timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Hint, type ReadHints } from '../connectors/port.ts';
import { type AccountId, as, type Instant } from '../errors/ids.ts';
import { type CrmKind } from '../mappings/types.ts';
import { type RejectedHint, type Touch } from '../store/port.ts';
import { type HintWriter } from './hints.ts';

export interface Receiving {
  readonly kind: CrmKind;
  /** Planfix: last part of the address. Bitrix24: `application_token`. null = nothing is accepted yet. */
  readonly secret: string | null;
  readonly readHints: ReadHints;
  /** What a body says of its sender (Bitrix24). */
  readonly tokenOf: ((body: string) => string | null) | null;
  /**
   * Takes what a body tells of the bridge's own application (Bitrix24: installed, updated, removed) and checks its sender
   * by itself; null = it tells something else. Absent or null where the account is no application.
   */
  readonly lifecycle?: ((body: string) => Promise<200 | 403 | 503 | null>) | null;
}

export interface ReceiverDeps {
  account(name: string): Receiving | undefined;
  readonly hints: HintWriter;
  now(): Instant;
  uuid(): string;
  reject(hint: RejectedHint): void;
  /** Told of every hint that could not be kept, so that its account is swept as soon as the database is back. */
  lost(account: AccountId): void;
  count(account: string, outcome: 'kept' | 'nothing' | 'refused' | 'lost'): void;
  after(ms: number, then: () => void): { cancel(): void };
}

/** The largest body that is read; a CRM's own are far smaller. */
const bodyMax = 4 * 1024 * 1024;
/** A CRM that waits longer than this slows every other integration of the account. */
const keepWithinMs = 2_000;

/** Handles `/webhooks/…`; anything else is not its business (false). */
export async function receive(
  deps: ReceiverDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const [, room, kind, account = '', secret = ''] = path.split('/').map(decoded);
  if (room !== 'webhooks') return false;
  const body = await bodyOf(request);
  const contentType = request.headers['content-type'] ?? null;
  if (kind === 'planfix') {
    await receivePlanfix(deps, account, secret, body ?? queryOf(request), contentType);
    answer(response, 200);
    return true;
  }
  if (kind === 'bitrix24' && request.method === 'POST') {
    answer(response, await receiveBitrix24(deps, account, body ?? '', contentType));
    return true;
  }
  return false;
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    // A path that is no text names no account of ours.
    return '';
  }
};

const queryOf = (request: IncomingMessage): string => (request.url ?? '').split('?')[1] ?? '';

/** Whatever comes, the answer is the same: any other one would stop the account's webhooks for three minutes. */
async function receivePlanfix(
  deps: ReceiverDeps,
  account: string,
  secret: string,
  body: string,
  contentType: string | null,
): Promise<void> {
  const known = deps.account(account);
  if (known?.kind !== 'planfix' || known.secret === null || !sameText(known.secret, secret)) {
    refuse(deps, account, 'unknown account or wrong secret', body);
    return;
  }
  await keep(deps, as<AccountId>(account), known.readHints(body, contentType), body);
}

async function receiveBitrix24(
  deps: ReceiverDeps,
  account: string,
  body: string,
  contentType: string | null,
): Promise<200 | 403 | 503> {
  const known = deps.account(account);
  const handled = (await known?.lifecycle?.(body)) ?? null;
  if (handled !== null) {
    deps.count(account, handled === 200 ? 'nothing' : handled === 403 ? 'refused' : 'lost');
    return handled;
  }
  const token = known?.tokenOf?.(body) ?? null;
  if (
    known?.kind !== 'bitrix24' ||
    known.secret === null ||
    token === null ||
    !sameText(known.secret, token)
  ) {
    refuse(deps, account, 'unknown account or wrong application_token', body);
    return 403;
  }
  return (await keep(deps, as<AccountId>(account), known.readHints(body, contentType), body)) ? 200 : 503;
}

async function keep(
  deps: ReceiverDeps,
  account: AccountId,
  hints: readonly Hint[],
  body: string,
): Promise<boolean> {
  const now = deps.now();
  const touches: Touch[] = [];
  for (const hint of hints) {
    if (hint.is === 'task')
      touches.push({
        account,
        task: hint.task,
        aspects: hint.aspects,
        lane: 'field',
        dueAt: now,
        correlation: deps.uuid(),
      });
    else {
      deps.count(account, 'nothing');
      deps.reject({ account, at: now, why: hint.why, excerpt: excerptOf(body) });
    }
  }
  if (touches.length === 0) return true;
  const kept = await within(deps, deps.hints.keep(touches));
  deps.count(account, kept ? 'kept' : 'lost');
  if (!kept) deps.lost(account);
  return kept;
}

/** True when it was done in time. */
function within(deps: ReceiverDeps, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = deps.after(keepWithinMs, () => resolve(false));
    work.then(
      () => {
        timer.cancel();
        resolve(true);
      },
      () => {
        timer.cancel();
        resolve(false);
      },
    );
  });
}

function refuse(deps: ReceiverDeps, account: string, why: string, body: string): void {
  deps.count(deps.account(account) ? account : 'unknown', 'refused');
  deps.reject({ account: account.slice(0, 100), at: deps.now(), why, excerpt: excerptOf(body) });
}

/** Enough to see what came; tokens are no reading matter. */
const excerptOf = (body: string): string =>
  body.slice(0, 300).replaceAll(/((?:token|secret|auth|refresh)[^=:]{0,20}[=:]\s*"?)[^&"\s]+/giu, '$1…');

/** Whether two secrets are equal, in a time that does not tell where they differ. */
export function sameText(ours: string, theirs: string): boolean {
  const [a, b] = [Buffer.from(ours), Buffer.from(theirs)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** null = nothing was sent, or more than anybody's webhook holds. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length;
      if (size <= bodyMax) chunks.push(chunk as Buffer);
    }
  } catch {
    // The sender broke off: what came is what there is.
    return null;
  }
  return size === 0 || size > bodyMax ? null : Buffer.concat(chunks).toString('utf8');
}

function answer(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.setHeader('content-length', '0');
  response.end();
}
