/** A node whose main thread is blocked, or whose observability thread is ended, when the test says so. */
import { PromMetrics } from '../../src/metrics/prom-metrics.ts';
import { ObservabilityServer } from '../../src/observability/observability-server.ts';
import { PostgresJobQueue } from '../../src/jobs/postgres-job-queue.ts';
import { testNode } from '../jobs/test-nodes.ts';

const threads = [];
process.on('worker', (thread) => threads.push(thread));
const [url] = process.argv.slice(2);
const node = await testNode(url);
const queue = new PostgresJobQueue({ ...node, connection: url, timing: { hung: 1_000, renew: 200 } });
const server = new ObservabilityServer({
  log: node.log,
  metrics: new PromMetrics({ defaults: false }),
  readiness: { started: () => true, reasons: () => [] },
  heartbeat: queue.heartbeat,
  timing: { hung: 1_000, answer: 300 },
});
const port = await server.start({ host: '127.0.0.1', port: 0 });
await queue.start();
process.on('message', async (ms) => {
  if (ms === 'end the thread') {
    await threads[0].terminate();
    return process.send('ended');
  }
  const until = performance.now() + ms;
  while (performance.now() < until);
  process.send('free');
});
const lines = () => process.send(node.log.lines);
process.on('SIGUSR2', lines);
process.send(port);
