import type { Duration } from '@revenge/sdk';

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
/** A host that asks for more is not waited for: the error says how long. Milliseconds. */
const LONGEST_WAIT = 30_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;

export const isIdempotent = (method: string): boolean => IDEMPOTENT.has(method);

/** Answers that another try may better; 501 and 505 will be the same again. */
export const isWorthRetrying = (status: number | undefined): boolean =>
  status === undefined || status === 429 || (status >= 500 && status !== 501 && status !== 505);

/** Retry-After, in seconds or as a date, in milliseconds; undefined when there is none that makes sense. */
export function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

export const asDuration = (ms: number | undefined): Duration | undefined =>
  ms === undefined ? undefined : `${Math.ceil(ms / 1_000)}s`;

/** Milliseconds before attempt `tried + 1`: doubled each time with jitter, or what the host asks for. undefined: too long to wait here. */
export function pause(tried: number, asked: number | undefined, random: () => number): number | undefined {
  const backoff = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tried - 1)) * (0.5 + random() / 2);
  if (asked === undefined) return backoff;
  return asked > LONGEST_WAIT ? undefined : Math.max(backoff, asked);
}
