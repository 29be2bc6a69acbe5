import type { EnqueueOptions, JobDef, JobRun, JobState } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import type { Tx } from '../database/database.ts';

/** The eight states of a row of `core.jobs`; each job is in exactly one. */
export type JobRowState =
  | 'available' // due, nobody runs it
  | 'running'
  | 'retryable' // failed, waits for its next attempt
  | 'scheduled' // its time has not come
  | 'completed'
  | 'discarded' // failed for good
  | 'cancelled'
  | 'pending'; // waits for its instance (stopped, not ready, needs-auth)

export interface JobRow {
  readonly id: string;
  /** 'library.scan': plugin and job name. */
  readonly type: string;
  readonly instance: string;
  readonly state: JobRowState;
  readonly attempt: number;
  readonly max_attempts: number;
  /** 0…1 */
  readonly progress: number;
  readonly progress_text: string | null;
  readonly error: string | null;
  readonly input: unknown;
  readonly created_at: Date;
  readonly run_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

export interface DefinedJob {
  readonly owner: InstanceRef;
  readonly name: string;
  readonly def: JobDef;
  /** `def.cron`, resolved to a line. */
  readonly cron: string | undefined;
  readonly run: (run: JobRun<unknown>) => void | Promise<void>;
  /** Hears of NotReady, NeedsAuth and unexpected errors, so that the host can set the instance's state. */
  readonly failed: (error: unknown) => void;
}

export interface JobQueue {
  /** Takes runs of this job from now on. The answer stops taking runs, aborts the signals of those under way and waits up to 10 s. */
  define(job: DefinedJob): Promise<() => Promise<void>>;
  /** Validates `input` by the job's schema (Problem 422). With `tx`, the row leaves with its commit. */
  enqueue(
    owner: InstanceRef,
    name: string,
    def: JobDef,
    input: unknown,
    when?: EnqueueOptions,
    tx?: Tx,
  ): Promise<{ readonly id: string }>;
  get(id: string, owner?: InstanceRef): Promise<JobState | undefined>;
  cancel(id: string, owner?: InstanceRef): Promise<void>;
  /** Admin: newest first, keyset paged by `before` (an id). At most 100. */
  list(filter: {
    readonly state?: JobRowState;
    readonly type?: string;
    readonly before?: string;
    readonly limit?: number;
  }): Promise<readonly JobRow[]>;
  read(id: string): Promise<JobRow | undefined>;
  /** A discarded or cancelled one runs again. false when it is in no such state. */
  retry(id: string): Promise<boolean>;
  /** How many jobs are in each state; finished states come from counters kept at the change of state. */
  counts(): Promise<Readonly<Record<JobRowState, number>>>;
  start(): Promise<void>;
  /** Takes no more, aborts the signals of what runs, waits up to 10 s, and gives unfinished rows back: another node runs them at once. */
  stop(): Promise<void>;
}
