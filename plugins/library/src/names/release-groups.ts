import type { Marker } from './markers.ts';
import { isGap } from './words.ts';

const crc = /^[\dA-F]{8}$/i;
/** Marks that sites put behind the group's own. */
const siteSuffix =
  /(?:(?<=\S)[ ]\(\d\)|[ ._]?[[{(](?:rartv|rarbg|eztv(?:[ ._x-]?\w{2,4})?|ettv|TGx|PRiME|ethel|glodls|cttv|AnimeRG|QxR|UTR|Silence|NO[ ._-]?RAR|rutracker|www\.[^\])}]{3,30}|PublicHD|1337x(?:\.\w+)?|(?:[\w-]{2,30}\.){1,2}(?:com|org|net|ru|to|me|cc|info|re|se|pw|ws|li|ph))[\])}])+$|-(?:postbot|Obfuscated|Scrambled|sample|Rakuv\w{0,6}|WhiteRev|BUYMORE|AsRequested|AlternativeToRequested|GEROV|Z0iDS3N|Chamele0n|4P|4Planet|AlteZachen|RePACKPOST|xpost)$/i;
const never =
  /^(?:DL|Ray|HD|Rip|MA|ES|X|R|\d{1,4}p?|S\d+|E\d+|S\d+E\d+|part\d*|cd\d*|disc\d*|trailer|featurette|sample|behindthescenes|deleted|interview|scene|short|other|clip|cut|edition|copy|subs?|batch)$/i;
const exceptions =
  /(?:^|[^\p{L}\p{N}])((?:D-Z0N[3E]|E\.N\.D|KRaLiMaRKo|YTS\.(?:MX|LT|AG|AM)|Fight-BB|VARYG|EVO|TIGOLE|BluDragon|Joy|SAMPA|YIFY|HQMUX|DarQ|Kappa)(?=\)?$|\]$))/iu;

/** Who made a release, with the name's end where that word starts. */
export function findReleaseGroup(
  text: string,
  markers: readonly Marker[],
  zone: { since: number; isGroupFirst: boolean },
): string | null {
  const { since, isGroupFirst } = zone;
  let name = text.replaceAll('\u0001', ' ').trimEnd();
  for (let round = 0; round < 3 && siteSuffix.test(name); round++) name = name.replace(siteSuffix, '').trimEnd();
  return (
    knownGroup(name, since) ??
    afterDash(name, markers, zone) ??
    (isGroupFirst ? firstInBrackets(text) : null) ??
    lastInBrackets(name, markers, since)
  );
}

/** "x264-GROUP": behind a marker or the year, without a space around the dash. */
function afterDash(
  name: string,
  markers: readonly Marker[],
  { since, isGroupFirst }: { since: number; isGroupFirst: boolean },
): string | null {
  const dash = name.lastIndexOf('-');
  const match = /^- ?(?<group>[\p{L}\p{N}@!$][\p{L}\p{N}@!_.$-]{0,30})(?<close>\s?[\])]?)$/u.exec(name.slice(dash));
  const group = match?.groups?.group?.replace(/\.(?![\p{L}\p{N}](?:\.|$)).*$/u, '');
  if (group === undefined || dash < Math.max(1, since)) return null;
  const from = name.indexOf(group, dash);
  const isMarker = markers.some(
    ({ start, end, isStrong, kind }) =>
      start <= from &&
      // "1080p.x264-FHD": the height is said already.
      (isStrong ? start === from || end >= from + group.length : end >= from + group.length && kind !== 'resolution'),
  );
  const isWithin = markers.some(({ start, end }) => start < dash && end > from);
  // "[ENG][POR-BR]": the last of several brackets behind a group in front.
  if (match?.groups?.close === ']' && !name.slice(dash).includes('[') && isGroupFirst) return null;
  if (isMarker || isWithin || never.test(group) || crc.test(group)) return null;
  // "x265 -GRP": with a space before the dash only right behind a marker.
  if (name[dash - 1] === ' ' && !markers.some(({ end }) => end <= dash && isGap(name, end, dash))) return null;
  return group;
}

function knownGroup(name: string, since: number): string | null {
  const match = exceptions.exec(name);
  return match === null || match.index < since ? null : (match[1] ?? null);
}

/** "[1080p] [YTS.MX]" and "(1080p x265 10bit Tigole)". */
function lastInBrackets(name: string, markers: readonly Marker[], since: number): string | null {
  const match = /[[(](?<inside>[^[\]()]{2,80})[\])]$/u.exec(name);
  const inside = match?.groups?.inside;
  if (match === null || inside === undefined || match.index + 1 < since || crc.test(inside) || never.test(inside))
    return null;
  const start = match.index + 1;
  const within = markers.filter((marker) => marker.start >= start && marker.end <= start + inside.length);
  if (within.length === 0) {
    const isGroup =
      match[0].startsWith('[') &&
      !/\s/.test(inside) &&
      !/^\d+$/.test(inside) &&
      markers.some((marker) => marker.end <= start);
    return isGroup ? inside : null;
  }
  const rest = inside
    .slice((within.at(-1)?.end ?? start) - start)
    .replace(/^[\s-]+/, '')
    .trim();
  return /^[\p{L}\p{N}]{2,20}$/u.test(rest) && match[0].startsWith('(') ? rest : null;
}

/** "[Group] Title - 01". */
function firstInBrackets(text: string): string | null {
  const match = /^\s?[[](?<group>[^[\]]{1,40})[\]]/u.exec(text);
  const group = match?.groups?.group?.trim();
  if (group === undefined || crc.test(group) || /^(?:19|20)\d\d$|^www\.|\d{3,4}p/i.test(group)) return null;
  return group;
}
