import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Binaries } from './binaries.ts';
import { type EmbeddedFolder, prepareFolder } from './embedded-folder.ts';
import { ensureDatabase } from './ensure-database.ts';
import { freePort } from './free-port.ts';
import { SUPERUSER } from './init-cluster.ts';
import { InstanceLock, LockHeld } from './instance-lock.ts';
import { clearLeftBehind } from './left-behind.ts';
import { type Address, boundLog, PostgresProcess, SOCKET_PORT, StartFailed } from './postgres-process.ts';
import type { PostmasterFile } from './postmaster-file.ts';
import { SETTINGS } from './settings.ts';
import type { Embedded, EmbeddedOptions } from './start-embedded.ts';

const DATABASE = 'revenge';
/** sun_path of a Unix socket, less on macOS. Bytes. */
const SOCKET_PATH = 100;
/** After a kill -9 the kernel takes a moment to let go of shared memory. Milliseconds. */
const AGAIN_WITHIN = 8_000;
const FULL_RETRY = 2_000;
const LOG_CHECK = 10 * 60_000;
/** A PostgreSQL that keeps dying is an operator's matter. */
const RESTARTS = { most: 5, within: 10 * 60_000 };

/** Our own PostgreSQL, from its start to its stop; started again when it dies by itself. */
export class EmbeddedServer implements Embedded {
  version = '';
  readonly #options: EmbeddedOptions;
  readonly #binaries: Binaries;
  #folder: EmbeddedFolder | undefined;
  #address: Address | undefined;
  #process: PostgresProcess | undefined;
  #lock: InstanceLock | undefined;
  #logTimer: NodeJS.Timeout | undefined;
  #stopping = false;
  #recovery: Promise<void> | undefined;
  #deaths: readonly number[] = [];

  constructor(options: EmbeddedOptions, binaries: Binaries) {
    this.#options = options;
    this.#binaries = binaries;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get connection(): pg.ClientConfig {
    return this.#connect(DATABASE);
  }

  async start(): Promise<void> {
    const folder = (this.#folder = await prepareFolder(this.#options.data, this.#binaries));
    if (folder.user?.wrap)
      this.#options.log.warn(
        'no other user may enter the data folder: PostgreSQL runs as root in a user namespace of its own; keep it below /srv or /var/lib, or run as an ordinary user',
      );
    const path = join(folder.socket, `.s.PGSQL.${SOCKET_PORT}`);
    const byPath = process.platform !== 'win32' && Buffer.byteLength(path) <= SOCKET_PATH;
    this.#address = byPath ? { socket: folder.socket } : { port: await freePort() };
    await this.#run();
    try {
      this.version = await ensureDatabase((database) => this.#connect(database), DATABASE);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#logTimer = setInterval(() => boundLog(folder.log), LOG_CHECK).unref();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#logTimer);
    await this.#recovery;
    await this.#lock?.release();
    await this.#process?.stop();
  }

  /** Folder free → postgres up → lock taken. Whoever loses a race against another server finds its lock held and says so. */
  async #run(): Promise<void> {
    const deadline = performance.now() + AGAIN_WITHIN;
    for (;;) {
      await this.#clear();
      try {
        this.#process = await this.#spawn();
        return await this.#take();
      } catch (error) {
        if (error instanceof Error && error.cause instanceof LockHeld) throw error;
        const text = textOf(error);
        const passes = !(error instanceof StartFailed) || /lock file|shared memory|could not bind|in use/i.test(text);
        if (!passes || performance.now() > deadline)
          throw new Error(`PostgreSQL did not start: ${text}`, { cause: error });
        await this.#otherPort(text);
        await sleep(100);
      }
    }
  }

  /** Somebody took the port between our look and PostgreSQL's. Once it is known to others it stays. */
  async #otherPort(text: string): Promise<void> {
    const bound = this.#address && 'port' in this.#address && /could not bind|in use/i.test(text);
    if (bound && !this.#recovery) this.#address = { port: await freePort() };
  }

  async #clear(): Promise<void> {
    const { data, user } = this.#need();
    try {
      await clearLeftBehind({
        data,
        uid: user?.uid,
        apiPort: this.#options.apiPort,
        log: this.#options.log,
        connection: (file) => this.#reachable(file),
      });
    } catch (error) {
      throw this.#told(error);
    }
  }

