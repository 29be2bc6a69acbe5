import { randomUUID } from 'node:crypto';
import { type JobState, uuidV7 } from '@revenge/sdk';
import type pg from 'pg';
import type { Bus } from '../database/bus.ts';
import type { CoreDatabase } from '../database/database.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import { Repeats } from '../lifecycle/repeats.ts';
import type { KernelLog } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { AgendaWakes } from './agenda-wakes.ts';
import { JobEnqueuer } from './job-enqueuer.ts';
import { ownConnection } from './own-connection.ts';
import { JobLane } from './job-lane.ts';
import { jobMeters, type JobMeters } from './job-meters.ts';
import type { DefinedJob, JobQueue, JobRow, JobRowState } from './job-queue.ts';
import { JobSchedule } from './job-schedule.ts';
import { JobStore } from './job-store.ts';
import { type JobFilter, JobView } from './job-view.ts';
import { JobUpkeep } from './job-upkeep.ts';
import { laneKey, Lanes } from './lanes.ts';
import { LeaseThread } from './lease-thread.ts';
import { WokenLanes } from './woken-lanes.ts';

const COUNT_MS = 15_000;

/**
 * Milliseconds. A killed node's run starts elsewhere within 15 s: its lease ends after at most 13, is looked at every second, and a wake takes
 * milliseconds.
 */
export const JOB_TIMING = {
  lease: 13_000,
  renew: 4_000,
  reap: 1_000,
  hung: 60_000,
  grace: 10_000,
  reconcile: 5_000,
  trim: 60_000,
};
/** A job that takes its process down with it is not run for ever. */
const LOSSES = 5;

export interface JobQueueDeps {
  readonly database: CoreDatabase;
  readonly bus: Bus;
  readonly metrics: Metrics;
  readonly log: KernelLog;
  /** For Agenda's pool of three and the lease thread's one. */
  readonly connection: string | pg.ClientConfig;
  /** No other node can be on this database: what ran when the last server was killed is lost now, not when its lease ends. */
  readonly alone?: boolean;
  /** How much history is kept. Default 7 days and 100,000 rows. */
  readonly history?: { readonly days: number; readonly rows: number };
  /** Of cron lines. Default: the server's. */
  readonly zone?: string;
  readonly random?: () => number;
  readonly timing?: Partial<typeof JOB_TIMING>;
}

