import type { HttpDeps } from '../http-deps.ts';
import type { CoreCall, CoreRoute } from './core-call.ts';

const check = (call: CoreCall, name: string, failing: readonly string[], well: string): Promise<void> =>
  call.json(failing.length ? 503 : 200, {
    name,
    status: failing.length ? 'unhealthy' : 'healthy',
    message: failing.length ? failing.join('; ') : well,
    ...(failing.length && { details: { reasons: failing } }),
  });

/** For load balancers and orchestrators: answered from memory, whatever the database does. */
export const healthRoutes = ({ readiness }: HttpDeps): CoreRoute[] => [
  { method: 'get', path: '/healthz', run: (call) => check(call, 'liveness', [], 'The process is alive.') },
  {
    method: 'get',
    path: '/readyz',
    run: (call) => check(call, 'readiness', readiness.reasons(), 'Ready for requests.'),
  },
  {
    method: 'get',
    path: '/startupz',
    run: (call) => check(call, 'startup', readiness.started() ? [] : ['Still starting.'], 'Started.'),
  },
];
