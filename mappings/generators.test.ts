import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LocalStatusId } from '../errors/ids.ts';
import { inRows, lensesOf } from './check-lens.ts';
import { aMapping, problemsOf, type GeneratedMapping } from './generators.ts';

const runs = 1_000;

/** What a generated mapping must sometimes have, with the least share of cases. */
const wanted: readonly (readonly [string, number, (one: GeneratedMapping) => boolean])[] = [
  ['three accounts or more', 0.3, ({ mapping }) => mapping.members.length >= 3],
  ['both kinds of account', 0.3, ({ mapping }) => new Set(mapping.members.map((one) => one.kind)).size === 2],
  [
    'several local statuses with one meaning',
    0.5,
    ({ mapping }) =>
      lensesOf(mapping).some(({ lens }) => {
        const meanings = inRows(lens).map(([, meaning]) => meaning);
        return meanings.some(
          (meaning, index) =>
            meaning !== 'hold' && meaning !== 'ignore' && meanings.indexOf(meaning) !== index,
        );
      }),
  ],
  [
    'a role that does not see another',
    0.2,
    ({ mapping }) => Object.values(mapping.sees).some((seen) => seen.length < mapping.members.length),
  ],
  ['a facade', 0.1, ({ mapping }) => mapping.facades.length > 0],
  ['messages that are handed on', 0.05, ({ mapping }) => mapping.comments.passOn.length > 0],
  [
    'a hidden field',
    0.3,
    ({ mapping }) => Object.values(mapping.fields).some((rule) => rule.hide.length > 0),
  ],
  ['a kanban', 0.15, ({ mapping }) => lensesOf(mapping).some(({ lens }) => lens.stages !== undefined)],
  [
    'a status that a column alone shows',
    0.05,
    ({ mapping }) =>
      lensesOf(mapping).some(({ lens }) =>
        Object.entries(lens.out).some(
          ([status, local]) => local !== 'hold' && lens.in[local as LocalStatusId] !== status,
        ),
      ),
  ],
  ['transitions', 0.3, ({ mapping }) => mapping.transitions.length > 0],
  ['acceptance', 0.15, ({ mapping }) => mapping.lifecycle.some((step) => step.acceptedBy !== undefined)],
  [
    'an account without statuses',
    0.05,
    ({ mapping }) => Object.values(mapping.statuses).some((one) => one.everywhere === null),
  ],
  ...(['latest', 'hub', 'role', 'manual'] as const).map(
    (kind) =>
      [
        `conflicts settled by ${kind}`,
        0.3,
        ({ mapping }: GeneratedMapping) =>
          Object.values(mapping.fields).some((rule) => rule.conflict.kind === kind),
      ] as const,
  ),
];

describe('generated mappings', () => {
  test('the checker finds no problem with any of them, and they show everything that they must', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(aMapping(), (one) => {
        expect(problemsOf(one)).toEqual([]);
        for (const [name, , has] of wanted) if (has(one)) seen.set(name, (seen.get(name) ?? 0) + 1);
      }),
      { numRuns: runs },
    );
    const short = wanted
      .map(([name, least]) => ({ name, least, share: (seen.get(name) ?? 0) / runs }))
      .filter(({ least, share }) => share < least);
    expect(short).toEqual([]);
  });

  test('a space of one account can be asked for', () => {
    fc.assert(
      fc.property(aMapping({ minAccounts: 1, maxAccounts: 1 }), (one) => {
        expect(one.mapping.members).toHaveLength(1);
        expect(problemsOf(one)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
