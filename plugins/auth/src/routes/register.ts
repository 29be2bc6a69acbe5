import { counted } from '../attempts.ts';
import type { AuthContext, Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';
import { userJson } from '../users.ts';

export const register =
  ({ metrics }: AuthContext, { accounts }: AuthParts): Route<'POST /auth/register'> =>
  async ({ body, headers, client, reply }) => {
    const user = await counted(metrics, 'register', () => accounts.register(body, { headers, client }));
    return reply(201, userJson(user));
  };
