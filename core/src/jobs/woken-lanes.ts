import type { Bus } from '../database/bus.ts';
import type { Repeats } from '../lifecycle/repeats.ts';
import type { KernelLog } from '../log/log.ts';
import type { JobStore } from './job-store.ts';
import type { LaneKey } from './job-upkeep.ts';
import { laneKey, type Lanes } from './lanes.ts';

/** Ids whose wake did not come yet; beyond it the table is asked. */
const REMEMBERED = 1_000;

export interface WokenDeps {
  readonly store: JobStore;
  readonly bus: Bus;
  readonly lanes: Lanes;
  readonly repeats: Repeats;
  readonly log: KernelLog;
  /** Milliseconds. Whatever waits longer is found by the reconciler. */
  readonly reconcileMs: number;
}

/**
 * From the ids that wakes carry to the lanes they mean: run it here, or pass it on to whoever can. What this node enqueued itself it knows; for
 * the others the table is asked, and ids that come while one look is under way share the next: a burst of a thousand wakes asks some dozen times.
 */
export class WokenLanes {
  readonly #deps: WokenDeps;
  readonly #own = new Map<string, LaneKey>();
  readonly #telling = new Map<string, { again: boolean }>();
  #waiting: string[] = [];
  #looking: Promise<void> | undefined;

  constructor(deps: WokenDeps) {
    this.#deps = deps;
  }

  /** This node stores a row of this lane that is due at once. */
  expect(id: string, lane: LaneKey): void {
    const [oldest] = this.#own.size >= REMEMBERED ? this.#own.keys() : [];
    if (oldest !== undefined) this.#own.delete(oldest);
    this.#own.set(id, { type: lane.type, instance: lane.instance });
  }
  /** It was not stored after all. */
  forget(id: string): void {
    this.#own.delete(id);
  }

  /** One of Agenda's wakes reached this node. Never rejects. */
  async woken(id: string): Promise<void> {
    const own = this.#own.get(id);
    if (own) {
      this.#own.delete(id);
      return this.#due(own, 0);
    }
    try {
      await this.#look(id);
    } catch (error) {
      this.#deps.log.warn('jobs: a wake came to nothing; the reconciler repeats it', { id, error });
    }
  }

  async #look(id: string): Promise<void> {
    this.#waiting.push(id);
    // The one under way was sent without this id.
    await this.#looking?.catch(() => undefined);
    await (this.#looking ??= this.#next());
  }

  async #next(): Promise<void> {
    const ids = this.#waiting;
    this.#waiting = [];
    try {
      if (!ids.length) return;
      const lanes = new Map<string, LaneKey & { waitMs: number }>();
      for (const { type, instance, wait_ms: waitMs } of await this.#deps.store.woken(ids)) {
        const key = `${laneKey({ type, instance })} ${waitMs > 0}`;
        const known = lanes.get(key);
        if (!known || waitMs < known.waitMs) lanes.set(key, { type, instance, waitMs });
      }
      for (const { waitMs, ...lane } of lanes.values()) this.#due(lane, waitMs);
    } finally {
      this.#looking = undefined;
    }
  }

  #due(lane: LaneKey, waitMs: number): void {
    const { lanes, repeats, reconcileMs } = this.#deps;
    const here = lanes.get(lane);
    // A clock that is ahead of the database's wakes too early.
    if (waitMs > 0) repeats.once(Math.min(waitMs, reconcileMs), () => this.#due(lane, 0));
    else if (here) here.pump();
    else void this.#tell(laneKey(lane));
  }

  /** Tells the other nodes; what comes while one message of a lane is on its way shares the next. */
  async #tell(key: string): Promise<void> {
    const { bus, log } = this.#deps;
    const running = this.#telling.get(key);
    if (running) return void (running.again = true);
    const state = { again: true };
    this.#telling.set(key, state);
    try {
      while (state.again) {
        state.again = false;
        await bus.publish('jobs.due', key);
      }
    } catch (error) {
      log.warn('jobs: wake failed; the reconciler repeats it', { error });
    } finally {
      this.#telling.delete(key);
    }
  }
}
