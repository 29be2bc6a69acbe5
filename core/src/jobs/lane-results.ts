import { milliseconds } from '../lifecycle/duration.ts';
import type { KernelLog } from '../log/log.ts';
import type { BoundCounter } from '../metrics/metrics.ts';
import type { JobAttempt, Outcome } from './job-attempt.ts';
import type { JobMeters } from './job-meters.ts';
import type { DefinedJob } from './job-queue.ts';
import { type ClaimedRow, errorText, jobType, laneName } from './job-row.ts';
import type { JobStore } from './job-store.ts';

const RESULT_RETRY_MS = 500;

export interface ResultDeps {
  readonly store: JobStore;
  readonly meters: JobMeters;
  readonly log: KernelLog;
  /** Between 0 and 1. */
  readonly random: () => number;
  /** Something completed: the lane's next turn is to store it. */
  readonly completed: () => void;
  readonly stopping: () => boolean;
}
/** A completed run that waits to be stored with the lane's next claim. */
export interface Completed {
  readonly id: string;
  readonly token: string;
  readonly stored: (kept: boolean) => void;
  readonly failed: (error: unknown) => void;
}

/** What came of a lane's runs: told, counted, and stored until the database has it. */
export class LaneResults {
  readonly #job: DefinedJob;
  readonly #type: string;
  readonly #deps: ResultDeps;
  readonly #counters: Readonly<Record<'success' | 'failure' | 'retry', BoundCounter>>;
  #completed: Completed[] = [];

  constructor(job: DefinedJob, deps: ResultDeps) {
    this.#job = job;
    this.#type = jobType(job.owner, job.name);
    this.#deps = deps;
    const counter = (status: 'success' | 'failure' | 'retry'): BoundCounter =>
      deps.meters.completed(this.#type, status);
    this.#counters = { success: counter('success'), failure: counter('failure'), retry: counter('retry') };
  }

  get waiting(): boolean {
    return this.#completed.length > 0;
  }

  /** Whoever takes them answers each. */
  take(): readonly Completed[] {
    return this.#completed.splice(0);
  }

  /** Tries until the database answers: a result must not be lost with a connection. A refused one belongs to nobody. */
  async settle(attempt: JobAttempt, outcome: Outcome): Promise<void> {
    const { log, stopping } = this.#deps;
    const { row } = attempt;
    const final = outcome.kind === 'failed' && (outcome.final || row.attempt >= row.max_attempts);
    this.#tell(row, outcome);
    this.#count(outcome, final);
    for (let tries = 0; !attempt.lost; tries++) {
      try {
        if (await this.#store(row, outcome, final)) return;
        break;
      } catch (error) {
        if (tries === 0) log.warn('jobs: a result could not be stored yet', { id: row.id, job: this.#type, error });
        if (stopping() && tries > 3) return;
        await new Promise((done) => setTimeout(done, RESULT_RETRY_MS));
      }
    }
    log.warn('jobs: a run lost its lease; what it did counts for nothing', { id: row.id, job: this.#type });
  }

  #store({ id, lease_token: token, attempt }: ClaimedRow, outcome: Outcome, final: boolean): Promise<boolean> {
    const { store } = this.#deps;
    const run = { id, token };
    switch (outcome.kind) {
      case 'completed':
        return new Promise((resolve, reject) => {
          this.#completed.push({ id, token, stored: resolve, failed: reject });
          this.#deps.completed();
        });
      case 'cancelled':
        return store.finish(id, token, 'cancelled');
      case 'stopped':
        return store.wait(run, { state: 'available', inMs: 0, error: undefined, attempt: -1 });
      case 'not-ready': {
        const error = errorText(outcome.error);
        return store.wait(run, { state: 'scheduled', inMs: outcome.inMs, error, attempt: -1 });
      }
      case 'needs-auth': {
        const error = errorText(outcome.error);
        return store.wait(run, { state: 'pending', inMs: 0, error, reason: 'needs-auth', attempt: -1 });
      }
      case 'failed': {
        const error = errorText(outcome.error);
        if (final) return store.finish(id, token, 'discarded', error);
        return store.wait(run, { state: 'retryable', inMs: this.#backoff(attempt), error, attempt: 0 });
      }
    }
  }

  #count({ kind }: Outcome, final: boolean): void {
    if (kind === 'completed') this.#counters.success.inc();
    else if (final) this.#counters.failure.inc();
    else if (kind !== 'cancelled' && kind !== 'stopped') this.#counters.retry.inc();
  }

  #tell(row: ClaimedRow, outcome: Outcome): void {
    if (!('error' in outcome)) return;
    const { owner, name, failed } = this.#job;
    const fields = { job: laneName(owner, name), id: row.id, attempt: row.attempt, error: errorText(outcome.error) };
    this.#deps.log.warn(`jobs: ${laneName(owner, name)} ${outcome.kind}`, fields);
    if (outcome.kind === 'failed' && outcome.final) return;
    try {
      failed(outcome.error);
    } catch (error) {
      this.#deps.log.error(
        new Error(`the failure of job ${laneName(owner, name)} could not be reported`, { cause: error }),
      );
    }
  }

  #backoff(attempt: number): number {
    const [from, to] = this.#job.def.backoff ?? ['10s', '1h'];
    const doubled = milliseconds(from) * 2 ** (attempt - 1);
    // A tenth either way, so that what failed together does not come back together.
    return Math.min(milliseconds(to), doubled) * (0.9 + 0.2 * this.#deps.random());
  }
}
