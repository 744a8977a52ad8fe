/** Webhooks that Planfix receives (section 13 of the reference). */
import { describe, expect, test } from '@jest/globals';
import { bench, type Row } from './testing.ts';

const address = '/webhook/post/a1b2';
const hook: Row = {
  id: 1,
  address,
  user: 'user:2',
  parameters: ['title'],
  operation: { do: 'create task', name: 'Заявка: {{title}}' },
};

describe('incoming webhooks', () => {
  test('answer the number of the task that they made as their user', () => {
    const { call } = bench({ incomingWebhooks: [hook] });
    const made = call('POST', address, { title: 'Принтер', secret: 'лишнее' }, null);
    expect(made.body).toEqual({ id: 1003 });
    expect(call('GET', '/task/1003?fields=name,assigner').body['task']).toMatchObject({
      name: 'Заявка: Принтер',
      assigner: { id: 'user:2' },
    });
  });

  test('or lead to another page', () => {
    const answer = 'https://vesna.example/thanks';
    const { call, state } = bench({ incomingWebhooks: [{ ...hook, answer }] });
    const made = call('POST', address, { title: 'Принтер' }, null);
    expect([made.status, made.headers['location']]).toEqual([302, answer]);
    expect(state.tasks.size).toBe(3);
  });

  test('take only the method and the address that they have', () => {
    const { call } = bench({ incomingWebhooks: [hook] });
    expect(call('GET', address, undefined, null).status).toBe(404);
    expect(call('POST', '/webhook/post/zzz', {}, null).status).toBe(404);
  });
});
