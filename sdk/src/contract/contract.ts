import type { Schema, Size, Text, Duration, Cron, Limit } from './schema.ts';
import type { Contribution, EventToken, ExtensionPoint, OptionalService, Service } from './token.ts';

/** The methods a contract may declare; HEAD and OPTIONS are the kernel's. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** A route's name: 'GET /movies/:id'. */
export type RouteKey = `${Method} /${string}`;
/** What a handler may answer by `reply`. Every other error is thrown as a Problem and needs no declaration; 206, 304, 416 and HEAD come with a 200. */
export type Status =
  | 200
  | 201
  | 202
  | 204
  | 206
  | 302
  | 303
  | 307
  | 308
  | 400
  | 401
  | 403
  | 404
  | 409
  | 410
  | 422
  | 429
  | 503;

/**
 * `grant`: the kernel asks the Authenticator whether the caller holds it on the thing that the path parameter `of` names, before the handler;
 * refused is 404, so that nobody learns what exists. `webhook`: who holds the instance's secret, which the kernel makes, shows and checks.
 */
export type Access<P extends string = string> =
  | 'public'
  | 'user'
  | 'webhook'
  | { readonly permission: P }
  | { readonly grant: `${string}:${string}`; readonly of: string };

/** One route as a contract declares it. */
export interface RouteDef<P extends string = string> {
  /** Who may call it. There is no default: say it. */
  readonly access: Access<P>;
  /** Also callable by a link of `ctx.url(key, { signed })`, with that user: for <img>, <video>, HLS players, casts. */
  readonly signed?: true;
  readonly summary?: string;
  readonly description?: string;
  readonly tag?: string;
  readonly deprecated?: true;
  readonly params?: Schema;
  /** A name given once arrives as an array where the schema wants one. Names nobody declared are ignored. */
  readonly query?: Schema;
  readonly body?: Schema;
  /** Default 1MB of JSON; what `bytes` streams in has none. More is 413. */
  readonly maxBody?: Size;
  readonly responses: { readonly [S in Status]?: Schema };
  /** Cache-Control of a 200. Default: private, no-cache, with an ETag made of the body. */
  readonly cache?: { readonly for: Duration; readonly shared?: boolean; readonly immutable?: boolean };
  /** Per user, else per address (IPv6: /64), over all nodes. More is 429 with Retry-After. For anything finer: ctx.limiter. */
  readonly limit?: Limit;
}
/** One background job as a contract declares it. */
export interface JobDef {
  readonly input?: Schema;
  /** Five fields in the server's time zone, or the name of a config field that holds them. One run per instance, whatever the number of nodes. */
  readonly cron?: Cron | { readonly config: string };
  /** After the first attempt. Default 3. */
  readonly retries?: number;
  /** Doubles from the first to the second, with jitter. Default ['10s', '1h']. */
  readonly backoff?: readonly [from: Duration, to: Duration];
  /** Runs at one time per instance, over all nodes. Default 1. */
  readonly concurrency?: number;
  readonly timeout?: Duration;
  /** At most one *waiting* run for an equal input; one that runs already does not count. For once-only work: enqueue's `key`. */
  readonly unique?: boolean;
}
/** Label → its closed set of values (exported at 0 from the start), or a cap after which values fold into 'other'. */
export type Labels = { readonly [name: string]: readonly string[] | { readonly upTo: number } };
/** One metric as a contract declares it. */
export interface MetricDef {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Whole, instead of the derived `revenge_<id>_<name>[_unit][_total]`; the plan refuses two owners of one name. */
  readonly name?: `revenge_${string}`;
  readonly help: string;
  readonly unit?: 'seconds' | 'bytes' | 'ratio';
  readonly labels?: Labels;
  readonly buckets?: readonly number[];
}
/** `migrate[1]` turns a stored config of version 1 into one of version 2. The stored one is migrated once, before the start. */
export interface VersionedConfig {
  readonly schema: Schema;
  readonly version: number;
  readonly migrate: { readonly [from: number]: (old: Readonly<Record<string, unknown>>) => Record<string, unknown> };
}
/** All that a plugin declares of itself, as plain data. */
export interface ContractDef<P extends string = string> {
  readonly id: string;
  readonly title: Text;
  readonly description?: Text;
  /** Range of SDK versions, e.g. '^1.0'. */
  readonly sdk: string;
  readonly instances?: 'single' | 'many';
  readonly isolation?: 'inline' | 'worker';
  /** A changed config restarts the instance. */
  readonly config?: Schema | VersionedConfig;
  // oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
  readonly needs?: { readonly [name: string]: Service<any> | OptionalService<any> };
  // oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
  readonly provides?: { readonly [name: string]: Service<any> };
  // oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
  readonly hosts?: { readonly [name: string]: ExtensionPoint<any, any> };
  // oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
  readonly contributes?: { readonly [name: string]: ExtensionPoint<any, any> | Contribution<any, any> };
  // oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
  readonly emits?: { readonly [name: string]: EventToken<any, any> };
  // oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
  readonly listens?: { readonly [name: string]: EventToken<any, any> };
  /** Name → what it lets a user do. Known to the platform as 'id:name'; a name with a colon ('movies:refresh') is taken whole. */
  readonly permissions?: { readonly [name: string]: Text };
  /** Where its routes live below /api/v1. Default '/<id>', and '/<id>/:instance' for many instances. */
  readonly base?: '' | `/${string}`;
  /** 'METHOD /path'; ':name' is one segment, '*name' the rest of the path. A fixed segment wins over ':name', that over '*name'. */
  readonly routes?: { readonly [key: RouteKey]: RouteDef<P> };
  readonly jobs?: { readonly [name: string]: JobDef };
  readonly metrics?: { readonly [name: string]: MetricDef };
  /** Its own Postgres schema. Modules as thunks: reading a contract never loads TypeORM. What they export counts, migrations in the order of their names. */
  readonly database?: {
    readonly entities: readonly (() => Promise<object>)[];
    readonly migrations: readonly (() => Promise<object>)[];
  };
}
