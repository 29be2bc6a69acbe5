import type { Duration, Limit, Out, Schema } from '../contract/schema.ts';

/** One outbound call. */
export interface HttpInit extends Omit<RequestInit, 'body'> {
  readonly body?: RequestInit['body'];
  /** Sent as JSON. */ readonly json?: unknown;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly timeout?: Duration;
  /** Of idempotent methods, on network errors, 429 and 5xx; Retry-After is kept. Default 2. */ readonly retries?: number;
}
/** What this plugin's calls to one upstream have in common. */
export interface Upstream<Field extends string> extends Omit<HttpInit, 'body' | 'json' | 'method'> {
  readonly base: string | URL;
  /** Waits its turn beyond it; over all nodes. */
  readonly rate?: Limit;
  readonly concurrency?: number;
  /** A 401 or 403 throws NeedsAuth for this field of the config. */
  readonly auth?: Field;
}
/** fetch with timeout, retries, a breaker and metrics per host; an open breaker makes the instance degraded. Not 2xx throws UpstreamError. */
export interface Http<Field extends string = string> {
  (url: string | URL, init?: HttpInit): Promise<Response>;
  json<S extends Schema>(schema: S, url: string | URL, init?: HttpInit): Promise<Out<S>>;
  to(upstream: Upstream<Field>): Http<Field>;
}
