/** Status lenses: what is written into an account comes back as what was meant, and nobody gets stuck. */
import { type AccountId, type LifecycleStatus, type LocalStatusId } from '../errors/ids.ts';
import { list, problem, suggest, warning, type Finding, type Path, type Rule } from './finding.ts';
import { mayMove, meaningOf, type Mapping, type StatusLens } from './types.ts';

/** Statuses that every Bitrix24 task may have (bitrix24-api, section 10); 1 and 7 are of older versions. */
export const bitrix24Statuses: Readonly<Record<string, string>> = {
  '2': 'waiting',
  '3': 'in progress',
  '4': "done, waits for the creator's acceptance",
  '5': 'completed',
  '6': 'deferred',
};
const bitrix24Waits = '4' as LocalStatusId;
const notLifecycle = ['hold', 'ignore', 'any'];

export interface PlacedLens {
  readonly account: AccountId;
  /** Planfix object, or null for all. */
  readonly object: string | null;
  readonly path: Path;
  readonly lens: StatusLens;
}

/** All lenses of a mapping with their places. */
export function lensesOf(mapping: Mapping): readonly PlacedLens[] {
  return (Object.keys(mapping.statuses) as AccountId[]).flatMap((account) => {
    const statuses = mapping.statuses[account];
    const path = ['statuses', account];
    const everywhere = statuses?.everywhere ?? null;
    return [
      ...(everywhere === null ? [] : [{ account, object: null, path, lens: everywhere }]),
      ...Object.entries(statuses?.objects ?? {}).map(([object, lens]) => ({
        account,
        object,
        path: [...path, 'objects', object],
        lens,
      })),
    ];
  });
}

export const inRows = (lens: StatusLens): readonly (readonly [LocalStatusId, string])[] =>
  Object.entries(lens.in) as [LocalStatusId, string][];
const outRows = (lens: StatusLens): readonly (readonly [LifecycleStatus, LocalStatusId | 'hold'])[] =>
  Object.entries(lens.out) as [LifecycleStatus, LocalStatusId | 'hold'][];

/** The lifecycle statuses that people of this account can set. */
export const settable = (lens: StatusLens): ReadonlySet<string> =>
  new Set(
    [...inRows(lens).map(([, meaning]) => meaning), ...Object.values<string>(lens.stages?.in ?? {})].filter(
      (meaning) => !notLifecycle.includes(meaning),
    ),
  );

const known: Rule = {
  name: 'statuses of a lens are statuses of the lifecycle, and each has a row',
  needs: ['lifecycle'],
  find(mapping) {
    const lifecycle = mapping.lifecycle.map((step): string => step.status);
    return lensesOf(mapping).flatMap(({ path, lens }) => [
      ...inRows(lens)
        .filter(([, meaning]) => meaning !== 'hold' && meaning !== 'ignore' && !lifecycle.includes(meaning))
        .map(([local, meaning]) =>
          problem(
            [...path, 'in', local],
            `"${meaning}" is not a status of the lifecycle`,
            suggest(meaning, [...lifecycle, 'hold', 'ignore']),
          ),
        ),
      ...outRows(lens)
        .filter(([status]) => !lifecycle.includes(status))
        .map(([status]) =>
          problem(
            [...path, 'out', status],
            `"${status}" is not a status of the lifecycle`,
            suggest(status, lifecycle),
          ),
        ),
      ...lifecycle
        .filter((status) => !Object.hasOwn(lens.out, status))
        .map((status) =>
          problem(
            [...path, 'out'],
            `nothing says what becomes of "${status}" here`,
            `add a row ${status}: "<local status>", or ${status}: hold to leave such tasks as they are`,
          ),
        ),
    ]);
  },
};

