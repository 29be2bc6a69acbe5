import type { ContractDef, RouteRequest } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';

/** A handler as the kernel calls it: types were checked where the plugin was written. */
export type AnyHandler = (request: RouteRequest<never, never, never, never, never, never>) => unknown;

/** One running (or waiting) instance as the HTTP layer sees it. A request holds the generation it was dispatched to until it is answered. */
export interface Mounted {
  readonly ref: InstanceRef;
  readonly contract: ContractDef;
  /** undefined while it is not ready: its routes answer 503 with `status`. */
  readonly routes: Readonly<Record<string, AnyHandler>> | undefined;
  /** Read at each 503. `retryAfter` in seconds. */
  status(): { readonly state: string; readonly reason: string | undefined; readonly retryAfter: number };
  /** Opens and closes one request of this generation. `enter` answers false once it is stopping. */
  enter(): boolean;
  leave(): void;
  /** Aborted when this generation has to go. */
  readonly signal: AbortSignal;
  /** An error a handler threw that is none of its declared answers; named in the log and counted. NotReady and NeedsAuth come here too. */
  failed(error: unknown, route: string): void;
  /** Webhook secrets of this instance by path key are kernel-made; checked in constant time. */
  readonly webhookSecret: string | undefined;
}

export interface RouteTable {
  readonly instances: readonly Mounted[];
}
