import { describe, expect, test } from '@jest/globals';
import { as, type LocalPersonId, type LocalStatusId } from '../../errors/ids.ts';
import { statusList, statusMove, transitions } from './statuses.ts';

const bridge = as<LocalPersonId>('1');
const client = as<LocalPersonId>('5');
const status = (id: string): LocalStatusId => as<LocalStatusId>(id);
const all = [...statusList.map(({ id }) => id), status('7')];
const rights = ['edit', ...transitions.map(({ name }) => name)];

const ways = (
  from: string,
  to: string,
  control: boolean,
  creator: LocalPersonId,
  actions: readonly string[] | null,
) => {
  const move = statusMove({ status: status(from), control, creator, actions }, status(to), bridge);
  return 'unreachable' in move ? null : move.steps.map(({ via }) => via.replace('tasks.task.', ''));
};

describe('Ways between statuses', () => {
  test('every step stands where its method may be called, and the last one arrives', () => {
    let checked = 0;
    for (const from of all)
      for (const { id: to } of statusList)
        for (const control of [false, true])
          for (const creator of [bridge, client])
            for (const actions of [null, rights, ['edit'], [], ['complete'], ['renew', 'disapprove']]) {
              const facts = { status: from, control, creator, actions };
              const move = statusMove(facts, to, bridge);
              if ('unreachable' in move) {
                expect(actions).not.toBeNull();
                expect(actions).not.toContain('edit');
                continue;
              }
              let at: string = from;
              for (const [index, step] of move.steps.entries()) {
                const method = transitions.find(({ name }) => step.via === `tasks.task.${name}`);
                if (method === undefined) expect(step.via).toBe('set');
                else {
                  expect(method.from).toContain(at);
                  expect(step.gives).toBe(method.gives(facts, bridge));
                  if (index === 0 && actions !== null) expect(actions).toContain(method.name);
                }
                at = step.gives;
                checked += 1;
              }
              expect(at).toBe(to);
            }
    expect(checked).toBeGreaterThan(500);
  });

  test('methods are preferred to writing the field', () => {
    expect(ways('2', '3', false, client, rights)).toEqual(['start']);
    expect(ways('3', '5', false, client, rights)).toEqual(['complete']);
    expect(ways('5', '6', false, client, rights)).toEqual(['renew', 'defer']);
    expect(ways('5', '3', false, client, rights)).toEqual(['renew', 'start']);
    expect(ways('2', '2', false, client, [])).toEqual([]);
  });

  test('completion of a controlled task asks for acceptance, unless the creator completes', () => {
    expect(ways('3', '4', true, client, rights)).toEqual(['complete']);
    expect(ways('3', '5', true, bridge, rights)).toEqual(['complete']);
    expect(ways('3', '5', true, client, rights)).toEqual(['set']);
    expect(ways('3', '5', true, client, ['complete'])).toBeNull();
  });

  test('acceptance and return for rework go by the flags that the portal shows', () => {
    expect(ways('4', '5', true, client, ['approve', 'disapprove'])).toEqual(['approve']);
    expect(ways('4', '2', true, client, ['approve', 'disapprove', 'renew'])).toEqual(['disapprove']);
    expect(ways('4', '3', true, client, ['disapprove'])).toEqual(['disapprove', 'start']);
    expect(ways('4', '5', true, client, ['renew'])).toBeNull();
  });

  test('a status that Bitrix24 does not have is unreachable', () => {
    expect(
      statusMove(
        { status: status('2'), control: false, creator: bridge, actions: null },
        status('9'),
        bridge,
      ),
    ).toHaveProperty('unreachable');
  });
});
