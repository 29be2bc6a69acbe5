import pg from 'pg';
import { markDatabaseError } from './database-error.ts';
import { type Operation, operationOf } from './operation.ts';

/** Told of each statement's end. `seconds` from handing it to the driver to its last row. */
export type QueryObserver = (operation: Operation, seconds: number, error: unknown) => void;
export interface TimedClientConfig extends pg.ClientConfig {
  readonly observe?: QueryObserver;
}
type Done = (error: Error | null, result: pg.QueryResult) => void;

/** What every connection of ours is: statements are timed wherever they come from, TypeORM and Agenda included. */
export class TimedClient extends pg.Client {
  /** The search path this connection has now; undefined: the server's default or unknown. */
  searchPath: string | undefined;
  /** Becomes `searchPath` when the open transaction commits; a rollback undoes it. */
  pendingPath: string | undefined;
  /** The last statement that failed here: a transaction that cannot commit names it. */
  lastError: unknown;
  /** Why the connection is gone. */
  lost: Error | undefined;
  readonly #observe: QueryObserver | undefined;

  constructor(config: TimedClientConfig = {}) {
    super(config);
    this.#observe = config.observe;
    // Checked out, a client has no listener of the pool's: without one the loss of a connection would end the process.
    this.on('error', (error) => (this.lost ??= error));
    this.on('end', () => (this.lost ??= new Error('Connection terminated')));
  }

  // pg's eight overloads come down to this one; callers see theirs.
  override query(...args: unknown[]): never {
    const [config, values, callback] = args as [string | pg.QueryConfig | pg.Submittable, unknown, Done | undefined];
    return this.#timed(config, values, callback) as never;
  }

  #timed(config: string | pg.QueryConfig | pg.Submittable, values: unknown, callback: Done | undefined): unknown {
    const plain = super.query.bind(this) as (...args: unknown[]) => unknown;
    if (typeof config === 'object' && 'submit' in config) return plain(config, values, callback);
    const done = typeof values === 'function' ? (values as Done) : callback; // pg takes the callback in either place
    const bound = typeof values === 'function' ? undefined : values;
    const started = performance.now();
    const operation = operationOf(typeof config === 'string' ? config : config.text);
    const ended = (error: unknown): void => {
      if (error) this.lastError = markDatabaseError(error);
      this.#observe?.(operation, (performance.now() - started) / 1_000, error);
    };
    if (done)
      return plain(config, bound, (error: Error | null, result: pg.QueryResult) => {
        ended(error ?? undefined);
        done(error, result);
      });
    const result = plain(config, bound) as Promise<pg.QueryResult>; // without a callback pg answers a promise
    result.then(() => ended(undefined), ended);
    return result;
  }
}
