/** Redirects followed before it is called a loop. */
const MOST = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What another origin may learn. fetch drops Authorization and cookies alone, so X-Api-Key would travel on: we follow by hand. */
const HARMLESS = new Set(['accept', 'accept-language', 'range', 'user-agent', 'if-none-match', 'if-modified-since']);

export interface Asked {
  readonly url: URL;
  readonly init: RequestInit & { readonly method: string; readonly headers: Headers };
}

/** A redirect that leads nowhere: too many, no usable address, or a body that cannot be sent twice. */
export class BadRedirect extends Error {
  override readonly name = 'BadRedirect';
}

/** fetch that follows redirects and takes no header but harmless ones to another origin. `redirect: 'manual'` and 'error' are kept. */
export async function fetchFollowing(fetch: typeof globalThis.fetch, asked: Asked): Promise<Response> {
  const { redirect = 'follow' } = asked.init;
  let at = asked;
  for (let hops = 0; hops <= MOST; hops += 1) {
    const response = await fetch(at.url, { ...at.init, redirect: redirect === 'error' ? 'error' : 'manual' });
    if (redirect !== 'follow' || !REDIRECTS.has(response.status)) return response;
    const location = response.headers.get('location');
    if (location === null) return response;
    await response.body?.cancel();
    at = next(at, response.status, location);
  }
  throw new BadRedirect(`more than ${MOST} redirects`);
}

function next({ url, init }: Asked, status: number, location: string): Asked {
  if (!URL.canParse(location, url.href)) throw new BadRedirect('a redirect to something that is no URL');
  const to = new URL(location, url);
  if (to.protocol !== 'http:' && to.protocol !== 'https:')
    throw new BadRedirect(`a redirect to '${to.protocol}', which is not followed`);
  to.username = to.password = '';
  const headers = new Headers(init.headers);
  const away = to.origin !== url.origin;
  for (const name of Array.from(headers.keys())) if (away && !HARMLESS.has(name)) headers.delete(name);
  const get = (status === 303 && init.method !== 'HEAD') || (status < 303 && init.method === 'POST');
  if (get) {
    headers.delete('content-type');
    const { body: _, ...rest } = init;
    return { url: to, init: { ...rest, method: 'GET', headers } };
  }
  if (away && init.body) throw new BadRedirect(`a redirect of a ${init.method} with a body to another origin`);
  if (isStream(init.body)) throw new BadRedirect('a redirect of a streamed body, which cannot be sent twice');
  return { url: to, init: { ...init, headers } };
}

/** A body that is gone once it was sent. */
export const isStream = (body: unknown): boolean =>
  body instanceof ReadableStream || (typeof body === 'object' && body !== null && Symbol.asyncIterator in body);
