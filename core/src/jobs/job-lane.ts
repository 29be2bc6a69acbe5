import { randomUUID } from 'node:crypto';
import type { JobDef, JobRun } from '@revenge/sdk';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import { milliseconds } from '../lifecycle/duration.ts';
import type { KernelLog } from '../log/log.ts';
import { JobAttempt, type Outcome } from './job-attempt.ts';
import type { JobMeters } from './job-meters.ts';
import { type ClaimedRow, errorText, jobType, laneName } from './job-row.ts';
import type { JobStore } from './job-store.ts';

/** A job without a timeout of its own does not hold its slot for ever. */
const LONGEST = '6h';
const RESULT_RETRY_MS = 500;

export interface LaneJob {
  readonly owner: InstanceRef;
  readonly name: string;
  readonly def: JobDef;
  readonly cron: string | undefined;
  readonly run: (run: JobRun<unknown>) => void | Promise<void>;
  readonly failed: (error: unknown) => void;
}
export interface LaneDeps {
  readonly store: JobStore;
  readonly meters: JobMeters;
  readonly log: KernelLog;
  readonly node: string;
  readonly leaseMs: number;
  readonly graceMs: number;
  /** Between 0 and 1. */
  readonly random: () => number;
  /** A row of a schedule was claimed: the next one is to be put in place. */
  readonly scheduled: (lane: JobLane) => void;
}

/** Everything this node runs of one job of one instance: claims rows while there are slots, runs them and stores what came of it. */
export class JobLane {
  readonly job: LaneJob;
  readonly type: string;
  readonly instance: string;
  readonly #deps: LaneDeps;
  readonly #runs = new Map<
    string,
    { readonly attempt: JobAttempt; readonly since: number; readonly done: Promise<void> }
  >();
  #filling: Promise<void> | undefined;
  #again = false;
  #stopping = false;

  constructor(job: LaneJob, deps: LaneDeps) {
    this.job = job;
    this.#deps = deps;
    this.type = jobType(job.owner, job.name);
    this.instance = job.owner.instance;
  }

  get busy(): boolean {
    return this.#runs.size > 0;
  }

  /** Something may be due: claim until nothing is, or no slot is left. */
  pump(): void {
    this.#again = true;
    if (this.#stopping) return;
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
      // Asked between the last look and this.
      if (this.#again) this.pump();
    });
  }

  abort(id: string, reason: 'cancel' | 'lost'): void {
    this.#runs.get(id)?.attempt.abort(reason);
  }

