import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from '../database/embedded/binaries.ts';
import { freePort } from '../database/embedded/free-port.ts';
import { initCluster, own, PASSWORD_FILE, SUPERUSER } from '../database/embedded/init-cluster.ts';
import { isAlive } from '../database/embedded/process-info.ts';
import { PostgresProcess } from '../database/embedded/postgres-process.ts';
import { serverUser } from '../database/embedded/server-user.ts';
import { SETTINGS } from '../database/embedded/settings.ts';

/** Where tests find the server of their run: made by the runner's global setup, or one of your own. */
export const TEST_DATABASE_URL = 'REVENGE_TEST_DATABASE_URL';

export interface TestCluster {
  /** Of its superuser, who may create databases. */
  readonly url: string;
  stop(): Promise<void>;
  /** Stops it as an outage would; call what it answers to have it back at the same address. */
  away(): Promise<() => Promise<void>>;
  /** For a runner that ends at once. */
  kill(): void;
}
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Nothing here outlives a power cut, and nothing has to. */
const UNSAFE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

/** A real PostgreSQL in a folder of its own below the system's temporary one; `stop` leaves nothing. */
export async function startTestCluster(settings: Readonly<Record<string, string>> = {}): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'revenge-postgres-'));
  const binaries = findBinaries(folder);
  const user = serverUser([tmpdir(), binaries.postgres]);
  own(folder, user);
  chmodSync(folder, 0o700);
  const data = join(folder, binaries.major);
  try {
    await initCluster({ binaries, user, folder: data, noSync: true });
    const port = await freePort();
    const log = join(folder, 'postgres.log');
    const all = { ...SETTINGS, ...UNSAFE, ...settings };
    const start = () => PostgresProcess.start({ binaries, user, data, address: { port }, log, settings: all });
    let server = await start();
    const password = readFileSync(join(data, PASSWORD_FILE), 'utf8');
    return {
      url: `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`,
      stop: async () => {
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      },
      away: async () => {
        await server.stop();
        return async () => {
          server = await start();
        };
      },
      kill: () => {
        if (isAlive(server.pid)) process.kill(server.pid, 'SIGQUIT');
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A new, empty UTF-8 database for one test, on the run's server; without one, on a server of its own that ends with `drop`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const given = process.env[TEST_DATABASE_URL];
  if (given) return createOn(given);
  const cluster = await startTestCluster();
  const database = await createOn(cluster.url);
  return { url: database.url, drop: () => cluster.stop() };
}

async function createOn(server: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await once(server, `create database ${name} template template0 encoding 'UTF8'`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => once(server, `drop database if exists ${name} with (force)`) };
}

async function once(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
