/** People, stand-ins and acceptors: ids fit their CRM, and nobody who can be seen is without somebody to stand for them. */
import { type AccountId, type LocalPersonId } from '../errors/ids.ts';
import { problem, warning, type Finding, type Path, type Rule } from './finding.ts';
import { type CrmKind, type Mapping, type Member } from './types.ts';

const forms: Readonly<
  Record<CrmKind, Readonly<Record<'person' | 'standIn', readonly [form: RegExp, example: string]>>>
> = {
  planfix: {
    person: [/^(user|contact|group):\d+$/, '"user:3" or "contact:12"'],
    // a user of Planfix would have access and mail of its own
    standIn: [/^contact:\d+$/, 'a contact, "contact:20"'],
  },
  bitrix24: {
    person: [/^\d+$/, 'the number of a user, "12"'],
    standIn: [/^\d+$/, 'the number of a user or guest, "77"'],
  },
};

const names: Readonly<Record<CrmKind, string>> = { planfix: 'Planfix', bitrix24: 'Bitrix24' };

function wrongId(member: Member, path: Path, id: string, use: 'person' | 'standIn'): Finding[] {
  const [form, example] = forms[member.kind][use];
  if (form.test(id)) return [];
  return [
    problem(
      path,
      `"${id}" is not ${use === 'person' ? 'a person' : 'a stand-in'} of ${names[member.kind]}`,
      `write ${example}`,
    ),
  ];
}

const ids: Rule = {
  name: 'ids of people fit the CRM of their account',
  needs: ['members', 'kinds'],
  find: (mapping) => [
    ...mapping.members.flatMap((member, index) => [
      ...Object.entries(member.standIns).flatMap(([account, id]) =>
        wrongId(member, ['members', index, 'stand_ins', account], id, 'standIn'),
      ),
      ...(member.acceptor.kind === 'person'
        ? wrongId(member, ['members', index, 'acceptor'], member.acceptor.person, 'person')
        : []),
      ...(member.defaultAssignee === null
        ? []
        : wrongId(member, ['members', index, 'default_assignee'], member.defaultAssignee, 'person')),
    ]),
    ...mapping.people.flatMap((row, index) =>
      Object.entries(row).flatMap(([account, id]) => {
        const member = mapping.members.find((one) => one.account === account);
        return member === undefined ? [] : wrongId(member, ['people', index, account], id, 'person');
      }),
    ),
  ],
};

const standIns: Rule = {
  name: 'stand-ins stand for other members, one each',
  needs: ['members'],
  find: (mapping) =>
    mapping.members.flatMap((member, index) =>
      Object.entries(member.standIns).flatMap(([account, id], place, all): Finding[] => {
        const path = ['members', index, 'stand_ins', account];
        if (account === member.account) {
          return [problem(path, 'nobody stands in for people of the account itself', 'remove the row')];
        }
        if (!mapping.members.some((one) => one.account === account)) {
          return [
            problem(
              path,
              `"${account}" is not a member of this space`,
              'add it to `members`, or remove the row',
            ),
          ];
        }
        const first = all.findIndex(([, other]) => other === id);
        if (first < place) {
          return [
            problem(
              path,
              `"${id}" stands in for "${all[first]?.[0] ?? ''}" already, so naming it would mean either`,
              'give each organisation a stand-in of its own',
            ),
          ];
        }
        if (
          id === member.defaultAssignee ||
          (member.acceptor.kind === 'person' && id === member.acceptor.person)
        ) {
          return [
            problem(
              path,
              `"${id}" stands in for "${account}" and can not act for "${member.account}" as well`,
              'name a person of the account as `acceptor` and `default_assignee`',
            ),
          ];
        }
        return [];
      }),
    ),
};

