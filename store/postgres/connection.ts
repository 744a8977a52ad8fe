/** A pool of connections to PostgreSQL, and Kysely over it. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

export interface ConnectionOptions {
  /** Connections at most; the server's own budget is 200 for everybody together. */
  readonly max: number;
  /** What the server's own views call us. */
  readonly name: string;
  /** Told when an idle connection breaks: the pool replaces it, but somebody must listen or the process ends. */
  readonly log?: { warn(data: object, message: string): void };
}

/**
 * Opens a pool; nothing is connected until the first query. `destroy()` of the result closes it.
 * `Tables` is the schema as Kysely knows it.
 */
export const connectKysely = <Tables>(
  connectionString: string,
  { max, name, log }: ConnectionOptions,
): Kysely<Tables> => {
  const pool = new pg.Pool({
    connectionString,
    max,
    application_name: name,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  pool.on('error', (error) => log?.warn({ error: error.message }, 'database connection broke'));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
};
