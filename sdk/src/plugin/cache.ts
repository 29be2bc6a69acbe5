import type { Duration } from '../contract/schema.ts';

/** This instance's own cache, kept in step over all nodes. */
export interface PluginCache {
  get<T>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown, ttl: Duration): Promise<void>;
  delete(key: string): Promise<void>;
  /** One load at a time for a key. */ wrap<T>(key: string, ttl: Duration, load: () => Promise<T>): Promise<T>;
}
