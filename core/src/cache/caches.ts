import type { PluginCache } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';

export interface Caches {
  /** One bounded pair of node-caches for an instance; `close` frees it. */
  open(owner: InstanceRef): PluginCache & { close(): void };
  /** After a lost NOTIFY connection nothing kept is to be trusted. */
  dropAll(): void;
  /** Items now in each instance's cache, by its key. */
  sizes(): Readonly<Record<string, number>>;
}
