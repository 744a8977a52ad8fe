import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleaned, correlated, type Log, openLog, withoutSecrets } from './log.ts';

const recording = (level: 'info' | 'trace' = 'trace'): { log: Log; lines: string[] } => {
  const lines: string[] = [];
  return { log: openLog(level, { write: (line) => void lines.push(line) }), lines };
};
const secret = 'S3cr3tVa1ue';

describe('no secret gets into a line', () => {
  const data: [string, unknown][] = [
    ['an authorization header', { headers: { Authorization: `Bearer ${secret}` } }],
    ['a bearer in a text', { error: `401 with Bearer ${secret}, twice` }],
    ['a webhook of Bitrix24', { url: `https://romashka.bitrix24.ru/rest/12/${secret}/tasks.task.get?id=7` }],
    ['the same in REST 3.0', { url: `https://romashka.bitrix24.ru/rest/api/12/${secret}/tasks.task.get` }],
    ['our own address for Planfix', { path: `/webhooks/planfix/teyron/${secret}` }],
    ['our own address for an installation', { path: `/bitrix24/vesna/install/${secret}?DOMAIN=x` }],
    ['what a frame is opened with', { body: `AUTH_ID=${secret}&AUTH_EXPIRES=3600&REFRESH_ID=${secret}` }],
    ['auth in a query', { url: `https://x.test/rest/task?auth=${secret}&id=7` }],
    [
      'an event’s form body',
      { body: `event=ONTASKADD&auth[access_token]=${secret}&auth%5Bapplication_token%5D=${secret}` },
    ],
    ['a token in JSON kept as text', { body: `{"access_token": "${secret}","id":7}` }],
    [
      'keys at any depth',
      { a: [{ b: { token: secret, refresh_token: secret, password: secret, secretKey: secret } }] },
    ],
    ['a database address', { database: `postgresql://svyazka:${secret}@127.0.0.1:5432/svyazka` }],
    ['an error’s message and stack', { error: new Error(`no answer from /rest/1/${secret}/x`) }],
    ['the cause of an error', { error: new Error('outer', { cause: new Error(`at /rest/1/${secret}/x`) }) }],
    ['a URL object', { url: new URL(`https://u:${secret}@x.test/`) }],
    ['a Map', { map: new Map([['password', secret]]) }],
    ['bytes', { body: Buffer.from(secret) }],
  ];

  test.each(data)('from %s', (_name, value) => {
    const { log, lines } = recording();
    log.info(value as object, 'request sent');
    log.child(value as object).warn('request sent');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).not.toContain(secret);
  });

  test('from an error logged alone, or a message that should have been constant', () => {
    const { log, lines } = recording();
    log.error(new Error(`refused: https://p.test/rest/1/${secret}/x`));
    log.error({ err: new Error(`refused: /rest/1/${secret}/x`) });
    log.error(`refused: https://p.test/rest/1/${secret}/x`);
    log.error('refused: %s', `Bearer ${secret}`);
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toContain(secret);
    expect(lines.join('')).toContain('refused');
  });

  test('wherever in a text a webhook address stands', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (before, after, user) => {
        const text = `${before} https://p.bitrix24.ru/rest/${user}/${secret}/${after}`;
        expect(withoutSecrets(text)).not.toContain(`/${secret}/`);
      }),
    );
  });
});

describe('everything else stays', () => {
  test('what is no secret is written as it is', () => {
    const value = {
      account: 'romashka',
      task: 5123,
      tokens: 4,
      author: 'Анна',
      url: 'https://x.test/rest/task/12',
    };
    expect(cleaned(value)).toStrictEqual(value);
  });

  test('a line has its level by name, its time, its message and the correlation id of its child', () => {
    const { log, lines } = recording();
    correlated(log, 'c-1').info({ account: 'teyron' }, 'hint stored');
    expect(JSON.parse(lines.join(''))).toStrictEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      correlation: 'c-1',
      account: 'teyron',
      msg: 'hint stored',
    });
  });

  test('levels below the wanted one are not written', () => {
    const { log, lines } = recording('info');
    log.debug('detail');
    expect(lines).toStrictEqual([]);
  });

  test('data that goes round in circles ends', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const { log, lines } = recording();
    log.info(circle, 'circle');
    expect(lines).toHaveLength(1);
  });
});
