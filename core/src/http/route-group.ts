import { parse } from 'node:querystring';
import { problem } from '@revenge/sdk';
import type { Exchange } from './exchange.ts';
import type { PathParams } from '../access/access-control.ts';
import type { MountedRoute } from './mounted-route.ts';
import { answerProblem } from './problem-answer.ts';

/** The routes of one plugin's instances at one path. A webhook's secret says which is meant, else `?instance=`, else it is the first. */
export class RouteGroup {
  readonly #only: MountedRoute | undefined;

  constructor(readonly routes: readonly MountedRoute[]) {
    const [first] = routes;
    this.#only = routes.length === 1 && first && !first.webhook ? first : undefined;
  }

  run(x: Exchange, params: PathParams, search: string): void {
    if (this.#only) {
      this.#only.run(x, params, search);
      return;
    }
    const route = this.routes[0]?.webhook ? this.#bySecret(x, search) : this.#byName(search);
    if (route) {
      route.run(x, params, search);
      return;
    }
    this.routes[0]?.countHere(x);
    answerProblem(
      x,
      this.routes[0]?.webhook
        ? problem.unauthorized('The webhook secret is missing or wrong.')
        : problem.notFound('instance'),
    );
  }

  #bySecret(x: Exchange, search: string): MountedRoute | undefined {
    return this.routes.find(({ deps, mounted }) => deps.access.showsSecret(x.req, search, mounted.webhookSecret));
  }

  #byName(search: string): MountedRoute | undefined {
    const { instance } = search === '' ? {} : parse(search);
    return typeof instance === 'string' ? this.routes.find((r) => r.mounted.ref.instance === instance) : this.routes[0];
  }
}
