import { expect, test } from '@jest/globals';
import { Kept } from './kept.ts';

const entry = (userId: string, value = userId, until = 100) => ({ value, userId, until });

test('what is kept is answered until its time and forgotten with its user', () => {
  const kept = new Kept<string>({ connected: true, epoch: 0 }, 10);
  kept.keep(kept.ticket(), 'a', entry('ada'));
  kept.keep(kept.ticket(), 'b', entry('bob'));
  kept.forget('bob');

  expect([kept.get('a', 99), kept.get('a', 100), kept.get('b', 0)]).toEqual(['ada', undefined, undefined]);
});

test('what was loaded while something was forgotten is not kept', () => {
  const kept = new Kept<string>({ connected: true, epoch: 0 }, 10);
  const ticket = kept.ticket();
  kept.forget('bob');
  kept.keep(ticket, 'a', entry('ada'));

  expect(kept.get('a', 0)).toBeUndefined();
});

test('nothing is answered or kept while events may be missed, nor anything of before', () => {
  const cluster = { connected: true, epoch: 0 };
  const kept = new Kept<string>(cluster, 10);
  kept.keep(kept.ticket(), 'a', entry('ada'));
  cluster.connected = false;
  const ticket = kept.ticket();
  expect(kept.get('a', 0)).toBeUndefined();
  cluster.connected = true;
  cluster.epoch++;
  kept.keep(ticket, 'b', entry('bob'));

  expect([kept.get('a', 0), kept.get('b', 0)]).toEqual([undefined, undefined]);
});

test('it never holds more than it may, and the oldest leave', () => {
  const kept = new Kept<string>({ connected: true, epoch: 0 }, 128);
  for (let i = 0; i < 1000; i++) kept.keep(kept.ticket(), `k${i}`, entry('ada', `v${i}`));

  expect(kept.size).toBeLessThanOrEqual(128);
  expect([kept.get('k0', 0), kept.get('k999', 0)]).toEqual([undefined, 'v999']);
});
