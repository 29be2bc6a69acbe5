import type { Ctx } from '../context.ts';
import { filesOf, movieFile } from '../files.ts';
import { listMovies, readMovie } from '../movies.ts';
import { type Scope, scopeOf } from '../visibility.ts';
import type { RoutesOf } from './routes-of.ts';

export const movieHandlers = (ctx: Ctx) => {
  const scope = (user: { readonly id: string }): Promise<Scope> => scopeOf(ctx.services.access, user.id);
  return {
    'GET /movies': async ({ query, user }) => {
      const { order_by, limit, offset } = query;
      const { items, total } = await listMovies(ctx.db, await scope(user), order_by, query);
      return { items, total, page: Math.floor(offset / limit) + 1, page_size: limit };
    },
    'GET /movies/:id': async ({ params, user }) => readMovie(ctx.db, await scope(user), params.id),
    'GET /movies/:id/files': async ({ params, user }) => {
      const may = await scope(user);
      const files = await filesOf(ctx.db, may, 'movie', params.id);
      if (files.length === 0) await readMovie(ctx.db, may, params.id);
      return files.map((file) => movieFile(params.id, file));
    },
  } satisfies RoutesOf;
};
