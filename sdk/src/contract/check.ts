import type { ContractDef, JobDef, MetricDef, RouteDef, RouteKey, Status } from './contract.ts';
import type { In, Out, Part, Str } from './schema.ts';
import type { ExtensionPoint } from './token.ts';

/** The name of a parameter segment, never for a fixed one. */
export type Segment<S> = S extends `:${infer N}` ? N : S extends `*${infer N}` ? N : never;
/** The names of all parameters in a route key. */
export type PathParam<K> = K extends `${string} /${infer Path}` ? Segments<Path> : never;
/** The parameter names in a path. */
export type Segments<Path> = Path extends `${infer Head}/${infer Tail}`
  ? Segment<Head> | Segments<Tail>
  : Segment<Path>;
/** What looks like a parameter and is none: ':id.m3u8', 'a:b', a '*rest' that is not last. */
export type BadPath<K> = K extends `${string} /${infer Path}` ? BadSegments<Path> : never;
/** The segments of a path that only look like parameters. */
export type BadSegments<Path> = Path extends `${infer Head}/${infer Tail}`
  ? (Head extends `*${string}` ? Head : BadSegment<Head>) | BadSegments<Tail>
  : BadSegment<Path>;
/** A segment that only looks like a parameter. */
export type BadSegment<S> = S extends `:${infer N}` | `*${infer N}`
  ? N extends '' | `${string}${'.' | '-' | ':' | '*' | '{' | '?' | '('}${string}`
    ? S
    : never
  : S extends `${string}${':' | '*' | '{' | '('}${string}`
    ? S
    : never;
/** An object type, not a string: `'G' & '✗ …'` would collapse to `never` and lose the text. */
export interface Wrong<Why extends string> {
  readonly '✗': Why;
}
/** Turns every key that `Shape` lacks into a sentence. */
export type Unknown<T, Shape, Where extends string> = {
  readonly [K in Exclude<keyof T, keyof Shape>]: Wrong<`${Str<K>} is no part of ${Where}`>;
};

/** What is wrong with one route, or unknown. */
export type CheckRoute<K, R> = K extends `HEAD ${string}` | `OPTIONS ${string}`
  ? Wrong<'HEAD comes with GET and OPTIONS with CORS: leave it out'>
  : [BadPath<K>] extends [never]
    ? CheckRouteParts<K, R>
    : Wrong<`${BadPath<K>} is no segment: a parameter is a whole one (:name), or the whole rest (*name, last)`>;
/** The checks of a route whose path is right. */
export type CheckRouteParts<K, R> = K extends RouteKey
  ? Unknown<R, RouteDef, 'a route'> &
      (R extends { readonly responses: infer X }
        ? { readonly responses: { readonly [S in Exclude<keyof X, Status>]: Wrong<'not a status a route may answer'> } }
        : unknown) &
      (K extends `GET ${string}`
        ? R extends { readonly body: unknown }
          ? { readonly body: Wrong<'a GET has no body: use query'> }
          : unknown
        : unknown) &
      (R extends { readonly params: infer S }
        ? [PathParam<K>] extends [keyof In<S>]
          ? [keyof In<S>] extends [PathParam<K>]
            ? unknown
            : { readonly params: Wrong<`${Str<Exclude<keyof In<S>, PathParam<K>>>} is not in the path`> }
          : { readonly params: Wrong<`:${Str<Exclude<PathParam<K>, keyof In<S>>>} of the path is missing here`> }
        : unknown) &
      CheckGrant<K, R> &
      (R extends { readonly access: 'public' | 'webhook'; readonly signed: true }
        ? { readonly signed: Wrong<'who may call without a user needs no signed link'> }
        : unknown)
  : Wrong<"a route's key looks like 'GET /movies/:id'">;
type CheckGrant<K, R> = R extends { readonly access: { readonly of: infer F } }
  ? F extends PathParam<K>
    ? unknown
    : { readonly access: Wrong<`of: '${Str<F>}' is no parameter of the path`> }
  : unknown;
/** A contract's config schema, bare or versioned. */
export type ConfigSchema<C> = C extends { readonly config: infer S }
  ? S extends { readonly schema: infer V }
    ? V
    : S
  : undefined;
/** What is wrong with one job, or unknown. */
export type CheckJob<J, Cfg> = Unknown<J, JobDef, 'a job'> &
  (J extends { readonly cron: unknown; readonly input: infer S }
    ? {} extends In<S>
      ? unknown
      : { readonly cron: Wrong<'a scheduled job gets no input: give every field of input a default'> }
    : unknown) &
  (J extends { readonly cron: { readonly config: infer F } }
    ? F extends keyof Out<Cfg>
      ? unknown
      : { readonly cron: { readonly config: Wrong<'no such field in config'> } }
    : unknown);

/** What is wrong with one metric, or unknown. */
export type CheckMetric<M> = Unknown<M, MetricDef, 'a metric'> & {
  readonly labels?: {
    readonly [
      L in keyof Part<M, 'labels'> & ('instance' | 'job' | 'plugin_instance' | 'le')
    ]: Wrong<`Prometheus or the kernel sets ${L} itself`>;
  };
} & (M extends { readonly type: 'counter' | 'gauge'; readonly buckets: unknown }
    ? { readonly buckets: Wrong<'only a histogram has buckets'> }
    : unknown);
/** The checks of every route. */
export type CheckRoutes<R> = { readonly [K in keyof R]: CheckRoute<K, R[K]> };
/** What is wrong with one contribution, or unknown. */
export type CheckContribution<T> =
  // oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
  T extends ExtensionPoint<any, infer A>
    ? undefined extends A
      ? unknown
      : Wrong<'this point asks about its contributors: write contribution(Point, { … })'>
    : unknown;
/** All cross-checks of a contract, intersected with the argument of defineContract: a mistake becomes an object that nothing is. */
export type Check<C> = Unknown<C, ContractDef, 'a contract'> & {
  readonly routes?: CheckRoutes<Part<C, 'routes'>>;
  readonly contributes?: { readonly [K in keyof Part<C, 'contributes'>]: CheckContribution<Part<C, 'contributes'>[K]> };
  readonly jobs?: { readonly [K in keyof Part<C, 'jobs'>]: CheckJob<Part<C, 'jobs'>[K], ConfigSchema<C>> };
  readonly metrics?: {
    readonly [K in keyof Part<C, 'metrics'>]: CheckMetric<Part<C, 'metrics'>[K]>;
  };
} & (C extends { readonly instances: 'many'; readonly provides: object }
    ? {
        readonly provides: Wrong<'a service has one provider, so a plugin with many instances cannot provide it: contribute to an extension point'>;
      }
    : unknown);
