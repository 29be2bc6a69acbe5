import type { ContractDef, RouteKey } from '../contract/contract.ts';
import type { PathParam } from '../contract/check.ts';
import type { In, Out, Part, Str } from '../contract/schema.ts';
import { type ReadAnswer, readAnswer } from './client-answer.ts';
import { buildRequest, type CallParts } from './client-request.ts';
import { reconnecting } from './sse-reader.ts';

/** A member that may be left out when nothing in it is required. */
export type Optionally<K extends string, I> = {} extends I ? { readonly [P in K]?: I } : { readonly [P in K]: I };
/** What a route's path asks its caller for. */
export type PathInit<K, R> = [PathParam<K>] extends [never]
  ? {}
  : { readonly params: R extends { readonly params: infer S } ? In<S> : { readonly [N in PathParam<K>]: string } };
/** What a route asks its caller for. */
export type CallInit<K, R> = PathInit<K, R> &
  (R extends { readonly query: infer S } ? Optionally<'query', In<S>> : {}) &
  (R extends { readonly body: infer S } ? Optionally<'body', In<S>> : {});
/** For a key that is none, K falls back to all keys: then ask for nothing more, so that the error names the key and not the count of arguments. */
export type KeyArgs<K, I, Extra, All = K> = [false] extends [
  K extends unknown ? ([All] extends [K] ? true : false) : never,
]
  ? [init?: {}]
  : CallArgs<I, Extra>;
/** The argument of a call, optional when nothing in it is required. */
export type CallArgs<I, Extra> = {} extends I ? [init?: I & Extra] : [init: I & Extra];
/** What a route may answer, by status. */
export type Answer<R> = R extends { readonly responses: infer X }
  ? { [S in keyof X]: { readonly status: S; readonly body: Out<X[S]>; readonly headers: Headers } }[keyof X]
  : never;
/** Calls a route by its key. */
export interface Call<C, Extra> {
  <K extends Str<keyof Part<C, 'routes'>>>(
    key: K,
    ...init: KeyArgs<K, CallInit<K, Part<C, 'routes'>[K]>, Extra>
  ): Promise<Answer<Part<C, 'routes'>[K]>>;
}

/** How to reach the server. */
export interface ClientOptions<C> {
  /** Ends with the contract's own base: '/api/v1/radarr/uhd'. */
  readonly base: string;
  /** An access token; a function is asked before every call, so that a renewed one is used. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  /**
   * The contract as a value, where its schemas may be loaded. Needed to send `form(…)` bodies and multipart without a file, and to read
   * answers whose MIME type does not tell text from bytes; without it a browser bundle carries no schema.
   */
  readonly contract?: C;
  /** A stream of server-sent events that breaks is opened again after its last id. Default false: it then ends with the error. */
  readonly reconnect?: boolean;
}

/**
 * A typed client: `client<typeof contract>({ base })` by types alone. Files make a body multipart, bytes are sent as they are, all else is JSON.
 * An answer that is a problem, or an error nobody declared, throws a Problem with the server's `errors` and `request_id` in `extra`.
 */
export function client<C extends ContractDef>(
  options: ClientOptions<C>,
): Call<C, { readonly signal?: AbortSignal; readonly lastEventId?: string }> {
  const send = async (key: string, init: CallParts): Promise<ReadAnswer> => {
    const token = typeof options.token === 'function' ? await options.token() : options.token;
    const route = options.contract?.routes?.[key as RouteKey];
    const headers = { ...options.headers, ...(token && { authorization: `Bearer ${token}` }) };
    const { url, request } = buildRequest(options.base, key, init, { headers, route });
    return readAnswer(await (options.fetch ?? fetch)(url, request), route);
  };
  const call = async (key: string, init: CallParts = {}): Promise<ReadAnswer> => {
    const answer = await send(key, init);
    if (!options.reconnect || !answer.events) return answer;
    const again = (lastEventId: string): Promise<ReadAnswer> =>
      send(key, { ...init, ...(lastEventId && { lastEventId }) });
    return { ...answer, body: reconnecting(answer.events, again, init.signal) };
  };
  return call as never; // typed by Call, which only the contract's types know
}
