import type { BoundCounter, BoundHistogram, Metrics } from '../metrics/metrics.ts';
import type { JobRowState } from './job-queue.ts';

const SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600];

export interface JobMeters {
  enqueued(type: string): BoundCounter;
  completed(type: string, status: 'success' | 'failure' | 'retry'): BoundCounter;
  duration(type: string): BoundHistogram;
  wait(type: string): BoundHistogram;
}

/** `sizes` is asked at each scrape and answers from memory. */
export function jobMeters(metrics: Metrics, sizes: () => Readonly<Partial<Record<JobRowState, number>>>): JobMeters {
  const labels = ['job_type'];
  const enqueued = metrics.counter({
    name: 'revenge_jobs_enqueued_total',
    help: 'Jobs put into the queue, by hand or by their schedule',
    labels,
  });
  const completed = metrics.counter({
    name: 'revenge_jobs_completed_total',
    help: 'Attempts that ended, by how they ended',
    labels: ['job_type', 'status'],
  });
  const duration = metrics.histogram({
    name: 'revenge_jobs_duration_seconds',
    help: 'Time an attempt took',
    labels,
    buckets: SECONDS,
  });
  const wait = metrics.histogram({
    name: 'revenge_jobs_wait_seconds',
    help: 'Time between when a job was due and when it started',
    labels,
    buckets: SECONDS,
  });
  metrics.collect({ name: 'revenge_jobs_queue_size', help: 'Jobs in each state', labels: ['state'] }, () =>
    Object.entries(sizes()).map(([state, n]) => [[state], n] as const),
  );
  return {
    enqueued: (type) => enqueued.bind(type),
    completed: (type, status) => completed.bind(type, status),
    duration: (type) => duration.bind(type),
    wait: (type) => wait.bind(type),
  };
}
