import pg from 'pg';
import type { CoreMigration } from '../../src/database/core-migration.ts';
import { DatabasePool } from '../../src/database/pool.ts';
import { PostgresBus } from '../../src/database/postgres-bus.ts';
import { PostgresDatabase } from '../../src/database/postgres-database.ts';
import type { KernelLog } from '../../src/log/log.ts';
import { PromMetrics } from '../../src/metrics/prom-metrics.ts';
import { createTestDatabase } from '../../src/testing/postgres.ts';

export interface TestNode {
  readonly database: PostgresDatabase;
  readonly bus: PostgresBus;
  readonly metrics: PromMetrics;
  readonly log: KernelLog & { readonly lines: string[] };
  stop(): Promise<void>;
}
export interface TestDatabase {
  readonly url: string;
  /** A pool, a bus, metrics and a log of its own, as each server of a cluster has. */
  node(): Promise<TestNode>;
  sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** One database with these tables, and as many nodes on it as a test wants. */
export async function testDatabase(migrations: readonly CoreMigration[]): Promise<TestDatabase> {
  const created = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: created.url, max: 2 });
  pool.on('error', () => undefined);
  await pool.query('CREATE SCHEMA core');
  for (const { up } of migrations) await pool.query(up);
  const nodes: TestNode[] = [];
  return {
    url: created.url,
    node: async () => {
      const node = await testNode(created.url);
      nodes.push(node);
      return node;
    },
    sql: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
    drop: async () => {
      for (const node of nodes.toReversed()) await node.stop();
      await pool.end();
      await created.drop();
    },
  };
}

export async function testNode(url: string): Promise<TestNode> {
  const log = linesLog();
  const pool = new DatabasePool(url, { max: 5, applicationName: 'revenge test', statementTimeoutMs: 30_000 }, { log });
  const database = new PostgresDatabase({ pool, log });
  const bus = new PostgresBus({ connection: url, database, log });
  await bus.start();
  const metrics = new PromMetrics({ defaults: false });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await bus.stop();
    await pool.stop();
  };
  return { database, bus, metrics, log, stop };
}

function linesLog(lines: string[] = []): KernelLog & { readonly lines: string[] } {
  const write = (message: string | Error, fields?: object): void =>
    void lines.push(
      `${String(message)} ${JSON.stringify(fields ?? {}, (_, v: unknown) => (v instanceof Error ? v.stack : v))}`,
    );
  return {
    lines,
    debug: write,
    info: write,
    infoJson: (message, members) => write(message, JSON.parse(`{${members}}`) as object),
    warn: write,
    error: write,
    child: () => linesLog(lines),
    flush: () => undefined,
  };
}

/** Asks until the answer is truthy; after ten seconds it says what it waited for. */
export async function until<T>(what: string, ask: () => T | Promise<T>, ms = 10_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}
