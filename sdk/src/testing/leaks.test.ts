import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { watchLeaks } from './leaks.ts';

test('timers and servers that were not stopped are named, and those that were are not', async () => {
  const watch = watchLeaks();
  const timer = setInterval(() => undefined, 60_000);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const open = await watch.left();
  clearInterval(timer);
  await new Promise((resolve) => server.close(resolve));
  expect([open, await watch.left()]).toEqual([['server × 1', 'timer × 1'], []]);
  watch.stop();
});
