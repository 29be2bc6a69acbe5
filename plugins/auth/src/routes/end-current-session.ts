import { problem } from '@revenge/sdk';
import type { Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';

export const endCurrentSession =
  ({ sessions }: AuthParts): Route<'DELETE /sessions/current'> =>
  async ({ user }) => {
    if (!(await sessions.end(user.id, user.credential.id))) throw problem.notFound('session');
  };
