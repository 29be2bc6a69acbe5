import type { PoolCounts } from '../database/pool.ts';
import type { Metrics } from '../metrics/metrics.ts';

const GAUGES: Readonly<Record<keyof PoolCounts, readonly [name: string, help: string]>> = {
  acquired: ['revenge_dbpool_acquired_conns', 'Database connections in use'],
  idle: ['revenge_dbpool_idle_conns', 'Database connections that wait for work'],
  total: ['revenge_dbpool_total_conns', 'Database connections open'],
  max: ['revenge_dbpool_max_conns', 'Most database connections'],
  constructing: ['revenge_dbpool_constructing_conns', 'Database connections being made'],
  waiting: ['revenge_dbpool_waiting_requests', 'Callers that wait for a database connection'],
};

/** The pool costs nothing to read, so a scrape sees it as it is. Queue and outbox count themselves every 15 s. */
export function exposePool(metrics: Metrics, counts: () => PoolCounts): void {
  for (const [key, [name, help]] of Object.entries(GAUGES))
    metrics.collect({ name, help }, () => [[[], counts()[key as keyof PoolCounts]]]);
}
