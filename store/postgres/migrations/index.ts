/** Every migration, in order. One that has been released is never changed again. */
import { type Migrations } from '../migrate.ts';
import { first } from './0001_first.ts';

export const migrations: Migrations = { '0001_first': first };
