import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretKeyOf, secretsFrom, WrongSecretKey } from './secrets.ts';

const key = '0123456789abcdef'.repeat(4);
const secrets = secretsFrom(key);

describe('credentials at rest', () => {
  test('what was encrypted is read again with the same key and context', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
        expect(secretsFrom(key).decrypt(secrets.encrypt(text, context), context)).toBe(text);
      }),
    );
  });

  test('the form has a version, and the same text never looks the same', () => {
    const [one, two] = [secrets.encrypt('token', 'account:a'), secrets.encrypt('token', 'account:a')];
    expect(one).toMatch(/^v1\.[\w-]{8}\.[\w-]{16}\.[\w-]{22}\.[\w-]+$/);
    expect(one).not.toBe(two);
  });

  test('with another key the error says which key is wanted', () => {
    const encrypted = secrets.encrypt('token', 'account:romashka');
    expect(() => secretsFrom('f'.repeat(64)).decrypt(encrypted, 'account:romashka')).toThrow(WrongSecretKey);
    expect(() => secretsFrom('f'.repeat(64)).decrypt(encrypted, 'account:romashka')).toThrow(
      /account:romashka.*another key.*SVYAZKA_SECRET_KEY/,
    );
  });

  test('one account’s secret cannot stand in for another’s, nor a changed or newer one pass', () => {
    const encrypted = secrets.encrypt('token', 'account:a');
    expect(() => secrets.decrypt(encrypted, 'account:b')).toThrow(WrongSecretKey);
    const [version = '', id = '', nonce = '', tag = '', body = ''] = encrypted.split('.');
    expect(() => secrets.decrypt([version, id, nonce, tag, `A${body}`].join('.'), 'account:a')).toThrow(
      'damaged',
    );
    expect(() => secrets.decrypt([version, id, nonce, tag.slice(0, 6), body].join('.'), 'account:a')).toThrow(
      'damaged',
    );
    expect(() => secrets.decrypt(encrypted.replace('v1', 'v2'), 'account:a')).toThrow('does not know');
  });
});

describe('derived keys', () => {
  test('are the same for a purpose, and differ between purposes and secret keys', () => {
    const derived = [
      secrets.deriveKey('marks'),
      secrets.deriveKey('journal'),
      secretsFrom('f'.repeat(64)).deriveKey('marks'),
    ].map((bytes) => Buffer.from(bytes).toString('hex'));
    expect(Buffer.from(secretsFrom(key).deriveKey('marks')).toString('hex')).toBe(derived[0]);
    expect(new Set(derived).size).toBe(3);
    expect(derived[0]).toHaveLength(64);
  });

  test('stay what they are, or mirrors would no longer be recognised', () => {
    expect(Buffer.from(secrets.deriveKey('marks')).toString('hex')).toBe(
      '3b100571a0e2910b6cdf7994314811b6adbbf7320c15a5da74629eaadfe3f003',
    );
  });
});

describe('the secret key', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'svyazka-key-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is made at the first start with mode 600, the same for all who start at once, and kept', async () => {
    const dataDir = join(folder, 'data');
    const keys = await Promise.all(Array.from({ length: 8 }, () => secretKeyOf(dataDir, undefined)));
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(join(dataDir, 'secret.key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toStrictEqual(['secret.key']);
    expect(await secretKeyOf(dataDir, undefined)).toBe(keys[0]);
  });

  test('given by the environment it is used, and no file is made', async () => {
    expect(await secretKeyOf(folder, key)).toBe(key);
    expect(await readdir(folder)).toStrictEqual([]);
  });

  test('a file that holds no key is never replaced', async () => {
    await writeFile(join(folder, 'secret.key'), 'half');
    await expect(secretKeyOf(folder, undefined)).rejects.toThrow('holds no key');
  });
});
