import type { CoreMigration } from '../database/core-migration.ts';

/** UNLOGGED: a crash forgets the counts, which costs an attacker's restart at most, and no write waits for the disk. */
export const limitMigrations: readonly CoreMigration[] = [
  {
    name: '2026112401-limits-create',
    up: `
      CREATE UNLOGGED TABLE core.limits (
        key bytea PRIMARY KEY,
        hits integer NOT NULL,
        until timestamptz NOT NULL
      ) WITH (fillfactor = 50);
      CREATE INDEX limits_until ON core.limits (until);`,
  },
];
