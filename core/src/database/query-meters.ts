import type { BoundCounter, BoundHistogram, Metrics } from '../metrics/metrics.ts';
import { OPERATIONS, type Operation } from './operation.ts';
import type { DatabasePool, PoolCounts } from './pool.ts';
import type { QueryObserver } from './timed-client.ts';

const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What each statement adds to; the handles are bound once. */
export class QueryMeters {
  readonly #handles: ReadonlyMap<Operation, { readonly time: BoundHistogram; readonly errors: BoundCounter }>;

  constructor(metrics: Metrics) {
    const durations = metrics.histogram({
      name: 'revenge_db_query_duration_seconds',
      help: 'Time from handing a statement to the driver to its last row',
      labels: ['operation'],
      buckets: BUCKETS,
    });
    const errors = metrics.counter({
      name: 'revenge_db_query_errors_total',
      help: 'Statements that failed',
      labels: ['operation'],
    });
    this.#handles = new Map(
      OPERATIONS.map((operation) => [operation, { time: durations.bind(operation), errors: errors.bind(operation) }]),
    );
  }

  /** For a pool's `observe`. */
  readonly observe: QueryObserver = (operation, seconds, error) => {
    const handles = this.#handles.get(operation);
    handles?.time.observe(seconds);
    if (error) handles?.errors.inc();
  };
}

const GAUGES: readonly (readonly [name: string, help: string, keyof PoolCounts])[] = [
  ['acquired_conns', 'Connections that somebody uses', 'acquired'],
  ['idle_conns', 'Connections that wait for work', 'idle'],
  ['total_conns', 'Connections open or being opened', 'total'],
  ['max_conns', 'Connections that may be open at most', 'max'],
  ['constructing_conns', 'Connections being opened', 'constructing'],
  ['waiting_requests', 'Callers that wait for a connection', 'waiting'],
];

/** Gauges over all pools of this node together, so that they tell what the server's max_connections sees. */
export function poolMeters(metrics: Metrics, pools: () => readonly Pick<DatabasePool, 'counts'>[]): void {
  for (const [name, help, key] of GAUGES)
    metrics.collect({ name: `revenge_dbpool_${name}`, help }, () => {
      const sum = pools().reduce((total, pool) => total + pool.counts()[key], 0);
      return [[[], sum]];
    });
}
