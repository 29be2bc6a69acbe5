import type { EnqueueOptions, EventToken, JobDef } from '@revenge/sdk';
import type { Events } from '../events/events.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import type { Tx } from '../database/database.ts';

export interface Recorded {
  readonly name: string;
  readonly value: unknown;
}

/** The real queue, that also remembers what one plugin enqueued. */
export function recordingQueue(queue: JobQueue, plugin: string, into: Recorded[]): JobQueue {
  return new Proxy(queue, {
    get(target, method) {
      if (method === 'enqueue')
        return async (
          owner: InstanceRef,
          name: string,
          def: JobDef,
          input: unknown,
          when?: EnqueueOptions,
          tx?: Tx,
        ) => {
          const made = await target.enqueue(owner, name, def, input, when, tx);
          if (owner.plugin === plugin) into.push({ name, value: input });
          return made;
        };
      return bound(target, method);
    },
  });
}

/** The real events, that also remember what one plugin emitted, by the names its contract gives the tokens. */
export function recordingEvents(
  events: Events,
  plugin: string,
  names: ReadonlyMap<string, string>,
  into: Recorded[],
): Events {
  return new Proxy(events, {
    get(target, method) {
      if (method === 'emit')
        return async (owner: InstanceRef, token: EventToken<unknown, unknown>, payload: unknown, tx?: Tx) => {
          await target.emit(owner, token, payload, tx);
          if (owner.plugin === plugin) into.push({ name: names.get(token.id) ?? token.id, value: payload });
        };
      return bound(target, method);
    },
  });
}

function bound<T extends object>(target: T, method: string | symbol): unknown {
  const value: unknown = Reflect.get(target, method);
  return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
}
