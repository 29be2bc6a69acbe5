import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { gate, owner, testCluster, type TestCluster } from './test-queues.ts';
import { until } from './test-nodes.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await testCluster();
});
afterEach(() => cluster.stop());

test('a job runs with its input, and its row says so afterwards', async () => {
  const { queue, define, reach, metrics } = await cluster.start();
  const input = z.object({ path: z.string(), deep: z.boolean().default(true) });
  const seen = gate<unknown>();
  await define('scan', { input }, (run) => seen.open([run.input, run.attempt, run.last]));
  const { id } = await queue.enqueue(owner, 'scan', { input }, { path: '/films' });
  expect(await seen.opened).toEqual([{ path: '/films', deep: true }, 1, false]);
  const row = await reach(id, 'completed');
  expect([row.type, row.instance, row.attempt, row.progress, row.input, row.error]).toEqual([
    'films.scan',
    'main',
    1,
    1,
    { path: '/films' },
    null,
  ]);
  expect(await queue.get(id)).toEqual({ id, state: 'done', progress: 1 });
  const { text } = await metrics.exposition();
  expect(text).toContain('revenge_jobs_enqueued_total{job_type="films.scan"} 1');
  expect(text).toContain('revenge_jobs_completed_total{job_type="films.scan",status="success"} 1');
});

test('what the schema refuses, what is no JSON and what is too big never become a row', async () => {
  const { queue } = await cluster.start();
  const def = { input: z.object({ path: z.string() }) };
  for (const input of [{}, { path: 1 }, { path: 'a\0b' }, { path: 'x'.repeat(300_000) }])
    await expect(queue.enqueue(owner, 'scan', def, input)).rejects.toMatchObject({ status: 422 });
  await expect(queue.enqueue(owner, 'scan', {}, { loop: 1n })).rejects.toMatchObject({ status: 422 });
  await expect(queue.enqueue(owner, 'scan', {}, {}, { at: new Date(Number.NaN) })).rejects.toMatchObject({
    status: 422,
  });
  expect(await queue.list({})).toEqual([]);
});

