import { z } from 'zod';
import { isPlainText } from '../plain-text.ts';

/** Text that PostgreSQL can hold: well-formed, without NUL. */
export const plainText = (max: number) =>
  z.string().max(max).refine(isPlainText, 'must be plain text without NUL characters');

/** The kinds the reference knows; this plugin serves the first two. */
export const LibraryType = z.enum([
  'movie',
  'tvshow',
  'music',
  'photo',
  'book',
  'audiobook',
  'comic',
  'podcast',
  'adult',
]);
export const ScanType = z.enum(['full', 'incremental', 'metadata']);
export const ScanStatus = z.enum(['pending', 'running', 'completed', 'failed', 'cancelled']);
export const GrantName = z.enum(['view', 'download', 'manage']);
const Time = z.iso.datetime();

export const Scan = z.object({
  id: z.uuid(),
  library_id: z.uuid(),
  scan_type: ScanType,
  status: ScanStatus,
  items_scanned: z.int(),
  items_added: z.int(),
  items_updated: z.int(),
  items_removed: z.int(),
  error_count: z.int(),
  /** Why it failed: a code for programs, a sentence for people. */
  error_code: z.string().optional(),
  error_message: z.string().optional(),
  progress: z.object({
    phase: z.enum(['waiting', 'walking', 'probing', 'done']),
    files_done: z.int(),
    files_known: z.int(),
    files_per_second: z.number(),
    eta_seconds: z.int().nullable(),
  }),
  started_at: Time.optional(),
  completed_at: Time.optional(),
  created_at: Time,
});
export const ScanProblem = z.object({ path: z.string(), code: z.string(), message: z.string() });
/** The first problems of a scan; `error_count` tells how many there are. */
export const ScanDetail = z.object({ ...Scan.shape, errors: z.array(ScanProblem) });
export const ScanList = z.object({ scans: z.array(Scan), total: z.int() });

export const LibraryView = z.object({
  id: z.uuid(),
  name: z.string(),
  type: LibraryType,
  paths: z.array(z.string()),
  enabled: z.boolean(),
  scan_on_startup: z.boolean(),
  realtime_monitoring: z.boolean(),
  metadata_provider: z.string().optional(),
  preferred_language: z.string().optional(),
  scanner_config: z.record(z.string(), z.unknown()),
  /** `frozen`: too many files were missing at once, nothing is removed until they are back or the loss is confirmed. */
  state: z.enum(['ok', 'frozen']),
  state_reason: z.string().nullable(),
  latest_scan: Scan.optional(),
  created_at: Time,
  updated_at: Time,
});
export const LibraryList = z.object({ libraries: z.array(LibraryView), total: z.int() });

const settings = {
  enabled: z.boolean().optional(),
  scan_on_startup: z.boolean().optional(),
  realtime_monitoring: z.boolean().optional(),
  metadata_provider: plainText(100).optional(),
  preferred_language: plainText(35).optional(),
  scanner_config: z.record(z.string(), z.unknown()).optional(),
};
const name = plainText(255).refine((text) => text.trim() !== '', 'must not be blank');
const paths = z.array(plainText(4096)).min(1).max(100);
export const CreateLibrary = z.object({ name, type: LibraryType, paths, ...settings });
export const UpdateLibrary = z.object({ name: name.optional(), paths: paths.optional(), ...settings });

export const LibraryGrant = z.object({
  id: z.uuid(),
  library_id: z.uuid(),
  user_id: z.uuid(),
  permission: GrantName,
  created_at: Time,
});
export const LibraryGrantList = z.object({ permissions: z.array(LibraryGrant), total: z.int() });

/** A file that could not be read or understood. */
export const FileProblem = z.object({
  id: z.uuid(),
  path: z.string(),
  code: z.string(),
  message: z.string(),
  updated_at: Time,
});
export const FileProblemList = z.object({ items: z.array(FileProblem), total: z.int() });

/** How a path is understood. */
export const Parsed = z.object({
  kind: z.enum(['movie', 'episode', 'extra', 'unknown']),
  title: z.string().nullable(),
  episode_title: z.string().nullable(),
  year: z.int().nullable(),
  season: z.int().nullable(),
  episodes: z.array(z.int()),
  absolute_episodes: z.array(z.int()),
  air_date: z.string().nullable(),
  ids: z.object({ tmdb: z.int().nullable(), imdb: z.string().nullable(), tvdb: z.int().nullable() }),
  edition: z.string().nullable(),
  resolution: z.string().nullable(),
  source: z.string().nullable(),
  video_codec: z.string().nullable(),
  audio_codec: z.string().nullable(),
  hdr: z.array(z.string()),
  release_group: z.string().nullable(),
  languages: z.array(z.string()),
  part: z.int().nullable(),
  proper: z.boolean(),
  three_d: z.string().nullable(),
  extra_type: z.string().nullable(),
});
