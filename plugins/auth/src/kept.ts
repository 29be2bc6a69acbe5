import type { Cluster } from '@revenge/sdk';

interface Entry<V> {
  readonly value: V;
  readonly userId: string;
  readonly until: number;
}
/** Taken before a load: what was forgotten while it ran makes it void. */
export interface Ticket {
  readonly revision: number;
}

/**
 * What was read from the database about users, for the next call. Nothing is kept, nor believed, while this node may miss what others say;
 * bounded, the oldest leave first.
 */
export class Kept<V> {
  readonly #cluster: Cluster;
  readonly #most: number;
  readonly #entries = new Map<string, Entry<V>>();
  #epoch: number;
  #revision = 0;

  constructor(cluster: Cluster, most: number) {
    this.#cluster = cluster;
    this.#most = most;
    this.#epoch = cluster.epoch;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `now` in milliseconds. */
  get(key: string, now: number): V | undefined {
    if (!this.#current()) return undefined;
    const entry = this.#entries.get(key);
    return entry && entry.until > now ? entry.value : undefined;
  }

  ticket(): Ticket {
    this.#current();
    return { revision: this.#revision };
  }

  keep(ticket: Ticket, key: string, entry: Entry<V>): void {
    if (!this.#current() || ticket.revision !== this.#revision) return;
    if (this.#entries.size >= this.#most) this.#evict();
    this.#entries.set(key, entry);
  }

  /** A pass over all: revocations are rare and 10,000 entries take less than a millisecond. */
  forget(userId: string): void {
    this.#revision++;
    for (const [key, entry] of this.#entries) if (entry.userId === userId) this.#entries.delete(key);
  }

  #current(): boolean {
    if (this.#cluster.epoch !== this.#epoch) {
      this.#epoch = this.#cluster.epoch;
      this.#revision++;
      this.#entries.clear();
    }
    return this.#cluster.connected;
  }

  /** A batch at a time: one by one over a big map's front is slow. */
  #evict(): void {
    let batch = Math.ceil(this.#most / 64);
    for (const key of this.#entries.keys()) {
      if (batch-- === 0) return;
      this.#entries.delete(key);
    }
  }
}
