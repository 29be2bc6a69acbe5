import { isUuid, type JobState, problem } from '@revenge/sdk';
import type { Bus } from '../database/bus.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import type { JobQueue, JobRow } from './job-queue.ts';
import { toJobState } from './job-row.ts';
import type { JobStore } from './job-store.ts';

export type JobFilter = Parameters<JobQueue['list']>[0];

/** What is asked of and done to rows that are there: by their owner, or by an administrator. */
export class JobView {
  readonly #store: JobStore;
  readonly #bus: Bus;

  constructor(store: JobStore, bus: Bus) {
    this.#store = store;
    this.#bus = bus;
  }

  async get(id: string, owner?: InstanceRef): Promise<JobState | undefined> {
    const row = await this.#owned(id, owner);
    return row && toJobState(row);
  }

  async cancel(id: string, owner?: InstanceRef): Promise<void> {
    if (!(await this.#owned(id, owner))) return;
    if ((await this.#store.cancel(id)) === 'running') await this.#bus.publish('jobs.cancel', id);
  }

  async list(filter: JobFilter): Promise<readonly JobRow[]> {
    const { limit, ...rest } = filter;
    if (rest.before !== undefined && !isUuid(rest.before))
      throw problem.invalid({ path: 'before', message: 'before: the id of a job is expected' });
    return this.#store.list(rest, Math.min(100, Math.max(1, Math.trunc(limit ?? 100) || 1)));
  }

  async read(id: string): Promise<JobRow | undefined> {
    return isUuid(id) ? this.#store.read(id) : undefined;
  }

  async retry(id: string): Promise<boolean> {
    return isUuid(id) && this.#store.retry(id);
  }

  async #owned(id: string, owner: InstanceRef | undefined): Promise<JobRow | undefined> {
    const row = await this.read(id);
    if (!row || !owner) return row;
    return row.type.startsWith(`${owner.plugin}.`) && row.instance === owner.instance ? row : undefined;
  }
}
