import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { GiveUp, NeedsAuth, NotReady } from '@revenge/sdk';
import type { CoreDatabase } from '../../src/database/database.ts';
import { runningInstance } from '../../src/lifecycle/attribution.ts';
import { until } from './test-nodes.ts';
import { aborted, gate, owner, testCluster, type TestCluster } from './test-queues.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await testCluster();
});
afterEach(() => cluster.stop());

test('no more run at once on two nodes together than the job allows, and all of them run', async () => {
  const nodes = [await cluster.start(), await cluster.start()];
  const def = { concurrency: 3 };
  let running = 0;
  let most = 0;
  const ran: unknown[] = [];
  for (const { define } of nodes)
    await define('scan', def, async (run) => {
      most = Math.max(most, ++running);
      await new Promise((done) => setTimeout(done, 15));
      running--;
      ran.push((run.input as { n: number }).n);
    });
  const jobs = await Promise.all(
    Array.from({ length: 40 }, (_, n) => (nodes[n % 2] ?? nodes[0])!.queue.enqueue(owner, 'scan', def, { n })),
  );
  for (const { id } of jobs) await nodes[0]!.reach(id, 'completed');
  expect(most).toBe(3);
  expect(ran.toSorted((a, b) => Number(a) - Number(b))).toEqual(jobs.map((_, n) => n));
});

test('a claim and a result whose answers were lost on the way hold no slot', async () => {
  const { database } = await cluster.start();
  let losing = 0;
  const lossy: CoreDatabase = {
    execute: (...statement) => database.execute(...statement),
    transaction: (work) => database.transaction(work),
    query: async <Row extends object>(text: string, values?: readonly unknown[], name?: string) => {
      const rows = await database.query<Row>(text, values, name);
      if (name === 'jobs_turn' && rows.length && losing-- > 0) throw new Error('connection lost');
      return rows;
    },
  };
  const { queue, define, reach } = await cluster.start({ database: lossy, timing: { reconcile: 100 } });
  const attempts: number[] = [];
  await define('scan', {}, ({ attempt }) => void attempts.push(attempt));
  losing = 1;
  const first = await queue.enqueue(owner, 'scan', {}, {});
  await reach(first.id, 'completed');
  expect(attempts).toEqual([1]);
  const started = gate();
  const end = gate();
  await define('slow', {}, async () => {
    started.open();
    await end.opened;
  });
  const slow = await queue.enqueue(owner, 'slow', {}, {});
  await started.opened;
  losing = 1;
  end.open();
  await reach(slow.id, 'completed');
  const next = await queue.enqueue(owner, 'slow', {}, {});
  await reach(next.id, 'completed');
});

test('a job that fails is tried again later and later, and is discarded with its error after its retries', async () => {
  const { queue, define, reach, failures, metrics } = await cluster.start({ random: () => 0.5 });
  const def = { retries: 2, backoff: ['50ms', '80ms'] } as const;
  const attempts: unknown[] = [];
  await define('sync', def, ({ attempt, last }) => {
    attempts.push([attempt, last]);
    throw new Error('the disk is full', { cause: new Error('ENOSPC') });
  });
  const { id } = await queue.enqueue(owner, 'sync', def, {});
  const row = await reach(id, 'discarded');
  expect(attempts).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ]);
  expect([row.attempt, row.error]).toEqual([3, 'Error: the disk is full ← Error: ENOSPC']);
  expect(failures).toHaveLength(3);
  expect((await queue.get(id))?.state).toBe('failed');
  const { text } = await metrics.exposition();
  expect(text).toContain('revenge_jobs_completed_total{job_type="films.sync",status="retry"} 2');
  expect(text).toContain('revenge_jobs_completed_total{job_type="films.sync",status="failure"} 1');
});

test('a failed job waits at least about its backoff', async () => {
  const { queue, define, reach } = await cluster.start({ random: () => 0.5 });
  const def = { backoff: ['10m', '1h'] } as const;
  await define('sync', def, () => Promise.reject(new Error('no')));
  const { id } = await queue.enqueue(owner, 'sync', def, {});
  const row = await reach(id, 'retryable');
  const [{ wait } = { wait: 0 }] = await cluster.sql<{ wait: number }>(
    'SELECT extract(epoch FROM run_at - now())::float8 AS wait FROM core.jobs WHERE id = $1',
    [row.id],
  );
  expect(wait).toBeGreaterThan(590);
  expect(wait).toBeLessThan(610);
});

