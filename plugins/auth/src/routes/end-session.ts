import { problem } from '@revenge/sdk';
import type { Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';

/** Another user's session is as unknown as one that never was. */
export const endSession =
  ({ sessions }: AuthParts): Route<'DELETE /sessions/:sessionId'> =>
  async ({ user, params }) => {
    if (!(await sessions.end(user.id, params.sessionId))) throw problem.notFound('session');
  };
