import type { z } from 'zod';
import { problem } from '@revenge/sdk';
import type { SqlValue } from '@revenge/sdk';
import type { Episode, Season, Series } from './api/work-schemas.ts';
import type { Query } from './context.ts';
import type { ListPage } from './movies.ts';
import { iso, isoOrNull, type Scope, visibleLibraries } from './visibility.ts';

export type SeriesView = z.infer<typeof Series>;
export type SeasonView = z.infer<typeof Season>;
export type EpisodeView = z.infer<typeof Episode>;
type Stamped<V> = Omit<V, 'created_at' | 'updated_at'> & { readonly created_at: Date; readonly updated_at: Date };
type SeriesRow = Omit<Stamped<SeriesView>, 'library_added_at' | 'metadata_updated_at'> & {
  readonly added_at: Date;
  readonly metadata_updated_at: Date | null;
};

const seriesColumns = `s.id, s.tmdb_id, s.tvdb_id, s.imdb_id, s.sonarr_id, s.title, s.year, s.original_title, s.original_language, s.tagline,
  s.overview, s.status, s.type, s.first_air_date, s.last_air_date, s.vote_average, s.vote_count, s.popularity, s.poster_path,
  s.backdrop_path, s.trailer_url, s.homepage, s.external_ratings, s.added_at, s.metadata_updated_at, s.created_at, s.updated_at,
  n.total_seasons, n.total_episodes`;
/** What the caller can watch of the series `s`; specials are no season. */
const numbers = `cross join lateral (
  select count(distinct el.episode_id) as total_episodes, count(distinct el.season_number) filter (where el.season_number > 0) as total_seasons
  from episode_libraries el where el.series_id = s.id and el.library_id in (${visibleLibraries(1)})) n`;

const orders = {
  created_at: { by: 's.created_at', usual: 'desc' },
  title: { by: 's.sort_title', usual: 'asc' },
  first_air_date: { by: `coalesce(s.first_air_date, date '0001-01-01')`, usual: 'desc' },
  vote_average: { by: 'coalesce(s.vote_average, -1)', usual: 'desc' },
  popularity: { by: 'coalesce(s.popularity, -1)', usual: 'desc' },
} as const;
export type SeriesOrder = keyof typeof orders;

const seriesView = ({ added_at, ...row }: SeriesRow): SeriesView => ({
  ...row,
  library_added_at: iso(added_at),
  metadata_updated_at: isoOrNull(row.metadata_updated_at),
  created_at: iso(row.created_at),
  updated_at: iso(row.updated_at),
});
const stamped = <V extends object>(
  row: Stamped<V>,
): Omit<V, 'created_at' | 'updated_at'> & { created_at: string; updated_at: string } => ({
  ...row,
  created_at: iso(row.created_at),
  updated_at: iso(row.updated_at),
});

/** Series with an episode's file in a visible library; two statements, whatever the page. */
export async function listSeries(
  db: Query,
  scope: Scope,
  order: SeriesOrder,
  page: ListPage,
): Promise<{ items: SeriesView[]; total: number }> {
  const values: SqlValue[] = [scope, page.library_id ?? null];
  const libraries = `select v.id from (${visibleLibraries(1)}) v where $2::uuid is null or v.id = $2::uuid`;
  const where = `where exists (select 1 from series_libraries sl where sl.series_id = s.id and sl.library_id in (${libraries}))
    ${page.year === undefined ? '' : `and s.year = $${values.push(page.year)}::int`}`;
  const counted = await db.query<{ total: number }>(`select count(*) as total from series s ${where}`, values);
  const { by, usual } = orders[order];
  const direction = page.order ?? usual;
  const rows = await db.query<SeriesRow>(
    `select ${seriesColumns} from (
       select s.*, row_number() over () as place from (
         select s.* from series s ${where} order by ${by} ${direction}, s.id ${direction}
         limit $${values.push(page.limit)} offset $${values.push(page.offset)}) s) s ${numbers} order by s.place`,
    values,
  );
  return { items: rows.map(seriesView), total: counted[0]?.total ?? 0 };
}

/** Episodes `e` that were once seen in a visible library: their page stays when the files go. */
const everVisible = `($1::uuid[] is null or exists (
  select 1 from episode_files ef join media_files f on f.id = ef.file_id
  where ef.episode_id = e.id and f.library_id in (${visibleLibraries(1)})))`;
/** Episodes `e` with a file in a visible library now. */
const present = `exists (select 1 from episode_libraries el where el.episode_id = e.id and el.library_id in (${visibleLibraries(1)}))`;

export async function readSeries(db: Query, scope: Scope, id: string): Promise<SeriesView> {
  const [row] = await db.query<SeriesRow>(
    `select ${seriesColumns} from series s ${numbers}
     where s.id = $2 and ($1::uuid[] is null or exists (select 1 from episodes e where e.series_id = s.id and ${everVisible}))`,
    [scope, id],
  );
  if (!row) throw problem.notFound('series');
  return seriesView(row);
}

const seasonColumns = `t.id, t.series_id, t.tmdb_id, t.season_number, t.name, t.overview, t.poster_path, t.air_date, t.vote_average,
  t.created_at, t.updated_at, (select count(*) from episodes e where e.season_id = t.id and ${present}) as episode_count`;
const episodeColumns = `e.id, e.series_id, e.season_id, e.tmdb_id, e.tvdb_id, e.imdb_id, e.season_number, e.episode_number, e.title,
  e.overview, e.air_date, e.runtime, e.vote_average, e.vote_count, e.still_path, e.production_code, e.created_at, e.updated_at`;

/** By number, specials first; Problem 404 for a series the caller may not see. */
export async function listSeasons(db: Query, scope: Scope, seriesId: string): Promise<SeasonView[]> {
  const rows = await db.query<Stamped<SeasonView>>(
    `select ${seasonColumns} from seasons t
     where t.series_id = $2 and exists (select 1 from episodes e where e.season_id = t.id and ${present}) order by t.season_number`,
    [scope, seriesId],
  );
  if (rows.length === 0) await readSeries(db, scope, seriesId);
  return rows.map(stamped<SeasonView>);
}

export async function readSeason(db: Query, scope: Scope, id: string): Promise<SeasonView> {
  const [row] = await db.query<Stamped<SeasonView>>(
    `select ${seasonColumns} from seasons t
     where t.id = $2 and ($1::uuid[] is null or exists (select 1 from episodes e where e.season_id = t.id and ${everVisible}))`,
    [scope, id],
  );
  if (!row) throw problem.notFound('season');
  return stamped<SeasonView>(row);
}

/** In the order of their numbers; Problem 404 for a series or season the caller may not see. */
export async function listEpisodes(
  db: Query,
  scope: Scope,
  of: { readonly series: string } | { readonly season: string },
): Promise<EpisodeView[]> {
  const [column, id] = 'series' in of ? ['series_id', of.series] : ['season_id', of.season];
  const rows = await db.query<Stamped<EpisodeView>>(
    `select ${episodeColumns} from episodes e where e.${column} = $2 and ${present} order by e.season_number, e.episode_number`,
    [scope, id],
  );
  if (rows.length === 0) await ('series' in of ? readSeries(db, scope, id) : readSeason(db, scope, id));
  return rows.map(stamped<EpisodeView>);
}

export async function readEpisode(db: Query, scope: Scope, id: string): Promise<EpisodeView> {
  const [row] = await db.query<Stamped<EpisodeView>>(
    `select ${episodeColumns} from episodes e where e.id = $2 and ${everVisible}`,
    [scope, id],
  );
  if (!row) throw problem.notFound('episode');
  return stamped<EpisodeView>(row);
}
