import type { Http, HttpInit, Limiter, Out, Schema, Upstream } from '@revenge/sdk';
import { type InstanceRef, instanceKey } from '../lifecycle/attribution.ts';
import type { KernelLog } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { OpenBodies } from './call-signal.ts';
import { Exchange } from './exchange.ts';
import { Hosts, OutboundMetrics } from './hosts.ts';
import { jsonAnswer } from './json-answer.ts';
import { firstSettings, narrowed, prepared, type Settings } from './request.ts';

export interface OutboundDeps {
  readonly metrics: Metrics;
  readonly log: KernelLog;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly random?: () => number;
}
/** What ctx.http needs of the instance it belongs to. */
export interface InstanceHooks {
  readonly signal: AbortSignal;
  /** Counts the `rate` of an upstream over all nodes: the instance's ctx.limiter. */
  readonly limiter: Limiter;
  degraded(host: string, reason: string): void;
  recovered(host: string): void;
  /** How a field of the config is called in words, for the reason of NeedsAuth. */
  configField?(name: string): string | undefined;
}

/** ctx.http of every instance: fetch with timeouts, retries, a breaker for each host, and metrics. Nothing runs between calls. */
export class Outbound {
  readonly #deps: Required<OutboundDeps>;
  readonly #metrics: OutboundMetrics;
  readonly #bodies = new OpenBodies();

  constructor({ fetch = globalThis.fetch, now = Date.now, random = Math.random, ...deps }: OutboundDeps) {
    this.#deps = { ...deps, fetch, now, random };
    this.#metrics = new OutboundMetrics(deps.metrics);
  }

  open(ref: InstanceRef, hooks: InstanceHooks): Http {
    const hosts = new Hosts(ref.plugin, this.#metrics, this.#deps.now);
    this.#metrics.track(hosts, hooks.signal);
    const exchange = new Exchange({
      ...this.#deps,
      hosts,
      hooks,
      bodies: this.#bodies,
      log: this.#deps.log.child({ plugin: instanceKey(ref) }),
    });
    return this.#client(firstSettings(hooks.signal), exchange, hooks.limiter);
  }

  #client(settings: Settings, exchange: Exchange, limiter: Limiter): Http {
    // Async, so that a wrong URL rejects as every other failure does.
    const call = async (url: string | URL, init: HttpInit = {}): Promise<Response> =>
      exchange.streamed(settings, prepared(settings, url, init));
    const json = async <S extends Schema>(schema: S, url: string | URL, init: HttpInit = {}): Promise<Out<S>> => {
      const asJson: Settings = { ...settings, headers: [{ accept: 'application/json' }, ...settings.headers] };
      return exchange.whole(settings, prepared(asJson, url, init), (host, response) =>
        jsonAnswer(host, response, schema),
      );
    };
    const to = (upstream: Upstream<string>): Http =>
      this.#client(narrowed(settings, upstream, { limiter, random: this.#deps.random }), exchange, limiter);
    return Object.assign(call, { json, to });
  }
}
