/** Calls per change and latency, from the access logs that the emulated accounts keep. */
import { type StartedEmulators } from '../../emulators/common/shell/start.ts';
import { type AccessLogEntry } from '../../emulators/common/types.ts';
import { type Company } from '../../simulation/story/stage.ts';
import { table } from '../commands/io.ts';
import { companies } from './ground.ts';

export interface Measure {
  /** The scene that began with an act at `actedAt` is seen on every side now; gives the latency to print. */
  sceneEnded(actedAt: number): number;
  /** Lines of the table at the end. */
  summary(acts: number): readonly string[];
}

export function measure(emulators: StartedEmulators): Measure {
  const latencies: number[] = [];
  const begin = new Map(companies.map((company) => [company, emulators.host(company).log(0).next]));
  const entriesOf = (company: Company): readonly AccessLogEntry[] =>
    emulators
      .host(company)
      .log(begin.get(company) ?? 0)
      .entries.filter(({ rest }) => rest);
  return {
    sceneEnded(actedAt) {
      const writes = companies.flatMap((company) =>
        entriesOf(company).filter(({ write, at, status }) => write && at >= actedAt && status < 300),
      );
      const latency = Math.max(0, ...writes.map(({ at }) => at - actedAt));
      if (writes.length > 0) latencies.push(latency);
      return latency;
    },
    summary(acts) {
      const rows = companies.map((company) => {
        const entries = entriesOf(company);
        const writes = entries.filter(({ write }) => write).length;
        const refused = entries.filter(
          ({ status }) => status === 403 || status === 429 || status === 503,
        ).length;
        return [
          `  ${company}`,
          String(entries.length - writes),
          String(writes),
          ((entries.length - writes) / acts).toFixed(1),
          (writes / acts).toFixed(1),
          String(refused),
        ];
      });
      const sorted = latencies.toSorted((a, b) => a - b);
      const at = (share: number): string => seconds(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
      return [
        `Calls of the bridge for ${String(acts)} things that people did:`,
        table([['  account', 'reads', 'writes', 'reads each', 'writes each', 'refused'], ...rows]),
        `From what a person did until the last side was written: half within ${at(0.5)}, all within ${at(1)}.`,
      ];
    },
  };
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
