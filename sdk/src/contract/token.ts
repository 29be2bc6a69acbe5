import type { In, Out, Schema, Str } from './schema.ts';
import type { Wrong } from './check.ts';

// '~type' carries T for the compiler only. A string, not a unique symbol: two copies of the SDK must understand each other.
/** 'owner.name@major.minor'. A consumer built against 1.2 accepts a provider of 1.2 or later 1.x. */
export type TokenId = `${string}@${number}.${number}`;
/** A typed name for what exactly one plugin provides. */
export interface Service<T> {
  readonly kind: 'service';
  readonly id: TokenId;
  readonly '~type'?: T;
}
/** A service that may be absent. */
export interface OptionalService<T> {
  readonly kind: 'optional';
  readonly id: TokenId;
  readonly '~type'?: T;
}
/** `A`: what a contributor says of itself as data, readable before and without starting it (a media kind's name, a provider's languages). */
export interface ExtensionPoint<T, A = undefined> {
  readonly kind: 'point';
  readonly id: TokenId;
  readonly '~type'?: T;
  readonly '~about'?: (about: A) => A;
}
/** What a plugin contributes to an extension point, with what it says of itself. */
export interface Contribution<T, A = undefined> {
  readonly kind: 'contribution';
  readonly id: TokenId;
  readonly about: A;
  readonly '~type'?: T;
}
/**
 * Whose stream (`GET /api/v1/events`) shows the event. Without one it is in nobody's: it then only goes from plugin to plugin.
 * `user` and `library` name the payload's field that holds the id.
 */
export type Audience<F extends string = string> = 'admins' | 'users' | { readonly user: F } | { readonly library: F };
/** durable: at least once, after commit, in order per `key`, retried, then dead letters. live: at most once, to whoever listens now. */
export type DeliveryMode = 'durable' | 'live';
/** A typed name for what happened, with how it is delivered. */
export interface EventToken<I, O = I> {
  readonly kind: 'event';
  readonly id: TokenId;
  readonly payload: Schema<I, O>;
  readonly delivery: DeliveryMode;
  readonly key?: string;
  readonly audience?: Audience;
}

/** Every member answers asynchronously and takes no callback, so that either side may live in a worker. */
export type Remotable<T> = {
  [K in keyof T]: T[K] extends (...a: infer A) => Promise<unknown> | AsyncIterable<unknown>
    ? Extract<A[number], (...a: never[]) => unknown> extends never
      ? T[K]
      : Wrong<'a method of a service takes no callback: return an AsyncIterable'>
    : T[K] extends (...a: never[]) => unknown
      ? Wrong<'a method of a service returns a Promise or an AsyncIterable'>
      : T[K];
};

/** Names a service that one plugin provides and others need. */
export const service = <T extends Remotable<T>>(id: TokenId): Service<T> => ({ kind: 'service', id });
/** `needs: { x: optional(X) }` makes `ctx.services.x` possibly undefined and never blocks the plugin. */
export const optional = <T>(s: Service<T>): OptionalService<T> => ({ kind: 'optional', id: s.id });
/** Names a point that one plugin hosts and any number contribute to. */
export const extensionPoint = <T extends Remotable<T>, A = undefined>(id: TokenId): ExtensionPoint<T, A> => ({
  kind: 'point',
  id,
});
/** In `contributes`, for a point that asks its contributors about themselves: `contribution(MediaKinds, { kind: 'music' })`. */
export const contribution = <T, A>(point: ExtensionPoint<T, A>, about: NoInfer<A>): Contribution<T, A> => ({
  kind: 'contribution',
  id: point.id,
  about,
});
/** `key` names the payload's field within which order is kept. */
export const event = <S extends Schema>(
  id: TokenId,
  of: {
    readonly payload: S;
    readonly delivery: DeliveryMode;
    readonly key?: Str<keyof Out<S>>;
    readonly audience?: Audience<Str<keyof Out<S>>>;
  },
): EventToken<In<S>, Out<S>> => ({ kind: 'event', id, ...of });

/** Who is calling. A plugin (ours: `auth`) provides it; the kernel knows users by nothing else. Asked on every request, so cache inside. */
export interface Authenticator {
  /** undefined: the credential is unknown, expired or revoked. */
  authenticate(shown: {
    readonly scheme: 'bearer' | 'api-key' | 'cookie';
    readonly secret: string;
    readonly address: string;
    readonly agent: string;
  }): Promise<Identity | undefined>;
  /** For signed links and the event stream, which name a user and show nothing. undefined: gone or disabled, or that credential was revoked. */
  identity(userId: string, credential?: string): Promise<Identity | undefined>;
  /** Does the user hold `grant` ('library:view') on that one thing? Asked by the kernel for routes with `access: { grant, of }`. */
  holds(userId: string, grant: string, id: string): Promise<boolean>;
  /** Everything the user holds `grant` on, to be filtered by in SQL; '*' for all (administrators). */
  granted(userId: string, grant: string): Promise<'*' | readonly string[]>;
}
/** A caller as the Authenticator knows it. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly credential: { readonly kind: 'session' | 'api-key' | 'link'; readonly id: string };
  /** '*' is an administrator. */
  readonly permissions: '*' | readonly string[];
  readonly languages: readonly string[];
}
/** The token of the service that authenticates. */
export const Authenticator = service<Authenticator>('core.authenticator@1.0');

/** The type that a token carries. */
export type TypeOf<T> =
  T extends OptionalService<infer V>
    ? V | undefined
    : T extends Service<infer V>
      ? V
      : // oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
        T extends ExtensionPoint<infer V, any>
        ? V
        : // oxlint-disable-next-line typescript/no-explicit-any -- any type may stand here; what it is, is inferred from the contract
          T extends Contribution<infer V, any>
          ? V
          : never;
