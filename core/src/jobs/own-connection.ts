import type pg from 'pg';

/** What a connection needs, and nothing that could not be sent to a thread. */
export function ownConnection(connection: string | pg.ClientConfig): pg.ClientConfig {
  const { types: _types, ...to } =
    typeof connection === 'string' ? { connectionString: connection, types: undefined } : connection;
  return { ...to, statement_timeout: 30_000, connectionTimeoutMillis: 5_000, keepAlive: true };
}
