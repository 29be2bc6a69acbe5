import { expect, test } from '@jest/globals';
import { ProgressBar } from './progress-bar.ts';
import { columns, progressLine } from './progress-line.ts';

/** As much of a terminal as the bars use: lines, cursor up, clear below. Lines do not wrap: it is wider than they are. */
class Screen {
  readonly isTTY = true;
  columns = 80;
  written = '';
  #lines: string[] = [''];
  #at = 0;
  write(text: string): void {
    this.written += text;
    // oxlint-disable-next-line no-control-regex -- it reads what a terminal reads
    for (const part of text.split(/(\u001b\[\d*[A-Za-z]|\n)/)) {
      // oxlint-disable-next-line no-control-regex -- as above
      const [, count, command] = /^\u001b\[(\d*)([A-Za-z])$/.exec(part) ?? [];
      if (command === 'F') this.#at -= Number(count);
      else if (command === 'J') this.#lines = [...this.#lines.slice(0, this.#at), ''];
      else if (part === '\n') this.#lines[(this.#at += 1)] ??= '';
      else if (command === undefined) this.#lines[this.#at] += part;
    }
  }
  get lines(): readonly string[] {
    return this.#lines;
  }
}
const utf8 = { LANG: 'en_GB.UTF-8', NO_COLOR: '1' };
const row = (title: string, ratio: number, text = ''): { title: string; ratio: number; text: string } => ({
  title,
  ratio,
  text,
});

test('bars stay below the lines written above them, follow the jobs, and go when nothing runs', () => {
  const screen = new Screen();
  const bar = new ProgressBar(screen, { env: utf8 });
  bar.update([row('Films', 0.25, '50 of 200'), row('Series', 0)]);
  bar.line('listening on 8096');
  bar.update([row('Films', 0.5, '100 of 200')]);
  bar.line('another line');
  expect(screen.lines).toEqual([
    'listening on 8096',
    'another line',
    'Films                    ██████████░░░░░░░░░░  50 %  100 of 200',
    '',
  ]);
  bar.stop();
  expect(screen.lines).toEqual(['listening on 8096', 'another line', '']);
});

test('the same rows are not drawn twice', () => {
  const screen = new Screen();
  const bar = new ProgressBar(screen, { env: utf8 });
  bar.update([row('Films', 0.5)]);
  const once = screen.written;
  bar.update([row('Films', 0.5)]);
  expect(screen.written).toBe(once);
});

test('more than five jobs are counted', () => {
  const screen = new Screen();
  new ProgressBar(screen, { env: utf8 }).update([1, 2, 3, 4, 5, 6, 7].map((n) => row(`Job ${n}`, 0)));
  expect(screen.lines.slice(4)).toEqual([expect.stringMatching(/^Job 5 /), 'and 2 more', '']);
});

test('without a terminal one plain line comes at most every five seconds, and none when nothing runs', () => {
  let text = '';
  const clock = { now: 0 };
  const bar = new ProgressBar({ write: (part: string) => (text += part) }, { env: {}, now: () => clock.now });
  bar.update([]);
  bar.update([row('Films', 0.1, '20 of 200'), row('Series', 0.999)]);
  clock.now = 4_999;
  bar.update([row('Films', 0.2)]);
  bar.line('a line of its own');
  clock.now = 5_000;
  bar.update([row('Films', 0.3)]);
  bar.stop();
  expect(text).toBe('Films 10 % 20 of 200; Series 99 %\na line of its own\nFilms 30 %\n');
});

test('colours come in a terminal unless NO_COLOR is set, and a dumb terminal gets plain lines', () => {
  const drawn = (env: Record<string, string>): string => {
    const screen = new Screen();
    new ProgressBar(screen, { env }).update([row('Films', 0.5)]);
    return screen.written;
  };
  expect(drawn({ LANG: 'C.UTF-8' })).toContain('\u001b[36m');
  expect(drawn(utf8)).not.toContain('\u001b[36m');
  expect(drawn({ TERM: 'dumb' })).toBe('Films 50 %\n');
});

test('a line never takes more columns than there are, in any script', () => {
  const titles = ['Films', '千と千尋の神隠し 完全版 二〇〇一年', '👩‍👩‍👧‍👦 family', 'e\u0301te\u0301', 'x'.repeat(300)];
  const widths = [10, 20, 39, 40, 59, 60, 79, 200];
  const wrong = titles.flatMap((title) =>
    widths.filter((width) => {
      const line = progressLine(row(title, 0.5, title), { width, colour: false, unicode: true });
      return columns(line) > width;
    }),
  );
  expect(wrong).toEqual([]);
});

test('control characters of a name and a ratio that is none do no harm; without UTF-8 the bar is ASCII', () => {
  const style = { width: 79, colour: false, unicode: false };
  expect(progressLine(row('a\n\u001b[2Jb', Number.NaN, 'x\ty'), style)).toBe(
    'a b                      --------------------   0 %  x y',
  );
  expect(progressLine(row('Films', 7), style)).toBe('Films                    #################### 100 %');
});

test('a terminal that does not know its width gets the usual one', () => {
  const screen = new Screen();
  screen.columns = 0;
  new ProgressBar(screen, { env: utf8 }).update([row('Films', 0.25, '50 of 200')]);
  expect(screen.lines[0]).toMatch(/^Films +█{5}░{15} +25 %  50 of 200$/);
});
