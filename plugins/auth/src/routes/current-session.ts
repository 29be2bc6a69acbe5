import { problem } from '@revenge/sdk';
import type { Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';
import { sessionJson } from '../session-json.ts';

export const currentSession =
  ({ sessions }: AuthParts): Route<'GET /sessions/current'> =>
  async ({ user }) => {
    const session = await sessions.read(user.id, user.credential.id);
    // An API key or a link belongs to no session.
    if (!session) throw problem.notFound('session');
    return sessionJson(session, user.credential.id);
  };
