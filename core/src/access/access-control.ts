import type { IncomingMessage } from 'node:http';
import type { Access, Authenticator, Identity, Limit, User } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';

/** The one way the kernel learns who calls: the Authenticator of whichever plugin provides it. undefined while none is ready. */
export interface Authenticators {
  current(): Authenticator | undefined;
}

export type PathParams = Readonly<Record<string, string | undefined>>;
export interface Caller {
  readonly req: IncomingMessage;
  /** Worked out only for those who show something. */
  address(): string;
}

/** At once where the answer is known already. */
export type Checked = Identity | undefined | Promise<Identity | undefined>;
/** One route's door. */
export interface Gate {
  /** Public, and the caller shows nothing that could be looked up: nobody has to be asked. */
  isOpenTo(req: IncomingMessage): boolean;
  /** The caller, or undefined for a visitor of a public route. Throws, or rejects with, Problem 401, 403, 404 or 503. */
  check(caller: Caller, params: PathParams, link: Ticket | undefined): Checked;
}
export interface AccessControl {
  gate(plugin: string, access: Exclude<Access, 'webhook'>): Gate;
  /** The caller as a handler of `plugin` sees it. */
  user(identity: Identity, plugin: string): User;
  /** Does the sender of a webhook show this secret? `search` is the raw query string. In constant time. */
  showsSecret(req: IncomingMessage, search: string, secret: string | undefined): boolean;
}

/** What a verified signed link says. */
export interface Ticket {
  /** instanceKey */
  readonly instance: string;
  readonly user: string;
  readonly credential: string | undefined;
  /** The parameters it was made for; a route that has one of them must agree. */
  readonly params: Readonly<Record<string, string>>;
}
export interface Tickets {
  /** undefined: not ours, changed, or over. */
  verify(ticket: string): Ticket | undefined;
  /** Does it open a signed route of this instance for these parameters? */
  opens(ticket: Ticket, ref: InstanceRef, params: PathParams): boolean;
}

export interface WebhookDelivery {
  readonly id: string;
  /** The same bytes came to this route within the last day. */
  readonly repeated: boolean;
}
/** Where webhook bodies are kept before anybody looks at them. */
export interface WebhookStore {
  /** Resolves once it is stored for good. */
  store(ref: InstanceRef, route: string, raw: Buffer, type: string): Promise<WebhookDelivery>;
  /** Its schema would not have it. */
  refuse(id: string, why: string): Promise<void>;
}

/** One take of a limit. `retryAfter` in whole seconds, until the window ends. */
export interface Taken {
  readonly allowed: boolean;
  readonly retryAfter: number;
}
/** Counts over all nodes; what the routes' `limit` and ctx.limiter stand on. */
export interface RateLimits {
  hit(ref: InstanceRef, key: string, limit: Limit): Promise<Taken>;
}
