import { hash } from 'node:crypto';
import { problem } from '@revenge/sdk';
import type { Accounts } from './accounts.ts';
import { callerNetwork } from './address.ts';
import type { AuthContext, Caller } from './auth-context.ts';
import type { Passwords } from './passwords.ts';
import type { Opened, Sessions, Tokens } from './sessions.ts';
import { Turns } from './turns.ts';
import type { UserWithRole } from './users.ts';

const FAILURES = '5/15m';
const LOCKED_FOR = '15m';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly device_name?: string | undefined;
}
export type SignedIn = { readonly user: UserWithRole } & Tokens;
export interface SignInParts {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
}

/** Sign-in by password. Every failure does the same work and says the same. */
export class SignIn {
  readonly #ctx: AuthContext;
  readonly #parts: SignInParts;
  readonly #turns = new Turns();

  constructor(ctx: AuthContext, parts: SignInParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /** One at a time for a name and network, so that right passwords in flight are not taken for failures. */
  login(credentials: Credentials, from: Caller): Promise<SignedIn> {
    const name = credentials.username.toLowerCase();
    const typed = `login ${hash('sha256', name, 'base64url')} ${callerNetwork(from.address)}`;
    return this.#turns.take(typed, () => this.#login(credentials, from, typed));
  }

  async #login(credentials: Credentials, from: Caller, typed: string): Promise<SignedIn> {
    const user = await this.#parts.accounts.find(credentials.username);
    const lock = this.#lock(typed, user?.id, callerNetwork(from.address));
    const matches = await this.#parts.passwords.matches(user?.password_hash, credentials.password, lock.take);
    if (!user || !matches || !user.is_active || lock.closed()) throw refused();
    const opened = await this.#open(user, credentials, from);
    if (!opened) throw refused();
    await lock.reset();
    const tokens = await this.#parts.sessions.tokens(user.id, opened);
    return { user: { ...user, last_login_at: this.#ctx.clock.now() }, ...tokens };
  }

  /**
   * Counted per account *and* network, so that nobody locks another out from elsewhere. Two counts: by the name as typed, which answers 429
   * for names that exist and names that do not; and by account, for one guessed under name and e-mail, which only refuses: a 429 there would
   * tell that both belong together.
   */
  #lock(typed: string, userId: string | undefined, network: string) {
    const { limiter } = this.#ctx;
    const account = userId ? `account ${userId} ${network}` : `account none ${typed}`;
    let closed = false;
    return {
      take: async (): Promise<void> => {
        if (!(await limiter.take(typed, FAILURES))) throw problem.tooMany(LOCKED_FOR);
        closed = !(await limiter.take(account, FAILURES));
      },
      closed: () => closed,
      reset: async (): Promise<void> => {
        await limiter.reset(typed);
        await limiter.reset(account);
      },
    };
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
