import type { ConfigSchema, Wrong } from '../contract/check.ts';
import type { Awaitable, Duration, Limit, Out, Part, Str } from '../contract/schema.ts';
import type { TypeOf } from '../contract/token.ts';
import type { PluginCache } from './cache.ts';
import type { Database, Emitters } from './database.ts';
import type { AboutOf, Contributions } from './extensions.ts';
import type { Http } from './http.ts';
import type { JobHandle, JobInput } from './job-run.ts';
import type { Implementation } from './lifecycle.ts';
import type { Log } from './log.ts';
import type { Metric } from './metric-handles.ts';
import type { KeyArgs, PathInit } from '../derive/client.ts';

/** The config as the plugin reads it. */
export type ConfigOf<C> = C extends { readonly config: unknown } ? Out<ConfigSchema<C>> : {};
/** The permissions a contract declares. */
export type Permission<C> = Str<keyof Part<C, 'permissions'>>;

/** Files every node must see (avatars, downloaded art), in PostgreSQL. Keys are paths of this instance: 'posters/42.jpg'. For a node's own files: ctx.paths. */
export interface Blobs {
  /** Replaces what was there, all or nothing. */
  put(
    key: string,
    data: Uint8Array | ReadableStream<Uint8Array>,
    options?: { readonly type?: string },
  ): Promise<{ readonly size: number; readonly sha256: string }>;
  get(key: string): Promise<
    | {
        readonly data: ReadableStream<Uint8Array>;
        readonly size: number;
        readonly type: string;
        readonly sha256: string;
      }
    | undefined
  >;
  delete(key: string): Promise<void>;
}

/** Time, which a test moves by hand. */
export interface Clock {
  now(): Date;
  sleep(time: Duration, signal?: AbortSignal): Promise<void>;
  /** On this node; for once per cluster use a job's cron. Ends with the instance. */ every(
    time: Duration,
    work: () => Awaitable<void>,
  ): void;
}
/** Folders of this instance on this node, made for it. */
export interface Paths {
  /** Kept, backed up; not shared between nodes. */ readonly data: string;
  /** May be emptied at any time. */ readonly cache: string;
  /** Emptied at start. */ readonly temp: string;
}
/** Counts over all nodes: `if (!(await limiter.take(`login:${name}:${address}`, '5/15m'))) throw problem.tooMany('15m')`. */
export interface Limiter {
  take(key: string, limit: Limit): Promise<boolean>;
  reset(key: string): Promise<void>;
}

/** Whom a link lets in, and until when. With `credential` (the session's id) it also ends when that one is revoked. */
export interface SignedLink {
  readonly for: Duration;
  readonly user: string;
  readonly credential?: string;
}
/** A message to the operator, for as long as it holds. */
export interface Notice {
  /** Plain words. Printed at the start, on the start page (which anybody may read) and in the plugin's state. */
  readonly text: string;
  /** Kept in DATA/<name> (mode 0600) and printed in the terminal at the start; nowhere else. `name`: lower case letters and dashes. */
  readonly secret?: { readonly name: string; readonly value: string };
}
/** ready ⇄ degraded, and what the operator should know. */
export interface Status {
  /** One reason per `what`. */
  degraded(what: string, reason: string): void;
  recovered(what: string): void;
  /** One notice per `what`; undefined takes it back, and its secret's file away. */
  notice(what: string, notice: Notice | undefined): void;
  /** One line in the operator's terminal and the log, and nowhere else: what is done now, and how it went. */
  say(text: string): void;
}
/** How well this node hears the others: for caches of what must end everywhere within a second (sessions, grants). */
export interface Cluster {
  /** False while live events and invalidations from other nodes may be missed: ask the database then, keep nothing. */
  readonly connected: boolean;
  /** Another number after each time something may have been missed: what was kept under the former one is not to be trusted. */
  readonly epoch: number;
}
/** Everything the kernel gives one running instance. */
export interface Context<C> {
  readonly instance: { readonly id: string; readonly title: string };
  /** As it was at start: a change restarts the instance. */
  readonly config: ConfigOf<C>;
  /** A call to a service whose plugin is down rejects with NotReady (a route then answers 503). An optional one is undefined while it is down: read it at use, not at setup. */
  readonly services: { readonly [K in keyof Part<C, 'needs'>]: TypeOf<Part<C, 'needs'>[K]> };
  readonly extensions: {
    readonly [K in keyof Part<C, 'hosts'>]: Contributions<TypeOf<Part<C, 'hosts'>[K]>, AboutOf<Part<C, 'hosts'>[K]>>;
  };
  readonly metrics: { readonly [K in keyof Part<C, 'metrics'>]: Metric<Part<C, 'metrics'>[K]> };
  readonly jobs: { readonly [K in keyof Part<C, 'jobs'>]: JobHandle<JobInput<Part<C, 'jobs'>[K]>> };
  readonly events: Emitters<C>;
  readonly db: C extends { readonly database: object }
    ? Database<C>
    : Wrong<'declare database in contract.ts to use ctx.db'>;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly paths: Paths;
  readonly limiter: Limiter;
  /**
   * An absolute link to an own route, from the configured public URL. `signed` lets that user in without a session for so long. The ticket is a
   * segment of the path, so a playlist's relative links carry it; it opens the `signed` routes of this instance that agree in the params given.
   */
  url<K extends Str<keyof Part<C, 'routes'>>>(
    key: K,
    ...init: KeyArgs<
      K,
      PathInit<K, Part<C, 'routes'>[K]> & {
        readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
      },
      Part<C, 'routes'>[K] extends { readonly signed: true } ? { readonly signed?: SignedLink } : {}
    >
  ): string;
  /** Runs at stop, last registered first. For watchers, pools, child processes. */
  onStop(end: () => Awaitable<void>): void;
  readonly log: Log;
  readonly http: Http<Str<keyof ConfigOf<C>>>;
  readonly cache: PluginCache;
  readonly status: Status;
  readonly cluster: Cluster;
  /** Aborted when the instance stops; hand it to anything long. */
  readonly signal: AbortSignal;
  /** `return ctx.implement({ … })`: the identity, but mistakes show on their own line instead of on the closure's first. */
  implement(implementation: Implementation<C>): Implementation<C>;
}
