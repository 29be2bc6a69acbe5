import type { Marker } from './markers.ts';
import { word } from './words.ts';

/** Names and short forms of each language; a short form counts in capitals only. */
const names: Readonly<Record<string, readonly [names: string, short?: string]>> = {
  ar: ['arabic'],
  bg: ['bulgarian', 'BG|BGAUDIO'],
  bn: ['bengali'],
  ca: ['catalan'],
  cs: ['czech', 'CZ|CZE'],
  da: ['danish', 'DK'],
  de: ['german|deutsch', 'GER|DEU|DE'],
  el: ['greek'],
  en: ['english', 'ENG|EN'],
  es: ['spanish|castellano|español|espanol|latino', 'ESP|SPA|ES|LAT'],
  et: ['estonian'],
  fa: ['persian|farsi'],
  fi: ['finnish', 'FIN'],
  fr: ['french|truefrench|français|francais', 'VFF|VFQ|VF2|VFI|VF|FRE|FRA|FR'],
  gu: ['gujarati'],
  he: ['hebrew', 'HEB'],
  hi: ['hindi', 'HIN'],
  hr: ['croatian'],
  hu: ['hungarian', 'HUN'],
  id: ['indonesian'],
  is: ['icelandic'],
  it: ['italian|italiano', 'ITA|iTA|IT|iTALiAN'],
  ja: ['japanese', 'JPN|JAP|JA'],
  kn: ['kannada'],
  ko: ['korean', 'KOR|KO'],
  lt: ['lithuanian'],
  lv: ['latvian'],
  ml: ['malayalam'],
  mr: ['marathi'],
  ms: ['malay'],
  nl: ['dutch|flemish', 'NL|DUT'],
  no: ['norwegian', 'NOR'],
  pa: ['punjabi'],
  pl: ['polish', 'PL|POL|PLDUB|LEKTOR'],
  pt: ['portuguese|pt-br|brazilian|dublado', 'POR|PT|PTBR'],
  ro: ['romanian'],
  ru: ['russian', 'RUS|RU'],
  sk: ['slovak'],
  sl: ['slovenian'],
  sr: ['serbian'],
  sv: ['swedish', 'SWE'],
  ta: ['tamil', 'TAM'],
  te: ['telugu', 'TEL'],
  th: ['thai'],
  tl: ['tagalog|filipino'],
  tr: ['turkish', 'TUR'],
  uk: ['ukrainian', 'UKR'],
  ur: ['urdu'],
  vi: ['vietnamese'],
  zh: ['chinese|mandarin|cantonese', 'CHI|CHS|CHT|ZH'],
};

const codeOf: ReadonlyMap<string, string> = new Map(
  Object.entries(names).flatMap(([code, [long, short]]) =>
    `${long}|${short ?? long}`.split('|').map((name): [string, string] => [name.toLowerCase(), code]),
  ),
);

const long = word(
  Object.values(names)
    .map(([name]) => name)
    .join('|'),
);
/** Short forms of three letters are also written "Ita". */
const short = word(
  Object.values(names)
    .flatMap(([, name]) => name?.split('|') ?? [])
    .flatMap((name) => (/^[A-Z]{3}$/.test(name) ? [name, `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`] : [name]))
    .join('|'),
  'gu',
);
/** Radarr's and Sonarr's list of audio languages. */
const listed = /\[([a-z]{2}(?:\+[a-z]{2}){0,9})\]/giu;

/** The language words of a name, as markers that may also be words of a title. */
export function findLanguages(text: string): Marker[] {
  const found: Marker[] = [];
  for (const match of text.matchAll(listed)) {
    const codes = (match[1] ?? '').toLowerCase().split('+');
    const span = { start: match.index + 1, end: match.index + match[0].length - 1 };
    if (codes.every((code) => code in names))
      found.push({ kind: 'language', value: codes.join(' '), isStrong: codes.length > 1, ...span });
  }
  for (const pattern of [long, short]) {
    for (const match of text.matchAll(pattern)) {
      const span = { start: match.index, end: match.index + match[0].length };
      found.push({ kind: 'language', value: codeOf.get(match[0].toLowerCase()) ?? '', isStrong: false, ...span });
    }
  }
  return found;
}
