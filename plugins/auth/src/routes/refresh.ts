import { problem } from '@revenge/sdk';
import { counted } from '../attempts.ts';
import type { AuthContext, Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';

/** Under both paths of the reference. */
export const refresh =
  ({ metrics }: AuthContext, { sessions }: AuthParts): Route<'POST /auth/refresh'> & Route<'POST /sessions/refresh'> =>
  ({ body, client }) =>
    counted(metrics, 'refresh', async () => {
      const tokens = await sessions.refresh(body.refresh_token, client);
      if (!tokens) throw problem.unauthorized('This refresh token is unknown, expired or used up: sign in again.');
      return tokens;
    });
