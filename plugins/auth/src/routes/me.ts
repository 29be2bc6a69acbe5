import type { Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';
import { userJson } from '../users.ts';

export const me =
  ({ accounts }: AuthParts): Route<'GET /users/me'> =>
  async ({ user }) =>
    userJson(await accounts.read(user.id));
