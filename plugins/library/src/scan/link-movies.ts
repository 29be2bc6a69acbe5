import type { Query } from '../context.ts';
import type { Ids } from '../ids.ts';
import type { StoredFile } from './media-file-rows.ts';
import { resolveWorks } from './resolve-works.ts';

/** Puts the files of films to their works and answers the works that are new. */
export async function linkMovies(
  tx: Query,
  libraryId: string,
  stored: readonly StoredFile[],
  ids: Ids,
): Promise<readonly string[]> {
  const known = stored.filter((s) => !s.isNew).map((s) => s.id);
  const before =
    known.length === 0
      ? []
      : await tx.sql<{ movie_id: string }>`
    delete from movie_files where file_id = any(${known}::uuid[]) returning movie_id`;
  const named = stored.flatMap(({ id, file }) =>
    file.work && file.role === 'main' ? [{ id, work: file.work, part: file.part }] : [],
  );
  const { idOf, added } = await resolveWorks(
    tx,
    'movies',
    named.map((n) => n.work),
    ids,
  );
  const links = named.map(({ id, work, part }) => ({ file_id: id, movie_id: idOf.get(work), part }));
  if (links.length > 0)
    await tx.query(
      `with link as (
         insert into movie_files (file_id, movie_id, part)
         select file_id, movie_id, part from jsonb_to_recordset($1::jsonb) as r(file_id uuid, movie_id uuid, part int)
         on conflict (file_id) do update set movie_id = excluded.movie_id, part = excluded.part returning movie_id)
       insert into movie_libraries (library_id, movie_id) select distinct $2::uuid, movie_id from link order by movie_id
       on conflict do nothing`,
      [JSON.stringify(links), libraryId],
    );
  await forgetMovies(
    tx,
    libraryId,
    before.map((row) => row.movie_id),
  );
  return added;
}

/** Takes films out of the library's lists that have no file in it any more. */
export async function forgetMovies(tx: Query, libraryId: string, movieIds: readonly string[]): Promise<void> {
  if (movieIds.length === 0) return;
  await tx.sql`
    delete from movie_libraries ml where ml.library_id = ${libraryId} and ml.movie_id = any(${[...new Set(movieIds)]}::uuid[])
      and not exists (select 1 from movie_files mf join media_files f on f.id = mf.file_id
        where mf.movie_id = ml.movie_id and f.library_id = ml.library_id and f.removed_at is null)`;
}
