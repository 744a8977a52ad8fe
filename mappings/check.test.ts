import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AccountId,
  type LifecycleStatus,
  type LocalPersonId,
  type LocalStatusId,
  type RoleName,
} from '../errors/ids.ts';
import { checkAgainstAccounts, checkMapping, type KnownAccount } from './check.ts';
import { lensRules, trapsOf } from './check-lens.ts';
import { printPath, type Finding } from './finding.ts';
import { aMapping } from './generators.ts';
import { loadMapping } from './load.ts';
import {
  mayMove,
  rulesForMove,
  type CrmKind,
  type Mapping,
  type StatusLens,
  type Transition,
} from './types.ts';

const kinds: Record<string, { kind: CrmKind }> = {
  teyron: { kind: 'planfix' },
  romashka: { kind: 'bitrix24' },
  pixel: { kind: 'planfix' },
};

function example(name: string, change: (text: string) => string = (text) => text): Mapping {
  const text = readFileSync(new URL(`./examples/${name}`, import.meta.url), 'utf8');
  const loaded = loadMapping(change(text), { fileName: name, accounts: kinds, version: 1 });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.mapping;
}

const hub = example('hub-two-members.yaml');
const told = (findings: readonly Finding[]): string[] =>
  findings.map((one) => `${one.severity} ${printPath(one.path)}: ${one.message} → ${one.fix}`);

/** The example with a lens of `teyron` and a lifecycle of our own, and no other account's status. */
function withLens(
  lens: StatusLens,
  lifecycle: readonly string[],
  transitions: readonly Transition[] = [],
): Mapping {
  return {
    ...hub,
    lifecycle: lifecycle.map((status) => ({ status: status as LifecycleStatus, final: false })),
    transitions,
    statuses: { teyron: { everywhere: lens, objects: {} } },
  } as Mapping;
}

const product = <Value>(choices: readonly Value[], length: number): Value[][] =>
  length === 0
    ? [[]]
    : product(choices, length - 1).flatMap((tail) => choices.map((choice) => [...tail, choice]));

/** Every lens of three local statuses over three lifecycle statuses, rows left out included. */
function* everyLens(): Generator<StatusLens> {
  const local = ['1', '2', '3'];
  const lifecycle = ['a', 'b', 'c'];
  const rows = (keys: readonly string[], values: readonly (string | null)[]): object =>
    Object.fromEntries(keys.flatMap((key, index) => (values[index] == null ? [] : [[key, values[index]]])));
  for (const into of product([...lifecycle, 'hold', 'ignore', null], 3))
    for (const out of product([...local, 'hold', null], 3))
      yield { in: rows(local, into), out: rows(lifecycle, out) } as StatusLens;
}

