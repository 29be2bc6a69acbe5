import type { Audience, Authenticator, Identity, SseMessage } from '@revenge/sdk';
import type { CoreDatabase } from '../database/database.ts';
import { fieldOf } from './event-payload.ts';

/** What streams show of an event. `id` is '<number>-<horizon>': whatever may commit later with a lower number lies above the horizon. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly audience: Audience;
  readonly data: unknown;
}

/** Messages that a slow client may be behind; then its connection is dropped, and it comes back with its Last-Event-ID. */
const BEHIND = 500;
const PAGE = 500;

/** The clients of this node that watch, each with a bounded queue. */
export class EventStreams {
  readonly #db: CoreDatabase;
  readonly #authenticator: () => Authenticator | undefined;
  readonly #watchers = new Set<Watcher>();

  constructor(db: CoreDatabase, authenticator: () => Authenticator | undefined) {
    this.#db = db;
    this.#authenticator = authenticator;
  }

  publish(event: StreamEvent): void {
    for (const watcher of this.#watchers) watcher.push(event);
  }

  /** Messages were missed: every client comes back and is told them. */
  dropAll(): void {
    for (const watcher of this.#watchers) watcher.end();
  }

  /** Watches from this call on, though it is read later. */
  watch(user: Identity, lastEventId: string | undefined, signal: AbortSignal): AsyncIterable<SseMessage<unknown>> {
    const watcher = new Watcher();
    const end = (): void => {
      this.#watchers.delete(watcher);
      watcher.end();
    };
    if (signal.aborted) watcher.end();
    else {
      this.#watchers.add(watcher);
      signal.addEventListener('abort', end, { once: true });
    }
    return this.#messages(watcher, user, lastEventId, () => {
      signal.removeEventListener('abort', end);
      end();
    });
  }

  async *#messages(
    watcher: Watcher,
    user: Identity,
    lastEventId: string | undefined,
    end: () => void,
  ): AsyncGenerator<SseMessage<unknown>> {
    try {
      const told = new Set<string>();
      for await (const event of this.#missed(lastEventId)) {
        if (watcher.ended) return;
        told.add(event.id);
        if (await this.#visible(user, event)) yield message(event);
      }
      for (let event = await watcher.next(); event; event = await watcher.next())
        if (!told.delete(event.id) && (await this.#visible(user, event))) yield message(event);
    } finally {
      end();
    }
  }

  async *#missed(lastEventId: string | undefined): AsyncGenerator<StreamEvent> {
    const [, id, horizon] = /^(\d{1,18})-(\d{1,18})$/.exec(lastEventId ?? '') ?? [];
    if (id === undefined || horizon === undefined) return;
    const text = `SELECT id::text, horizon::text, event, audience, coalesce(shown, payload) AS data FROM core.stream_events
      WHERE audience IS NOT NULL AND id <> $1 AND (id > $1 OR tx >= $2::text::xid8) AND id > $3 ORDER BY id LIMIT ${PAGE}`;
    for (let after = '0'; ;) {
      const rows = await this.#db.query<Omit<StreamEvent, 'id'> & { id: string; horizon: string }>(text, [
        id,
        horizon,
        after,
      ]);
      for (const row of rows) yield { ...row, id: `${row.id}-${row.horizon}` };
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = last.id;
    }
  }

  async #visible(user: Identity, { audience, data }: StreamEvent): Promise<boolean> {
    if (audience === 'users') return true;
    if (audience === 'admins') return user.permissions === '*';
    if ('user' in audience) return fieldOf(data, audience.user) === user.id;
    const library = fieldOf(data, audience.library);
    if (typeof library !== 'string') return false;
    // Nobody can say what this user may see: nothing.
    const granted = await this.#authenticator()?.granted(user.id, 'library:view');
    return granted === '*' || (granted?.includes(library) ?? false);
  }
}

const message = ({ id, event, data }: StreamEvent): SseMessage<unknown> => ({ id, event, data });

class Watcher {
  readonly #queue: StreamEvent[] = [];
  #wake: () => void = () => undefined;
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  push(event: StreamEvent): void {
    if (this.#ended) return;
    if (this.#queue.length >= BEHIND) return this.end();
    this.#queue.push(event);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#queue.length = 0;
    this.#wake();
  }

  /** undefined at the end. */
  async next(): Promise<StreamEvent | undefined> {
    while (!this.#queue.length && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#queue.shift();
  }
}
