import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';
import { problem, Problem } from '@revenge/sdk';
import type { Exchange } from '../exchange.ts';
import type { HttpDeps } from '../http-deps.ts';
import { answerProblem, toProblem } from '../problem-answer.ts';
import { CoreCall, type CoreRoute } from './core-call.ts';
import { docsRoutes } from './docs.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { jobRoutes } from './jobs.ts';
import { pluginRoutes } from './plugins.ts';
import { startPageRoutes } from './start-page.ts';

/** Paths that no plugin may have. */
export const CORE_PATHS: readonly string[] = [
  '/',
  '/healthz',
  '/readyz',
  '/startupz',
  '/api/openapi.json',
  '/api/openapi.yaml',
  '/api/docs',
  '/api/v1/plugins',
  '/api/v1/plugins/*',
  '/api/v1/jobs',
  '/api/v1/jobs/*',
  '/api/v1/events',
  '/api/v1/events/dead',
  '/api/v1/events/dead/*',
];

/** What core writes by hand, served by @koa/router. */
export class CoreRoutes {
  readonly #deps: HttpDeps;
  readonly #routes: (ctx: ParameterizedContext, next: () => Promise<void>) => Promise<unknown>;
  readonly #router: Router;

  constructor(deps: HttpDeps, prefix: string) {
    this.#deps = deps;
    this.#router = new Router();
    const groups = [
      healthRoutes,
      docsRoutes,
      (d: HttpDeps) => startPageRoutes(d, prefix),
      pluginRoutes,
      jobRoutes,
      eventRoutes,
    ];
    for (const route of groups.flatMap((group) => group(deps))) this.#add(route);
    this.#routes = this.#router.routes() as never;
  }

  #add({ method, path, run }: CoreRoute): void {
    this.#router.register(path, method === 'get' ? ['get', 'head'] : [method], async (ctx: RouterCtx) => {
      const { exchange: x } = ctx.state as { exchange: Exchange };
      x.meters = x.scope.own(x.req.method ?? 'GET', path);
      await run(new CoreCall(x, ctx['params'] as Record<string, string>, this.#deps, path));
    });
  }

  async answer(ctx: ParameterizedContext, x: Exchange): Promise<void> {
    ctx.respond = false;
    ctx.state['exchange'] = x;
    try {
      await this.#routes(ctx, () => this.#unknown(x));
    } catch (error) {
      const { problem: is, unexpected } = toProblem(error, this.#deps.databaseProblem);
      if (unexpected) x.scope.log.error(error instanceof Error ? error : String(error), { request_id: x.id });
      answerProblem(x, is);
    }
  }

  #unknown(x: Exchange): Promise<void> {
    const path = (x.req.url ?? '/').split('?')[0] ?? '/';
    const matched = this.#router.match(path, 'GET').path.flatMap((layer) => layer.methods);
    if (matched.length === 0) throw problem.notFound('path');
    const allow = [...new Set(matched), 'OPTIONS'].join(', ');
    throw new Problem(405, 'method', 'Method not allowed', `This path takes ${allow}.`, {}, { headers: { allow } });
  }
}
type RouterCtx = ParameterizedContext;
