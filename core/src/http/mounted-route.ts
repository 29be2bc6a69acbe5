import { join } from 'node:path';
import { type Identity, Problem, problem, type RouteDef, type Schema } from '@revenge/sdk';
import type { Checked, Gate, PathParams } from '../access/access-control.ts';
import { byteCount, milliseconds } from '../lifecycle/duration.ts';
import { instanceKey, runAs } from '../lifecycle/attribution.ts';
import type { Exchange } from './exchange.ts';
import type { HttpDeps } from './http-deps.ts';
import { BodyInput } from './input/body-input.ts';
import { QueryInput } from './input/query-input.ts';
import { validate } from './input/validate.ts';
import { KernelRequest } from './kernel-request.ts';
import type { AnyHandler, Mounted } from './mount.ts';
import { Output } from './output/output.ts';
import { answerProblem, toProblem } from './problem-answer.ts';
import { RequestOrigin } from './request-origin.ts';
import { RouteLimit } from './route-limit.ts';
import { type HttpMeters, RouteMeters } from './request-meters.ts';
import { takeWebhook } from './webhook-input.ts';

const DEFAULT_BODY = 1024 ** 2;

/** One route of one generation of an instance, with everything that can be worked out before a request worked out. */
export class MountedRoute {
  readonly method: string;
  readonly webhook: boolean;
  readonly #def: RouteDef;
  readonly #handler: AnyHandler | undefined;
  readonly #gate: Gate | undefined;
  readonly #limit: RouteLimit | undefined;
  readonly #query: QueryInput | undefined;
  readonly #body: BodyInput | undefined;
  readonly #output: Output;
  readonly #meters: RouteMeters;
  readonly #headMeters: RouteMeters;

  constructor(
    readonly mounted: Mounted,
    readonly key: string,
    /** '/api/v1/movies/:id' */
    readonly path: string,
    readonly deps: HttpDeps,
    meters: HttpMeters,
  ) {
    const def = mounted.contract.routes?.[key as keyof typeof mounted.contract.routes] as RouteDef | undefined;
    if (!def) throw new RangeError(`${mounted.contract.id} has no route '${key}'`);
    const { ref } = mounted;
    this.#def = def;
    this.method = key.slice(0, key.indexOf(' '));
    this.webhook = def.access === 'webhook';
    this.#handler = mounted.routes?.[key];
    this.#gate = def.access === 'webhook' ? undefined : deps.access.gate(ref.plugin, def.access);
    this.#limit = def.limit && new RouteLimit(deps.limits, ref, key, def.limit, meters);
    this.#query = def.query && new QueryInput(def.query);
    this.#body = def.body && new BodyInput(def.body, bodyLimit(def), join(deps.config.data, 'temp', 'uploads'));
    this.#output = outputOf(def, `${instanceKey(ref)}: ${key}`, deps);
    this.#meters = new RouteMeters(meters, ref.plugin, this.method, path);
    this.#headMeters = this.method === 'GET' ? new RouteMeters(meters, ref.plugin, 'HEAD', path) : this.#meters;
  }

  /** Whatever becomes of it, the exchange counts as one of this route. */
  countHere(x: Exchange): void {
    x.meters = x.req.method === 'HEAD' ? this.#headMeters : this.#meters;
  }

  /** Takes the exchange over; it is answered whatever happens. */
  run(x: Exchange, params: PathParams, search: string): void {
    this.countHere(x);
    if (this.mounted.routes === undefined || !this.mounted.enter()) {
      this.#unavailable(x);
      return;
    }
    x.mounted = this.mounted;
    try {
      const later = this.#serve(x, params, search);
      if (later) later.then(undefined, (error: unknown) => this.#fail(x, error));
    } catch (error) {
      this.#fail(x, error);
    }
  }

  #unavailable(x: Exchange): void {
    const { state, reason, retryAfter } = this.mounted.status();
    const plugin = instanceKey(this.mounted.ref);
    const detail = `${plugin} is ${state}${reason === undefined ? '.' : `: ${reason}`}`;
    answerProblem(x, problem.unavailable(detail, `${Math.max(1, Math.ceil(retryAfter))}s`), { plugin, state });
  }

  // Nothing here waits that need not: a promise costs most where each is tracked for the instance it belongs to. What does wait goes on in an
  // async method, the rest of the way is the same.
  #serve(x: Exchange, params: PathParams, search: string): void | Promise<void> {
    const request = new KernelRequest(x, params);
    if (!this.#open(x)) {
      const identity = this.#identify(x, params);
      if (this.#limit || identity instanceof Promise) return this.#admit(x, request, params, search, identity);
      if (identity) this.#signIn(x, identity, request);
    }
    return this.#admitted(x, request, params, search);
  }

