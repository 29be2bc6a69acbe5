import type { Events } from '../events/events.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { KernelLog } from '../log/log.ts';
import type { BoundGauge, Metrics } from '../metrics/metrics.ts';

const EVERY = 15_000;
const STATES = [
  'available',
  'running',
  'retryable',
  'scheduled',
  'completed',
  'discarded',
  'cancelled',
  'pending',
] as const;

/** Connections of the shared pool now; also what is apart from it, if its owner counts that in. */
export interface PoolStats {
  readonly acquired: number;
  readonly idle: number;
  readonly total: number;
  readonly max: number;
  /** Being connected. */
  readonly constructing: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
}
const POOL: Readonly<Record<keyof PoolStats, readonly [name: string, help: string]>> = {
  acquired: ['revenge_dbpool_acquired_conns', 'Database connections in use'],
  idle: ['revenge_dbpool_idle_conns', 'Database connections that wait for work'],
  total: ['revenge_dbpool_total_conns', 'Database connections open'],
  max: ['revenge_dbpool_max_conns', 'Most database connections'],
  constructing: ['revenge_dbpool_constructing_conns', 'Database connections being made'],
  waiting: ['revenge_dbpool_waiting_requests', 'Callers that wait for a database connection'],
};

export interface CollectorDeps {
  readonly metrics: Metrics;
  readonly log: KernelLog;
  readonly jobs: Pick<JobQueue, 'counts'>;
  readonly events: Pick<Events, 'pending'>;
  readonly pool: () => PoolStats;
}

/** Asks the database every 15 s for what nobody counts as it happens. The pool costs nothing to read, so a scrape sees it as it is. */
export class Collector {
  readonly #queue: ReadonlyMap<string, BoundGauge>;
  readonly #outbox: BoundGauge;
  readonly #failing = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(readonly deps: CollectorDeps) {
    const { metrics, pool } = deps;
    const queue = metrics.gauge({ name: 'revenge_jobs_queue_size', help: 'Jobs by state', labels: ['state'] });
    this.#queue = new Map(STATES.map((state) => [state, queue.bind(state)]));
    this.#outbox = metrics.gauge({ name: 'revenge_outbox_pending', help: 'Events that wait for delivery' }).bind();
    for (const [key, [name, help]] of Object.entries(POOL)) {
      metrics.collect({ name, help }, () => [[[], pool()[key as keyof PoolStats]]]);
    }
  }

  /** Resolves after the first collection, which may have failed: then the log says so. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#once(), EVERY);
    await this.#once();
  }

  /** Waits for a collection under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** One at a time: a slow database is not asked again before it answered. */
  #once(): Promise<void> {
    this.#running ??= this.#collect().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #collect(): Promise<void> {
    await Promise.all([
      this.#read('the sizes of the job queue', async () => {
        for (const [state, count] of Object.entries(await this.deps.jobs.counts())) this.#queue.get(state)?.set(count);
      }),
      this.#read('the size of the outbox', async () => this.#outbox.set(await this.deps.events.pending())),
    ]);
  }

  /** A streak of failures is one line in the log, and its end another. */
  async #read(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (this.#failing.delete(what)) this.deps.log.info(`${what} can be read again`);
    } catch (error) {
      if (this.#failing.has(what)) return;
      this.#failing.add(what);
      this.deps.log.warn(`${what} cannot be read; the metrics keep the last ones`, { error });
    }
  }
}
