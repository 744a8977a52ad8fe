import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { formatProblems, loadMapping, type Loaded, type Problem } from './load.ts';
import { type CrmKind } from './types.ts';

const accounts: Record<string, { kind: CrmKind }> = {
  teyron: { kind: 'planfix' },
  lavanda: { kind: 'planfix' },
  pixel: { kind: 'planfix' },
  romashka: { kind: 'bitrix24' },
  vesna: { kind: 'bitrix24' },
  pechat: { kind: 'bitrix24' },
};

const load = (text: string): Loaded => loadMapping(text, { fileName: 'a.yaml', accounts, version: 3 });

function problemsOf(text: string): readonly Problem[] {
  const loaded = load(text);
  if (loaded.ok) throw new Error('the mapping was accepted');
  return loaded.problems;
}

const folder = new URL('./examples/', import.meta.url);
const example = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const good = example('planfix-bitrix24.yaml').replaceAll("'", '"');

/** Replaces exactly one place of the good example. */
function broken(from: string, to: string): string {
  if (good.split(from).length !== 2) throw new Error(`not one place: ${from}`);
  return good.replace(from, to);
}

const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

describe('a mapping that is right', () => {
  test.each(readdirSync(folder))('%s loads without a problem or a warning', (name) => {
    const loaded = load(example(name));
    expect(loaded.ok ? formatProblems(loaded.warnings) : formatProblems(loaded.problems)).toBe('');
    expect(loaded.ok).toBe(true);
  });

  test('only space, hub and members must be written; everything else has its default', () => {
    const loaded = load('space: s\nhub: teyron\nmembers:\n  - { account: teyron, role: integrator }\n');
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    expect(loaded.mapping).toMatchObject({
      version: 3,
      comments: { share: { teyron: 'addressed' }, notify: 'addressed', mirrorEdits: 'restore', passOn: [] },
      files: { share: true },
      sees: { integrator: ['integrator'] },
      unknownPerson: 'stand-in',
      guard: { share: 0.2, atLeast: 10, withinMs: 3_600_000 },
      statuses: { teyron: { everywhere: null, objects: {} } },
      members: [{ scope: null, acceptor: { kind: 'creator' }, defaultAssignee: null, standIns: {} }],
    });
    expect(Object.keys(loaded.mapping.fields)).toHaveLength(9);
    expect(loaded.warnings.map((one) => one.message)).toEqual([
      expect.stringContaining('status is not mirrored'),
    ]);
  });

  test('a role about which nothing is said sees itself and the hub, and the hub sees everybody', () => {
    const loaded = load(example('hub-two-members.yaml').replace(/^privacy:\n.*\n.*\n/m, ''));
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    expect(loaded.mapping.sees).toEqual({
      integrator: ['integrator', 'client', 'contractor'],
      client: ['client', 'integrator'],
      contractor: ['contractor', 'integrator'],
    });
  });

  test('how many tasks may be closed at once is a part, a number and a time', () => {
    const bare = 'space: s\nhub: teyron\nmembers:\n  - { account: teyron, role: integrator }\n';
    const loaded = load(`${bare}guard: { share: 5%, at_least: 3, within: 30m }\n`);
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    expect(loaded.mapping.guard).toEqual({ share: 0.05, atLeast: 3, withinMs: 1_800_000 });
    const wrong = load(`${bare}guard: { share: 0.2, at_least: few, within: soon }\n`);
    expect(wrong.ok ? [] : wrong.problems.map(({ path }) => path)).toEqual([
      'guard.share',
      'guard.at_least',
      'guard.within',
    ]);
  });

  test('an unquoted number as a key is the same text as the quoted one', () => {
    const loaded = load(good.replace('"2": new, "3": in_progress', '2: new, 3: in_progress'));
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    expect(loaded.mapping).toEqual((load(good) as Extract<Loaded, { ok: true }>).mapping);
  });
});

