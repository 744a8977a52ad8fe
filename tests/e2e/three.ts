/** The three companies with the mapping of the examples, rehearsed in one process. */
import { readFileSync } from 'node:fs';
import { loadMapping } from '../../mappings/load.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type Rehearsal, type RehearsalOptions, rehearse } from '../../simulation/rehearsal.ts';
import { threeCompanies, twoPlanfixAccounts, twoPortals } from '../../simulation/worlds.ts';

export function exampleMapping(
  file: string,
  accounts: Record<string, { kind: 'planfix' | 'bitrix24' }>,
): Mapping {
  const text = readFileSync(new URL(`../../mappings/examples/${file}`, import.meta.url), 'utf8');
  const loaded = loadMapping(text, { fileName: file, accounts, version: 1 });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
  return loaded.mapping;
}

export const hubMapping = (): Mapping =>
  exampleMapping('hub-two-members.yaml', {
    teyron: { kind: 'planfix' },
    romashka: { kind: 'bitrix24' },
    pixel: { kind: 'planfix' },
  });

export const noon = Date.parse('2026-11-24T09:00:00Z');

export async function rehearseThree(
  card: 'new' | 'old' = 'new',
  options: Partial<RehearsalOptions> = {},
): Promise<Rehearsal> {
  const { teyron, romashka, pixel } = threeCompanies(
    (account) => `https://bridge.example/webhooks/${account}`,
    card,
  );
  const unlimited = { planfix: { 'limits.perSecond': 0, 'limits.perDay': 0 }, bitrix24: {} };
  return rehearse({
    accounts: [
      { ...teyron, account: 'teyron', credential: teyron.token, settings: unlimited.planfix },
      {
        ...romashka,
        account: 'romashka',
        credential: `/rest/${String(romashka.incoming.user)}/${romashka.incoming.secret}`,
        settings: unlimited.bitrix24,
      },
      { ...pixel, account: 'pixel', credential: pixel.token, settings: unlimited.planfix },
    ],
    mappings: [hubMapping()],
    start: noon,
    ...options,
  });
}

const hook = (account: string): string => `https://bridge.example/webhooks/${account}`;
const unlimited = { 'limits.perSecond': 0, 'limits.perDay': 0 };

export async function rehearseTwoPlanfix(): Promise<Rehearsal> {
  const { teyron, lavanda } = twoPlanfixAccounts(hook);
  return rehearse({
    accounts: [
      { ...teyron, account: 'teyron', credential: teyron.token, settings: unlimited },
      { ...lavanda, account: 'lavanda', credential: lavanda.token, settings: unlimited },
    ],
    mappings: [
      exampleMapping('planfix-planfix.yaml', { teyron: { kind: 'planfix' }, lavanda: { kind: 'planfix' } }),
    ],
    start: noon,
  });
}

export async function rehearseTwoPortals(): Promise<Rehearsal> {
  const { vesna, pechat } = twoPortals(hook);
  const credential = `/rest/${String(vesna.incoming.user)}/${vesna.incoming.secret}`;
  return rehearse({
    accounts: [
      { ...vesna, account: 'vesna', credential },
      { ...pechat, account: 'pechat', credential },
    ],
    mappings: [
      exampleMapping('bitrix24-bitrix24.yaml', { vesna: { kind: 'bitrix24' }, pechat: { kind: 'bitrix24' } }),
    ],
    start: noon,
  });
}

/** An integrator and its client alone, with the mapping of the first example. */
export async function rehearsePair(card: 'new' | 'old' = 'new'): Promise<Rehearsal> {
  const { teyron, romashka } = threeCompanies(hook, card);
  return rehearse({
    accounts: [
      { ...teyron, account: 'teyron', credential: teyron.token, settings: unlimited },
      {
        ...romashka,
        account: 'romashka',
        credential: `/rest/${String(romashka.incoming.user)}/${romashka.incoming.secret}`,
      },
    ],
    mappings: [
      exampleMapping('planfix-bitrix24.yaml', {
        teyron: { kind: 'planfix' },
        romashka: { kind: 'bitrix24' },
      }),
    ],
    start: noon,
  });
}
