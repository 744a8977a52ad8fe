/** One of the threads of `npm run simulate`: plays the seeds that it is told, and shrinks what fails. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Breaking, drawStory } from '../../simulation/random/drawStory.ts';
import { type CanaryName, canaries } from '../../simulation/random/canaries.ts';
import { play, type Played } from '../../simulation/random/play.ts';
import { shrink } from '../../simulation/random/shrink.ts';
import { type Shape, type Story } from '../../simulation/random/story.ts';

export interface Task {
  readonly seed: number;
}

export interface Orders {
  readonly breaking: Breaking;
  readonly shape: Shape | null;
  readonly until: number | null;
  readonly canary: CanaryName | null;
  readonly shrinks: boolean;
}

export interface Report {
  readonly seed: number;
  readonly story: Story;
  readonly played: Played;
  /** The shortest story that fails alike; null when nothing failed. */
  readonly short: Story | null;
}

const { breaking, shape, until, canary, shrinks } = workerData as Orders;

const playing = (story: Story): Promise<Played> =>
  play(story, {
    ...(until === null ? {} : { until }),
    ...(canary === null ? {} : { canary: canaries[canary].make() }),
  });

parentPort?.on('message', ({ seed }: Task) => {
  const story = drawStory(seed, breaking, shape);
  playing(story)
    .then(async (played): Promise<Report> => ({
      seed,
      story,
      played,
      short: played.findings.length > 0 && shrinks ? await shrink(story, played.findings, playing) : null,
    }))
    .then(
      (report) => parentPort?.postMessage(report),
      (error: unknown) => {
        throw new Error(`seed ${String(seed)} could not be played`, { cause: error });
      },
    );
});
