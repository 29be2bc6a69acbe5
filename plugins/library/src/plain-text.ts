/** Half of a character: a lone UTF-16 surrogate, which no UTF-8 holds. */
const HALVES = /\p{Surrogate}/gu;

/** Whether PostgreSQL can hold the text: no NUL, no halves of characters. */
export const isPlainText = (text: string): boolean => !text.includes('\0') && text.search(HALVES) < 0;

/** The text as PostgreSQL can hold it. */
export const plainTextOf = (text: string): string => text.replaceAll('\0', '').replaceAll(HALVES, '\uFFFD');
