import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { QueryInput } from './query-input.ts';

const input = new QueryInput(z.object({ page: z.string(), tag: z.array(z.string()), toString: z.string() }).partial());

test.each([
  ['', {}],
  ['page=2', { page: '2' }],
  ['page=2&page=3', { page: '2' }],
  ['tag=a', { tag: ['a'] }],
  ['tag=a&page=1&tag=b&&tag=', { tag: ['a', 'b', ''], page: '1' }],
  ['page', { page: '' }],
  ['page=a=b', { page: 'a=b' }],
  ['other=1&=2&&__proto__=3', {}],
  ['toString=x', { toString: 'x' }],
])('%j is read alike with and without something to decode in it', (search, value) => {
  expect(input.read(search)).toEqual(value);
  expect(input.read(search === '' ? 'x=%20' : `${search}&x=%20`)).toEqual(value);
});

test('names beyond five hundred are not looked at', () => {
  expect(input.read(`${'x=1&'.repeat(499)}page=2`)).toEqual({ page: '2' });
  expect(input.read(`${'x=1&'.repeat(500)}page=2`)).toEqual({});
});
