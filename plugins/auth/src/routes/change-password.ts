import { problem } from '@revenge/sdk';
import type { Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';

export const changePassword =
  ({ accounts }: AuthParts): Route<'POST /auth/change-password'> =>
  async ({ body, user }) => {
    if (user.credential.kind !== 'session') throw problem.forbidden('Sign in to change the password.');
    const { old_password: old, new_password: fresh } = body;
    await accounts.changePassword(user.id, { old, fresh, keep: user.credential.id });
  };
