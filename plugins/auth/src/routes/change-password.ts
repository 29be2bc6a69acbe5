import { problem } from '@revenge/sdk';
import type { AuthContext, Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';

export const changePassword =
  ({ limiter }: AuthContext, { accounts }: AuthParts): Route<'POST /auth/change-password'> =>
  async ({ body, user }) => {
    if (user.credential.kind !== 'session') throw problem.forbidden('Sign in to change the password.');
    const attempts = `password ${user.id}`;
    if (!(await limiter.take(attempts, '5/15m'))) throw problem.tooMany('15m');
    await accounts.changePassword(user.id, {
      old: body.old_password,
      fresh: body.new_password,
      keep: user.credential.id,
    });
    await limiter.reset(attempts);
  };
