import type { EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import type { ContractDef, Sql } from '@revenge/sdk';
import type { PoolClient } from 'pg';

/** Queries on the kernel's own schema `core`, from the one shared pool. Names in SQL are written out: `core.jobs`. */
export interface CoreDatabase {
  /** `name` prepares the statement once per connection: give it to every hot one. */
  query<Row extends object>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
  /** How many rows an INSERT, UPDATE or DELETE touched. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
  /**
   * Rolls back on a throw; runs again (twice at most) after a serialisation failure or deadlock. Throws before COMMIT when a statement inside
   * failed and was swallowed. Called inside another transaction's work, pass that `tx` on instead: a second client is never taken for one task.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}
export interface Tx {
  query<Row extends object>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
  execute(text: string, values?: readonly unknown[]): Promise<number>;
  /** A savepoint: a throw undoes `work` alone, and this transaction goes on. */
  savepoint<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs once, after COMMIT succeeded; for nudges only, as a crash may lose it. */
  afterCommit(nudge: () => void): void;
  readonly client: PoolClient;
}

/** One plugin's schema: what the kernel builds `ctx.db` from. */
export interface PluginDatabase extends Sql {
  /** `tx` sees the plugin's schema as search path; `core` is the same transaction for the kernel's tables (outbox, jobs). */
  transaction<T>(work: (tx: Sql, core: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
export interface PluginDatabases {
  /** Creates the schema and runs what its migrations lack, under the cluster-wide migration lock. Then opens it. */
  open(contract: ContractDef): Promise<PluginDatabase>;
}
export type { EntityTarget, ObjectLiteral, Repository };