  #spawn(): Promise<PostgresProcess> {
    const { data, log, user } = this.#need();
    const settings = { ...SETTINGS, ...this.#options.settings };
    return PostgresProcess.start({ binaries: this.#binaries, user, data, address: this.#at(), log, settings });
  }

  async #take(): Promise<void> {
    const server = this.#process;
    try {
      this.#lock = await InstanceLock.take(this.#connect('postgres'), this.#options.apiPort, (reason) =>
        this.#noticed(reason),
      );
    } catch (error) {
      // A lock that another holds means another owns this postgres now: it is not ours to stop.
      if (!(error instanceof LockHeld)) await server?.stop();
      throw this.#told(error);
    }
    void server?.ended.then(() => this.#noticed('its process ended'));
  }

  #noticed(reason: string): void {
    if (this.#stopping || this.#recovery) return;
    this.#recovery = this.#lost(reason).finally(() => (this.#recovery = undefined));
  }

  /** The lock's connection is gone: PostgreSQL died, and is started again; or only the connection did, and is taken again. */
  async #lost(reason: string): Promise<void> {
    this.#options.log.error('the connection that holds the data folder was lost; taking it again', { reason });
    try {
      this.#countDeath();
      await this.#lock?.release().catch(() => undefined);
      await this.#recoverWhenThereIsRoom();
      this.#options.log.info('the data folder is held again');
    } catch (error) {
      if (!this.#stopping) this.#options.onLost(`the data folder is lost: ${textOf(error)}`);
    }
  }

  #countDeath(): void {
    const now = performance.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < RESTARTS.within), now];
    if (this.#deaths.length > RESTARTS.most)
      throw new Error(`PostgreSQL was lost ${RESTARTS.most} times within ten minutes; see ${this.#need().log}`);
  }

  /** On a full disk PostgreSQL may end and not start: that passes when somebody makes room, however long it takes. */
  async #recoverWhenThereIsRoom(): Promise<void> {
    for (;;) {
      try {
        return await this.#recover();
      } catch (error) {
        if (this.#stopping || !/no space left|disk quota/i.test(textOf(error))) throw error;
        this.#options.log.error('the disk is full: PostgreSQL cannot start; trying again', { reason: textOf(error) });
        await sleep(FULL_RETRY);
      }
    }
  }

  async #recover(): Promise<void> {
    const server = this.#process;
    if (server && !(await endsWithin(server, 500))) {
      try {
        return await this.#take();
      } catch (error) {
        if (error instanceof LockHeld || (error instanceof Error && error.cause instanceof LockHeld)) throw error;
      }
    }
    await this.#run();
  }

  #connect(database: string): pg.ClientConfig {
    const address = this.#at();
    const at =
      'socket' in address ? { host: address.socket, port: SOCKET_PORT } : { host: '127.0.0.1', port: address.port };
    return { ...at, user: SUPERUSER, password: this.#need().password, database };
  }

  #reachable(file: PostmasterFile): pg.ClientConfig | undefined {
    const host = file.socket ?? (file.host ? '127.0.0.1' : undefined);
    return host === undefined
      ? undefined
      : { host, port: file.port, user: SUPERUSER, password: this.#need().password, database: 'postgres' };
  }

  #told(error: unknown): unknown {
    if (!(error instanceof LockHeld)) return error;
    return new Error(
      `another Revenge uses the data folder ${resolve(this.#options.data)} (${error.holder}). ` +
        'Stop that one, or start this one with another folder (--data); several nodes need a PostgreSQL of their own (DATABASE_URL)',
      { cause: error },
    );
  }

  #need(): EmbeddedFolder {
    if (!this.#folder) throw new Error('the embedded PostgreSQL was not started');
    return this.#folder;
  }

  #at(): Address {
    if (!this.#address) throw new Error('the embedded PostgreSQL was not started');
    return this.#address;
  }
}

const endsWithin = (server: PostgresProcess, time: number): Promise<boolean> =>
  Promise.race([server.ended.then(() => true), sleep(time, false)]);

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
