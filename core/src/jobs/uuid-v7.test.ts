import { expect, test } from '@jest/globals';
import { isUuid, uuidV7 } from './uuid-v7.ts';

test('ids are in the order they were made, also within a millisecond and when the clock goes back', () => {
  let now = 1_700_000_000_000;
  const next = uuidV7(() => now);
  const ids: string[] = [];
  for (let n = 0; n < 20_000; n++) {
    if (n === 10_000) now -= 5_000;
    ids.push(next());
  }
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every(isUuid)).toBe(true);
  expect(ids[0]).toMatch(/^018bcfe5-6800-7/);
});