describe('status lens', () => {
  test('of all 27,000 lenses of three by three statuses exactly those are refused that lose a written status', () => {
    let refused = 0;
    for (const lens of everyLens()) {
      // the oracle writes each status into an account and reads it back
      const loses = ['a', 'b', 'c'].some((status) => {
        const written = lens.out[status as LifecycleStatus];
        if (written === undefined) return true;
        return written !== 'hold' && lens.in[written] !== status;
      });
      const mapping = withLens(lens, ['a', 'b', 'c']);
      const findings = lensRules
        .flatMap((rule) => rule.find(mapping))
        .filter((one) => one.path.includes('out'));
      if (loses) refused += 1;
      if (findings.length > 0 !== loses) throw new Error(JSON.stringify({ lens, loses, findings }));
    }
    expect(refused).toBeGreaterThan(20_000);
    expect(refused).toBeLessThan(27_000);
  });

  test('of all lenses and single rules of two by three statuses exactly those trap that leave no way out', () => {
    const statuses = ['a', 'b', 'c'] as LifecycleStatus[];
    const roles = ['integrator', 'client'] as RoleName[];
    const rules: Transition[][] = [[]];
    for (const from of ['any', ...statuses] as const)
      for (const to of statuses)
        if (from !== to) for (const role of roles) rules.push([{ from, to, by: [role], requires: [] }]);
    let trapped = 0;
    for (const into of product([...statuses, 'hold'], 3))
      for (const transitions of rules) {
        const lens = { in: { 1: into[0], 2: into[1], 3: into[2] }, out: {} } as unknown as StatusLens;
        const mapping = withLens(lens, statuses, transitions);
        const may = (from: string, to: string): boolean =>
          transitions.every(
            (rule) =>
              rule.to !== to || (rule.from !== 'any' && rule.from !== from) || rule.by[0] === 'integrator',
          );
        const expected = statuses.filter(
          (status) =>
            into.includes(status) &&
            statuses.some((other) => other !== status && may(other, status)) &&
            !statuses.some((other) => other !== status && into.includes(other) && may(status, other)),
        );
        expect(trapsOf(mapping, { account: 'teyron' as AccountId, lens })).toEqual(expected);
        if (expected.length > 0) trapped += 1;
      }
    expect(trapped).toBeGreaterThan(100);
  });

  test('a final status, and one that waits for another role, traps nobody', () => {
    const lens = { in: { '1': 'a', '2': 'b' }, out: {} } as unknown as StatusLens;
    const rule = { from: 'b', to: 'a', by: ['client'], requires: [] } as unknown as Transition;
    const mapping = withLens(lens, ['a', 'b'], [rule]);
    const traps = (step: object): readonly string[] =>
      trapsOf(
        { ...mapping, lifecycle: [mapping.lifecycle[0], { status: 'b', final: false, ...step }] } as Mapping,
        { account: 'teyron' as AccountId, lens },
      );
    expect(traps({})).toEqual(['b']);
    expect(traps({ final: true })).toEqual([]);
    expect(traps({ acceptedBy: 'client' })).toEqual([]);
    expect(traps({ acceptedBy: 'integrator' })).toEqual(['b']);
  });

  test('a rule that names the old status goes before one from any, and one met rule is enough', () => {
    const [any, exact, also] = [
      { from: 'any', to: 'done', by: ['integrator'], requires: ['reason'] },
      { from: 'review', to: 'done', by: ['client'], requires: [] },
      { from: 'review', to: 'done', by: ['observer'], requires: [] },
    ] as unknown as [Transition, Transition, Transition];
    const rules = [any, exact, also];
    const [review, started, done] = ['review', 'in_progress', 'done'] as [
      LifecycleStatus,
      LifecycleStatus,
      LifecycleStatus,
    ];
    expect(rulesForMove(rules, review, done)).toEqual([exact, also]);
    expect(rulesForMove(rules, started, done)).toEqual([any]);
    expect(rulesForMove(rules, done, review)).toEqual([]);
    expect(mayMove(rules, review, done, 'integrator' as RoleName)).toBe(false);
    expect(mayMove(rules, review, done, 'observer' as RoleName)).toBe(true);
    expect(mayMove(rules, done, review, 'client' as RoleName)).toBe(true);
  });
});

