/** What a new version of a mapping changes, in words, for `svyazka apply`. */
import {
  type AccountId,
  type LifecycleStatus,
  type LocalStageId,
  type LocalStatusId,
} from '../errors/ids.ts';
import { list } from './finding.ts';
import {
  fieldNames,
  type ConflictPolicy,
  type Mapping,
  type Member,
  type StageLens,
  type StatusLens,
  type Transition,
} from './types.ts';

const differ = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);

const keysOf = (...records: readonly (object | null | undefined)[]): readonly string[] => [
  ...new Set(records.flatMap((record) => Object.keys(record ?? {}))),
];

const orNothing = (value: string | null | undefined): string => value ?? 'nothing';

const scopeOf = ({ scope }: Member): string =>
  scope === null
    ? 'naming a stand-in only'
    : scope.kind === 'project'
      ? `project ${scope.project}`
      : `group ${scope.group}`;

const acceptorOf = ({ acceptor }: Member): string =>
  acceptor.kind === 'creator' ? 'whoever created the task' : acceptor.person;

function members(before: Mapping, after: Mapping): string[] {
  const left = before.members.filter((one) => !after.members.some((other) => other.account === one.account));
  const lines = left.map(
    (one) => `${one.account} leaves: its tasks stay as they are and are mirrored no more`,
  );
  if (before.hub !== after.hub) lines.push(`the hub moves from ${before.hub} to ${after.hub}`);
  for (const now of after.members) {
    const was = before.members.find((one) => one.account === now.account);
    if (was === undefined) {
      lines.push(`${now.account} joins as ${now.role}, shared by ${scopeOf(now)}`);
      continue;
    }
    const changes: readonly (readonly [what: string, was: string, is: string])[] = [
      ['role', was.role, now.role],
      ['shared by', scopeOf(was), scopeOf(now)],
      ['object of mirrors', orNothing(was.object), orNothing(now.object)],
      ['acceptor', acceptorOf(was), acceptorOf(now)],
      ['default assignee', orNothing(was.defaultAssignee), orNothing(now.defaultAssignee)],
      ...keysOf(was.standIns, now.standIns).map(
        (account) =>
          [
            `stand-in for ${account}`,
            orNothing(was.standIns[account as AccountId]),
            orNothing(now.standIns[account as AccountId]),
          ] as const,
      ),
    ];
    for (const [what, from, to] of changes)
      if (from !== to) lines.push(`${now.account}: ${what} ${from} → ${to}`);
  }
  return lines;
}

function lifecycle(before: Mapping, after: Mapping): string[] {
  const lines: string[] = [];
  const was = before.lifecycle.map((step) => step.status);
  const is = after.lifecycle.map((step) => step.status);
  const gone = was.filter((status) => !is.includes(status));
  const come = is.filter((status) => !was.includes(status));
  if (gone.length > 0)
    lines.push(
      `lifecycle loses ${list(gone)}: tasks that have it are held until a person sets another status`,
    );
  if (come.length > 0) lines.push(`lifecycle gains ${list(come)}`);
  for (const step of after.lifecycle) {
    const old = before.lifecycle.find((one) => one.status === step.status);
    if (old !== undefined && old.final !== step.final)
      lines.push(`"${step.status}" is ${step.final ? 'final now' : 'no longer final'}`);
    if (old?.acceptedBy !== step.acceptedBy)
      lines.push(
        step.acceptedBy === undefined
          ? `"${step.status}" waits for nobody now`
          : `"${step.status}" waits for ${step.acceptedBy}`,
      );
  }
  return lines;
}

const printRule = ({ from, to, by, requires }: Transition): string =>
  `${from} → ${to} by ${by.length === 0 ? 'everybody' : by.join(', ')}${requires.length === 0 ? '' : `, with ${requires.join(', ')}`}`;

function transitions(before: Mapping, after: Mapping): string[] {
  const [was, is] = [before.transitions.map(printRule), after.transitions.map(printRule)];
  return [
    ...was.filter((rule) => !is.includes(rule)).map((rule) => `no longer a rule: ${rule}`),
    ...is.filter((rule) => !was.includes(rule)).map((rule) => `new rule: ${rule}`),
  ];
}

function lens(place: string, before: StatusLens | null, after: StatusLens | null): string[] {
  if (before === null && after === null) return [];
  if (before === null) return [`${place}: the status is mirrored from now on`];
  if (after === null) return [`${place}: the status is no longer mirrored`];
  return [
    ...keysOf(before.in, after.in).flatMap((id) => {
      const [was, is] = [before.in[id as LocalStatusId], after.in[id as LocalStatusId]];
      return was === is ? [] : [`${place}: "${id}" meant ${orNothing(was)}, means ${orNothing(is)}`];
    }),
    ...keysOf(before.out, after.out).flatMap((status) => {
      const [was, is] = [before.out[status as LifecycleStatus], after.out[status as LifecycleStatus]];
      return was === is
        ? []
        : [`${place}: ${status} was shown as ${orNothing(was)}, is shown as ${orNothing(is)}`];
    }),
    ...columns(place, before.stages, after.stages),
  ];
}

function columns(place: string, before: StageLens | undefined, after: StageLens | undefined): string[] {
  return [
    ...keysOf(before?.in, after?.in).flatMap((id) => {
      const [was, is] = [before?.in[id as LocalStageId], after?.in[id as LocalStageId]];
      return was === is ? [] : [`${place}: column ${id} meant ${orNothing(was)}, means ${orNothing(is)}`];
    }),
    ...keysOf(before?.out, after?.out).flatMap((status) => {
      const [was, is] = [before?.out[status as LifecycleStatus], after?.out[status as LifecycleStatus]];
      return was === is
        ? []
        : [`${place}: the card for ${status} stood in ${columnOf(was)}, stands in ${columnOf(is)}`];
    }),
  ];
}

