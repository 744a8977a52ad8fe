/** One write as the commands that it puts into a batch, and what their answers make of it. */
import { type Instant } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Made, type Outcome } from '../../sync/core/operation.ts';
import { type Command } from './batch.ts';
import { type Answer, type Failure, troubleOf } from './failure.ts';
import { type Session } from './session.ts';

export interface Attempt {
  /** Sent together and in order, never torn apart over two batches. */
  readonly commands: readonly Command[];
  /** Reads the answers; goes on by itself where more requests are needed (uploads, second means). */
  settle(answers: ReadonlyMap<string, Answer>): Outcome | Promise<Outcome>;
}

export const done = (session: Session, made: Made, failures: readonly Trouble[] = []): Outcome => ({
  is: 'done',
  at: session.runtime.now(),
  made,
  failures,
});

export const refused = (session: Session, trouble: Trouble): Outcome => ({
  is: 'refused',
  at: session.runtime.now(),
  trouble,
});

/** Perhaps carried out: not to be looked up while the portal may still be working on it. */
export function unknown(session: Session, trouble: Trouble): Outcome {
  const at: Instant = session.runtime.now();
  return { is: 'unknown', at, notBefore: at + session.settings.serverMaxMs, trouble };
}

/** A failed write as an outcome: surely without effect, or perhaps carried out. */
export function failedOutcome(session: Session, failure: Failure, about: string, method: string): Outcome {
  const trouble = troubleOf(failure, about, method);
  return failure.certain
    ? refused(session, trouble)
    : unknown(session, { ...trouble, code: failure.kind === 'answer' ? trouble.code : 'E-REMOTE-UNKNOWN' });
}
