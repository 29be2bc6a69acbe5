import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { KernelLog } from '../log/log.ts';
import { sqlState } from './database-error.ts';
import type { Tx } from './database.ts';
import { type Client, type DatabasePool, giveBack } from './pool.ts';
import { run } from './statement.ts';

/** Serialisation failure and deadlock: the same work may succeed at once. */
const AGAIN = new Set(['40001', '40P01']);
const ATTEMPTS = 3;

export interface TransactionRunner {
  readonly pool: DatabasePool;
  readonly log: KernelLog;
}
interface Open {
  active: boolean;
}

/** The transaction this task is in. A second one would take a second client while the first waits for it: enough of them and the pool is stuck. */
const current = new AsyncLocalStorage<Open>();

/** `searchPath`: schemas the statements see; undefined for the kernel, which writes its schema out. */
export async function runTransaction<T>(
  runner: TransactionRunner,
  searchPath: string | undefined,
  work: (tx: Tx, client: Client) => Promise<T>,
): Promise<T> {
  if (current.getStore()?.active)
    throw new Error(
      'a transaction was opened inside another one: use the `tx` you were given (tx.sql, tx.jobs, tx.events, savepoint), ' +
        'or call what opens its own transaction before or after',
    );
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(runner, searchPath, work);
    } catch (error) {
      if (attempt === ATTEMPTS || !AGAIN.has(sqlState(error) ?? '')) throw error;
    }
  }
}

async function once<T>(
  { pool, log }: TransactionRunner,
  searchPath: string | undefined,
  work: (tx: Tx, client: Client) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  const open: Open = { active: true };
  const tx = new PostgresTx(client, open);
  let result: T;
  try {
    await begin(client, searchPath);
    result = await current.run(open, () => work(tx, client));
    open.active = false;
    await commit(client);
  } catch (error) {
    open.active = false;
    await rollback(client);
    throw error;
  } finally {
    giveBack(client);
  }
  tx.nudge(log);
  return result;
}

/** One round trip, path included. A rollback undoes the path as well. */
async function begin(client: Client, searchPath: string | undefined): Promise<void> {
  client.lastError = undefined;
  const change = searchPath !== undefined && client.searchPath !== searchPath;
  await run(client, change ? `begin; set search_path to ${searchPath}` : 'begin');
  if (change) client.searchPath = undefined;
  if (change) client.pendingPath = searchPath;
}

async function commit(client: Client): Promise<void> {
  if (client.getTransactionStatus() === 'E') throw swallowed(client.lastError);
  // An error's last message may still be on its way when its promise rejects: then COMMIT itself says that it rolled back.
  const { command } = await run(client, 'commit');
  if (command === 'ROLLBACK') throw swallowed(client.lastError);
  if (client.pendingPath !== undefined) client.searchPath = client.pendingPath;
  client.pendingPath = undefined;
}

/** A connection that cannot even roll back is not given to anybody again: `giveBack` sees its state. */
async function rollback(client: Client): Promise<void> {
  client.pendingPath = undefined;
  if (client.lost) return;
  await run(client, 'rollback').catch((error: Error) => (client.lost ??= error));
}

const swallowed = (cause: unknown): Error =>
  new Error(
    `nothing was stored: a statement inside this transaction failed and its error was caught` +
      `${cause instanceof Error ? ` (${cause.message})` : ''}; let it throw, or put what may fail into a savepoint`,
    { cause },
  );

class PostgresTx implements Tx {
  readonly client: pg.PoolClient;
  readonly #open: Open;
  readonly #nudges: (() => void)[] = [];
  #savepoints = 0;

  constructor(client: Client, open: Open) {
    this.client = client as unknown as pg.PoolClient; // TimedClient answers every overload of it
    this.#open = open;
  }

  async query<Row extends object>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]> {
    this.#check();
    return (await run<Row>(this.client, text, values, name)).rows;
  }

  async execute(text: string, values?: readonly unknown[]): Promise<number> {
    this.#check();
    return (await run(this.client, text, values)).rowCount ?? 0;
  }

  async savepoint<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.#check();
    const name = `s${(this.#savepoints += 1)}`;
    const nudges = this.#nudges.length;
    await run(this.client, `savepoint ${name}`);
    try {
      const result = await work(this);
      await run(this.client, `release savepoint ${name}`);
      return result;
    } catch (error) {
      this.#nudges.length = nudges;
      await run(this.client, `rollback to savepoint ${name}; release savepoint ${name}`);
      throw error;
    }
  }

  afterCommit(nudge: () => void): void {
    this.#check();
    this.#nudges.push(nudge);
  }

  nudge(log: KernelLog): void {
    for (const nudge of this.#nudges) {
      try {
        nudge();
      } catch (error) {
        log.error(new Error('a nudge after commit failed', { cause: error }));
      }
    }
  }

  #check(): void {
    if (!this.#open.active)
      throw new Error('this transaction has ended: await everything that uses `tx` inside its work');
  }
}
