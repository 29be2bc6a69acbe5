import type { Query } from '../context.ts';
import type { FoundFile } from '../walk/walker.ts';
import type { NumberSet } from './number-set.ts';
import { PARSER_VERSION } from './parser-version.ts';

/**
 * Which of the found files are new or changed. Marks the known ones in `seen` and writes nothing, so that a scan of unchanged files costs one
 * indexed join a batch.
 */
export async function changedFiles(
  db: Query,
  libraryId: string,
  files: readonly FoundFile[],
  seen: NumberSet,
): Promise<FoundFile[]> {
  if (files.length === 0) return [];
  const known = await db.query<{ at: number; number: number; same: boolean }>(
    // A look into the index for each file ("offset 0" keeps it so): a join may be planned as a read of the whole library for each batch.
    `select b.at::int as at, f.number, f.size = b.size and f.mtime_ms = b.mtime_ms and f.parser = $1 and f.removed_at is null as same
     from unnest($2::text[], $3::bigint[], $4::bigint[]) with ordinality as b(path, size, mtime_ms, at)
     cross join lateral (
       select m.* from media_files m where m.library_id = $5 and m.path_key = md5(b.path)::uuid and m.path = b.path offset 0) f`,
    [PARSER_VERSION, files.map((f) => f.path), files.map((f) => f.size), files.map((f) => f.mtime_ms), libraryId],
  );
  const unchanged = new Set<number>();
  for (const { at, number, same } of known) {
    seen.add(number);
    if (same) unchanged.add(at - 1);
  }
  return files.filter((_, at) => !unchanged.has(at));
}
