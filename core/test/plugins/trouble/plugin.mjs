import { EventEmitter } from 'node:events';
import { defineContract, definePlugin, NeedsAuth, NotReady, nothing } from '@revenge/sdk';
import { z } from 'zod';

export const contract = defineContract({
  id: 'trouble',
  title: 'Trouble',
  sdk: '^1.0',
  instances: 'many',
  config: z.object({
    at: z.enum(['never', 'setup', 'setup-hangs', 'start', 'not-ready', 'needs-auth', 'stop-hangs']).default('never'),
  }),
  jobs: { throws: { retries: 0 } },
  routes: {
    'GET /throws': { access: 'public', responses: { 200: z.object({}) } },
    'GET /lies': { access: 'public', responses: { 200: z.object({ n: z.int() }) } },
    'GET /not-ready': { access: 'public', responses: { 200: z.object({}) } },
    'POST /job': { access: 'public', responses: { 202: z.object({ id: z.string() }) } },
    'GET /job/:id': {
      access: 'public',
      responses: { 200: z.object({ state: z.string(), error: z.string().optional() }) },
    },
    'POST /rejects': { access: 'public', responses: { 204: nothing } },
    'POST /timer': { access: 'public', responses: { 204: nothing } },
    'POST /emitter': { access: 'public', responses: { 204: nothing } },
  },
});

export default definePlugin(contract, async (ctx) => {
  const { at } = ctx.config;
  if (at === 'setup') throw new Error('threw in setup');
  if (at === 'setup-hangs') await new Promise(() => undefined);
  return ctx.implement({
    start() {
      if (at === 'start') throw new Error('threw in start');
      if (at === 'not-ready') throw new NotReady('the upstream sleeps', '1s');
      if (at === 'needs-auth') throw new NeedsAuth('the key was refused', 'at');
    },
    async stop() {
      if (at === 'stop-hangs') await new Promise(() => undefined);
    },
    jobs: {
      throws: () => {
        throw new Error('threw in a job');
      },
    },
    routes: {
      'GET /throws': () => {
        throw new Error('threw in a route');
      },
      'GET /lies': () => ({ n: 'no number' }),
      'GET /not-ready': () => {
        throw new NotReady('not now');
      },
      'POST /job': async ({ reply }) => reply(202, await ctx.jobs.throws.enqueue()),
      'GET /job/:id': async ({ params }) => (await ctx.jobs.throws.get(params.id)) ?? { state: 'gone' },
      'POST /rejects': async () => {
        void (async () => {
          await Promise.resolve();
          throw new Error('rejected and nobody awaited it');
        })();
      },
      'POST /timer': () => {
        setTimeout(() => {
          throw new Error('threw in a timer');
        }, 1);
      },
      'POST /emitter': () => {
        const emitter = new EventEmitter();
        setImmediate(() => emitter.emit('error', new Error('threw in an emitter')));
      },
    },
  });
});
