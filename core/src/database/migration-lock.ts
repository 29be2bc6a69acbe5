import type { Client } from 'pg';
import type { KernelLog } from '../log/log.ts';
import { clientConfig, type Connection } from './connection.ts';
import { TimedClient } from './timed-client.ts';

export interface MigrationDeps {
  readonly connection: Connection;
  readonly log: KernelLog;
}
/** What migrations run on: a connection of their own that holds the lock. */
export type MigrationClient = TimedClient;

/** Any two numbers do, if every node uses the same. */
const LOCK = [0x52_65_76, 1] as const;
/** A table that others use is waited for no longer: they would queue behind us. Milliseconds. */
const LOCK_TIMEOUT = 5_000;

/**
 * Runs `work` while no other node of this database migrates: nodes that start at once take turns. Also for tables that a library makes by
 * itself. The lock goes with its connection, so a node that dies here blocks nobody.
 */
export async function withMigrationLock<T>(
  { connection, log }: MigrationDeps,
  work: (client: MigrationClient) => Promise<T>,
): Promise<T> {
  const client = new TimedClient(
    clientConfig(connection, { applicationName: 'revenge migrate', statementTimeoutMs: 0 }),
  );
  const waiting = setTimeout(() => log.info('waiting for another node that migrates the database'), 2_000);
  try {
    await client.connect();
    await plain(client, 'select pg_advisory_lock($1, $2)', [...LOCK]);
    clearTimeout(waiting);
    await plain(client, `set lock_timeout = ${LOCK_TIMEOUT}`);
    return await work(client);
  } finally {
    clearTimeout(waiting);
    await client.end();
  }
}

/** One statement on the lock's connection. */
export async function plain<Row extends object>(
  client: MigrationClient,
  text: string,
  values?: unknown[],
): Promise<Row[]> {
  const result = await (client as Client).query<Row>(text, values);
  return result.rows;
}
