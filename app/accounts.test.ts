import { describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { type AccountId, as } from '../errors/ids.ts';
import { realRuntime } from '../runtime/real.ts';
import { type Account, checkedAddress, connect, privateHost } from './accounts.ts';

const accountAt = (url: string, allowPrivate: boolean): Account => ({
  account: as<AccountId>('romashka'),
  kind: 'bitrix24',
  url,
  token: null,
  actor: '1',
  organisation: 'Ромашка',
  zone: 'UTC',
  ca: null,
  serverMaxMs: 5_000,
  hookSecret: null,
  allowPrivate,
  limited: false,
});

describe('Addresses of accounts', () => {
  test('a private address is refused when the account is added', async () => {
    await expect(checkedAddress('planfix', 'https://192.168.1.4/rest', false)).rejects.toThrow(
      '--allow-private',
    );
    expect(await checkedAddress('planfix', 'https://192.168.1.4/rest', true)).toBe(
      'https://192.168.1.4/rest',
    );
  });

  test.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '172.20.0.1', '::1', 'fd00::1', '::ffff:7f00:1'])(
    'a public name at %s is a private host',
    (address) => {
      expect(privateHost('portal.example', address)).toContain(address);
    },
  );

  test('a name that was public and leads to loopback by now gets no request unless the account is allowed it', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const runtime = realRuntime((_host, options, done) => {
      if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    });
    const url = `http://portal.example:${String((server.address() as AddressInfo).port)}/rest/1/secret`;
    try {
      await expect(connect(accountAt(url, false), runtime).connector.people()).rejects.toThrow();
      expect(asked).toBe(0);
      await expect(connect(accountAt(url, true), runtime).connector.people()).rejects.toThrow();
      expect(asked).toBeGreaterThan(0);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
