import { followers, hanNumber, noNumbering, range } from './numbering.ts';
import type { Numbering } from './numbering.ts';

/** What is known of a name before its loose numbers are read. */
export interface LooseContext {
  /** Whether something says that this is an episode: a season's folder, the library's kind, a group in front, a checksum. */
  readonly isSeries: boolean;
  /** The season of the folder. */
  readonly season: number | null;
  /** Whether the name is an anime release's: the group first, in brackets. */
  readonly isAnime: boolean;
  /** Whether the release was recorded from television. */
  readonly isBroadcast: boolean;
}

/** "366" is season 3, episode 66 in hardly any series. */
const LIKELY_EPISODES = 40;

const LEFT = '(?<![\\p{L}\\p{N}])';
const RIGHT = '(?:v(?<version>\\d))?(?![\\p{L}\\p{N}])';

/** "- 05", "- 05v2", "- 01-03": the mark of anime names. */
const dashed =
  /(?:^|[ _.])[-–][ _.](?:e(?:p(?:isode)?)?[ ._]?|#)?(?<first>\d{1,4})(?:[ ]?[-~][ ]?(?<last>\d{1,4}))?(?:[ ._]?v\d)?(?:[ _.]?(?:end|fin))?(?=$|[ _.~]{0,3}(?:[[(]|\p{Cc}|$)|[ _.]{1,2}[-–][ _.]|[ _.](?:480|720|1080|2160|VOSTFR)|[ _.]{0,2}\p{Cc})/iu;
const seasonDashed =
  /(?<=[ ._])s(?:eason[ ._])?(?<season>\d{1,2})[ ._][-–][ ._]{1,3}(?:ep?(?:isode)?[ ._]?)?(?<first>\d{1,4})(?:v\d)?(?![\p{L}\p{N}])/iu;
const lettered = new RegExp(
  `${LEFT}(?:e|ep|episode|folge|épisode|episodio|серия)[ ._-]{0,2}(?<first>\\d{1,4})${RIGHT}`,
  'iu',
);
/** "Title.EP05", "Title.E05": sure enough without anything that says that it is a series. */
const plainlyLettered =
  /(?<=[\p{L}\p{N})][ ._-]{1,3})(?:EP[ ._]?|Ep\.?[ ._]?|E|e(?=\d\d(?!\d))|[Ee]pisode[ ._](?!(?:19|20)\d\d))(?<first>\d{2,4})(?:v\d)?(?![\p{L}\p{N}])/u;
const letteredTail = /(?<lead>[ ._]?[-~][ ._]?|[ ._]?[&+][ ._]?|(?=e))(?:ep?)?(?<number>\d{1,4})(?![\p{L}\p{N}])/iuy;
const counted = new RegExp(
  `${LEFT}(?:(?:part|pt|episode|ep|folge|teil|cap[ií]tulo|episodio|aflevering)[ ._]?)?(?<first>\\d{1,2})(?:[ ._]серия)?[ ._]?(?:of|из|von|van|de|di)[ ._]?(?<total>\\d{1,2})(?![\\p{L}\\p{N}])`,
  'iu',
);
const part = new RegExp(
  `${LEFT}(?:part|pt|chapter|teil|parte|partie)[ ._-]?(?<first>\\d{1,2}|[ivx]{1,4}|one|two|three|four|five|six|seven|eight|nine|ten)(?![\\p{L}\\p{N}])`,
  'iu',
);
const counter =
  /(?:第(?<first>\d{1,4}|[一二三四五六七八九十]{1,3})|(?<plain>\d{1,4}))[話话集回화회]|(?<![\p{L}\p{N}])(?<before>\d{1,4})(?:-?[а-я]{1,2})?[ ._-]{0,2}(?:сери[яи]|выпуск)(?!\p{L})/iu;
