import type { Cookie } from '@revenge/sdk';
import { milliseconds } from '../../lifecycle/duration.ts';

const NAME = /^[\w!#$%&'*.^`|~+-]+$/;

/** HttpOnly, SameSite=Lax, Path=/, Secure where the public URL is https, unless the handler says otherwise. */
export function appendCookies(
  cookies: Readonly<Record<string, Cookie | 'delete'>>,
  secure: boolean,
  headers: string[],
): void {
  for (const [name, cookie] of Object.entries(cookies)) {
    if (!NAME.test(name)) throw new RangeError(`cookie '${name}': not a name a cookie may have`);
    headers.push('set-cookie', cookie === 'delete' ? deleted(name, secure) : line(name, cookie, secure));
  }
}

const deleted = (name: string, secure: boolean): string =>
  `${name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

function line(name: string, cookie: Cookie, secure: boolean): string {
  const site = cookie.sameSite ?? 'lax';
  const path = cookie.path ?? '/';
  if (!/^\/[^;\s]*$/.test(path)) throw new RangeError(`cookie '${name}': the path '${path}' is none`);
  return [
    `${name}=${encodeURIComponent(cookie.value)}`,
    `Path=${path}`,
    ...(cookie.maxAge ? [`Max-Age=${Math.floor(milliseconds(cookie.maxAge) / 1_000)}`] : []),
    ...(cookie.scriptable ? [] : ['HttpOnly']),
    `SameSite=${site[0]?.toUpperCase()}${site.slice(1)}`,
    // browsers refuse SameSite=None without it
    ...(secure || site === 'none' ? ['Secure'] : []),
  ].join('; ');
}

/** The Cookie header as a map without a prototype; the first of a name counts. */
export function parseCookies(header: string | undefined): Record<string, string> {
  const cookies = Object.create(null) as Record<string, string>;
  if (header === undefined) return cookies;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at < 1) continue;
    const name = pair.slice(0, at).trim();
    if (name === '' || cookies[name] !== undefined) continue;
    cookies[name] = decode(
      pair
        .slice(at + 1)
        .trim()
        .replace(/^"|"$/g, ''),
    );
  }
  return cookies;
}
function decode(value: string): string {
  try {
    return value.includes('%') ? decodeURIComponent(value) : value;
  } catch {
    // not ours, so not encoded our way: as it stands
    return value;
  }
}
