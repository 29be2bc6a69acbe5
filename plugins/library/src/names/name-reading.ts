import { findAirDate } from './air-dates.ts';
import { editionTitle } from './editions.ts';
import { findEpisodes } from './episode-numbers.ts';
import { findLooseNumbers } from './loose-numbers.ts';
import { countedMarkers, zoneStart } from './marker-zone.ts';
import type { Bounds } from './marker-zone.ts';
import { findMarkers } from './markers.ts';
import type { Marker } from './markers.ts';
import { noNumbering } from './numbering.ts';
import type { Numbering } from './numbering.ts';
import type { ParsedIds } from './parsed-path.ts';
import { findPart } from './parts.ts';
import { prepareName } from './prepared-name.ts';
import { findReleaseGroup } from './release-groups.ts';
import { findSeason } from './season-numbers.ts';
import { cleanTitle } from './titles.ts';
import { blank, isGap } from './words.ts';
import type { Span } from './words.ts';
import { findYear } from './years.ts';

/** What surrounds a name, and so how its numbers are read. */
export interface ReadingContext {
  readonly hint: 'movie' | 'tvshow' | undefined;
  /** The season of the folder. */
  readonly season: number | null;
  /** Whether it lies among films, so that "Season 2 (2008)" may end a title. */
  readonly isAmongFilms: boolean;
  readonly isFolder: boolean;
}

/** One name, file's or folder's, as it is understood by itself. */
export interface NameReading {
  readonly title: string | null;
  readonly year: number | null;
  readonly numbering: Numbering | undefined;
  readonly episodeTitle: string | null;
  readonly ids: ParsedIds;
  readonly edition: string | null;
  readonly part: number | null;
  readonly markers: readonly Marker[];
  readonly group: string | null;
  /** Whether it says that it is a later version: "05v2". */
  readonly isRevised: boolean;
}

/** Reads one name, without looking at folders. */
export function readName(name: string, context: ReadingContext): NameReading {
  const prepared = prepareName(name);
  const { text } = prepared;
  const all = findMarkers(text);
  const numbering = findNumbering(text, all, { ...context, isAnime: prepared.isAnime });
  const year = findYear(text, all, numbering !== undefined && numbering.start > 0 ? numbering.start : text.length);
  const bounds = { text, markers: all, numbering, year, from: prepared.from };
  const zone = zoneStart(bounds);
  const markers = [...prepared.tags, ...countedMarkers(bounds, zone)];
  const part =
    numbering === undefined ? findPart(text, { start: zone.from, end: text.length }, zone.titleEnd) : undefined;
  const titleEnd = Math.min(zone.titleEnd, part?.start ?? text.length);
  const early =
    year === undefined || numbering !== undefined
      ? undefined
      : earlyEdition(text, all, { start: prepared.from, end: year.start });
  const edition = prepared.edition ?? early?.value ?? markers.find((marker) => marker.kind === 'edition')?.value;
  const whole = isYearBehind(bounds, zone.episodeTitleEnd)
    ? null
    : episodeTitleOf(bounds, zone.episodeTitleEnd, prepared.isAnime);
  // "2024-03-01 - Frontline - Democracy on Trial": the day in front, then the programme.
  const daily = numbering?.date != null && isGap(text, 0, numbering.start) ? /^(.+?) - (.+)$/u.exec(whole ?? '') : null;
  return {
    title:
      daily?.[1] ??
      titleOf(bounds, Math.min(titleEnd, early === undefined ? titleEnd : withoutArticle(text, early.start))),
    year: year?.year ?? null,
    numbering,
    episodeTitle: daily?.[2] ?? whole,
    ids: prepared.ids,
    edition: edition === undefined ? null : editionTitle(edition),
    part: part?.number ?? null,
    markers,
    group: findReleaseGroup(text, markers, { since: zone.from, isGroupFirst: prepared.isGroupFirst }),
    isRevised: numbering !== undefined && /\dv[2-9]/i.test(text.slice(numbering.start, numbering.end + 2)),
  };
}

/** A whole season has no episode's title; "END", a day in six digits and a bracket of an anime release are none. */
function episodeTitleOf({ text, markers, numbering }: Bounds, end: number, isAnime: boolean): string | null {
  if (numbering === undefined) return null;
  if (numbering.episodes.length === 0 && numbering.absolute.length === 0 && numbering.date === null) return null;
  const title = cleanTitle(text.slice(afterShouted(text, markers, numbering.end), end));
  return title !== null && (/^(?:end|fin|\d{6}|\(\d{1,4}\))$/i.test(title) || (isAnime && title.startsWith('[')))
    ? null
    : title;
}

/**
 * "S02E01.2024.1080p": a year alone between the number and the first marker, without dashes, is no title. It may be the season's as well as the
 * series', so it is not taken for the series' either: that would part its seasons.
 */
