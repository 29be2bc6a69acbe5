import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { LibrarySpec } from './library-spec.ts';

test.each([
  ['movie=/films', { type: 'movie', path: '/films' }],
  ['tvshow:My Series=/a=b', { type: 'tvshow', name: 'My Series', path: '/a=b' }],
  ['movie=films', { type: 'movie', path: resolve('films') }],
  ['movie=~/films', { type: 'movie', path: resolve(homedir(), 'films') }],
  [
    { type: 'movie', name: 'Films', path: '/films' },
    { type: 'movie', name: 'Films', path: '/films' },
  ],
])('%p names a library', (written, meant) => {
  expect(LibrarySpec.parse(written)).toEqual(meant);
});

test.each([
  ['/films', "has no '='"],
  ['movie=', "has no '='"],
  ['music=/songs', "'music' is no kind"],
  ['movie: =/films', 'the name is empty'],
  ['movie=/a\0b', 'NUL'],
])('%p is refused with what to write', (written, why) => {
  const { error } = LibrarySpec.safeParse(written);
  const said = JSON.stringify(error?.issues);
  expect(said).toContain(why);
  expect(said).toContain('movie:Name=PATH');
});
