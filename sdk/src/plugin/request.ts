import type { PathParam } from '../contract/check.ts';
import type { Duration, In, Out } from '../contract/schema.ts';

/** `can('sync')` asks for this plugin's own permission, `can('library:manage')` for anybody's. */
export interface User<P extends string = string> {
  readonly id: string;
  readonly name: string;
  /** What the caller showed: a session's or an API key's id, as the Authenticator names it. */
  readonly credential: { readonly kind: 'session' | 'api-key' | 'link'; readonly id: string };
  can(permission: P | `${string}:${string}`): boolean;
}

/** HttpOnly, SameSite=Lax, Path=/, and Secure when the public URL is https, unless said otherwise. */
export interface Cookie {
  readonly value: string;
  readonly maxAge?: Duration;
  readonly path?: string;
  readonly sameSite?: 'strict' | 'lax' | 'none';
  readonly scriptable?: boolean;
}
/** What goes with an answer beside its body. */
export interface ReplyInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: Readonly<Record<string, Cookie | 'delete'>>;
  /** Instead of the one made of the body; If-None-Match is the kernel's work. */
  readonly etag?: string;
  readonly lastModified?: Date;
}
/** An answer with its status. */
export interface Reply<S, B> extends ReplyInit {
  readonly status: S;
  readonly body: B;
  readonly '~reply': true;
}
/** The arguments of reply after the status. */
export type BodyArgs<B> = [B] extends [void] ? [body?: undefined, init?: ReplyInit] : [body: B, init?: ReplyInit];
/** Status → what the handler gives. Resolved here, so that hovers show plain types and no schema classes. */
export type Answers<R> = R extends { readonly responses: infer X } ? { [S in keyof X]: In<X[S]> } : never;
/** A plain return value is the first declared of 200, 201, 202, 204. */
export type Plain<A> = A extends { 200: infer B }
  ? B
  : A extends { 201: infer B }
    ? B
    : A extends { 202: infer B }
      ? B
      : A extends { 204: infer B }
        ? B
        : never;
/** The answers a route may give by reply. */
export type Replies<A, S extends keyof A = keyof A> = { [K in S]: Reply<K, A[K]> }[S];
/** What a handler may return. */
export type Result<A> = Plain<A> | Replies<A>;

/** One request, validated and admitted. */
export interface RouteRequest<Params, Query, Body, U, W, A> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** On a public route, undefined for a visitor. */
  readonly user: U;
  /** On a webhook route: what the kernel stored before this handler ran. */
  readonly webhook: W;
  /** Unique to this request and in every log line of it (X-Request-Id). */
  readonly id: string;
  /** Absolute, as the client wrote it: the public host behind a configured proxy. */
  readonly url: URL;
  readonly headers: Headers;
  readonly cookies: Readonly<Partial<Record<string, string>>>;
  readonly client: { /** Behind configured proxies, the real one. */ readonly address: string; readonly agent: string };
  /** Best first: the user's metadata language, Accept-Language, 'en'. BCP 47. */
  readonly languages: readonly string[];
  readonly lastEventId: string | undefined;
  /** Aborted when the client goes away or the plugin stops. */
  readonly signal: AbortSignal;
  /** Answers with any declared status: `return reply(202, { job })`. */
  reply<S extends keyof A>(status: S, ...body: BodyArgs<A[S]>): Replies<A, S>;
}
/** A stored webhook delivery. */
export interface Webhook {
  /** Of the stored delivery; a good `key` for enqueue. */ readonly id: string;
  /** For a sender that signs. */ readonly raw: Uint8Array;
  /** The same bytes came within the last day. */ readonly repeated: boolean;
}
/** The delivery, on webhook routes. */
export type WebhookOf<R> = R extends { readonly access: 'webhook' } ? Webhook : undefined;
/** The caller, by the access policy. */
export type UserOf<R, P extends string> = R extends { readonly access: 'webhook' }
  ? undefined
  : R extends { readonly access: 'public' }
    ? User<P> | undefined
    : User<P>;
/** The path's parameters after validation. */
export type ParamsOf<K, R> = R extends { readonly params: infer S } ? Out<S> : { readonly [N in PathParam<K>]: string };
/** The query after validation. */
export type QueryOf<R> = R extends { readonly query: infer S } ? Out<S> : {};
/** The body after validation. */
export type BodyOf<R> = R extends { readonly body: infer S } ? Out<S> : undefined;