  /** The runs that a renewal begun at `renewed` (ms, monotonic) should have kept and did not: another node has them. */
  loseAllBut(kept: ReadonlySet<string>, renewed: number): void {
    for (const [id, { attempt, since }] of this.#runs) if (since < renewed && !kept.has(id)) attempt.abort('lost');
  }

  /** Takes no more, aborts what runs, and waits for it, at most the grace that each handler has; then its rows are given back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#filling;
    for (const { attempt } of this.#runs.values()) attempt.abort('stop');
    await Promise.all([...this.#runs.values()].map(({ done }) => done));
  }

  async #fill(): Promise<void> {
    const limit = this.job.def.concurrency ?? 1;
    try {
      while (this.#again && !this.#stopping) {
        this.#again = false;
        while (!this.#stopping && this.#runs.size < limit) {
          const row = await this.#claim(limit);
          if (!row) break;
          this.#start(row);
        }
      }
    } catch (error) {
      // The reconciler comes round again.
      this.#again = false;
      this.#deps.log.warn('jobs: no run could be claimed', { job: laneName(this.job.owner, this.job.name), error });
    }
  }

  #claim(limit: number): Promise<ClaimedRow | undefined> {
    const { node, leaseMs, graceMs } = this.#deps;
    const of = { type: this.type, instance: this.instance, limit, node, token: randomUUID(), leaseMs };
    return this.#deps.store.claim({ ...of, longestMs: this.#timeout() + graceMs + leaseMs });
  }

  #timeout(): number {
    return milliseconds(this.job.def.timeout ?? LONGEST);
  }

  #start(row: ClaimedRow): void {
    const { store, meters, log, graceMs } = this.#deps;
    const { owner, def, run } = this.job;
    const attempt = new JobAttempt(row, {
      owner,
      def,
      run,
      timeoutMs: this.#timeout(),
      graceMs,
      store: (ratio, text) =>
        store
          .progress(row.id, row.lease_token, ratio, text)
          .catch((error: unknown) => log.debug('jobs: progress not stored', { id: row.id, error })),
    });
    meters.wait(this.type).observe(Math.max(0, row.started_at.getTime() - row.run_at.getTime()) / 1000);
    const since = performance.now();
    const done = attempt.outcome().then(async (outcome) => {
      meters.duration(this.type).observe((performance.now() - since) / 1000);
      await this.#settle(attempt, outcome);
      this.#runs.delete(row.id);
      this.pump();
    });
    this.#runs.set(row.id, { attempt, since: performance.timeOrigin + since, done });
    if (row.cron_line !== null) this.#deps.scheduled(this);
  }

  /** Tries until the database answers: a result must not be lost with a connection. A refused one belongs to nobody. */
  async #settle(attempt: JobAttempt, outcome: Outcome): Promise<void> {
    const { log } = this.#deps;
    this.#tell(attempt.row, outcome);
    for (let tries = 0; !attempt.lost; tries++) {
      try {
        if (await this.#store(attempt.row, outcome)) return;
        break;
      } catch (error) {
        if (tries === 0)
          log.warn('jobs: a result could not be stored yet', { id: attempt.row.id, job: this.type, error });
        if (this.#stopping && tries > 3) return;
        await new Promise((done) => setTimeout(done, RESULT_RETRY_MS));
      }
    }
    log.warn('jobs: a run lost its lease; what it did counts for nothing', { id: attempt.row.id, job: this.type });
  }

  #store({ id, lease_token: token, attempt, max_attempts }: ClaimedRow, outcome: Outcome): Promise<boolean> {
    const { store, meters } = this.#deps;
    const run = { id, token };
    switch (outcome.kind) {
      case 'completed':
        meters.completed(this.type, 'success').inc();
        return store.finish(id, token, 'completed');
      case 'cancelled':
        return store.finish(id, token, 'cancelled');
      case 'stopped':
        return store.wait(run, { state: 'available', inMs: 0, error: undefined, attempt: -1 });
      case 'not-ready':
        meters.completed(this.type, 'retry').inc();
        return store.wait(run, {
          state: 'scheduled',
          inMs: outcome.inMs,
          error: errorText(outcome.error),
          attempt: -1,
        });
      case 'needs-auth':
        meters.completed(this.type, 'retry').inc();
        return store.wait(run, {
          state: 'pending',
          inMs: 0,
          error: errorText(outcome.error),
          reason: 'needs-auth',
          attempt: -1,
        });
      case 'failed': {
        const final = outcome.final || attempt >= max_attempts;
        meters.completed(this.type, final ? 'failure' : 'retry').inc();
        if (final) return store.finish(id, token, 'discarded', errorText(outcome.error));
        return store.wait(run, {
          state: 'retryable',
          inMs: this.#backoff(attempt),
          error: errorText(outcome.error),
          attempt: 0,
        });
      }
    }
  }

  #tell(row: ClaimedRow, outcome: Outcome): void {
    if (!('error' in outcome)) return;
    const { owner, name, failed } = this.job;
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
    const [from, to] = this.job.def.backoff ?? ['10s', '1h'];
    const doubled = milliseconds(from) * 2 ** (attempt - 1);
    // A tenth either way, so that what failed together does not come back together.
    return Math.min(milliseconds(to), doubled) * (0.9 + 0.2 * this.#deps.random());
  }
}
