import { defineContract, definePlugin } from '@revenge/sdk';
import { z } from 'zod';

export const contract = defineContract({
  id: 'steady',
  title: 'Steady',
  sdk: '^1.0',
  config: z.object({ word: z.string().default('one'), broken: z.boolean().default(false) }),
  routes: {
    'GET /word': { access: 'public', responses: { 200: z.object({ word: z.string() }) } },
    'GET /slow/:ms': { access: 'public', responses: { 200: z.object({ word: z.string() }) } },
  },
});

export default definePlugin(contract, async (ctx) => {
  if (ctx.config.broken) throw new Error('told to be broken');
  return ctx.implement({
    routes: {
      'GET /word': () => ({ word: ctx.config.word }),
      'GET /slow/:ms': async ({ params }) => {
        await new Promise((done) => setTimeout(done, Number(params.ms)));
        return { word: ctx.config.word };
      },
    },
  });
});
