import { randomUUID } from 'node:crypto';
import { GiveUp, NeedsAuth, NotReady, Problem } from '@revenge/sdk';
import { milliseconds } from '../lifecycle/duration.ts';
import type { KernelLog } from '../log/log.ts';
import type { BoundCounter } from '../metrics/metrics.ts';
import { hear, type ListenerDef, listenerName, type Patience } from './listener.ts';
import type { ClaimedDelivery, Outbox } from './outbox.ts';

export interface DurableTiming extends Patience {
  /** How long a delivery is this node's without a renewal. Milliseconds. */
  readonly leaseMs: number;
  /** Doubles from the first to the second. Milliseconds. */
  readonly backoffMs: readonly [from: number, to: number];
  /** Then it is a dead letter. */
  readonly attempts: number;
}
export interface DurableDeps {
  readonly outbox: Outbox;
  readonly log: KernelLog;
  readonly timing: DurableTiming;
  readonly random: () => number;
  readonly delivered: (event: string, listener: string) => BoundCounter;
  readonly dead: (event: string, listener: string) => BoundCounter;
}

/** Deliveries of different keys that one listener has on one node at once. */
const AT_ONCE = 8;

/** Takes what waits for one listener, in order within each key, and says what came of it. */
export class DurableListener {
  readonly name: string;
  readonly def: ListenerDef;
  readonly #deps: DurableDeps;
  readonly #stop = new AbortController();
  readonly #open = new Map<string, Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #filling: Promise<void> | undefined;
  #again = false;

  constructor(def: ListenerDef, deps: DurableDeps) {
    this.def = def;
    this.#deps = deps;
    this.name = listenerName(def);
  }

  /** Of the deliveries under way, to be renewed. */
  get tokens(): readonly string[] {
    return [...this.#open.keys()];
  }

  pump(): void {
    this.#again = true;
    if (this.#stop.signal.aborted) return;
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
      // Asked between the last look and this.
      if (this.#again && this.#open.size < AT_ONCE) this.pump();
    });
  }

  /** Waits for what is under way; its signal says to end. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#filling;
    await Promise.all(this.#open.values());
  }

  async #fill(): Promise<void> {
    const { outbox, timing, log } = this.#deps;
    while (this.#again && !this.#stop.signal.aborted && this.#open.size < AT_ONCE) {
      this.#again = false;
      try {
        // One token each, as each is renewed and given back by itself.
        for (let room = AT_ONCE - this.#open.size; room > 0; room--) {
          const token = randomUUID();
          const [claimed] = await outbox.claim(this.name, 1, token, timing.leaseMs);
          if (!claimed) break;
          this.#start(claimed, token);
        }
      } catch (error) {
        log.warn('events: nothing could be taken from the outbox; trying on', { listener: this.name, error });
        this.#later(1_000);
        return;
      }
    }
  }

  #start(claimed: ClaimedDelivery, token: string): void {
    const done = this.#deliver(claimed, token)
      .catch((error: unknown) =>
        // Its lease ends, and it comes again.
        this.#deps.log.warn('events: the outcome of a delivery was not stored', {
          listener: this.name,
          id: claimed.event_id,
          error,
        }),
      )
      .finally(() => {
        this.#open.delete(token);
        this.pump();
      });
    this.#open.set(token, done);
  }

  async #deliver(claimed: ClaimedDelivery, token: string): Promise<void> {
    const { outbox, timing, delivered } = this.#deps;
    const { event_id: id, event, attempt, occurred_at: occurredAt, payload } = claimed;
    try {
      await hear(this.def, payload, { id, attempt, occurredAt }, this.#stop.signal, timing);
    } catch (error) {
      return this.#failed(claimed, token, error);
    }
    if (await outbox.delivered(this.name, id, token)) delivered(event, this.name).inc();
  }

  async #failed({ event_id: id, event, attempt }: ClaimedDelivery, token: string, error: unknown): Promise<void> {
    const { outbox, timing, log, dead } = this.#deps;
    const of = { listener: this.name, id, token };
    if (this.#stop.signal.aborted) return void (await outbox.later(of, { inMs: 0, attempt: -1 }));
    log.warn(`events: ${this.name} failed`, { event, id, attempt, error });
    this.#report(error);
    if (NotReady.is(error)) return this.#retry(of, milliseconds(error.retryAfter), -1);
    if (NeedsAuth.is(error)) return void (await outbox.later(of, { inMs: 0, attempt: -1, auth: true }));
    const hopeless = GiveUp.is(error) || (Problem.is(error) && error.slug === 'invalid');
    if (!hopeless && attempt < timing.attempts) return this.#retry(of, this.#backoff(attempt), 0);
    if (await outbox.bury(this.name, id, token, errorText(error))) dead(event, this.name).inc();
  }

  async #retry(of: { listener: string; id: string; token: string }, inMs: number, attempt: 0 | -1): Promise<void> {
    await this.#deps.outbox.later(of, { inMs, attempt });
    this.#later(inMs);
  }

  #report(error: unknown): void {
    try {
      this.def.failed(error);
    } catch (again) {
      this.#deps.log.error(new Error(`the failure of listener ${this.name} could not be reported`, { cause: again }));
    }
  }

  #backoff(attempt: number): number {
    const [from, to] = this.#deps.timing.backoffMs;
    return Math.min(to, from * 2 ** (attempt - 1)) * (0.9 + 0.2 * this.#deps.random());
  }

  #later(ms: number): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.pump();
      },
      Math.min(ms + 5, 2 ** 31 - 1),
    ).unref();
    this.#timers.add(timer);
  }
}

function errorText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll('\0', '').slice(0, 2_000);
}