describe('rules of a mapping', () => {
  const client = 1;
  const change = (member: object, index = client): Mapping =>
    ({
      ...hub,
      members: hub.members.map((one, at) => (at === index ? { ...one, ...member } : one)),
    }) as Mapping;

  test('the example has nothing to say', () => {
    expect(told(checkMapping(hub))).toEqual([]);
  });

  const cases: [string, Mapping, string][] = [
    [
      'a facade of an organisation that the viewer does not see',
      { ...hub, facades: [{ ...hub.facades[0], as: 'pixel' }] } as unknown as Mapping,
      'problem facades[0].as: "client" does not see "pixel" (contractor), so it can not be the facade → choose an account of "integrator" or "client"',
    ],
    [
      'a facade without a stand-in',
      change({ standIns: {} }),
      'problem facades[0].as: "romashka" has no stand-in for "teyron", so nobody could be shown there → add stand_ins: { teyron: "<id>" } to the member "romashka"',
    ],
    [
      'a facade before somebody who is seen',
      { ...hub, sees: { ...hub.sees, client: ['client', 'integrator', 'contractor'] } } as Mapping,
      'problem facades[0].of: "client" sees "contractor" as it is, so nothing can stand before it → remove the facade, or take "contractor" out of privacy.client.sees',
    ],
    [
      'messages handed on without a facade',
      {
        ...hub,
        facades: [],
        comments: { ...hub.comments, passOn: [{ of: 'contractor', to: 'client' }] },
      } as unknown as Mapping,
      'problem comments.pass_on[0]: messages of "contractor" would reach "client", which must not learn of it, under their own name → add facades: [ { of: contractor, to: client, as: teyron } ]',
    ],
    [
      'a role that does not see the hub',
      { ...hub, facades: [], sees: { ...hub.sees, client: ['client'] } } as Mapping,
      'problem privacy.client.sees: "client" does not see the hub\'s role "integrator", and everything that is shared stands in the hub\'s name at least → add integrator to the list',
    ],
    [
      'an organisation with nobody to stand for it',
      change({ standIns: { romashka: 'contact:20' } }, 0),
      'warning members[0].stand_ins: people of "pixel" without a row in `people` have nobody to stand for them in "teyron" → add stand_ins: { pixel: "<id>" }, or write unknown_person: leave-out',
    ],
    [
      'one stand-in for two organisations',
      change({ standIns: { romashka: 'contact:20', pixel: 'contact:20' } }, 0),
      'problem members[0].stand_ins.pixel: "contact:20" stands in for "romashka" already, so naming it would mean either → give each organisation a stand-in of its own',
    ],
    [
      'a user as a stand-in in Planfix',
      change({ standIns: { romashka: 'user:20', pixel: 'contact:21' } }, 0),
      'problem members[0].stand_ins.romashka: "user:20" is not a stand-in of Planfix → write a contact, "contact:20"',
    ],
    [
      'an acceptor who is a stand-in',
      change({ acceptor: { kind: 'person', person: '77' } }),
      'problem members[1].stand_ins.teyron: "77" stands in for "teyron" and can not act for "romashka" as well → name a person of the account as `acceptor` and `default_assignee`',
    ],
    [
      'a client who could never accept what others began',
      change({ acceptor: { kind: 'creator' } }),
      'warning members[1].account: a task that begins in "teyron" has a stand-in as its creator in "romashka", and only the creator can accept there → add acceptor: "<id>" with the person who accepts',
    ],
    [
      'nobody who may accept',
      {
        ...hub,
        transitions: hub.lifecycle.flatMap(({ status }) =>
          status === 'review' ? [] : [{ from: 'review', to: status, by: ['integrator'], requires: [] }],
        ),
      } as unknown as Mapping,
      'problem acceptance.review: "review" waits for "client", and that role may not move it anywhere → add { from: review, to: <status>, by: [client] } to `transitions`',
    ],
    [
      'acceptance that the accepting role can not see',
      {
        ...hub,
        statuses: { ...hub.statuses, romashka: { everywhere: null, objects: {} } },
      } as Mapping,
      'problem acceptance.review: "review" waits for "client", and no account of that role shows it → map "review" to a local status in `out` of "romashka"',
    ],
    [
      'statuses of objects only, and no object for mirrors',
      {
        ...change({ object: null }, 0),
        statuses: {
          ...hub.statuses,
          teyron: { everywhere: null, objects: { 31: hub.statuses['teyron' as AccountId]?.everywhere } },
        },
      } as unknown as Mapping,
      'problem statuses.teyron.objects: statuses are given for single objects only, and nothing says which object mirrors are created with → add object: "31" to the member "teyron"',
    ],
    [
      'a person in two rows',
      {
        ...hub,
        people: [
          { teyron: 'user:4', romashka: '15' },
          { teyron: 'user:4', pixel: 'user:9' },
        ],
      } as unknown as Mapping,
      'problem people[1].teyron: "user:4" of "teyron" stands in row 1 too → keep one of the rows',
    ],
    [
      'a stand-in as a person',
      { ...hub, people: [{ teyron: 'user:4', romashka: '77' }] } as unknown as Mapping,
      'problem people[0].romashka: "77" stands in for the organisation "teyron" and can not be a person as well → name the person\'s own user or contact',
    ],
    [
      'a conflict settled by somebody who does not see the field',
      {
        ...hub,
        fields: {
          ...hub.fields,
          deadline: { name: 'deadline', conflict: { kind: 'role', role: 'client' }, hide: ['client'] },
        },
      } as unknown as Mapping,
      'problem fields[8].conflict: "client" shall settle conflicts of "deadline" and does not see it → choose another role, or take "client" out of `hide`',
    ],
  ];
  test.each(cases)('%s is told with its fix', (_, mapping, expected) => {
    expect(told(checkMapping(mapping))).toContain(expected);
  });
});

