import { definePlugin } from '@revenge/sdk';
import { contract } from './contract.ts';
import { ensureLibraries } from './flag-libraries.ts';
import { Ids } from './ids.ts';
import { scan } from './jobs/scan.ts';
import { libraryService } from './library-service.ts';
import { Prober } from './probe/prober.ts';
import { fileHandlers } from './routes/files.ts';
import { libraryHandlers } from './routes/libraries.ts';
import { movieHandlers } from './routes/movies.ts';
import { permissionHandlers } from './routes/permissions.ts';
import { scanHandlers } from './routes/scans.ts';
import { tvshowHandlers } from './routes/tvshows.ts';
import { NameReader } from './scan/name-reader.ts';
import { ScanRequests } from './scan-requests.ts';
import { Slots } from './slots.ts';
import { startupScans } from './startup-scans.ts';
import { Walker } from './walk/walker.ts';

export default definePlugin(contract, (ctx) => {
  const ids = new Ids();
  const walker = new Walker();
  const names = new NameReader();
  const prober = new Prober({ threads: ctx.config.probe_threads });
  const scans = new ScanRequests(ctx, ids);
  ctx.onStop(() => walker.close());
  ctx.onStop(() => names.close());
  ctx.onStop(() => prober.close());
  return ctx.implement({
    routes: {
      ...libraryHandlers(ctx, { ids, scans, names }),
      ...scanHandlers(ctx, scans),
      ...permissionHandlers(ctx),
      ...movieHandlers(ctx),
      ...tvshowHandlers(ctx),
      ...fileHandlers(ctx),
    },
    jobs: { scan: scan({ ctx, ids, walker, names, prober, turn: new Slots(1) }) },
    provides: { library: libraryService(ctx) },
    start: async () => {
      await scans.reconcile();
      await startupScans(ctx, scans, await ensureLibraries(ctx, ids));
      ctx.clock.every('1m', () => scans.reconcile());
    },
  });
});
