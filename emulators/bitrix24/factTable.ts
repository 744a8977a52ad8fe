/** Facts of the vendor's pages as rows of a table: one call on the portal of the contract cases, and what it answers. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type Json, type SettingValue } from '../common/types.ts';
import { testPortal, type TestPortal } from './testing.ts';

const { world } = JSON.parse(
  readFileSync(new URL('../../tests/contracts/cases/bitrix24/world.json', import.meta.url), 'utf8'),
) as { world: Json };

/** The portal of the contract cases: administrator 1, creator 5, responsible 7, 9, auditor 11, guest 15. */
export const vesna = (settings: Readonly<Record<string, SettingValue>> = {}): TestPortal =>
  testPortal(settings, world);

export interface Fact {
  /** The promise, and the page that makes it. */
  readonly says: string;
  readonly page: string;
  /** What happens before; its result stands for `$` in texts of the call. */
  readonly first?: (portal: TestPortal) => Json | undefined;
  readonly as: number;
  readonly method: string;
  readonly send?: Json;
  /** 200 unless an error is expected. */
  readonly status?: number;
  /** Code and text of the error. */
  readonly error?: readonly [string, string];
  /** What the answer contains; a list or a scalar must be equal. */
  readonly answers?: Json;
  /** Events that are sent, in order. */
  readonly events?: readonly string[];
}

const filled = (value: Json, given: Json): Json => {
  if (value === '$') return given;
  if (Array.isArray(value)) return value.map((item: Json) => filled(item, given));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item as Json, given)]));
};

/** One test per fact. */
export const facts = (title: string, rows: readonly Fact[]): void => {
  describe(title, () => {
    for (const fact of rows) {
      test(`${fact.says} (${fact.page})`, () => {
        const portal = vesna();
        const given = fact.first?.(portal) ?? null;
        portal.events();
        const { status, body } = portal.call(fact.as, fact.method, filled(fact.send ?? {}, given));
        const sent = portal.events().map((one) => one.event);
        const [code, text] = fact.error ?? [];
        if (code !== undefined && text !== undefined) {
          const v3 = fact.method.startsWith('api/');
          const wanted = v3 ? { code: `BITRIX_REST_V3_EXCEPTION_${code}` } : code;
          expect({ status, error: body['error'] }).toMatchObject({
            status: fact.status ?? 400,
            error: wanted,
          });
          expect(JSON.stringify(body)).toContain(text);
        } else {
          expect({ status, body }).toMatchObject({ status: fact.status ?? 200 });
          if (typeof fact.answers === 'object' && fact.answers !== null && !Array.isArray(fact.answers)) {
            expect(body['result']).toMatchObject(filled(fact.answers, given) as object);
          } else if (fact.answers !== undefined) {
            expect(body['result']).toEqual(filled(fact.answers, given));
          }
        }
        if (fact.events !== undefined) expect(sent).toEqual(fact.events);
      });
    }
  });
};
