import { describe, expect, test } from '@jest/globals';
import { as, type LocalPersonId, type LocalStatusId } from '../../errors/ids.ts';
import { type Actor } from '../port.ts';
import { statusList, statusMove, transitions, usualWays } from './statuses.ts';

const bridge = as<LocalPersonId>('1');
const client = as<LocalPersonId>('5');
const status = (id: string): LocalStatusId => as<LocalStatusId>(id);
const all = [...statusList.map(({ id }) => id), status('7')];
const actor = (person: string): Actor => ({
  person: as<LocalPersonId>(person),
  url: 'https://example.invalid/rest',
  token: null,
  administrator: false,
});
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
                  expect(step.gives).toBe(method.gives(facts, step.as ?? bridge, usualWays));
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

  test('what the acting user may not do goes out on the credential of one who may by his part in the task', () => {
    const lent = (
      from: string,
      to: string,
      actions: readonly string[],
      actors: readonly Actor[],
      more: { creator?: LocalPersonId; assignees?: readonly LocalPersonId[] } = {},
    ) => {
      const facts = { status: status(from), control: true, creator: client, actions, ...more };
      const move = statusMove(facts, status(to), bridge, actors);
      return 'unreachable' in move
        ? null
        : move.steps.map((step) => `${step.via.replace('tasks.task.', '')} ${step.as ?? 'acting'}`);
    };
    const [creator, other, admin] = [actor('5'), actor('8'), { ...actor('9'), administrator: true }];
    expect(lent('4', '5', [], [creator])).toEqual(['approve 5']);
    expect(lent('4', '5', [], [other])).toBeNull();
    expect(lent('4', '5', [], [other, admin])).toEqual(['approve 9']);
    expect(lent('4', '5', ['approve'], [creator])).toEqual(['approve acting']);
    expect(lent('4', '3', [], [creator])).toEqual(['disapprove 5', 'start 5']);
    expect(lent('4', '3', ['renew'], [creator])).toEqual(['renew acting', 'start acting']);
    expect(lent('3', '5', ['complete'], [creator])).toEqual(['complete 5']);
    expect(lent('3', '4', [], [other], { assignees: [other.person] })).toEqual(['complete 8']);
    expect(lent('5', '6', [], [creator])).toEqual(['renew 5', 'defer 5']);
  });

  test('what nobody of them may do is unreachable, and says whom it takes', () => {
    const facts = { status: status('4'), control: true, creator: client, actions: [] };
    const move = statusMove(facts, status('5'), bridge, [actor('8')]);
    expect('unreachable' in move ? move.unreachable : '').toBe(
      'no transition leads from 4 to 5 for the acting user 1 or user 8: only the creator (user 5) or an administrator accepts or returns it',
    );
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
