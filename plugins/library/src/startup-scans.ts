import { Problem } from '@revenge/sdk';
import type { Ctx } from './context.ts';
import type { ScanRequests } from './scan-requests.ts';

/** Scans the libraries given and those that want it at each start; one whose scan runs or waits already is left alone. */
export async function startupScans(ctx: Ctx, scans: ScanRequests, given: readonly string[]): Promise<void> {
  const wanted = await ctx.db.sql<{ id: string }>`
    select id from libraries where enabled and (scan_on_startup or id = any(${given}::uuid[])) order by created_at, id`;
  for (const { id } of wanted) {
    try {
      await scans.request(id, 'full');
    } catch (error) {
      if (!Problem.is(error) || (error.status !== 409 && error.status !== 404)) throw error;
      ctx.log.info('no scan at start: one runs or waits already', { library_id: id });
    }
  }
}
