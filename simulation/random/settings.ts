/** What nobody documents of an account, drawn from the settings of the emulators. */
import { isDeepStrictEqual } from 'node:util';
import { settings as ofBitrix24 } from '../../emulators/bitrix24/settings.ts';
import { type SettingDescription, type SettingValue } from '../../emulators/common/types.ts';
import { settingDescriptions as ofPlanfix } from '../../emulators/planfix/settings.ts';
import { type CrmKind } from '../../mappings/types.ts';
import { type Draw } from './draw.ts';

/**
 * Values that are never drawn: those under which docs/limits.md takes a promise back (tests/pairwise/exemptions.ts holds the
 * same list), those of which it says what people see instead, and those of limits that the bridge is told of in `plan`.
 */
export const leftOut: Readonly<Record<CrmKind, readonly (readonly [name: string, value: SettingValue])[]>> = {
  planfix: [
    ['comments.editForeignText', 'owner only'],
    ['timepoint.dateTimeIn', 'UTC'],
    // A copy whose creation was not answered, and that people edit before it is looked for, is not known again.
    ['sourceMarks', 'dropped'],
    ['sourceMarks', 'only with sourceId'],
  ],
  bitrix24: [
    ['limits.titleMax', 40],
    ['limits.descriptionMax', 1000],
    ['limits.chatMessageMax', 200],
    ['limits.chatFileMax', 1000],
    // Words that can not be taken back: said anew below, or listed.
    ['chat.editWindowSeconds', 3600],
    // A lone old comment that comes again is taken for a new one that says the same.
    ['taskCard.oldComments', 'copied-by-system'],
    // Cards are switched by a step of their own world.
    ['taskCard.mode', 'old'],
    ['taskCard.switchAt', '2026-09-28T12:00:00+03:00'],
  ],
};

const described: Readonly<Record<CrmKind, readonly SettingDescription[]>> = {
  planfix: ofPlanfix,
  bitrix24: ofBitrix24,
};

/** How often a setting has another value than its usual one. */
const share = 0.08;

export function drawSettings(draw: Draw, kind: CrmKind): Record<string, SettingValue> {
  const drawn: Record<string, SettingValue> = {};
  for (const { name, values, default: usual } of described[kind]) {
    const others = values.filter(
      (value) =>
        !isDeepStrictEqual(value, usual) &&
        !leftOut[kind].some(([setting, left]) => setting === name && isDeepStrictEqual(left, value)),
    );
    if (draw.chance(share) && others.length > 0) drawn[name] = draw.one(others);
  }
  return drawn;
}
