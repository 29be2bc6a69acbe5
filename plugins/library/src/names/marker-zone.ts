import type { Marker } from './markers.ts';
import type { Numbering } from './numbering.ts';
import { isGap } from './words.ts';
import type { Span } from './words.ts';

export interface Bounds {
  readonly text: string;
  readonly markers: readonly Marker[];
  readonly numbering: Numbering | undefined;
  readonly year: Span | undefined;
  readonly from: number;
}

export interface Zone {
  /** Where the title of the film or the series ends. */
  readonly titleEnd: number;
  readonly episodeTitleEnd: number;
  /** From here on every word that may be a marker is one. */
  readonly from: number;
}

const article = /(?:^|[\s._-])(?:the|a|an|of|in|from|and|my|our|le|la|der|die|das)[\s._-]{1,3}$/i;

/** Where a name stops being a title: at the year, the episode, or the markers that lead up to one that is never a word of a title. */
export function zoneStart(bounds: Bounds): Zone {
  const { text, numbering, year, from } = bounds;
  const cut = text.indexOf('\u0001', from + 1);
  const end = cut < 0 ? text.length : cut;
  if (numbering !== undefined) {
    const run = runStart(bounds, numbering.end);
    const titleEnd = Math.min(numbering.start, yearEnd(bounds, numbering.start), earlyRun(bounds, numbering.start));
    const later = text.indexOf('\u0001', numbering.end);
    return { titleEnd, episodeTitleEnd: Math.min(run, later < 0 ? text.length : later), from: run };
  }
  const run = runStart(bounds, from);
  if (year === undefined) return { titleEnd: Math.min(run, end), episodeTitleEnd: end, from: run };
  const isYearFirst = isGap(text, from, year.start);
  if (isYearFirst)
    return { titleEnd: Math.min(runStart(bounds, year.end), text.length), episodeTitleEnd: end, from: year.end };
  const before = Math.min(run, capitalsBefore(bounds, year));
  return { titleEnd: Math.min(year.start, before, end), episodeTitleEnd: end, from: Math.min(year.end, before) };
}

/** "Title.GERMAN.2019": a word in capitals right before the year, behind a title that is not in capitals. */
function capitalsBefore({ text, markers, from }: Bounds, year: Span): number {
  let start = year.start;
  for (const marker of markers.filter((one) => one.end <= year.start && one.start > from).toReversed()) {
    const said = text.slice(marker.start, marker.end);
    const isShouted = /^(?:\p{Lu}{4,}|iNTERNAL|iTALiAN)$/u.test(said) && /\p{Ll}/u.test(text.slice(from, marker.start));
    const isSuch = marker.kind === 'language' || marker.kind === 'proper' || marker.kind === 'noise';
    if (!isShouted || !isSuch || !isGap(text, marker.end, start)) break;
    start = marker.start;
  }
  return start;
}

/** A year before the episode belongs to the series: "Show (2010) - S01E01". */
function yearEnd({ text, year, from }: Bounds, numberingStart: number): number {
  if (year === undefined || year.start >= numberingStart || isGap(text, from, year.start)) return numberingStart;
  return year.start;
}

/** "Show.1080p.S01E01": what stands before the number ends the title too. */
function earlyRun({ markers, from }: Bounds, numberingStart: number): number {
  return (
    markers.find((marker) => marker.isStrong && marker.start > from && marker.end <= numberingStart)?.start ??
    numberingStart
  );
}

/**
 * Start of the row of markers that leads up to the first strong one after `since`. A bracket that holds nothing but markers starts one too. A
 * language behind an article ("The.Italian.1080p") is a word.
 */
function runStart({ text, markers, numbering, year, from }: Bounds, since: number): number {
  const after = markers.filter((marker) => marker.start >= since && (marker.start > from || since > from));
  const index = after.findIndex(
    (marker) => marker.isStrong || isBracketed(text, marker) || isLastWord(text, marker, { numbering, year }),
  );
  if (index < 0) return text.length;
  let start = after[index]?.start ?? text.length;
  for (const marker of after.slice(0, index).toReversed()) {
    const isArticled = marker.kind === 'language' && article.test(text.slice(0, marker.start));
    if (marker.end > start || !isGap(text, marker.end, start) || isArticled) break;
    if (numbering === undefined && year === undefined && isGap(text, from, marker.start)) break;
    if (numbering !== undefined && marker.kind === 'edition' && text.slice(marker.end, start).includes(' ')) break;
    start = marker.start;
  }
  return start;
}

function isBracketed(text: string, marker: Marker): boolean {
  return /[[({][ ]?$/.test(text.slice(Math.max(0, marker.start - 2), marker.start)) && marker.kind !== 'part';
}

/** "S01E01.REPACK-GRP", "S01E01.PROPER": nothing but the group follows. */
function isLastWord(
  text: string,
  marker: Marker,
  has: { numbering: Numbering | undefined; year: Span | undefined },
): boolean {
  const isSuch = marker.kind === 'proper' || /^\p{Lu}{4,}$/u.test(text.slice(marker.start, marker.end));
  if (has.numbering === undefined || !isSuch || marker.kind === 'edition') return false;
  return isGap(text, has.numbering.end, marker.start) && /^(?:-\S{1,20})?$/.test(text.slice(marker.end));
}

/** The markers that are such: all from the zone on, and strong ones before it. */
export function countedMarkers({ markers, numbering }: Bounds, zone: Zone): Marker[] {
  return markers.filter(
    (marker) =>
      marker.start >= zone.from ||
      (marker.isStrong && numbering !== undefined && marker.end <= numbering.start && marker.start >= zone.titleEnd),
  );
}
