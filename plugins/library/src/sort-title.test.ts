import { expect, test } from '@jest/globals';
import { sortTitle } from './sort-title.ts';

test('titles sort without article, marks and signs, and numbers by their value', () => {
  const titles = ['Zodiac', 'The Apartment', 'Élève', 'Rocky 10', 'Rocky 2', '…And Justice', 'A', '東京物語'];
  expect(titles.toSorted((a, b) => (sortTitle(a) < sortTitle(b) ? -1 : 1))).toEqual([
    'A',
    '…And Justice',
    'The Apartment',
    'Élève',
    'Rocky 2',
    'Rocky 10',
    'Zodiac',
    '東京物語',
  ]);
});

test('a title of any length fits an index entry', () => {
  expect(Buffer.byteLength(sortTitle('ﷺ'.repeat(85) + '1a'.repeat(500)))).toBeLessThan(2_700);
});
