/** Opens the store on PostgreSQL, at this code's schema. */
import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { type Store } from '../store/port.ts';
import { connectKysely } from '../store/postgres/connection.ts';
import { listen } from '../store/postgres/listen.ts';
import { migrate } from '../store/postgres/migrate.ts';
import { migrations } from '../store/postgres/migrations/index.ts';
import { postgresStore } from '../store/postgres/store.ts';
import { type Log } from './log.ts';

export interface OpenedStore {
  readonly store: Store;
  readonly db: Kysely<unknown>;
  /** Tells running bridges that an account or a mapping changed. */
  configured(): Promise<void>;
  onConfigured(listener: () => void): Promise<() => Promise<void>>;
}

const connections = 12;

/** Throws SchemaTooNew when a newer version of the bridge has changed the database for good. */
export async function openStore(connectionString: string, log: Log): Promise<OpenedStore> {
  const db = connectKysely<unknown>(connectionString, { max: connections, name: 'svyazka', log });
  try {
    await migrate(db, migrations, log);
    const store = await postgresStore({ db, connectionString, salt: () => randomUUID(), log });
    return {
      store,
      db,
      async configured() {
        await sql`select pg_notify('svyazka_configured', '')`.execute(db);
      },
      async onConfigured(listener) {
        const listening = await listen(connectionString, 'svyazka_configured', listener, log);
        return () => listening.close();
      },
    };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
