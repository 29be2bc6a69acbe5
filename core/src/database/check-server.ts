import { clientConfig, type Connection } from './connection.ts';
import { plain } from './migration-lock.ts';
import { TimedClient } from './timed-client.ts';

export interface ServerFacts {
  readonly version: string;
  readonly versionNumber: number;
  readonly encoding: string;
  readonly maxConnections: number;
  readonly database: string;
  readonly readOnly: boolean;
}

/** Outside the pool: Agenda's three, and those of the bus, the lease thread and the migration or instance lock. */
export const CONNECTIONS_BESIDE_POOL = 3 + 3;
/** Kept free for administrators and a second start. */
export const CONNECTIONS_SPARE = 5;
const OLDEST = 150_000;

/**
 * Refuses what Revenge cannot run on, in words an operator can act on: an old server, a database that is not UTF-8, a pooler that gives
 * each transaction another session, too few connections. `pool`: connections of this node's pool.
 */
export async function checkServer(connection: Connection, pool: number): Promise<ServerFacts> {
  const client = await open(connection);
  try {
    const facts = await readFacts(client);
    if (facts.versionNumber < OLDEST)
      throw new Error(
        `the database is PostgreSQL ${facts.version}; Revenge needs 15 or later: upgrade it, or unset DATABASE_URL to use the one that comes along`,
      );
    if (facts.encoding !== 'UTF8')
      throw new Error(
        `the database '${facts.database}' is encoded in ${facts.encoding}; Revenge needs UTF8: ` +
          `create one with 'create database revenge encoding 'UTF8' template template0' and name it in DATABASE_URL`,
      );
    const needed = pool + CONNECTIONS_BESIDE_POOL + CONNECTIONS_SPARE;
    if (facts.maxConnections < needed)
      throw new Error(
        `the database allows ${facts.maxConnections} connections; one node with a pool of ${pool} needs ${needed}: ` +
          `raise max_connections of PostgreSQL, or lower REVENGE__DATABASE__POOL`,
      );
    await refuseSharedSessions(client, connection);
    return facts;
  } finally {
    await client.end();
  }
}

export async function readFacts(client: TimedClient): Promise<ServerFacts> {
  const [row] = await plain<ServerFacts>(
    client,
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber",
       pg_encoding_to_char(d.encoding) as encoding, current_setting('max_connections')::int as "maxConnections",
       d.datname as database, current_setting('transaction_read_only') = 'on' as "readOnly"
     from pg_database d where d.datname = current_database()`,
  );
  if (!row) throw new Error('the database did not say what it is');
  return row;
}

export async function open(connection: Connection): Promise<TimedClient> {
  const client = new TimedClient(
    clientConfig(connection, { applicationName: 'revenge check', statementTimeoutMs: 10_000 }),
  );
  try {
    await client.connect();
    return client;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(
      /startup parameter/i.test(text) ? POOLER : `the database cannot be reached: ${text}${hint(error)}`,
      { cause: error },
    );
  }
}

const POOLER =
  'DATABASE_URL leads to a pooler (such as PgBouncer) that gives each transaction another session; Revenge keeps locks, LISTEN and prepared ' +
  'statements in its sessions and has a bounded pool of its own: connect to PostgreSQL directly, or set pool_mode = session';

/** Two sessions at once in one backend can only be a pooler's doing. */
export async function refuseSharedSessions(client: TimedClient, connection: Connection): Promise<void> {
  const pid = async (of: TimedClient) => (await plain<{ pid: number }>(of, 'select pg_backend_pid() as pid'))[0]?.pid;
  const mine = await pid(client);
  // A direct connection was told its backend's pid at its start; a pooler makes one up.
  if (mine === (client as TimedClient & { readonly processID?: number }).processID) return;
  const other = await open(connection);
  try {
    if ((await pid(other)) === mine) throw new Error(POOLER);
  } finally {
    await other.end();
  }
}

function hint(error: unknown): string {
  switch ((error as { readonly code?: unknown }).code) {
    case 'ECONNREFUSED':
      return '. Is PostgreSQL running there, and is the port in DATABASE_URL right?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return '. Is the host in DATABASE_URL spelt right?';
    case '28P01':
    case '28000':
      return '. User and password in DATABASE_URL are not those of the server';
    case '3D000':
      return '. Create that database, or name another one in DATABASE_URL';
    default:
      return '';
  }
}
