import { expect, test } from '@jest/globals';
import { Ids } from './ids.ts';

test('ids are UUIDv7s that grow, also within one millisecond and when the clock goes back', () => {
  let now = 1_764_000_000_000;
  const ids = new Ids(() => now);
  const made = Array.from({ length: 10_000 }, (_, n) => ((now += n === 6_000 ? -5 : 0), ids.next()));
  expect(made.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
  expect(made).toEqual(made.toSorted());
  expect(new Set(made).size).toBe(made.length);
});
