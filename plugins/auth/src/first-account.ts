import { hash, randomInt, timingSafeEqual } from 'node:crypto';
import { problem } from '@revenge/sdk';
import type { AuthContext, AuthTransaction, Caller } from './auth-context.ts';
import { isLoopback, isLoopbackHost } from './address.ts';

/** No letter that reads like another: 31 of them, 20 times, are 99 bits. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const NOTICE = 'setup';
/** Each says that somebody else's request was passed on, or that it came from outside. */
const PASSED_ON = /^(forwarded|via|x-forwarded-.*|x-real-ip|true-client-ip|cf-.*)$/;

export interface FirstRequest {
  readonly headers: Headers;
  readonly client: Caller;
}

/** Until the first account exists: who may make it, and how the operator gets to know. Once it exists that never changes back. */
export class FirstAccount {
  readonly #ctx: AuthContext;
  #exists = false;

  constructor(ctx: AuthContext) {
    this.#ctx = ctx;
  }

  /** Makes the setup code on the very first start and shows it; several nodes show the same one. */
  async start(): Promise<void> {
    await this.#ctx.db.sql`update setup set code = ${newCode()} where completed_at is null and code is null`;
    const code = await this.#code(this.#ctx.db);
    if (code === undefined) return;
    this.#ctx.status.notice(NOTICE, {
      text: noticeText(this.#ctx.url('POST /auth/register')),
      secret: { name: 'setup-code', value: code },
    });
    // The event says it at once; this is for a node that missed it.
    this.#ctx.clock.every('10s', () => this.#look());
  }

  async #look(): Promise<void> {
    try {
      await this.needed();
    } catch (error) {
      this.#ctx.log.warn('auth: whether an account exists could not be read', { error });
    }
  }

  async needed(): Promise<boolean> {
    if (!this.#exists) await this.#code(this.#ctx.db);
    return !this.#exists;
  }

  /** Throws unless the request may make the first account. */
  async admit(request: FirstRequest, shown: string | undefined): Promise<void> {
    if (shown === undefined && isLocal(request)) return;
    const code = await this.#code(this.#ctx.db);
    // Somebody else was first: then the ordinary rules hold.
    if (code === undefined) return;
    if (shown === undefined)
      throw problem.forbidden(
        'The first account is made on the server itself, or with the setup_code that the server printed at its start and keeps in DATA/setup-code.',
      );
    if (!(await this.#ctx.limiter.take(`setup ${request.client.address}`, '10/15m'))) throw problem.tooMany('15m');
    if (!same(code, shown)) throw problem.forbidden('The setup_code is wrong. It stands in DATA/setup-code.');
  }

  /** Holds every other registration back until this transaction ends. true: the account made in it is the first. */
  async claim(tx: AuthTransaction): Promise<boolean> {
    if (this.#exists) return false;
    const rows =
      await tx.sql`update setup set completed_at = now(), code = null where completed_at is null returning single`;
    return rows.length > 0;
  }

  /** On every node, once the first account exists. */
  readonly done = (): void => {
    this.#exists = true;
    this.#ctx.status.notice(NOTICE, undefined);
  };

  async #code(db: Pick<AuthContext['db'], 'sql'>): Promise<string | undefined> {
    const [row] = await db.sql<{ code: string | null }>`select code from setup where completed_at is null`;
    if (!row) this.done();
    return row?.code ?? undefined;
  }
}

const newCode = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('')).join(
    '-',
  );

/** From this machine, to this machine, by nobody in between and from no page of another site. */
function isLocal({ headers, client }: FirstRequest): boolean {
  if (!isLoopback(client.address) || !isLoopbackHost(headers.get('host') ?? '')) return false;
  if ([...headers.keys()].some((name) => PASSED_ON.test(name))) return false;
  const origin = headers.get('origin');
  return origin === null || isLoopbackHost(origin.replace(/^https?:\/\//, ''));
}

const canonical = (code: string): string => code.toUpperCase().replace(/[\s-]/g, '');
const digest = (code: string): Buffer => Buffer.from(hash('sha256', canonical(code), 'hex'), 'hex');
/** In the same time wherever they differ. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const noticeText = (url: string): string =>
  `No account yet. Make the first one, which becomes the administrator, on this machine:
curl ${url} -H 'Content-Type: application/json' -d '{"username":"YOU","email":"you@example.org","password":"AT LEAST 8 CHARACTERS"}'
From another machine or through a proxy, add "setup_code":"…" to it: the code stands in the terminal of the server and in DATA/setup-code.`;
