/** The laws of DESIGN §2 and STYLE 1–4 as data; check-boundaries reads nothing else. */

/** Packages that only the kernel may import, values and types alike. */
export const KERNEL_ONLY = [/^koa$/, /^@koa\//, /^inversify$/, /^agenda$/, /^@agendajs\//, /^prom-client$/];

/** Areas of core/src that know each other by ports alone; the plugin host, the CLI and main.ts wire them. */
export const AREAS = ['http', 'jobs', 'database', 'metrics', 'cache', 'events'];

/** Files of an area that others may import: interfaces, and nothing that runs. */
export const PORTS = [
  'core/src/tokens.ts',
  'core/src/errors.ts',
  'core/src/access/access-control.ts',
  'core/src/cache/caches.ts',
  'core/src/database/bus.ts',
  'core/src/database/core-migration.ts',
  'core/src/database/database.ts',
  'core/src/events/events.ts',
  'core/src/health/readiness.ts',
  'core/src/http/mount.ts',
  'core/src/jobs/job-queue.ts',
  'core/src/metrics/metrics.ts',
  'core/src/plugins/plugin-admin.ts',
];

/** What each of our packages exports. */
export const EXPORTS = { sdk: ['.', './testing', './scaffold'], core: ['.', './testing'], plugin: ['.', './contract'] };

/** The barrels there may be. */
export const BARRELS = [/^sdk\/src\/index\.ts$/, /^(sdk|core)\/src\/testing\/index\.ts$/];
