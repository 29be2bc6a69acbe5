import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parsePath } from './parse-path.ts';
import type { ParsedPath } from './parse-path.ts';

const fields: readonly (keyof ParsedPath)[] = [
  'kind',
  'title',
  'episode_title',
  'year',
  'season',
  'episodes',
  'absolute_episodes',
  'air_date',
  'ids',
  'edition',
  'resolution',
  'source',
  'video_codec',
  'audio_codec',
  'hdr',
  'release_group',
  'languages',
  'part',
  'proper',
  'three_d',
  'extra_type',
];

/** One form for what is said and what is understood: nothing is nothing, and hdr and languages have no order. */
function comparable(parsed: Partial<ParsedPath>, field: keyof ParsedPath): string {
  const value = parsed[field] ?? null;
  if (field === 'ids') return JSON.stringify({ tmdb: null, imdb: null, tvdb: null, ...parsed.ids });
  if (Array.isArray(value)) return JSON.stringify(value.length === 0 ? null : value.map(String).toSorted());
  return JSON.stringify(value === false ? null : value);
}

function mistakesOf(line: string): string[] {
  const [, path = '', hint = '', json = '{}', open = ''] = line.split('\t');
  const said = JSON.parse(json) as Partial<ParsedPath>; // our own fixture
  const understood = parsePath(path, hint === 'movie' || hint === 'tvshow' ? hint : undefined);
  return fields
    .filter((field) => !open.split(',').includes(field))
    .filter((field) => comparable(understood, field) !== comparable(said, field))
    .map((field) => `${path}: ${field} is ${comparable(understood, field)}, not ${comparable(said, field)}`);
}

test.each(['1', '2', '3'])('List %s is understood wholly in 97 of 100 ordinary names', (list) => {
  const lines = readFileSync(new URL(`../../test/fixtures/names-list-${list}.tsv`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.includes('\t') && !line.startsWith('#'));
  const judged = lines.map((line) => ({ isHard: line.startsWith('hard\t'), mistakes: mistakesOf(line) }));
  process.stdout.write(`List ${list}\n  ${judged.flatMap(({ mistakes }) => mistakes).join('\n  ')}\n`);
  const ordinary = judged.filter(({ isHard }) => !isHard);
  const understood = ordinary.filter(({ mistakes }) => mistakes.length === 0).length;
  expect(lines.length).toBeGreaterThanOrEqual(300);
  expect(understood / ordinary.length).toBeGreaterThanOrEqual(0.97);
});

test('Hard names of all lists are understood wholly in 9 of 10 cases', () => {
  const hard = ['1', '2', '3', '4'].flatMap((list) =>
    readFileSync(new URL(`../../test/fixtures/names-list-${list}.tsv`, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('hard\t')),
  );
  expect(hard.length).toBeGreaterThanOrEqual(150);
  expect(hard.filter((line) => mistakesOf(line).length === 0).length / hard.length).toBeGreaterThanOrEqual(0.9);
});
