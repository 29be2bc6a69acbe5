import type { Marker } from './markers.ts';
import { isGap } from './words.ts';
import type { Span } from './words.ts';

export interface FoundYear extends Span {
  readonly year: number;
}

interface Candidate extends FoundYear {
  readonly isBracketed: boolean;
}

/** The first film; and as late as an announced one may be. Later numbers ("2049") are of titles. */
const EARLIEST = 1888;
const LATEST = 2035;

const pattern =
  /(?<![\p{L}\p{N}])(?<open>[([][ ]?)?(?<year>1[89]\d\d|20\d\d)(?:(?<to>[-–][ ]?(?:19|20)\d\d|[-–][ ]?(?=[)\]])|[-–]present))?(?<close>[ ]?[)\]])?(?![\p{L}\p{N}])/giu;

/**
 * The year of a name: the one in brackets; else the last before the first marker that ends a title, as "2001.A.Space.Odyssey.1968" has it. A
 * number that is all there is of the title is the title.
 */
export function findYear(text: string, markers: readonly Marker[], until = text.length): FoundYear | undefined {
  const firstMarker = markers.find((marker) => marker.isStrong && marker.start > 0)?.start ?? text.length;
  const all = candidates(text.slice(0, until));
  const bracketed = all.find((candidate) => candidate.isBracketed);
  if (bracketed !== undefined) return bracketed;
  const before = all.filter((candidate) => candidate.start < firstMarker && !isGap(text, 0, candidate.start));
  let chosen = before.at(-1);
  if (chosen === undefined)
    return (
      (until === text.length ? leadingYear(text, all) : undefined) ??
      lateYear(all, isGap(text, 0, firstMarker) ? Number.POSITIVE_INFINITY : firstMarker)
    );
  for (const earlier of before.slice(0, -1).toReversed()) {
    if (!isAllMarkers(text, markers, { start: earlier.end, end: chosen.start })) break;
    chosen = earlier;
  }
  return chosen;
}

/** "2010 - Title". */
function leadingYear(text: string, all: readonly Candidate[]): FoundYear | undefined {
  const [first] = all;
  return first !== undefined && first.start === 0 && /^ - \p{L}/u.test(text.slice(first.end)) ? first : undefined;
}

/** "Title.1080p.2019": after the first marker, where none stands before it. */
function lateYear(all: readonly Candidate[], firstMarker: number): FoundYear | undefined {
  return firstMarker < Number.POSITIVE_INFINITY ? all.find((candidate) => candidate.start > firstMarker) : undefined;
}

function candidates(text: string): Candidate[] {
  const found: Candidate[] = [];
  for (const match of text.matchAll(pattern)) {
    const year = Number(match.groups?.year);
    if (year < EARLIEST || year > LATEST) continue;
    const isBracketed = match.groups?.open !== undefined && match.groups.close !== undefined;
    found.push({ year, isBracketed, start: match.index, end: match.index + match[0].length });
  }
  return found;
}

/** Whether a stretch holds a marker and nothing else: "2010.Remastered.2019". */
export function isAllMarkers(text: string, markers: readonly Marker[], { start, end }: Span): boolean {
  let at = start;
  const inside = markers.filter((marker) => marker.start >= start && marker.end <= end);
  for (const marker of inside) {
    if (!isGap(text, at, marker.start)) return false;
    at = marker.end;
  }
  return inside.length > 0 && isGap(text, at, end);
}
