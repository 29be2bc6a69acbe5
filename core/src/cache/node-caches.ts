import { randomUUID } from 'node:crypto';
import type { PluginCache } from '@revenge/sdk';
import { instanceKey, type InstanceRef } from '../lifecycle/attribution.ts';
import type { Bus } from '../database/bus.ts';
import type { KernelLog } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Caches } from './caches.ts';
import { InstanceCache, type CacheMeters, type Peers } from './instance-cache.ts';
import { Invalidations } from './invalidations.ts';

export interface CachesDeps {
  readonly bus: Bus;
  readonly metrics: Metrics;
  readonly log: KernelLog;
  /** Most entries of one instance. Default 10,000. */
  readonly entries?: number;
}

/** L1 on this node; what changes here is dropped on the other nodes by NOTIFY. */
export class NodeCaches implements Caches {
  readonly #deps: CachesDeps;
  readonly #peers: Invalidations;
  /** A set: while an instance is reconfigured its old and its new generation both have one. */
  readonly #open = new Map<string, Set<InstanceCache>>();
  readonly #ends: (() => void)[];
  readonly #meters: (name: string) => CacheMeters;

  constructor(deps: CachesDeps) {
    this.#deps = deps;
    this.#peers = new Invalidations(deps.bus, randomUUID(), deps.log);
    this.#meters = meters(deps.metrics);
    deps.metrics.collect(
      { name: 'revenge_cache_size', help: 'Entries in the cache of each instance', labels: ['cache'] },
      () => Object.entries(this.sizes()).map(([name, size]) => [[name], size] as const),
    );
    this.#ends = [
      this.#peers.listen((instance, keys) => this.#drop(instance, keys)),
      deps.bus.onReconnect(() => this.dropAll()),
    ];
  }

  open(owner: InstanceRef): PluginCache & { close(): void } {
    const name = instanceKey(owner);
    const cache = new InstanceCache(this.#deps.entries ?? 10_000, this.#meters(name), this.#peersOf(name));
    const all = this.#open.get(name) ?? new Set();
    this.#open.set(name, all.add(cache));
    const close = (): void => {
      cache.clear();
      all.delete(cache);
      if (!all.size && this.#open.get(name) === all) this.#open.delete(name);
    };
    return Object.assign(cache, { close });
  }

  dropAll(): void {
    for (const caches of this.#open.values()) for (const cache of caches) cache.clear();
  }

  sizes(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.#open].map(([name, caches]) => [name, [...caches].reduce((sum, cache) => sum + cache.size(), 0)]),
    );
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end();
    this.dropAll();
    await this.#peers.stop();
  }

  #peersOf(name: string): Peers {
    const { bus } = this.#deps;
    return {
      get connected() {
        return bus.connected;
      },
      changed: (key) => this.#peers.note(name, key),
      deleted: (key) => {
        this.#drop(name, [key]);
        return this.#peers.send(name, key);
      },
    };
  }

  #drop(name: string, keys: readonly string[] | 'all'): void {
    for (const cache of this.#open.get(name) ?? [])
      if (keys === 'all') cache.clear();
      else for (const key of keys) cache.forget(key);
  }
}

function meters(metrics: Metrics): (name: string) => CacheMeters {
  const labels = ['cache', 'layer'];
  const hits = metrics.counter({ name: 'revenge_cache_hits_total', help: 'Reads answered from the cache', labels });
  const misses = metrics.counter({
    name: 'revenge_cache_misses_total',
    help: 'Reads the cache could not answer',
    labels,
  });
  const seconds = metrics.histogram({
    name: 'revenge_cache_operation_duration_seconds',
    help: 'Time of one cache operation; one in 64 is measured',
    labels: ['cache', 'operation'],
    buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1],
  });
  return (name) => ({
    hits: hits.bind(name, 'l1'),
    misses: misses.bind(name, 'l1'),
    get: seconds.bind(name, 'get'),
    set: seconds.bind(name, 'set'),
    delete: seconds.bind(name, 'delete'),
  });
}
