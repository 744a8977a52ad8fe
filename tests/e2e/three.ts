/** The three companies with the mapping of the examples, rehearsed in one process. */
import { readFileSync } from 'node:fs';
import { loadMapping } from '../../mappings/load.ts';
import { type Mapping } from '../../mappings/types.ts';
import { type Rehearsal, type RehearsalOptions, rehearse } from '../../simulation/rehearsal.ts';
import { threeCompanies } from '../../simulation/worlds.ts';

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
