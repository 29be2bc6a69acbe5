import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { getCreateTableSQL } from '@agendajs/postgres-backend';
import { JOB_TIMING } from '../../src/jobs/postgres-job-queue.ts';
import { until } from './test-nodes.ts';
import { aborted, gate, owner, testCluster, type TestCluster } from './test-queues.ts';

let cluster: TestCluster;
let child: ChildProcess | undefined;
beforeEach(async () => {
  cluster = await testCluster();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await cluster.stop();
});

test('by default a lease ends, is looked at and is woken for within fifteen seconds', () => {
  expect(JOB_TIMING.lease + JOB_TIMING.reap).toBeLessThanOrEqual(14_000);
});

test('a run whose process was killed runs again elsewhere once its lease ended, as the same attempt', async () => {
  const file = fileURLToPath(new URL('./killed-node.mjs', import.meta.url));
  const timing = { lease: 4_000, renew: 1_000, reap: 250, reconcile: 600_000 };
  child = fork(file, [cluster.url, JSON.stringify(timing)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [started] = (await once(child, 'message')) as [{ id: string }];
  const survivor = await cluster.start({ timing });
  const again = gate<unknown>();
  await survivor.define('scan', {}, ({ id, attempt }) => again.open([id, attempt]));
  child.kill('SIGKILL');
  const killed = performance.now();
  expect(await again.opened).toEqual([started.id, 1]);
  // The promise itself, not a speed: the lease, and two seconds as in the fifteen.
  expect(performance.now() - killed).toBeLessThan(timing.lease + 2_000);
  await survivor.reach(started.id, 'completed');
});

test('a busy loop longer than the lease loses no job', async () => {
  const timing = { lease: 1_500, renew: 200, reap: 100 };
  const [a, b] = [await cluster.start({ timing }), await cluster.start({ timing })];
  const done = gate();
  let starts = 0;
  await a.define('hash', {}, async () => {
    starts++;
    const until = performance.now() + 3_500;
    while (performance.now() < until);
    done.open();
  });
  const { id } = await b.queue.enqueue(owner, 'hash', {}, {});
  await done.opened;
  expect((await a.reach(id, 'completed')).attempt).toBe(1);
  expect(starts).toBe(1);
});

test('a main thread that shows no life keeps its runs no longer than agreed, and says so', async () => {
  const timing = { lease: 1_500, renew: 200, reap: 100, hung: 1_500 };
  const { queue, define, reach, log } = await cluster.start({ timing });
  const starts: number[] = [];
  let hung = false;
  await define('hash', {}, async ({ attempt }) => {
    starts.push(attempt);
    if (starts.length > 1) return;
    const until = performance.now() + 5_500;
    while (performance.now() < until) hung ||= queue.hung();
    await new Promise((done) => setTimeout(done, 1_000));
  });
  const { id } = await queue.enqueue(owner, 'hash', {}, {});
  await reach(id, 'completed');
  expect([hung, starts]).toEqual([true, [1, 1]]);
  await until('the first result to be refused', () => log.lines.some((line) => line.includes('lost its lease')));
  await until('the thread to be well again', () => !queue.hung());
});

test.each([
  ['a renewal tells it', 100],
  ['the same node claims it again', 600_000],
])('a result that comes after its lease was lost is refused, and its signal is aborted when %s', async (_, renew) => {
  const { queue, define, reach } = await cluster.start({ timing: { renew } });
  const ends: string[] = [];
  let calls = 0;
  await define('scan', { concurrency: 2 }, async ({ signal }) => {
    if (calls++) return void ends.push('second');
    await aborted(signal).catch((error: Error) => ends.push(error.message));
  });
  const { id } = await queue.enqueue(owner, 'scan', {}, {});
  await until('the first call', () => calls === 1);
  await cluster.sql(
    `UPDATE core.jobs SET lease_until = now() - interval '1 second', lease_limit = now() - interval '1 second'`,
  );
  await reach(id, 'completed');
  await until('the abort', () => ends.length === 2);
  expect(ends.toSorted()).toEqual(['another node has taken this run over', 'second']);
  expect((await queue.counts()).completed).toBe(1);
});

test('a job that ends its process again and again is given up', async () => {
  const { queue, define, reach } = await cluster.start();
  const started = gate();
  await define('bomb', {}, ({ signal }) => {
    started.open();
    return aborted(signal);
  });
  const { id } = await queue.enqueue(owner, 'bomb', {}, {});
  await started.opened;
  await cluster.sql(`UPDATE core.jobs SET losses = 4, lease_until = now() - interval '1 second', lease_limit = now()`);
  expect((await reach(id, 'discarded')).error).toMatch(/5 times the process/);
});

test('a node that stops signals its runs and gives them to another one at once, with their attempt', async () => {
  const [a, b] = [await cluster.start(), await cluster.start({ timing: { reconcile: 600_000 } })];
  const started = gate();
  await a.define('scan', {}, async ({ signal }) => {
    started.open();
    await aborted(signal);
  });
  const { id } = await a.queue.enqueue(owner, 'scan', {}, {});
  await started.opened;
  const attempts: number[] = [];
  await b.define('scan', {}, ({ attempt }) => void attempts.push(attempt));
  const waiting = await a.queue.enqueue(owner, 'scan', {}, {});
  await a.queue.stop();
  await b.reach(id, 'completed');
  await b.reach(waiting.id, 'completed');
  expect(attempts).toEqual([1, 1]);
});

test('what one definition still runs while the next one is in place counts against the concurrency of both', async () => {
  const { queue, define, reach } = await cluster.start();
  const [started, finish] = [gate(), gate()];
  const order: string[] = [];
  const stopOld = await define('sync', {}, async () => {
    started.open();
    await finish.opened;
    order.push('old');
  });
  const first = await queue.enqueue(owner, 'sync', {}, {});
  await started.opened;
  await define('sync', {}, () => void order.push('new'));
  const second = await queue.enqueue(owner, 'sync', {}, {});
  const stopped = stopOld();
  finish.open();
  await stopped;
  for (const { id } of [first, second]) await reach(id, 'completed');
  expect(order).toEqual(['old', 'new']);
});

test('the queue goes on by itself after all of its connections were cut', async () => {
  const { queue, define, reach, bus } = await cluster.start();
  const [started, finish] = [gate(), gate()];
  await define('long', {}, async () => {
    started.open();
    await finish.opened;
  });
  await define('sync', {}, () => undefined);
  const long = await queue.enqueue(owner, 'long', {}, {});
  await started.opened;
  await cluster.sql(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
  );
  finish.open();
  await until('the result to be stored', () =>
    queue.read(long.id).then(
      (row) => row?.state === 'completed',
      () => false,
    ),
  );
  await until('the bus to be back', () => bus.connected);
  for (let n = 0; n < 3; n++) {
    const { id } = await until('an enqueue', () => queue.enqueue(owner, 'sync', {}, {}).catch(() => undefined));
    await reach(id, 'completed');
  }
});

test('a due row that nobody was woken for is found by the reconciler', async () => {
  const { queue, define, reach } = await cluster.start({ timing: { reconcile: 100 } });
  await define('sync', {}, () => undefined);
  const { id } = await queue.enqueue(owner, 'sync', {}, {}, { in: '1h' });
  await cluster.sql('DELETE FROM agenda.agenda_jobs');
  await cluster.sql('UPDATE core.jobs SET run_at = now()');
  await reach(id, 'completed');
});

test('the tables made for Agenda are those it would make', async () => {
  const columns = (table: string): Promise<object[]> =>
    cluster.sql(
      `SELECT column_name, data_type, column_default, is_nullable, character_maximum_length FROM information_schema.columns
        WHERE table_name = $1 ORDER BY ordinal_position`,
      [table],
    );
  await cluster.sql(getCreateTableSQL('theirs'));
  expect(await columns('agenda_jobs')).toEqual(await columns('theirs'));
});
