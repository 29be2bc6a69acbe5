import { problem } from '@revenge/sdk';
import type { Ctx } from '../context.ts';
import type { ScanRequests } from '../scan-requests.ts';
import { listScans, readScan, scanProblems } from '../scans.ts';
import type { RoutesOf } from './routes-of.ts';

/** Problems shown with a scan; `error_count` tells how many there are. */
const SHOWN = 100;

export const scanHandlers = (ctx: Ctx, scans: ScanRequests) =>
  ({
    'POST /libraries/:libraryId/scan': async ({ params, body, reply }) =>
      reply(202, await scans.request(params.libraryId, body.scan_type)),
    'POST /libraries/:libraryId/unfreeze': async ({ params, reply }) => {
      const known = await ctx.db
        .sql`update libraries set loss_accepted = true where id = ${params.libraryId} returning id`;
      if (known.length === 0) throw problem.notFound('library');
      ctx.log.info('loss of files confirmed', { library_id: params.libraryId });
      return reply(202, await scans.request(params.libraryId, 'full'));
    },
    'GET /libraries/:libraryId/scans': ({ params, query }) => listScans(ctx.db, params.libraryId, query),
    'GET /libraries/:libraryId/scans/:scanId': async ({ params }) => {
      const scan = await readScan(ctx.db, params.libraryId, params.scanId);
      if (!scan) throw problem.notFound('scan');
      return { ...scan, errors: await scanProblems(ctx.db, params.scanId, SHOWN) };
    },
    'POST /libraries/:libraryId/scans/:scanId/cancel': ({ params }) => scans.cancel(params.libraryId, params.scanId),
  }) satisfies RoutesOf;
