import type { Tx } from './database.ts';

/**
 * LISTEN/NOTIFY over one connection of its own per node. Ids only: a payload above 7,000 bytes throws RangeError.
 * At most once, and nothing while the connection is down: whoever relies on it re-reads in `onReconnect`.
 */
export interface Bus {
  /** With `tx`: sent when it commits, or never. */
  publish(topic: string, payload: string, tx?: Tx): Promise<void>;
  /** Returns the way to stop listening. Own messages arrive too. */
  on(topic: string, listener: (payload: string) => void): () => void;
  /** Called each time the connection is back after a loss. */
  onReconnect(listener: () => void): () => void;
  /** False while messages may be missed: caches that must not be stale ask the database then. */
  readonly connected: boolean;
  /** Counts the losses: what a cache kept under a lower number is not to be trusted. */
  readonly epoch: number;
}
