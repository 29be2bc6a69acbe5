import { Problem, problem } from '@revenge/sdk';
import type { Library, MediaFile, Work } from './contract.ts';
import type { Ctx } from './context.ts';
import { type FileRow, filesOf, readFile } from './files.ts';
import { mediaType } from './media-type.ts';
import { scopeOf, visibleLibraries } from './visibility.ts';

const mediaFile = ({ id, library_id, path, size, container, duration_seconds, streams }: FileRow): MediaFile => ({
  id,
  library_id,
  path,
  size,
  container,
  duration_seconds,
  type: mediaType(container, path),
  streams: streams.map((stream) => ({ ...stream })),
});
const works = `select id, 'movie' as kind, title, year, tmdb_id, imdb_id, null::int as tvdb_id, created_at from movies
  union all select id, 'series', title, year, tmdb_id, imdb_id, tvdb_id, created_at from series`;

/** What other plugins may ask; each call is one or two statements. */
export function libraryService(ctx: Ctx): Library {
  const columns = 'id, kind, title, year, tmdb_id, imdb_id, tvdb_id';
  return {
    async work(id) {
      const [work] = await ctx.db.query<Work>(`select ${columns} from (${works}) w where id = $1`, [id]);
      return work;
    },
    async find({ kind, tmdb, imdb, tvdb }) {
      const given = [tmdb, imdb, tvdb].filter((value) => value !== undefined);
      if (given.length !== 1) throw problem.badRequest('Give exactly one id to find a work by.');
      const [work] = await ctx.db.query<Work>(
        `select ${columns} from (${works}) w where kind = $1 and (tmdb_id = $2::int or imdb_id = $3::text or tvdb_id = $4::int)
         order by created_at, id limit 1`,
        [kind, tmdb, imdb, tvdb],
      );
      return work;
    },
    async file(id, userId) {
      try {
        return mediaFile(await readFile(ctx.db, await scopeOf(ctx.services.access, userId), id));
      } catch (error) {
        if (Problem.is(error) && error.status === 404) return undefined;
        throw error;
      }
    },
    async filesOf(workId, userId) {
      const scope = await scopeOf(ctx.services.access, userId);
      const films = await filesOf(ctx.db, scope, 'movie', workId);
      return (films.length > 0 ? films : await filesOf(ctx.db, scope, 'episode', workId)).map(mediaFile);
    },
    async visible(userId) {
      const rows = await ctx.db.query<{ id: string }>(`${visibleLibraries(1)} order by l.id`, [
        await scopeOf(ctx.services.access, userId),
      ]);
      return rows.map((row) => row.id);
    },
  };
}
