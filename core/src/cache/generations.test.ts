import { expect, test } from '@jest/globals';
import { Generations } from './generations.ts';

test('many more keys than fit never throw and never exceed the bound', () => {
  const cache = new Generations(100);
  for (let n = 0; n < 10_000; n++) cache.set(`k${n}`, n, 60_000);
  expect(cache.size()).toBeLessThanOrEqual(100);
  expect(cache.get('k9999')).toBe(9_999);
});

test('a key that is hit outlives those that are not', () => {
  const cache = new Generations(100);
  cache.set('hot', 'kept', 60_000);
  for (let n = 0; n < 10_000; n++) {
    cache.set(`k${n}`, n, 60_000);
    cache.get('hot');
  }
  expect(cache.get('hot')).toBe('kept');
  expect(cache.has('k1')).toBe(false);
});

test('moving up leaves an entry the time it had, and an expired one is not counted', async () => {
  const cache = new Generations(4);
  cache.set('short', 1, 30);
  cache.set('a', 1, 60_000);
  cache.set('b', 1, 60_000);
  expect(cache.get('short')).toBe(1);
  const deadline = Date.now() + 5_000;
  while (cache.size() > 2 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 5));
  expect([cache.size(), cache.get('short'), cache.get('a')]).toEqual([2, undefined, 1]);
});

test('names of Object.prototype and the empty key are keys like any other', () => {
  const cache = new Generations(10);
  for (const key of ['__proto__', 'toString', 'constructor', '']) {
    expect(cache.get(key)).toBeUndefined();
    cache.set(key, `is ${key}`, 60_000);
    expect(cache.get(key)).toBe(`is ${key}`);
    cache.delete(key);
    expect(cache.has(key)).toBe(false);
  }
});

test('undefined, null, false and 0 are kept and told from a miss', () => {
  const cache = new Generations(2);
  for (const value of [undefined, null, false, 0]) {
    cache.set('key', value, 60_000);
    // Into the old half and back up.
    cache.set('other', 1, 60_000);
    expect([cache.has('key'), cache.get('key'), cache.has('key')]).toEqual([true, value, true]);
  }
});
