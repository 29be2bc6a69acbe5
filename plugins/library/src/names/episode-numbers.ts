import { followers, noNumbering } from './numbering.ts';
import type { Numbering } from './numbering.ts';

const LEFT = '(?<![\\p{L}\\p{N}])';
const seasonWord = '(?:season|series|saison|staffel|stagione|temporada|sezon|seizoen|säsong|sæson|kausi|сезон)';
const episodeWord =
  '(?:episode|episodio|épisode|folge|capitulo|capítulo|cap|odcinek|aflevering|avsnitt|afsnit|серия|эпизод|ep)';

/** S01E01, S01.E01, S01_EP01, S01x01, T1E1, [S01]_[E01]. */
const letters = new RegExp(
  `${LEFT}[st](?<season>\\d{1,4})[ ._\\-\\])]{0,3}[\\[(]?(?:ep?|x|ep)[ ._-]?(?<episode>\\d{1,4})(?:v\\d)?(?=$|[^\\p{L}\\p{N}]|[a-e](?![\\p{L}\\p{N}])|[es]p?\\d|x\\d)`,
  'iu',
);
/** E02, -E03, -03 (no spaces: "S01E05 - 10 Things" is a title), &E02, S01E02 once more. */
const letterTail =
  /(?<lead>[ ._]?[-~][ ._]?(?:s\d{1,4})?[ ._]?(?:ep?|x)|[ ._]{0,2}(?:[&+,][ ._]{0,2})?(?:s\d{1,4})?(?:ep?|x)|[&+,]|[-~])(?<number>\d{1,4})(?:v\d)?(?=$|[^\p{L}\p{N}]|ep?\d|s\d{1,4}e|[a-e](?![\p{L}\p{N}]))/uy;
/** 1x01. */
const crossed = new RegExp(
  `${LEFT}(?<season>\\d{1,2}|(?:19|20)\\d\\d(?=x\\d\\d(?!\\d)))x(?<episode>\\d{2,4})(?=$|[^\\p{L}\\p{N}]|[a-e](?![\\p{L}\\p{N}])|x\\d{2})`,
  'iu',
);
const crossedTail =
  /(?<lead>-(?:\d{1,2}x)?|x|[ ._](?:-[ ._])?\d{1,2}x|[&+](?:\d{1,2}x)?)(?<number>\d{2,4})(?![\p{L}\p{N}])/uy;
/** Season 1 Episode 2, 2 сезон 3 серия, 第1季 第2集. */
const words = new RegExp(
  `${LEFT}${seasonWord}[ ._-]{0,3}(?<season>\\d{1,4})[ ._,:\\-/]{0,4}${episodeWord}[ ._-]{0,3}(?<episode>\\d{1,4})(?![\\p{L}\\p{N}])`,
  'iu',
);
const wordsAfter = new RegExp(
  `${LEFT}(?<season>\\d{1,2})[ ._-]{0,2}сезон[ ._,-]{0,4}(?<episode>\\d{1,4})[ ._-]{0,2}сери[яи](?![\\p{L}\\p{N}])`,
  'iu',
);
const han = /第(?<season>\d{1,3})[季期][ ._-]{0,3}第(?<episode>\d{1,4})[集話话回]/u;
const hangul = /시즌[ ._-]?(?<season>\d{1,3})[ ._-]{0,3}(?<episode>\d{1,4})[화회]/u;

/** Season and episodes that a name says outright. */
export function findEpisodes(text: string): Numbering | undefined {
  const lettered = letters.exec(text);
  if (lettered !== null) return asNumbering(text, lettered, lowerTail(letterTail));
  const cross = crossed.exec(text);
  if (cross !== null && !isCrossedTitle(text, cross)) return asNumbering(text, cross, lowerTail(crossedTail));
  const other = words.exec(text) ?? wordsAfter.exec(text) ?? han.exec(text) ?? hangul.exec(text);
  return other === null ? undefined : asNumbering(text, other, lowerTail(letterTail));
}

/** Sticky patterns keep their place in themselves: each reading has its own. */
function lowerTail(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, 'iuy');
}

/** "10x10 (2018)": a title and its year. */
function isCrossedTitle(text: string, match: RegExpExecArray): boolean {
  const after = text.slice(match.index + match[0].length);
  return match.index === 0 && /^[ ._]{0,2}[([]?(?:19|20)\d\d(?!\d)/.test(after);
}

function asNumbering(text: string, match: RegExpExecArray, tail: RegExp): Numbering {
  const first = Number(match.groups?.episode);
  const { episodes, end } = followers(text, { first, end: match.index + match[0].length }, tail);
  const part = /^[a-e](?![\p{L}\p{N}])/iu.exec(text.slice(end, end + 2));
  return {
    ...noNumbering,
    season: Number(match.groups?.season),
    episodes,
    start: match.index,
    end: end + (part?.[0].length ?? 0),
  };
}
