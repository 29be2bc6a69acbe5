import { isUuid, problem, uuidV7 } from '@revenge/sdk';
import type { AuthContext } from './auth-context.ts';
import type { Grant, Grants } from './contract.ts';
import { GrantEntity, type GrantRow } from './entities/grant.entity.ts';

/** The grants table as a service: each change is told to every node in its own transaction. */
export function grantTable(ctx: AuthContext, forget: (userId: string) => void): Grants {
  return {
    async grant({ user_id, grant, resource_id, includes = [] }) {
      if (!isUuid(user_id)) throw problem.notFound('user');
      const row = await ctx.db.transaction(async (tx) => {
        const [row] = await tx.sql<GrantRow>`insert into grants (id, user_id, "grant", resource_id, includes)
          select ${uuidV7(ctx.clock.now())}::uuid, u.id, ${grant}, ${resource_id}, ${includes}::text[] from users u
            where u.id = ${user_id} and u.deleted_at is null
          on conflict (user_id, "grant", resource_id) do update set includes = excluded.includes
          returning id, user_id, "grant", resource_id, includes, created_at`;
        if (!row) throw problem.notFound('user');
        await tx.events.accessChanged.emit({ user_id });
        return row;
      });
      forget(user_id);
      return grantJson(row);
    },

    async revoke(userId, grant, resourceId) {
      if (!isUuid(userId)) return false;
      const gone = await ctx.db.transaction(async (tx) => {
        const rows = await tx.sql`delete from grants where user_id = ${userId} and "grant" = ${grant}
          and resource_id = ${resourceId} returning id`;
        if (rows.length > 0) await tx.events.accessChanged.emit({ user_id: userId });
        return rows.length > 0;
      });
      if (gone) forget(userId);
      return gone;
    },

    async revokeAll(resourceId) {
      const users = await ctx.db.transaction(async (tx) => {
        const rows = await tx.sql<{
          user_id: string;
        }>`delete from grants where resource_id = ${resourceId} returning user_id`;
        const users = [...new Set(rows.map((row) => row.user_id))];
        for (const user_id of users) await tx.events.accessChanged.emit({ user_id });
        return users;
      });
      users.forEach(forget);
    },

    async list(resourceId, userId) {
      if (userId !== undefined && !isUuid(userId)) return [];
      const rows = await ctx.db.repository(GrantEntity).find({
        where: { resource_id: resourceId, ...(userId !== undefined && { user_id: userId }) },
        order: { created_at: 'ASC', id: 'ASC' },
      });
      return rows.map(grantJson);
    },
  };
}

const grantJson = ({ created_at, ...row }: GrantRow): Grant => ({ ...row, created_at: created_at.toISOString() });
