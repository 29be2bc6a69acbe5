import { hash } from 'node:crypto';
import { problem } from '@revenge/sdk';
import type { Accounts } from './accounts.ts';
import { callerNetwork } from './address.ts';
import type { AuthContext, Caller } from './auth-context.ts';
import type { Passwords } from './passwords.ts';
import type { Opened, Sessions, Tokens } from './sessions.ts';
import type { UserWithRole } from './users.ts';

const FAILURES = '5/15m';
const LOCKED_FOR = '15m';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly device_name?: string | undefined;
}
export interface SignInParts {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
}

/** Sign-in by password. Every failure does the same work and says the same. */
export class SignIn {
  readonly #ctx: AuthContext;
  readonly #parts: SignInParts;

  constructor(ctx: AuthContext, parts: SignInParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  async login(credentials: Credentials, from: Caller): Promise<{ readonly user: UserWithRole } & Tokens> {
    const user = await this.#parts.accounts.find(credentials.username);
    const locks = await this.#take(credentials.username, user?.id, from.address);
    const matches = await this.#parts.passwords.matches(user?.password_hash, credentials.password);
    if (!user || !matches || !user.is_active || !locks.open) throw refused();
    const opened = await this.#open(user, credentials, from);
    if (!opened) throw refused();
    await locks.reset();
    const tokens = await this.#parts.sessions.tokens(user.id, opened);
    return { user: { ...user, last_login_at: this.#ctx.clock.now() }, ...tokens };
  }

  /**
   * Counted per account *and* network, so that nobody locks another out from elsewhere. Two counts: by the name as typed, which answers 429
   * for names that exist and names that do not; and by account, for one guessed under name and e-mail, which only refuses: a 429 there would
   * tell that both belong together.
   */
  async #take(name: string, userId: string | undefined, address: string) {
    const network = callerNetwork(address);
    const typed = `login ${hash('sha256', name.toLowerCase(), 'base64url')} ${network}`;
    const account = `account ${userId ?? 'none'} ${userId ? network : typed}`;
    if (!(await this.#ctx.limiter.take(typed, FAILURES))) throw problem.tooMany(LOCKED_FOR);
    const open = await this.#ctx.limiter.take(account, FAILURES);
    const reset = async (): Promise<void> => {
      await this.#ctx.limiter.reset(typed);
      await this.#ctx.limiter.reset(account);
    };
    return { open, reset };
  }

  /** undefined: the account was disabled, deleted or got another password while this one was checked. */
  #open(user: UserWithRole, { device_name }: Credentials, from: Caller): Promise<Opened | undefined> {
    return this.#ctx.db.transaction(async (tx) => {
      const rows =
        await tx.sql`update users set last_login_at = now() where id = ${user.id} and is_active and deleted_at is null
        and password_hash = ${user.password_hash} returning id`;
      if (rows.length === 0) return undefined;
      return this.#parts.sessions.open(tx, user.id, { ...from, device: device_name });
    });
  }
}

const refused = () => problem.unauthorized('Wrong username or password.');
