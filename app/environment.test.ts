import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, readEnvironment, variableNames } from './environment.ts';

const read = (variables: Record<string, string>) => readEnvironment(variables, '/srv/bridge');
const refusal = (variables: Record<string, string>): string => {
  try {
    read(variables);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  throw new Error('not refused');
};

describe('the environment', () => {
  test('without any variable the bridge runs from ./data on port 8080', () => {
    const defaults = { dataDir: '/srv/bridge/data', port: 8080, logLevel: 'info' };
    expect(read({ PATH: '/bin' })).toStrictEqual(defaults);
    expect(read({ DATABASE_URL: '', SVYAZKA_PORT: '', SVYAZKA_SECRET_KEY: '' })).toStrictEqual(defaults);
  });

  test('every variable reaches its place', () => {
    expect(
      read({
        DATABASE_URL: 'postgresql://u:p@db:5432/svyazka',
        SVYAZKA_DATA_DIR: '/var/data',
        SVYAZKA_SECRET_KEY: 'AB'.repeat(32),
        SVYAZKA_PUBLIC_URL: 'https://bridge.example.com/',
        SVYAZKA_PORT: '0',
        SVYAZKA_LOG_LEVEL: 'debug',
      }),
    ).toStrictEqual({
      databaseUrl: 'postgresql://u:p@db:5432/svyazka',
      dataDir: '/var/data',
      secretKey: 'ab'.repeat(32),
      publicUrl: 'https://bridge.example.com',
      port: 0,
      logLevel: 'debug',
    });
  });

  test('all mistakes are told at once, each with its variable and what is wanted, none with its value', () => {
    const message = refusal({
      DATABASE_URL: 'mysql://u:hidden-1@db/x',
      SVYAZKA_SECRET_KEY: 'hidden-2',
      SVYAZKA_PUBLIC_URL: 'bridge',
      SVYAZKA_PORT: '70000',
      SVYAZKA_LOG_LEVEL: 'loud',
      SVYAZKA_PROT: '80',
    });
    expect(message.split('\n')).toStrictEqual([
      'The environment cannot be used:',
      '  DATABASE_URL is not an address like postgresql://user:password@host:5432/database',
      '  SVYAZKA_SECRET_KEY is not 64 hexadecimal digits; make one with: openssl rand -hex 32',
      '  SVYAZKA_PUBLIC_URL is not an address like https://bridge.example.com',
      '  SVYAZKA_PORT is larger than 65535',
      '  SVYAZKA_LOG_LEVEL is none of fatal, error, warn, info, debug, trace, silent',
      `  SVYAZKA_PROT is no variable of the bridge; it knows ${variableNames.join(', ')}`,
    ]);
    expect(message).not.toContain('hidden');
  });

  test('.env.example explains each variable and no other', async () => {
    const text = await readFile(join(import.meta.dirname, '../.env.example'), 'utf8');
    const explained = [...text.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(explained).toStrictEqual(variableNames);
  });
});
