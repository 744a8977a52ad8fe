/** Every migration, in order. One that has been released is never changed again. */
import { type Migrations } from '../migrate.ts';

export const migrations: Migrations = {};
