import { afterEach, expect, test } from '@jest/globals';
import { jobMigrations } from '../../src/jobs/jobs.migration.ts';
import { PostgresJobQueue } from '../../src/jobs/postgres-job-queue.ts';
import { until } from '../../src/testing/poll.ts';
import { type TestDatabase, testDatabase } from './test-nodes.ts';

const owner = { plugin: 'demo', instance: 'main' };
let database: TestDatabase | undefined;
afterEach(() => database?.drop());

test('on a database that no other server can have, what a killed server ran is taken back at the start, not when its lease ends', async () => {
  database = await testDatabase(jobMigrations);
  const { database: db, bus, metrics, log } = await database.node();
  const queue = new PostgresJobQueue({ database: db, bus, metrics, log, connection: database.url, alone: true });
  const { id } = await queue.enqueue(owner, 'work', {}, {});
  // As a kill -9 leaves it: running, with a lease of an hour.
  await database.sql(
    `update core.jobs set state = 'running', node = gen_random_uuid(), lease_token = gen_random_uuid(), attempt = 1,
       lease_until = now() + interval '1 hour', lease_limit = now() + interval '2 hours', started_at = now() where id = $1`,
    [id],
  );
  const ran: number[] = [];
  await queue.define({
    owner,
    name: 'work',
    def: {},
    cron: undefined,
    run: ({ attempt }) => void ran.push(attempt),
    failed: () => undefined,
  });
  await queue.start();
  await until('it runs again', async () => ((await queue.read(id))?.state === 'completed' ? true : undefined));
  expect(ran).toEqual([1]);
  await queue.stop();
});
