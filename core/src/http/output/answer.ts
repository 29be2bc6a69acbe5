import type { ReplyInit } from '@revenge/sdk';
import type { Exchange } from '../exchange.ts';
import { appendCookies } from './cookies.ts';
import { matchesEtag } from './etag.ts';

/** What a handler gave, taken apart: its body, and what goes with it. */
export interface Given {
  readonly status: number;
  readonly body: unknown;
  readonly init: ReplyInit | undefined;
}

/** What the writers of one route share. */
export interface AnswerPlan {
  readonly route: string;
  /** Cache-Control of a 200. */
  readonly cacheControl: string;
  /** Cookies get Secure. */
  readonly secure: boolean;
  /** Checks what events and bodies hold against what the contract says; thrown errors name the route. */
  readonly heartbeatMs: number;
}

/** Names that are the kernel's: a handler that sets one is overruled, as two of them would break the answer. */
const KERNELS = new Set(['content-length', 'transfer-encoding', 'connection', 'x-request-id', 'keep-alive', 'trailer']);

/** The headers of an answer from `init`: own ones, cookies, and what caches may do. Answers the names the handler set itself. */
export function appendInit(
  x: Exchange,
  plan: AnswerPlan,
  status: number,
  init: ReplyInit | undefined,
  headers: string[],
): void {
  let cached = false;
  if (init?.headers)
    for (const [name, value] of Object.entries(init.headers)) {
      const lower = name.toLowerCase();
      if (KERNELS.has(lower)) continue;
      if (lower === 'cache-control') cached = true;
      headers.push(lower, value);
    }
  if (init?.cookies) appendCookies(init.cookies, plan.secure, headers);
  if (init?.lastModified) headers.push('last-modified', init.lastModified.toUTCString());
  if (!cached) headers.push('cache-control', isRead(x) && status === 200 ? plan.cacheControl : 'no-store');
}

export const isRead = (x: Exchange): boolean => x.req.method === 'GET' || x.req.method === 'HEAD';
export const hasHeader = (init: ReplyInit | undefined, name: string): boolean =>
  init?.headers !== undefined && Object.keys(init.headers).some((n) => n.toLowerCase() === name);

/** RFC 9110, 13.1: If-None-Match first, then If-Modified-Since. */
export function notModified(x: Exchange, etag: string | undefined, lastModified: Date | undefined): boolean {
  const { headers } = x.req;
  const wanted = headers['if-none-match'];
  if (wanted !== undefined) return etag !== undefined && matchesEtag(wanted, etag);
  const since = headers['if-modified-since'];
  if (since === undefined || !lastModified) return false;
  const seconds = (time: number): number => Math.floor(time / 1_000);
  return seconds(lastModified.getTime()) <= seconds(Date.parse(since));
}
