#!/usr/bin/env node
// How long understanding a name takes: node bench/names/run.mjs [--rounds 20] (needs npm run build)
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parsePath } from '../../plugins/library/dist/names/parse-path.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);
const corpus = new URL('../../plugins/library/test/fixtures/names.tsv', import.meta.url);
const rows = readFileSync(corpus, 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t'));

/**
 * Milliseconds of each name, sorted: the median of its rounds, so that what else the machine does is not counted as the parser's.
 * @param {readonly (readonly [path: string, hint: string | undefined])[]} names
 */
function measure(names) {
  const times = names.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, [path, hint]] of names.entries()) {
      const from = performance.now();
      parsePath(path, hint);
      times[index].push(performance.now() - from);
    }
  }
  return times.map((one) => one.sort((a, b) => a - b)[one.length >> 1]).sort((a, b) => a - b);
}

function report(title, times) {
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(3);
  process.stdout.write(
    `${title}: median ${at(0.5)} ms, p99.9 ${at(0.999)} ms, worst ${at(1)} ms (medians of ${rounds} rounds)\n`,
  );
}

const ordinary = rows.map(([, path, hint]) => [path, hint === '' ? undefined : hint]);
const pieces = [
  'S01E01',
  '(2010) ',
  '[a]',
  '- 01 ',
  'part1.',
  '1x01-',
  '.WEB-DL',
  'a ',
  '((((',
  '1080p.',
  'the.german.',
];
const hostile = pieces.map((piece) => [piece.repeat(Math.ceil(10_000 / piece.length)), undefined]);
measure(ordinary); // warms up
report(`${ordinary.length} names of the corpus (goal 1 ms)`, measure(ordinary));
report(`${hostile.length} names of 10 kB of one marker`, measure(hostile));
