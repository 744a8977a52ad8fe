import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type HttpServer, serveHttp } from './http.ts';
import { openMetrics } from './metrics.ts';

const logged: object[] = [];
let server: HttpServer;

beforeEach(async () => {
  logged.length = 0;
  const unused = () => {
    throw new Error('not asked for here');
  };
  server = await serveHttp(
    {
      receiver: {
        account: () => undefined,
        hints: { keep: unused, drain: unused },
        now: () => 0,
        uuid: () => '',
        reject: unused,
        lost: unused,
        count: unused,
        after: unused,
      },
      metrics: openMetrics(),
      application: {
        install: () => Promise.reject(new Error('the database is away')),
        open: (_account, _query, body) => Promise.resolve({ status: 200, html: `<p>${String(body.length)}` }),
      },
      ready: () => Promise.resolve(null),
      refreshMetrics: () => Promise.resolve(),
      log: { error: (data) => void logged.push(data) },
    },
    0,
  );
});

afterEach(() => server.close());

const post = async (path: string, body = 'a=1') => {
  const answer = await fetch(`http://127.0.0.1:${String(server.port)}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  return { status: answer.status, text: await answer.text() };
};

test.each([
  ['more than anybody needs', '/bitrix24/vesna/app', 'a'.repeat(70_000), 413],
  ['an address that is no text', '/bitrix24/%ff/app', '', 400],
])('%s is refused in two words, and not logged', async (_, path, body, status) => {
  expect(await post(path, body)).toEqual({ status, text: 'bad request\n' });
  expect(logged).toEqual([]);
});

test('what failed here is logged, and tells a stranger nothing', async () => {
  expect(await post('/bitrix24/vesna/install/guess')).toEqual({ status: 503, text: 'try again later\n' });
  expect(logged).toMatchObject([{ err: { message: 'the database is away' } }]);
});
