import type { Context, RouteHandler, Transaction } from '@revenge/sdk';
import type { contract } from './contract.ts';

export type AuthContext = Context<typeof contract>;
export type AuthTransaction = Transaction<typeof contract>;
export type Route<K extends keyof (typeof contract)['routes']> = RouteHandler<typeof contract, K>;
/** Where a request comes from, as sessions and limits remember it. */
export interface Caller {
  readonly address: string;
  readonly agent: string;
}
