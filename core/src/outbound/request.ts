import type { HttpInit, Limiter, Upstream } from '@revenge/sdk';
import { milliseconds } from '../lifecycle/duration.ts';
import { type Asked, isStream } from './redirects.ts';
import { isIdempotent } from './retry.ts';
import { credentialsToHeader, mergedHeaders, parsed, type Query, targetUrl } from './target.ts';
import { Rate, Slots } from './turns.ts';

const TIMEOUT = 30_000;
const RETRIES = 2;

/** What one client (ctx.http, or what `to` made of it) adds to each of its requests. Outer clients first. */
export interface Settings {
  readonly base: URL | undefined;
  readonly headers: readonly (Upstream<string>['headers'] | undefined)[];
  readonly queries: readonly (Query | undefined)[];
  readonly signals: readonly (AbortSignal | null | undefined)[];
  readonly slots: readonly Slots[];
  readonly rates: readonly Rate[];
  readonly auth: string | undefined;
  readonly rest: HttpInit;
}

/** The name goes into the User-Agent header: upstreams ban clients without one. */
export const firstSettings = (signal: AbortSignal): Settings => ({
  base: undefined,
  headers: [{ 'user-agent': 'Revenge' }],
  queries: [],
  signals: [signal],
  slots: [],
  rates: [],
  auth: undefined,
  rest: {},
});

export function narrowed(
  outer: Settings,
  upstream: Upstream<string>,
  parts: { readonly limiter: Limiter; readonly random: () => number },
): Settings {
  const { base, rate, concurrency, auth = outer.auth, headers, query, signal, ...rest } = upstream;
  const url = outer.base ? targetUrl(base, outer.base, []) : parsed(String(base), 'the base of an upstream');
  url.hash = '';
  return {
    base: url,
    headers: [...outer.headers, headers],
    queries: [...outer.queries, query],
    signals: [...outer.signals, signal],
    slots: concurrency === undefined ? outer.slots : [...outer.slots, new Slots(concurrency)],
    rates: rate
      ? [...outer.rates, new Rate(parts.limiter, `http:${url.host}:${rate}`, rate, parts.random)]
      : outer.rates,
    auth,
    rest: { ...outer.rest, ...rest },
  };
}

export interface Request {
  readonly asked: Asked;
  readonly signals: Settings['signals'];
  readonly timeoutMs: number;
  /** How often it may be tried in all. */
  readonly attempts: number;
}

export function prepared(settings: Settings, url: string | URL, init: HttpInit): Request {
  const {
    json,
    query,
    headers: own,
    signal,
    timeout,
    retries = RETRIES,
    method: given = 'GET',
    ...rest
  } = { ...settings.rest, ...init };
  const target = targetUrl(url, settings.base, [...settings.queries, query]);
  const headers = mergedHeaders([
    ...settings.headers,
    json === undefined ? undefined : { 'content-type': 'application/json' },
    own,
  ]);
  credentialsToHeader(target, headers);
  const method = given.toUpperCase();
  if (json !== undefined) rest.body = JSON.stringify(json);
  const once = !isIdempotent(method) || isStream(rest.body);
  return {
    asked: {
      url: target,
      // undici wants `duplex` with a streamed body, and nobody else minds it.
      init: { ...rest, method, headers, ...(isStream(rest.body) && { duplex: 'half' }) } as Asked['init'],
    },
    signals: [...settings.signals, signal],
    timeoutMs: timeout === undefined ? TIMEOUT : milliseconds(timeout),
    attempts: once ? 1 : 1 + Math.max(0, retries),
  };
}
