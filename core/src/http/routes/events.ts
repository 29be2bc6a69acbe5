import { z } from 'zod';
import { problem } from '@revenge/sdk';
import type { HttpDeps } from '../http-deps.ts';
import { writeEvents } from '../output/sse-answer.ts';
import type { CoreCall, CoreRoute } from './core-call.ts';

const PERMISSION = 'core:events';
const Page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  before: z.string().max(64).optional(),
});
/** Milliseconds between questions whether the caller may still listen. */
const RECHECK_MS = 1_000;

/** What happens, as a stream for each user; and what no listener would take, for administrators. */
export function eventRoutes(deps: HttpDeps): CoreRoute[] {
  const { events } = deps;
  return [
    { method: 'get', path: '/api/v1/events', run: (call) => stream(call, deps) },
    {
      method: 'get',
      path: '/api/v1/events/dead',
      run: async (call) => {
        await call.admin(PERMISSION);
        const { limit, before } = await call.query(Page);
        const letters = await events.deadLetters({ limit, ...(before && { before }) });
        await call.json(200, { events: letters, next: letters.length === limit ? letters.at(-1)?.id : null });
      },
    },
    {
      method: 'post',
      path: '/api/v1/events/dead/:id/replay',
      run: async (call) => {
        await call.admin(PERMISSION);
        if (!(await events.replay(call.param('id')))) throw problem.notFound('dead letter');
        call.nothing();
      },
    },
  ];
}

/** Ends when the client goes, the server drains, or the caller's session was revoked. */
async function stream(call: CoreCall, { events, authenticators }: HttpDeps): Promise<void> {
  const user = await call.user();
  const { x } = call;
  const end = new AbortController();
  x.onEnd(() => end.abort());
  let asking = false;
  const recheck = setInterval(() => {
    if (asking) return;
    asking = true;
    const still = authenticators.current()?.identity(user.id, user.credential.id);
    Promise.resolve(still)
      .then((identity) => still && !identity && end.abort())
      .catch((error: unknown) =>
        x.scope.log.warn('a listener could not be checked again', { request_id: x.id, error: String(error) }),
      )
      .finally(() => (asking = false));
  }, RECHECK_MS);
  recheck.unref();
  end.signal.addEventListener('abort', () => clearInterval(recheck), { once: true });
  const last = x.req.headers['last-event-id'];
  const from = typeof last === 'string' && /^[\w:.-]{1,128}$/.test(last) ? last : undefined;
  await writeEvents(x, call.plan, events.stream(user, from, end.signal), {
    schema: undefined,
    stop: end.signal,
    init: undefined,
  });
}
