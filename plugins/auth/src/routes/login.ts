import { counted } from '../attempts.ts';
import type { AuthContext, Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';
import { userJson } from '../users.ts';

export const login =
  ({ metrics }: AuthContext, { signIn }: AuthParts): Route<'POST /auth/login'> =>
  async ({ body, client }) => {
    const { user, ...tokens } = await counted(metrics, 'login', () => signIn.login(body, client));
    return { user: userJson(user), ...tokens };
  };
