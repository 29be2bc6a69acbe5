import { expect, test } from '@jest/globals';
import { Slots } from './slots.ts';

test('so many run at once, so many wait, the rest is told to come again', async () => {
  const slots = new Slots(2, 3);
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const work = () =>
    slots.run(async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((end) => ends.push(end));
      running--;
    });
  const accepted = Array.from({ length: 5 }, work);

  await expect(work()).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  for (let i = 0; i < 5; i++) {
    while (!ends[i]) await Promise.resolve();
    ends[i]?.();
  }
  await Promise.all(accepted);
  expect(most).toBe(2);
});

test('work that fails gives its place back', async () => {
  const slots = new Slots(1, 0);
  await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.run(async () => 'yes')).toBe('yes');
});
