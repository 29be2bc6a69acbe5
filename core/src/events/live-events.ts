import { randomUUID } from 'node:crypto';
import type { Audience, EventToken } from '@revenge/sdk';
import type { Bus } from '../database/bus.ts';
import type { CoreDatabase, Tx } from '../database/database.ts';

/** Bytes of a message; NOTIFY takes 7,000. */
const MOST = 6_900;
const SLICE = 1_000;
/** How long streams can be taken up again, and how many events of it are kept at most. */
const KEPT_MINUTES = 10;
const KEPT_ROWS = 10_000;

/** What travels to every node: a listener's payload, what streams show of it, or the number of the row that holds both. */
export interface LiveMessage {
  readonly event: string;
  readonly id: string;
  readonly at: string;
  /** Absent: a durable event, which only streams hear of this way. */
  readonly payload?: unknown;
  readonly audience?: Audience;
  /** Where it differs from the payload. */
  readonly shown?: unknown;
}
interface Stored {
  readonly id: string;
  readonly horizon: string;
  readonly occurred_at: Date;
}

/** The way of live events, and of durable ones to the streams: one NOTIFY, and a row where streams must be able to come back to it. */
export class LiveEvents {
  readonly #db: CoreDatabase;
  readonly #bus: Bus;

  constructor(db: CoreDatabase, bus: Bus) {
    this.#db = db;
    this.#bus = bus;
  }

  async publish(
    token: EventToken<unknown, unknown>,
    json: { readonly payload: string; readonly shown: string },
    to: { readonly listeners: boolean },
    tx?: Tx,
  ): Promise<void> {
    const { audience } = token;
    const small = Buffer.byteLength(json.payload) + Buffer.byteLength(json.shown) < MOST - 1_000;
    const stored = audience !== undefined || !small ? await this.#store(token, json, tx) : undefined;
    const message: LiveMessage = {
      event: token.id,
      id: stored ? `${stored.id}-${stored.horizon}` : randomUUID(),
      at: (stored?.occurred_at ?? new Date()).toISOString(),
      ...(to.listeners && { payload: JSON.parse(json.payload) as unknown }),
      ...(audience !== undefined && { audience }),
      ...(audience !== undefined &&
        (!to.listeners || json.shown !== json.payload) && { shown: JSON.parse(json.shown) as unknown }),
    };
    const text = JSON.stringify(message);
    const fits = small && Buffer.byteLength(text) <= MOST;
    const row = stored ? `${stored.id} ${to.listeners ? 'all' : 'streams'}` : '';
    await this.#bus.publish('events.live', fits || !stored ? text : row, tx);
  }

  /** What a message says; undefined when its row is gone already. */
  async read(message: string): Promise<LiveMessage | undefined> {
    const [, id, to] = /^(\d+) (all|streams)$/.exec(message) ?? [];
    if (id === undefined) return JSON.parse(message) as LiveMessage; // written by `publish` of this or another node
    const [row] = await this.#db.query<
      Stored & { event: string; audience: Audience | null; payload: unknown; shown: unknown }
    >(
      'SELECT id::text, horizon::text, event, audience, payload, shown, occurred_at FROM core.stream_events WHERE id = $1',
      [id],
    );
    if (!row) return undefined;
    const { event, audience, payload, shown, horizon, occurred_at } = row;
    return {
      event,
      id: `${id}-${horizon}`,
      at: occurred_at.toISOString(),
      ...(to === 'all' && { payload }),
      ...(audience !== null && { audience, shown: shown ?? payload }),
    };
  }

  async trim(): Promise<void> {
    const slices = async (text: string, values: readonly unknown[]): Promise<void> => {
      while ((await this.#db.execute(text, values)) === SLICE);
    };
    const rows = (where: string): string =>
      `DELETE FROM core.stream_events WHERE id IN (SELECT id FROM core.stream_events WHERE ${where} ORDER BY id LIMIT ${SLICE})`;
    await slices(rows(`occurred_at < now() - $1 * interval '1 minute'`), [KEPT_MINUTES]);
    await slices(rows('id <= (SELECT id FROM core.stream_events ORDER BY id DESC OFFSET $1 LIMIT 1)'), [KEPT_ROWS]);
  }

  async #store(
    token: EventToken<unknown, unknown>,
    json: { payload: string; shown: string },
    tx?: Tx,
  ): Promise<Stored> {
    const text = `INSERT INTO core.stream_events (event, audience, payload, shown) VALUES ($1, $2::jsonb, $3::jsonb, $4::jsonb)
      RETURNING id::text, horizon::text, occurred_at`;
    const audience = token.audience === undefined ? undefined : JSON.stringify(token.audience);
    const values = [token.id, audience, json.payload, json.shown === json.payload ? undefined : json.shown];
    const [row] = await (tx ?? this.#db).query<Stored>(text, values, 'events_stream');
    if (!row) throw new Error('the event was not stored');
    return row;
  }
}
