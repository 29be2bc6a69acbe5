import { followers, hanNumber, noNumbering, range } from './numbering.ts';
import type { Numbering } from './numbering.ts';
import { findSeason } from './season-numbers.ts';

const LEFT = '(?<![\\p{L}\\p{N}])';
const seasonWord =
  '(?:season|series|saison|staffel|stagione|temporada|sezon|seizoen|säsong|sæson|sesong|kausi|сезон|κύκλος|الموسم|עונה|ซีซั่น)';
const episodeWord =
  '(?:episode|episodio|épisode|folge|capitulo|capítulo|cap|odcinek|odc|aflevering|avsnitt|afsnit|серия|эпизод|επεισόδιο|الحلقة|פרק|ตอนที่|ep)';

/** S01E01, S01.E01, S01_EP01, S01x01, T1E1, [S01]_[E01]. */
const letters = new RegExp(
  `${LEFT}[st](?<season>\\d{1,4})[ ._\\-\\])]{0,3}[\\[(]?(?:x?ep?|x(?!26[45]))[ ._-]?(?<episode>\\d{1,5})(?:v\\d)?(?=$|[^\\p{L}\\p{N}]|[a-e](?![\\p{L}\\p{N}])|[es]p?\\d|x(?!26[45])\\d)`,
  'iu',
);
/** E02, -E03, -03 (no spaces: "S01E05 - 10 Things" is a title), &E02, S01E02 once more. */
const letterTail =
  /(?<lead>[ ._]to[ ._](?:s\d{1,4}[ ._]?)?e|[ ._]?[-~][ ._]?(?:s\d{1,4})?[ ._]?(?:ep?|x(?!26[45]))|[ ._]{0,2}(?:(?:[&+,]|and)[ ._]{0,2})?(?:s\d{1,4})?(?:ep?|x(?!26[45]))|[&+,]|[-~])(?<number>\d{1,4})(?:v\d)?(?=$|[^\p{L}\p{N}]|ep?\d|s\d{1,4}e|[a-e](?![\p{L}\p{N}]))/uy;
/** 1x01. */
const crossed = new RegExp(
  `${LEFT}(?<season>\\d{1,2}|(?:19|20)\\d\\d(?=x\\d\\d(?!\\d)))x(?<episode>\\d{2,4})(?=$|[^\\p{L}\\p{N}]|[a-e](?![\\p{L}\\p{N}])|x\\d{2})`,
  'iu',
);
/** " - 2x4 - ", "Title 1x1": one digit, where nothing but the episode's title can follow. */
const crossedShort = /(?<=[\p{L}\p{N})!?'_ .-][ ._[-])(?<season>\d{1,2})x(?<episode>\d)(?=$|\]|[ ._]{1,2}[-–])/iu;
const crossedTail =
  /(?<lead>-(?:\d{1,2}x)?|x|_(?=\d\d$)|[ ._](?:-[ ._])?\d{1,2}x|[&+](?:\d{1,2}x)?|[ ._][&+][ ._]\d{1,2}x)(?<number>\d{2,4})(?=$|[^\p{L}\p{N}]|x\d\d)/uy;
/** Season 1 Episode 2, 2 сезон 3 серия, 第1季 第2集. */
const words = new RegExp(
  `${LEFT}${seasonWord}[ ._-]{0,3}(?<season>\\d{1,4})[ ._,:\\-/]{0,4}${episodeWord}[ ._-]{0,3}(?<episode>\\d{1,4})(?![\\p{L}\\p{N}])`,
  'iu',
);
/** "5-й сезон 9 серия", "2. Staffel Folge 5", "2.Sezon.7.Bölüm": the number before its word. */
const wordsAfter = new RegExp(
  `${LEFT}(?<season>\\d{1,2})(?:-?(?:й|го|ый)|\\.|ª|st|nd|rd|th)?[ ._-]{0,2}(?:${seasonWord}|évad)[)\\]]?[ ._,-]{0,4}(?:${episodeWord}[ ._-]{0,3}(?<episodeAfter>\\d{1,4})|(?<episode>\\d{1,4})(?:-?[а-я]{1,2}|\\.)?[ ._-]{0,2}(?:сери[яи]|эпизод|b[öo]l[üu]m|rész|epizoda|díl))(?![\\p{L}\\p{N}])`,
  'iu',
);
const han =
  /(?:第(?<season>\d{1,3}|[一二三四五六七八九十]{1,3})[季期]|シーズン(?<seasonAfter>\d{1,3}))[ ._-]{0,3}第(?<episode>\d{1,4}|[一二三四五六七八九十]{1,3})[集話话回]/u;
/** "[Cap.102]", "[Cap.1503_1506]": season and episode in one number. */
const capitulo = /[[(]Cap[.\s](?<season>\d{1,2})(?<episode>\d\d)(?:[_-]\d{1,2}(?<last>\d\d))?(?:[._ ]Final)?[\])]/iu;
const hangul = /시즌[ ._-]?(?<season>\d{1,3})[ ._-]{0,3}(?<episode>\d{1,4})[화회]/u;

/** Season and episodes that a name says outright. */
export function findEpisodes(text: string): Numbering | undefined {
  const lettered = letters.exec(text);
  if (lettered !== null) return asNumbering(text, lettered, lowerTail(letterTail));
  const cross = crossed.exec(text) ?? crossedShort.exec(text);
  if (cross !== null && !isCrossedTitle(text, cross)) return asNumbering(text, cross, lowerTail(crossedTail));
  const other = words.exec(text) ?? wordsAfter.exec(text) ?? han.exec(text) ?? hangul.exec(text);
  return other === null ? inOneNumber(text) : asNumbering(text, other, lowerTail(letterTail));
}

function inOneNumber(text: string): Numbering | undefined {
  const match = capitulo.exec(text);
  if (match === null) return undefined;
  const first = Number(match.groups?.episode);
  const episodes = range(first, Number(match.groups?.last)) ?? [first];
  // "Temporada 1 [HDTV][Cap.102]": the title ends before the season's own word.
  const start = Math.min(match.index, findSeason(text)?.start ?? match.index);
  return {
    ...noNumbering,
    season: Number(match.groups?.season),
    episodes,
    start,
    end: match.index + match[0].length,
  };
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
  const { season, seasonAfter, episode, episodeAfter } = match.groups ?? {};
  const first = hanNumber(episode ?? episodeAfter ?? '');
  const { episodes, end } = followers(text, { first, end: match.index + match[0].length }, tail);
  const part = /^[a-e](?![\p{L}\p{N}])/iu.exec(text.slice(end, end + 2));
  return {
    ...noNumbering,
    season: hanNumber(season ?? seasonAfter ?? ''),
    episodes,
    start: match.index,
    end: end + (part?.[0].length ?? 0),
  };
}
