import { type EnqueueOptions, type JobDef, problem } from '@revenge/sdk';
import type { Tx } from '../database/database.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import { milliseconds } from '../lifecycle/duration.ts';
import { checkInput } from './job-input.ts';
import type { JobMeters } from './job-meters.ts';
import { jobType } from './job-row.ts';
import type { JobStore } from './job-store.ts';

const PRIORITY = { low: -10, normal: 0, high: 10 } as const;

export interface EnqueuerDeps {
  readonly store: JobStore;
  readonly meters: JobMeters;
  readonly nextId: () => string;
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
    const { store, meters, nextId } = this.#deps;
    const type = jobType(owner, name);
    if (when.at && Number.isNaN(when.at.getTime()))
      throw problem.invalid({ path: 'when.at', message: `job ${type}: 'at' is no valid date` });
    const { json, parsed } = await checkInput(type, def, input);
    const { id, fresh } = await store.enqueue(
      {
        id: nextId(),
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
      },
      tx,
    );
    // Counted at once: one whose transaction is rolled back counts too.
    if (fresh) meters.enqueued(type).inc();
    return { id };
  }
}