function comesBack(
  mapping: Mapping,
  { path, lens }: PlacedLens,
  status: LifecycleStatus,
  local: LocalStatusId,
): Finding | null {
  const stage = lens.stages?.out[status];
  const back = meaningOf(lens, mapping.lifecycle, { status: local, stage });
  if (back === status) return null;
  if (stage !== undefined && lens.stages !== undefined && lens.stages.in[stage] === back)
    return problem(
      [...path, 'stages', 'out', status],
      `the card of a task with "${status}" goes to column "${stage}", and what stands there comes back as "${back}"`,
      `put it into a column without a row in stages.in, or write "${stage}": ${status} there`,
    );
  const place = [...path, 'out', status];
  if (back === undefined) {
    return problem(
      place,
      `"${status}" becomes "${local}", but \`in\` does not say what "${local}" means`,
      `add the row "${local}": ${status} to \`in\``,
    );
  }
  if (back === 'hold' || back === 'ignore') {
    return problem(
      place,
      `"${status}" becomes "${local}", but \`in\` says ${back} for "${local}", so the task would leave the lifecycle`,
      `write "${local}": ${status} in \`in\`, or ${status}: hold here`,
    );
  }
  const shared = Object.hasOwn(lens.out, back) && lens.out[back] === local;
  return problem(
    place,
    (shared ? `"${status}" and "${back}" both become "${local}"; ` : `"${status}" becomes "${local}"; `) +
      `"${local}" comes back as "${back}", so a task with "${status}" would turn into one with "${back}"`,
    `map "${status}" to another status, or write ${status}: hold`,
  );
}

const roundTrip: Rule = {
  name: 'every status that is written comes back as itself',
  needs: [],
  find: (mapping) =>
    lensesOf(mapping).flatMap((placed) =>
      outRows(placed.lens).flatMap(([status, local]) => {
        const finding = local === 'hold' ? null : comesBack(mapping, placed, status, local);
        return finding === null ? [] : [finding];
      }),
    ),
};

const bitrix24: Rule = {
  name: 'a Bitrix24 lens has a row for each of the statuses that a task can have',
  needs: ['members', 'kinds'],
  find(mapping) {
    const accounts = mapping.members.filter((member) => member.kind === 'bitrix24');
    return lensesOf(mapping)
      .filter(({ account }) => accounts.some((member) => member.account === account))
      .flatMap(({ path, lens, object }) => {
        if (object !== null) {
          return [
            problem(path, 'Bitrix24 has no objects with own statuses', 'write `in` and `out` of the account'),
          ];
        }
        const missing = Object.keys(bitrix24Statuses).filter((status) => !Object.hasOwn(lens.in, status));
        const strange = inRows(lens).filter(
          ([local]) => local !== '7' && !Object.hasOwn(bitrix24Statuses, local),
        );
        const written = outRows(lens).filter(
          ([, local]) => local !== 'hold' && !Object.hasOwn(bitrix24Statuses, local),
        );
        return [
          ...missing.map((status) =>
            problem(
              [...path, 'in'],
              `no row says what Bitrix24's "${status}" (${bitrix24Statuses[status] ?? ''}) means`,
              `add "${status}": <lifecycle status>, or hold, or ignore`,
            ),
          ),
          ...strange.map(([local]) =>
            problem(
              [...path, 'in', local],
              `a Bitrix24 task has no status "${local}"`,
              'remove the row; the statuses are "2" to "6"',
            ),
          ),
          ...written.map(([status, local]) =>
            problem(
              [...path, 'out', status],
              `Bitrix24 lets nobody set "${local}"`,
              `choose one of "2" to "6", or write ${status}: hold`,
            ),
          ),
        ];
      });
  },
};

const completeness: Rule = {
  name: 'a lens has both directions, a mirror has a lens, and an account without one is told',
  needs: ['members', 'lifecycle', 'statuses', 'fields'],
  find(mapping) {
    if (mapping.fields.status === undefined) return [];
    const findings = mapping.members.flatMap((member, index): Finding[] => {
      if (mapping.fields.status?.hide.includes(member.role) === true) return [];
      const statuses = mapping.statuses[member.account];
      const objects = Object.keys(statuses?.objects ?? {});
      if (statuses === undefined || (statuses.everywhere === null && objects.length === 0)) {
        return [
          warning(
            ['members', index, 'account'],
            `"${member.account}" has no row in \`statuses\`: its status is not mirrored, neither from it nor to it`,
            `add statuses.${member.account} with \`in\` and \`out\`, or hide the field \`status\` from "${member.role}"`,
          ),
        ];
      }
      if (statuses.everywhere !== null) return [];
      if (member.object === null) {
        return [
          problem(
            ['statuses', member.account, 'objects'],
            'statuses are given for single objects only, and nothing says which object mirrors are created with',
            `add object: "${objects[0] ?? ''}" to the member "${member.account}"`,
          ),
        ];
      }
      if (objects.includes(member.object)) return [];
      return [
        problem(
          ['members', index, 'object'],
          `mirrors are created with object "${member.object}", which has no statuses`,
          `add statuses.${member.account}.objects."${member.object}", or choose ${list(objects, 'or')}`,
        ),
      ];
    });
    return findings;
  },
};

