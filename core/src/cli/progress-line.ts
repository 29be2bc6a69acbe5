import { stripVTControlCharacters } from 'node:util';

export interface ProgressRow {
  readonly title: string;
  /** 0…1 */
  readonly ratio: number;
  readonly text: string;
}
export interface LineStyle {
  /** Columns to fill at most. */
  readonly width: number;
  readonly colour: boolean;
  /** false: only ASCII of ours, for terminals that speak no UTF-8. */
  readonly unicode: boolean;
}

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns that a terminal gives to it. */
export function columns(text: string): number {
  let sum = 0;
  for (const { segment } of graphemes.segment(text)) sum += WIDE.test(segment) ? 2 : 1;
  return sum;
}

/** Names come from folders and may hold newlines or escape sequences. */
export const harmless = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();

function cut(text: string, width: number, more: string): string {
  if (columns(text) <= width) return text;
  let kept = '';
  let used = columns(more);
  if (used > width) return '';
  for (const { segment } of graphemes.segment(text)) {
    used += columns(segment);
    if (used > width) break;
    kept += segment;
  }
  return kept.trimEnd() + more;
}

const share = (ratio: number): number => (ratio > 0 ? Math.min(1, ratio) : 0); // NaN is 0 too
/** Rounded down: 100 % is said when it is done. */
const percent = (ratio: number): string => `${Math.floor(share(ratio) * 100)} %`.padStart(5);

/** Title, bar, percent and text in one line; the bar goes first where room is short, then the text. */
export function progressLine(row: ProgressRow, { width, colour, unicode }: LineStyle): string {
  const more = unicode ? '…' : '...';
  const titleWidth = Math.max(8, Math.min(24, Math.floor(width / 3)));
  const title = cut(harmless(row.title), titleWidth, more);
  const size = width >= 60 ? 20 : width >= 40 ? 10 : 0;
  const full = Math.round(share(row.ratio) * size);
  const [done, open] = unicode ? (['█', '░'] as const) : (['#', '-'] as const);
  const bar = done.repeat(full) + open.repeat(size - full);
  const head = [title + ' '.repeat(titleWidth - columns(title)), size ? bar : '', percent(row.ratio)];
  const plain = head.filter(Boolean).join(' ');
  const line = cut(`${plain}  ${harmless(row.text)}`.trimEnd(), width, more);
  return colour && size ? line.replace(bar, `\u001b[36m${bar}\u001b[39m`) : line;
}

/** For pipes and log files: the jobs in one line of plain words. */
export const plainLine = (rows: readonly ProgressRow[]): string =>
  rows
    .map(({ title, ratio, text }) => `${harmless(title)} ${percent(ratio).trim()} ${harmless(text)}`.trimEnd())
    .join('; ');
