import { isUuid, uuidV7 } from '@revenge/sdk';
import type { AuthContext, AuthTransaction, Caller } from './auth-context.ts';
import { type AccessTokens, ACCESS_LIFETIME } from './access-tokens.ts';
import { SessionEntity, type SessionRow } from './entities/session.entity.ts';
import { newRefreshToken, REFRESH_LIFETIME, refreshHash, successorOf } from './refresh-tokens.ts';
import type { SessionGauge } from './session-gauge.ts';

/** At most so many a user; the least recently used one leaves. */
const MOST = 10;
/** Sessions whose activity waits to be written. */
const SEEN_MOST = 10_000;

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}
/** A session that was opened in a transaction; `tokens` are good once it committed. */
export interface Opened {
  readonly id: string;
  readonly refreshToken: string;
}
interface Presented {
  readonly session_id: string;
  readonly user_id: string;
  readonly generation: number;
  readonly used_generation: number;
  readonly in_time: boolean;
  readonly is_active: boolean;
}
export interface SessionParts {
  readonly accessTokens: AccessTokens;
  readonly refreshKey: Buffer;
  readonly gauge: SessionGauge;
  /** Forgets on this node at once; the others hear of it by the event. */
  readonly forget: (userId: string) => void;
}

/** Sign-ins that can be refreshed. One that ended is gone from the table, and every token of it is worth nothing. */
export class Sessions {
  readonly #ctx: AuthContext;
  readonly #parts: SessionParts;
  readonly #seen = new Set<string>();

