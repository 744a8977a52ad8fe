/** From YAML to a checked Mapping, or to every problem at once, each with its line and what to write instead. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import { checkMapping } from './check.ts';
import { compile } from './compile.ts';
import {
  list,
  printPath,
  problem,
  suggest,
  warning,
  type Finding,
  type Path,
  type Section,
} from './finding.ts';
import { keysAt, MappingDocument } from './schema.ts';
import { type CrmKind, type Mapping } from './types.ts';

export interface Problem {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `statuses.romashka.out.done`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

export interface LoadOptions {
  readonly fileName: string;
  readonly accounts: Readonly<Record<string, { readonly kind: CrmKind }>>;
  readonly version: number;
}

export type Loaded =
  | {
      readonly ok: true;
      readonly mapping: Mapping;
      readonly warnings: readonly Problem[];
      /** Gives later findings (checkAgainstAccounts, checkTogether) their lines in this text. */
      readonly place: (finding: Finding) => Problem;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Far more than people write: a mapping of thirty accounts has some 30 kB. Deeper texts cost the parser minutes. */
const most = { characters: 1_000_000, lineCharacters: 2_000, brackets: 50 };

function tooMuch(text: string): string | null {
  if (text.length > most.characters) return `more than ${most.characters} characters`;
  let [line, open] = [0, 0];
  for (const character of text) {
    line = character === '\n' ? 0 : line + 1;
    if (character === '[' || character === '{') open += 1;
    if (character === ']' || character === '}') open = Math.max(0, open - 1);
    if (line > most.lineCharacters) return `a line of more than ${most.lineCharacters} characters`;
    if (open > most.brackets) return `more than ${most.brackets} open brackets`;
  }
  return null;
}

interface Read {
  readonly value: unknown;
  readonly findings: readonly Finding[];
  readonly offsets: ReadonlyMap<string, number>;
}

const keyOf = (path: Path): string => JSON.stringify(path);

/** Plain values with the place of each; keys are texts as they were written (`2:` is "2"). */
function plain(root: Node | null): Read {
  const findings: Finding[] = [];
  const offsets = new Map<string, number>();
  const visit = (node: unknown, path: Path): unknown => {
    if (isScalar(node)) return node.value;
    if (isAlias(node)) {
      findings.push(problem(path, 'anchors and aliases are not part of the grammar', 'write the value out'));
      return null;
    }
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const start = (item as Node).range?.[0];
        if (start !== undefined) offsets.set(keyOf([...path, index]), start);
        return visit(item, [...path, index]);
      });
    }
    if (!isMap(node)) return null;
    const entries = new Map<string, unknown>();
    for (const pair of node.items) {
      const key = pair.key;
      if (!isScalar(key)) {
        findings.push(problem(path, 'a key is a single word', 'write a name or an id before the colon'));
        continue;
      }
      const name = key.type === 'PLAIN' ? (key.source ?? String(key.value)) : String(key.value);
      const place = [...path, name];
      if (entries.has(name)) {
        findings.push(problem(place, `"${name}" stands here twice`, 'keep one of the two'));
        continue;
      }
      if (key.range != null) offsets.set(keyOf(place), key.range[0]);
      entries.set(name, visit(pair.value, place));
    }
    return Object.fromEntries(entries);
  };
  const value = visit(root, []);
  return { value, findings, offsets };
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  );

const shapes: Readonly<Record<string, string>> = {
  string: 'a text',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
};

const shapeOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map of keys';
  return typeof value === 'string' ? `the text "${value}"` : `${typeof value} ${String(value)}`;
};

type Issue = NonNullable<ReturnType<typeof MappingDocument.safeParse>['error']>['issues'][number];

/** What zod found, in the words of the grammar. */
function explain(issue: Issue, document: unknown): readonly Finding[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const found = valueAt(document, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) =>
        key === 'extends'
          ? problem(
              [...path, key],
              '`extends` is not there yet: it comes with a later version',
              'write the mapping out in full',
            )
          : problem([...path, key], `the grammar has no key "${key}" here`, suggest(key, keysAt(path))),
      );
    case 'invalid_type': {
      const name = String(path.at(-1) ?? '');
      if (found === undefined && path.length > 0)
        return [problem(path, `\`${name}\` is missing`, `add \`${name}\` (grammar.md)`)];
      const wanted = shapes[issue.expected] ?? issue.expected;
      const quote = issue.expected === 'string' && (typeof found === 'number' || typeof found === 'boolean');
      return [
        problem(
          path,
          quote
            ? `ids are texts, and ${String(found)} is a ${typeof found}`
            : `${wanted} is expected, and ${shapeOf(found)} stands here`,
          quote
            ? `write "${String(found)}" in quotes`
            : found === null
              ? 'write a value, or remove the key'
              : `write ${wanted} (grammar.md)`,
        ),
      ];
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      return [
        problem(
          path,
          `${shapeOf(found)} is not known here`,
          typeof found === 'string' ? suggest(found, values) : `write ${list(values, 'or')}`,
        ),
      ];
    }
    case 'too_small':
      return [
        problem(
          path,
          'the list is empty',
          path.length > 1 ? 'name at least one, or remove the key' : 'name at least one',
        ),
      ];
    case 'invalid_key':
      return issue.issues.flatMap((inner) => explain({ ...inner, path: issue.path } as Issue, document));
    case 'custom': {
      const fix: unknown = issue.params?.['fix'];
      return [problem(path, issue.message, typeof fix === 'string' ? fix : 'see grammar.md')];
    }
    default:
      return [problem(path, issue.message, 'see grammar.md')];
  }
}

