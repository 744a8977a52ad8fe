import { type Kysely, sql } from 'kysely';
import { type AccountId, type Instant } from '../../../errors/ids.ts';
import { type TokenRow } from '../../port.ts';

export async function selectTokens(db: Kysely<unknown>, account: AccountId): Promise<TokenRow | null> {
  const { rows } = await sql<{ version: number; sealed: string }>`
    select version::float8, sealed from account_tokens where account = ${account}`.execute(db);
  return rows[0] ? { account, ...rows[0] } : null;
}

export async function putTokens(db: Kysely<unknown>, row: TokenRow): Promise<boolean> {
  const { numAffectedRows } =
    row.version === 1
      ? await sql`
          insert into account_tokens (account, version, sealed) values (${row.account}, 1, ${row.sealed})
          on conflict (account) do nothing`.execute(db)
      : await sql`
          update account_tokens set version = ${row.version}, sealed = ${row.sealed}, leased_until = 0
          where account = ${row.account} and version = ${row.version}::bigint - 1`.execute(db);
  return numAffectedRows === 1n;
}

export async function leaseTokens(
  db: Kysely<unknown>,
  account: AccountId,
  version: number,
  now: Instant,
  until: Instant,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update account_tokens set leased_until = ${until}
    where account = ${account} and version = ${version} and leased_until <= ${now}`.execute(db);
  return numAffectedRows === 1n;
}

export async function freeTokens(db: Kysely<unknown>, account: AccountId, until: Instant): Promise<void> {
  await sql`
    update account_tokens set leased_until = 0
    where account = ${account} and leased_until = ${until}`.execute(db);
}
