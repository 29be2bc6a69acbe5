import type { MarkerRule } from './quality-rules.ts';

const cut = '(?:[ ._-]{0,3}(?:Cut|Edition|Version|Collection|Ed))';
const before = '(?:(?:Recut|Extended|Ultimate|Super)[ ._-])?';
const after = '(?:[ ._-](?:Extended|Uncensored|Remastered|Unrated|Uncut|IMAX|Edition|Cut))?';
const twoWords = `(?:Special|Rogue|Rouge|Final|Assembly|Imperial|Diamond|Signature|Hunter|Rekall|Limited|Criterion|International|Original|Alternate|Alternative|Fan|Workprint|Complete|Redux|Anniversary|Collectors|Deluxe|Gold|Platinum|Premium|Restored|Remastered|Open[ ._-]?Matte|Black[ ._-]and[ ._-](?:White|Chrome)|Producer['’]?s|Snyder|TV|Unrated|Uncut|Uncensored|IMAX|Theatrical|Extended|Ultimate)${cut}`;

/** Words of an edition, alone or with "Cut", "Edition", "Version". */
export const editions: readonly MarkerRule[] = [
  {
    kind: 'edition',
    isStrong: false,
    value: (match) => match[0],
    pattern: `${before}(?:(?:(?:Director|Collector)['’]?s${cut}?|Director[ ._-]Cut)${after}|${twoWords}${after}|\\d{1,3}(?:th|st|nd|rd)?[ ._-]Anniversary${cut}?)`,
  },
  {
    kind: 'edition',
    isStrong: false,
    value: (match) => match[0],
    pattern: `(?:Extended|Uncensored|Remastered|Unrated|Uncut|Open[ ._-]?Matte|IMAX(?:[ ._-]Enhanced)?|Fan[ ._-]?Edit|Restored|Theatrical|Despecialized|Redux|Criterion|Version[ ._-](?:Longue|Lunga|Extendida|Intégrale|Integrale))${after}`,
  },
];

/** An edition as a person writes it: "DIRECTORS.CUT" → "Directors Cut". */
export function editionTitle(text: string): string {
  return text
    .replaceAll(/[._]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .split(' ')
    .map((part) => (/^(imax|tv)$/i.test(part) ? part.toUpperCase() : capitalised(part)))
    .join(' ');
}

function capitalised(part: string): string {
  if (/^\d/.test(part)) return part.toLowerCase();
  return part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase();
}
