import NodeCache from 'node-cache';

/** node-cache answers null for a kept undefined; this stands in its place, so that a kept nothing is still a hit. */
const NOTHING = Symbol('a kept undefined');

const fresh = (): NodeCache => {
  const cache = new NodeCache({ useClones: false, checkperiod: 0 });
  // Otherwise get('toString') answers a function, and get('__proto__') null.
  cache.data = Object.create(null);
  return cache;
};

/**
 * node-cache bounded without ever throwing: when the young half is full it becomes the old one, and the old one goes in one step. What is hit
 * in the old half moves up with the time it has left. Expired entries go when met, counted or with their generation: there is no sweep to block on.
 */
export class Generations {
  readonly #half: number;
  #young = fresh();
  #old = fresh();
  /** No entry expires before this (ms): counting is free until then. */
  #soonest = Infinity;

  constructor(entries: number) {
    this.#half = Math.max(1, Math.floor(entries / 2));
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  /** undefined for a miss and for a kept undefined: `has` tells them apart. */
  get(key: string): unknown {
    let value: unknown = this.#young.get(key);
    if (value === undefined) {
      value = this.#old.get(key);
      if (value === undefined) return undefined;
      const until = entry(this.#old, key).t;
      this.#old.del(key);
      this.#put(key, value, until);
    }
    return value === NOTHING ? undefined : value;
  }

  set(key: string, value: unknown, ttlMs: number): void {
    if (ttlMs <= 0) return this.delete(key);
    this.#old.del(key);
    this.#put(key, value === undefined ? NOTHING : value, Date.now() + ttlMs);
  }

  delete(key: string): void {
    this.#young.del(key);
    this.#old.del(key);
  }

  clear(): void {
    this.#young = fresh();
    this.#old = fresh();
    this.#soonest = Infinity;
  }

  /** Live entries, exact right after an expiry too. */
  size(): number {
    const now = Date.now();
    if (this.#soonest < now) this.#expire(now);
    return this.#young.getStats().keys + this.#old.getStats().keys;
  }

  #put(key: string, value: unknown, until: number): void {
    if (this.#young.getStats().keys >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = fresh();
    }
    const seconds = (until - Date.now()) / 1000;
    // Zero would mean for ever to node-cache.
    this.#young.set(key, value, seconds > 0 ? seconds : 0.001);
    if (until < this.#soonest) this.#soonest = until;
  }

  #expire(now: number): void {
    let soonest = Infinity;
    for (const cache of [this.#young, this.#old])
      for (const key in cache.data) {
        const until = entry(cache, key).t;
        if (until < now) cache.del(key);
        else if (until < soonest) soonest = until;
      }
    this.#soonest = soonest;
  }
}

/** node-cache types its entries as unknown; `t` is when one expires, in ms. */
const entry = (cache: NodeCache, key: string) => cache.data[key] as unknown as { readonly t: number };
