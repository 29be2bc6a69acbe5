import { definePlugin } from '@revenge/sdk';
import { contract } from './contract.ts';
import { hello } from './routes/hello.ts';

export default definePlugin(contract, (ctx) =>
  ctx.implement({
    routes: { 'GET /hello/:name': hello(ctx) },
  }),
);
