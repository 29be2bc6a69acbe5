import type { Delivery, EventToken } from '@revenge/sdk';
import type { DurableDeps } from './durable-listener.ts';
import { channelOf } from './event-payload.ts';
import { hear, type ListenerDef, listenerName } from './listener.ts';
import type { LiveMessage } from './live-events.ts';

/** Live events that one listener may have under way; more are dropped, as live events may be. */
const AT_ONCE = 1_000;

interface LiveListener {
  readonly def: ListenerDef;
  readonly stop: AbortController;
  readonly open: Set<Promise<void>>;
}

/** Who listens to live events on this node. Each is called once an event; a failure is reported and keeps no other from hearing. */
export class LiveListeners {
  readonly #deps: Pick<DurableDeps, 'log' | 'timing' | 'delivered'>;
  readonly #listeners = new Map<string, Set<LiveListener>>();

  constructor(deps: Pick<DurableDeps, 'log' | 'timing' | 'delivered'>) {
    this.#deps = deps;
  }

  listen(def: ListenerDef): () => Promise<void> {
    const channel = channelOf(def.token);
    const listener: LiveListener = { def, stop: new AbortController(), open: new Set() };
    const all = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, all.add(listener));
    return async () => {
      all.delete(listener);
      listener.stop.abort();
      await Promise.all(listener.open);
    };
  }

  tell(message: LiveMessage): void {
    if (!('payload' in message)) return;
    // Written by an emitter of ours from its token.
    const id = message.event as EventToken<unknown, unknown>['id'];
    for (const listener of this.#listeners.get(channelOf({ id })) ?? []) this.#call(listener, message);
  }

  async stop(): Promise<void> {
    const all = [...this.#listeners.values()].flatMap((set) => [...set]);
    this.#listeners.clear();
    for (const { stop } of all) stop.abort();
    await Promise.all(all.flatMap(({ open }) => [...open]));
  }

  #call({ def, stop, open }: LiveListener, { id, at, event, payload }: LiveMessage): void {
    const { log, timing, delivered } = this.#deps;
    const name = listenerName(def);
    if (open.size >= AT_ONCE) return log.warn(`events: ${name} is too slow; a live event was dropped`, { event });
    const delivery: Omit<Delivery, 'signal'> = { id, attempt: 1, occurredAt: new Date(at) };
    const call = hear(def, payload, delivery, stop.signal, timing).then(
      () => delivered(event, name).inc(),
      (error: unknown) => {
        log.warn(`events: ${name} failed`, { event, id, error });
        if (!stop.signal.aborted) def.failed(error);
      },
    );
    const done = call
      .catch((error: unknown) => log.error(new Error(`the failure of ${name} could not be reported`, { cause: error })))
      .finally(() => open.delete(done));
    open.add(done);
  }
}
