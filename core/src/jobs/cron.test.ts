import { expect, test } from '@jest/globals';
import { nextTime } from './cron.ts';

const BERLIN = 'Europe/Berlin';
const times = (line: string, from: string, count: number): string[] => {
  const found: string[] = [];
  for (let after = new Date(from); found.length < count;) {
    const next = nextTime(line, after, BERLIN);
    if (!next) break;
    found.push(next.toISOString());
    after = next;
  }
  return found;
};

test('an hour that daylight saving skips runs once, after it', () => {
  expect(times('30 2 * * *', '2026-03-28T12:00:00Z', 2)).toEqual([
    '2026-03-29T01:30:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ]);
});

test('an hour that daylight saving doubles runs once', () => {
  expect(times('30 2 * * *', '2026-10-24T12:00:00Z', 2)).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ]);
});

test('a line that is no cron line is refused, and one that never comes has no time', () => {
  expect(() => nextTime('every day', new Date())).toThrow(TypeError);
  expect(() => nextTime('0 0 0 * * *', new Date())).toThrow(TypeError);
  expect(nextTime('0 0 30 2 *', new Date())).toBeUndefined();
});
