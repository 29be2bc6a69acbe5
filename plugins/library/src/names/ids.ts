import type { ParsedIds } from './parsed-path.ts';
import type { Span } from './words.ts';

const tagged =
  /[[({]\s{0,2}(tmdb|tmdbid|themoviedb|imdb|imdbid|tvdb|tvdbid|thetvdb)\s{0,2}[-=: ]?\s{0,2}(tt\d{5,10}|\d{1,10})\s{0,2}[\])}]/giu;
const loose = /(?<![\p{L}\p{N}])(tmdb|imdb|tvdb)(?:id)?[-=](tt\d{5,10}|\d{2,10})(?![\p{L}\p{N}])/giu;
const bare = /(?<![\p{L}\p{N}])(tt\d{7,9})(?![\p{L}\p{N}])/giu;
/** Other catalogues' ids say nothing here, but they are no part of a title. */
const foreign = /[[{](?:anidb|anilist|mal|tvmaze|trakt|tvrage)(?:id)?[-=]\d{1,10}[\]}]/giu;

export interface FoundIds {
  readonly ids: ParsedIds;
  readonly spans: readonly Span[];
}

/** The ids that a name carries, as Radarr, Sonarr, Plex, Jellyfin and Kodi write them. */
export function findIds(text: string): FoundIds {
  let tmdb: number | null = null;
  let imdb: string | null = null;
  let tvdb: number | null = null;
  const spans: Span[] = [];
  const marked = [...text.matchAll(tagged)];
  for (const match of marked.length > 0 ? marked : text.matchAll(loose)) {
    const [whole, kind = '', value = ''] = match;
    spans.push({ start: match.index, end: match.index + whole.length });
    const isImdb = /^tt/i.test(value);
    if (isImdb) imdb ??= value.toLowerCase();
    else if (/imdb/i.test(kind)) imdb ??= `tt${value.padStart(7, '0')}`;
    else if (/tvdb/i.test(kind)) tvdb ??= Number(value);
    else tmdb ??= Number(value);
  }
  for (const match of text.matchAll(bare)) {
    if (spans.some(({ start, end }) => match.index >= start && match.index < end)) continue;
    spans.push(bracketsAround(text, match.index, match.index + match[0].length));
    imdb ??= match[0].toLowerCase();
  }
  for (const match of text.matchAll(foreign)) spans.push({ start: match.index, end: match.index + match[0].length });
  return { ids: { tmdb, imdb, tvdb }, spans };
}

function bracketsAround(text: string, start: number, end: number): Span {
  const isBracketed = /[[({]/.test(text[start - 1] ?? '') && /[\])}]/.test(text[end] ?? '');
  return isBracketed ? { start: start - 1, end: end + 1 } : { start, end };
}
