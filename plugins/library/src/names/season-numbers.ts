import { hanNumber, noNumbering } from './numbering.ts';
import type { Numbering } from './numbering.ts';

const LEFT = '(?<![\\p{L}\\p{N}])';
const RIGHT = '(?![\\p{L}\\p{N}])';
const seasonWord =
  '(?:season|series|saison|staffel|stagione|temporada|sezon|seizoen|säsong|sæson|sesong|kausi|сезон|évad|κύκλος|الموسم|עונה|ซีซั่น)';

const many = new RegExp(
  `${LEFT}(?:s\\d{1,2}(?:[ ._]?[-~&+]?[ ._]?s\\d{1,2}){1,20}|s\\d{1,2}[-~]\\d{1,2}|(?:the[ ._])?complete[ ._](?:mini[ ._-]?)?series|(?:l['’]?)?int[ée]grale(?![ ._]+(?:saison|s\\d))|the[ ._]complete[ ._]seasons|${seasonWord}s?[ ._-]{1,3}\\d{1,2}(?:-|[ ._]{0,2}(?:to|&|and)[ ._]{0,2})\\d{1,2})${RIGHT}`,
  'iu',
);
const patterns: readonly RegExp[] = [
  new RegExp(`${LEFT}s(?<season>\\d{1,2}|(?:19|20)\\d\\d)(?:[ ._-]?(?:d|disc)\\d{1,2})?${RIGHT}(?!-\\d)`, 'iu'),
  // "Studio 60 Сезон 5": the number behind the word first.
  new RegExp(`${LEFT}сезон[ ._]?(?<season>\\d{1,2})${RIGHT}(?![ ._-]{0,2}сери)`, 'iu'),
  new RegExp(
    `${LEFT}(?<season>\\d{1,2})(?:(?:st|nd|rd|th|a?\\.|ª)[ ._-]{0,2}(?:season|staffel|évad|sezon|temporada)|(?:-?(?:й|го|ый))?[ ._-]{0,2}сезон|[ ._](?:temporada|évad)(?![ ._-]{0,2}\\d))${RIGHT}`,
    'iu',
  ),
  new RegExp(`${LEFT}${seasonWord}(?:[ ._]{0,2}|-)(?<season>\\d{1,4})${RIGHT}`, 'iu'),
  /(?:第(?<season>\d{1,3}|[一二三四五六七八九十]{1,3})[季期]|シーズン(?<after>\d{1,3}))/u,
  /시즌[ ._-]?(?<season>\d{1,3})/u,
];

/** A whole season that a name says; several seasons in one name are none in particular. */
export function findSeason(text: string): Numbering | undefined {
  const several = many.exec(text);
  if (several !== null) return { ...noNumbering, start: several.index, end: several.index + several[0].length };
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match !== null) {
      return {
        ...noNumbering,
        season: hanNumber(match.groups?.season ?? match.groups?.after ?? ''),
        start: match.index,
        end: match.index + match[0].length,
      };
    }
  }
  return undefined;
}

const specials = /^(?:specials?|season[ ._-]?0+|s00|extras? episodes|ova|ovas|sonderfolgen|especiales)$/iu;
const numbered = new RegExp(`^(?:s|${seasonWord}[ ._-]{0,3})(?<season>\\d{1,4})(?:[ ._-]{0,3}[([-].{0,80})?$`, 'iu');
const numberedAfter = /^(?<season>\d{1,2})(?:st|nd|rd|th|\.)?[ ._-]{0,2}(?:season|staffel|сезон|évad|sezon)$/iu;
const numberedHan = /^第(?<season>\d{1,3}|[一二三四五六七八九十]{1,3})[季期]$/u;

/** The season of a folder that is nothing but a season's: "Season 01", "S1", "Specials", "Season 2 (2010)". */
export function folderSeason(folder: string): number | undefined {
  const name = folder.trim();
  if (specials.test(name)) return 0;
  const match = numbered.exec(name) ?? numberedAfter.exec(name) ?? numberedHan.exec(name);
  return match === null ? undefined : hanNumber(match.groups?.season ?? '');
}
