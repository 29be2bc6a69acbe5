import { Access } from './access.ts';
import { AccessTokens } from './access-tokens.ts';
import { Accounts } from './accounts.ts';
import type { AuthContext } from './auth-context.ts';
import { FirstAccount } from './first-account.ts';
import { loadKeys } from './keys.ts';
import { Passwords } from './passwords.ts';
import { SessionGauge } from './session-gauge.ts';
import { Sessions } from './sessions.ts';
import { SignIn } from './sign-in.ts';

/** What the routes, jobs and services of one instance share. */
export interface AuthParts {
  readonly access: Access;
  readonly accounts: Accounts;
  readonly firstAccount: FirstAccount;
  readonly gauge: SessionGauge;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
}

export async function buildParts(ctx: AuthContext): Promise<AuthParts> {
  const keys = await loadKeys(ctx.db);
  const passwords = await Passwords.create();
  const accessTokens = new AccessTokens(keys, () => ctx.clock.now());
  const access = new Access(ctx, accessTokens, (sessionId) => sessions.touch(sessionId));
  const gauge = new SessionGauge(ctx);
  const { refreshKey } = keys;
  const sessions = new Sessions(ctx, { accessTokens, refreshKey, gauge, forget: access.forget });
  const firstAccount = new FirstAccount(ctx);
  const accounts = new Accounts(ctx, { passwords, firstAccount, sessions });
  const signIn = new SignIn(ctx, { accounts, passwords, sessions });
  return { access, accounts, firstAccount, gauge, sessions, signIn };
}