describe('a mapping against its accounts', () => {
  const status = (id: string, name: string, objects: readonly string[] | null = null): object => ({
    id,
    name,
    objects,
  });
  const against = (mapping: Mapping, account: string, live: object): string[] =>
    told(
      checkAgainstAccounts(mapping, {
        [account]: { statuses: null, actors: [], ...live } as KnownAccount,
      }),
    );

  test('a status without a row is told with the row to add', () => {
    const statuses = [...'01234567'].map((id) => status(id, `s${id}`)).concat(status('140', 'У юриста'));
    expect(against(hub, 'teyron', { statuses })).toEqual([
      'problem statuses.teyron.in: no row says what "140" (У юриста) of "teyron" means → add "140": <lifecycle status>, or hold, or ignore',
    ]);
  });

  test('a status that is written and does not exist there is told with those that do', () => {
    const statuses = [...'0123457'].map((id) => status(id, `s${id}`));
    expect(against(hub, 'teyron', { statuses })).toEqual([
      expect.stringContaining(
        'problem statuses.teyron.out.review: "teyron" has no status "6" → choose one of "0" (s0)',
      ),
    ]);
  });

  test('statuses of an object with a lens of its own are not asked of the account', () => {
    const mapping = {
      ...hub,
      statuses: {
        ...hub.statuses,
        teyron: {
          ...hub.statuses['teyron' as AccountId],
          objects: { 31: hub.statuses['teyron' as AccountId]?.everywhere },
        },
      },
    } as unknown as Mapping;
    const statuses = [...'01234567'].map((id) => status(id, `s${id}`));
    expect(against(mapping, 'teyron', { statuses: [...statuses, status('140', 'own', ['31'])] })).toEqual([
      expect.stringContaining('statuses.teyron.objects.31.in: no row says what "140" (own) of object "31"'),
    ]);
    expect(against(mapping, 'teyron', { statuses: [...statuses, status('140', 'own', ['32'])] })).toEqual([
      expect.stringContaining('statuses.teyron.in: no row says what "140" (own) of "teyron"'),
    ]);
  });

  test('an acting user can be neither acceptor nor assignee nor stand-in', () => {
    expect(against(hub, 'romashka', { actors: ['12' as LocalPersonId] })).toEqual([
      expect.stringContaining('members[1].acceptor: "12" is the acting user of "romashka"'),
      expect.stringContaining('members[1].default_assignee: "12" is the acting user'),
    ]);
    expect(against(hub, 'romashka', { actors: ['77' as LocalPersonId] })).toEqual([
      expect.stringContaining('members[1].stand_ins.teyron: "77" is the acting user'),
    ]);
  });

  test('any one local status taken out of a right mapping is found', () => {
    let looked = 0;
    fc.assert(
      fc.property(aMapping(), fc.nat(), ({ mapping, statuses }, pick) => {
        const account = mapping.members[pick % mapping.members.length]?.account;
        const lens = account === undefined ? null : mapping.statuses[account]?.everywhere;
        if (account === undefined || lens == null) return;
        const locals = Object.keys(lens.in) as LocalStatusId[];
        const gone = locals[pick % locals.length];
        const less = Object.fromEntries(Object.entries(lens.in).filter(([id]) => id !== gone));
        const changed = {
          ...mapping,
          statuses: { ...mapping.statuses, [account]: { everywhere: { ...lens, in: less }, objects: {} } },
        } as Mapping;
        const live = { [account]: { statuses: statuses[account] ?? [], actors: [] } };
        expect(told(checkAgainstAccounts(changed, live)).join()).toContain(`"${gone}" (`);
        looked += 1;
      }),
      { numRuns: 200 },
    );
    expect(looked).toBeGreaterThan(120);
  });
});
