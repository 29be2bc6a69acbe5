import type pg from 'pg';
import type { Client } from './pool.ts';

/** What pg wants; `name` prepares it once per connection. */
export const statement = (text: string, values: readonly unknown[] = [], name?: string): pg.QueryConfig => ({
  text,
  values: [...values],
  ...(name === undefined ? {} : { name }),
});

/** The overloads of pg's client, which TimedClient hides behind its one. */
export const run = <Row extends object>(
  client: Client | pg.PoolClient,
  text: string,
  values?: readonly unknown[],
  name?: string,
): Promise<pg.QueryResult<Row>> => (client as pg.Client).query<Row>(statement(text, values, name));
