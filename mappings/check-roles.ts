/** Members, roles, moves, fields and who may see whom: every name refers to something, nothing is shown by accident. */
import { type AccountId, type RoleName } from '../errors/ids.ts';
import { list, problem, suggest, type Finding, type Path, type Rule } from './finding.ts';
import { fieldNames, type Mapping } from './types.ts';

export const rolesOf = (mapping: Mapping): readonly RoleName[] => [
  ...new Set(mapping.members.map((member) => member.role)),
];
export const accountsOf = (mapping: Mapping): readonly AccountId[] =>
  mapping.members.map((member) => member.account);

const unknownRole = (mapping: Mapping, path: Path, role: string): Finding[] => {
  const roles = rolesOf(mapping);
  if (roles.includes(role as RoleName)) return [];
  return [problem(path, `no member has the role "${role}"`, suggest(role, roles))];
};

const unknownAccount = (mapping: Mapping, path: Path, account: string): Finding[] => {
  const accounts = accountsOf(mapping);
  if (accounts.includes(account as AccountId)) return [];
  return [problem(path, `"${account}" is not a member of this space`, suggest(account, accounts))];
};

/** YAML position of a field's rule: fields keep the order in which they were listed. */
const fieldPath = (mapping: Mapping, name: string, ...rest: readonly (string | number)[]): Path => [
  'fields',
  Object.keys(mapping.fields).indexOf(name),
  ...rest,
];

const members: Rule = {
  name: 'the hub is a member, and each account one member',
  needs: ['members', 'hub'],
  find: (mapping) => [
    ...unknownAccount(mapping, ['hub'], mapping.hub),
    ...mapping.members.flatMap((member, index) =>
      accountsOf(mapping).indexOf(member.account) === index
        ? []
        : [
            problem(
              ['members', index, 'account'],
              `"${member.account}" is listed twice`,
              'give an account one member entry and one role',
            ),
          ],
    ),
  ],
};

const scopes: Rule = {
  name: 'scopes and objects fit the kind of account',
  needs: ['members', 'kinds'],
  find: (mapping) =>
    mapping.members.flatMap((member, index) => [
      ...(member.scope?.kind === 'project' && member.kind === 'bitrix24'
        ? [
            problem(
              ['members', index, 'scope', 'project'],
              'Bitrix24 has groups, not projects',
              `write scope: { group: "${member.scope.project}" }`,
            ),
          ]
        : []),
      ...(member.scope?.kind === 'group' && member.kind === 'planfix'
        ? [
            problem(
              ['members', index, 'scope', 'group'],
              'Planfix has projects, not groups',
              `write scope: { project: "${member.scope.group}" }`,
            ),
          ]
        : []),
      ...(member.object !== null && member.kind === 'bitrix24'
        ? [problem(['members', index, 'object'], 'Bitrix24 has no objects', 'remove the key')]
        : []),
    ]),
};

const statusAccounts: Rule = {
  name: 'statuses and comments are given for members',
  needs: ['members'],
  find: (mapping) => [
    ...Object.keys(mapping.statuses).flatMap((name) => unknownAccount(mapping, ['statuses', name], name)),
    ...Object.keys(mapping.comments.share).flatMap((name) =>
      unknownAccount(mapping, ['comments', 'share', name], name),
    ),
  ],
};

const moves: Rule = {
  name: 'transitions refer to known statuses, roles and fields',
  needs: ['members', 'lifecycle'],
  find(mapping) {
    const lifecycle = mapping.lifecycle.map((step): string => step.status);
    const unknownStatus = (path: Path, status: string, extra: readonly string[]): Finding[] =>
      lifecycle.includes(status) || extra.includes(status)
        ? []
        : [
            problem(
              path,
              `"${status}" is not a status of the lifecycle`,
              suggest(status, [...lifecycle, ...extra]),
            ),
          ];
    const requirements = ['reason', ...fieldNames];
    return mapping.transitions.flatMap((move, index) => {
      const path = ['transitions', index];
      return [
        ...unknownStatus([...path, 'from'], move.from, ['any']),
        ...unknownStatus([...path, 'to'], move.to, []),
        ...(move.from === move.to
          ? [problem(path, `"${move.from}" to itself is no move`, 'remove the row')]
          : []),
        ...move.by.flatMap((role, place) => unknownRole(mapping, [...path, 'by', place], role)),
        ...move.requires
          .filter((required) => !requirements.includes(required))
          .map((required, place) =>
            problem(
              [...path, 'requires', place],
              `a move can not require "${required}"`,
              suggest(required, requirements),
            ),
          ),
      ];
    });
  },
};

const acceptingRoles: Rule = {
  name: 'accepting roles exist',
  needs: ['members', 'lifecycle', 'acceptance'],
  find: (mapping) =>
    mapping.lifecycle.flatMap(({ status, acceptedBy }) =>
      acceptedBy === undefined ? [] : unknownRole(mapping, ['acceptance', status], acceptedBy),
    ),
};

