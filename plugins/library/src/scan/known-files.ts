import type { Query } from '../context.ts';
import type { FoundFile } from '../walk/walker.ts';
import type { NumberSet } from './number-set.ts';
import { PARSER_VERSION } from './understood-file.ts';

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
  const known = await db.sql<{ at: number; number: number; same: boolean }>`
    select b.at::int as at, f.number, f.size = b.size and f.mtime_ms = b.mtime_ms and f.parser = ${PARSER_VERSION} and f.removed_at is null as same
    from unnest(${files.map((f) => f.path)}::text[], ${files.map((f) => f.size)}::bigint[], ${files.map((f) => f.mtime_ms)}::bigint[])
      with ordinality as b(path, size, mtime_ms, at)
    join media_files f on f.library_id = ${libraryId} and f.path_key = md5(b.path)::uuid and f.path = b.path`;
  const unchanged = new Set<number>();
  for (const { at, number, same } of known) {
    seen.add(number);
    if (same) unchanged.add(at - 1);
  }
  return files.filter((_, at) => !unchanged.has(at));
}
