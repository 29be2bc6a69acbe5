import { numberOf } from './loose-numbers.ts';
import type { Span } from './words.ts';

export interface FoundPart extends Span {
  readonly number: number;
}

const disc =
  /(?<![\p{L}\p{N}])(?:cd|dis[ck]|dvd(?![59](?!\d)))[ ._-]?(?<number>\d{1,2})(?:of\d{1,2})?(?![\p{L}\p{N}])/giu;
const tight = /(?:(?<=[ ._])[-–][ ]?|(?<![\p{L}\p{N}]))(?:part|pt)(?<number>\d{1,2})(?![\p{L}\p{N}])/giu;
const loose = /(?<![\p{L}\p{N}])(?:part|pt)[ ._-](?<number>\d{1,2})(?![\p{L}\p{N}])/giu;
const ofSeveral = /[ ._(](?<number>\d)[ ]?of[ ]?\d(?![\p{L}\p{N}])/giu;
const worded = /(?<![\p{L}\p{N}])part[ ._-](?<number>[ivx]{1,4}|one|two|three|four|five|six)(?![\p{L}\p{N}])/giu;

/**
 * Which part of a film in several files a name is. Behind the year or the first marker every way of saying it counts; before, "CD1", "part1"
 * and a last "part 1" do, and "Part Two" is a title's.
 */
export function findPart(text: string, zone: Span, titleEnd: number): FoundPart | undefined {
  const inZone = (pattern: RegExp): FoundPart | undefined => last(text, pattern, zone.start);
  const found = inZone(disc) ?? inZone(tight) ?? inZone(loose) ?? inZone(ofSeveral) ?? inZone(worded);
  if (found !== undefined) return found;
  const early =
    last(text, disc, 1) ??
    last(text, tight, 1) ??
    (titleEnd === text.length ? atEnd(text, last(text, loose, 1)) : undefined);
  return early !== undefined && early.end <= titleEnd ? atEnd(text.slice(0, titleEnd), early) : undefined;
}

function last(text: string, pattern: RegExp, from: number): FoundPart | undefined {
  const match = [...text.matchAll(pattern)].findLast((one) => one.index >= from);
  if (match === undefined) return undefined;
  return { number: numberOf(match.groups?.number ?? ''), start: match.index, end: match.index + match[0].length };
}

function atEnd(text: string, part: FoundPart | undefined): FoundPart | undefined {
  return part !== undefined && !/[\p{L}\p{N}]/u.test(text.slice(part.end)) ? part : undefined;
}
