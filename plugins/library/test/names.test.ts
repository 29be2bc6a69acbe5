import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parsePath } from '../src/names/parse-path.ts';
import type { ParsedPath } from '../src/names/parse-path.ts';

interface Row {
  readonly category: string;
  readonly path: string;
  readonly hint: 'movie' | 'tvshow' | undefined;
  readonly expected: ParsedPath;
}

const nothing: ParsedPath = {
  kind: 'unknown',
  title: null,
  episode_title: null,
  year: null,
  season: null,
  episodes: [],
  absolute_episodes: [],
  air_date: null,
  ids: { tmdb: null, imdb: null, tvdb: null },
  edition: null,
  resolution: null,
  source: null,
  video_codec: null,
  audio_codec: null,
  hdr: [],
  release_group: null,
  languages: [],
  part: null,
  proper: false,
  three_d: null,
  extra_type: null,
};

/** Lines of: category, path, kind of library or nothing, what is understood (all else is null or empty). */
const rows: readonly Row[] = readFileSync(new URL('fixtures/names.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [category = '', path = '', hint = '', json = '{}'] = line.split('\t');
    const said = JSON.parse(json) as Partial<ParsedPath>; // our own fixture
    const expected = { ...nothing, ...said, ids: { ...nothing.ids, ...said.ids } };
    return { category, path, hint: hint === 'movie' || hint === 'tvshow' ? hint : undefined, expected };
  });

function wrong(row: Row): string[] {
  const understood = parsePath(row.path, row.hint);
  const differs = (key: keyof ParsedPath): boolean =>
    JSON.stringify(understood[key]) !== JSON.stringify(row.expected[key]);
  return (Object.keys(nothing) as (keyof ParsedPath)[]) // an object literal's own keys
    .filter(differs)
    .map(
      (key) => `${row.path}: ${key} is ${JSON.stringify(understood[key])}, not ${JSON.stringify(row.expected[key])}`,
    );
}

test('The corpus has at least 500 names, 100 of them with folders, none twice', () => {
  expect(rows.length).toBeGreaterThanOrEqual(500);
  expect(rows.filter(({ path }) => /[/\\]/.test(path)).length).toBeGreaterThanOrEqual(100);
  expect(new Set(rows.map(({ path, hint }) => `${hint} ${path}`)).size).toBe(rows.length);
});

test('Ordinary names are understood wholly in 97 of 100 cases, hard ones in 90', () => {
  const categories = new Map<string, { names: number; understood: number }>();
  const mistakes: string[] = [];
  for (const row of rows) {
    const count = categories.get(row.category) ?? { names: 0, understood: 0 };
    const differences = wrong(row);
    mistakes.push(...differences);
    count.names++;
    count.understood += differences.length === 0 ? 1 : 0;
    categories.set(row.category, count);
  }
  const report = [...categories].map(([name, { names, understood }]) => `${name}: ${understood} of ${names}`);
  process.stdout.write(`Names understood wholly\n  ${[...report, ...mistakes].join('\n  ')}\n`);
  const isBelow = ([name, { names, understood }]: [string, { names: number; understood: number }]): boolean =>
    understood / names < (name === 'hard' ? 0.9 : 0.97);
  expect([...categories].filter(isBelow)).toEqual([]);
});

test('No text throws, and no marker repeated to 10 kB takes long', () => {
  let seed = 20_240_115;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const pieces =
    'S01E01 E02 -E03 1x01 -02 2024.01.15 1999 (2010) [Group] [ABCD1234] {tmdb-1} tt0133093 1080p BluRay WEB-DL x264 DTS-HD.MA 5.1 part1 CD2 Season 1 - 05 第3話 🎬 ( [ { ) ] } . _ - / \\ \u0000 \u0001 \uD800 é e\u0301 \n . of 3D HSBS PROPER German The A'.split(
      ' ',
    );
  for (let round = 0; round < 3000; round++) {
    const count = 1 + random(30);
    const name = Array.from(
      { length: count },
      () => pieces[random(pieces.length)] + (random(2) === 0 ? ' ' : '.'),
    ).join('');
    expect(parsePath(name, round % 3 === 0 ? 'movie' : round % 3 === 1 ? 'tvshow' : undefined)).toHaveProperty('kind');
  }
  for (const piece of pieces) {
    for (const joint of ['', ' ', '.', '-'])
      expect(parsePath((piece + joint).repeat(10_000 / (piece.length + 1)))).toHaveProperty('kind');
  }
  expect(parsePath('')).toEqual(nothing);
});

test('The work of a name grows with its length at most', () => {
  const time = (path: string): number => {
    const from = process.hrtime.bigint();
    for (let round = 0; round < 20; round++) parsePath(path);
    return Number(process.hrtime.bigint() - from);
  };
  for (const piece of ['S01E01', '(2010) ', '[a]', '- 01 ', 'part1.', '1x01-', '.WEB-DL', 'a ', '((((', '-_-_']) {
    const short = piece.repeat(Math.ceil(1000 / piece.length));
    time(short);
    // What is beyond the longest name a file system has is not read: ten times the text is no ten times the work, let alone a hundred.
    expect(time(short.repeat(10))).toBeLessThan(30 * time(short) + 50_000_000);
  }
});
