import type { Duration, Limit, Size } from '@revenge/sdk';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZES = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** '10s' → 10000. Milliseconds. Throws RangeError on anything else. */
export function milliseconds(time: Duration): number {
  const [, n, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(time) ?? [];
  if (n === undefined)
    throw new RangeError(`'${time}' is no duration: write a number and ms, s, m, h or d, as in '30s'`);
  return Number(n) * UNITS[unit as keyof typeof UNITS];
}

/** '2MB' → 2097152. Bytes, in powers of 1024. */
export function byteCount(size: Size): number {
  const [, n, unit] = /^(\d+(?:\.\d+)?)(KB|MB|GB)$/.exec(size) ?? [];
  if (n === undefined) throw new RangeError(`'${size}' is no size: write a number and KB, MB or GB, as in '2MB'`);
  return Number(n) * SIZES[unit as keyof typeof SIZES];
}

/** '5/15m' → { count: 5, window: 900000 }; '60/m' → one minute. Window in milliseconds. */
export function limitParts(limit: Limit): { readonly count: number; readonly window: number } {
  const [, count, window] = /^(\d+)\/(.+)$/.exec(limit) ?? [];
  if (count === undefined || window === undefined)
    throw new RangeError(`'${limit}' is no limit: write '60/m' or '5/15m'`);
  return { count: Number(count), window: milliseconds((/^\d/.test(window) ? window : `1${window}`) as Duration) };
}
