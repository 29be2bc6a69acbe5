import { PostgresBackend, PostgresJobRepository, PostgresNotificationChannel } from '@agendajs/postgres-backend';
import { Agenda, type JobId, type JobNotification, type JobParameters } from 'agenda';
import pg from 'pg';
import type { KernelLog } from '../log/log.ts';

/** A wake that nobody hears (a lost message, a wake to come) is found by a scan this often. Milliseconds. */
const SCAN_MS = 2_000;
/** Nothing is locked; Agenda keeps a timer of half of it for each wake. Milliseconds. */
const LOCK_MS = 1_000;
const AT_ONCE = 20;
const CONNECTIONS = 3;
const RETRY_MS = 500;

export interface WakesDeps {
  readonly connection: pg.ClientConfig;
  readonly log: KernelLog;
  /** Must not reject: a wake is spent once it was handed over. */
  readonly woken: (jobId: string) => Promise<void>;
  /** Messages were missed: look for yourself. */
  readonly missed: () => void;
}

/**
 * Agenda as dispatcher and nothing else: one job name, whose rows carry the id of a row of core.jobs. Its own pool, as its tables are found by
 * search_path. Nothing it does may end the process: each of its errors has a listener, and `renew` replaces the whole of it.
 */
export class AgendaWakes {
  readonly #deps: WakesDeps;
  #running: { readonly agenda: Agenda; readonly channel: WakeChannel; readonly pool: pg.Pool } | undefined;
  #handling = new Set<Promise<void>>();
  #deaf = 0;

  constructor(deps: WakesDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { log } = this.#deps;
    const pool = new pg.Pool({
      ...this.#deps.connection,
      max: CONNECTIONS,
      // A wake lost with the server's last half second is repeated by the reconciler: no disk is waited for.
      options: '-c search_path=agenda -c synchronous_commit=off',
      application_name: 'revenge jobs dispatch',
    });
    pool.on('error', (error) => log.debug('jobs: a dispatch connection was lost', { error }));
    try {
      await pool.query('SELECT 1');
      const channel = new WakeChannel({ pool, channelName: 'agenda_jobs' });
      channel.on('error', (error: Error) => log.debug('jobs: the dispatch channel', { error }));
      const agenda = this.#agenda(pool, channel);
      this.#running = { agenda, channel, pool };
      await agenda.start();
      channel.on('stateChange', (state: string) => state === 'connected' && this.#deps.missed());
    } catch (error) {
      await this.stop();
      if (!pool.ending) await pool.end();
      throw error;
    }
  }

  /** Called now and then: a channel that does not come back by itself is replaced, with the pool its lost clients may have used up. */
  async renew(): Promise<void> {
    this.#deaf = this.#running?.channel.state === 'connected' ? 0 : this.#deaf + 1;
    if (this.#deaf < 2) return;
    await this.stop();
    await this.start();
    this.#deaf = 0;
    this.#deps.log.info('jobs: dispatch is back');
    this.#deps.missed();
  }

  /** Of its pool, for the gauges: the LISTEN connection counts as acquired. */
  connections(): { readonly total: number; readonly idle: number; readonly waiting: number; readonly max: number } {
    const pool = this.#running?.pool;
    return {
      total: pool?.totalCount ?? 0,
      idle: pool?.idleCount ?? 0,
      waiting: pool?.waitingCount ?? 0,
      max: CONNECTIONS,
    };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    const { agenda, pool } = running;
    await agenda
      .stop(false)
      .catch((error: unknown) => this.#deps.log.debug('jobs: dispatch stopped without its farewell', { error }));
    await Promise.all(this.#handling);
    await pool.end();
  }

  #agenda(pool: pg.Pool, channel: WakeChannel): Agenda {
    const config = { pool, ensureSchema: false, disableNotifications: true };
    const backend = new PatientBackend(config, new WakeRepository(config));
    const agenda = new Agenda({
      backend,
      notificationChannel: channel,
      processEvery: SCAN_MS,
      maxConcurrency: AT_ONCE,
    });
    agenda.on('error', (error: Error) => this.#deps.log.debug('jobs: dispatch', { error }));
    agenda.define(
      'wake',
      async (wake: { readonly attrs: { readonly data: unknown } }) => {
        // Written by core.job_wake alone.
        const work = this.#deps.woken((wake.attrs.data as { readonly id: string }).id);
        this.#handling.add(work);
        await work.finally(() => this.#handling.delete(work));
      },
      { concurrency: AT_ONCE, lockLifetime: LOCK_MS, removeOnComplete: true },
    );
    return agenda;
  }
}

/** Without the three messages a job by which Agenda tells other nodes what it does: nobody here listens to them. */
class WakeChannel extends PostgresNotificationChannel {
  #looking = false;
  #again = false;

  /** Each message makes Agenda take all wakes that are due: those that come meanwhile are served by one more look. */
  protected override async notifyHandlers(notification: JobNotification): Promise<void> {
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#again) {
        this.#again = false;
        await super.notifyHandlers(notification);
      }
    } finally {
      this.#looking = false;
    }
  }

  override async publishState(): Promise<void> {
    return undefined;
  }
}

/**
 * A wake is gone once it is taken, many at once: Agenda would lock each, write its state twice and delete it. One that is lost on the way is
 * repeated by the reconciler.
 */
class WakeRepository extends PostgresJobRepository {
  readonly #taken: JobParameters[] = [];

  override async getNextJobToRun(name: string, until: Date): Promise<JobParameters | undefined> {
    if (!this.#taken.length) this.#taken.push(...(await this.#take(name, until)));
    return this.#taken.shift();
  }

  override async saveJobState(): Promise<void> {
    return undefined;
  }

  override async removeJobs(): Promise<number> {
    return 0;
  }

  async #take(name: string, until: Date): Promise<JobParameters[]> {
    const { rows } = await this.getPool().query<{ id: string; next_run_at: Date; data: unknown }>({
      name: 'wakes_take',
      text: `DELETE FROM agenda_jobs WHERE id IN (
          SELECT id FROM agenda_jobs WHERE name = $1 AND next_run_at <= $2 AND disabled = FALSE
          ORDER BY next_run_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)
        RETURNING id, next_run_at, data`,
      values: [name, until],
    });
    // Agenda brands its ids; PostgreSQL made this one.
    return rows.map(({ id, next_run_at: nextRunAt, data }) => ({
      _id: id as JobId,
      name,
      nextRunAt,
      data,
      priority: 0,
      type: 'normal',
    }));
  }
}

/** Agenda connects in its constructor and leaves the failure to nobody, which ends the process. */
class PatientBackend extends PostgresBackend {
  readonly #wakes: WakeRepository;

  constructor(config: ConstructorParameters<typeof PostgresBackend>[0], wakes: WakeRepository) {
    super(config);
    this.#wakes = wakes;
  }

  override get repository(): WakeRepository {
    return this.#wakes;
  }

  override async connect(): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      try {
        return await super.connect();
      } catch {
        // `renew` replaces a backend that never connected.
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    }
  }
}
