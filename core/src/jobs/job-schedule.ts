import { nextTime } from './cron.ts';
import { checkInput } from './job-input.ts';
import type { JobLane } from './job-lane.ts';
import type { JobMeters } from './job-meters.ts';
import type { JobStore } from './job-store.ts';
import type { JobUpkeep } from './job-upkeep.ts';

export interface ScheduleDeps {
  readonly store: JobStore;
  readonly upkeep: JobUpkeep;
  readonly meters: JobMeters;
  readonly nextId: () => string;
  /** Of cron lines; undefined: the server's. */
  readonly zone: string | undefined;
}

/**
 * A lane with a cron line always has one waiting row: its next time. The row's key is that time, so that two nodes that put it in place at once
 * make one; a time that passed while nobody was there is that row, and runs once.
 */
export class JobSchedule {
  readonly #deps: ScheduleDeps;

  constructor(deps: ScheduleDeps) {
    this.#deps = deps;
  }

  /** Throws TypeError on a line that is none. */
  check(line: string): void {
    nextTime(line, new Date(), this.#deps.zone);
  }

  async ensure(lanes: readonly JobLane[]): Promise<void> {
    const timed = lanes.filter(({ job }) => job.cron !== undefined);
    if (!timed.length) return;
    for (const { type, instance, now } of await this.#deps.upkeep.unscheduled(timed)) {
      const lane = timed.find((each) => each.type === type && each.instance === instance);
      if (lane) await this.#next(lane, now);
    }
  }

  async #next(lane: JobLane, now: Date): Promise<void> {
    const { store, meters, nextId, zone } = this.#deps;
    const line = lane.job.cron;
    const at = line === undefined ? undefined : nextTime(line, now, zone);
    if (!at) return;
    const { json } = await checkInput(lane.type, lane.job.def, {});
    const { fresh } = await store.enqueue({
      id: nextId(),
      type: lane.type,
      instance: lane.instance,
      json,
      // Not unique: a run of tomorrow must not stand in the way of one asked for now.
      equal: undefined,
      key: `cron ${at.toISOString()}`,
      priority: 0,
      maxAttempts: (lane.job.def.retries ?? 3) + 1,
      at,
      inMs: 0,
      cronLine: line,
    });
    if (fresh) meters.enqueued(lane.type).inc();
  }
}
