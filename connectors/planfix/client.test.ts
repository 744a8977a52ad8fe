import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Answer, readAnswer } from './client.ts';
import { isAccountWide } from './troubles.ts';

const now = 1_000_000;
const answer = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  readAnswer(status, headers, body, now);

describe('what an answer of Planfix means', () => {
  test('any status with any body is an answer, never an exception', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        expect(['ok', 'queued', 'refused', 'unclear']).toContain(answer(status, body).is);
      }),
    );
  });

  test('a 500 with a business code is a refusal, one without is not known', () => {
    expect(answer(500, '{"result":"fail","code":1000,"error":"Task not found"}')).toMatchObject({
      is: 'refused',
      code: 1000,
    });
    expect(answer(500, '{"result":"fail","code":0,"error":"Rest API error"}').is).toBe('unclear');
    expect(answer(502, '<html></html>').is).toBe('unclear');
  });

  test('anything but success is a failure, a misspelt word too', () => {
    expect(answer(200, '{"result":"file","code":6,"error":"no"}').is).toBe('refused');
    expect(answer(200, '{"result":"success"}').is).toBe('ok');
    expect(answer(200, '').is).toBe('ok');
    expect(answer(202, '').is).toBe('queued');
  });

  test.each([
    [42_000, 42_000],
    [600, 1000],
    [30, 30_000],
    [0, 1000],
  ])('a limit that resets in %d is waited for %d ms', (timeToReset, wait) => {
    const body = JSON.stringify({ result: 'fail', code: 22, error: 'limit', timeToReset });
    expect(answer(403, body)).toMatchObject({ is: 'refused', code: 22, retryAt: now + wait });
  });

  test('a page where JSON was due is no proof that a task is missing', () => {
    const page = answer(404, '<html>not found</html>');
    expect(page).toMatchObject({ is: 'refused', code: null });
    expect(page.is === 'refused' && isAccountWide(page)).toBe(false);
  });
});
