import type { KernelLog } from '../log/log.ts';
import type { CoreDatabase, Tx } from './database.ts';
import type { DatabasePool } from './pool.ts';
import { statement } from './statement.ts';
import { runTransaction } from './transaction.ts';

export class PostgresDatabase implements CoreDatabase {
  constructor(private readonly deps: { readonly pool: DatabasePool; readonly log: KernelLog }) {}

  async query<Row extends object>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]> {
    return (await this.deps.pool.query<Row>(statement(text, values, name))).rows;
  }

  async execute(text: string, values?: readonly unknown[]): Promise<number> {
    return (await this.deps.pool.query(statement(text, values))).rowCount ?? 0;
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return runTransaction(this.deps, undefined, work);
  }
}
