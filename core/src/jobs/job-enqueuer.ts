import { type EnqueueOptions, type JobDef, problem } from '@revenge/sdk';
import type { Tx } from '../database/database.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import { milliseconds } from '../lifecycle/duration.ts';
import { checkInput } from './job-input.ts';
import type { JobMeters } from './job-meters.ts';
import { jobType } from './job-row.ts';
import type { JobStore, NewJob } from './job-store.ts';
import type { WokenLanes } from './woken-lanes.ts';

const PRIORITY = { low: -10, normal: 0, high: 10 } as const;

export interface EnqueuerDeps {
  readonly store: JobStore;
  readonly meters: JobMeters;
  readonly nextId: () => string;
  readonly woken: WokenLanes;
}
export interface Wanted {
  readonly owner: InstanceRef;
  readonly name: string;
  readonly def: JobDef;
  readonly input: unknown;
  readonly when: EnqueueOptions;
}

/** Checks what a plugin asks for and stores it. */
export class JobEnqueuer {
  readonly #deps: EnqueuerDeps;

  constructor(deps: EnqueuerDeps) {
    this.#deps = deps;
  }

  async enqueue({ owner, name, def, input, when }: Wanted, tx?: Tx): Promise<{ readonly id: string }> {
    const type = jobType(owner, name);
    if (when.at && Number.isNaN(when.at.getTime()))
      throw problem.invalid({ path: 'when.at', message: `job ${type}: 'at' is no valid date` });
    const { json, parsed } = await checkInput(type, def, input);
    const job = {
      id: this.#deps.nextId(),
      type,
      instance: owner.instance,
      json,
      equal: def.unique ? parsed : undefined,
      key: when.key,
      priority: PRIORITY[when.priority ?? 'normal'],
      maxAttempts: (def.retries ?? 3) + 1,
      at: when.at,
      inMs: when.in === undefined ? 0 : milliseconds(when.in),
      cronLine: undefined,
    };
    return { id: await (tx ? this.#within(job, tx) : this.#alone(job)) };
  }

  async #alone(job: NewJob): Promise<string> {
    const { store, meters, woken } = this.#deps;
    // Before it is stored, as its wake may come before the answer.
    if (isDue(job)) woken.expect(job.id, job);
    try {
      const { id, fresh } = await store.enqueue(job);
      if (fresh) meters.enqueued(job.type).inc();
      else woken.forget(job.id);
      return id;
    } catch (error) {
      woken.forget(job.id);
      throw error;
    }
  }

  async #within(job: NewJob, tx: Tx): Promise<string> {
    const { store, meters, woken } = this.#deps;
    const { id, fresh } = await store.enqueue(job, tx);
    if (fresh)
      tx.afterCommit(() => {
        meters.enqueued(job.type).inc();
        if (isDue(job)) woken.expect(job.id, job);
      });
    return id;
  }
}

const isDue = ({ at, inMs }: NewJob): boolean => !at && inMs <= 0;
