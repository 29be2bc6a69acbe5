import type pg from 'pg';
import { clientConfig } from '../connection.ts';
import { markDatabaseError, sqlState } from '../database-error.ts';
import { plain } from '../migration-lock.ts';
import { TimedClient } from '../timed-client.ts';

/** Makes the database where it is missing (a first start, or one that was cut short) and answers the server's version: '18.4'. */
export async function ensureDatabase(connect: (database: string) => pg.ClientConfig, name: string): Promise<string> {
  const client = open(connect(name));
  try {
    await client.connect();
  } catch (error) {
    if (sqlState(markDatabaseError(error)) !== '3D000') throw error;
    return create(open(connect('postgres')), name);
  }
  return versionOf(client);
}

async function create(client: TimedClient, name: string): Promise<string> {
  await client.connect();
  try {
    await plain(client, `create database ${name} template template0`);
  } catch (error) {
    await client.end();
    throw error;
  }
  return versionOf(client);
}

async function versionOf(client: TimedClient): Promise<string> {
  try {
    const [row] = await plain<{ version: string }>(client, `select current_setting('server_version') as version`);
    return row?.version ?? '';
  } finally {
    await client.end();
  }
}

const open = (to: pg.ClientConfig): TimedClient =>
  new TimedClient(clientConfig(to, { applicationName: 'revenge start', statementTimeoutMs: 0 }));
