#!/usr/bin/env node
// How long understanding a name takes: node bench/names/run.mjs [--rounds 20] [--small] (needs npm run build)
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parsePath } from '../../plugins/library/dist/names/parse-path.js';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, small: { type: 'boolean' } } });
const rounds = Number(values.rounds ?? (values.small ? 3 : 20));
const corpus = new URL('../../plugins/library/test/fixtures/names.tsv', import.meta.url);
const rows = readFileSync(corpus, 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t'));

/**
 * Milliseconds of each name, sorted: the median of its rounds, so that what else the machine does is not counted as the parser's.
 * @param {readonly (readonly [path: string, hint: string | undefined])[]} names
 */
function measure(names, understand = parsePath) {
  const times = names.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, [path, hint]] of names.entries()) {
      const from = performance.now();
      understand(path, hint);
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
/** The least that reading a name can be: its words. */
const words = (path) => path.split(/[^\p{L}\p{N}]+/u);
measure(ordinary); // warms up
measure(ordinary, words);
const understood = measure(ordinary);
const split = measure(ordinary, words);
report(`${ordinary.length} names of the corpus (goal 1 ms)`, understood);
report('the same, only split into words', split);
const middle = (times) => times[times.length >> 1];
process.stdout.write(`ratio of the medians: ${(middle(understood) / middle(split)).toFixed(1)}\n`);
report(`${hostile.length} names of 10 kB of one marker`, measure(hostile));