test('a handler that throws at once, or answers no promise, is treated like any other', async () => {
  const { queue, define, reach } = await cluster.start();
  const def = { retries: 0 };
  // A plugin in plain JavaScript may answer anything.
  await define('odd', def, (() => 42) as unknown as () => void);
  await define('thrower', def, () => {
    throw 'a string';
  });
  const odd = await queue.enqueue(owner, 'odd', def, {});
  const thrower = await queue.enqueue(owner, 'thrower', def, {});
  await reach(odd.id, 'completed');
  expect((await reach(thrower.id, 'discarded')).error).toBe('a string');
});

test('GiveUp discards at once', async () => {
  const { queue, define, reach, failures } = await cluster.start();
  await define('sync', {}, () => Promise.reject(new GiveUp('gone for good')));
  const { id } = await queue.enqueue(owner, 'sync', {}, {});
  expect((await reach(id, 'discarded')).attempt).toBe(1);
  expect(failures).toEqual([]);
});

test('NotReady waits as long as it says and uses up no attempt', async () => {
  const { queue, define, reach, failures } = await cluster.start();
  const def = { retries: 0 };
  const attempts: number[] = [];
  await define('sync', def, ({ attempt }) => {
    attempts.push(attempt);
    if (attempts.length < 3) throw new NotReady('the library is away', '40ms');
  });
  const { id } = await queue.enqueue(owner, 'sync', def, {});
  await reach(id, 'completed');
  expect(attempts).toEqual([1, 1, 1]);
  expect(failures).toHaveLength(2);
});

test('NeedsAuth leaves the run pending until the instance is defined again', async () => {
  const { queue, define, reach } = await cluster.start({ timing: { reconcile: 100 } });
  let key = 'wrong';
  const run = (): void => {
    if (key === 'wrong') throw new NeedsAuth('the key was refused', 'apiKey');
  };
  const stop = await define('sync', {}, run);
  const { id } = await queue.enqueue(owner, 'sync', {}, {});
  expect((await reach(id, 'pending')).error).toBe('NeedsAuth: the key was refused');
  const seen = (await cluster.sql('SELECT 1')).length;
  // Several turns of the reconciler leave it where it is.
  for (let turn = 0; turn < 5; turn++) {
    await queue.counts();
    await new Promise((done) => setTimeout(done, 60));
  }
  expect([seen, (await queue.read(id))?.state]).toEqual([1, 'pending']);
  await stop();
  key = 'right';
  await define('sync', {}, run);
  expect((await reach(id, 'completed')).attempt).toBe(1);
});

test('a job of an instance that nobody runs is pending, and runs once it is defined', async () => {
  const { queue, define, reach } = await cluster.start({ timing: { reconcile: 100 } });
  const { id } = await queue.enqueue(owner, 'sync', {}, {});
  await reach(id, 'pending');
  const stop = await define('sync', {}, () => undefined);
  await reach(id, 'completed');
  await stop();
  const next = await queue.enqueue(owner, 'sync', {}, {});
  await reach(next.id, 'pending');
  expect((await queue.get(next.id))?.state).toBe('waiting');
});

test('a job that only another node can run runs there, without waiting for a reconciler', async () => {
  const [a, b] = [
    await cluster.start({ timing: { reconcile: 600_000 } }),
    await cluster.start({ timing: { reconcile: 600_000 } }),
  ];
  const ran: string[] = [];
  await b.define('sync', { concurrency: 2 }, ({ id }) => void ran.push(id));
  for (let n = 0; n < 10; n++) await a.reach((await a.queue.enqueue(owner, 'sync', {}, {})).id, 'completed');
  expect(ran).toHaveLength(10);
});

test('a timeout aborts the signal and counts as a failed attempt', async () => {
  const { queue, define, reach } = await cluster.start();
  const def = { timeout: '60ms', retries: 0 } as const;
  await define('sync', def, ({ signal }) => aborted(signal));
  const { id } = await queue.enqueue(owner, 'sync', def, {});
  expect((await reach(id, 'discarded')).error).toBe('Error: took longer than 0.06 s');
});

