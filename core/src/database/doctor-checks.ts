import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerConfig } from '../config/server-config.ts';
import {
  CONNECTIONS_BESIDE_POOL,
  CONNECTIONS_SPARE,
  open,
  readFacts,
  refuseSharedSessions,
  type ServerFacts,
} from './check-server.ts';
import type { Connection } from './connection.ts';
import { findBinaries } from './embedded/binaries.ts';
import { runningEmbedded } from './embedded/running.ts';
import { plain } from './migration-lock.ts';
import type { TimedClient } from './timed-client.ts';

export interface DatabaseFinding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly cure?: string;
}

/** Texts that a database with the wrong encoding or ctype finds no trigrams in. */
const SAMPLES = ['Москва', '千と千尋'];
/** Tokens and schedules that nodes compare go wrong beyond this. Seconds. */
const MOST_SKEW = 5;

/** What `revenge doctor` says of the database. Looks and changes nothing: an own PostgreSQL that does not run is not started for it. */
export async function checkDatabase(config: Pick<ServerConfig, 'data' | 'database'>): Promise<DatabaseFinding[]> {
  const { url, pool } = config.database;
  try {
    const own = url === undefined ? ownDatabase(config.data) : undefined;
    const connection = url ?? own?.connection;
    return [
      ...(own ? [own.finding] : []),
      ...(connection === undefined ? [] : await checkConnection(connection, pool)),
    ];
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ name: 'database', ok: false, detail, cure: 'Mend what it says and look again.' }];
  }
}

function ownDatabase(data: string): { readonly finding: DatabaseFinding; readonly connection: Connection | undefined } {
  const name = 'own PostgreSQL';
  const { major } = findBinaries(join(data, 'postgres'));
  const connection = runningEmbedded(data, major);
  if (connection) return { finding: { name, ok: true, detail: `${major}, running` }, connection };
  const made = existsSync(join(data, 'postgres', major, 'PG_VERSION'));
  const detail = made
    ? `${major}, does not run now; look again while the server runs to have its database checked`
    : `${major}, nothing is stored yet; the first start makes it`;
  return { finding: { name, ok: true, detail }, connection: undefined };
}

/** Every check of one database. */
export async function checkConnection(connection: Connection, pool: number): Promise<DatabaseFinding[]> {
  const client = await open(connection);
  try {
    const facts = await readFacts(client);
    return [
      checkVersion(facts),
      checkEncoding(facts),
      await checkExtensions(client),
      await checkTrigrams(client),
      await checkConnections(client, facts, pool),
      await checkSessions(client, connection),
      await checkClock(client),
    ];
  } finally {
    await client.end();
  }
}

export function checkVersion({ version, versionNumber }: ServerFacts): DatabaseFinding {
  const ok = versionNumber >= 150_000;
  return { name: 'PostgreSQL', ok, detail: version, ...(ok ? {} : { cure: 'Upgrade it to 15 or later.' }) };
}

export function checkEncoding({ encoding, database }: ServerFacts): DatabaseFinding {
  const ok = encoding === 'UTF8';
  const cure = `Create one with: create database revenge encoding 'UTF8' template template0`;
  return { name: 'encoding', ok, detail: `'${database}' is ${encoding}`, ...(ok ? {} : { cure }) };
}

export async function checkExtensions(client: TimedClient): Promise<DatabaseFinding> {
  const rows = await plain<{ name: string; installed: boolean }>(
    client,
    `select name, installed_version is not null as installed from pg_available_extensions where name in ('pg_trgm', 'unaccent')`,
  );
  const state = (name: string): string => {
    const row = rows.find((each) => each.name === name);
    if (!row) return 'not available';
    return row.installed ? 'there' : 'not made yet';
  };
  const states = ['pg_trgm', 'unaccent'].map((name) => `${name}: ${state(name)}`);
  const ok = rows.length === 2;
  const cure = "Install the server's contrib package (postgresql-contrib).";
  return { name: 'extensions', ok, detail: states.join(', '), ...(ok ? {} : { cure }) };
}

export async function checkTrigrams(client: TimedClient): Promise<DatabaseFinding> {
  const name = 'search in every script';
  try {
    const [row] = await plain<{ without: string[] }>(
      client,
      `select coalesce(array_agg(text) filter (where cardinality(show_trgm(text)) = 0), '{}') as without from unnest($1::text[]) text`,
      [SAMPLES],
    );
    const without = row?.without ?? [];
    if (!without.length) return { name, ok: true, detail: `trigrams of ${SAMPLES.join(', ')}` };
    return {
      name,
      ok: false,
      detail: `pg_trgm gives no trigrams of ${without.join(', ')}: such titles are found by their whole name only`,
      cure: "Move to a database whose ctype is UTF-8: create database revenge encoding 'UTF8' lc_ctype 'C.UTF-8' template template0",
    };
  } catch (error) {
    const missing = error instanceof Error && /show_trgm/.test(error.message);
    if (!missing) throw error;
    return {
      name,
      ok: false,
      detail: 'pg_trgm is not made in this database; the first start tries to',
      cure: 'If it may not: let an administrator run: create extension pg_trgm with schema public',
    };
  }
}

export async function checkConnections(
  client: TimedClient,
  facts: ServerFacts,
  pool: number,
): Promise<DatabaseFinding> {
  const [row] = await plain<{ used: number }>(
    client,
    `select count(*)::int as used from pg_stat_activity where backend_type = 'client backend'`,
  );
  const node = pool + CONNECTIONS_BESIDE_POOL;
  const nodes = Math.max(0, Math.floor((facts.maxConnections - CONNECTIONS_SPARE) / node));
  const detail = `${facts.maxConnections} allowed, ${row?.used ?? 0} in use; a node takes ${node}, so there is room for ${nodes}`;
  const cure = 'Raise max_connections of PostgreSQL, or lower REVENGE__DATABASE__POOL.';
  return { name: 'connections', ok: nodes > 0, detail, ...(nodes > 0 ? {} : { cure }) };
}

export async function checkSessions(client: TimedClient, connection: Connection): Promise<DatabaseFinding> {
  const name = 'sessions';
  try {
    await refuseSharedSessions(client, connection);
    return { name, ok: true, detail: 'each connection has its own' };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name, ok: false, detail, cure: 'Connect to PostgreSQL directly, or set pool_mode = session.' };
  }
}

export async function checkClock(client: TimedClient): Promise<DatabaseFinding> {
  const before = Date.now();
  const [row] = await plain<{ ms: number }>(
    client,
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  );
  const skew = ((row?.ms ?? before) - (before + Date.now()) / 2) / 1_000;
  const ok = Math.abs(skew) < MOST_SKEW;
  const detail = `the database's is ${Math.abs(skew).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead of'} this machine's`;
  return { name: 'clock', ok, detail, ...(ok ? {} : { cure: 'Keep both clocks by NTP.' }) };
}
