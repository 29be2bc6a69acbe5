import { defineContract, definePlugin, event, extensionPoint, optional, service } from '@revenge/sdk';
import { z } from 'zod';

const Said = event('talk.said@1.0', {
  payload: z.object({ word: z.string(), to: z.string() }),
  delivery: 'durable',
  key: 'to',
});
const Whispered = event('talk.whispered@1.0', { payload: z.object({ word: z.string() }), delivery: 'live' });

export const contract = defineContract({
  id: 'hear',
  title: 'Hear',
  sdk: '^1.0',
  needs: { talker: service('talk.talker@1.0'), nobody: optional(service('nobody.home@1.0')) },
  contributes: { ear: extensionPoint('talk.ears@1.0') },
  listens: { said: Said, whispered: Whispered },
  routes: {
    'GET /greet/:name': { access: 'public', responses: { 200: z.object({ text: z.string(), nobody: z.boolean() }) } },
    'GET /heard': { access: 'public', responses: { 200: z.object({ heard: z.array(z.string()) }) } },
  },
});

export default definePlugin(contract, async (ctx) => {
  const heard = [];
  let refused = 0;
  return ctx.implement({
    contributes: { ear: { name: async () => 'the left one' } },
    listens: {
      said: ({ word }) => {
        if (word === 'mumble' && (refused += 1) < 3) throw new Error('what?');
        heard.push(word);
      },
      whispered: ({ word }) => void heard.push(`(${word})`),
    },
    routes: {
      'GET /greet/:name': async ({ params }) => ({
        text: await ctx.services.talker.greet(params.name),
        nobody: ctx.services.nobody !== undefined,
      }),
      'GET /heard': () => ({ heard }),
    },
  });
});
