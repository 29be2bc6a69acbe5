import type { Stream } from './probe-result.ts';

/** What a reader of one format found. */
export interface Media {
  readonly container: string;
  readonly duration_seconds: number | null;
  readonly streams: readonly Stream[];
}

/** ISO 639-2 as the file has it, null for 'und' and for what is no code. */
export function languageOrNull(code: string | null | undefined): string | null {
  if (code === null || code === undefined || !/^[a-z]{2,3}(-[\w-]{1,32})?$/i.test(code)) return null;
  const lower = code.toLowerCase();
  return lower === 'und' || lower === 'mis' || lower === 'zxx' ? null : lower;
}
