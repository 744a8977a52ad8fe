/** Builds that break one law on purpose: a simulation that lets one of them pass is no simulation. */
import { type Connector } from '../../connectors/port.ts';
import { as, type LocalPersonId } from '../../errors/ids.ts';
import { type Store } from '../../store/port.ts';
import { type RawComment, type Reading } from '../../sync/core/replica.ts';
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

/** Comments that are read as something else. */
const reading = (change: (comment: RawComment, actor: LocalPersonId) => RawComment): (() => Canary) =>
  connecting((connector) => ({
    read: async (requests, alongside) => {
      const { actor } = connector.view([]);
      return new Map(
        [...(await connector.read(requests, alongside))].map(([task, told]) => [
          task,
          told.is === 'read' && told.comments
            ? {
                ...told,
                comments: { ...told.comments, list: told.comments.list.map((one) => change(one, actor)) },
              }
            : told,
        ]),
      );
    },
  }));

const builds = {
  'no look-up': {
    breaks: 'a creation whose answer was lost is not looked for: it is made again',
    make: connecting(() => ({ find: () => Promise.resolve({ is: 'nothing' }) })),
  },
  'lost is done': {
    breaks: 'a write whose answer was lost counts as done',
    make: connecting((connector) => ({
      write: async (writes, open, notAfter) =>
        (await connector.write(writes, open, notAfter)).map((outcome) =>
          outcome.is === 'unknown' ? { is: 'done', at: outcome.at, made: {}, failures: [] } : outcome,
        ),
    })),
  },
  'refused is done': {
    breaks: 'an account that answers for its limits counts as one that has done what was asked',
    make: connecting((connector) => ({
      write: async (writes, open, notAfter) =>
        (await connector.write(writes, open, notAfter)).map((outcome) =>
          outcome.is === 'refused' ? { is: 'done', at: outcome.at, made: {}, failures: [] } : outcome,
        ),
    })),
  },
  'everybody is addressed': {
    breaks: 'a comment that was hidden counts as one that was not',
    make: reading((comment) => ({ ...comment, hidden: false })),
  },
  'echo is news': {
    breaks: 'a comment of the bridge that is read before its answer came counts as somebody’s',
    make: reading((comment, actor) => ({
      ...comment,
      mark: null,
      author: comment.author === actor ? as<LocalPersonId>('nobody') : comment.author,
    })),
  },
  'shadow before answer': {
    breaks: 'what was read is forgotten: each reading of fields is as old as the first one of its task',
    make: () => {
      const first = new Map<string, Reading>();
      return {
        connector: (connector) => ({
          ...connector,
          read: async (requests, alongside) =>
            new Map(
              [...(await connector.read(requests, alongside))].map(([task, told]) => {
                const key = `${connector.account} ${task}`;
                const kept = first.get(key) ?? told;
                if (told.is === 'read' && told.snapshot) first.set(key, kept);
                return [
                  task,
                  told.is === 'read' && told.snapshot && kept.is === 'read' && kept.snapshot
                    ? { ...told, snapshot: kept.snapshot }
                    : told,
                ] as const;
              }),
            ),
        }),
      };
    },
  },
  'lease unchecked': {
    breaks: 'a worker sends whatever it has in hand, whoever has the lease by now',
    make: storing((store) => ({
      markSent: (sends) => Promise.resolve(new Set(sends.map(({ id }) => id))),
      commit: (commits) => store.commit(commits.map((one) => ({ ...one, claim: null }))),
      renew: (claims) => Promise.resolve(new Set(claims)),
      claim: (account, options) => store.claim(account, { ...options, leaseMs: 1_000 }),
    })),
  },
  'acknowledged before kept': {
    breaks: 'a sweep goes on from where it was, though what it found was not kept',
    make: storing((store) => {
      let found = 0;
      return {
        // Every third finding is lost between the cursor and the marks.
        touch: (touches) => {
          found += touches.length;
          return store.touch(
            touches.filter((touch) => touch.correlation.startsWith('hint') || found % 3 !== 0),
          );
        },
      };
    }),
  },
} as const satisfies Readonly<Record<string, CanaryBuild>>;

export type CanaryName = keyof typeof builds;

export const canaries: Readonly<Record<CanaryName, CanaryBuild>> = builds;

export const canaryNames = Object.keys(builds) as CanaryName[];
