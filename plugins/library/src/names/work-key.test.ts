import { expect, test } from '@jest/globals';
import { parsePath } from './parse-path.ts';
import { workKey } from './work-key.ts';

function key(path: string): string {
  return workKey(parsePath(path));
}

test('Files of one work have one key, however they are written', () => {
  const keys = ['Amélie (2001).mkv', 'amelie.2001.1080p.mkv', 'AMELIE [2001].mkv', 'Ame\u0301lie (2001) - 4K.mkv'].map(
    key,
  );
  expect(new Set(keys)).toEqual(new Set(['amelie (2001)']));
  expect(key('Ocean’s Eleven (2001).mkv')).toBe(key('Oceans.Eleven.2001.mkv'));
  expect(key('Stan & Ollie (2018).mkv')).toBe(key('Stan.and.Ollie.2018.mkv'));
});

test('Articles, years and marks that make another word keep works apart', () => {
  expect(key('The Thing (1982).mkv')).not.toBe(key('Thing (1982).mkv'));
  expect(key('The Thing (1982).mkv')).not.toBe(key('The Thing (2011).mkv'));
  // A Japanese voicing mark is a part of its letter, as the one of Hindi vowels is.
  expect(key('ハ (2001).mkv')).not.toBe(key('バ (2001).mkv'));
  expect(key('कि (2001).mkv')).not.toBe(key('की (2001).mkv'));
});

test('A title of signs alone is a title, and without one the id is the key', () => {
  expect(workKey({ title: '…', year: 2001, ids: { tmdb: null, imdb: null, tvdb: null } })).toBe('… (2001)');
  expect(workKey({ title: null, year: null, ids: { tmdb: 603, imdb: null, tvdb: null } })).toBe('tmdb:603');
  expect(workKey({ title: null, year: null, ids: { tmdb: null, imdb: null, tvdb: null } })).toBe('');
});
