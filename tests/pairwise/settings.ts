/** The settings of both emulators as factors of one table, and what a row of it says. */
import { isDeepStrictEqual } from 'node:util';
import { settings as ofBitrix24 } from '../../emulators/bitrix24/settings.ts';
import { type SettingDescription, type SettingValue } from '../../emulators/common/types.ts';
import { settingDescriptions as ofPlanfix } from '../../emulators/planfix/settings.ts';

export type Crm = 'planfix' | 'bitrix24';

export interface Factor {
  readonly crm: Crm;
  readonly name: string;
  readonly values: readonly SettingValue[];
}

export interface Table {
  readonly factors: readonly Factor[];
  /** Each row names for every factor, in order, the index of its value. */
  readonly rows: readonly (readonly number[])[];
}

/** What a row sets, by CRM. */
export type Chosen = Readonly<Record<Crm, Readonly<Record<string, SettingValue>>>>;

/** The default stands first: index 0 everywhere is an account as the references take it to be. */
const factor =
  (crm: Crm) =>
  (setting: SettingDescription): Factor => ({
    crm,
    name: setting.name,
    values: [
      setting.default,
      ...setting.values.filter((value) => !isDeepStrictEqual(value, setting.default)),
    ],
  });

/** Every setting that the emulators have now. */
export const factors: readonly Factor[] = [
  ...ofPlanfix.map(factor('planfix')),
  ...ofBitrix24.map(factor('bitrix24')),
];

/** Throws for a row that does not fit the factors. */
export function chosenBy(row: readonly number[], of: readonly Factor[]): Chosen {
  const chosen: Record<Crm, Record<string, SettingValue>> = { planfix: {}, bitrix24: {} };
  for (const [at, { crm, name, values }] of of.entries()) {
    const value = values[row[at] ?? -1];
    if (value === undefined) throw new Error(`a row has no value for ${crm} ${name}`);
    chosen[crm][name] = value;
  }
  return chosen;
}

/** Pairs of values that stand together in no row, as `setting=value & setting=value`. */
export function missingPairs({ factors: of, rows }: Table): readonly string[] {
  const missing: string[] = [];
  for (const [one, first] of of.entries())
    for (const [two, second] of of.entries()) {
      if (two <= one) continue;
      const met = new Set(rows.map((row) => `${String(row[one])} ${String(row[two])}`));
      for (const [v, value] of first.values.entries())
        for (const [w, other] of second.values.entries())
          if (!met.has(`${String(v)} ${String(w)}`))
            missing.push(`${first.name}=${JSON.stringify(value)} & ${second.name}=${JSON.stringify(other)}`);
    }
  return missing;
}