const columnOf = (stage: LocalStageId | undefined): string =>
  stage === undefined ? 'no column of its own' : `column ${stage}`;

function statuses(before: Mapping, after: Mapping): string[] {
  const both = after.members.filter((now) => before.members.some((was) => was.account === now.account));
  return both.flatMap(({ account }) => {
    const [was, is] = [before.statuses[account], after.statuses[account]];
    return [
      ...lens(`${account} statuses`, was?.everywhere ?? null, is?.everywhere ?? null),
      ...keysOf(was?.objects, is?.objects).flatMap((object) =>
        lens(
          `${account} statuses of object ${object}`,
          was?.objects[object] ?? null,
          is?.objects[object] ?? null,
        ),
      ),
    ];
  });
}

const printConflict = (policy: ConflictPolicy): string =>
  policy.kind === 'role' ? `role:${policy.role}` : policy.kind;

function fields(before: Mapping, after: Mapping): string[] {
  return fieldNames.flatMap((name) => {
    const [was, is] = [before.fields[name], after.fields[name]];
    if (was === undefined && is === undefined) return [];
    if (was === undefined) return [`field ${name} is shared from now on`];
    if (is === undefined) return [`field ${name} is shared no more; what was mirrored stays`];
    const hidden = is.hide.filter((role) => !was.hide.includes(role));
    const shown = was.hide.filter((role) => !is.hide.includes(role));
    return [
      ...(differ(was.conflict, is.conflict)
        ? [`field ${name}: conflicts by ${printConflict(was.conflict)} → ${printConflict(is.conflict)}`]
        : []),
      ...hidden.map((role) => `field ${name} is hidden from ${role}; what was mirrored stays`),
      ...shown.map((role) => `field ${name} is shown to ${role}`),
    ];
  });
}

function visibility(before: Mapping, after: Mapping): string[] {
  const lines: string[] = [];
  for (const role of keysOf(before.sees, after.sees)) {
    const was = Object.entries(before.sees).find(([name]) => name === role)?.[1] ?? [];
    const is = Object.entries(after.sees).find(([name]) => name === role)?.[1] ?? [];
    const come = is.filter((other) => other !== role && !was.includes(other));
    const gone = was.filter((other) => other !== role && !is.includes(other));
    if (come.length > 0) lines.push(`${role} sees ${list(come)} from now on`);
    if (gone.length > 0)
      lines.push(`${role} no longer sees ${list(gone)}; what was mirrored is listed, not deleted`);
  }
  const print = (facade: Mapping['facades'][number]): string =>
    `${facade.of} appears to ${facade.to} as ${facade.as}`;
  const [was, is] = [before.facades.map(print), after.facades.map(print)];
  lines.push(...was.filter((one) => !is.includes(one)).map((one) => `no longer: ${one}`));
  lines.push(...is.filter((one) => !was.includes(one)));
  return lines;
}

const printGuard = ({ share, atLeast, withinMs }: Mapping['guard']): string =>
  `more than ${String(Math.round(share * 100))}% and ${String(atLeast)} within ${String(withinMs / 60_000)} min`;

function rest(before: Mapping, after: Mapping): string[] {
  const [was, is] = [before.comments, after.comments];
  const lines = after.members.flatMap(({ account }) =>
    was.share[account] === undefined || was.share[account] === is.share[account]
      ? []
      : [`comments of ${account}: ${was.share[account]} → ${orNothing(is.share[account])}`],
  );
  if (was.notify !== is.notify) lines.push(`people told of mirrored comments: ${was.notify} → ${is.notify}`);
  if (was.mirrorEdits !== is.mirrorEdits)
    lines.push(`edits of mirrored comments: ${was.mirrorEdits} → ${is.mirrorEdits}`);
  const print = ({ of, to }: { readonly of: string; readonly to: string }): string =>
    `messages of ${of} are handed on to ${to}`;
  const [passed, passes] = [was.passOn.map(print), is.passOn.map(print)];
  lines.push(...passed.filter((one) => !passes.includes(one)).map((one) => `no longer: ${one}`));
  lines.push(...passes.filter((one) => !passed.includes(one)));
  if (before.files.share !== after.files.share)
    lines.push(after.files.share ? 'files are shared from now on' : 'files are shared no more');
  if (differ(before.people, after.people))
    lines.push(`rows of people: ${before.people.length} → ${after.people.length}, changed`);
  if (differ(before.guard, after.guard))
    lines.push(`asks before many are closed: ${printGuard(before.guard)} → ${printGuard(after.guard)}`);
  if (before.unknownPerson !== after.unknownPerson)
    lines.push(`people whom nobody maps: ${before.unknownPerson} → ${after.unknownPerson}`);
  return lines;
}

/**
 * One line for each change; empty when nothing changed. `before` is null for the first version of a space.
 * Versions themselves are not compared.
 */
export function describeChange(before: Mapping | null, after: Mapping): readonly string[] {
  if (before === null) {
    return [
      `new space ${after.space} with ${list(after.members.map((one) => one.account))}, hub ${after.hub}`,
      ...after.members.map((one) => `${one.account} is ${one.role}, shared by ${scopeOf(one)}`),
    ];
  }
  return [members, lifecycle, transitions, statuses, fields, visibility, rest].flatMap((part) =>
    part(before, after),
  );
}
