import { defineContract, definePlugin, event, extensionPoint, nothing, service } from '@revenge/sdk';
import { z } from 'zod';

const Talker = service('talk.talker@1.0');
const Ears = extensionPoint('talk.ears@1.0');
const Said = event('talk.said@1.0', {
  payload: z.object({ word: z.string(), to: z.string() }),
  delivery: 'durable',
  key: 'to',
  audience: 'users',
});
const Whispered = event('talk.whispered@1.0', {
  payload: z.object({ word: z.string() }),
  delivery: 'live',
  audience: 'admins',
});

export const contract = defineContract({
  id: 'talk',
  title: 'Talk',
  sdk: '^1.0',
  config: z.object({ silent: z.boolean().default(false) }),
  provides: { talker: Talker },
  hosts: { ears: Ears },
  emits: { said: Said, whispered: Whispered },
  database: { entities: [], migrations: [() => import('./words.migration.mjs')] },
  jobs: { say: { input: z.object({ word: z.string() }) } },
  routes: {
    'POST /say': {
      access: 'public',
      body: z.object({ word: z.string(), fail: z.boolean().default(false) }),
      responses: { 204: nothing },
    },
    'POST /whisper': { access: 'public', body: z.object({ word: z.string() }), responses: { 204: nothing } },
    'GET /ears': { access: 'public', responses: { 200: z.object({ ears: z.array(z.string()) }) } },
    'GET /words': { access: 'public', responses: { 200: z.object({ words: z.array(z.string()) }) } },
  },
});

export default definePlugin(contract, async (ctx) =>
  ctx.implement({
    start() {
      if (ctx.config.silent) throw new Error('told to be silent');
    },
    provides: { talker: { greet: async (name) => `hello ${name}` } },
    jobs: {
      say: async ({ input }) => {
        await ctx.db.sql`insert into words (word) values (${`job ${input.word}`})`;
      },
    },
    routes: {
      'POST /say': async ({ body }) => {
        await ctx.db.transaction(async (tx) => {
          await tx.sql`insert into words (word) values (${body.word})`;
          await tx.events.said.emit({ word: body.word, to: 'all' });
          await tx.jobs.say.enqueue({ word: body.word });
          if (body.fail) throw new Error('rolled back');
        });
      },
      'POST /whisper': ({ body }) => ctx.events.whispered.emit({ word: body.word }),
      'GET /ears': async () => ({ ears: await Promise.all([...ctx.extensions.ears].map((ear) => ear.call.name())) }),
      'GET /words': async () => ({
        words: (await ctx.db.sql`select word from words order by id`).map(({ word }) => word),
      }),
    },
  }),
);
