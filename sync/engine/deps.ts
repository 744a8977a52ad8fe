/** What the engine works with; wired by app/, by the simulation and by tests. */
import { type Connector } from '../../connectors/port.ts';
import { type AccountId, type SpaceId } from '../../errors/ids.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type Runtime } from '../../runtime/runtime.ts';
import { type Store } from '../../store/port.ts';
import { type AccountView } from '../core/account.ts';
import { type Context } from '../core/context.ts';

/** Constant messages, data beside them. */
export interface Log {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface ConnectedAccount {
  readonly connector: Connector;
  /** Rests on the people read last; `refreshPeople` makes a new one. */
  view: AccountView;
  peopleReadAt: number;
  /** Visits that may go on at once; one where requests are limited, for there they would only wait for each other. */
  readonly visitsAtOnce: number;
}

export interface EngineSettings {
  /** A reading older than this is not written upon where the account can't guard the write, ms. */
  readonly maxAgeMs: number;
  readonly leaseMs: number;
  /** Further hints of a task that was just worked on wait this long, so that a burst costs one visit, ms. */
  readonly burstMs: number;
  /** What is due so soon comes along with what is due now, ms. */
  readonly lookAheadMs: number;
  /** An account that tells nothing of what it stored is read again after this, ms. */
  readonly rereadMs: number;
  /** Without a wake-up (a lost notification) work is looked for this often, ms. */
  readonly idleLookMs: number;
}

export const defaultSettings: EngineSettings = {
  maxAgeMs: 5_000,
  leaseMs: 120_000,
  burstMs: 2_500,
  lookAheadMs: 3_000,
  rereadMs: 3_000,
  idleLookMs: 5_000,
};

export interface EngineDeps {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly accounts: ReadonlyMap<AccountId, ConnectedAccount>;
  /** The mappings in force, by space. */
  readonly mappings: ReadonlyMap<SpaceId, Mapping>;
  /** Key that marks are derived from. */
  readonly markSecret: Uint8Array;
  readonly settings: EngineSettings;
  readonly log: Log;
}

/** Context of a space; undefined while one of its accounts is not connected. */
export function contextOf(deps: EngineDeps, mapping: Mapping): Context | undefined {
  const views = new Map<AccountId, AccountView>();
  for (const { account } of mapping.members) {
    const connected = deps.accounts.get(account);
    if (!connected) return undefined;
    views.set(account, connected.view);
  }
  return { mapping, views };
}
