import type pg from 'pg';
import { clientConfig } from '../connection.ts';
import { plain } from '../migration-lock.ts';
import { TimedClient } from '../timed-client.ts';

/** Held by the one server of this data folder, for as long as its connection lives. */
const LOCK = [0x52_65_76, 2] as const;
/** A connection whose other end hangs is noticed after a beat and its timeout. Milliseconds. */
const BEAT = 5_000;
const TIMEOUT = 5_000;

/** What the holder calls itself; at most 63 bytes survive. */
export const lockName = (apiPort: number): string => `revenge server pid ${process.pid} port ${apiPort}`;

export class LockHeld extends Error {
  override readonly name = 'LockHeld';
  /** 'pid 123, port 8096', as the holder says of itself. */
  constructor(readonly holder: string) {
    super(`held by another server (${holder})`);
  }
}

/** An advisory lock in the PostgreSQL of a data folder: it dies with its holder, however that ends. */
export class InstanceLock {
  readonly #client: TimedClient;
  #timer: NodeJS.Timeout | undefined;
  #released = false;

  private constructor(client: TimedClient) {
    this.#client = client;
  }

  /** Rejects with LockHeld when another has it. `lost` is called once, unless `release` came first. */
  static async take(
    connection: pg.ClientConfig,
    apiPort: number,
    lost: (reason: string) => void,
  ): Promise<InstanceLock> {
    const client = new TimedClient({
      ...clientConfig(connection, { applicationName: lockName(apiPort), statementTimeoutMs: TIMEOUT }),
      query_timeout: TIMEOUT,
    });
    await client.connect();
    try {
      await takeOrTell(client);
    } catch (error) {
      await client.end();
      throw error;
    }
    const lock = new InstanceLock(client);
    const gone = (reason: string): void => {
      if (lock.#released) return;
      lock.#end();
      lost(reason);
    };
    client.on('error', (error) => gone(error.message));
    client.on('end', () => gone('the connection ended'));
    lock.#beat(gone);
    return lock;
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#end();
    await this.#client.end();
  }

  #end(): void {
    this.#released = true;
    clearTimeout(this.#timer);
  }

  #beat(gone: (reason: string) => void): void {
    this.#timer = setTimeout(() => {
      plain(this.#client, 'select 1').then(
        () => this.#released || this.#beat(gone),
        (error: Error) => {
          gone(error.message);
          this.#client.connection.stream.destroy();
        },
      );
    }, BEAT);
  }
}

async function takeOrTell(client: TimedClient): Promise<void> {
  const [row] = await plain<{ taken: boolean }>(client, 'select pg_try_advisory_lock($1, $2) as taken', [...LOCK]);
  if (row?.taken) return;
  const [holder] = await plain<{ name: string }>(
    client,
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.granted`,
    [...LOCK],
  );
  const [, pid, port] = /pid (\d+) port (\d+)/.exec(holder?.name ?? '') ?? [];
  throw new LockHeld(pid ? `pid ${pid}, port ${port}` : 'which one is not known');
}
