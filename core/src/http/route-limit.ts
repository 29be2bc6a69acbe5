import { isIPv6 } from 'node:net';
import { type Identity, type Limit, problem } from '@revenge/sdk';
import type { RateLimits } from '../access/access-control.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import type { BoundCounter } from '../metrics/metrics.ts';
import type { HttpMeters } from './request-meters.ts';

/** A household has a whole /64 of IPv6, so one address more costs an attacker nothing. */
export function limitedAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':');
}

/** The `limit` of one route. */
export class RouteLimit {
  readonly #allowed: BoundCounter;
  readonly #blocked: BoundCounter;

  constructor(
    readonly limits: RateLimits,
    readonly ref: InstanceRef,
    readonly key: string,
    readonly limit: Limit,
    meters: HttpMeters,
  ) {
    this.#allowed = meters.limits.bind(`${ref.plugin} ${key}`, 'allowed');
    this.#blocked = meters.limits.bind(`${ref.plugin} ${key}`, 'blocked');
  }

  /** Throws Problem 429. */
  async take(identity: Identity | undefined, address: () => string): Promise<void> {
    const who = identity ? `user ${identity.id}` : `address ${limitedAddress(address())}`;
    const { allowed, retryAfter } = await this.limits.hit(this.ref, `route ${this.key} ${who}`, this.limit);
    (allowed ? this.#allowed : this.#blocked).inc();
    if (!allowed) throw problem.tooMany(`${retryAfter}s`);
  }
}