test('a handler that ignores its timeout is failed and named after its grace, and holds the slot no longer', async () => {
  const { queue, define, reach, failures } = await cluster.start({ timing: { grace: 100 } });
  const def = { timeout: '60ms', retries: 0 } as const;
  let calls = 0;
  await define('sync', def, () => (calls++ ? undefined : new Promise<void>(() => undefined)));
  const deaf = await queue.enqueue(owner, 'sync', def, {});
  const next = await queue.enqueue(owner, 'sync', def, {});
  expect((await reach(deaf.id, 'discarded')).error).toMatch(/ignored its signal .* may still be running/);
  await reach(next.id, 'completed');
  expect(failures).toHaveLength(1);
});

test('cancelling on another node ends the run by its signal, and a waiting one never starts', async () => {
  const [a, b] = [await cluster.start(), await cluster.start()];
  const started = gate<string>();
  await a.define('scan', {}, async ({ id, signal }) => {
    started.open(id);
    await aborted(signal);
  });
  const running = await b.queue.enqueue(owner, 'scan', {}, {});
  const waiting = await b.queue.enqueue(owner, 'scan', {}, {});
  expect(await started.opened).toBe(running.id);
  await b.queue.cancel(waiting.id, { plugin: 'others', instance: 'main' });
  expect((await b.queue.read(waiting.id))?.state).toBe('available');
  await b.queue.cancel(waiting.id, owner);
  await b.queue.cancel(running.id, owner);
  await a.reach(running.id, 'cancelled');
  expect((await a.queue.get(waiting.id))?.state).toBe('cancelled');
  expect(await a.queue.get(running.id, { plugin: 'others', instance: 'main' })).toBeUndefined();
});

test('a cancel that no message told reaches the run with the next renewal of its lease', async () => {
  const { queue, define, reach } = await cluster.start({ timing: { renew: 100 } });
  const started = gate();
  await define('scan', {}, async ({ signal }) => {
    started.open();
    await aborted(signal);
  });
  const { id } = await queue.enqueue(owner, 'scan', {}, {});
  await started.opened;
  await cluster.sql('UPDATE core.jobs SET cancel_requested = true WHERE id = $1', [id]);
  await reach(id, 'cancelled');
});

test('progress is seen by others while the job runs, bounded and cut', async () => {
  const [a, b] = [await cluster.start(), await cluster.start()];
  const finish = gate();
  await a.define('scan', {}, async (run) => {
    for (let n = 0; n < 1_000; n++) run.progress(n / 2_000, `file ${n}`);
    run.progress(7, 'x'.repeat(900));
    await finish.opened;
  });
  const { id } = await a.queue.enqueue(owner, 'scan', {}, {});
  const state = await until('progress', async () => {
    const state = await b.queue.get(id);
    return state && state.progress > 0 ? state : undefined;
  });
  expect([state.state, state.progress, state.text?.length]).toEqual(['running', 1, 500]);
  finish.open();
  await b.reach(id, 'completed');
});

test('everything a job starts is put to its instance', async () => {
  const { queue, define } = await cluster.start();
  const seen = gate<unknown>();
  await define('sync', {}, () => void setTimeout(() => seen.open(runningInstance()), 1));
  await queue.enqueue(owner, 'sync', {}, {});
  expect(await seen.opened).toEqual(owner);
});

test('an equal run that waits takes the place of one that failed', async () => {
  const { queue, define, reach } = await cluster.start();
  const def = { unique: true, backoff: ['1h', '1h'] } as const;
  const started = gate();
  const fail = gate();
  let calls = 0;
  await define('sync', def, async () => {
    if (calls++) return;
    started.open();
    await fail.opened;
    throw new Error('no luck');
  });
  const first = await queue.enqueue(owner, 'sync', def, {});
  await started.opened;
  const second = await queue.enqueue(owner, 'sync', def, {});
  fail.open();
  expect((await reach(first.id, 'cancelled')).error).toMatch(/equal run waits.*no luck/);
  await reach(second.id, 'completed');
});
