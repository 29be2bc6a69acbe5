import type { Limit } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';

/** One take of a limit. `retryAfter` in whole seconds, until the window ends. */
export interface Taken {
  readonly allowed: boolean;
  readonly retryAfter: number;
}

/** Counts over all nodes; what the routes' `limit` and ctx.limiter stand on. */
export interface RateLimits {
  hit(ref: InstanceRef, key: string, limit: Limit): Promise<Taken>;
}
