import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { as, type SpaceId } from '../errors/ids.ts';
import { checkMapping } from './check.ts';
import { checkTogether } from './check-together.ts';
import { aMapping } from './generators.ts';
import { type Mapping, type Member, type StatusLens } from './types.ts';

const lens = (rows: Record<string, string>): StatusLens =>
  ({
    in: rows,
    out: Object.fromEntries(Object.entries(rows).map(([local, status]) => [status, local])),
  }) as StatusLens;

const straight = lens({ '1': 'a', '2': 'b' });

/** A space over two accounts or more, each with its lens; the first is the hub. */
function space(
  name: string,
  accounts: Record<string, StatusLens>,
  more: { transitions?: readonly object[]; scopes?: Record<string, string> } = {},
): Mapping {
  return {
    space: name,
    version: 1,
    hub: Object.keys(accounts)[0],
    members: Object.keys(accounts).map((account): Member => {
      const project = more.scopes?.[account];
      return {
        account,
        kind: 'planfix',
        role: `role-${account}`,
        scope: project === undefined ? null : { kind: 'project', project },
        object: null,
        standIns: {},
        acceptor: { kind: 'creator' },
        defaultAssignee: null,
      } as unknown as Member;
    }),
    lifecycle: [
      { status: 'a', final: false },
      { status: 'b', final: false },
    ],
    transitions: more.transitions ?? [],
    statuses: Object.fromEntries(
      Object.entries(accounts).map(([account, one]) => [account, { everywhere: one, objects: {} }]),
    ),
    people: [],
    facades: [],
    fields: {},
    comments: { share: {}, notify: 'none', mirrorEdits: 'restore', passOn: [] },
    files: { share: false },
    sees: {},
    unknownPerson: 'leave-out',
  } as unknown as Mapping;
}

const forbid = (from: string, to: string): object => ({ from, to, by: ['nobody'], requires: [] });

describe('spaces that share an account', () => {
  test('spaces that share nothing, or that mean the same, are left in peace', () => {
    const [one, two] = [
      space('one', { A: straight, B: straight }),
      space('two', { C: straight, D: straight }),
    ];
    expect(checkTogether([one, two])).toEqual([]);
    expect(checkTogether([one, space('three', { A: straight, C: straight })])).toEqual([]);
    expect(checkTogether([one])).toEqual([]);
  });

  test('a move that one space forbids and whose return the other forbids goes back and forth', () => {
    const one = space('one', { A: straight, B: straight }, { transitions: [forbid('a', 'b')] });
    const two = space('two', { A: straight, C: straight }, { transitions: [forbid('b', 'a')] });
    expect(checkTogether([one, two])).toEqual([
      expect.objectContaining({
        severity: 'problem',
        path: ['transitions'],
        message: expect.stringContaining('back and forth for ever'),
      }),
    ]);
  });

  test('a move that only one space forbids is put back in both', () => {
    const one = space('one', { A: straight, B: straight }, { transitions: [forbid('a', 'b')] });
    expect(checkTogether([one, space('two', { A: straight, C: straight })])).toEqual([]);
  });

  test('a ring of spaces that swaps two statuses on the way never rests', () => {
    const swapped = lens({ '1': 'b', '2': 'a' });
    const found = checkTogether([
      space('one', { A: straight, B: straight }),
      space('two', { B: straight, C: straight }),
      space('three', { C: straight, A: swapped }),
    ]);
    expect(found).toEqual([
      expect.objectContaining({ severity: 'problem', path: ['statuses', expect.any(String)] }),
    ]);
  });

  test('a ring of spaces that folds two statuses changes what a person set', () => {
    const folded = { in: { '1': 'a', '2': 'a' }, out: { a: '1', b: 'hold' } } as unknown as StatusLens;
    const found = checkTogether([
      space('one', { A: straight, B: straight }),
      space('two', { B: folded, C: straight }),
      space('three', { C: straight, A: straight }),
    ]);
    expect(found).toEqual([
      expect.objectContaining({ severity: 'problem', path: ['statuses', expect.any(String)] }),
    ]);
  });

  test('a mirror that falls into another space and would come home as a copy is told', () => {
    const scopes = { A: '1', B: '2' };
    const one = space('one', { A: straight, B: straight }, { scopes });
    expect(
      checkTogether([one, space('two', { A: straight, B: straight }, { scopes: { A: '3', B: '2' } })]),
    ).toEqual([
      expect.objectContaining({
        path: ['members', 1, 'scope'],
        message: expect.stringContaining('second copy'),
      }),
    ]);
    expect(
      checkTogether([one, space('two', { A: straight, B: straight }, { scopes: { A: '3', B: '4' } })]),
    ).toEqual([]);
    expect(checkTogether([one, space('two', { B: straight, C: straight }, { scopes: { B: '2' } })])).toEqual(
      [],
    );
  });

  test('of all pairs of lenses on the shared account, those that only rename rest, and a task is never lost for good', () => {
    const values = ['a', 'b', 'hold'];
    const lenses = values.flatMap((one) =>
      values.flatMap((two) =>
        ['1', '2', 'hold'].flatMap((outA) =>
          ['1', '2', 'hold'].map(
            (outB) => ({ in: { '1': one, '2': two }, out: { a: outA, b: outB } }) as unknown as StatusLens,
          ),
        ),
      ),
    );
    const right = lenses.filter((one) =>
      checkMapping(space('one', { A: one, B: straight })).every(
        (finding) => finding.path[0] !== 'statuses' || !finding.path.includes('out'),
      ),
    );
    expect(right.length).toBeGreaterThan(20);
    for (const [index, one] of right.entries())
      for (const two of right.slice(index))
        expect(
          checkTogether([space('one', { A: one, B: straight }), space('two', { A: two, C: straight })]),
        ).toEqual([]);
  });

  test('two generated mappings of the same accounts are judged within a moment, and a mapping beside itself rests', () => {
    fc.assert(
      fc.property(aMapping({ maxAccounts: 3 }), ({ mapping }) => {
        const free = {
          ...mapping,
          transitions: [],
          members: mapping.members.map((one) => ({ ...one, scope: null })),
        };
        expect(checkTogether([free, { ...free, space: as<SpaceId>('twin') }])).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
