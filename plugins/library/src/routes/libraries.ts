import { problem } from '@revenge/sdk';
import type { Ctx } from '../context.ts';
import { listProblems } from '../files.ts';
import type { Ids } from '../ids.ts';
import { changeLibrary, deleteLibrary, insertLibrary, readLibraries, readLibrary } from '../libraries.ts';
import { checkPaths } from '../library-paths.ts';
import type { NameReader } from '../scan/name-reader.ts';
import type { ScanRequests } from '../scan-requests.ts';
import { scopeOf } from '../visibility.ts';
import type { RoutesOf } from './routes-of.ts';

export interface LibraryParts {
  readonly ids: Ids;
  readonly scans: ScanRequests;
  readonly names: NameReader;
}

export const libraryHandlers = (ctx: Ctx, { ids, scans, names }: LibraryParts) =>
  ({
    'GET /libraries': async ({ user }) => {
      const libraries = await readLibraries(ctx.db, await scopeOf(ctx.services.access, user.id));
      return { libraries, total: libraries.length };
    },
    'POST /libraries': async ({ body, reply }) => {
      const { type } = body;
      if (type !== 'movie' && type !== 'tvshow')
        throw problem.badRequest(`Libraries of type '${type}' are not served; 'movie' and 'tvshow' are.`);
      const paths = await checkPaths(body.paths);
      const id = ids.next();
      await ctx.db.transaction((tx) => insertLibrary(tx, id, { ...body, type, name: body.name.trim() }, paths));
      ctx.log.info('library added', { library_id: id, type });
      return reply(201, await readLibrary(ctx.db, id));
    },
    'GET /libraries/parse': async ({ query }) => {
      const parsed = await names.path({ path: query.path, type: query.type });
      const { hdr, episodes, absolute_episodes, languages } = parsed;
      return {
        ...parsed,
        hdr: [...hdr],
        episodes: [...episodes],
        absolute_episodes: [...absolute_episodes],
        languages: [...languages],
      };
    },
    'GET /libraries/:libraryId': ({ params }) => readLibrary(ctx.db, params.libraryId),
    'PUT /libraries/:libraryId': async ({ params, body }) => {
      const { paths: given, ...settings } = body;
      const paths = given && (await checkPaths(given));
      await ctx.db.transaction((tx) => changeLibrary(tx, params.libraryId, settings, paths));
      return readLibrary(ctx.db, params.libraryId);
    },
    'DELETE /libraries/:libraryId': async ({ params }) => {
      const library = await readLibrary(ctx.db, params.libraryId);
      const status = library.latest_scan?.status;
      if (library.latest_scan && (status === 'pending' || status === 'running'))
        await scans.cancel(params.libraryId, library.latest_scan.id);
      await ctx.db.transaction((tx) => deleteLibrary(tx, params.libraryId));
      await ctx.services.grants?.revokeAll(params.libraryId);
      ctx.log.info('library deleted', { library_id: params.libraryId });
    },
    'GET /libraries/:libraryId/problems': async ({ params, query }) => {
      await readLibrary(ctx.db, params.libraryId);
      return listProblems(ctx.db, params.libraryId, query);
    },
  }) satisfies RoutesOf;
