import pg from 'pg';
import type { KernelLog } from '../log/log.ts';
import type { Bus } from './bus.ts';
import { clientConfig, type Connection } from './connection.ts';
import type { CoreDatabase, Tx } from './database.ts';

/** One channel for all topics: a node that starts to listen to a topic needs no statement for it. */
const CHANNEL = 'revenge_bus';
/** PostgreSQL refuses 8,000; the topic travels along. Bytes. */
const MOST = 7_000;
/** A connection whose other end vanished is noticed after a beat and its timeout. Milliseconds. */
const BEAT = 2_000;
const BEAT_TIMEOUT = 3_000;
const BACKOFF = { from: 100, to: 5_000 };

export interface PostgresBusDeps {
  readonly connection: Connection;
  readonly database: CoreDatabase;
  readonly log: KernelLog;
}

/** One LISTEN connection, outside the pool; lost, it is taken again until `stop`. */
export class PostgresBus implements Bus {
  readonly #deps: PostgresBusDeps;
  readonly #topics = new Map<string, Set<(payload: string) => void>>();
  readonly #reconnected = new Set<() => void>();
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #backoff = BACKOFF.from;
  #stopped = false;
  #epoch = 0;

  constructor(deps: PostgresBusDeps) {
    this.#deps = deps;
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Rejects when the first connection fails. */
  async start(): Promise<void> {
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async publish(topic: string, payload: string, tx?: Tx): Promise<void> {
    const message = `${topic}\n${payload}`;
    if (Buffer.byteLength(payload) > MOST || Buffer.byteLength(message) > MOST + 500)
      throw new RangeError(
        `a message on '${topic}' is longer than ${MOST} bytes: publish an id and let listeners read the rest`,
      );
    await (tx ?? this.#deps.database).query('select pg_notify($1, $2)', [CHANNEL, message], 'revenge_bus_publish');
  }

  on(topic: string, listener: (payload: string) => void): () => void {
    const listeners = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (!listeners.size && this.#topics.get(topic) === listeners) this.#topics.delete(topic);
    };
  }

  onReconnect(listener: () => void): () => void {
    this.#reconnected.add(listener);
    return () => this.#reconnected.delete(listener);
  }

  async #connect(): Promise<void> {
    const session = { applicationName: 'revenge bus', statementTimeoutMs: 0 };
    const client = new pg.Client({
      ...clientConfig(this.#deps.connection, session),
      query_timeout: BEAT_TIMEOUT,
      keepAliveInitialDelayMillis: BEAT,
    });
    client.on('error', (error) => this.#lost(client, error.message));
    client.on('end', () => this.#lost(client, 'the connection ended'));
    client.on('notification', ({ payload }) => this.#receive(payload ?? ''));
    await client.connect();
    try {
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      drop(client);
      throw error;
    }
    if (this.#stopped) return void (await client.end());
    this.#client = client;
    this.#backoff = BACKOFF.from;
    this.#beat(client);
  }

  #beat(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      client.query('select 1').then(
        () => this.#client === client && this.#beat(client),
        (error: Error) => {
          this.#lost(client, error.message);
          drop(client);
        },
      );
    }, BEAT);
  }

  #lost(client: pg.Client, reason: string): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#epoch++;
    clearTimeout(this.#timer);
    this.#deps.log.warn('the notification connection was lost; connecting again', { reason });
    this.#again(0);
  }

  #again(delay: number): void {
    this.#timer = setTimeout(() => {
      this.#connect().then(
        () => {
          if (this.#stopped) return;
          this.#deps.log.info('the notification connection is back');
          this.#tell(this.#reconnected, (listener) => listener());
        },
        () => {
          if (this.#stopped) return;
          this.#backoff = Math.min(this.#backoff * 2, BACKOFF.to);
          this.#again(this.#backoff * (0.5 + Math.random() / 2));
        },
      );
    }, delay);
  }

  #receive(message: string): void {
    const end = message.indexOf('\n');
    const payload = message.slice(end + 1);
    this.#tell(this.#topics.get(message.slice(0, end)) ?? [], (listener) => listener(payload));
  }

  /** One listener that throws keeps no other from hearing. */
  #tell<L>(listeners: Iterable<L>, call: (listener: L) => void): void {
    for (const listener of listeners) {
      try {
        call(listener);
      } catch (error) {
        this.#deps.log.error(new Error('a listener of the notification bus failed', { cause: error }));
      }
    }
  }
}

/** Without the farewell that a dead peer never answers. */
function drop(client: pg.Client): void {
  client.connection.stream.destroy();
}
