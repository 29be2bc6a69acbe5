import { problem, uuidV7 } from '@revenge/sdk';
import type { AuthContext, AuthTransaction } from './auth-context.ts';
import { UserEntity } from './entities/user.entity.ts';
import type { FirstAccount, FirstRequest } from './first-account.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions } from './sessions.ts';
import { USER_COLUMNS, type UserWithRole } from './users.ts';

export interface NewAccount {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly display_name?: string | undefined;
  readonly setup_code?: string | undefined;
}
export interface PasswordChange {
  readonly old: string;
  readonly fresh: string;
  /** The session that stays. */
  readonly keep: string;
}
export interface AccountParts {
  readonly passwords: Passwords;
  readonly firstAccount: FirstAccount;
  readonly sessions: Sessions;
}

/** Who has an account here, and how one comes to be. */
export class Accounts {
  readonly #ctx: AuthContext;
  readonly #parts: AccountParts;

  constructor(ctx: AuthContext, parts: AccountParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /** The first one is the administrator. */
  async register(account: NewAccount, request: FirstRequest): Promise<UserWithRole> {
    const { firstAccount, passwords } = this.#parts;
    // Both are asked before the costly hash; the transaction asks again.
    if (await firstAccount.needed()) await firstAccount.admit(request, account.setup_code);
    else this.#mustBeOpen();
    const passwordHash = await passwords.hash(account.password);
    const { user, first } = await this.#ctx.db.transaction(async (tx) => {
      const first = await firstAccount.claim(tx);
      if (!first) this.#mustBeOpen();
      const id = await this.#insert(tx, account, passwordHash);
      await tx.sql`insert into user_roles (user_id, role) values (${id}, ${first ? 'admin' : 'user'})`;
      if (first) await tx.events.firstAccountCreated.emit({ user_id: id });
      return { user: await this.#read(tx, id), first };
    });
    if (first) {
      firstAccount.done();
      this.#ctx.log.info('The first account was made: it is the administrator', { user_id: user.id });
    }
    return user;
  }

  /** By username or e-mail, without regard to case. One that is disabled is found too. */
  async find(name: string): Promise<UserWithRole | undefined> {
    const [user] = await this.#ctx.db.query<UserWithRole>(
      `select ${USER_COLUMNS} from users u where deleted_at is null and (lower(username) = lower($1) or lower(email) = lower($1))`,
      [name.replaceAll('\0', '\u{fffd}')],
    );
    return user;
  }

  async read(id: string): Promise<UserWithRole> {
    return this.#read(this.#ctx.db, id);
  }

  /** All sessions but `keep` end. */
  async changePassword(userId: string, change: PasswordChange): Promise<void> {
    const user = await this.read(userId);
    const { limiter } = this.#ctx;
    const tries = `password ${userId}`;
    const admit = async (): Promise<void> => {
      if (!(await limiter.take(tries, '5/15m'))) throw problem.tooMany('15m');
    };
    if (!(await this.#parts.passwords.matches(user.password_hash, change.old, admit)))
      throw problem.badRequest('The old password is wrong.');
    await limiter.reset(tries);
    const passwordHash = await this.#parts.passwords.hash(change.fresh);
    await this.#ctx.db.transaction(async (tx) => {
      await tx.repository(UserEntity).update({ id: userId }, { password_hash: passwordHash });
      await this.#parts.sessions.endOthers(tx, userId, change.keep);
    });
    this.#parts.sessions.ended(userId);
  }

  #mustBeOpen(): void {
    if (this.#ctx.config.registration === 'closed')
      throw problem.forbidden('Registration is closed on this server: ask its administrator for an account.');
  }

  async #insert(tx: AuthTransaction, account: NewAccount, passwordHash: string): Promise<string> {
    const { username, email, display_name } = account;
    const [row] = await tx.sql<{ id: string }>`insert into users (id, username, email, display_name, password_hash)
      values (${uuidV7(this.#ctx.clock.now())}, ${username}, ${email}, ${display_name}, ${passwordHash})
      on conflict do nothing returning id`;
    // Which of the two is not said: it is nobody's business who has an account here.
    if (!row) throw problem.conflict('This username or e-mail is taken.');
    return row.id;
  }

  async #read(db: Pick<AuthContext['db'], 'query'>, id: string): Promise<UserWithRole> {
    const [user] = await db.query<UserWithRole>(`select ${USER_COLUMNS} from users u where u.id = $1`, [id]);
    if (!user) throw problem.unauthorized('This account is gone.');
    return user;
  }
}
