import type { Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';

export const endSessions =
  ({ sessions }: AuthParts): Route<'DELETE /sessions'> =>
  ({ user }) =>
    sessions.endAll(user.id);
