import { stripVTControlCharacters } from 'node:util';
import { columns, plainLine, progressLine, type ProgressRow } from './progress-line.ts';

/** More jobs than this are counted, not shown. */
const MOST_ROWS = 5;
/** Between two lines where there is no terminal. Milliseconds. */
const PLAIN_EVERY = 5_000;
const CLEAR_BELOW = '\u001b[J';

/** What is written to: process.stdout, or what stands in for it. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * The running jobs at the bottom of a terminal; elsewhere a plain line now and then. The cursor always rests below the bars, so that a
 * process that dies leaves the terminal in order. Whoever else writes to that terminal does it through `line`.
 */
export class ProgressBar {
  readonly #out: ProgressOutput;
  readonly #now: () => number;
  readonly #live: boolean;
  readonly #colour: boolean;
  readonly #unicode: boolean;
  #rows: readonly ProgressRow[] = [];
  #drawn: readonly string[] = [];
  #lastPlain = { at: -Infinity, text: '' };

  constructor(
    out: ProgressOutput,
    options: {
      readonly env?: Readonly<Record<string, string | undefined>>;
      /** Milliseconds. */
      readonly now?: () => number;
    } = {},
  ) {
    const { env = process.env, now = Date.now } = options;
    this.#out = out;
    this.#now = now;
    this.#live = out.isTTY === true && env.TERM !== 'dumb';
    this.#colour = this.#live && !env.NO_COLOR;
    this.#unicode = /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '') || process.platform !== 'linux';
  }

  /** The jobs that run now; none takes the bars away. */
  update(rows: readonly ProgressRow[]): void {
    this.#rows = rows;
    if (this.#live) this.#redraw('');
    else this.#plain();
  }

  /** A line above the bars. */
  line(text: string): void {
    if (this.#live) this.#redraw(`${text}\n`);
    else this.#out.write(`${text}\n`);
  }

  /** Takes the bars away. */
  stop(): void {
    this.update([]);
  }

  #redraw(above: string): void {
    const lines = this.#lines();
    if (!above && lines.join('\n') === this.#drawn.join('\n')) return;
    const text = lines.map((line) => `${line}\n`).join('');
    // One write: nothing of another writer comes between.
    this.#out.write(`${this.#erase()}${above}${text}`);
    this.#drawn = lines;
  }

  /** Back to the first drawn line. A terminal made narrower since has wrapped them. */
  #erase(): string {
    const width = Math.max(1, this.#out.columns || 80);
    const height = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(columns(stripVTControlCharacters(line)) / width)),
      0,
    );
    return height ? `\u001b[${height}F${CLEAR_BELOW}` : '';
  }

  #lines(): string[] {
    // The last column stays free: some terminals wrap when it is written.
    const style = { width: Math.max(10, (this.#out.columns || 80) - 1), colour: this.#colour, unicode: this.#unicode };
    const lines = this.#rows.slice(0, MOST_ROWS).map((row) => progressLine(row, style));
    const more = this.#rows.length - lines.length;
    return more > 0 ? [...lines, `and ${more} more`] : lines;
  }

  #plain(): void {
    const text = plainLine(this.#rows);
    const { at, text: last } = this.#lastPlain;
    if (!text || text === last || this.#now() - at < PLAIN_EVERY) return;
    this.#lastPlain = { at: this.#now(), text };
    this.#out.write(`${text}\n`);
  }
}
