import type { Grant, Grants } from '@revenge/plugin-auth/contract';
import { problem } from '@revenge/sdk';
import type { Ctx } from '../context.ts';
import { readLibrary } from '../libraries.ts';
import type { RoutesOf } from './routes-of.ts';

type Permission = 'view' | 'download' | 'manage';
const names: readonly Permission[] = ['view', 'download', 'manage'];
/** What comes with each: who may download may look, who manages may do both. */
const includes: Readonly<Record<Permission, readonly string[]>> = {
  view: [],
  download: ['library:view'],
  manage: ['library:view', 'library:download'],
};

function view(grant: Grant) {
  const permission = names.find((name) => grant.grant === `library:${name}`);
  const { id, user_id, resource_id, created_at } = grant;
  return permission ? [{ id, user_id, library_id: resource_id, permission, created_at }] : [];
}

export const permissionHandlers = (ctx: Ctx) => {
  const grants = (): Grants => {
    const service = ctx.services.grants;
    if (!service) throw problem.unavailable('No plugin that keeps grants is ready.');
    return service;
  };
  return {
    'GET /libraries/:libraryId/permissions': async ({ params }) => {
      await readLibrary(ctx.db, params.libraryId);
      const permissions = (await grants().list(params.libraryId)).flatMap(view);
      return { permissions, total: permissions.length };
    },
    'POST /libraries/:libraryId/permissions': async ({ params, body, reply }) => {
      await readLibrary(ctx.db, params.libraryId);
      const { user_id, permission } = body;
      const grant = await grants().grant({
        user_id,
        grant: `library:${permission}`,
        resource_id: params.libraryId,
        includes: includes[permission],
      });
      const { id, created_at } = grant;
      return reply(201, { id, user_id, library_id: params.libraryId, permission, created_at });
    },
    'DELETE /libraries/:libraryId/permissions/:userId': async ({ params, query }) => {
      const revoked = await grants().revoke(params.userId, `library:${query.permission}`, params.libraryId);
      if (!revoked) throw problem.notFound('permission');
    },
  } satisfies RoutesOf;
};