/** Stands for sections that could not be understood, so that the others can still be judged. */
const placeholder = { space: 'unknown', hub: 'unknown', members: [{ account: 'unknown', role: 'unknown' }] };

interface Understood {
  readonly document: MappingDocument | null;
  readonly findings: readonly Finding[];
  readonly broken: ReadonlySet<Section>;
}

/** Parses, takes out what is wrong, and parses again, so that one mistake does not hide the others. */
function understand(value: unknown): Understood {
  const findings: Finding[] = [];
  const broken = new Set<Section>();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const wrong = problem([], 'a mapping is a map of keys', 'begin with `space:`, `hub:` and `members:`');
    return { document: null, findings: [wrong], broken };
  }
  const document = structuredClone(value) as Record<string, unknown>;
  for (let round = 0; round < 3; round += 1) {
    const parsed = MappingDocument.safeParse(document);
    if (parsed.success) return { document: parsed.data, findings, broken };
    findings.push(...parsed.error.issues.flatMap((issue) => explain(issue, document)));
    for (const issue of parsed.error.issues) {
      if (issue.code === 'unrecognized_keys') {
        const holder = valueAt(document, issue.path);
        for (const key of issue.keys) {
          if (typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, key);
        }
        if (issue.path[0] !== undefined) broken.add(issue.path[0] as Section);
        continue;
      }
      const section = issue.path[0] as Section;
      broken.add(section);
      if (section === 'space' || section === 'hub' || section === 'members') {
        Object.assign(document, { [section]: placeholder[section] });
        continue;
      }
      // one wrong account or role does not hide the others
      const entry = issue.path[1];
      const holder = document[section];
      const single = (section === 'statuses' || section === 'privacy') && entry !== undefined;
      if (single && typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, entry);
      else Reflect.deleteProperty(document, section);
    }
  }
  return { document: null, findings, broken };
}

/** What only the document as written can tell: doubles in lists, names without a home, roles that share. */
function structure(document: MappingDocument, broken: ReadonlySet<Section>): readonly Finding[] {
  const findings: Finding[] = [];
  const lifecycle = document.lifecycle ?? [];
  const doubles = (names: readonly string[], path: Path, rest: Path): void => {
    names.forEach((name, index) => {
      if (names.indexOf(name) !== index)
        findings.push(
          problem([...path, index, ...rest], `"${name}" stands here twice`, 'keep one of the two'),
        );
    });
  };
  doubles(lifecycle, ['lifecycle'], []);
  doubles(document.final ?? [], ['final'], []);
  doubles(
    (document.fields ?? []).map((field) => field.name),
    ['fields'],
    ['name'],
  );
  lifecycle.forEach((status, index) => {
    if (['hold', 'ignore', 'any'].includes(status))
      findings.push(
        problem(['lifecycle', index], `"${status}" has a meaning of its own`, 'choose another name'),
      );
  });
  if (!broken.has('lifecycle')) {
    (document.final ?? []).forEach((status, index) => {
      if (!lifecycle.includes(status))
        findings.push(
          problem(
            ['final', index],
            `"${status}" is not a status of the lifecycle`,
            suggest(status, lifecycle),
          ),
        );
    });
    for (const status of Object.keys(document.acceptance ?? {})) {
      if (!lifecycle.includes(status))
        findings.push(
          problem(
            ['acceptance', status],
            `"${status}" is not a status of the lifecycle`,
            suggest(status, lifecycle),
          ),
        );
    }
  }
  document.members.forEach((member, index) => {
    if (
      member.scope !== undefined &&
      (member.scope.project === undefined) === (member.scope.group === undefined)
    )
      findings.push(
        problem(
          ['members', index, 'scope'],
          'a scope is one project (Planfix) or one group (Bitrix24)',
          'write { project: "41" } or { group: "7" }, or remove the key: then only naming a stand-in shares a task',
        ),
      );
  });
  for (const [account, one] of Object.entries(document.statuses ?? {})) {
    if ((one.in === undefined) !== (one.out === undefined)) {
      const missing = one.in === undefined ? 'in' : 'out';
      findings.push(
        problem(['statuses', account], `\`${missing}\` is missing`, `add \`${missing}\` (grammar.md)`),
      );
    } else if (one.in === undefined && one.stages !== undefined) {
      findings.push(
        problem(
          ['statuses', account, 'stages'],
          'columns are given, and no statuses',
          'add `in` and `out`: a card has a column beside its status',
        ),
      );
    } else if (one.in === undefined && Object.keys(one.objects ?? {}).length === 0) {
      findings.push(
        problem(
          ['statuses', account],
          'no statuses are given',
          'add `in` and `out`, or remove the account here',
        ),
      );
    }
  }
  if (!broken.has('members') && !broken.has('hub') && !broken.has('privacy')) {
    for (const role of new Set(document.members.map((member) => member.role))) {
      const sharing = document.members.filter((member) => member.role === role);
      if (sharing.length < 2 || document.privacy?.[role]?.sees.includes(role) === true) continue;
      const index = document.members.findIndex((member) => member === sharing[1]);
      findings.push(
        warning(
          ['members', index, 'role'],
          `${list(sharing.map((member) => member.account))} share the role "${role}", so they see each other`,
          `give them roles of their own, or say that it is meant: privacy.${role}.sees with ${role} in the list`,
        ),
      );
    }
  }
  return findings;
}

