import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parsePath } from './names/parse-path.ts';
import { sampleRoots } from './sample.ts';

const { movies, series } = sampleRoots();

function files(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(root, path)).isFile());
}

test('The sample is small: all of it below 400 kB', () => {
  const size = [movies, series].flatMap((root) => files(root).map((path) => statSync(join(root, path)).size));
  expect(size.reduce((sum, one) => sum + one, 0)).toBeLessThan(400_000);
});

test('Every sample name is understood as what it is', () => {
  const kinds = (root: string, hint: 'movie' | 'tvshow'): string[] =>
    files(root)
      .filter((path) => !/\.(?:jpg|nfo|srt)$/.test(path))
      .map((path) => parsePath(join(root, path), hint))
      .map(({ kind, title, year, season, episodes }) =>
        [kind, title, year ?? '', season ?? '', ...episodes].join(' ').trim().replaceAll(/ +/g, ' '),
      )
      .toSorted();
  expect(kinds(movies, 'movie')).toEqual([
    'extra Big Test Pattern 2021',
    'movie Big Test Pattern 2021',
    'movie Broken Reel 2003',
    'movie Grey Ramp 1987',
    'movie Life of Cells 1998',
    'movie Pocket Camera 2023',
    'movie Sliding Colours 2019',
    'movie Two Voices 2015',
    'movie Wide Colour 2022',
    'movie Колесо времени 2007',
  ]);
  expect(kinds(series, 'tvshow')).toEqual([
    'episode Signal and Noise 2018 0 1',
    'episode Signal and Noise 2018 1 1',
    'episode Signal and Noise 2018 1 2 3',
    'episode Signal and Noise 2018 1 4',
    'episode Signal and Noise 2018 2 1',
    'episode Signal and Noise 2018 2 2',
    'episode 試験電波 1 1',
    'episode 試験電波 1 2',
  ]);
});
