import type { ContractDef } from '../contract/contract.ts';
import type { PathParam } from '../contract/check.ts';
import type { In, Out, Part, Str } from '../contract/schema.ts';
import { Problem } from '../errors.ts';
import type { Json } from './json-schema.ts';

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

/** `base` ends with the contract's own: '/api/v1/radarr/uhd'. JSON bodies only so far: multipart and bytes are typed, not yet sent.
 * `client<typeof contract>()`: types only, so a browser bundle carries no schema. A status not declared throws a Problem. */
export function client<C extends ContractDef>(options: {
  readonly base: string;
  readonly token?: string;
  readonly fetch?: typeof fetch;
}): Call<C, { readonly signal?: AbortSignal }> {
  return (async (key: string, init: { params?: Json; query?: Json; body?: unknown; signal?: AbortSignal } = {}) => {
    const [method, path] = key.split(' ') as [string, string];
    const query = new URLSearchParams(
      Object.entries(init.query ?? {}).flatMap(([n, v]) =>
        (Array.isArray(v) ? v : [v]).filter((x) => x !== undefined).map((x): [string, string] => [n, String(x)]),
      ),
    );
    const url =
      options.base +
      path.replace(/([:*])([^/]+)/g, (_, sign: string, n: string) => {
        const value = String(init.params?.[n]);
        return sign === '*' ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
      }) +
      (query.size ? `?${query}` : '');
    const res = await (options.fetch ?? fetch)(url, {
      method,
      signal: init.signal ?? null,
      headers: {
        'content-type': 'application/json',
        ...(options.token && { authorization: `Bearer ${options.token}` }),
      },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
    });
    const type = res.headers.get('content-type') ?? '';
    if (type.startsWith('application/problem')) {
      const p = (await res.json()) as { title: string; detail?: string };
      throw new Problem(res.status, 'remote', p.title, p.detail);
    }
    return {
      status: res.status,
      headers: res.headers,
      body: res.status === 204 ? undefined : type.startsWith('application/json') ? await res.json() : res.body,
    };
  }) as never;
}
