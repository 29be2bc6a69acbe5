import type { CoreDatabase, Tx } from '../database/database.ts';
import type { DeadLetter } from './events.ts';

export interface ClaimedDelivery {
  readonly event_id: string;
  readonly event: string;
  readonly key: string | null;
  readonly payload: unknown;
  readonly attempt: number;
  readonly occurred_at: Date;
}

const SLICE = 1_000;

/** Nothing is stored for an event that nobody ever listened to. */
const EMIT = `
WITH heard AS (
  SELECT listener FROM core.listeners WHERE channel = $2
), event AS (
  INSERT INTO core.outbox (event, key, payload) SELECT $1, $3, $4::jsonb WHERE EXISTS (SELECT 1 FROM heard) RETURNING id
), delivery AS (
  INSERT INTO core.deliveries (listener, event_id, key) SELECT listener, id, $3 FROM heard, event RETURNING 1
)
SELECT count(*)::int AS deliveries FROM delivery`;

/**
 * The earliest of each key that is due, held by nobody, and behind no other of its key, be it waiting, failed or under way. A delivered row is
 * gone, so that what is still there is what counts.
 */
const CLAIM = `
WITH next AS (
  SELECT d.listener, d.event_id FROM core.deliveries d
    WHERE d.listener = $1 AND d.run_at <= clock_timestamp() AND NOT d.waits_for_auth
      AND (d.lease_until IS NULL OR d.lease_until < clock_timestamp())
      AND NOT EXISTS (
        SELECT 1 FROM core.deliveries b WHERE b.listener = d.listener AND b.key = d.key
          AND (b.event_id < d.event_id OR (b.event_id > d.event_id AND b.lease_until > clock_timestamp())))
    ORDER BY d.event_id LIMIT $2 FOR UPDATE OF d SKIP LOCKED
), held AS (
  UPDATE core.deliveries d SET attempt = d.attempt + 1, lease_token = $3,
      lease_until = clock_timestamp() + $4 * interval '1 millisecond'
    FROM next WHERE d.listener = next.listener AND d.event_id = next.event_id
    RETURNING d.event_id, d.attempt
)
SELECT held.event_id::text, o.event, o.key, o.payload, held.attempt, o.occurred_at
  FROM held JOIN core.outbox o ON o.id = held.event_id ORDER BY held.event_id`;

/** The SQL of durable events. */
export class Outbox {
  readonly #db: CoreDatabase;

  constructor(db: CoreDatabase) {
    this.#db = db;
  }

  /** How many listeners will hear of it. */
  async emit(event: string, channel: string, key: string | undefined, json: string, tx?: Tx): Promise<number> {
    const [row] = await (tx ?? this.#db).query<{ deliveries: number }>(
      EMIT,
      [event, channel, key, json],
      'events_emit',
    );
    return row?.deliveries ?? 0;
  }

