/** The three companies with the mapping of the examples, rehearsed in one process. */
import { readFileSync } from 'node:fs';
import { type Json } from '../../emulators/common/types.ts';
import { loadMapping } from '../../mappings/load.ts';
import { type Mapping } from '../../mappings/types.ts';
import {
  type Rehearsal,
  type RehearsalOptions,
  type RehearsedAccount,
  rehearse,
} from '../../simulation/rehearsal.ts';
import { threeCompanies, twoPlanfixAccounts, twoPortals } from '../../simulation/worlds.ts';

export function exampleMapping(
  file: string,
  accounts: Record<string, { kind: 'planfix' | 'bitrix24' }>,
  changed: (text: string) => string = (text) => text,
): Mapping {
  const text = changed(readFileSync(new URL(`../../mappings/examples/${file}`, import.meta.url), 'utf8'));
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

type Three = ReturnType<typeof threeCompanies>;

const hook = (account: string): string => `https://bridge.example/webhooks/${account}`;

/** The limits of requests stay out of these stories. */
const planfix = (account: string, member: Three['teyron']): RehearsedAccount => ({
  ...member,
  account,
  credential: member.token,
  settings: { 'limits.perSecond': 0, 'limits.perDay': 0 },
});

const bitrix24 = (account: string, member: Three['romashka']): RehearsedAccount => ({
  ...member,
  account,
  credential: `/rest/${String(member.incoming.user)}/${member.incoming.secret}`,
});

export async function rehearseThree(
  card: 'new' | 'old' = 'new',
  options: Partial<RehearsalOptions> = {},
  companies: Three = threeCompanies(hook, card),
  client: Partial<RehearsedAccount> = {},
): Promise<Rehearsal> {
  const { teyron, romashka, pixel } = companies;
  return rehearse({
    accounts: [
      planfix('teyron', teyron),
      { ...bitrix24('romashka', romashka), ...client },
      planfix('pixel', pixel),
    ],
    mappings: [hubMapping()],
    start: noon,
    ...options,
  });
}

export async function rehearseTwoPlanfix(
  changed?: (text: string) => string,
  world: (account: Json) => Json = (account) => account,
): Promise<Rehearsal> {
  const { teyron, lavanda } = twoPlanfixAccounts(hook);
  const kinds = { teyron: { kind: 'planfix' }, lavanda: { kind: 'planfix' } } as const;
  const integrator = planfix('teyron', teyron);
  return rehearse({
    accounts: [{ ...integrator, world: world(integrator.world) }, planfix('lavanda', lavanda)],
    mappings: [exampleMapping('planfix-planfix.yaml', kinds, changed)],
    start: noon,
  });
}

export async function rehearseTwoPortals(): Promise<Rehearsal> {
  const { vesna, pechat } = twoPortals(hook);
  return rehearse({
    accounts: [bitrix24('vesna', vesna), bitrix24('pechat', pechat)],
    mappings: [
      exampleMapping('bitrix24-bitrix24.yaml', { vesna: { kind: 'bitrix24' }, pechat: { kind: 'bitrix24' } }),
    ],
    start: noon,
  });
}

/** An integrator and its client alone, with the mapping of the first example or another one. */
export async function rehearsePair(
  card: 'new' | 'old' = 'new',
  file = 'planfix-bitrix24.yaml',
  changed?: (text: string) => string,
): Promise<Rehearsal> {
  const { teyron, romashka } = threeCompanies(hook, card);
  return rehearse({
    accounts: [planfix('teyron', teyron), bitrix24('romashka', romashka)],
    mappings: [
      exampleMapping(file, { teyron: { kind: 'planfix' }, romashka: { kind: 'bitrix24' } }, changed),
    ],
    start: noon,
  });
}
