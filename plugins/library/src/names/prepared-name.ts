import { findIds } from './ids.ts';
import { findMarkers } from './markers.ts';
import type { Marker } from './markers.ts';
import type { ParsedIds } from './parsed-path.ts';
import { blank } from './words.ts';
import type { Span } from './words.ts';
import { isAllMarkers } from './years.ts';

/** A name without what stands apart from its title: ids, the edition's tag, checksums, sites, brackets in front. */
export interface PreparedName {
  /** The name with those stretches blanked; positions stay. */
  readonly text: string;
  readonly ids: ParsedIds;
  readonly edition: string | undefined;
  /** Where the title may start: after a group, a site or tags in front. */
  readonly from: number;
  readonly isAnime: boolean;
  readonly isGroupFirst: boolean;
  /** What brackets in front of the title say of the release: "[1080p] Title". */
  readonly tags: readonly Marker[];
}

const editionTag = /\{edition[-= ](?<edition>[^{}]{1,80})\}/iu;
const checksum = /[[(][\dA-F]{8}[\])]/giu;
const site =
  /^\s?(?:\[\s?(?:www\.)?[\w-]{2,40}(?:\.[a-z]{2,6}){1,2}\s?\]|www\.[\w-]{2,40}(?:\.[a-z]{2,6}){1,2})[\s._-]{0,4}/iu;
const leadingBracket = /[\s._-]{0,2}(?:\[(?<inside>[^[\]]{1,40})\]|\((?<round>[^()]{1,40})\))[\s._-]{0,3}/uy;
/** A second group's bracket, where the title follows both. */
const secondGroup = /^\s?\[[A-Z][\w-]{0,12}\][\s._-]{1,3}$/u;

/** Takes apart what is no title. */
export function prepareName(name: string): PreparedName {
  const { ids, spans } = findIds(name);
  let text = name;
  for (const span of spans) text = blank(text, span);
  const edition = editionTag.exec(text);
  if (edition !== null) text = blank(text, spanOf(edition));
  const hasChecksum = text.search(checksum) >= 0;
  for (const match of text.matchAll(checksum)) text = blank(text, spanOf(match));
  const address = site.exec(text);
  if (address !== null) text = blank(text, spanOf(address));
  const front = frontBrackets(text, address?.[0].length ?? 0);
  return {
    text: front.text,
    ids,
    edition: edition?.groups?.edition,
    from: front.from,
    isGroupFirst: front.hasGroup,
    isAnime: front.hasGroup || hasChecksum,
    tags: front.tags,
  };
}

interface Front {
  readonly text: string;
  readonly from: number;
  readonly hasGroup: boolean;
  readonly tags: readonly Marker[];
}

/** The group's bracket and those that hold nothing but markers; none where nothing would be left. */
function frontBrackets(text: string, start: number): Front {
  const nothing: Front = { text, from: start, hasGroup: false, tags: [] };
  const bracket = new RegExp(leadingBracket.source, 'uy');
  let front = nothing;
  for (let round = 0; round < 4; round++) {
    if (isBracketTitle(text.slice(front.from))) break;
    bracket.lastIndex = front.from;
    const match = bracket.exec(text);
    if (match === null) break;
    const next = read(front, match, bracket.lastIndex);
    if (next === undefined) break;
    front = next;
  }
  return front.from >= text.trimEnd().length ? nothing : front;
}

function read(front: Front, match: RegExpExecArray, end: number): Front | undefined {
  const inside = match.groups?.inside ?? match.groups?.round ?? '';
  const offset = match.index + match[0].indexOf(inside, 1);
  const said = findMarkers(inside);
  const isTag =
    isAllMarkers(inside, said, { start: 0, end: inside.length }) &&
    said.some((marker) => marker.kind !== 'noise' || marker.end - marker.start > 3);
  if (isTag) {
    const tags = said.map((marker) => ({ ...marker, start: marker.start + offset, end: marker.end + offset }));
    return { ...front, text: blank(front.text, spanOf(match)), from: end, tags: [...front.tags, ...tags] };
  }
  if (match.groups?.inside === undefined) return undefined;
  if (!front.hasGroup) return { ...front, from: end, hasGroup: true };
  return secondGroup.test(match[0]) && /\p{L}/u.test(front.text[end] ?? '') ? { ...front, from: end } : undefined;
}

/** "[2019] Title", "[REC] (2007)", "[REC]² 2009": the bracket holds the year or the title itself. */
function isBracketTitle(text: string): boolean {
  return /^\s?\[(?:(?:19|20)\d\d\]|[^[\]]{1,40}\](?:[²³]|[\s._]?\d?[\s._-]{0,3}[([]?(?:19|20)\d\d(?!\d)[)\]]?(?:[\s._]|$)))/u.test(
    text,
  );
}

function spanOf(match: RegExpMatchArray): Span {
  const start = match.index ?? 0;
  return { start, end: start + match[0].length };
}
