import { describe, expect, test } from '@jest/globals';
import { type AccountId, as, type LocalPersonId } from '../../errors/ids.ts';
import { type HttpRequest, type HttpResponse, type Runtime, TransportError } from '../../runtime/runtime.ts';
import { type Command } from './batch.ts';
import { type Client, makeClient, movedAddress } from './client.ts';

const url = 'https://vesna.bitrix24.ru/rest/1/s3cret';
const now = Date.parse('2026-11-24T07:30Z');

interface Scripted {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function clientOf(answer: (request: HttpRequest) => Scripted): { client: Client; sent: HttpRequest[] } {
  const sent: HttpRequest[] = [];
  const runtime: Runtime = {
    now: () => now,
    sleep: () => Promise.resolve(),
    random: () => 0,
    uuid: () => '',
    http: (request) => {
      sent.push(request);
      const { status, headers = {}, body } = answer(request);
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response: HttpResponse = {
        status,
        headers,
        body: {
          text: () => Promise.resolve(text),
          async *stream() {
            yield new TextEncoder().encode(text);
          },
          cancel: () => undefined,
        },
      };
      return Promise.resolve(response);
    },
  };
  const settings = {
    account: as<AccountId>('vesna'),
    kind: 'bitrix24' as const,
    url,
    token: null,
    actor: as<LocalPersonId>('1'),
    organisation: 'Весна',
    zone: 'Europe/Moscow',
    ca: null,
    serverMaxMs: 60_000,
  };
  return { client: makeClient(settings, runtime), sent };
}

const answered = async (scripted: Scripted) => clientOf(() => scripted).client.call('user.current', {});
const get = (key: string): Command => ({ key, method: 'tasks.task.get', params: { taskId: 1 } });

describe('An answer of the portal', () => {
  test.each([
    [503, 'QUERY_LIMIT_EXCEEDED', 'limit', true],
    [429, 'OPERATION_TIME_LIMIT', 'limit', true],
    [503, 'OVERLOAD_LIMIT', 'limit', true],
    [401, 'INVALID_CREDENTIALS', 'auth', true],
    [401, 'NO_AUTH_FOUND', 'auth', true],
    [500, 'PORTAL_DELETED', 'auth', true],
    [403, 'insufficient_scope', 'scope', true],
    [403, 'ACCESS_DENIED', 'plan', true],
    [400, 'PAYMENT_REQUIRED', 'plan', true],
    [402, 'anything', 'plan', true],
    [400, 'ACCESS_DENIED', 'refused', true],
    [403, 'ACCESS_ERROR', 'refused', true],
    [400, '0', 'refused', true],
    [400, '', 'refused', true],
    [404, 'ERROR_METHOD_NOT_FOUND', 'refused', true],
    [500, 'INTERNAL_SERVER_ERROR', 'down', false],
    [502, 'anything', 'down', false],
  ])('%i %s is %s, surely without effect: %s', async (status, error, kind, certain) => {
    expect(await answered({ status, body: { error, error_description: 'Так<br>вот' } })).toMatchObject({
      is: 'failed',
      kind,
      certain,
      code: error,
      text: 'Так вот',
    });
  });

  test.each([
    [200, '<html>', false],
    [200, 'null', false],
    [200, '{}', false],
    [502, '<html>', false],
    [404, '<html>', true],
  ])('%i with %s is no answer of Bitrix24', async (status, body, certain) => {
    expect(await answered({ status, body })).toMatchObject({ is: 'failed', certain });
  });

  test('an error key decides even when its code is empty, and a null result is a result', async () => {
    expect(await answered({ status: 200, body: { error: '', error_description: 'x' } })).toMatchObject({
      is: 'failed',
    });
    expect(await answered({ status: 200, body: { result: null } })).toMatchObject({ is: 'ok', result: null });
  });

  test('the budget of a method is waited for until the moment that its last good answer named', async () => {
    let spent = false;
    const reset = now / 1000 + 300;
    const { client } = clientOf(() =>
      spent
        ? { status: 429, body: { error: 'OPERATION_TIME_LIMIT' } }
        : { status: 200, body: { result: 1, time: { finish: now / 1000, operating_reset_at: reset } } },
    );
    await client.call('user.current', {});
    spent = true;
    expect(await client.call('user.current', {})).toMatchObject({
      kind: 'limit',
      retryAt: reset * 1000 + 1000,
    });
  });

  test('a request that surely never left is certain, one whose answer was lost is not', async () => {
    for (const kind of ['unsent', 'timeout', 'cut'] as const) {
      const { client } = clientOf(() => {
        throw new TransportError(kind, 'x');
      });
      expect(await client.call('m', {})).toMatchObject({ is: 'failed', certain: kind === 'unsent' });
    }
  });
});

describe('A batch', () => {
  test('maps may be empty lists, errors texts or objects, and every command gets its answer', async () => {
    const { client, sent } = clientOf(() => ({
      status: 200,
      body: {
        result: {
          result: { a: { task: {} }, n: null },
          result_error: { b: { error: '0', error_description: 'Нет' }, c: 'ERROR_CORE' },
          result_total: [],
          result_next: [],
          result_time: [],
        },
      },
    }));
    const answers = await client.run([get('a'), get('b'), get('c'), get('n'), get('lost')]);
    expect(answers.get('a')).toMatchObject({ is: 'ok' });
    expect(answers.get('n')).toMatchObject({ is: 'ok', result: null });
    expect(answers.get('b')).toMatchObject({ is: 'failed', code: '0', text: 'Нет' });
    expect(answers.get('c')).toMatchObject({ is: 'failed', code: 'ERROR_CORE' });
    expect(answers.get('lost')).toMatchObject({ is: 'failed', certain: false });
    expect(sent).toHaveLength(1);
    expect(JSON.parse(String(sent[0]?.body))).toMatchObject({
      halt: 0,
      cmd: { a: 'tasks.task.get?taskId=1' },
    });
  });

  test('more than fifty commands go in more than one batch', async () => {
    const { client, sent } = clientOf(() => ({
      status: 200,
      body: { result: { result: [], result_error: [], result_total: [], result_time: [] } },
    }));
    await client.run(Array.from({ length: 101 }, (_, index) => get(`c${String(index)}`)));
    const sizes = sent.map(
      ({ body }) => Object.keys((JSON.parse(String(body)) as { cmd: object }).cmd).length,
    );
    expect(sizes).toEqual([50, 50, 1]);
  });

  test('every call names itself and speaks JSON; nothing goes in the query of a positional method', async () => {
    const { client, sent } = clientOf(() => ({ status: 200, body: { result: [] } }));
    await client.call('task.commentitem.getlist', { TASKID: 107, ORDER: { ID: 'asc' } });
    expect(sent[0]?.url).toBe(`${url}/task.commentitem.getlist`);
    expect(sent[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^svyazka\//),
    });
    expect(String(sent[0]?.body)).toBe('{"TASKID":107,"ORDER":{"ID":"asc"}}');
  });
});

describe('A redirect', () => {
  const from = `${url}/user.current`;
  test.each([
    ['https://new.bitrix24.ru/rest/1/s3cret/user.current', true],
    ['https://new.bitrix24.com.br/rest/1/s3cret/user.current', true],
    ['http://new.bitrix24.ru/rest/1/s3cret/user.current', false],
    ['https://new.bitrix24.ru/rest/1/other/user.current', false],
    ['https://elsewhere.example/rest/1/s3cret/user.current', false],
    ['https://new.bitrix24.ru.evil.example/rest/1/s3cret/user.current', false],
    ['https://127.0.0.1/rest/1/s3cret/user.current', false],
    ['https://user:pass@new.bitrix24.ru/rest/1/s3cret/user.current', false],
    ['http://[::1', false],
  ])('to %s is followed: %s', (location, followed) => {
    expect(movedAddress(from, location) !== null).toBe(followed);
  });

  test('of a portal on an own domain leads to public names only', () => {
    const own = 'https://portal.firma.example/rest/1/s3cret/m';
    expect(movedAddress(own, 'https://b24.firma.example/rest/1/s3cret/m')).not.toBeNull();
    for (const host of ['localhost', '10.0.0.7', 'portal.local', '[::1]'])
      expect(movedAddress(own, `https://${host}/rest/1/s3cret/m`)).toBeNull();
  });

  test('is answered by the same POST at the new address, once, and remembered', async () => {
    const { client, sent } = clientOf(({ url: asked }) =>
      asked.startsWith('https://new.')
        ? { status: 200, body: { result: 1 } }
        : { status: 302, headers: { location: 'https://new.bitrix24.ru/rest/1/s3cret/m' }, body: '' },
    );
    expect(await client.call('m', { a: 1 })).toMatchObject({ is: 'ok' });
    await client.call('n', {});
    expect(sent.map(({ method, url: asked, body }) => [method, new URL(asked).host, body])).toEqual([
      ['POST', 'vesna.bitrix24.ru', '{"a":1}'],
      ['POST', 'new.bitrix24.ru', '{"a":1}'],
      ['POST', 'new.bitrix24.ru', '{}'],
    ]);
    expect(client.movedTo()).toBe('new.bitrix24.ru');
  });
});

describe('A download', () => {
  test.each(['/rest/1/s3cret/download/?token=1', '/bitrix/tools/disk/uf.php?attachedId=1&auth=acc3ss'])(
    'takes no credential along to another host: %s',
    async (link) => {
      const { client, sent } = clientOf(({ url: asked }) => ({
        status: 302,
        headers: { location: `https://elsewhere.example${new URL(asked).pathname}${new URL(asked).search}` },
        body: '',
      }));
      expect(await client.download(link)).toMatchObject({ is: 'failed' });
      expect(sent.map(({ url: asked }) => new URL(asked).host)).toEqual(['vesna.bitrix24.ru']);
    },
  );

  test.each(['http://files.example/x', 'https://127.0.0.1/x', 'https://localhost/x', 'file:///etc/passwd'])(
    'from %s is not begun',
    async (link) => {
      const { client, sent } = clientOf(() => ({ status: 200, body: '' }));
      expect(await client.download(link)).toMatchObject({ is: 'failed' });
      expect(sent).toEqual([]);
    },
  );

  test('of a relative link goes to the portal with a name of its own', async () => {
    const { client, sent } = clientOf(() => ({ status: 200, body: 'bytes' }));
    await client.download('/bitrix/tools/disk/uf.php?attachedId=1');
    expect(sent[0]?.url).toBe('https://vesna.bitrix24.ru/bitrix/tools/disk/uf.php?attachedId=1');
    expect(sent[0]?.headers['user-agent']).toMatch(/^svyazka\//);
  });
});
