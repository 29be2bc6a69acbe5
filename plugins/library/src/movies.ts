import type { z } from 'zod';
import { problem } from '@revenge/sdk';
import type { SqlValue } from '@revenge/sdk';
import type { Movie } from './api/work-schemas.ts';
import type { Query } from './context.ts';
import { iso, isoOrNull, type Scope, visibleLibraries } from './visibility.ts';

export type MovieView = z.infer<typeof Movie>;
type MovieRow = Omit<MovieView, 'library_added_at' | 'metadata_updated_at' | 'created_at' | 'updated_at'> & {
  readonly added_at: Date;
  readonly metadata_updated_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
};
export interface ListPage {
  readonly limit: number;
  readonly offset: number;
  readonly order?: 'asc' | 'desc' | undefined;
  readonly year?: number | undefined;
  readonly library_id?: string | undefined;
}

const columns = `m.id, m.tmdb_id, m.imdb_id, m.title, m.original_title, m.year, m.release_date, m.runtime, m.overview, m.tagline, m.status,
  m.original_language, m.poster_path, m.backdrop_path, m.trailer_url, m.vote_average, m.vote_count, m.popularity, m.budget, m.revenue,
  m.radarr_id, m.external_ratings, m.added_at, m.metadata_updated_at, m.created_at, m.updated_at`;

/** Each order has an index of just these columns, so that a page costs its rows. */
const orders = {
  title: { by: 'm.sort_title', usual: 'asc' },
  year: { by: 'coalesce(m.year, 0)', usual: 'desc' },
  added: { by: 'm.added_at', usual: 'desc' },
  rating: { by: 'coalesce(m.vote_average, -1)', usual: 'desc' },
} as const;
export type MovieOrder = keyof typeof orders;

function view({ added_at, ...row }: MovieRow): MovieView {
  return {
    ...row,
    library_added_at: iso(added_at),
    metadata_updated_at: isoOrNull(row.metadata_updated_at),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  };
}

/** Films with a file in a visible library; two statements, whatever the page. Ties are in the order of ids. */
export async function listMovies(
  db: Query,
  scope: Scope,
  order: MovieOrder,
  page: ListPage,
): Promise<{ items: MovieView[]; total: number }> {
  const values: SqlValue[] = [scope, page.library_id ?? null];
  const visible = `library_set && array(select v.id from (${visibleLibraries(1)}) v where $2::uuid is null or v.id = $2::uuid)`;
  const where = `m.${visible}${page.year === undefined ? '' : ` and coalesce(m.year, 0) = $${values.push(page.year)}::int`}`;
  const counted = await db.query<{ total: number }>(
    page.year === undefined
      ? `select coalesce(sum(movies), 0)::bigint as total from movie_sets where ${visible}`
      : `select count(*) as total from movies m where ${where}`,
    values,
  );
  const { by, usual } = orders[order];
  const direction = page.order ?? usual;
  const rows = await db.query<MovieRow>(
    `select ${columns} from movies m where ${where}
     order by ${by} ${direction}, m.id ${direction} limit $${values.push(page.limit)} offset $${values.push(page.offset)}`,
    values,
  );
  return { items: rows.map(view), total: counted[0]?.total ?? 0 };
}

/** One film, also when its files are gone, as long as one was in a visible library. Problem 404 otherwise. */
export async function readMovie(db: Query, scope: Scope, id: string): Promise<MovieView> {
  const [row] = await db.query<MovieRow>(
    `select ${columns} from movies m where m.id = $2 and ($1::uuid[] is null or exists (
       select 1 from movie_files mf join media_files f on f.id = mf.file_id
       where mf.movie_id = m.id and f.library_id in (${visibleLibraries(1)})))`,
    [scope, id],
  );
  if (!row) throw problem.notFound('movie');
  return view(row);
}