describe('a mapping that is wrong', () => {
  test('every mistake is told at once, each with its line', () => {
    const text = good
      .replace('lifecycle: [new,', 'lifecycle: [new, new,')
      .replace('hub: teyron', 'hub: teyrom')
      .replace('by: [client] }', 'by: [cleint] }')
      .replace('"3": done', '"3": dine')
      .replace('share: { teyron: addressed', 'share: { teyron: adressed')
      .replace('notify: addressed', 'notifi: addressed')
      .concat('colour: red\n');
    const found = problemsOf(text).map(({ line, path, fix }) => [line, path, fix]);
    expect(found).toEqual(
      expect.arrayContaining([
        [lineOf(text, 'hub: teyrom'), 'hub', 'did you mean "teyron"?'],
        [lineOf(text, 'lifecycle:'), 'lifecycle[1]', 'keep one of the two'],
        [lineOf(text, 'cleint'), 'transitions[0].by[0]', 'did you mean "client"?'],
        [lineOf(text, 'dine'), 'statuses.teyron.in.3', 'did you mean "done"?'],
        [lineOf(text, 'adressed'), 'comments.share.teyron', 'did you mean "addressed"?'],
        [lineOf(text, 'notifi'), 'comments.notifi', 'did you mean "notify"?'],
        [lineOf(text, 'colour'), 'colour', expect.stringContaining('write "space"')],
      ]),
    );
  });

  test.each([
    [
      'scope: { project: "41" }',
      'scope: { project: 41 }',
      'members[0].scope.project',
      'write "41" in quotes',
    ],
    [
      'scope: { group: "7" }',
      'scope: { project: "7" }',
      'members[1].scope.project',
      'write scope: { group: "7" }',
    ],
    ['acceptor: "12" #', 'acceptor: 12 #', 'members[1].acceptor', 'write "12" in quotes'],
    ['acceptor: "12" #', 'acceptor: "user:12" #', 'members[1].acceptor', 'write the number of a user, "12"'],
    ['acceptor: "12" #', 'acceptr: "12" #', 'members[1].acceptr', 'did you mean "acceptor"?'],
    ['hub: teyron #', 'hub: #', 'hub', 'write a value, or remove the key'],
    ['hub: teyron #', '#', 'hub', 'add `hub` (grammar.md)'],
    ['space: site-romashka', 'extends: base', 'extends', 'write the mapping out in full'],
    ['space: site-romashka', 'space: __proto__', 'space', expect.stringContaining('begin with a letter')],
    ['space: site-romashka', 'space: constructor', 'space', expect.stringContaining('begin with a letter')],
    ['account: romashka #', 'account: romashko #', 'members[1].account', 'did you mean "romashka"?'],
    ['review: "4", done: "5"', 'review: 4, done: "5"', 'statuses.romashka.out.review', 'write "4" in quotes'],
    [
      '"6": waiting_client }',
      '"6": waiting_client, 2: done }',
      'statuses.romashka.in.2',
      'keep one of the two',
    ],
    [
      'conflict: "role:client"',
      'conflict: newest',
      'fields[8].conflict',
      expect.stringContaining('write latest'),
    ],
    [
      'acceptance: { review: client }',
      'acceptance: { reviw: client }',
      'acceptance.reviw',
      'did you mean "review"?',
    ],
    [
      'acceptance: { review: client }',
      '',
      'statuses.romashka.out.review',
      expect.stringContaining('acceptance: {'),
    ],
    ['final: [done, declined]', 'final: [done, dropped]', 'final[1]', expect.stringContaining('write "new"')],
    ['  - { name: title }', '  - { name: titel }', 'fields[0].name', 'did you mean "title"?'],
    ['  - { name: title }', '  - { name: title, hide: [client] }', 'fields[0].hide', 'remove `hide`'],
    [
      'requires: [reason]',
      'requires: []',
      'transitions[2].requires',
      expect.stringContaining('remove the key'),
    ],
    ['requires: [reason]', 'requires: [raeson]', 'transitions[2].requires[0]', 'did you mean "reason"?'],
    [
      '- { teyron: "user:4", romashka: "15" }',
      '- { teyron: "user:4" }',
      'people[0]',
      'add the other account',
    ],
  ])('%s → %s', (from, to, path, fix) => {
    expect(problemsOf(broken(from, to))).toContainEqual(expect.objectContaining({ path, fix }));
  });

  test('two statuses that become one are told as what would happen to a task', () => {
    const text = broken('declined: hold }', 'declined: "5" }');
    expect(formatProblems(problemsOf(text))).toBe(
      `line ${lineOf(text, 'done: "5", declined')}, statuses.romashka.out.declined: ` +
        '"declined" and "done" both become "5"; "5" comes back as "done", so a task with "declined" would turn into one with "done"\n' +
        '  → map "declined" to another status, or write declined: hold',
    );
  });

  test('one wrong section does not hide what is wrong in another', () => {
    const text = good
      .replace(/^members:\n(?: .*\n)+/m, 'members: nobody\n')
      .replace('declined: hold }', 'declined: "5" }')
      .replace('from: review, to: done', 'from: reviw, to: done');
    expect(problemsOf(text).map((one) => one.path)).toEqual(['members', 'statuses.romashka.out.declined']);
  });

  test.each([
    ['broken YAML', 'space: [unclosed'],
    ['a list', '- a\n- b\n'],
    ['a number', '5'],
    ['nothing', ''],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['an alias', 'space: &x s\nhub: *x\n'],
    ['an unknown tag', 'space: !!js/function s\n'],
    ['a key that is a list', '? [a, b]\n: c\n'],
    ['a prototype', '__proto__: { space: s }\nconstructor: { prototype: 1 }\n'],
    ['a text too long', `space: ${'x'.repeat(1_000_001)}`],
    ['deep nesting', '['.repeat(900_000)],
    ['deep nesting over many lines', '[\n'.repeat(400_000)],
    ['deep lists', '- '.repeat(400_000)],
    ['deep maps', `a: ${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}`],
    [
      'bytes of a picture',
      String.fromCharCode(...Array.from({ length: 512 }, (_, byte) => (byte * 7) % 256)),
    ],
  ])('%s is refused with a place and a word, and crashes nothing', (_, text) => {
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    for (const one of problems) {
      expect(one.line).toBeGreaterThan(0);
      expect(one.message).not.toBe('');
      expect(one.fix).not.toBe('');
    }
  });
});
