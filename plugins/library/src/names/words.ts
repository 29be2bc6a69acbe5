/** A pattern that stands as a word of its own: letters and digits of any script end it. */
export function word(pattern: string, flags = 'giu'): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, flags);
}

/** What parts words in names: `x{sep}y` is written with this. */
export const SEP = '[ ._+-]{0,3}';

/** A stretch of a name. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The same text with a stretch made of separators that end every title: positions stay as they are. */
export function blank(text: string, { start, end }: Span): string {
  return text.slice(0, start) + '\u0001'.repeat(end - start) + text.slice(end);
}

/** Whether nothing but separators and brackets lies in a stretch. */
export function isGap(text: string, start: number, end: number): boolean {
  return !/[\p{L}\p{N}]/u.test(text.slice(start, end));
}
