import type { Query } from '../context.ts';
import type { Ids } from '../ids.ts';
import { PARSER_VERSION } from './parser-version.ts';
import type { UnderstoodFile } from './understood-file.ts';

/** A file of the batch with the id it has in the database. */
export interface StoredFile {
  readonly id: string;
  readonly number: number;
  readonly file: UnderstoodFile;
  readonly isNew: boolean;
}

/** Inserts new files and updates known ones; what changed on disk has to be probed again. One statement. */
export async function upsertFiles(
  tx: Query,
  libraryId: string,
  files: readonly UnderstoodFile[],
  ids: Ids,
): Promise<StoredFile[]> {
  const rows = files.map(({ path, size, mtime_ms, role, name, problem }) => ({
    id: ids.next(),
    path,
    size,
    mtime_ms,
    role,
    name,
    problem_code: problem?.code ?? null,
    problem: problem?.message ?? null,
  }));
  const stored = await tx.query<{ id: string; number: number; path: string }>(
    `insert into media_files as f (id, library_id, path, size, mtime_ms, role, name, parser, problem_code, problem)
     select distinct on (md5(path)) id, $2::uuid, path, size, mtime_ms, role, name, $3::int, problem_code, problem
     from jsonb_to_recordset($1::jsonb) as r(id uuid, path text, size bigint, mtime_ms bigint, role text, name jsonb, problem_code text, problem text)
     on conflict (library_id, path_key) do update set
       size = excluded.size, mtime_ms = excluded.mtime_ms, role = excluded.role, name = excluded.name, parser = excluded.parser,
       problem_code = coalesce(excluded.problem_code, case when f.probe_state = 'failed' then f.problem_code end),
       problem = coalesce(excluded.problem, case when f.probe_state = 'failed' then f.problem end),
       probe_state = case when f.size = excluded.size and f.mtime_ms = excluded.mtime_ms then f.probe_state else 'pending' end,
       removed_at = null, updated_at = now()
     returning id, number, path`,
    [JSON.stringify(rows), libraryId, PARSER_VERSION],
  );
  const sent = new Map(rows.map((row, at) => [row.path, { row, file: files[at] }]));
  return stored.flatMap(({ id, number, path }) => {
    const { row, file } = sent.get(path) ?? {};
    return file ? [{ id, number, file, isNew: row?.id === id }] : [];
  });
}