  /** From now on events wait for this listener; those that waited for its instance's sign-in are tried again. */
  async register(channel: string, listener: string): Promise<void> {
    await this.#db.execute(
      `INSERT INTO core.listeners (channel, listener) VALUES ($1, $2)
        ON CONFLICT (channel, listener) DO UPDATE SET seen_at = now()`,
      [channel, listener],
    );
    await this.#db.execute(
      'UPDATE core.deliveries SET waits_for_auth = false, run_at = now() WHERE listener = $1 AND waits_for_auth',
      [listener],
    );
  }

  claim(listener: string, limit: number, token: string, leaseMs: number): Promise<ClaimedDelivery[]> {
    return this.#db.query<ClaimedDelivery>(CLAIM, [listener, limit, token, leaseMs], 'events_claim');
  }

  async renew(tokens: readonly string[], leaseMs: number): Promise<void> {
    const text = `UPDATE core.deliveries SET lease_until = clock_timestamp() + $2 * interval '1 millisecond' WHERE lease_token = ANY($1::uuid[])`;
    await this.#db.execute(text, [tokens, leaseMs]);
  }

  /** false: another node has it by now. The event goes with its last delivery. */
  async delivered(listener: string, id: string, token: string): Promise<boolean> {
    const text = `WITH done AS (
        DELETE FROM core.deliveries WHERE listener = $1 AND event_id = $2 AND lease_token = $3 RETURNING event_id
      ), trimmed AS (
        DELETE FROM core.outbox o USING done WHERE o.id = done.event_id AND NOT EXISTS (
          SELECT 1 FROM core.deliveries d WHERE d.event_id = done.event_id AND d.listener <> $1)
      )
      SELECT count(*)::int AS n FROM done`;
    return Boolean((await this.#db.query<{ n: number }>(text, [listener, id, token], 'events_delivered'))[0]?.n);
  }

  /** `attempt` -1 gives the attempt back. */
  async later(
    of: { readonly listener: string; readonly id: string; readonly token: string },
    how: { readonly inMs: number; readonly attempt: 0 | -1; readonly auth?: boolean },
  ): Promise<boolean> {
    const text = `UPDATE core.deliveries SET run_at = clock_timestamp() + $4 * interval '1 millisecond', attempt = attempt + $5,
        waits_for_auth = $6, lease_token = NULL, lease_until = NULL
      WHERE listener = $1 AND event_id = $2 AND lease_token = $3`;
    return (await this.#db.execute(text, [of.listener, of.id, of.token, how.inMs, how.attempt, how.auth ?? false])) > 0;
  }

  async bury(listener: string, id: string, token: string, error: string): Promise<boolean> {
    const text = `WITH dead AS (
        DELETE FROM core.deliveries WHERE listener = $1 AND event_id = $2 AND lease_token = $3 RETURNING event_id, attempt
      ), letter AS (
        INSERT INTO core.dead_letters (event_id, event, key, listener, payload, attempts, error, occurred_at)
          SELECT o.id, o.event, o.key, $1, o.payload, dead.attempt, $4, o.occurred_at FROM dead JOIN core.outbox o ON o.id = dead.event_id
      ), trimmed AS (
        DELETE FROM core.outbox o USING dead WHERE o.id = dead.event_id AND NOT EXISTS (
          SELECT 1 FROM core.deliveries d WHERE d.event_id = dead.event_id AND d.listener <> $1)
      )
      SELECT count(*)::int AS n FROM dead`;
    return Boolean((await this.#db.query<{ n: number }>(text, [listener, id, token, error]))[0]?.n);
  }

  deadLetters(limit: number, before: string | undefined): Promise<DeadLetter[]> {
    const text = `SELECT id::text, event, listener, payload, attempts, error, occurred_at, died_at FROM core.dead_letters
      WHERE $2::bigint IS NULL OR id < $2 ORDER BY id DESC LIMIT $1`;
    return this.#db.query<DeadLetter>(text, [limit, before]);
  }

  /** With its old id it stands before everything of its key that came later. undefined: no such letter. */
  async replay(id: string): Promise<string | undefined> {
    const text = `WITH letter AS (
        DELETE FROM core.dead_letters WHERE id = $1 RETURNING *
      ), event AS (
        INSERT INTO core.outbox (id, event, key, payload, occurred_at) SELECT event_id, event, key, payload, occurred_at FROM letter
        ON CONFLICT (id) DO UPDATE SET event = EXCLUDED.event RETURNING id
      ), delivery AS (
        INSERT INTO core.deliveries (listener, event_id, key) SELECT listener, event.id, key FROM letter, event RETURNING 1
      )
      SELECT event, (SELECT count(*) FROM delivery) AS n FROM letter`;
    return (await this.#db.query<{ event: string }>(text, [id]))[0]?.event;
  }

  async pending(): Promise<number> {
    const [row] = await this.#db.query<{ n: number }>(
      'SELECT count(*) AS n FROM core.deliveries',
      [],
      'events_pending',
    );
    return Number(row?.n ?? 0);
  }

  /** Deliveries to listeners that were gone for long, letters nobody replayed, and events that lost their last delivery on the way. */
  async trim(
    present: readonly string[],
    days: { readonly listeners: number; readonly letters: number },
  ): Promise<void> {
    await this.#db.execute('UPDATE core.listeners SET seen_at = now() WHERE listener = ANY($1)', [present]);
    await this.#db.execute(
      `WITH gone AS (DELETE FROM core.listeners WHERE seen_at < now() - $1 * interval '1 day' RETURNING listener)
        DELETE FROM core.deliveries d USING gone WHERE d.listener = gone.listener`,
      [days.listeners],
    );
    const letters = `DELETE FROM core.dead_letters WHERE id IN (SELECT id FROM core.dead_letters
      WHERE died_at < now() - $1 * interval '1 day' ORDER BY died_at LIMIT ${SLICE})`;
    while ((await this.#db.execute(letters, [days.letters])) === SLICE);
    const orphans = `DELETE FROM core.outbox WHERE id IN (SELECT id FROM core.outbox o
      WHERE occurred_at < now() - interval '1 minute' AND NOT EXISTS (SELECT 1 FROM core.deliveries d WHERE d.event_id = o.id) LIMIT ${SLICE})`;
    while ((await this.#db.execute(orphans)) === SLICE);
  }
}
