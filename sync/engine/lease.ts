/** Leases of the work in hand while its writes go on: a slow file must not hand them to another worker. */
import { type Connector } from '../../connectors/port.ts';
import { type Instant } from '../../errors/ids.ts';
import { type Claimed } from '../../store/port.ts';
import { type EngineDeps } from './deps.ts';

export interface Leases {
  /** Until when a claim is this worker's, as far as is known; long ago when it went to another. */
  until(claim: Claimed): Instant;
  /** Renews those that would end too soon for a request under them. */
  keep(claims: readonly Claimed[]): Promise<void>;
}

const gone: Instant = 0;

export function leasesOf({ store, runtime, settings, log }: EngineDeps, connector: Connector): Leases {
  const renewed = new Map<Claimed, Instant>();
  const until = (claim: Claimed): Instant => renewed.get(claim) ?? claim.until;
  const leaseMs = Math.max(settings.leaseMs, 2 * connector.serverMaxMs);
  return {
    until,
    async keep(claims) {
      const now = runtime.now();
      const ending = [...new Set(claims)].filter(
        (claim) => until(claim) !== gone && until(claim) < now + leaseMs * 0.75,
      );
      if (ending.length === 0) return;
      try {
        const held = await store.renew(ending, now + leaseMs);
        for (const claim of ending) renewed.set(claim, held.has(claim) ? now + leaseMs : gone);
      } catch (error) {
        // The leases hold as long as they were given; what comes after that is not sent.
        log.warn({ account: connector.account, err: error }, 'leases could not be renewed');
      }
    },
  };
}
