/** The core is pure: it runs where there is no clock, no timer, no chance and no network. */
import { transformFileSync } from '@swc/core';
import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import vm from 'node:vm';
import type * as reconciling from '../sync/core/reconcile.ts';

const core = join(import.meta.dirname, '../sync/core');

/** A world without time and chance: asking for either throws. */
function stillContext(): vm.Context {
  const context = vm.createContext({});
  vm.runInContext(
    `{
      const refuse = (name) => () => { throw new Error(name + ' is not for the core'); };
      const RealDate = Date;
      globalThis.Date = new Proxy(RealDate, {
        apply: refuse('Date()'),
        construct(target, given) {
          if (given.length === 0) refuse('new Date()')();
          return new target(...given);
        },
        get(target, key) {
          return key === 'now' ? refuse('Date.now') : Reflect.get(target, key);
        },
      });
      Math.random = refuse('Math.random');
      for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'])
        globalThis[name] = refuse(name);
      Object.defineProperty(globalThis, 'crypto', { get: refuse('crypto') });
    }`,
    context,
  );
  return context;
}

const compiled = (path: string): string =>
  transformFileSync(path, {
    configFile: false,
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  }).code;

async function load(context: vm.Context, path: string): Promise<vm.SourceTextModule> {
  const modules = new Map<string, vm.SourceTextModule>();
  const moduleAt = (file: string): vm.SourceTextModule => {
    const known = modules.get(file);
    if (known) return known;
    const made = new vm.SourceTextModule(compiled(file), { context, identifier: file });
    modules.set(file, made);
    return made;
  };
  const entry = moduleAt(path);
  await entry.link((specifier, from) => {
    if (!specifier.startsWith('.')) throw new Error(`the core imports ${specifier}`);
    return moduleAt(resolve(dirname(from.identifier), specifier));
  });
  await entry.evaluate();
  return entry;
}

describe('The core in a context without clock, timers and chance', () => {
  test('every file of the core loads', async () => {
    const files = readdirSync(core).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    expect(files.length).toBeGreaterThan(15);
    const context = stillContext();
    for (const file of files) expect((await load(context, join(core, file))).status).toBe('evaluated');
  });

  test('the context refuses what it says', () => {
    const context = stillContext();
    for (const code of [
      'Date.now()',
      'new Date()',
      'Date()',
      'Math.random()',
      'setTimeout(() => 0)',
      'crypto',
    ])
      expect(() => vm.runInContext(code, context) as unknown).toThrow('is not for the core');
    expect(vm.runInContext('new Date(0).toISOString()', context)).toBe('1970-01-01T00:00:00.000Z');
  });

  test('a first sync runs through: lift, merge, project and plan', async () => {
    const context = stillContext();
    const { namespace } = await load(context, join(core, 'reconcile.ts'));
    const { reconcile, beginItem, newReplica } = namespace as unknown as typeof reconciling;
    const { aCase } = await import('./laws/case.ts');
    const { readingOf } = await import('./laws/rounds.ts');
    const { marks, worldOf } = await import('./laws/world.ts');
    const fc = (await import('fast-check')).default;
    fc.assert(
      fc.property(aCase({ troubled: false, edits: 1 }), (one) => {
        const world = worldOf(one);
        const { account, task } = world.item.origin;
        const reading = readingOf(world, account);
        if (reading?.is !== 'read' || !reading.snapshot) throw new Error('the origin has a task');
        const item = beginItem(world.context, account, reading.snapshot, world.item.id, true);
        if (!item) throw new Error('a pinned task always joins');
        const replicas = new Map([[account, newReplica(item, account, world.now)]]);
        const first = reconcile(world.context, { item, replicas }, account, reading, [], marks, world.now);
        expect(first.replica.task).toBe(task);
        expect(first.item.fields.title?.value).toBe('Задача 0');
      }),
      { numRuns: 50 },
    );
  });
});
