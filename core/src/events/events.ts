import type { ContractDef, Delivery, EventToken, Identity, SseMessage } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import type { Tx } from '../database/database.ts';

export interface DeadLetter {
  readonly id: string;
  readonly event: string;
  readonly listener: string;
  readonly payload: unknown;
  readonly attempts: number;
  readonly error: string;
  readonly occurred_at: Date;
  readonly died_at: Date;
}

export interface Events {
  /** Validates the payload. durable: into the outbox (with `tx`: at its commit). live: to whoever listens now, on every node. */
  emit(owner: InstanceRef, token: EventToken<unknown, unknown>, payload: unknown, tx?: Tx): Promise<void>;
  /** Durable events emitted while an instance that ever listened was down are delivered when it listens again. The answer waits for deliveries under way. */
  listen(listener: {
    readonly owner: InstanceRef;
    readonly contract: ContractDef;
    readonly name: string;
    readonly token: EventToken<unknown, unknown>;
    readonly handle: (payload: unknown, delivery: Delivery) => void | Promise<void>;
    readonly failed: (error: unknown) => void;
  }): Promise<() => Promise<void>>;
  /** What this user may see, by the tokens' `audience`; ids come from the database, so that Last-Event-ID works on another node. */
  stream(user: Identity, lastEventId: string | undefined, signal: AbortSignal): AsyncIterable<SseMessage<unknown>>;
  deadLetters(page: { readonly limit: number; readonly before?: string }): Promise<readonly DeadLetter[]>;
  /** Delivers it again, before later events of its key. false: no such letter. */
  replay(id: string): Promise<boolean>;
  /** Rows that wait for delivery. */
  pending(): Promise<number>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
