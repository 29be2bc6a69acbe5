import { expect, test } from '@jest/globals';
import { asDuration, pause, retryAfter } from './retry.ts';

test('Retry-After is read in seconds and as a date; nonsense is none', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const read = [null, '7', 'Thu, 01 Jan 2026 00:01:00 GMT', 'Wed, 31 Dec 2025 00:00:00 GMT', 'soon'].map((value) =>
    retryAfter(value, now),
  );
  expect(read).toEqual([undefined, 7_000, 60_000, 0, undefined]);
  expect(asDuration(1_001)).toBe('2s');
});

test('pauses double with jitter up to ten seconds and never undercut Retry-After', () => {
  expect([1, 2, 3, 20].map((tried) => pause(tried, undefined, () => 0))).toEqual([125, 250, 500, 5_000]);
  expect(pause(20, undefined, () => 1)).toBe(10_000);
  expect([pause(1, 3_000, () => 1), pause(1, 0, () => 1), pause(1, 30_001, () => 1)]).toEqual([3_000, 250, undefined]);
});
