import { editions } from './editions.ts';
import { findLanguages } from './languages.ts';
import { qualityRules } from './quality-rules.ts';
import { word } from './words.ts';
import type { Span } from './words.ts';

export type MarkerKind =
  | 'resolution'
  | 'source'
  | 'video'
  | 'audio'
  | 'hdr'
  | 'three_d'
  | 'language'
  | 'edition'
  | 'proper'
  | 'part'
  | 'noise';

/** A stretch of a name that says something about the release. */
export interface Marker extends Span {
  readonly kind: MarkerKind;
  readonly value: string;
  /** Whether it is never a word of a title: it ends one wherever it stands. */
  readonly isStrong: boolean;
}

const compiled = [...qualityRules, ...editions].map((rule) => ({
  ...rule,
  pattern: word(rule.pattern, rule.isCased ? 'gu' : 'giu'),
}));

/** Where a source is written into what follows: "BD1080p", "WEB-DLx264", "HDTVx264". */
const seam =
  /(?<=(?<![\p{L}\p{N}])(?:[ABHPU]{0,2}DTV|BD(?:Rip)?|BluRay|WEB-?(?:DL|Rip)?))(?=[\dxh])(?=(?:480|720|1080|2160)[pi]|[xh]26[45])/giu;

/** Every marker in a name, in order; of two that overlap the longer stays. */
export function findMarkers(text: string): Marker[] {
  const seams = [...text.matchAll(seam)].map(({ index }) => index);
  if (seams.length === 0) return inWords(text);
  const parted = [0, ...seams].map((from, index) => text.slice(from, seams[index])).join(' ');
  const before = (position: number): number => position - seams.filter((at, index) => at + index < position).length;
  return inWords(parted).map((marker) => ({ ...marker, start: before(marker.start), end: before(marker.end) }));
}

function inWords(text: string): Marker[] {
  const found: Marker[] = findLanguages(text);
  for (const { pattern, kind, value, isStrong } of compiled) {
    for (const match of text.matchAll(pattern)) {
      const said = typeof value === 'string' ? value : value(match);
      if (said !== undefined) {
        found.push({ kind, value: said, isStrong, start: match.index, end: match.index + match[0].length });
      }
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  return withoutOverlaps(found);
}

function withoutOverlaps(sorted: readonly Marker[]): Marker[] {
  const kept: Marker[] = [];
  for (const marker of sorted) {
    const last = kept.at(-1);
    if (last === undefined || marker.start >= last.end) kept.push(marker);
    else if (marker.end > last.end && marker.end - marker.start > last.end - last.start) kept[kept.length - 1] = marker;
  }
  return kept;
}
