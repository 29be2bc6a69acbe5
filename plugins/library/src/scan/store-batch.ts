import type { Db } from '../context.ts';
import type { Ids } from '../ids.ts';
import { plainTextOf } from '../plain-text.ts';
import { linkEpisodes } from './link-episodes.ts';
import { linkMovies } from './link-movies.ts';
import { upsertFiles } from './media-file-rows.ts';
import type { UnderstoodFile } from './understood-file.ts';

/** The scan that a batch belongs to. */
export interface ScanTarget {
  readonly scanId: string;
  readonly libraryId: string;
  readonly kind: 'movie' | 'tvshow';
}

/**
 * Stores files, their works and the scan's counts in one transaction, with the event that tells of new works: after a crash all of it is there
 * or none. Answers the numbers of the files, to be marked as seen.
 */
export async function storeBatch(
  db: Db,
  ids: Ids,
  target: ScanTarget,
  files: readonly UnderstoodFile[],
): Promise<number[]> {
  if (files.length === 0) return [];
  return db.transaction(async (tx) => {
    const { libraryId, scanId, kind } = target;
    const stored = await upsertFiles(tx, libraryId, files, ids);
    const movie_ids = kind === 'movie' ? await linkMovies(tx, libraryId, stored, ids) : [];
    const shows = kind === 'tvshow' ? await linkEpisodes(tx, libraryId, stored, ids) : { series: [], episodes: [] };
    const added = stored.filter((s) => s.isNew).length;
    await tx.sql`
      update library_scans set items_added = items_added + ${added}, items_updated = items_updated + ${stored.length - added}
      where id = ${scanId}`;
    if (movie_ids.length + shows.series.length + shows.episodes.length > 0)
      await tx.events.worksAdded.emit({
        library_id: libraryId,
        movie_ids: [...movie_ids],
        series_ids: [...shows.series],
        episode_ids: [...shows.episodes],
      });
    return stored.map((s) => s.number);
  });
}

/** A place or file that could not be read. */
export interface PathProblem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}
/** Keeps what could not be read; told twice (a scan that ran again after a crash) it counts once. Answers how many were new. */
export async function storeProblems(db: Db, scanId: string, problems: readonly PathProblem[]): Promise<number> {
  if (problems.length === 0) return 0;
  const [counted] = await db.query<{ added: number }>(
    `with added as (
       insert into scan_problems (scan_id, path_key, code, path, message)
       select $1::uuid, md5(path)::uuid, code, path, message from jsonb_to_recordset($2::jsonb) as r(path text, code text, message text)
       on conflict do nothing returning 1),
     counted as (update library_scans set error_count = error_count + (select count(*) from added) where id = $1::uuid returning 1)
     select (select count(*) from added) as added, (select count(*) from counted) as scans`,
    [
      scanId,
      JSON.stringify(
        problems.map(({ path, code, message }) => ({ path: plainTextOf(path), code, message: plainTextOf(message) })),
      ),
    ],
  );
  return counted?.added ?? 0;
}
