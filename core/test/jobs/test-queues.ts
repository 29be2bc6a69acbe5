import type { JobDef, JobRun } from '@revenge/sdk';
import type { JobRow } from '../../src/jobs/job-queue.ts';
import { jobMigrations } from '../../src/jobs/jobs.migration.ts';
import { type JobQueueDeps, PostgresJobQueue } from '../../src/jobs/postgres-job-queue.ts';
import { testDatabase, type TestNode, until } from './test-nodes.ts';

export const owner = { plugin: 'films', instance: 'main' } as const;

export interface TestQueue extends TestNode {
  readonly queue: PostgresJobQueue;
  /** Errors that the host would have turned into the instance's state. */
  readonly failures: unknown[];
  define(
    name: string,
    def: JobDef,
    run: (run: JobRun<unknown>) => void | Promise<void>,
    cron?: string,
  ): Promise<() => Promise<void>>;
  /** The row once it is in one of these states. */
  reach(id: string, ...states: JobRow['state'][]): Promise<JobRow>;
}
export interface TestCluster {
  readonly url: string;
  start(more?: Partial<JobQueueDeps>): Promise<TestQueue>;
  sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** One database, and a queue for each node that a test starts. */
export async function testCluster(): Promise<TestCluster> {
  const database = await testDatabase(jobMigrations);
  const queues: PostgresJobQueue[] = [];
  return {
    url: database.url,
    sql: database.sql,
    start: async (more = {}) => {
      const node = await database.node();
      const queue = new PostgresJobQueue({ ...node, connection: database.url, ...more });
      await queue.start();
      queues.push(queue);
      const failures: unknown[] = [];
      return {
        ...node,
        queue,
        failures,
        define: (name, def, run, cron) =>
          queue.define({ owner, name, def, cron, run, failed: (error) => void failures.push(error) }),
        reach: (id, ...states) =>
          until(
            `job ${id} to be ${states.join(' or ')}`,
            async () => {
              const row = await queue.read(id);
              return row && states.includes(row.state) ? row : undefined;
            },
            20_000,
          ),
      };
    },
    stop: async () => {
      for (const queue of queues) await queue.stop();
      await database.drop();
    },
  };
}

/** A promise and its two ends. */
export function gate<T = void>(): { readonly opened: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { opened, open };
}

export const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    // A DOMException is no instance of this realm's Error under Jest.
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
  });
