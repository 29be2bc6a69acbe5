import { defineContract } from '@revenge/sdk';
import { z } from 'zod';

export const contract = defineContract({
  id: '{{NAME}}',
  title: '{{TITLE}}',
  sdk: '{{SDK_RANGE}}',
  config: z.object({ greeting: z.string().default('Hello').describe('How to greet') }),
  routes: {
    'GET /hello/:name': {
      access: 'public',
      summary: 'Greet somebody',
      responses: { 200: z.object({ text: z.string() }) },
    },
  },
  metrics: { greetings: { type: 'counter', help: 'Greetings given' } },
});

export default contract;
