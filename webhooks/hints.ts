/** Hints on their way into the store: many requests that wait at once are kept in one transaction. */
import { type Touch } from '../store/port.ts';

export interface HintWriter {
  /** Resolves once the hint is durable, rejects when it could not be kept in time. */
  keep(touches: readonly Touch[]): Promise<void>;
  /** Waits until nothing is under way. */
  drain(): Promise<void>;
}

interface Waiting {
  readonly touches: readonly Touch[];
  kept(): void;
  failed(error: unknown): void;
}

export function hintWriter(touch: (touches: readonly Touch[]) => Promise<void>): HintWriter {
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | null = null;

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await touch(batch.flatMap(({ touches }) => touches));
        for (const one of batch) one.kept();
      } catch (error) {
        for (const one of batch) one.failed(error);
      }
    }
    flushing = null;
  }

  return {
    keep(touches) {
      return new Promise((kept, failed) => {
        waiting.push({ touches, kept, failed });
        flushing ??= flush();
      });
    },
    async drain() {
      await flushing;
    },
  };
}
