import type { KernelLog } from '../log/log.ts';
import type { ClientView } from './client-view.ts';
import type { Cors } from './cors.ts';
import { type HttpMeters, RouteMeters } from './request-meters.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** What every request of one server shares. */
export class HttpScope {
  draining = false;
  /** Long answers that a drain ends at once (event streams). */
  readonly streams = new Set<() => void>();
  readonly #unmatched = new Map<string, RouteMeters>();

  constructor(
    readonly log: KernelLog,
    readonly meters: HttpMeters,
    readonly view: ClientView,
    readonly cors: Cors,
    readonly security: readonly string[],
  ) {}

  /** Requests that found no route are counted under one name, whatever their URL. */
  unmatched(method: string): RouteMeters {
    return this.own(METHODS.has(method) ? method : 'OTHER', 'unmatched');
  }

  own(method: string, path: string): RouteMeters {
    const key = `${method} ${path}`;
    let meters = this.#unmatched.get(key);
    if (!meters) this.#unmatched.set(key, (meters = new RouteMeters(this.meters, 'core', method, path)));
    return meters;
  }
}