  async #admit(x: Exchange, request: KernelRequest, params: PathParams, search: string, asked: Checked): Promise<void> {
    const identity = await asked;
    if (identity) this.#signIn(x, identity, request);
    if (this.#limit) await this.#limit.take(identity, () => x.scope.view.address(x.req));
    return this.#admitted(x, request, params, search);
  }

  #admitted(x: Exchange, request: KernelRequest, params: PathParams, search: string): void | Promise<void> {
    const given = this.#def.params ? validate(this.#def.params, params, 'params') : params;
    const query = this.#query ? validate(this.#query.schema, this.#query.read(search), 'query') : {};
    if (given instanceof Promise || query instanceof Promise || this.#body || this.webhook)
      return this.#read(x, request, given, query);
    request.params = given;
    request.query = query;
    return this.#answer(x, request);
  }

  async #read(x: Exchange, request: KernelRequest, given: unknown, query: unknown): Promise<void> {
    [request.params, request.query] = await Promise.all([given, query]);
    if (this.webhook) {
      if (!(await this.#takeWebhook(x, request))) return;
    } else if (this.#body) request.body = await this.#body.read(x);
    return this.#answer(x, request);
  }

  #answer(x: Exchange, request: KernelRequest): void | Promise<void> {
    const result = this.#handle(x, request);
    const write = (value: unknown): void | Promise<void> => this.#output.write(x, value, () => request.signal);
    return isThenable(result) ? Promise.resolve(result).then(write) : write(result);
  }

  /** Nobody to ask about: a public route, called by somebody who shows nothing. */
  #open(x: Exchange): boolean {
    if (!this.#gate) return this.#limit === undefined;
    return !this.#limit && x.ticket === undefined && this.#gate.isOpenTo(x.req);
  }

  #signIn(x: Exchange, identity: Identity, request: KernelRequest): void {
    x.userId = identity.id;
    request.signIn(identity, this.deps.access.user(identity, this.mounted.ref.plugin));
  }

  #identify(x: Exchange, params: PathParams): Checked {
    const { ticket } = x;
    if (ticket && !(this.#def.signed && this.deps.links.opens(ticket, this.mounted.ref, params)))
      throw problem.notFound('route');
    return this.#gate?.check({ req: x.req, address: () => x.scope.view.address(x.req) }, params, ticket);
  }

  #takeWebhook(x: Exchange, request: KernelRequest): Promise<boolean> {
    return takeWebhook(x, request, {
      store: this.deps.webhooks,
      ref: this.mounted.ref,
      key: this.key,
      body: this.#body,
      limit: bodyLimit(this.#def) ?? DEFAULT_BODY,
    });
  }

  #handle(x: Exchange, request: KernelRequest): unknown {
    const { ref } = this.mounted;
    const handler = this.#handler;
    if (!handler) throw new Error(`${instanceKey(ref)} has no handler for '${this.key}'`);
    const as = x.scope.view.publicUrl ? ref : new RequestOrigin(ref, x.scope.view, x.req);
    // what the contract promises the handler was validated above
    return runAs(as, () => handler(request as never));
  }

  #fail(x: Exchange, error: unknown): void {
    // the client is gone, and what failed failed for that
    if (x.over && isAbort(error)) return;
    const { problem: is, unexpected } = toProblem(error, this.deps.databaseProblem);
    if (unexpected) this.mounted.failed(error, this.key);
    answerProblem(x, is, unexpected ? { plugin: instanceKey(this.mounted.ref) } : undefined);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as Partial<PromiseLike<unknown>>).then === 'function';
const isAbort = (error: unknown): boolean =>
  Problem.is(error) || (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError'));

function bodyLimit(def: RouteDef): number | undefined {
  if (def.maxBody !== undefined) return byteCount(def.maxBody);
  return (def.body as (Schema & { kind?: string }) | undefined)?.kind === 'bytes' ? undefined : DEFAULT_BODY;
}

function outputOf(def: RouteDef, route: string, deps: HttpDeps): Output {
  const { cache } = def;
  const cacheControl = cache
    ? `${cache.shared ? 'public' : 'private'}, max-age=${Math.floor(milliseconds(cache.for) / 1_000)}${cache.immutable ? ', immutable' : ''}`
    : 'private, no-cache';
  const secure = deps.config.server.publicUrl?.startsWith('https:') ?? false;
  return new Output({ route, cacheControl, secure, heartbeatMs: deps.heartbeatMs ?? 15_000 }, def.responses);
}
