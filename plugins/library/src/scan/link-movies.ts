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
      : await tx.query<{ movie_id: string }>(
          `delete from movie_files where file_id = any($1::uuid[]) returning movie_id`,
          [known],
        );
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
      `insert into movie_files (file_id, movie_id, part)
       select file_id, movie_id, part from jsonb_to_recordset($1::jsonb) as r(file_id uuid, movie_id uuid, part int)
       on conflict (file_id) do update set movie_id = excluded.movie_id, part = excluded.part`,
      [JSON.stringify(links)],
    );
  await refreshMovies(tx, [...idOf.values(), ...before.map((row) => row.movie_id)]);
  return added;
}

/**
 * Makes the films' sets of libraries, and the counts of those sets, what their files say. The films are locked by a statement of its own:
 * the one after it sees what another scan stored meanwhile.
 */
export async function refreshMovies(tx: Query, movieIds: readonly string[]): Promise<void> {
  if (movieIds.length === 0) return;
  const ids = [...new Set(movieIds)];
  await tx.query('select id from movies where id = any($1::uuid[]) order by id for update', [ids]);
  await tx.query(
    `with present as (
       select m.id, m.library_set as before, coalesce(array_agg(distinct f.library_id order by f.library_id) filter (where f.id is not null), '{}') as after
       from movies m left join movie_files mf on mf.movie_id = m.id left join media_files f on f.id = mf.file_id and f.removed_at is null
       where m.id = any($1::uuid[]) group by m.id),
     changed as (
       update movies m set library_set = p.after from present p
       where m.id = p.id and p.before <> p.after returning p.before, p.after),
     delta as (
       select library_set, sum(change) as change
       from (select before as library_set, -1 as change from changed union all select after, 1 from changed) c
       where library_set <> '{}' group by library_set having sum(change) <> 0 order by library_set)
     insert into movie_sets as s (library_set, movies) select library_set, change from delta
     on conflict (library_set) do update set movies = s.movies + excluded.movies`,
    [ids],
  );
}

/** After a library and its files are gone; `movie_sets` is locked, as every film may count elsewhere now. */
export async function forgetLibrary(tx: Query, libraryId: string): Promise<void> {
  await tx.query(`lock table movie_sets in exclusive mode`, []);
  await tx.query(
    `update movies set library_set = array_remove(library_set, $1::uuid) where $2::uuid = any(library_set)`,
    [libraryId, libraryId],
  );
  await tx.query(`delete from movie_sets`, []);
  await tx.query(
    `insert into movie_sets (library_set, movies) select library_set, count(*) from movies where library_set <> '{}' group by library_set`,
    [],
  );
}
