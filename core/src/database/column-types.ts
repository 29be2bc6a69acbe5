import pg from 'pg';

const INT8 = 20;
const DATE = 1082;
const INT8_ARRAY = 1016;
const DATE_ARRAY = 1182;
const TEXT_ARRAY = 1009;

/** Counts and sums fit a number; what does not stays exact. */
const integer = (text: string): number | bigint => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
};
const parserOf = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => (text: string) => unknown; // takes any oid
const strings = parserOf(TEXT_ARRAY);

const ours: Readonly<Record<number, (text: string) => unknown>> = {
  [INT8]: integer,
  // pg would make it midnight in the server's zone, which is another day elsewhere.
  [DATE]: (text) => text,
  [INT8_ARRAY]: (text) => nested(strings(text), integer),
  [DATE_ARRAY]: (text) => strings(text),
};

function nested(value: unknown, read: (text: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => nested(each, read));
  return typeof value === 'string' ? read(value) : value;
}

/**
 * How columns arrive: bigint as number (as bigint beyond 2^53), date as 'YYYY-MM-DD', timestamptz as Date, numeric as text, json parsed.
 * Given to each connection, so that pg's process-wide parsers stay as they are.
 */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && ours[oid]) || parserOf(oid, format),
};
