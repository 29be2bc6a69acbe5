import type { Context, Database, Sql, Transaction } from '@revenge/sdk';
import type { contract } from './contract.ts';

export interface Ctx extends Context<typeof contract> {}
/** What a query needs: the pool or a transaction. */
export type Query = Pick<Sql, 'sql' | 'query'>;
export type Tx = Transaction<typeof contract>;
export type Db = Database<typeof contract>;
