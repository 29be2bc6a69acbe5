import { expect, test } from '@jest/globals';
import { isUuid, uuidV7 } from './uuid.ts';

test('ids grow, also within one millisecond, and carry their time', () => {
  const ids = Array.from({ length: 5_000 }, () => uuidV7());
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
  const at = uuidV7(new Date('2026-01-02T03:04:05.678Z')).replaceAll('-', '').slice(0, 12);
  expect(parseInt(at, 16)).toBe(Date.parse('2026-01-02T03:04:05.678Z'));
});

test('what is no UUID is told from what is one', () => {
  expect([uuidV7(), '0190d3a4-7b1e-7c53-8f00-000000000001', 'x', '', "1'; drop table jobs; --"].map(isUuid)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
