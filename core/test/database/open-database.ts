import { PostgresDatabase } from '../../src/database/postgres-database.ts';
import { DatabasePool, type PoolDeps, type PoolSettings } from '../../src/database/pool.ts';
import type { KernelLog } from '../../src/log/log.ts';
import { createTestDatabase } from '../../src/testing/postgres.ts';

export interface OpenDatabase {
  readonly url: string;
  readonly pool: DatabasePool;
  readonly database: PostgresDatabase;
  readonly log: MemoryLog;
  close(): Promise<void>;
}

/** A database of the test's own with a pool and the kernel's queries on it. */
export async function openDatabase(
  settings: Partial<PoolSettings> = {},
  deps: Partial<PoolDeps> = {},
): Promise<OpenDatabase> {
  const { url, drop } = await createTestDatabase();
  const log = new MemoryLog();
  const pool = new DatabasePool(
    url,
    { max: 5, applicationName: 'revenge test', statementTimeoutMs: 10_000, ...settings },
    { log, ...deps },
  );
  const close = async () => {
    await pool.stop();
    await drop();
  };
  return { url, pool, log, database: new PostgresDatabase({ pool, log }), close };
}

/** Lines in memory, so that a test can ask what the operator was told. */
export class MemoryLog implements KernelLog {
  readonly lines: string[] = [];
  debug(): void {}
  info(message: string): void {
    this.lines.push(message);
  }
  warn(message: string): void {
    this.lines.push(message);
  }
  error(message: string | Error): void {
    this.lines.push(message instanceof Error ? message.message : message);
  }
  infoJson(message: string): void {
    this.lines.push(message);
  }
  child(): KernelLog {
    return this;
  }
  flush(): void {}
}

/** Polls until it holds; says what it waited for when it does not within `within` milliseconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, within = 10_000): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${within} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
