import type { JobStore } from './job-store.ts';
import type { LaneKey } from './job-upkeep.ts';

/**
 * From the ids that wakes carry to the lanes they mean. While one look into the table is under way, ids that come share the next: a burst of a
 * thousand wakes asks some dozen times.
 */
export class WokenLanes {
  readonly #store: JobStore;
  #waiting: string[] = [];
  #looking: Promise<void> | undefined;
  readonly #found: (lane: LaneKey, waitMs: number) => void;

  constructor(store: JobStore, found: (lane: LaneKey, waitMs: number) => void) {
    this.#store = store;
    this.#found = found;
  }

  /** Rejects when the table could not be read. */
  async look(id: string): Promise<void> {
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
      for (const { type, instance, wait_ms: waitMs } of await this.#store.woken(ids)) {
        const key = `${type} ${instance} ${waitMs > 0}`;
        const known = lanes.get(key);
        if (!known || waitMs < known.waitMs) lanes.set(key, { type, instance, waitMs });
      }
      for (const { waitMs, ...lane } of lanes.values()) this.#found(lane, waitMs);
    } finally {
      this.#looking = undefined;
    }
  }
}
