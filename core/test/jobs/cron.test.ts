import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from './test-nodes.ts';
import { owner, testCluster, type TestCluster } from './test-queues.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await testCluster();
});
afterEach(() => cluster.stop());

const YEARLY = '0 5 1 1 *';
const waiting = (): Promise<{ id: string; cron_line: string }[]> =>
  cluster.sql(`SELECT id, cron_line FROM core.jobs WHERE cron_line IS NOT NULL ORDER BY run_at`);

test('a schedule on two nodes has one waiting run; due, it runs once and the next one is in place', async () => {
  const nodes = [
    await cluster.start({ timing: { reconcile: 100 } }),
    await cluster.start({ timing: { reconcile: 100 } }),
  ];
  let runs = 0;
  for (const { define } of nodes) await define('sync', {}, () => void runs++, YEARLY);
  const [planned, ...others] = await waiting();
  expect(others).toEqual([]);
  // The server was away at its time: a missed run.
  await cluster.sql(`UPDATE core.job_keys SET key = 'cron, three hours ago'`);
  await cluster.sql(`UPDATE core.jobs SET run_at = now() - interval '3 hours'`);
  await nodes[0]!.reach(planned!.id, 'completed');
  const next = await until('the next one', async () => (await waiting())[0]);
  expect(next.id).not.toBe(planned!.id);
  expect([runs, (await waiting()).length]).toEqual([1, 1]);
});

test('another line takes the place of the old one, and none of it is left without a line', async () => {
  const { define } = await cluster.start();
  const stop = await define('sync', {}, () => undefined, YEARLY);
  await stop();
  const stopNew = await define('sync', {}, () => undefined, '0 6 1 1 *');
  expect((await waiting()).map(({ cron_line }) => cron_line)).toEqual(['0 6 1 1 *']);
  await stopNew();
  await define('sync', {}, () => undefined);
  expect(await waiting()).toEqual([]);
});

test('a run asked for by hand does not wait for the scheduled one, though the job is unique', async () => {
  const { queue, define, reach } = await cluster.start();
  const def = { unique: true };
  await define('sync', def, () => undefined, YEARLY);
  await reach((await queue.enqueue(owner, 'sync', def, {})).id, 'completed');
  expect(await waiting()).toHaveLength(1);
});

test('a line that is none is refused where it is defined', async () => {
  const { define } = await cluster.start();
  await expect(define('sync', {}, () => undefined, 'now and then')).rejects.toThrow(TypeError);
});
