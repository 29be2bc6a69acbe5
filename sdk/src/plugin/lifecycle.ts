import type { Awaitable, Out, Part } from '../contract/schema.ts';
import type { EventToken, TypeOf } from '../contract/token.ts';
import type { Context, Permission } from './context.ts';
import type { Delivery, JobRun } from './job-run.ts';
import type { Answers, BodyOf, ParamsOf, QueryOf, Result, RouteRequest, UserOf, WebhookOf } from './request.ts';

/** The handler of one route. */
export type Handler<C, K, R> = (
  req: RouteRequest<ParamsOf<K, R>, QueryOf<R>, BodyOf<R>, UserOf<R, Permission<C>>, WebhookOf<R>, Answers<R>>,
) => Awaitable<Result<Answers<R>>>;
/** All that a contract asks its plugin for. */
export interface Parts<C> {
  readonly routes: { readonly [K in keyof Part<C, 'routes'>]: Handler<C, K, Part<C, 'routes'>[K]> };
  readonly jobs: {
    readonly [K in keyof Part<C, 'jobs'>]: (
      run: JobRun<Part<C, 'jobs'>[K] extends { readonly input: infer S } ? Out<S> : {}>,
    ) => Awaitable<void>;
  };
  readonly listens: {
    readonly [K in keyof Part<C, 'listens'>]: (
      // oxlint-disable-next-line typescript/no-explicit-any -- matches any type here; the other is inferred
      payload: Part<C, 'listens'>[K] extends EventToken<any, infer O> ? O : never,
      delivery: Delivery,
    ) => Awaitable<void>;
  };
  readonly provides: { readonly [K in keyof Part<C, 'provides'>]: TypeOf<Part<C, 'provides'>[K]> };
  readonly contributes: { readonly [K in keyof Part<C, 'contributes'>]: TypeOf<Part<C, 'contributes'>[K]> };
}
/** One handler in a file of its own: `export const sync = (ctx: Ctx): RouteHandler<typeof contract, 'POST /sync'> => async ({ body }) => …`. */
export type RouteHandler<C, K extends keyof Part<C, 'routes'>> = Parts<C>['routes'][K];
/** One job in a file of its own. */
export type JobHandler<C, K extends keyof Part<C, 'jobs'>> = Parts<C>['jobs'][K];
/** One listener in a file of its own. */
export type Listener<C, K extends keyof Part<C, 'listens'>> = Parts<C>['listens'][K];
/** What runs when an instance starts and stops. */
export interface Lifecycle {
  /** After every need is ready. Throw NotReady or NeedsAuth to say why it cannot be. */
  start?(): Awaitable<void>;
  /** ctx.signal is already aborted; ten seconds to finish. */
  stop?(): Awaitable<void>;
}
/** What a plugin gives for its contract. */
export type Implementation<C> = Pick<Parts<C>, keyof Parts<C> & keyof C> & Lifecycle;
/** A contract with what fulfils it; the default export of a plugin's package. */
// oxlint-disable-next-line typescript/no-explicit-any -- matches any type here; the other is inferred
export interface Plugin<C = any> {
  readonly contract: C;
  readonly setup: (ctx: Context<C>) => Awaitable<Implementation<C>>;
}