const fields: Rule = {
  name: 'fields: known roles, and a title for everybody',
  needs: ['members', 'fields'],
  find(mapping) {
    const findings: Finding[] = [];
    const title = mapping.fields.title;
    if (title === undefined) {
      findings.push(
        problem(['fields'], 'without a title no task can be created', 'add { name: title } to `fields`'),
      );
    } else if (title.hide.length > 0) {
      findings.push(
        problem(
          fieldPath(mapping, 'title', 'hide'),
          'a task without a title can not be created, so it can be hidden from nobody',
          'remove `hide`',
        ),
      );
    }
    for (const name of fieldNames) {
      const rule = mapping.fields[name];
      if (rule === undefined) continue;
      rule.hide.forEach((role, place) => {
        findings.push(...unknownRole(mapping, fieldPath(mapping, name, 'hide', place), role));
      });
      if (rule.conflict.kind !== 'role') continue;
      const path = fieldPath(mapping, name, 'conflict');
      findings.push(...unknownRole(mapping, path, rule.conflict.role));
      if (rule.hide.includes(rule.conflict.role)) {
        findings.push(
          problem(
            path,
            `"${rule.conflict.role}" shall settle conflicts of "${name}" and does not see it`,
            `choose another role, or take "${rule.conflict.role}" out of \`hide\``,
          ),
        );
      }
    }
    return findings;
  },
};

const privacy: Rule = {
  name: 'who sees whom is said of known roles, and everybody sees the hub',
  needs: ['members', 'hub', 'privacy'],
  find(mapping) {
    const hubRole = mapping.members.find((member) => member.account === mapping.hub)?.role;
    return (Object.keys(mapping.sees) as RoleName[]).flatMap((role) => {
      const seen = mapping.sees[role] ?? [];
      const strangers = [
        ...unknownRole(mapping, ['privacy', role], role),
        ...seen
          .filter((other) => other !== role)
          .flatMap((other) => unknownRole(mapping, ['privacy', role, 'sees'], other)),
      ];
      if (strangers.length > 0 || hubRole === undefined || seen.includes(hubRole)) return strangers;
      return [
        problem(
          ['privacy', role, 'sees'],
          `"${role}" does not see the hub's role "${hubRole}", and everything that is shared stands in the hub's name at least`,
          `add ${hubRole} to the list`,
        ),
      ];
    });
  },
};

const facades: Rule = {
  name: 'a facade hides a hidden role behind an organisation that the viewer sees and can name',
  needs: ['members', 'hub', 'privacy', 'facades'],
  find(mapping) {
    const findings: Finding[] = [];
    const roles = rolesOf(mapping);
    mapping.facades.forEach((facade, index) => {
      const path = ['facades', index];
      const names = [
        ...unknownRole(mapping, [...path, 'of'], facade.of),
        ...unknownRole(mapping, [...path, 'to'], facade.to),
        ...unknownAccount(mapping, [...path, 'as'], facade.as),
      ];
      findings.push(...names);
      if (names.length > 0) return;
      const sees = mapping.sees[facade.to] ?? [];
      if (sees.includes(facade.of)) {
        findings.push(
          problem(
            [...path, 'of'],
            `"${facade.to}" sees "${facade.of}" as it is, so nothing can stand before it`,
            `remove the facade, or take "${facade.of}" out of privacy.${facade.to}.sees`,
          ),
        );
      }
      const front = mapping.members.find((member) => member.account === facade.as);
      if (front !== undefined && !sees.includes(front.role)) {
        findings.push(
          problem(
            [...path, 'as'],
            `"${facade.to}" does not see "${facade.as}" (${front.role}), so it can not be the facade`,
            `choose an account of ${list(
              roles.filter((role) => sees.includes(role)),
              'or',
            )}`,
          ),
        );
      }
      for (const member of mapping.members) {
        if (member.role !== facade.to || member.account === facade.as) continue;
        if (Object.hasOwn(member.standIns, facade.as)) continue;
        findings.push(
          problem(
            [...path, 'as'],
            `"${member.account}" has no stand-in for "${facade.as}", so nobody could be shown there`,
            `add stand_ins: { ${facade.as}: "<id>" } to the member "${member.account}"`,
          ),
        );
      }
      if (mapping.facades.findIndex((one) => one.of === facade.of && one.to === facade.to) !== index) {
        findings.push(problem(path, `"${facade.of}" has two facades for "${facade.to}"`, 'keep one of them'));
      }
    });
    return findings;
  },
};

const passOn: Rule = {
  name: 'messages are handed on to a role that does not see their author only under a facade',
  needs: ['members', 'privacy', 'facades', 'comments'],
  find: (mapping) =>
    mapping.comments.passOn.flatMap(({ of, to }, index) => {
      const path = ['comments', 'pass_on', index];
      const names = [
        ...unknownRole(mapping, [...path, 'of'], of),
        ...unknownRole(mapping, [...path, 'to'], to),
      ];
      if (names.length > 0) return names;
      if (mapping.sees[to]?.includes(of) === true) {
        return [problem(path, `"${to}" sees "${of}" and gets its messages anyway`, 'remove the row')];
      }
      if (mapping.facades.some((facade) => facade.of === of && facade.to === to)) return [];
      return [
        problem(
          path,
          `messages of "${of}" would reach "${to}", which must not learn of it, under their own name`,
          `add facades: [ { of: ${of}, to: ${to}, as: ${mapping.hub} } ]`,
        ),
      ];
    }),
};

export const roleRules: readonly Rule[] = [
  members,
  scopes,
  statusAccounts,
  moves,
  acceptingRoles,
  fields,
  privacy,
  facades,
  passOn,
];