function unknownAccounts(document: MappingDocument, accounts: LoadOptions['accounts']): readonly Finding[] {
  return document.members.flatMap((member, index) => {
    if (Object.hasOwn(accounts, member.account)) return [];
    const known = Object.keys(accounts);
    const close = suggest(member.account, known);
    return [
      problem(
        ['members', index, 'account'],
        `this bridge has no account "${member.account}"`,
        close.startsWith('did you mean') ? close : `svyazka account add ${member.account}`,
      ),
    ];
  });
}

const byPlace = (one: Problem, other: Problem): number => one.line - other.line || one.column - other.column;

/**
 * Reads, compiles and checks a mapping. With any problem it is refused whole and every problem is told; warnings do
 * not refuse it. Never throws, whatever the text.
 */
export function loadMapping(text: string, options: LoadOptions): Loaded {
  const excess = tooMuch(text);
  if (excess !== null) {
    const message = `${options.fileName} has ${excess}`;
    return {
      ok: false,
      problems: [{ line: 1, column: 1, path: '', message, fix: 'is this the right file?' }],
    };
  }
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const syntax = [...yaml.errors, ...yaml.warnings];
  if (syntax.length > 0) {
    const problems = syntax.map(({ pos, message }) => {
      const { line, col } = lines.linePos(pos[0]);
      return {
        line: Math.max(line, 1),
        column: Math.max(col, 1),
        path: '',
        message,
        fix: 'mend the YAML first: the rest can be read only then',
      };
    });
    return { ok: false, problems };
  }
  const read = plain(yaml.contents);
  const place = (finding: Finding): Problem => {
    let path = finding.path;
    while (path.length > 0 && !read.offsets.has(keyOf(path))) path = path.slice(0, -1);
    const { line, col } = lines.linePos(read.offsets.get(keyOf(path)) ?? 0);
    return {
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path: printPath(finding.path),
      message: finding.message,
      fix: finding.fix,
    };
  };
  const understood = understand(read.value);
  const findings = [...read.findings, ...understood.findings];
  const { document, broken } = understood;
  const sections = new Set(broken);
  let mapping: Mapping | null = null;
  if (document !== null) {
    const strangers = broken.has('members') ? [] : unknownAccounts(document, options.accounts);
    if (strangers.length > 0) sections.add('kinds');
    mapping = compile(
      document,
      (name) =>
        (Object.hasOwn(options.accounts, name) ? options.accounts[name]?.kind : undefined) ?? 'planfix',
      options.version,
    );
    findings.push(...structure(document, sections), ...strangers, ...checkMapping(mapping, sections));
  }
  const problems = findings.filter((finding) => finding.severity === 'problem');
  if (problems.length > 0 || mapping === null)
    return { ok: false, problems: problems.map(place).sort(byPlace) };
  const warnings = findings.filter((finding) => finding.severity === 'warning');
  return { ok: true, mapping, warnings: warnings.map(place).sort(byPlace), place };
}

/** Problems or warnings for a terminal: two lines each, the second with what to do. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(
      ({ line, path, message, fix }) =>
        `line ${line}${path === '' ? '' : `, ${path}`}: ${message}\n  → ${fix}`,
    )
    .join('\n');
}
