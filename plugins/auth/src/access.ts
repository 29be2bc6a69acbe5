import { hash } from 'node:crypto';
import { type Authenticator, type Identity, isUuid } from '@revenge/sdk';
import type { AccessTokens } from './access-tokens.ts';
import type { AuthContext } from './auth-context.ts';
import { Kept } from './kept.ts';

/** Longest that an answer is kept without asking the database again: a net for the case that an event got lost unnoticed. */
const KEEP_MS = 60_000;
const CREDENTIALS = 10_000;
const USERS = 2_000;
/** In place of an id: held on everything, also on what comes later. */
const EVERYTHING = '*';

interface Known {
  readonly name: string;
  readonly permissions: '*' | readonly string[];
  /** Grant → ids, or everything. */
  readonly grants: ReadonlyMap<string, '*' | ReadonlySet<string>>;
}
interface Verified {
  /** The same promise each time: who sees one again need not wait for it. */
  readonly answer: Promise<Identity>;
  readonly sessionId: string;
}

/** Answers the kernel: who calls and what they may. What it kept is forgotten as soon as anything about the user changes, on every node. */
export class Access {
  readonly #ctx: AuthContext;
  readonly #tokens: AccessTokens;
  readonly #touch: (sessionId: string) => void;
  readonly #verified: Kept<Verified>;
  readonly #linked: Kept<Identity>;
  readonly #users: Kept<Known>;

  constructor(ctx: AuthContext, tokens: AccessTokens, touch: (sessionId: string) => void) {
    this.#ctx = ctx;
    this.#tokens = tokens;
    this.#touch = touch;
    this.#verified = new Kept(ctx.cluster, CREDENTIALS);
    this.#linked = new Kept(ctx.cluster, CREDENTIALS);
    this.#users = new Kept(ctx.cluster, USERS);
  }

  readonly forget = (userId: string): void => {
    this.#verified.forget(userId);
    this.#linked.forget(userId);
    this.#users.forget(userId);
  };

  /** As a plain object: what goes to the kernel is data and functions. */
  service(): Authenticator {
    return {
      authenticate: (shown) => this.authenticate(shown),
      identity: (userId, credential) => this.identity(userId, credential),
      holds: async (userId, grant, id) => {
        const held = await this.#held(userId, grant);
        return held === EVERYTHING || held.has(id);
      },
      granted: async (userId, grant) => {
        const held = await this.#held(userId, grant);
        return held === EVERYTHING ? EVERYTHING : [...held];
      },
    };
  }

  authenticate(shown: Parameters<Authenticator['authenticate']>[0]): Promise<Identity | undefined> {
    if (shown.scheme !== 'bearer') return Promise.resolve(undefined);
    const now = this.#ctx.clock.now().getTime();
    // The token itself is kept nowhere.
    const key = hash('sha256', shown.secret, 'base64');
    const kept = this.#verified.get(key, now);
    if (kept) {
      this.#touch(kept.sessionId);
      return kept.answer;
    }
    return this.#verify(shown.secret, key, now);
  }

  async #verify(token: string, key: string, now: number): Promise<Identity | undefined> {
    const claims = await this.#tokens.verify(token);
    if (!claims) return undefined;
    const { userId, sessionId } = claims;
    const ticket = this.#verified.ticket();
    const known = await this.#load(userId, sessionId);
    if (!known) return undefined;
    const identity = identityOf(userId, known, { kind: 'session', id: sessionId });
    const until = Math.min(claims.expires, now + KEEP_MS);
    this.#verified.keep(ticket, key, { value: { answer: Promise.resolve(identity), sessionId }, userId, until });
    this.#touch(sessionId);
    return identity;
  }

  async identity(userId: string, credential?: string): Promise<Identity | undefined> {
    if (!isUuid(userId) || (credential !== undefined && !isUuid(credential))) return undefined;
    const now = this.#ctx.clock.now().getTime();
    const key = `${userId} ${credential ?? ''}`;
    const kept = this.#linked.get(key, now);
    if (kept) return kept;
    const ticket = this.#linked.ticket();
    const known = await this.#load(userId, credential);
    if (!known) return undefined;
    const value = identityOf(userId, known, { kind: 'link', id: credential ?? userId });
    this.#linked.keep(ticket, key, { value, userId, until: now + KEEP_MS });
    return value;
  }

  async #held(userId: string, grant: string): Promise<'*' | ReadonlySet<string>> {
    const known = await this.#known(userId);
    if (!known) return new Set();
    return known.permissions === '*' ? EVERYTHING : (known.grants.get(grant) ?? new Set());
  }

  async #known(userId: string): Promise<Known | undefined> {
    if (!isUuid(userId)) return undefined;
    const now = this.#ctx.clock.now().getTime();
    const kept = this.#users.get(userId, now);
    if (kept) return kept;
    const ticket = this.#users.ticket();
    const known = await this.#load(userId);
    if (known) this.#users.keep(ticket, userId, { value: known, userId, until: now + KEEP_MS });
    return known;
  }

  /** undefined: no such user, disabled, or (where one is named) that session is over. */
  async #load(userId: string, session?: string): Promise<Known | undefined> {
    interface Row {
      readonly username: string;
      readonly permissions: string[];
      readonly grants: { readonly grant: string; readonly id: string }[];
    }
    const [row] = await this.#ctx.db.sql<Row>`select u.username,
        array(select distinct p.permission from user_roles r join role_permissions p using (role) where r.user_id = u.id) as permissions,
        coalesce((select jsonb_agg(distinct jsonb_build_object('grant', h.held, 'id', g.resource_id))
          from grants g cross join lateral unnest(array_append(g.includes, g."grant")) as h (held) where g.user_id = u.id), '[]') as grants
      from users u where u.id = ${userId} and u.is_active and u.deleted_at is null and (${session}::uuid is null
        or exists (select from sessions s where s.id = ${session}::uuid and s.user_id = u.id and s.expires_at > now()))`;
    return row && { name: row.username, permissions: permissionsOf(row.permissions), grants: grantsOf(row.grants) };
  }
}

const permissionsOf = (permissions: readonly string[]): '*' | readonly string[] =>
  permissions.includes('*') ? '*' : permissions;

function grantsOf(rows: readonly { readonly grant: string; readonly id: string }[]): Known['grants'] {
  const grants = new Map<string, '*' | Set<string>>();
  for (const { grant, id } of rows) {
    const held = grants.get(grant) ?? new Set<string>();
    if (held === EVERYTHING) continue;
    grants.set(grant, id === EVERYTHING ? EVERYTHING : held.add(id));
  }
  return grants;
}

const identityOf = (id: string, known: Known, credential: Identity['credential']): Identity =>
  Object.freeze({ id, name: known.name, credential, permissions: known.permissions, languages: [] });
