/** `svyazka start | server | worker`: the bridge until SIGINT or SIGTERM. */
import { openDatabase } from '../../store/postgres/server.ts';
import { startBridge } from '../bridge.ts';
import { type Environment } from '../environment.ts';
import { type Log } from '../log.ts';
import { secretKeyOf, secretsFrom } from '../secrets.ts';
import { accountsOfBridge } from './startScreen.ts';
import { wrongUse } from './io.ts';

export async function run(
  environment: Environment,
  log: Log,
  roles: readonly ('server' | 'worker')[],
  say: (text: string) => void,
  stopped: Promise<string>,
): Promise<void> {
  if (roles.length === 1 && environment.databaseUrl === undefined)
    throw wrongUse(
      `${roles[0] ?? ''} alone needs DATABASE_URL: a PostgreSQL that the other processes reach too. On one machine: svyazka start`,
    );
  const secrets = secretsFrom(await secretKeyOf(environment.dataDir, environment.secretKey));
  const database =
    environment.databaseUrl === undefined
      ? await openDatabase(environment.dataDir, { owner: 'start', log })
      : null;
  try {
    const bridge = await startBridge({
      connectionString: environment.databaseUrl ?? database?.connectionString ?? '',
      secrets,
      port: environment.port,
      roles,
      log,
      ...(environment.publicUrl === undefined ? {} : { publicUrl: environment.publicUrl }),
    });
    try {
      say(await accountsOfBridge(bridge, environment, secrets));
      const signal = await stopped;
      log.info({ signal }, 'stopping');
    } finally {
      await bridge.close();
    }
  } finally {
    await database?.release();
  }
}
