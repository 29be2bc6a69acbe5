import { expect, test } from '@jest/globals';
import { NumberSet } from './number-set.ts';
import { understand } from './understood-file.ts';

const file = (path: string) => ({ path, size: 1, mtime_ms: 1, kind: 'video' as const });

test('an episode knows its series, season and numbers', () => {
  const { role, work, episodes } = understand(file('/tv/Show (2010)/Show - S01E02-E03.mkv'), '/tv', 'tvshow');
  expect([role, work?.title, episodes.map((e) => [e.season, e.episode])]).toEqual([
    'main',
    'Show',
    [
      [1, 2],
      [1, 3],
    ],
  ]);
});

test('an episode among films, a film among series and a name that says nothing are kept with their problem', () => {
  const problems = [
    understand(file('/tv/Metropolis (1927).mkv'), '/tv', 'tvshow'),
    understand(file('/tv/S01.mkv'), '/tv', 'tvshow'),
  ].map((understood) => [understood.role, understood.problem !== undefined]);
  expect(problems).toEqual([
    ['unknown', true],
    ['unknown', true],
  ]);
});

test('a set of numbers holds what was added, far apart as well', () => {
  const set = new NumberSet();
  for (const number of [0, 7, 8, 65_535, 65_536, 9_000_000_000]) set.add(number);
  const asked = [0, 1, 7, 8, 9, 65_535, 65_536, 65_537, 9_000_000_000, 9_000_000_001];
  expect(asked.filter((number) => set.has(number))).toEqual([0, 7, 8, 65_535, 65_536, 9_000_000_000]);
});
