import { basename } from 'node:path';
import { problem } from '@revenge/sdk';
import type { Ctx } from '../context.ts';
import { readFile } from '../files.ts';
import { mediaType } from '../media-type.ts';
import { scopeOf } from '../visibility.ts';
import type { RoutesOf } from './routes-of.ts';

/** How long a player's link is good for. */
const HOURS = 12;

export const fileHandlers = (ctx: Ctx) =>
  ({
    'GET /files/:id/stream': async ({ params, query, user }) => {
      const { access } = ctx.services;
      const file = await readFile(ctx.db, await scopeOf(access, user.id), params.id);
      const type = mediaType(file.container, file.path);
      if (query.download !== '1') return { file: file.path, type };
      if (!(await access.holds(user.id, 'library:download', file.library_id)))
        throw problem.forbidden('You may watch this file but not download it.');
      return { file: file.path, type, name: basename(file.path) };
    },
    'POST /files/:id/url': async ({ params, user }) => {
      const file = await readFile(ctx.db, await scopeOf(ctx.services.access, user.id), params.id);
      const url = ctx.url('GET /files/:id/stream', {
        params: { id: file.id },
        signed: { for: `${HOURS}h`, user: user.id, credential: user.credential.id },
      });
      return { url, expires_at: new Date(ctx.clock.now().getTime() + HOURS * 3_600_000).toISOString() };
    },
  }) satisfies RoutesOf;
