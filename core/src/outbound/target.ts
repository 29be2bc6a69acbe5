import type { HttpInit, Upstream } from '@revenge/sdk';

export type Query = NonNullable<HttpInit['query']>;

/** A URL without what may be secret: no user, password, query or fragment. */
export const shown = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

/**
 * Joins what is asked for to the upstream's base, whose path is kept ('http://nas/radarr' and '/api' make '/radarr/api'). A whole URL of
 * another origin is refused: it would get this upstream's headers. Errors never repeat what was given, as a URL may hold a key.
 */
export function targetUrl(url: string | URL, base: URL | undefined, queries: readonly (Query | undefined)[]): URL {
  const target = resolve(url, base);
  if (target.protocol !== 'http:' && target.protocol !== 'https:')
    throw new TypeError(`a URL of http or https is needed; this one begins with '${target.protocol}'`);
  if (base && target.origin !== base.origin)
    throw new TypeError(`this client speaks to ${base.origin} alone, not to ${target.origin}: use ctx.http itself`);
  for (const query of queries)
    for (const [name, value] of Object.entries(query ?? {}))
      if (value !== undefined) target.searchParams.set(name, String(value));
  return target;
}

function resolve(url: string | URL, base: URL | undefined): URL {
  const text = String(url);
  if (!base || /^[a-z][a-z\d+.-]*:\/\//i.test(text)) return parsed(text, 'the URL asked for');
  const joined = new URL(base);
  const [, path = '', search = ''] = /^([^?#]*)(\?[^#]*)?/.exec(text) ?? [];
  if (path) joined.pathname = `${joined.pathname.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  for (const [name, value] of new URLSearchParams(search)) joined.searchParams.append(name, value);
  return joined;
}

/** `what` is for the message. */
export function parsed(text: string, what: string): URL {
  if (!URL.canParse(text)) throw new TypeError(`${what} is no URL: write it whole, as in 'http://nas:7878/radarr'`);
  return new URL(text);
}

/** Later ones win. An error names the header, never its value. */
export function mergedHeaders(all: readonly (Upstream<string>['headers'] | undefined)[]): Headers {
  const merged = new Headers();
  for (const headers of all) {
    if (!headers) continue;
    const pairs: Iterable<unknown> =
      headers instanceof Headers || Array.isArray(headers) ? headers : Object.entries(headers);
    for (const pair of pairs) {
      const [name, value] = pair as readonly [string, string]; // the three forms of HeadersInit all give pairs
      try {
        merged.set(name, value);
      } catch {
        throw new TypeError(`header '${name}' cannot be sent: its name or value has characters that HTTP forbids`);
      }
    }
  }
  return merged;
}

/** 'http://user:password@host' as a header: fetch refuses it in a URL. */
export function credentialsToHeader(url: URL, headers: Headers): void {
  if (!url.username && !url.password) return;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  if (!headers.has('authorization')) headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  url.username = url.password = '';
}
