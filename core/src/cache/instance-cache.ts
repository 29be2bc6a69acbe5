import type { Duration, PluginCache } from '@revenge/sdk';
import { milliseconds } from '../lifecycle/duration.ts';
import type { BoundCounter, BoundHistogram } from '../metrics/metrics.ts';
import { Generations } from './generations.ts';

/** One operation in this many is timed: a clock reading costs as much as a hit. A power of two. */
const SAMPLE = 64;
/** A load still open after this (ms) is no longer joined, so that one that never settles does not hold its key for ever. */
const JOIN_FOR = 30_000;

export interface CacheMeters {
  readonly hits: BoundCounter;
  readonly misses: BoundCounter;
  readonly get: BoundHistogram;
  readonly set: BoundHistogram;
  readonly delete: BoundHistogram;
}
/** How the other nodes, and this instance's other generation on this node, hear that a key changed. */
export interface Peers {
  /** False while a change elsewhere may go unheard: nothing kept is answered then. */
  readonly connected: boolean;
  changed(key: string): void;
  /** Resolves once the message has left; rejects when it could not. */
  deleted(key: string): Promise<void>;
}
interface Load {
  readonly result: Promise<unknown>;
  readonly since: number;
}

/** ctx.cache of one instance. Values are kept by reference: who takes one out must not change it. */
export class InstanceCache implements PluginCache {
  readonly #kept: Generations;
  readonly #meters: CacheMeters;
  readonly #peers: Peers;
  readonly #loads = new Map<string, Load>();
  readonly #durations = new Map<string, number>();
  #operations = 0;

  constructor(entries: number, meters: CacheMeters, peers: Peers) {
    this.#kept = new Generations(entries);
    this.#meters = meters;
    this.#peers = peers;
  }

  get<T>(key: string): Promise<T | undefined> {
    const started = this.#sampled();
    const value = this.#read(key);
    if (started) this.#meters.get.observe((performance.now() - started) / 1000);
    // What comes out is what went in under that key; its type is the caller's knowledge.
    return Promise.resolve(value as T | undefined);
  }

  async set(key: string, value: unknown, ttl: Duration): Promise<void> {
    const started = this.#sampled();
    this.#loads.delete(key);
    this.#kept.set(key, value, this.#ms(ttl));
    this.#peers.changed(key);
    if (started) this.#meters.set.observe((performance.now() - started) / 1000);
  }

  async delete(key: string): Promise<void> {
    const started = this.#sampled();
    this.forget(key);
    if (started) this.#meters.delete.observe((performance.now() - started) / 1000);
    await this.#peers.deleted(key);
  }

  async wrap<T>(key: string, ttl: Duration, load: () => Promise<T>): Promise<T> {
    const ms = this.#ms(ttl);
    const value = this.#read(key);
    // As in `get`: the caller knows what it keeps under its key.
    if (value !== undefined || this.#holdsNothing(key)) return value as T;
    const open = this.#loads.get(key);
    if (open && performance.now() - open.since < JOIN_FOR) return open.result as Promise<T>;
    return this.#load(key, ms, load);
  }

  /** Also keeps a load under way from storing what it read before. */
  forget(key: string): void {
    this.#loads.delete(key);
    this.#kept.delete(key);
  }

  clear(): void {
    this.#loads.clear();
    this.#kept.clear();
  }

  size(): number {
    return this.#kept.size();
  }

  #load<T>(key: string, ms: number, load: () => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      try {
        const value = await load();
        if (this.#loads.get(key) === mine) this.#kept.set(key, value, ms);
        return value;
      } finally {
        if (this.#loads.get(key) === mine) this.#loads.delete(key);
      }
    };
    // After this call returned, so that `mine` is in place whatever `load` does at once.
    const result = Promise.resolve().then(run);
    const mine: Load = { result, since: performance.now() };
    this.#loads.set(key, mine);
    return result;
  }

  #read(key: string): unknown {
    const value = this.#peers.connected ? this.#kept.get(key) : undefined;
    if (value === undefined && !this.#holdsNothing(key)) this.#meters.misses.inc();
    else this.#meters.hits.inc();
    return value;
  }

  #holdsNothing(key: string): boolean {
    return this.#peers.connected && this.#kept.has(key);
  }

  #sampled(): number | undefined {
    return (++this.#operations & (SAMPLE - 1)) === 0 ? performance.now() : undefined;
  }

  #ms(ttl: Duration): number {
    const known = this.#durations.get(ttl);
    if (known !== undefined) return known;
    const ms = milliseconds(ttl);
    if (this.#durations.size < 1_000) this.#durations.set(ttl, ms);
    return ms;
  }
}
