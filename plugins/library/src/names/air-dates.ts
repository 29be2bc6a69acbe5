import type { Span } from './words.ts';

export interface FoundDate extends Span {
  /** YYYY-MM-DD. */
  readonly date: string;
}

const yearFirst = /(?<![\p{L}\p{N}])((?:19|20)\d\d)([. _-])(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?![\p{N}])(?!p)/u;
const compact = /(?<![\p{L}\p{N}])((?:19|20)\d\d)()(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\p{L}\p{N}])/u;
const yearLast = /(?<![\p{L}\p{N}])(\d\d)([. _-])(\d\d)\2((?:19|20)\d\d)(?![\p{L}\p{N}])/u;

/** The day a daily programme was shown; a day and a month that could be either way round are no date. */
export function findAirDate(text: string): FoundDate | undefined {
  const first = yearFirst.exec(text) ?? compact.exec(text);
  if (first !== null) return asDate(first, [first[1], first[3], first[4]]);
  const last = yearLast.exec(text);
  if (last === null) return undefined;
  const [, one = '', , two = '', year] = last;
  if (Number(one) > 12 && Number(two) <= 12) return asDate(last, [year, two, one]);
  if (Number(two) > 12 && Number(one) <= 12) return asDate(last, [year, one, two]);
  return undefined;
}

function asDate(match: RegExpExecArray, [year, month, day]: readonly (string | undefined)[]): FoundDate | undefined {
  const date = `${year}-${month}-${day}`;
  const time = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 10) !== date) return undefined;
  return { date, start: match.index, end: match.index + match[0].length };
}