/** The queue of DESIGN 7: our rows, Agenda's wakes. See docs/adr/jobs.md. */
export class PostgresJobQueue implements JobQueue {
  readonly #deps: JobQueueDeps;
  readonly #timing: typeof JOB_TIMING;
  readonly #node = randomUUID();
  readonly #store: JobStore;
  readonly #upkeep: JobUpkeep;
  readonly #view: JobView;
  readonly #enqueuer: JobEnqueuer;
  readonly #meters: JobMeters;
  readonly #wakes: AgendaWakes;
  readonly #lease: LeaseThread;
  readonly #woken: WokenLanes;
  readonly #lanes = new Lanes();
  readonly #repeats: Repeats;
  readonly #schedule: JobSchedule;
  #ends: (() => void)[] = [];
  #sizes: Partial<Record<JobRowState, number>> = {};
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(deps: JobQueueDeps) {
    this.#deps = deps;
    this.#timing = { ...JOB_TIMING, ...deps.timing };
    this.#store = new JobStore(deps.database);
    this.#view = new JobView(this.#store, deps.bus);
    this.#upkeep = new JobUpkeep(deps.database, this.#node, this.#timing.lease);
    this.#meters = jobMeters(deps.metrics, () => this.#sizes);
    const { bus, log } = deps;
    this.#repeats = new Repeats(log);
    this.#woken = new WokenLanes({
      store: this.#store,
      lanes: this.#lanes,
      repeats: this.#repeats,
      bus,
      log,
      reconcileMs: this.#timing.reconcile,
    });
    const parts = { store: this.#store, upkeep: this.#upkeep, meters: this.#meters, nextId: () => uuidV7() };
    this.#enqueuer = new JobEnqueuer({ ...parts, woken: this.#woken });
    this.#schedule = new JobSchedule({ ...parts, zone: deps.zone });
    const connection = ownConnection(deps.connection);
    this.#wakes = new AgendaWakes({
      connection,
      log,
      woken: (id) => this.#woken.woken(id),
      missed: () => this.#pumpAll(),
    });
    this.#lease = new LeaseThread({
      connection: { ...connection, application_name: 'revenge jobs leases' },
      node: this.#node,
      leaseMs: this.#timing.lease,
      renewMs: this.#timing.renew,
      reapMs: this.#timing.reap,
      hungMs: this.#timing.hung,
      losses: LOSSES,
      log,
      renewed: (began, kept) => this.#lanes.loseAllBut(kept, began),
      cancelled: (id) => this.#lanes.cancel(id),
    });
  }

  /** The main thread showed no sign of life for a minute; told by the lease thread, readable from any thread in `heartbeat`. */
  hung(): boolean {
    return this.#lease.hung;
  }
  /** Int32 at 0: last sign of life (s); Int32 at 1: 1 when held to be hung. */
  get heartbeat(): SharedArrayBuffer {
    return this.#lease.shared;
  }

  /** For the gauges of all pools: the dispatcher's three. */
  readonly pool = {
    counts: () => {
      const { total, idle, waiting, max } = this.#wakes.connections();
      return { acquired: total - idle, idle, total, max, constructing: 0, waiting };
    },
  };

  async start(): Promise<void> {
    const { bus } = this.#deps;
    // The thread takes its time to load: dispatch connects meanwhile.
    if (this.#deps.alone) await this.#upkeep.loseAll();
    const leased = this.#lease.start();
    await this.#wakes.start().catch(async (error: unknown) => {
      await this.#lease.stop();
      throw error;
    });
    await leased;
    this.#state = 'running';
    this.#ends = [
      bus.on('jobs.due', (key) => this.#lanes.pump(key)),
      bus.on('jobs.cancel', (id) => this.#lanes.cancel(id)),
      bus.onReconnect(() => this.#pumpAll()),
    ];
    this.#repeats.every(this.#timing.reconcile, 'jobs: reconcile', () => this.#reconcile());
    this.#repeats.every(this.#timing.trim, 'jobs: trim', () =>
      this.#upkeep.trim(this.#deps.history ?? { days: 7, rows: 100_000 }),
    );
    this.#repeats.every(COUNT_MS, 'jobs: count', async () => void (this.#sizes = await this.#store.counts()));
    this.#sizes = await this.#store.counts();
    this.#pumpAll();
  }

  async stop(): Promise<void> {
    const was = this.#state;
    this.#state = 'stopped';
    this.#repeats.stop();
    for (const end of this.#ends) end();
    if (was !== 'running') return;
    const lanes = this.#lanes.clear();
    await this.#wakes.stop();
    await Promise.all(lanes.map((lane) => lane.stop()));
    await this.#upkeep.leave();
    for (const lane of lanes) await this.#deps.bus.publish('jobs.due', laneKey(lane));
    await this.#lease.stop();
  }

  async define(job: DefinedJob): Promise<() => Promise<void>> {
    if (job.cron !== undefined) this.#schedule.check(job.cron);
    const lane = new JobLane(job, {
      store: this.#store,
      meters: this.#meters,
      log: this.#deps.log,
      node: this.#node,
      leaseMs: this.#timing.lease,
      graceMs: this.#timing.grace,
      random: this.#deps.random ?? Math.random,
      scheduled: (each) => this.#background('schedule', this.#schedule.ensure([each])),
    });
    this.#lanes.set(lane);
    this.#meters.enqueued(lane.type); // shown at 0 from the start
    await this.#upkeep.announce([lane]);
    await this.#upkeep.wakePending(lane);
    await this.#upkeep.dropOtherCron(lane, job.cron);
    await this.#schedule.ensure([lane]);
    if (this.#state === 'running') lane.pump();
    return () => this.#undefine(lane);
  }

  enqueue(...[owner, name, def, input, when, tx]: Parameters<JobQueue['enqueue']>): Promise<{ readonly id: string }> {
    return this.#enqueuer.enqueue({ owner, name, def, input, when: when ?? {} }, tx);
  }

  get(id: string, owner?: InstanceRef): Promise<JobState | undefined> {
    return this.#view.get(id, owner);
  }
  cancel(id: string, owner?: InstanceRef): Promise<void> {
    return this.#view.cancel(id, owner);
  }
  list(filter: JobFilter): Promise<readonly JobRow[]> {
    return this.#view.list(filter);
  }
  read(id: string): Promise<JobRow | undefined> {
    return this.#view.read(id);
  }
  retry(id: string): Promise<boolean> {
    return this.#view.retry(id);
  }
  counts(): Promise<Readonly<Record<JobRowState, number>>> {
    return this.#store.counts();
  }

  async #undefine(lane: JobLane): Promise<void> {
    const replaced = !this.#lanes.delete(lane);
    await lane.stop();
    // At the end of the whole queue the node leaves at once; and what a new definition took over is still announced.
    if (this.#state === 'stopped' || replaced || this.#lanes.get(lane)) return;
    await this.#upkeep.withdraw(lane);
    await this.#upkeep.settlePending();
    await this.#deps.bus.publish('jobs.due', laneKey(lane));
  }

  /** The net below the wakes: whatever was missed runs some seconds later. */
  async #reconcile(): Promise<void> {
    await this.#wakes.renew();
    const lanes = this.#lanes.all();
    await this.#upkeep.announce(lanes);
    await this.#upkeep.settlePending();
    await this.#schedule.ensure(lanes);
    for (const lane of lanes) if (lane.unsure) lane.pump();
    for (const due of await this.#upkeep.due(lanes)) this.#lanes.get(due)?.pump();
  }

  #pumpAll(): void {
    if (this.#state === 'running') this.#lanes.pumpAll();
  }

  #background(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.#deps.log.warn(`jobs: ${what} failed; the reconciler repeats it`, { error }));
  }
}
