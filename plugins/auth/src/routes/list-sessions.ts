import type { Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';
import { sessionJson } from '../session-json.ts';

export const listSessions =
  ({ sessions }: AuthParts): Route<'GET /sessions'> =>
  async ({ user }) => {
    const rows = await sessions.list(user.id);
    return { sessions: rows.map((row) => sessionJson(row, user.credential.id)), total: rows.length };
  };
