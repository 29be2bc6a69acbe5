import type { AuthContext, Route } from '../auth-context.ts';
import type { AuthParts } from '../parts.ts';

export const serverInfo =
  ({ config }: AuthContext, { firstAccount }: AuthParts): Route<'GET /server/info'> =>
  async () => ({
    name: config.server_name,
    first_account_needed: await firstAccount.needed(),
    registration: config.registration,
  });