const special = new RegExp(`${LEFT}(?:sp|special|ova|oad)[ ._-]?(?<first>\\d{1,2})${RIGHT}`, 'iu');
const leading = /^(?<first>\d{1,3})(?:[ ._]?[-–.][ ._]?|[ ._]|$)(?!\d{1,2}[ ._](?:of|de)\b)/u;
const leadingTail = /(?<lead>[-&])(?<number>\d{1,3})(?![\p{L}\p{N}])/uy;
const packed = /(?<![\p{L}\p{N}])(?<season>[1-9]\d?|0[1-9])(?<first>\d\d)(?![\p{L}\p{N}])/u;
const packedBroadcast = /(?<=[\p{L}\p{N}][ ._-])(?<season>[1-9]\d?)(?<first>\d\d)(?=[ ._-]\p{Cc})/u;
const batch = /[ ._](?!0+(?!\d))(?<first>0\d{1,3})[ ._]?[-~][ ._]?(?<last>\d{2,4})(?=[ ._]{0,2}(?:[[(]|\p{Cc}|$))/u;
const afterGroup =
  /[ ._-]#?(?<first>\d{2,4})(?:[-~](?<last>\d{2,4}))?(?:[ ._]?v\d)?(?=[ ._~]{0,3}(?:[[(]|\p{Cc}|$|VOSTFR))/iu;
/** "[01]", "[01-12]", "(01-24)", "[01v2]", "[12 END]": a bracket of its own, behind the group's. */
const boxed =
  /(?<=.)[[(](?:ep?\.?[ ]?)?(?<first>\d{1,4})(?:[-~](?<last>\d{1,4}))?(?:v\d)?(?:[ _]?(?:end|fin|全集|合集))?[\])]/iu;
const numerals: readonly string[] = ['', 'i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix', 'x', 'xi', 'xii'];
const numberWords: readonly string[] = [
  '',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
];

/** A number as digits, a Roman numeral or an English word; NaN for none. */
export function numberOf(text: string): number {
  const lower = text.toLowerCase();
  if (/^\d+$/.test(lower)) return Number(lower);
  const at = Math.max(numerals.indexOf(lower, 1), numberWords.indexOf(lower, 1));
  return at > 0 ? at : Number.NaN;
}

/** Episode numbers that count only because of what stands around them. */
export function findLooseNumbers(text: string, context: LooseContext): Numbering | undefined {
  const named = seasonDashed.exec(text);
  if (named !== null)
    return {
      ...spanOf(named),
      ...noNumbering,
      season: Number(named.groups?.season),
      episodes: [Number(named.groups?.first)],
    };
  const counts = counter.exec(text);
  if (counts !== null) return numbered(counts, context);
  const box = context.isAnime ? boxed.exec(text) : null;
  if (box !== null && !isYear(Number(box.groups?.first))) return numbered(box, context);
  const several = context.isAnime ? batch.exec(text) : null;
  if (several !== null) return numbered(several, context);
  const dash = dashed.exec(text);
  if (dash !== null && isEpisodeLike(dash, context) && !isNumberedFilm(text, dash, context))
    return numbered(dash, context);
  if (context.isSeries || context.isAnime) return inSeries(text, context);
  const plain = plainlyLettered.exec(text);
  return plain === null
    ? (oneOf(text) ?? (context.isBroadcast ? broadcast(text) : undefined))
    : letteredNumbers(text, plain, context);
}

/** "heroes.311.hdtv-lol": right before a source that only television has, without a year. */
function broadcast(text: string): Numbering | undefined {
  const match = packedBroadcast.exec(text);
  const first = Number(match?.groups?.first);
  if (match === null || first === 0 || first > LIKELY_EPISODES || isYear(Number(match[0]))) return undefined;
  return { ...spanOf(match), ...noNumbering, season: Number(match.groups?.season), episodes: [first] };
}

function inSeries(text: string, context: LooseContext): Numbering | undefined {
  const extra = special.exec(text);
  if (extra !== null && context.season === null)
    return { ...spanOf(extra), ...noNumbering, season: 0, episodes: [Number(extra.groups?.first)] };
  const letter = lettered.exec(text);
  if (letter !== null) return letteredNumbers(text, letter, context);
  if (context.season !== null) {
    const first = leading.exec(text);
    if (first !== null) return leadingNumbers(text, first, context.season);
  }
  const of = oneOf(text);
  if (of !== undefined) return of;
  const piece = part.exec(text);
  if (piece !== null)
    return {
      ...spanOf(piece),
      ...noNumbering,
      season: context.season ?? 1,
      episodes: [numberOf(piece.groups?.first ?? '')],
    };
  return context.isAnime ? anime(text, context) : inFolder(text, context);
}

function anime(text: string, context: LooseContext): Numbering | undefined {
  const match = afterGroup.exec(text);
  return match === null || isYear(Number(match.groups?.first)) ? undefined : numbered(match, context);
}

/** "Show 102", "102": season and episode in one number, where a folder or the library says that it is a series. */
function inFolder(text: string, context: LooseContext): Numbering | undefined {
  const match = packed.exec(text);
  const season = Number(match?.groups?.season);
  const isPlausible =
    context.season === season || (context.season === null && Number(match?.groups?.first) <= LIKELY_EPISODES);
  if (match !== null && isPlausible && match.groups?.first !== '00' && !isYear(Number(match[0]))) {
    return { ...spanOf(match), ...noNumbering, season, episodes: [Number(match.groups?.first)] };
  }
  const last = /(?:^|[ ._])(?<first>\d{1,4})(?:v\d)?(?=[^\p{L}\p{N}]*$)/u.exec(text);
  const isClear = context.season !== null || (last?.groups?.first?.length ?? 0) > 1;
  if (last !== null && last.index > 0 && isClear && !isYear(Number(last.groups?.first))) return numbered(last, context);
  const first = leading.exec(text);
  return first === null || context.season !== null ? undefined : leadingNumbers(text, first, null);
}

function oneOf(text: string): Numbering | undefined {
  const match = counted.exec(text);
  if (match === null) return undefined;
  // "Film (2019) Part 1 of 2": behind the year a few of them are the film's files.
  if (Number(match.groups?.total) <= 3 && /[([](?:19|20)\d\d[)\]]/.test(text.slice(0, match.index))) return undefined;
  return { ...spanOf(match), ...noNumbering, season: 1, episodes: [Number(match.groups?.first)] };
}

function letteredNumbers(text: string, match: RegExpExecArray, context: LooseContext): Numbering {
  const first = Number(match.groups?.first);
  const { episodes, end } = followers(
    text,
    { first, end: match.index + match[0].length },
    new RegExp(letteredTail.source, 'iuy'),
  );
  if (context.season === null && (first >= 100 || context.isAnime))
    return { ...noNumbering, absolute: episodes, start: match.index, end };
  return { ...noNumbering, season: context.season ?? 1, episodes, start: match.index, end };
}

function leadingNumbers(text: string, match: RegExpExecArray, season: number | null): Numbering | undefined {
  const first = Number(match.groups?.first);
  const packedNumber = match.groups?.first?.length === 3 && season !== null && Math.floor(first / 100) === season;
  if (packedNumber) return { ...spanOf(match), ...noNumbering, season, episodes: [first % 100] };
  const { episodes, end } = followers(
    text,
    { first, end: match.groups?.first?.length ?? 0 },
    new RegExp(leadingTail.source, 'iuy'),
  );
  const numbers = season === null ? { absolute: episodes } : { episodes };
  return { ...noNumbering, season, ...numbers, start: 0, end: Math.max(end, match[0].length) };
}

function numbered(match: RegExpExecArray, context: LooseContext): Numbering {
  const { first: said, plain, before } = match.groups ?? {};
  const first = hanNumber(said ?? plain ?? before ?? '');
  const last = Number(match.groups?.last);
  const numbers = range(first, last) ?? [first];
  if (context.season === null) return { ...spanOf(match), ...noNumbering, absolute: numbers };
  const isPacked = numbers.length === 1 && first > 100 && Math.floor(first / 100) === context.season;
  return { ...spanOf(match), ...noNumbering, season: context.season, episodes: isPacked ? [first % 100] : numbers };
}

/** "Rocky - 02 (1979)": the year behind the number says film, unless something says series. */
function isNumberedFilm(text: string, match: RegExpExecArray, context: LooseContext): boolean {
  if (context.isSeries || context.isAnime) return false;
  return /^[ _.]?[([](?:19|20)\d\d[)\]]/.test(text.slice(match.index + match[0].length));
}

/** Without anything that says "series", one digit after a dash is the number of a film. */
function isEpisodeLike(match: RegExpExecArray, context: LooseContext): boolean {
  const digits = match.groups?.first ?? '';
  if (isYear(Number(digits)) && !(context.isAnime && /v\d/.test(match[0]))) return false;
  return context.isAnime || context.isSeries || digits.length > 1;
}

function isYear(number: number): boolean {
  return number >= 1900 && number <= 2035;
}

function spanOf(match: RegExpExecArray): { readonly start: number; readonly end: number } {
  return { start: match.index, end: match.index + match[0].length };
}
