import { type EventToken, type Identity, problem, type SseMessage } from '@revenge/sdk';
import type { Authenticators } from '../access/access-control.ts';
import type { Bus } from '../database/bus.ts';
import type { CoreDatabase, Tx } from '../database/database.ts';
import type { InstanceRef } from '../lifecycle/attribution.ts';
import { Repeats } from '../lifecycle/repeats.ts';
import type { KernelLog } from '../log/log.ts';
import type { BoundCounter, Metrics } from '../metrics/metrics.ts';
import { type DurableDeps, DurableListener, type DurableTiming } from './durable-listener.ts';
import { channelOf, keyOf, parsePayload, payloadJson } from './event-payload.ts';
import { EventStreams } from './event-stream.ts';
import type { DeadLetter, Events } from './events.ts';
import type { ListenerDef } from './listener.ts';
import { LiveEvents } from './live-events.ts';
import { LiveListeners } from './live-listeners.ts';
import { Outbox } from './outbox.ts';

const TIMING: DurableTiming = {
  timeoutMs: 60_000,
  graceMs: 10_000,
  leaseMs: 30_000,
  backoffMs: [1_000, 600_000],
  attempts: 12,
};
/** The net below the messages. */
const POLL_MS = 5_000;
const TRIM_MS = 60_000;
const COUNT_MS = 15_000;
/** A listener gone for this long is forgotten, with what waits for it; letters nobody replays go too. */
const DAYS = { listeners: 30, letters: 90 };

export interface EventsDeps {
  readonly database: CoreDatabase;
  readonly bus: Bus;
  readonly metrics: Metrics;
  readonly log: KernelLog;
  readonly authenticators: Authenticators;
  readonly random?: () => number;
  readonly timing?: Partial<DurableTiming>;
}

/** Durable events by the outbox, live ones by NOTIFY, both into the streams by audience. See docs/adr/outbox.md. */
export class PostgresEvents implements Events {
  readonly #deps: EventsDeps;
  readonly #outbox: Outbox;
  readonly #live: LiveEvents;
  readonly #streams: EventStreams;
  readonly #durable: DurableDeps;
  /** Channel → listeners of this node. A listener may be there twice while its instance is rebuilt. */
  readonly #listeners = new Map<string, Set<DurableListener>>();
  readonly #liveListeners: LiveListeners;
  readonly #repeats: Repeats;
  #ends: (() => void)[] = [];
  #running = false;
  #pendingNow = 0;
  /** Messages are handled one after the other, so that a row that has to be read does not lose its place. */
  #incoming: Promise<void> = Promise.resolve();

  constructor(deps: EventsDeps) {
    this.#deps = deps;
    const { database, bus, metrics, log } = deps;
    this.#repeats = new Repeats(log);
    this.#outbox = new Outbox(database);
    this.#live = new LiveEvents(database, bus);
    this.#streams = new EventStreams(database, () => deps.authenticators.current());
    this.#durable = {
      ...counters(metrics, () => this.#pendingNow),
      outbox: this.#outbox,
      log,
      timing: { ...TIMING, ...deps.timing },
      random: deps.random ?? Math.random,
    };
    this.#liveListeners = new LiveListeners(this.#durable);
  }

