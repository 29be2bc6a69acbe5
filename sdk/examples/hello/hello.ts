import { defineContract, definePlugin } from '@revenge/sdk';
import { z } from 'zod';

export const contract = defineContract({
  id: 'hello',
  title: 'Hello',
  sdk: '^1.0',
  config: z.object({ greeting: z.string().default('Hello') }),
  routes: {
    'GET /hello/:name': { access: 'public', responses: { 200: z.object({ text: z.string() }) } },
  },
});

export default definePlugin(contract, ({ config }) => ({
  routes: { 'GET /hello/:name': ({ params }) => ({ text: `${config.greeting}, ${params.name}!` }) },
}));