function isYearBehind({ text, numbering, year }: Bounds, end: number): boolean {
  if (numbering === undefined || year !== undefined || end >= text.length) return false;
  return /^[ ._]?[([]?(?:19[5-9]\d|20[0-3]\d)[)\]]?[ ._]{1,2}[[(]?$/u.test(text.slice(numbering.end, end));
}

/** "S01E01.REPACK.Title": words in capitals about the release between the number and the title. */
function afterShouted(text: string, markers: readonly Marker[], since: number): number {
  let from = since;
  for (const marker of markers.filter(({ start }) => start >= since)) {
    const isSuch = marker.kind === 'proper' || marker.kind === 'noise';
    const isShouted = /^(?:\p{Lu}{4,}\d?|iNTERNAL|NORDiC)$/u.test(text.slice(marker.start, marker.end));
    if (!isSuch || !isShouted || !isGap(text, from, marker.start) || text.slice(from, marker.start).includes(' '))
      break;
    from = marker.end;
  }
  return from;
}

function findNumbering(
  text: string,
  markers: readonly Marker[],
  context: ReadingContext & { isAnime: boolean },
): Numbering | undefined {
  const sure = findEpisodes(text);
  if (sure !== undefined) return withAbsolute(text, sure);
  if (context.hint !== 'movie' || (context.isFolder && !context.isAmongFilms)) {
    const dated = findAirDate(text);
    if (dated !== undefined) return { ...noNumbering, date: dated.date, start: dated.start, end: dated.end };
  }
  const found = findSeason(text);
  const season = found !== undefined && isFilm(text, found, context) ? undefined : found;
  const isSeries = context.hint === 'tvshow' || context.season !== null;
  if (context.hint !== 'movie') {
    const until = markers.find((marker) => marker.isStrong && marker.start > 0)?.start ?? text.length;
    // Numbers behind the first marker are of the release ("x264", "5.1"), those before a season's word of the title ("Room 104 S02").
    const front = season === undefined || season.season === null ? text : blank(text, { start: 0, end: season.end });
    const looseContext = {
      isSeries: isSeries && season === undefined,
      season: context.season,
      isAnime: context.isAnime,
      isBroadcast: markers.some(({ kind, value }) => kind === 'source' && value === 'hdtv'),
    };
    const loose = findLooseNumbers(blank(front, { start: until, end: text.length }), looseContext);
    if (loose !== undefined) return season === undefined || season.season === null ? loose : joined(season, loose);
  }
  return season;
}

/** "Open Season 2 (2008)", among films, and a file "S4 (2011)": the season's word and then the year. */
function isFilm(text: string, { start, end }: Span, { isAmongFilms, isFolder, season }: ReadingContext): boolean {
  if (!/^[ ._]{0,2}[([]?(?:19|20)\d\d(?!\d)/u.test(text.slice(end))) return false;
  if (start === 0 && !isFolder && season === null && text.slice(end).startsWith(' (')) return true;
  return isAmongFilms && /\p{L}.*\p{L}/u.test(text.slice(start, end).replace(/^s\d/i, ''));
}

/** "Title 2nd Season - 05": the season's word and a number of its own. */
function joined(season: Numbering, loose: Numbering): Numbering {
  const episodes = loose.episodes.length > 0 ? loose.episodes : loose.absolute;
  return { ...noNumbering, season: season.season, episodes, start: season.start, end: loose.end };
}

/** Sonarr's anime names: "S01E01 - 001 - Title". */
function withAbsolute(text: string, numbering: Numbering): Numbering {
  const match = /^ - (?<first>\d{2,4})(?:-(?<last>\d{2,4}))?(?= - |(?<=0\d*) ?[[(]|$)/u.exec(text.slice(numbering.end));
  // "S01E01 - 33" and "S01E01 - 1984" at the end are titles.
  const isLast = match !== null && numbering.end + match[0].length === text.length;
  const first = Number(match?.groups?.first);
  if (match === null || (isLast && (first < 100 || first >= 1500))) return numbering;
  const absolute = [match.groups?.first, match.groups?.last].filter((number) => number !== undefined).map(Number);
  return { ...numbering, absolute, end: numbering.end + match[0].length };
}

/** "Title.Directors.Cut.1986": an edition right before the year, if a title is left. */
function earlyEdition(text: string, markers: readonly Marker[], { start, end }: Span): Marker | undefined {
  const edition = markers.findLast((marker) => marker.kind === 'edition' && marker.start > start && marker.end <= end);
  if (edition === undefined || /[\p{L}\p{N}]/u.test(text.slice(edition.end, end))) return undefined;
  const rest = cleanTitle(text.slice(start, edition.start)) ?? '';
  return rest === '' || /^(?:the|a|an|le|la|les|der|die|das|el|il)$/i.test(rest) ? undefined : edition;
}

/** "Blade.Runner.The.Final.Cut": the article is the edition's. */
function withoutArticle(text: string, end: number): number {
  const article = /[\s._-](?:the|a)[\s._-]{1,3}$/i.exec(text.slice(Math.max(0, end - 8), end));
  return article === null ? end : end - article[0].length;
}

function titleOf({ text, from, year, numbering }: Bounds, end: number): string | null {
  const isYearFirst = year !== undefined && isGap(text, from, year.start);
  const said = text.slice(isYearFirst ? year.end : from, end);
  // "01 - Iron Man (2008)": the place in a collection.
  const raw = numbering === undefined && year !== undefined ? said.replace(/^0\d(?: - |\. )(?=\p{L})/u, '') : said;
  // "[Group][Title][01]"
  const boxed = /^\s?\[(?<title>[^[\]]+)\][\s[]*$/u.exec(raw);
  if (boxed !== null && from > 0) return cleanTitle(boxed.groups?.title ?? '');
  // "2.22 (2017)": without a letter the dots are of a number.
  if (text[end] === '(' && /^\P{L}*\d\.\d\P{L}* $/u.test(raw)) return raw.trim();
  const title = cleanTitle(raw);
  // "If.... (1968)", "Good Luck. (2005)": dots before a space and the year's bracket are the title's own.
  const dots = text[end] === '(' ? (/\p{L}(\.+) $/u.exec(raw)?.[1] ?? '') : '';
  return title === null || dots === '' ? title : title.replace(/\.*$/, dots);
}
