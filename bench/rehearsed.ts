/** An integrator and its client in this process, on simulated time: what a bench counts there does not hang on the machine. */
import { readFile } from 'node:fs/promises';
import { type SettingValue } from '../emulators/common/types.ts';
import { loadMapping } from '../mappings/load.ts';
import { type Mapping } from '../mappings/types.ts';
import { type Rehearsal, rehearse } from '../simulation/rehearsal.ts';
import { threeCompanies } from '../simulation/worlds.ts';
import { type Limit } from '../sync/governor/bucket.ts';

export interface PairOptions {
  readonly card: 'new' | 'old';
  readonly start: number;
  readonly teyron: Readonly<Record<string, SettingValue>>;
  /** What the bridge holds Planfix's requests to; null = nothing. */
  readonly limit: Limit | null;
}

/** Built, this stands one folder deeper than its source. */
const root = new URL('../../', import.meta.url);

async function exampleMapping(): Promise<Mapping> {
  const file = 'mappings/examples/planfix-bitrix24.yaml';
  const loaded = loadMapping(await readFile(new URL(file, root), 'utf8'), {
    fileName: file,
    accounts: { teyron: { kind: 'planfix' }, romashka: { kind: 'bitrix24' } },
    version: 1,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.mapping;
}

export async function rehearsePair({ card, start, teyron, limit }: PairOptions): Promise<Rehearsal> {
  const companies = threeCompanies((account) => `https://bridge.example/webhooks/${account}`, card);
  return rehearse({
    accounts: [
      { ...companies.teyron, account: 'teyron', credential: companies.teyron.token, settings: teyron, limit },
      {
        ...companies.romashka,
        account: 'romashka',
        credential: `/rest/${String(companies.romashka.incoming.user)}/${companies.romashka.incoming.secret}`,
      },
    ],
    mappings: [await exampleMapping()],
    start,
  });
}
