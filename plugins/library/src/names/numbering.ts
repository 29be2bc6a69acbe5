import type { Span } from './words.ts';

/** What a name says of seasons and episodes, and where. */
export interface Numbering extends Span {
  readonly season: number | null;
  readonly episodes: readonly number[];
  readonly absolute: readonly number[];
  readonly date: string | null;
}

/** More episodes than this in one file are a misreading. */
const MOST_EPISODES = 120;

export const noNumbering = { season: null, episodes: [], absolute: [], date: null } as const;

const hanDigits = '一二三四五六七八九';

/** Digits, or Chinese numerals to ninety-nine: "十一", "二十三"; NaN for anything else. */
export function hanNumber(text: string): number {
  const [, tens, ten, ones] = /^([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)$/u.exec(text) ?? [];
  if (text === '' || tens === undefined) return text === '' ? Number.NaN : Number(text);
  const digit = (sign = ''): number => (sign === '' ? 0 : hanDigits.indexOf(sign) + 1);
  return ten === '' ? digit(tens) : (digit(tens) || 1) * 10 + digit(ones);
}

/** All numbers from `first` to `last`, or undefined where that is no range. */
export function range(first: number, last: number): number[] | undefined {
  // Not-a-number (nothing was written there) is no range either.
  if (!(last > first) || last - first > MOST_EPISODES) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/**
 * The episodes after a first one, as written: `E02` and `E02` one by one, `-E05` and `-05` up to it. `tail` is a global, sticky pattern
 * with the groups lead and number; reading goes on from `end`.
 */
export function followers(
  text: string,
  start: { readonly first: number; readonly end: number },
  tail: RegExp,
): { episodes: number[]; end: number } {
  const episodes = [start.first];
  let { end } = start;
  tail.lastIndex = end;
  for (let match = tail.exec(text); match !== null && episodes.length <= MOST_EPISODES; match = tail.exec(text)) {
    const number = Number(match.groups?.number);
    const last = episodes.at(-1) ?? start.first;
    const span = /[-~]|to/i.test(match.groups?.lead ?? '') ? range(last, number) : undefined;
    if (span === undefined && number <= last) break;
    episodes.push(...(span?.slice(1) ?? [number]));
    end = tail.lastIndex;
  }
  return { episodes, end };
}
