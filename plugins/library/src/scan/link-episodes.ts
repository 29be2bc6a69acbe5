import type { Query } from '../context.ts';
import type { Ids } from '../ids.ts';
import type { StoredFile } from './media-file-rows.ts';
import { resolveWorks } from './resolve-works.ts';

export interface AddedEpisodes {
  readonly series: readonly string[];
  readonly episodes: readonly string[];
}
interface Link {
  readonly file_id: string;
  readonly series_id: string;
  readonly season_number: number;
  readonly episode_number: number;
  readonly title: string;
  readonly air_date: string | null;
  readonly part: number | null;
  readonly season_id: string;
  readonly episode_id: string;
}

/** Puts the files of episodes to their series, seasons and episodes and answers what is new. */
export async function linkEpisodes(
  tx: Query,
  libraryId: string,
  stored: readonly StoredFile[],
  ids: Ids,
): Promise<AddedEpisodes> {
  const known = stored.filter((s) => !s.isNew).map((s) => s.id);
  const before =
    known.length === 0
      ? []
      : await tx.query<{ episode_id: string }>(
          `delete from episode_files where file_id = any($1::uuid[]) returning episode_id`,
          [known],
        );
  const named = stored.flatMap(({ id, file }) =>
    file.work && file.role === 'main' ? [{ id, work: file.work, episodes: file.episodes, part: file.part }] : [],
  );
  const { idOf, added } = await resolveWorks(
    tx,
    'series',
    named.map((n) => n.work),
    ids,
  );
  const links = named.flatMap(({ id, work, episodes, part }) =>
    episodes.map((e) => ({
      file_id: id,
      series_id: idOf.get(work) ?? '',
      season_number: e.season,
      episode_number: e.episode,
      title: e.title,
      air_date: e.air_date,
      part,
      season_id: ids.next(),
      episode_id: ids.next(),
    })),
  );
  const episodes = links.length === 0 ? [] : await storeLinks(tx, libraryId, links);
  await forgetEpisodes(
    tx,
    libraryId,
    before.map((row) => row.episode_id),
  );
  return { series: added, episodes };
}

const record = `jsonb_to_recordset($1::jsonb) as r(file_id uuid, series_id uuid, season_number int, episode_number int, title text,
  air_date date, part int, season_id uuid, episode_id uuid)`;

/** Seasons, episodes, links and presence: a statement each, in the order of their keys so that scans wait instead of deadlocking. */
async function storeLinks(tx: Query, libraryId: string, links: readonly Link[]): Promise<string[]> {
  const rows = JSON.stringify(links);
  await tx.query(
    `insert into seasons (id, series_id, season_number, name)
     select distinct on (series_id, season_number) season_id, series_id, season_number,
       case when season_number = 0 then 'Specials' else 'Season ' || season_number end
     from ${record} order by series_id, season_number on conflict (series_id, season_number) do nothing`,
    [rows],
  );
  const added = await tx.query<{ id: string }>(
    `insert into episodes (id, series_id, season_id, season_number, episode_number, title, air_date)
     select distinct on (r.series_id, r.season_number, r.episode_number) r.episode_id, r.series_id, s.id, r.season_number, r.episode_number, r.title, r.air_date
     from ${record} join seasons s on s.series_id = r.series_id and s.season_number = r.season_number
     order by r.series_id, r.season_number, r.episode_number
     on conflict (series_id, season_number, episode_number) do nothing returning id`,
    [rows],
  );
  await tx.query(
    `with link as (
       insert into episode_files (file_id, episode_id, part)
       select distinct on (r.file_id, e.id) r.file_id, e.id, r.part from ${record}
       join episodes e on e.series_id = r.series_id and e.season_number = r.season_number and e.episode_number = r.episode_number
       on conflict (file_id, episode_id) do update set part = excluded.part returning episode_id)
     insert into episode_libraries (library_id, episode_id, series_id, season_number)
     select distinct $2::uuid, e.id, e.series_id, e.season_number from link join episodes e on e.id = link.episode_id order by e.id
     on conflict do nothing`,
    [rows, libraryId],
  );
  await tx.query(
    `insert into series_libraries (library_id, series_id) select distinct $2::uuid, series_id from unnest($1::uuid[]) as r(series_id)
     order by series_id on conflict do nothing`,
    [[...new Set(links.map((link) => link.series_id))], libraryId],
  );
  return added.map((row) => row.id);
}

/** Takes episodes, and series left without any, out of the library's lists when no file in it holds them any more. */
export async function forgetEpisodes(tx: Query, libraryId: string, episodeIds: readonly string[]): Promise<void> {
  if (episodeIds.length === 0) return;
  const ids = [...new Set(episodeIds)];
  await tx.query(
    `delete from episode_libraries el where el.library_id = $1 and el.episode_id = any($2::uuid[])
      and not exists (select 1 from episode_files ef join media_files f on f.id = ef.file_id
        where ef.episode_id = el.episode_id and f.library_id = el.library_id and f.removed_at is null)`,
    [libraryId, ids],
  );
  await tx.query(
    `delete from series_libraries sl where sl.library_id = $1
      and sl.series_id in (select e.series_id from episodes e where e.id = any($2::uuid[]))
      and not exists (select 1 from episodes e join episode_libraries el on el.episode_id = e.id
        where e.series_id = sl.series_id and el.library_id = sl.library_id)`,
    [libraryId, ids],
  );
}
