/** A node in a process of its own: runs one job for ever, and is killed by the test. */
import { owner } from './test-queues.ts';
import { testNode } from './test-nodes.ts';
import { PostgresJobQueue } from '../../src/jobs/postgres-job-queue.ts';

const [url, timing] = process.argv.slice(2);
const node = await testNode(url);
const queue = new PostgresJobQueue({ ...node, connection: url, timing: JSON.parse(timing) });
await queue.start();
const run = (job) => {
  process.send({ id: job.id });
  return new Promise(() => undefined);
};
await queue.define({ owner, name: 'scan', def: {}, cron: undefined, run, failed: () => undefined });
await queue.enqueue(owner, 'scan', {}, {});
