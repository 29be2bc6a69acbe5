import pg from 'pg';
import type { KernelLog } from '../log/log.ts';
import { markDatabaseError } from './database-error.ts';
import { clientConfig, type Connection, type SessionSettings } from './connection.ts';
import { type QueryObserver, TimedClient, type TimedClientConfig } from './timed-client.ts';

export interface PoolSettings extends SessionSettings {
  readonly max: number;
}
export interface PoolDeps {
  readonly log: KernelLog;
  readonly observe?: QueryObserver;
  readonly connectFailed?: (error: unknown) => void;
}
export interface PoolCounts {
  readonly acquired: number;
  readonly idle: number;
  readonly total: number;
  readonly max: number;
  /** Being connected. */
  readonly constructing: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
}
export type Client = TimedClient & Pick<pg.PoolClient, 'release'>;

/** Unused connections above none are closed after this. Milliseconds. */
const IDLE = 60_000;

/** The connections of this node, bounded by `max`: plugins, kernel and TypeORM all draw on it. */
export class DatabasePool {
  /** For parts that want pg's own pool (TypeORM, Agenda); its `error` event is listened to already. */
  readonly pg: pg.Pool;
  readonly #settings: PoolSettings;
  readonly #deps: PoolDeps;
  #connected = 0;
  #acquired = 0;

  constructor(connection: Connection, settings: PoolSettings, deps: PoolDeps) {
    this.#deps = deps;
    this.#settings = settings;
    const config: pg.PoolConfig & TimedClientConfig = {
      ...clientConfig(connection, settings),
      max: settings.max,
      idleTimeoutMillis: IDLE,
      Client: TimedClient,
      ...(deps.observe ? { observe: deps.observe } : {}),
    };
    this.pg = new pg.Pool(config);
    // An idle connection that the server closed: the pool has dropped it already, the next caller gets a new one.
    this.pg.on('error', (error) => deps.log.warn('a database connection was lost', { reason: error.message }));
    this.pg.on('connect', () => (this.#connected += 1));
    this.pg.on('remove', () => (this.#connected -= 1));
    this.pg.on('acquire', () => (this.#acquired += 1));
    this.pg.on('release', () => (this.#acquired -= 1));
  }

  /** Hand it back with `giveBack`, whatever happens. */
  async connect(): Promise<Client> {
    try {
      return (await this.pg.connect()) as unknown as Client; // the pool builds TimedClients
    } catch (error) {
      this.#deps.connectFailed?.(markDatabaseError(error));
      throw error;
    }
  }

  /**
   * One statement on any connection. An error of the statement leaves the connection in the pool; pg's own `pool.query` throws it away and
   * pays for a new one at each unique violation.
   */
  async query<Row extends object>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    const client = await this.connect();
    try {
      return await (client as pg.Client).query<Row>(config);
    } finally {
      giveBack(client);
    }
  }

  counts(): PoolCounts {
    return {
      acquired: this.#acquired,
      idle: this.pg.idleCount,
      total: this.pg.totalCount,
      max: this.#settings.max,
      constructing: Math.max(0, this.pg.totalCount - this.#connected),
      waiting: this.pg.waitingCount,
    };
  }

  /** Waits for the connections that are out. */
  async stop(): Promise<void> {
    if (!this.pg.ending) await this.pg.end();
  }
}

/** Back to the pool if it can serve the next caller as it is: alive, and in no transaction. */
export function giveBack(client: Client): void {
  const status = client.getTransactionStatus();
  const unfit = client.lost ?? (status === 'I' ? ending(client.lastError) : new Error(`left in transaction ${status}`));
  client.lastError = undefined;
  client.release(unfit);
}

/** What was prepared there fits its tables no more (another node migrated them), or is gone. */
const STALE = /cached plan must not change result type|prepared statement "[^"]*" does not exist/;

/** After these the session ends (FATAL: its last words come before its socket closes), still works on what was given up, or keeps failing. */
function ending(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const { severity } = error as { readonly severity?: unknown };
  const over = severity === 'FATAL' || severity === 'PANIC' || error.message === 'Query read timeout';
  return over || STALE.test(error.message) ? error : undefined;
}
