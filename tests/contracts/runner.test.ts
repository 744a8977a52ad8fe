import { describe, expect, test } from '@jest/globals';
import { toy } from '../toyKind.ts';
import { type FollowUp } from './afterwards.ts';
import { type Area, type ContractCase } from './layout.ts';
import { type Outcome, runCase, schemaChecker, starterOf } from './runner.ts';

const world = { account: { name: 'toy', baseUrl: 'https://toy.planfix.ru/rest' }, now: '2026-11-24T07:30Z' };
const hook = 'https://bridge.example/hook';

const base: ContractCase = {
  id: 'toy.case',
  strength: 'documented',
  given: '',
  request: { method: 'GET', path: '/notes' },
  response: { status: 200, body: { $raw: '' } },
  schema: null,
  must: [],
};

function run(
  contract: Partial<ContractCase>,
  followUps: Readonly<Record<string, readonly FollowUp[]>> = {},
): Outcome {
  const area: Area = {
    kind: 'planfix',
    file: 'toy.json',
    schemas: { Small: { type: 'number', maximum: 1 } },
    cases: [],
  };
  return runCase('planfix', { ...base, ...contract }, world, starterOf(toy), schemaChecker(area), followUps);
}

function placesOf(outcome: Outcome): readonly string[] {
  return outcome.outcome === 'failed' ? outcome.differences.map(({ where }) => where) : [outcome.outcome];
}

const post = { method: 'POST', path: '/note', body: { $raw: 'one' } };

describe('the contract runner', () => {
  test('passes what is as the case says, and tells what is not', () => {
    expect(placesOf(run({}))).toEqual(['passed']);
    expect(placesOf(run({ response: { status: [404, 400], body: { $raw: 'other' } } }))).toEqual([
      '/status',
      '/body',
    ]);
    expect(placesOf(run({ response: { status: 200, body: null, headers: { 'X-Left': '1' } } }))).toEqual([
      '/headers/X-Left',
    ]);
  });

  test('holds an answer against the schema of its area', () => {
    const contract = { request: post, response: { status: 201, body: 1 } };
    expect(placesOf(run({ ...contract, schema: '#/schemas/Small' }))).toEqual(['passed']);
    const setup = [{ call: post, times: 2 }];
    expect(placesOf(run({ ...contract, setup, schema: '#/schemas/Small' }))).toEqual(['/body']);
  });

  test('applies world edits first, then settings, calls, acts and faults in order', () => {
    const setup = [
      { call: post, times: 2 },
      { set: '/notes', value: ['zero'] },
      { setting: 'answerMs', value: 7 },
      { act: { as: 1, do: 'acted' } },
      { advance: '1h' },
    ];
    expect(placesOf(run({ setup, response: { status: 200, body: { $raw: 'zero,one,one,acted' } } }))).toEqual(
      ['passed'],
    );
    const fault = { on: 'notes', answer: { status: 502, body: { $raw: '<html>' } } };
    expect(
      placesOf(run({ setup: [{ fault }], response: { status: 502, body: { $raw: '<html>' } } })),
    ).toEqual(['passed']);
  });

  test('a step that cannot be applied fails its case with the reason', () => {
    const reasons = [
      { act: { as: 13, do: 'x' } },
      { dance: true },
      { remove: '/nothing' },
      { setting: 'x', value: 1 },
    ].map((step) => run({ setup: [step] }));
    expect(reasons.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(JSON.stringify(reasons)).toMatch(/user 13 may do nothing.*unknown step.*no such key.*no setting/);
  });

  test('values saved from an earlier answer are put into the request', () => {
    const setup = [{ call: post, save: { count: '/body' } }];
    const request = { ...post, body: { $raw: 'note {{count}}' } };
    const later = { request: base.request, has: { '/body': 'one,note 1' } };
    const contract = { setup, request, response: { status: 201, body: 2 } };
    expect(placesOf(run(contract, { 'toy.case': [later] }))).toEqual(['passed']);
    expect(placesOf(run(contract, { 'toy.case': [{ ...later, has: { '/body': 'other' } }] }))).toEqual([
      'afterwards /notes: /body',
    ]);
  });

  test('a held answer is waited for on the clock of the case', () => {
    expect(
      placesOf(
        run({
          request: { method: 'GET', path: '/slow' },
          response: { status: 200, body: { $raw: 'at last' } },
        }),
      ),
    ).toEqual(['passed']);
  });

  test('what the account sends is compared with the request of a from-crm case', () => {
    const contract = {
      direction: 'from-crm' as const,
      setup: [{ set: '/hook', value: hook }, { call: post }],
      request: { method: 'POST', path: '/hook', body: { $raw: 'one' } },
    };
    expect(placesOf(run(contract))).toEqual(['passed']);
    expect(placesOf(run({ ...contract, request: { ...contract.request, body: { $raw: 'two' } } }))).toEqual([
      '/body',
    ]);
    expect(placesOf(run({ ...contract, setup: [{ call: post }] }))).toEqual(['']);
  });

  test('a refused request has to change nothing', () => {
    const fault = { on: 'note', when: 'after', answer: { status: 403, body: { $raw: 'no' } } };
    const contract = { request: post, response: { status: 403, body: { $raw: 'no' } } };
    expect(placesOf(run({ ...contract, setup: [{ fault: { ...fault, when: 'before' } }] }))).toEqual([
      'passed',
    ]);
  });

  test('a case that no request can show is skipped with its reason', () => {
    expect(run({ setup: [{ skip: 'a fact for readers' }] })).toEqual({
      id: 'toy.case',
      outcome: 'skipped',
      reason: 'a fact for readers',
    });
  });
});
