import type { KernelLog } from '../log/log.ts';
import { clientConfig, type Connection } from './connection.ts';
import { type DatabaseFault, databaseFault } from './database-problem.ts';
import { markDatabaseError } from './database-error.ts';
import { plain } from './migration-lock.ts';
import { type QueryObserver, TimedClient } from './timed-client.ts';

/** While it is well, a silence of this length is probed. Milliseconds. */
const PROBE_UP = 5_000;
const PROBE_DOWN = 1_000;
const PROBE_TIMEOUT = 2_000;

/** Sorts a megabyte or two through temporary files: writes where the tables are, and leaves nothing. */
const WRITE_PROBE = `select count(*) from (select g from generate_series(1, 20000) g order by md5(g::text) offset 0) s`;

const WORDS: Readonly<Record<DatabaseFault, string>> = {
  lost: 'cannot be reached',
  busy: 'takes no more connections',
  slow: 'does not answer in time',
  full: 'its disk is full: it can be read, not written',
  'read-only': 'takes no writes',
};

export interface DatabaseHealthDeps {
  readonly connection: Connection;
  readonly log: KernelLog;
}

/**
 * What is known of the database without asking it: from each statement's outcome, and from a probe of its own connection when nothing else
 * tells. So a readiness check costs nothing, and the way back is noticed within about a second.
 */
export class DatabaseHealth {
  readonly #deps: DatabaseHealthDeps;
  readonly #changed = new Set<(reason: string | undefined) => void>();
  #fault: DatabaseFault | undefined;
  #reason: string | undefined;
  #heard = 0;
  #timer: NodeJS.Timeout | undefined;
  #suspected = false;
  #probing = false;
  #running = false;

  constructor(deps: DatabaseHealthDeps) {
    this.#deps = deps;
  }

  /** Why nothing that needs the database can work fully; undefined: it can. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Hears of every change; the answer ends that. */
  onChange(listener: (reason: string | undefined) => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** For the pool's `observe`. */
  readonly observe: QueryObserver = (_operation, _seconds, error) => {
    if (!error) this.#heard = performance.now();
    else this.failed(error);
  };

  /** For the pool's `connectFailed`, and whoever else meets a database error. */
  readonly failed = (error: unknown): void => {
    const fault = databaseFault(error);
    if (fault === 'full' || fault === 'read-only') this.#set(fault);
    // One connection may have been ended by an administrator: the probe tells whether the database is gone.
    else if (fault !== undefined && !this.#fault && !this.#suspected) {
      this.#suspected = true;
      this.#soon(0);
    }
  };

  start(): void {
    this.#running = true;
    this.#heard = performance.now();
    this.#soon(PROBE_UP);
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  #soon(delay: number): void {
    if (!this.#running || this.#probing) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#turn(), delay);
  }

  async #turn(): Promise<void> {
    const silent = performance.now() - this.#heard;
    if (this.#fault || this.#suspected || silent >= PROBE_UP) {
      this.#probing = true;
      const asked = this.#fault;
      const answer = await this.#probe(asked);
      this.#probing = false;
      this.#suspected = false;
      // A write may have met a full disk while a read was asked about.
      if (this.#fault === asked) this.#set(answer);
    }
    this.#soon(this.#fault ? PROBE_DOWN : PROBE_UP);
  }

  async #probe(fault: DatabaseFault | undefined): Promise<DatabaseFault | undefined> {
    const client = new TimedClient({
      ...clientConfig(this.#deps.connection, { applicationName: 'revenge health', statementTimeoutMs: PROBE_TIMEOUT }),
      connectionTimeoutMillis: PROBE_TIMEOUT,
      query_timeout: PROBE_TIMEOUT,
    });
    try {
      await client.connect();
      if (fault === 'full') {
        await plain(client, `set work_mem = '64kB'`);
        await plain(client, WRITE_PROBE);
      }
      const [row] = await plain<{ ro: boolean }>(
        client,
        `select current_setting('transaction_read_only') = 'on' as ro`,
      );
      return row?.ro ? 'read-only' : undefined;
    } catch (error) {
      return databaseFault(markDatabaseError(error)) ?? 'lost';
    } finally {
      // A peer that vanished answers no farewell.
      if (client.lost) client.connection.stream.destroy();
      else client.end().catch(() => client.connection.stream.destroy());
    }
  }

  #set(fault: DatabaseFault | undefined): void {
    if (fault === this.#fault) return;
    this.#fault = fault;
    this.#reason = fault && `database: ${WORDS[fault]}`;
    if (fault) this.#deps.log.error(`the database ${WORDS[fault]}`);
    else this.#deps.log.info('the database is well again');
    this.#soon(PROBE_DOWN);
    for (const listener of this.#changed) listener(this.#reason);
  }
}
