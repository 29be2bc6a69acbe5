import { dirname } from 'node:path';
import type { Db } from '../context.ts';
import { forgetEpisodes } from './link-episodes.ts';
import { refreshMovies } from './link-movies.ts';
import type { NumberSet } from './number-set.ts';
import type { ScanTarget } from './store-batch.ts';

/** Numbers are read this many at a time, files removed this many at a time. */
const PAGE = 10_000;
const STEP = 500;
/** So many files and this share of the library missing at once looks like a disk that is away, not like somebody tidying up. */
const SUSPICIOUS_FILES = 20;
const SUSPICIOUS_SHARE = 0.2;

export interface Missing {
  readonly numbers: readonly number[];
  /** Files the library had when it was looked through. */
  readonly known: number;
}

/** Files that are known and were not seen, except below places that could not be read: those may well be there. */
export async function findMissing(
  db: Db,
  libraryId: string,
  seen: NumberSet,
  unreadable: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Missing> {
  const unseen: number[] = [];
  let known = 0;
  for (let last = 0; ;) {
    signal.throwIfAborted();
    const page = await db.query<{ number: number }>(
      `select number from media_files where library_id = $1 and removed_at is null and number > $2
      order by number limit $3`,
      [libraryId, last, PAGE],
    );
    for (const { number } of page) if (!seen.has(number)) unseen.push(number);
    known += page.length;
    last = page.at(-1)?.number ?? last;
    if (page.length < PAGE) break;
  }
  return { known, numbers: unreadable.size === 0 ? unseen : await outside(db, libraryId, unseen, unreadable) };
}

async function outside(
  db: Db,
  libraryId: string,
  numbers: readonly number[],
  unreadable: ReadonlySet<string>,
): Promise<number[]> {
  const gone: number[] = [];
  for (let at = 0; at < numbers.length; at += PAGE) {
    const rows = await db.query<{ number: number; path: string }>(
      `select number, path from media_files where library_id = $1 and number = any($2::bigint[])`,
      [libraryId, numbers.slice(at, at + PAGE)],
    );
    for (const { number, path } of rows) if (!isBelow(path, unreadable)) gone.push(number);
  }
  return gone;
}

function isBelow(path: string, places: ReadonlySet<string>): boolean {
  for (let place = path; ; place = dirname(place)) {
    if (places.has(place)) return true;
    if (place === dirname(place)) return false;
  }
}

/** Whether so much is missing that nothing may be removed without somebody's word. */
export const isSuspicious = ({ numbers, known }: Missing): boolean =>
  numbers.length >= SUSPICIOUS_FILES && numbers.length >= known * SUSPICIOUS_SHARE;

/** Turns missing files into tombstones, and takes the works that lost their last file in this library out of its lists. */
export async function removeMissing(
  db: Db,
  target: ScanTarget,
  numbers: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const { libraryId, scanId } = target;
  for (let at = 0; at < numbers.length; at += STEP) {
    signal.throwIfAborted();
    const step = numbers.slice(at, at + STEP);
    await db.transaction(async (tx) => {
      const removed = await tx.query<{ id: string }>(
        `update media_files set removed_at = now(), updated_at = now()
        where library_id = $1 and number = any($2::bigint[]) and removed_at is null returning id`,
        [libraryId, step],
      );
      const ids = removed.map((row) => row.id);
      const movies = await tx.query<{
        id: string;
      }>(`select distinct movie_id as id from movie_files where file_id = any($1::uuid[])`, [ids]);
      await refreshMovies(
        tx,
        movies.map((row) => row.id),
      );
      const episodes = await tx.query<{
        id: string;
      }>(`select distinct episode_id as id from episode_files where file_id = any($1::uuid[])`, [ids]);
      await forgetEpisodes(
        tx,
        libraryId,
        episodes.map((row) => row.id),
      );
      await tx.query(`update library_scans set items_removed = items_removed + $1 where id = $2`, [ids.length, scanId]);
    });
  }
}
