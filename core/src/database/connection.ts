import type pg from 'pg';
import { columnTypes } from './column-types.ts';

/** Where the database is: a postgres:// URL, or what the embedded one answers. */
export type Connection = string | pg.ClientConfig;

export interface SessionSettings {
  /** Seen in pg_stat_activity. */
  readonly applicationName: string;
  /** 0: no limit. Milliseconds. */
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs?: number;
  /** Schemas in order, quoted as SQL wants them. */
  readonly searchPath?: string;
}

const CONNECT_TIMEOUT = 5_000;
const KEEPALIVE_AFTER = 10_000;
/** A transaction whose owner went away holds its locks no longer than this. Milliseconds. */
const IDLE_IN_TRANSACTION = 30_000;

/** Everything a connection of ours is opened with. */
export function clientConfig(connection: Connection, session: SessionSettings): pg.ClientConfig {
  const to = typeof connection === 'string' ? { connectionString: connection } : connection;
  return {
    ...to,
    application_name: session.applicationName,
    statement_timeout: session.statementTimeoutMs,
    // The server ends a long statement by itself; this is for one that can no longer answer.
    ...(session.statementTimeoutMs ? { query_timeout: session.statementTimeoutMs + 5_000 } : {}),
    ...(session.lockTimeoutMs === undefined ? {} : { lock_timeout: session.lockTimeoutMs }),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION,
    ...(session.searchPath ? { options: `-c search_path=${session.searchPath.replaceAll(/([\s\\])/g, '\\$1')}` } : {}),
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER,
    types: columnTypes,
  };
}