  constructor(ctx: AuthContext, parts: SessionParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /** The caller holds the lock on the user's row, so that two sign-ins at once do not both count nine. */
  async open(
    tx: AuthTransaction,
    userId: string,
    from: Caller & { readonly device: string | undefined },
  ): Promise<Opened> {
    const id = uuidV7(this.#ctx.clock.now());
    const refreshToken = newRefreshToken();
    await tx.sql`insert into sessions (id, user_id, device_name, ip_address, user_agent, expires_at)
      values (${id}, ${userId}, ${from.device}, ${from.address}, ${agentOf(from)}, now() + ${REFRESH_LIFETIME} * interval '1 day')`;
    await tx.sql`insert into refresh_tokens (hash, session_id, generation, expires_at)
      values (${refreshHash(refreshToken)}, ${id}, 0, now() + ${REFRESH_LIFETIME} * interval '1 day')`;
    const left = await tx.sql<{ id: string }>`delete from sessions where id in (
      select id from sessions where user_id = ${userId} and id <> ${id} order by last_activity_at desc, id desc offset ${MOST - 1}
    ) returning id`;
    await this.#announce(tx, userId, left);
    return { id, refreshToken };
  }

  /** After the commit of what opened it; the least recently used session may have left with it. */
  async tokens(userId: string, opened: Opened): Promise<Tokens> {
    this.ended(userId);
    return this.#signed(userId, opened.id, opened.refreshToken);
  }

  /**
   * undefined: unknown, expired or used up. A token stays good until its successor was used once; from then on it is in two hands, and
   * showing it ends the session for both.
   */
  async refresh(token: string, from: Caller): Promise<Tokens | undefined> {
    const next = successorOf(token, this.#parts.refreshKey);
    const { shown, stolen } = await this.#ctx.db.transaction(async (tx) => {
      const shown = await this.#presented(tx, token);
      if (!shown?.in_time || !shown.is_active) return { shown: undefined, stolen: undefined };
      if (shown.generation < shown.used_generation) {
        await this.#remove(tx, shown.user_id, [shown.session_id]);
        return { shown: undefined, stolen: shown };
      }
      await tx.sql`update sessions set used_generation = ${shown.generation}, last_activity_at = now(), ip_address = ${from.address},
        user_agent = ${agentOf(from)}, expires_at = now() + ${REFRESH_LIFETIME} * interval '1 day' where id = ${shown.session_id}`;
      await tx.sql`insert into refresh_tokens (hash, session_id, generation, expires_at) values
        (${refreshHash(next)}, ${shown.session_id}, ${shown.generation + 1}, now() + ${REFRESH_LIFETIME} * interval '1 day')
        on conflict (hash) do update set expires_at = excluded.expires_at`;
      return { shown, stolen: undefined };
    });
    if (stolen) {
      this.ended(stolen.user_id);
      const { user_id, session_id } = stolen;
      this.#ctx.log.warn('A refresh token was used again after its successor: its session is ended', {
        user_id,
        session_id,
        address: from.address,
      });
    }
    return shown && this.#signed(shown.user_id, shown.session_id, next);
  }

  /** The session a refresh token belongs to, even when that token was used up. */
  async find(token: string): Promise<{ readonly id: string; readonly userId: string } | undefined> {
    const [row] = await this.#ctx.db.sql<{ id: string; user_id: string }>`select s.id, s.user_id from refresh_tokens t
      join sessions s on s.id = t.session_id where t.hash = ${refreshHash(token)}`;
    return row && { id: row.id, userId: row.user_id };
  }

  /** What can be refreshed, last used first. */
  list(userId: string): Promise<SessionRow[]> {
    return this.#ctx.db
      .sql<SessionRow>`select id, user_id, device_name, ip_address, user_agent, created_at, last_activity_at,
      expires_at, used_generation from sessions where user_id = ${userId} and expires_at > now() order by last_activity_at desc, id desc`;
  }

  async read(userId: string, sessionId: string): Promise<SessionRow | undefined> {
    const row = await this.#ctx.db.repository(SessionEntity).findOneBy({ id: sessionId, user_id: userId });
    return row ?? undefined;
  }

  /** false: no such session of that user. */
  async end(userId: string, sessionId: string): Promise<boolean> {
    if (!isUuid(sessionId)) return false;
    const gone = await this.#ctx.db.transaction((tx) => this.#remove(tx, userId, [sessionId]));
    if (gone > 0) this.ended(userId);
    return gone > 0;
  }

  async endAll(userId: string): Promise<void> {
    await this.#ctx.db.transaction((tx) => this.endOthers(tx, userId, undefined));
    this.ended(userId);
  }

  /** Call `ended` after the commit. */
  async endOthers(tx: AuthTransaction, userId: string, keep: string | undefined): Promise<void> {
    const gone = await tx.sql<{ id: string }>`delete from sessions where user_id = ${userId}
      and id is distinct from ${keep}::uuid returning id`;
    await this.#announce(tx, userId, gone);
  }

  /** After the commit of whatever ended some. */
  ended(userId: string): void {
    this.#parts.gauge.changed();
    this.#parts.forget(userId);
  }

  /** Remembers that the session is in use; written every half minute. */
  touch(sessionId: string): void {
    if (this.#seen.size < SEEN_MOST) this.#seen.add(sessionId);
  }

  async writeActivity(): Promise<void> {
    const seen = [...this.#seen];
    if (seen.length === 0) return;
    this.#seen.clear();
    await this.#ctx.db.sql`update sessions set last_activity_at = now() where id = any(${seen}::uuid[])`;
  }

  async #presented(tx: AuthTransaction, token: string): Promise<Presented | undefined> {
    const [row] = await tx.sql<Presented>`select t.session_id, s.user_id, t.generation, s.used_generation,
        t.expires_at > now() and s.expires_at > now() as in_time, u.is_active and u.deleted_at is null as is_active
      from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id
      where t.hash = ${refreshHash(token)} for update of s`;
    return row;
  }

  async #remove(tx: AuthTransaction, userId: string, ids: readonly string[]): Promise<number> {
    const gone = await tx.sql<{
      id: string;
    }>`delete from sessions where user_id = ${userId} and id = any(${ids}::uuid[]) returning id`;
    await this.#announce(tx, userId, gone);
    return gone.length;
  }

  async #announce(tx: AuthTransaction, userId: string, gone: readonly { readonly id: string }[]): Promise<void> {
    if (gone.length > 0)
      await tx.events.sessionRevoked.emit({ user_id: userId, session_ids: gone.map(({ id }) => id) });
  }

  async #signed(userId: string, sessionId: string, refreshToken: string): Promise<Tokens> {
    const access = await this.#parts.accessTokens.sign(userId, sessionId);
    return { access_token: access, refresh_token: refreshToken, expires_in: ACCESS_LIFETIME };
  }
}

/** Headers may be long, and PostgreSQL takes no NUL. */
const agentOf = (from: Caller): string => from.agent.replaceAll('\0', '').slice(0, 500);
