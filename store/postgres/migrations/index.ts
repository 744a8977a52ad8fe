/** Every migration, in order. One that has been released is never changed again. */
import { type Migrations } from '../migrate.ts';
import { first } from './0001_first.ts';
import { accountTokens } from './0002_account_tokens.ts';
import { changeLogs } from './0003_change_logs.ts';
import { guard } from './0004_guard.ts';

export const migrations: Migrations = {
  '0001_first': first,
  '0002_account_tokens': accountTokens,
  '0003_change_logs': changeLogs,
  '0004_guard': guard,
};
