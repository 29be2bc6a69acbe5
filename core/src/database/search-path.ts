import type { Client, DatabasePool } from './pool.ts';
import { giveBack } from './pool.ts';
import { run } from './statement.ts';

/** Quoted as SQL wants it. */
export const searchPathOf = (schema: string): string => `"${schema}", public`;

/** A connection that sees this path. It remembers the path it has, so the statement is needed only where another plugin had it before. */
export async function connectWithPath(pool: DatabasePool, path: string): Promise<Client> {
  const client = await pool.connect();
  if (client.searchPath === path) return client;
  try {
    client.searchPath = undefined;
    await run(client, `set search_path to ${path}`);
    client.searchPath = path;
    return client;
  } catch (error) {
    giveBack(client);
    throw error;
  }
}
