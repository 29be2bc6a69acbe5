import { expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../log/pino-log.ts';
import { PromMetrics } from '../metrics/prom-metrics.ts';
import { Collector } from './collector.ts';

const counts = {
  available: 1,
  running: 2,
  retryable: 3,
  scheduled: 4,
  completed: 5,
  discarded: 6,
  cancelled: 7,
  pending: 8,
};
const pool = { acquired: 1, idle: 2, total: 3, max: 10, constructing: 0, waiting: 4 };

test('one collection at start fills the gauges of queue, outbox and pool', async () => {
  const { log, stop } = openLog({ level: 'error', file: '/dev/null' });
  const metrics = new PromMetrics({ defaults: false });
  const collector = new Collector({
    metrics,
    log,
    jobs: { counts: () => Promise.resolve(counts) },
    events: { pending: () => Promise.resolve(9) },
    pool: () => pool,
  });
  await collector.start();
  await collector.stop();
  stop();
  const { text } = await metrics.exposition();
  expect(text.split('\n').filter((line) => line.startsWith('revenge_'))).toEqual([
    ...Object.entries(counts).map(([state, count]) => `revenge_jobs_queue_size{state="${state}"} ${count}`),
    'revenge_outbox_pending 9',
    'revenge_dbpool_acquired_conns 1',
    'revenge_dbpool_idle_conns 2',
    'revenge_dbpool_total_conns 3',
    'revenge_dbpool_max_conns 10',
    'revenge_dbpool_constructing_conns 0',
    'revenge_dbpool_waiting_requests 4',
  ]);
});

test('a failing database is one line in the log, does not keep the rest from being read, and stop waits', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'revenge-collector-'));
  const { log, stop } = openLog({ level: 'info', file: join(dir, 'log') });
  const metrics = new PromMetrics({ defaults: false });
  let broken = true;
  const collector = new Collector({
    metrics,
    log,
    jobs: { counts: () => (broken ? Promise.reject(new Error('database gone')) : Promise.resolve(counts)) },
    events: { pending: () => Promise.resolve(7) },
    pool: () => pool,
  });
  for (const state of [true, true, false, false]) {
    broken = state;
    await collector.start();
    await collector.stop();
  }
  stop();
  const lines = readFileSync(join(dir, 'log'), 'utf8').trim().split('\n');
  rmSync(dir, { recursive: true });
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'the sizes of the job queue cannot be read; the metrics keep the last ones',
    'the sizes of the job queue can be read again',
  ]);
  expect((await metrics.exposition()).text).toContain('revenge_outbox_pending 7');
});