const rows: Rule = {
  name: 'a row of people names one person of at least two members, each in one row',
  needs: ['members'],
  find(mapping) {
    const seen = new Map<string, number>();
    return mapping.people.flatMap((row, index) => {
      const entries = Object.entries(row) as [AccountId, LocalPersonId][];
      const findings: Finding[] = [];
      if (entries.length < 2) {
        findings.push(
          problem(
            ['people', index],
            'a row ties one person in two accounts or more',
            'add the other account',
          ),
        );
      }
      for (const [account, id] of entries) {
        const path = ['people', index, account];
        const member = mapping.members.find((one) => one.account === account);
        if (member === undefined) {
          findings.push(
            problem(
              path,
              `"${account}" is not a member of this space`,
              'add it to `members`, or remove it here',
            ),
          );
          continue;
        }
        const key = `${account} ${id}`;
        const before = seen.get(key);
        if (before !== undefined) {
          findings.push(
            problem(path, `"${id}" of "${account}" stands in row ${before + 1} too`, 'keep one of the rows'),
          );
        }
        seen.set(key, index);
        const standsFor = Object.entries(member.standIns).find(([, standIn]) => standIn === id)?.[0];
        if (standsFor !== undefined) {
          findings.push(
            problem(
              path,
              `"${id}" stands in for the organisation "${standsFor}" and can not be a person as well`,
              "name the person's own user or contact",
            ),
          );
        }
      }
      return findings;
    });
  },
};

/** Organisations whose people member `viewer` may see, each by the account that stands for them there. */
export function shownAt(mapping: Mapping, viewer: Member): readonly AccountId[] {
  const seen = mapping.sees[viewer.role] ?? [];
  return mapping.members
    .filter((other) => other.account !== viewer.account && seen.includes(other.role))
    .map((other) => other.account);
}

const covered: Rule = {
  name: 'whoever can be seen has somebody to stand for them',
  needs: ['members', 'hub', 'privacy', 'unknown_person'],
  find: (mapping) =>
    mapping.unknownPerson === 'leave-out'
      ? []
      : mapping.members.flatMap((member, index) =>
          shownAt(mapping, member)
            .filter((account) => !Object.hasOwn(member.standIns, account))
            .map((account) =>
              warning(
                ['members', index, 'stand_ins'],
                `people of "${account}" without a row in \`people\` have nobody to stand for them in "${member.account}"`,
                `add stand_ins: { ${account}: "<id>" }, or write unknown_person: leave-out`,
              ),
            ),
        ),
};

const batons: Rule = {
  name: 'a task that is passed to a Bitrix24 organisation has a responsible',
  needs: ['members', 'kinds'],
  find: (mapping) =>
    mapping.members.flatMap((member, index) =>
      member.kind === 'bitrix24' && member.defaultAssignee === null && mapping.members.length > 1
        ? [
            warning(
              ['members', index, 'account'],
              `a task passed to "${member.account}" without a person has no responsible, which Bitrix24 demands`,
              'add default_assignee: "<id>"',
            ),
          ]
        : [],
    ),
};

const acceptors: Rule = {
  name: 'where a role accepts, one of its people is the creator of the copy',
  needs: ['members', 'lifecycle', 'acceptance'],
  find(mapping) {
    const accepting = new Set(mapping.lifecycle.flatMap(({ acceptedBy }) => acceptedBy ?? []));
    return mapping.members.flatMap((member, index) => {
      if (!accepting.has(member.role) || member.acceptor.kind === 'person') return [];
      const elsewhere = mapping.members.find(
        (other) =>
          other.account !== member.account &&
          (other.scope !== null || Object.keys(other.standIns).length > 0),
      );
      if (elsewhere === undefined) return [];
      return [
        warning(
          ['members', index, 'account'],
          `a task that begins in "${elsewhere.account}" has a stand-in as its creator in "${member.account}", and only the creator can accept there`,
          'add acceptor: "<id>" with the person who accepts',
        ),
      ];
    });
  },
};

export const peopleRules: readonly Rule[] = [ids, standIns, rows, covered, batons, acceptors];
