import { z } from 'zod';
import { Grants } from '@revenge/plugin-auth/contract';
import { Authenticator, defineContract, event, flag, optional, service } from '@revenge/sdk';
import { libraryRoutes } from './api/library-routes.ts';
import { Scan } from './api/library-schemas.ts';
import { workRoutes } from './api/work-routes.ts';
import { LibrarySpec } from './library-spec.ts';

/** A film or a series as other plugins see it. */
export interface Work {
  readonly id: string;
  readonly kind: 'movie' | 'series';
  readonly title: string;
  readonly year: number | null;
  readonly tmdb_id: number | null;
  readonly imdb_id: string | null;
  readonly tvdb_id: number | null;
}
/** A media file as other plugins see it. */
export interface MediaFile {
  readonly id: string;
  readonly library_id: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** The media type to serve it with. */
  readonly type: string;
  readonly container: string | null;
  readonly duration_seconds: number | null;
  readonly streams: readonly Readonly<Record<string, unknown>>[];
}
/** What other plugins may ask of the library. */
export interface Library {
  work(id: string): Promise<Work | undefined>;
  /** By one id of another database; the oldest work that has it. */
  find(by: {
    readonly kind: 'movie' | 'series';
    readonly tmdb?: number;
    readonly imdb?: string;
    readonly tvdb?: number;
  }): Promise<Work | undefined>;
  /** undefined also for what that user may not see, and for what is gone. */
  file(id: string, userId: string): Promise<MediaFile | undefined>;
  /** Of a film or an episode; only those the user may see. */
  filesOf(workId: string, userId: string): Promise<readonly MediaFile[]>;
  /** Ids of the enabled libraries the user may see. */
  visible(userId: string): Promise<readonly string[]>;
}
/** The token of the library's service. */
export const Library = service<Library>('library.library@1.0');

/** Works that have a file for the first time; one event for each batch of a scan. Follow `id` for what they are. */
export const WorksAdded = event('library.works-added@1.0', {
  payload: z.object({
    library_id: z.uuid(),
    movie_ids: z.array(z.uuid()),
    series_ids: z.array(z.uuid()),
    episode_ids: z.array(z.uuid()),
  }),
  delivery: 'durable',
  key: 'library_id',
  audience: { library: 'library_id' },
});
/** A scan ended, well or not. */
export const ScanFinished = event('library.scan-finished@1.0', {
  payload: Scan,
  delivery: 'durable',
  key: 'library_id',
  audience: { library: 'library_id' },
});
/** How far a scan is, twice a second at most. */
export const ScanProgress = event('library.scan-progress@1.0', {
  payload: Scan,
  delivery: 'live',
  audience: { library: 'library_id' },
});

const libraryLabel = { upTo: 200 } as const;

export const contract = defineContract({
  id: 'library',
  title: 'Library',
  description: 'Folders of films and series: scanned, listed and served.',
  sdk: '^1.0',
  base: '',
  config: z.object({
    libraries: flag(
      'library',
      z.array(LibrarySpec).default([]).describe('folder to scan and serve: movie=PATH, tvshow=PATH or movie:Name=PATH'),
      'TYPE=PATH',
    ),
    sample: flag('sample', z.boolean().default(false).describe('serve the sample media that come with Revenge')),
    /** Threads that read media files; more help on fast disks with idle cores. */
    probe_threads: z.int().min(1).max(16).default(1),
  }),
  needs: { access: Authenticator, grants: optional(Grants) },
  provides: { library: Library },
  emits: { worksAdded: WorksAdded, scanFinished: ScanFinished, scanProgress: ScanProgress },
  permissions: { manage: 'Add, change, scan and share libraries' },
  routes: { ...libraryRoutes, ...workRoutes },
  jobs: {
    scan: {
      input: z.object({ library_id: z.uuid(), scan_id: z.uuid() }),
      retries: 3,
      concurrency: 2,
      timeout: '24h',
    },
  },
  metrics: {
    scanDuration: {
      type: 'histogram',
      name: 'revenge_library_scan_duration_seconds',
      help: 'How long scans took',
      unit: 'seconds',
      labels: { library_id: libraryLabel },
      buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
    },
    filesScanned: {
      type: 'counter',
      name: 'revenge_library_files_scanned_total',
      help: 'Media files seen by scans',
      labels: { library_id: libraryLabel },
    },
    scanErrors: {
      type: 'counter',
      name: 'revenge_library_scan_errors_total',
      help: 'Files and folders that scans could not read, and scans that failed',
      labels: { library_id: libraryLabel, error_type: { upTo: 40 } },
    },
  },
  database: {
    entities: [],
    migrations: [() => import('./migrations/1764000000000-library-tables.migration.ts')],
  },
});
export default contract;
