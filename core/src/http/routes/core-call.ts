import { type Identity, problem, type Schema } from '@revenge/sdk';
import type { Exchange } from '../exchange.ts';
import type { HttpDeps } from '../http-deps.ts';
import { BodyInput } from '../input/body-input.ts';
import { QueryInput } from '../input/query-input.ts';
import { validate } from '../input/validate.ts';
import { writeText } from '../output/text-answer.ts';

const LARGEST_BODY = 1024 ** 2;

/** One call of a route that the kernel wrote by hand. */
export class CoreCall {
  readonly plan;

  constructor(
    readonly x: Exchange,
    readonly params: Readonly<Record<string, string>>,
    readonly deps: HttpDeps,
    route: string,
  ) {
    this.plan = { route, cacheControl: 'private, no-cache', secure: false, heartbeatMs: deps.heartbeatMs ?? 15_000 };
  }

  /** A path parameter that the route's path has. */
  param(name: string): string {
    const value = this.params[name];
    if (value === undefined) throw problem.notFound(name);
    return value;
  }

  async user(): Promise<Identity> {
    const { x } = this;
    const gate = this.deps.access.gate('core', 'user');
    const identity = await gate.check({ req: x.req, address: () => x.scope.view.address(x.req) }, {}, undefined);
    if (!identity) throw problem.unauthorized('Sign in first.');
    x.userId = identity.id;
    return identity;
  }

  /** Administrators, and who holds `permission`. */
  async admin(permission: string): Promise<Identity> {
    const identity = await this.user();
    if (identity.permissions !== '*' && !identity.permissions.includes(permission))
      throw problem.forbidden(`This needs the permission '${permission}'.`);
    return identity;
  }

  async query<T>(schema: Schema<unknown, T>): Promise<T> {
    const { url = '' } = this.x.req;
    const at = url.indexOf('?');
    // what a schema accepted has its output's type
    return (await validate(schema, new QueryInput(schema).read(at < 0 ? '' : url.slice(at + 1)), 'query')) as T;
  }

  async body<T>(schema: Schema<unknown, T>): Promise<T> {
    return (await new BodyInput(schema, LARGEST_BODY, '').read(this.x)) as T;
  }

  async json(status: number, body: unknown): Promise<void> {
    await writeText(this.x, this.plan, JSON.stringify(body), 'application/json; charset=utf-8', status, undefined);
  }

  async text(type: string, body: string, headers?: Readonly<Record<string, string>>): Promise<void> {
    await writeText(this.x, this.plan, body, type, 200, headers && { headers });
  }

  nothing(): void {
    const headers = this.x.headers();
    headers.push('cache-control', 'no-store');
    this.x.send(204, headers, undefined);
  }
}

/** A route of the kernel's own. `path` in @koa/router's way, which find-my-way shares: '/api/v1/jobs/:id'. */
export interface CoreRoute {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly run: (call: CoreCall) => void | Promise<void>;
}
