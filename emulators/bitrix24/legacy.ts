/** Errors and parameters of the positional task.* methods: exceptions of the old tasks API (section 2.2). */
import { type Json } from '../common/types.ts';
import { asInt, isList, isRecord, type Params, refuse } from './values.ts';

const names: Readonly<Record<number, string>> = {
  4: 'ACTION_NOT_ALLOWED',
  8: 'ACTION_FAILED_TO_BE_PROCESSED',
  256: 'WRONG_ARGUMENTS',
  512: 'ITEM_NOT_FOUND_OR_NOT_ACCESSIBLE',
};

/** Throws `TASKS_ERROR_EXCEPTION_#n; text; n/TE/NAME<br>` as HTTP 400 ERROR_CORE. */
export const legacyError = (number: 4 | 8 | 256 | 512, text: string, end = ''): never =>
  refuse(
    400,
    'ERROR_CORE',
    `TASKS_ERROR_EXCEPTION_#${number}; ${text}; ${number}/TE/${names[number] ?? ''}${end}<br>`,
  );

/** Where a parameter stands, for the texts of errors. */
export interface Slot {
  readonly method: string;
  readonly index: number;
  readonly name: string;
  /** Ends the text of the error; the vendor's texts differ by a full stop. */
  readonly end?: string;
}

/** A required whole number by position. */
export const integerAt = (params: Params, key: string, slot: Slot): number => {
  const value = params[key];
  if (value === undefined) {
    return legacyError(
      256,
      `Param #${slot.index} (${slot.name}) expected by method ${slot.method}(), but not given.`,
    );
  }
  return (
    asInt(value) ??
    legacyError(
      256,
      `Param #${slot.index} (${slot.name}) for method ${slot.method}() expected to be of type "integer", but given something else.`,
    )
  );
};

/** Where a whole number must be greater than zero, less is an assertion of the portal's own. */
export const positiveAt = (params: Params, key: string, slot: Slot): number => {
  const value = integerAt(params, key, slot);
  return value > 0 ? value : refuse(400, 'ERROR_CORE', 'TASKS_ERROR_ASSERT_EXCEPTION<br>');
};

/** As `mapAt` for a map that must be there and may not be empty. */
export const fullMapAt = (
  params: Params,
  key: string,
  slot: Slot,
  allowed: readonly string[],
): { readonly [key: string]: Json } => {
  const map = mapAt(params, key, slot, allowed);
  if (Object.keys(map).length > 0) return map;
  return legacyError(
    256,
    `Param #${slot.index} (${slot.name}) expected by method ${slot.method}(), but not given.`,
  );
};

/** A map by position whose keys must be among `allowed` (prefixes of filters left out); absent = empty. */
export const mapAt = (
  params: Params,
  key: string,
  slot: Slot,
  allowed: readonly string[],
): { readonly [key: string]: Json } => {
  const value = params[key];
  if (value === undefined || value === null || value === '') return {};
  if (isList(value) && value.length === 0) return {};
  if (!isRecord(value)) {
    return legacyError(
      256,
      `Param #${slot.index} (${slot.name}) for method ${slot.method}() expected to be of type "array", but given something else.`,
    );
  }
  const stranger = Object.keys(value).find((name) => !allowed.includes(name));
  if (stranger !== undefined) {
    legacyError(
      256,
      `Param #${slot.index} (${slot.name}) for method ${slot.method}() must not contain key "${stranger}".`,
      slot.end,
    );
  }
  return value;
};