  async start(): Promise<void> {
    const { bus } = this.#deps;
    this.#running = true;
    this.#ends = [
      bus.on('events.due', (channel) => this.#pump(channel)),
      bus.on('events.live', (message) => this.#arrived(message)),
      bus.onReconnect(() => {
        this.#streams.dropAll();
        this.#pump();
      }),
    ];
    this.#repeats.every(POLL_MS, 'events: polling', async () => this.#pump());
    this.#repeats.every(this.#durable.timing.leaseMs / 3, 'events: renewing', () => this.#renew());
    this.#repeats.every(TRIM_MS, 'events: trimming', () => this.#trim());
    this.#repeats.every(COUNT_MS, 'events: counting', async () => (this.#pendingNow = await this.pending()));
    this.#pendingNow = await this.pending();
    this.#pump();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#repeats.stop();
    for (const end of this.#ends) end();
    this.#streams.dropAll();
    const durable = [...this.#listeners.values()].flatMap((set) => [...set]);
    this.#listeners.clear();
    await Promise.all([...durable.map((each) => each.stop()), this.#liveListeners.stop()]);
    await this.#incoming;
  }

  async emit(_owner: InstanceRef, token: EventToken<unknown, unknown>, payload: unknown, tx?: Tx): Promise<void> {
    const parsed = await parsePayload(token, payload);
    const json = payloadJson(token, payload);
    const shown = token.audience === undefined ? json : payloadJson(token, parsed);
    if (token.delivery === 'live') return this.#live.publish(token, { payload: json, shown }, { listeners: true }, tx);
    if (!tx && token.audience !== undefined)
      return this.#deps.database.transaction((own) =>
        this.#emitDurable(token, { json, shown, key: keyOf(token, parsed) }, own),
      );
    await this.#emitDurable(token, { json, shown, key: keyOf(token, parsed) }, tx);
  }

  async listen(listener: ListenerDef): Promise<() => Promise<void>> {
    if (listener.token.delivery === 'live') return this.#liveListeners.listen(listener);
    const channel = channelOf(listener.token);
    const durable = new DurableListener(listener, this.#durable);
    await this.#outbox.register(channel, durable.name);
    this.#durable.delivered(listener.token.id, durable.name);
    this.#durable.dead(listener.token.id, durable.name);
    add(this.#listeners, channel, durable);
    if (this.#running) durable.pump();
    return async () => {
      this.#listeners.get(channel)?.delete(durable);
      await durable.stop();
    };
  }

  stream(user: Identity, lastEventId: string | undefined, signal: AbortSignal): AsyncIterable<SseMessage<unknown>> {
    return this.#streams.watch(user, lastEventId, signal);
  }

  async deadLetters({
    limit,
    before,
  }: {
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly DeadLetter[]> {
    if (before !== undefined && !isNumber(before))
      throw problem.invalid({ path: 'before', message: 'before: the id of a dead letter is expected' });
    return this.#outbox.deadLetters(Math.min(100, Math.max(1, Math.trunc(limit) || 1)), before);
  }

  async replay(id: string): Promise<boolean> {
    const event = isNumber(id) ? await this.#outbox.replay(id) : undefined;
    if (event === undefined) return false;
    await this.#deps.bus.publish('events.due', event.replace(/\.\d+$/, ''));
    return true;
  }

  pending(): Promise<number> {
    return this.#outbox.pending();
  }

  async #emitDurable(
    token: EventToken<unknown, unknown>,
    { json, shown, key }: { readonly json: string; readonly shown: string; readonly key: string | undefined },
    tx?: Tx,
  ): Promise<void> {
    const channel = channelOf(token);
    const heard = await this.#outbox.emit(token.id, channel, key, json, tx);
    if (token.audience !== undefined)
      await this.#live.publish(token, { payload: shown, shown }, { listeners: false }, tx);
    if (heard) await this.#deps.bus.publish('events.due', channel, tx);
  }

  #arrived(text: string): void {
    this.#incoming = this.#incoming.then(async () => {
      try {
        const message = await this.#live.read(text);
        if (!message) return;
        this.#liveListeners.tell(message);
        const { id, event, audience } = message;
        if (audience !== undefined)
          this.#streams.publish({ id, event, audience, data: message.shown ?? message.payload });
      } catch (error) {
        this.#deps.log.warn('events: a live event was lost', { error });
      }
    });
  }

  #pump(channel?: string): void {
    if (!this.#running) return;
    const sets = channel === undefined ? [...this.#listeners.values()] : [this.#listeners.get(channel) ?? []];
    for (const set of sets) for (const listener of set) listener.pump();
  }

  async #renew(): Promise<void> {
    const tokens = [...this.#listeners.values()].flatMap((set) => [...set].flatMap((listener) => listener.tokens));
    if (tokens.length) await this.#outbox.renew(tokens, this.#durable.timing.leaseMs);
  }

  async #trim(): Promise<void> {
    const present = [...this.#listeners.values()].flatMap((set) => [...set].map(({ name }) => name));
    await this.#outbox.trim(present, DAYS);
    await this.#live.trim();
  }
}

const isNumber = (id: string): boolean => /^\d{1,18}$/.test(id);

function add<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  map.set(key, (map.get(key) ?? new Set<T>()).add(value));
}

function counters(
  metrics: Metrics,
  pending: () => number,
): {
  readonly delivered: (event: string, listener: string) => BoundCounter;
  readonly dead: (event: string, listener: string) => BoundCounter;
} {
  const labels = ['event', 'listener'];
  const delivered = metrics.counter({
    name: 'revenge_events_delivered_total',
    help: 'Events that a listener took',
    labels,
  });
  const dead = metrics.counter({
    name: 'revenge_events_dead_total',
    help: 'Events that a listener could not take',
    labels,
  });
  metrics.collect({ name: 'revenge_outbox_pending', help: 'Deliveries that wait' }, () => [[[], pending()]]);
  return { delivered: (...names) => delivered.bind(...names), dead: (...names) => dead.bind(...names) };
}
