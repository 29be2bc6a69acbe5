import { z } from 'zod';
import { problem } from '@revenge/sdk';
import type { HttpDeps } from '../http-deps.ts';
import type { CoreCall, CoreRoute } from './core-call.ts';
import { State } from './core-schemas.ts';

const PERMISSION = 'core:jobs';
const Filter = z.object({
  state: State.optional(),
  type: z.string().max(200).optional(),
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

const idOf = (call: CoreCall): string => {
  const { success, data } = z.uuid().safeParse(call.param('id'));
  if (!success) throw problem.invalid({ path: 'params.id', message: 'A job id is a UUID.' });
  return data;
};

/** Every job of every plugin: what waits, runs, failed. For administrators. */
export function jobRoutes({ jobs }: HttpDeps): CoreRoute[] {
  const answer = async (call: CoreCall, status: number): Promise<void> => {
    const row = await jobs.read(idOf(call));
    if (!row) throw problem.notFound('job');
    await call.json(status, row);
  };
  return [
    {
      method: 'get',
      path: '/api/v1/jobs',
      run: async (call) => {
        await call.admin(PERMISSION);
        const { state, type, before, limit } = await call.query(Filter);
        const [rows, counts] = await Promise.all([
          jobs.list({ limit, ...(state && { state }), ...(type && { type }), ...(before && { before }) }),
          jobs.counts(),
        ]);
        const total = state ? counts[state] : Object.values(counts).reduce((sum, n) => sum + n, 0);
        await call.json(200, { jobs: rows, total, counts, next: rows.length === limit ? rows.at(-1)?.id : null });
      },
    },
    {
      method: 'get',
      path: '/api/v1/jobs/:id',
      run: async (call) => {
        await call.admin(PERMISSION);
        await answer(call, 200);
      },
    },
    {
      method: 'post',
      path: '/api/v1/jobs/:id/retry',
      run: async (call) => {
        await call.admin(PERMISSION);
        const id = idOf(call);
        if (!(await jobs.read(id))) throw problem.notFound('job');
        if (!(await jobs.retry(id))) throw problem.conflict('Only a discarded or cancelled job can be run again.');
        await answer(call, 202);
      },
    },
    {
      method: 'post',
      path: '/api/v1/jobs/:id/cancel',
      run: async (call) => {
        await call.admin(PERMISSION);
        const id = idOf(call);
        if (!(await jobs.read(id))) throw problem.notFound('job');
        await jobs.cancel(id);
        await answer(call, 202);
      },
    },
  ];
}
