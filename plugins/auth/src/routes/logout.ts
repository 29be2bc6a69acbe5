import { problem } from '@revenge/sdk';
import type { Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';

/** Ends the refresh token's session, also of one that was used up; with a token that nothing is known of, the caller's own. */
export const logout =
  ({ sessions }: AuthParts): Route<'POST /auth/logout'> =>
  async ({ body, user }) => {
    const own = user?.credential.kind === 'session' ? { id: user.credential.id, userId: user.id } : undefined;
    const session = (await sessions.find(body.refresh_token)) ?? own;
    if (!session) throw problem.unauthorized('This refresh token is unknown or its session is over.');
    if (body.logout_all) await sessions.endAll(session.userId);
    else await sessions.end(session.userId, session.id);
  };