/** Statuses that a role can enter by its own account and has no way to leave from there. */
export function trapsOf(
  mapping: Mapping,
  { account, lens }: Pick<PlacedLens, 'account' | 'lens'>,
): readonly LifecycleStatus[] {
  const role = mapping.members.find((member) => member.account === account)?.role;
  if (role === undefined) return [];
  const can = settable(lens);
  const may = (from: LifecycleStatus, to: LifecycleStatus): boolean =>
    mayMove(mapping.transitions, from, to, role);
  return mapping.lifecycle
    .filter(({ status, final, acceptedBy }) => {
      if (final || !can.has(status)) return false;
      const others = mapping.lifecycle.map((step) => step.status).filter((other) => other !== status);
      const enters = others.some((other) => may(other, status));
      const leaves = others.some((other) => can.has(other) && may(status, other));
      // who waits for somebody else's acceptance is not stuck: that role's way out is checked by itself
      const waits = acceptedBy !== undefined && acceptedBy !== role;
      return enters && !leaves && !waits;
    })
    .map((step) => step.status);
}

const traps: Rule = {
  name: 'a role that can enter a status can leave it, unless it is final',
  needs: ['members', 'lifecycle', 'final', 'acceptance', 'transitions'],
  find: (mapping) =>
    lensesOf(mapping).flatMap((placed) => {
      const role = mapping.members.find((member) => member.account === placed.account)?.role ?? '';
      return trapsOf(mapping, placed).map((status) => {
        const can = settable(placed.lens);
        const wayOut = mapping.lifecycle.some((step) => step.status !== status && can.has(step.status));
        return wayOut
          ? problem(
              ['transitions'],
              `"${role}" can set "${status}" in "${placed.account}" and may not leave it again`,
              `add { from: ${status}, to: <status>, by: [${role}] }, or write ${status} under \`final\``,
            )
          : problem(
              [...placed.path, 'in'],
              `people of "${placed.account}" can set "${status}" and no status of theirs leads out of it`,
              `map another local status to a different lifecycle status, or write ${status} under \`final\``,
            );
      });
    }),
};

const acceptance: Rule = {
  name: 'a status that waits for acceptance has somebody who can accept',
  needs: ['members', 'lifecycle', 'acceptance', 'statuses', 'transitions', 'kinds'],
  find(mapping) {
    const findings: Finding[] = [];
    for (const { account, path, lens } of lensesOf(mapping)) {
      if (mapping.members.find((member) => member.account === account)?.kind !== 'bitrix24') continue;
      for (const [status, local] of outRows(lens)) {
        const step = mapping.lifecycle.find((one) => one.status === status);
        if (local !== bitrix24Waits || step === undefined || step.acceptedBy !== undefined) continue;
        findings.push(
          problem(
            [...path, 'out', status],
            `"4" in Bitrix24 waits for the creator's acceptance, and nothing says whose people accept "${status}"`,
            `add acceptance: { ${status}: <role> }, or map "${status}" to another status`,
          ),
        );
      }
    }
    for (const { status, acceptedBy: role } of mapping.lifecycle) {
      if (role === undefined) continue;
      const path = ['acceptance', status];
      const members = mapping.members.filter((member) => member.role === role);
      if (members.length === 0) continue;
      const lenses = lensesOf(mapping).filter(({ account }) =>
        members.some((one) => one.account === account),
      );
      const seen = lenses.some(({ lens }) => Object.hasOwn(lens.out, status) && lens.out[status] !== 'hold');
      if (!seen) {
        findings.push(
          problem(
            path,
            `"${status}" waits for "${role}", and no account of that role shows it`,
            `map "${status}" to a local status in \`out\` of ${list(
              members.map((one) => one.account),
              'or',
            )}`,
          ),
        );
        continue;
      }
      const leaves = lenses.some(({ lens }) =>
        mapping.lifecycle.some(
          (to) =>
            to.status !== status &&
            settable(lens).has(to.status) &&
            mayMove(mapping.transitions, status, to.status, role),
        ),
      );
      if (!leaves) {
        findings.push(
          problem(
            path,
            `"${status}" waits for "${role}", and that role may not move it anywhere`,
            `add { from: ${status}, to: <status>, by: [${role}] } to \`transitions\``,
          ),
        );
      }
    }
    return findings;
  },
};

export const lensRules: readonly Rule[] = [known, roundTrip, bitrix24, completeness, traps, acceptance];
