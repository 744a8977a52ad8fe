import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeChange } from './diff.ts';
import { aMapping } from './generators.ts';
import { loadMapping } from './load.ts';
import { type Mapping } from './types.ts';

const text = readFileSync(new URL('./examples/hub-two-members.yaml', import.meta.url), 'utf8');

function load(changed: string, version = 1): Mapping {
  const loaded = loadMapping(changed, {
    fileName: 'hub.yaml',
    accounts: { teyron: { kind: 'planfix' }, romashka: { kind: 'bitrix24' }, pixel: { kind: 'planfix' } },
    version,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.mapping;
}

describe('what a new version changes', () => {
  test('the first version tells who takes part', () => {
    expect(describeChange(null, load(text))).toEqual([
      'new space site-romashka-hub with "teyron", "romashka" and "pixel", hub teyron',
      'teyron is integrator, shared by project 41',
      'romashka is client, shared by group 7',
      'pixel is contractor, shared by naming a stand-in only',
    ]);
  });

  test('the same text in a new version changes nothing', () => {
    expect(describeChange(load(text, 1), load(text, 2))).toEqual([]);
  });

  test.each([
    ["group: '7'", "group: '8'", 'romashka: shared by group 7 → group 8'],
    ["acceptor: '12'", "acceptor: '14'", 'romashka: acceptor 12 → 14'],
    ["pixel: 'contact:21' }", "pixel: 'contact:22' }", 'teyron: stand-in for pixel contact:21 → contact:22'],
    ['final: [done, declined]', 'final: [done]', '"declined" is no longer final'],
    ['by: [client, integrator] }', 'by: [client] }', 'new rule: review → in_progress by client'],
    ["'4': hold", "'4': waiting_client", 'pixel statuses: "4" meant hold, means waiting_client'],
    ['conflict: hub', 'conflict: manual', 'field deadline: conflicts by hub → manual'],
    ['{ name: auditors, hide: [contractor] }', '{ name: auditors }', 'field auditors is shown to contractor'],
    [
      'pass_on: []',
      'pass_on: [{ of: contractor, to: client }]',
      'messages of contractor are handed on to client',
    ],
    ['romashka: all,', 'romashka: none,', 'comments of romashka: all → none'],
    ['notify: addressed', 'notify: none', 'people told of mirrored comments: addressed → none'],
    ['privacy:', 'files: { share: false }\nprivacy:', 'files are shared no more'],
  ])('%s → %s is told', (from, to, line) => {
    expect(text.split(from).length).toBeGreaterThan(1);
    expect(describeChange(load(text), load(text.replace(from, to)))).toContain(line);
  });

  test('no change of a mapping goes untold', () => {
    let changed = 0;
    fc.assert(
      fc.property(aMapping(), aMapping(), ({ mapping: one }, { mapping: other }) => {
        expect(describeChange(one, one)).toEqual([]);
        const told = describeChange(one, other);
        const same = JSON.stringify({ ...one, version: 0 }) === JSON.stringify({ ...other, version: 0 });
        if (!same) changed += 1;
        expect(told.length > 0).toBe(!same);
      }),
      { numRuns: 200 },
    );
    expect(changed).toBeGreaterThan(150);
  });
});
