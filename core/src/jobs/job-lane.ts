import { randomUUID } from 'node:crypto';
import { milliseconds } from '../lifecycle/duration.ts';
import type { KernelLog } from '../log/log.ts';
import type { BoundHistogram } from '../metrics/metrics.ts';
import { JobAttempt } from './job-attempt.ts';
import type { JobMeters } from './job-meters.ts';
import type { DefinedJob } from './job-queue.ts';
import { type ClaimedRow, jobType, laneName } from './job-row.ts';
import type { JobStore } from './job-store.ts';
import { LaneResults } from './lane-results.ts';

/** A job without a timeout of its own does not hold its slot for ever. */
const LONGEST = '6h';
/** Rows claimed in one statement, whatever the job's concurrency. */
const CLAIMED_AT_ONCE = 50;

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
interface Run {
  readonly attempt: JobAttempt;
  /** Milliseconds, as a renewal counts them. */
  readonly since: number;
  readonly done: Promise<void>;
}

/** Everything this node runs of one job of one instance: claims rows while there are slots, runs them and stores what came of it. */
export class JobLane {
  readonly job: DefinedJob;
  readonly type: string;
  readonly instance: string;
  readonly #deps: LaneDeps;
  readonly #results: LaneResults;
  /** By lease token: a run that was lost may still go on beside the next one of its row. */
  readonly #runs = new Map<string, Run>();
  readonly #wait: BoundHistogram;
  readonly #duration: BoundHistogram;
  /** Tokens of claims that failed on the way: their rows may be ours without our knowing. */
  #unheard: readonly string[] = [];
  #filling: Promise<void> | undefined;
  #again = false;
  #stopping = false;

  constructor(job: DefinedJob, deps: LaneDeps) {
    this.job = job;
    this.#deps = deps;
    this.type = jobType(job.owner, job.name);
    this.instance = job.owner.instance;
    const { store, meters, log, random } = deps;
    this.#wait = meters.wait(this.type);
    this.#duration = meters.duration(this.type);
    this.#results = new LaneResults(job, {
      store,
      meters,
      log,
      random,
      completed: () => this.pump(),
      stopping: () => this.#stopping,
    });
  }

  /** A claim failed on the way: what it may have claimed is to be given back by the next turn. */
  get unsure(): boolean {
    return this.#unheard.length > 0;
  }

  /** Something may be due, or was completed: take turns until nothing is, or no slot is left. */
  pump(): void {
    this.#again = true;
    if (this.#stopping && !this.#results.waiting) return;
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
      // Asked between the last look and this.
      if (this.#again) this.pump();
    });
  }

  abort(id: string, reason: 'cancel' | 'lost'): void {
    for (const { attempt } of this.#runs.values()) if (attempt.row.id === id) attempt.abort(reason);
  }

  /** The runs that a renewal begun at `renewed` (ms, monotonic) should have kept and did not: another node has them. */
  loseAllBut(kept: ReadonlySet<string>, renewed: number): void {
    for (const { attempt, since } of this.#runs.values())
      if (since < renewed && !kept.has(attempt.row.id)) attempt.abort('lost');
  }

  /** Takes no more, aborts what runs, and waits for it, at most the grace that each handler has; then its rows are given back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#filling;
    for (const { attempt } of this.#runs.values()) attempt.abort('stop');
    await Promise.all([...this.#runs.values()].map(({ done }) => done));
  }

  async #fill(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#turn();
      } catch (error) {
        // The reconciler comes round again; results that were completed meanwhile do not wait for it.
        this.#again = this.#results.waiting;
        this.#deps.log.warn('jobs: no run could be claimed', { job: laneName(this.job.owner, this.job.name), error });
      }
    }
  }

  /** One statement: what was completed is stored and leaves its slot to what is due. */
  async #turn(): Promise<void> {
    const done = this.#results.take();
    const limit = this.job.def.concurrency ?? 1;
    const free = this.#stopping ? 0 : Math.min(CLAIMED_AT_ONCE, limit - this.#runs.size + done.length);
    if (!done.length && free <= 0) return;
    const { store, node, leaseMs, graceMs } = this.#deps;
    const fresh = Array.from({ length: Math.max(0, free) }, () => randomUUID());
    const of = { type: this.type, instance: this.instance, done, limit, fresh, unheard: this.#unheard, node, leaseMs };
    try {
      const { kept, claimed } = await store.turn({ ...of, longestMs: this.#timeout() + graceMs + leaseMs });
      if (fresh.length) this.#unheard = [];
      for (const each of done) {
        this.#runs.delete(each.token);
        each.stored(kept.has(each.id));
      }
      for (const row of claimed) this.#start(row);
      // As many as were asked for: with slots left, there may be more.
      if (claimed.length === CLAIMED_AT_ONCE) this.#again = true;
    } catch (error) {
      this.#unheard = [...this.#unheard, ...fresh].slice(-CLAIMED_AT_ONCE);
      for (const each of done) each.failed(error);
      throw error;
    }
  }

  #timeout(): number {
    return milliseconds(this.job.def.timeout ?? LONGEST);
  }

  #start(row: ClaimedRow): void {
    const { store, log, graceMs } = this.#deps;
    const { owner, def, run } = this.job;
    const attempt = new JobAttempt(row, {
      type: this.type,
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
    this.#wait.observe(Math.max(0, row.started_at.getTime() - row.run_at.getTime()) / 1000);
    const since = performance.now();
    const done = attempt.outcome().then(async (outcome) => {
      this.#duration.observe((performance.now() - since) / 1000);
      await this.#results.settle(attempt, outcome);
      // What a turn stored, it has removed, and its slot is taken again.
      if (this.#runs.delete(row.lease_token)) this.pump();
    });
    this.abort(row.id, 'lost');
    this.#runs.set(row.lease_token, { attempt, since: performance.timeOrigin + since, done });
    if (row.cron_line !== null) this.#deps.scheduled(this);
  }
}