test('a row of a transaction runs after the commit, and never after a rollback', async () => {
  const { queue, define, database, reach, metrics } = await cluster.start();
  const ran: unknown[] = [];
  await define('scan', {}, (run) => void ran.push(run.input));
  await expect(
    database.transaction(async (tx) => {
      await queue.enqueue(owner, 'scan', {}, { of: 'rollback' }, {}, tx);
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  const id = await database.transaction(async (tx) => {
    const job = await queue.enqueue(owner, 'scan', {}, { of: 'commit' }, {}, tx);
    expect(await queue.read(job.id)).toBeUndefined();
    return job.id;
  });
  await reach(id, 'completed');
  expect(ran).toEqual([{ of: 'commit' }]);
  const { text } = await metrics.exposition();
  expect(text).toContain('revenge_jobs_enqueued_total{job_type="films.scan"} 1');
});

test('of twenty racing enqueues of an equal unique input on two nodes one waits, and a running one does not count', async () => {
  const [a, b] = [await cluster.start(), await cluster.start()];
  const def = { unique: true };
  const started = gate();
  const finish = gate();
  await a.define('sync', def, async () => {
    started.open();
    await finish.opened;
  });
  const first = await a.queue.enqueue(owner, 'sync', def, { of: 'x', and: 1 });
  await started.opened;
  const ids = await Promise.all(
    Array.from(
      { length: 20 },
      async (_, n) =>
        (await (n % 2 ? a : b).queue.enqueue(owner, 'sync', def, n % 3 ? { of: 'x', and: 1 } : { and: 1, of: 'x' })).id,
    ),
  );
  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).not.toBe(first.id);
  const other = await a.queue.enqueue(owner, 'sync', def, { of: 'y' });
  expect(other.id).not.toBe(ids[0]);
  finish.open();
  for (const id of [first.id, ids[0] ?? '', other.id]) await a.reach(id, 'completed');
  expect((await a.queue.counts()).completed).toBe(3);
});

test('an equal unique job asked for at once pulls the waiting one forward', async () => {
  const { queue, define, reach } = await cluster.start();
  const def = { unique: true };
  await define('sync', def, () => undefined);
  const later = await queue.enqueue(owner, 'sync', def, {}, { in: '1h' });
  expect((await queue.read(later.id))?.state).toBe('scheduled');
  expect(await queue.enqueue(owner, 'sync', def, {})).toEqual(later);
  await reach(later.id, 'completed');
});

test('a key is good for one run a day, also once it ran, also from two nodes at once', async () => {
  const [a, b] = [await cluster.start(), await cluster.start()];
  let runs = 0;
  await a.define('sync', {}, () => void runs++);
  const ids = await Promise.all(
    [a, b, a, b].map(async ({ queue }) => (await queue.enqueue(owner, 'sync', {}, {}, { key: 'order-7' })).id),
  );
  expect(new Set(ids).size).toBe(1);
  const id = ids[0] ?? '';
  await a.reach(id, 'completed');
  expect(await b.queue.enqueue(owner, 'sync', {}, {}, { key: 'order-7' })).toEqual({ id });
  expect(runs).toBe(1);
  await cluster.sql(`UPDATE core.job_keys SET created_at = now() - interval '25 hours'`);
  const next = await b.queue.enqueue(owner, 'sync', {}, {}, { key: 'order-7' });
  expect(next.id).not.toBe(id);
  await a.reach(next.id, 'completed');
});

test('a key of an equal unique job that waits already answers that one, now and later', async () => {
  const { queue } = await cluster.start();
  const def = { unique: true };
  const waiting = await queue.enqueue(owner, 'sync', def, {}, { in: '1h' });
  expect(await queue.enqueue(owner, 'sync', def, {}, { in: '1h', key: 'k' })).toEqual(waiting);
  expect(await queue.enqueue(owner, 'sync', def, { other: 1 }, { key: 'k' })).toEqual(waiting);
});

test('the more urgent runs first, then the older', async () => {
  const { queue, define, reach } = await cluster.start();
  const order: unknown[] = [];
  const priorities = ['low', 'normal', 'high', 'normal', 'high'] as const;
  const jobs: { readonly id: string }[] = [];
  for (const [n, priority] of priorities.entries())
    jobs.push(await queue.enqueue(owner, 'sync', {}, { n }, { priority }));
  await define('sync', {}, (run) => void order.push(run.input));
  for (const { id } of jobs) await reach(id, 'completed');
  expect(order).toEqual([{ n: 2 }, { n: 4 }, { n: 1 }, { n: 3 }, { n: 0 }]);
});

test('a job of the future waits for its time', async () => {
  const { queue, define, reach } = await cluster.start();
  await define('sync', {}, () => undefined);
  const soon = await queue.enqueue(owner, 'sync', {}, {}, { in: '300ms' });
  const at = await queue.enqueue(owner, 'sync', {}, {}, { at: new Date(Date.now() + 400) });
  const far = await queue.enqueue(owner, 'sync', {}, {}, { in: '1h' });
  expect((await queue.read(soon.id))?.state).toBe('scheduled');
  for (const { id } of [soon, at]) {
    const row = await reach(id, 'completed');
    expect((row.started_at?.getTime() ?? 0) - row.run_at.getTime()).toBeGreaterThanOrEqual(0);
  }
  expect((await queue.read(far.id))?.state).toBe('scheduled');
});

test('the list is newest first over waiting and finished, pages by id, and filters', async () => {
  const { queue, define, reach } = await cluster.start();
  await define('sync', {}, () => undefined);
  const done = await queue.enqueue(owner, 'sync', {}, {});
  await reach(done.id, 'completed');
  const later = await queue.enqueue(owner, 'sync', {}, {}, { in: '1h' });
  const other = await queue.enqueue(owner, 'scan', {}, {}, { in: '1h' });
  const ids = async (filter: Parameters<typeof queue.list>[0]): Promise<string[]> =>
    (await queue.list(filter)).map(({ id }) => id);
  expect(await ids({})).toEqual([other.id, later.id, done.id]);
  expect(await ids({ limit: 1 })).toEqual([other.id]);
  expect(await ids({ limit: 1, before: other.id })).toEqual([later.id]);
  expect(await ids({ state: 'completed' })).toEqual([done.id]);
  expect(await ids({ type: 'films.sync' })).toEqual([later.id, done.id]);
  await expect(queue.list({ before: 'nonsense' })).rejects.toMatchObject({ status: 422 });
  expect([await queue.read('nonsense'), await queue.get('nonsense'), await queue.retry('nonsense')]).toEqual([
    undefined,
    undefined,
    false,
  ]);
});

test('finished jobs are counted by state as they change', async () => {
  const { queue, define, reach } = await cluster.start();
  await define('sync', { retries: 0, concurrency: 10 }, ({ input }) => {
    if ((input as { fail?: true }).fail) throw new Error('no');
  });
  const jobs = await Promise.all(
    Array.from({ length: 30 }, (_, n) => queue.enqueue(owner, 'sync', { retries: 0 }, n % 3 ? {} : { fail: true })),
  );
  for (const { id } of jobs) await reach(id, 'completed', 'discarded');
  const cancelled = await queue.enqueue(owner, 'sync', {}, {}, { in: '1h' });
  await queue.cancel(cancelled.id);
  const waiting = await queue.enqueue(owner, 'sync', {}, {}, { in: '1h' });
  expect(await queue.counts()).toEqual({
    available: 0,
    running: 0,
    retryable: 0,
    scheduled: 1,
    completed: 20,
    discarded: 10,
    cancelled: 1,
    pending: 0,
  });
  expect((await queue.get(cancelled.id))?.state).toBe('cancelled');
  expect(await queue.retry(cancelled.id)).toBe(true);
  expect(await queue.retry(waiting.id)).toBe(false);
  await reach(cancelled.id, 'completed');
});

test('no wake is left behind once its job ran', async () => {
  const { queue, define, reach } = await cluster.start();
  await define('sync', { concurrency: 5 }, () => undefined);
  const jobs = await Promise.all(Array.from({ length: 20 }, () => queue.enqueue(owner, 'sync', {}, {})));
  for (const { id } of jobs) await reach(id, 'completed');
  await until('the wakes to be gone', async () => !(await cluster.sql('SELECT 1 FROM agenda.agenda_jobs')).length);
});

test('history keeps to its bound, what is too old goes, and the counts follow', async () => {
  const { queue, define, reach } = await cluster.start({ history: { days: 7, rows: 5 }, timing: { trim: 300 } });
  await define('sync', { concurrency: 5 }, () => undefined);
  const jobs = await Promise.all(Array.from({ length: 12 }, () => queue.enqueue(owner, 'sync', {}, {})));
  await until('the bound', async () => {
    const { available, running, completed } = await queue.counts();
    return available + running === 0 && completed === 5;
  });
  expect(await queue.list({})).toHaveLength(5);
  await cluster.sql(`UPDATE core.jobs_history SET finished_at = now() - interval '8 days'`);
  await until('the old to go', async () => (await queue.counts()).completed === 0);
  const { id } = await queue.enqueue(owner, 'sync', {}, {});
  await reach(id, 'completed');
  expect([jobs.length, await queue.list({}).then((rows) => rows.length)]).toEqual([12, 1]);
});

test('finished jobs are counted and listed without reading a million of them', async () => {
  const { queue } = await cluster.start();
  await cluster.sql(`INSERT INTO core.jobs_history (id, type, instance, state, input, priority, attempt, max_attempts, progress, created_at, run_at)
    SELECT gen_random_uuid(), 'films.old', 'main', 'completed', '{}', 0, 1, 4, 1, now(), now() FROM generate_series(1, 20000)`);
  await cluster.sql('ANALYZE core.jobs_history');
  expect((await queue.counts()).completed).toBe(20_000);
  const plan = await cluster.sql<{ 'QUERY PLAN': string }>(
    `EXPLAIN SELECT id FROM core.jobs_history WHERE state = 'discarded' ORDER BY id DESC LIMIT 10`,
  );
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('jobs_history_state');
  expect(await queue.list({ state: 'discarded' })).toEqual([]);
});
