import type { Ctx } from '../context.ts';
import { episodeFile, filesOf } from '../files.ts';
import { listEpisodes, listSeasons, listSeries, readEpisode, readSeason, readSeries } from '../series.ts';
import { type Scope, scopeOf } from '../visibility.ts';
import type { RoutesOf } from './routes-of.ts';

export const tvshowHandlers = (ctx: Ctx) => {
  const scope = (user: { readonly id: string }): Promise<Scope> => scopeOf(ctx.services.access, user.id);
  return {
    'GET /tvshows': async ({ query, user }) => listSeries(ctx.db, await scope(user), query.order_by, query),
    'GET /tvshows/:id': async ({ params, user }) => readSeries(ctx.db, await scope(user), params.id),
    'GET /tvshows/:id/seasons': async ({ params, user }) => listSeasons(ctx.db, await scope(user), params.id),
    'GET /tvshows/:id/episodes': async ({ params, user }) =>
      listEpisodes(ctx.db, await scope(user), { series: params.id }),
    'GET /tvshows/seasons/:id': async ({ params, user }) => readSeason(ctx.db, await scope(user), params.id),
    'GET /tvshows/seasons/:id/episodes': async ({ params, user }) =>
      listEpisodes(ctx.db, await scope(user), { season: params.id }),
    'GET /tvshows/episodes/:id': async ({ params, user }) => readEpisode(ctx.db, await scope(user), params.id),
    'GET /tvshows/episodes/:id/files': async ({ params, user }) => {
      const may = await scope(user);
      const files = await filesOf(ctx.db, may, 'episode', params.id);
      if (files.length === 0) await readEpisode(ctx.db, may, params.id);
      return files.map((file) => episodeFile(params.id, file));
    },
  } satisfies RoutesOf;
};
