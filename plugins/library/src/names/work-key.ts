import type { ParsedPath } from './parsed-path.ts';

type Identity = Pick<ParsedPath, 'title' | 'year' | 'ids'>;

/**
 * The key under which files are one work: title (case, punctuation and diacritics folded, articles kept) and year; by an id alone where there
 * is no title. Two names of one film with and without ids share the title's key, so ids are compared apart from it.
 */
export function workKey(parsed: Identity): string {
  const title = foldTitle(parsed.title ?? '');
  if (title !== '') return parsed.year === null ? title : `${title} (${parsed.year})`;
  const { tmdb, imdb, tvdb } = parsed.ids;
  if (tmdb !== null) return `tmdb:${tmdb}`;
  if (imdb !== null) return `imdb:${imdb}`;
  return tvdb === null ? '' : `tvdb:${tvdb}`;
}

/** A title as it is compared: NFKD, without marks, in lower case, words parted by one space. */
export function foldTitle(title: string): string {
  const folded = title
    .normalize('NFKD')
    .replaceAll(/(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{Mn}+/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/['’‘ʼ`´]/g, '')
    .replaceAll('ß', 'ss')
    .replaceAll('æ', 'ae')
    .replaceAll('œ', 'oe')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
    .replaceAll('đ', 'd')
    .replaceAll(/\s*&\s*/g, ' and ')
    .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim();
  // A title of signs alone ("…", "$", "?") is still a title.
  return folded === '' ? title.trim().toLowerCase() : folded;
}
