/** Builds that break one law on purpose: a simulation that lets one of them pass is no simulation. */
import { type Connector } from '../../connectors/port.ts';
import { type Store } from '../../store/port.ts';
import { type Canary } from './play.ts';

export interface CanaryBuild {
  /** What it does wrong, in words. */
  readonly breaks: string;
  make(): Canary;
}

const connecting =
  (change: (connector: Connector) => Partial<Connector>): (() => Canary) =>
  () => ({ connector: (connector) => ({ ...connector, ...change(connector) }) });

const storing =
  (change: (store: Store) => Partial<Store>): (() => Canary) =>
  () => ({ store: (store) => ({ ...store, ...change(store) }) });

const builds = {
  'no look-up': {
    breaks: 'a creation whose answer was lost is not looked for by its mark: it is made again',
    make: connecting(() => ({ find: () => Promise.resolve({ is: 'nothing' }) })),
  },
} as const satisfies Readonly<Record<string, CanaryBuild>>;

export type CanaryName = keyof typeof builds;

export const canaries: Readonly<Record<CanaryName, CanaryBuild>> = builds;

export const canaryNames = Object.keys(builds) as CanaryName[];

export const storeCanary = storing;
