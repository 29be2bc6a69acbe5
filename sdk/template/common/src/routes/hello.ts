import type { Context, RouteHandler } from '@revenge/sdk';
import type { contract } from '../contract.ts';

export const hello =
  ({ config, metrics }: Context<typeof contract>): RouteHandler<typeof contract, 'GET /hello/:name'> =>
  ({ params }) => {
    metrics.greetings.inc();
    return { text: `${config.greeting}, ${params.name}!` };
  };
