import type { CoreDatabase, Tx } from '../database/database.ts';
import type { JobRow, JobRowState } from './job-queue.ts';
import { type ClaimedRow, type FinishedState, HISTORY_COLUMNS, LIVE_COLUMNS, type WaitingState } from './job-row.ts';

export interface NewJob {
  readonly id: string;
  readonly type: string;
  readonly instance: string;
  readonly json: string;
  /** JSON to be equal by; undefined: not unique. */
  readonly equal: string | undefined;
  readonly key: string | undefined;
  readonly priority: number;
  readonly maxAttempts: number;
  readonly at: Date | undefined;
  /** Milliseconds from now, by the database's clock. */
  readonly inMs: number;
  readonly cronLine: string | undefined;
}

/**
 * One round trip: the once-only key, the row, Agenda's wake and its message. An equal one that waits already is answered instead, and made to
 * run no later and no less urgently than this one asks.
 */
const ENQUEUE = `
WITH asked AS (
  SELECT coalesce($9::timestamptz, now() + $10 * interval '1 millisecond') AS run_at
), once AS (
  INSERT INTO core.job_keys AS k (type, instance, key, job_id) SELECT $2, $3, $6, $1 WHERE $6::text IS NOT NULL
  ON CONFLICT (type, instance, key) DO UPDATE SET
    job_id = CASE WHEN k.created_at <= now() - interval '1 day' THEN EXCLUDED.job_id ELSE k.job_id END,
    created_at = CASE WHEN k.created_at <= now() - interval '1 day' THEN now() ELSE k.created_at END
  RETURNING job_id
), job AS (
  INSERT INTO core.jobs AS j (id, type, instance, state, input, unique_key, priority, max_attempts, run_at, cron_line)
    SELECT $1, $2, $3, CASE WHEN run_at > now() THEN 'scheduled' ELSE 'available' END, $4::jsonb, md5($5::jsonb::text),
      $7::smallint, $8::int, run_at, $11
    FROM asked WHERE $6::text IS NULL OR (SELECT job_id FROM once) = $1
  ON CONFLICT (type, instance, unique_key) WHERE state <> 'running' DO UPDATE SET
    run_at = least(j.run_at, EXCLUDED.run_at),
    priority = greatest(j.priority, EXCLUDED.priority),
    state = CASE WHEN j.state IN ('scheduled', 'retryable') AND EXCLUDED.run_at <= now() THEN 'available' ELSE j.state END
  RETURNING id, run_at
)
SELECT coalesce((SELECT id FROM job), (SELECT job_id FROM once)) AS id, EXISTS (SELECT 1 FROM job) AS stored,
  (SELECT count(core.job_wake(id, CASE WHEN run_at > now() THEN run_at END)) FROM job) AS wakes`;

const TURN = `SELECT * FROM core.job_turn($1, $2, $3::uuid[], $4::uuid[], $5, $6::uuid[], $7::uuid[], $8,
  $9 * interval '1 millisecond', $10 * interval '1 millisecond')`;

export interface Turn {
  readonly type: string;
  readonly instance: string;
  /** What was completed. */
  readonly done: readonly { readonly id: string; readonly token: string }[];
  /** Most runs at once, over all nodes. */
  readonly limit: number;
  /** A lease token for each row that may be claimed. */
  readonly fresh: readonly string[];
  /** Tokens of claims whose answer never came. */
  readonly unheard: readonly string[];
  readonly node: string;
  readonly leaseMs: number;
  readonly longestMs: number;
}

/** The SQL of the queue. Every time is compared with the database's clock. */
export class JobStore {
  readonly #db: CoreDatabase;

  constructor(db: CoreDatabase) {
    this.#db = db;
  }

  async enqueue(job: NewJob, tx?: Tx): Promise<{ readonly id: string; readonly fresh: boolean }> {
    const db = tx ?? this.#db;
    const values = [
      job.id,
      job.type,
      job.instance,
      job.json,
      job.equal,
      job.key,
      job.priority,
      job.maxAttempts,
      job.at,
    ];
    const [row] = await db.query<{ id: string; stored: boolean }>(
      ENQUEUE,
      [...values, job.inMs, job.cronLine],
      'jobs_enqueue',
    );
    if (!row) throw new Error('the enqueue statement answered no row');
    // The key was new but an equal run waited: the key stands for that one.
    if (row.stored && row.id !== job.id && job.key !== undefined)
      await db.execute('UPDATE core.job_keys SET job_id = $1 WHERE type = $2 AND instance = $3 AND key = $4', [
        row.id,
        job.type,
        job.instance,
        job.key,
      ]);
    return { id: row.id, fresh: row.id === job.id };
  }

  /** `kept`: the completed ones whose run was still ours. */
  async turn(of: Turn): Promise<{ readonly kept: ReadonlySet<string>; readonly claimed: readonly ClaimedRow[] }> {
    const ids = of.done.map(({ id }) => id);
    const tokens = of.done.map(({ token }) => token);
    const lease = [of.node, of.leaseMs, of.longestMs];
    const values = [of.type, of.instance, ids, tokens, of.limit, of.fresh, of.unheard, ...lease];
    const rows = await this.#db.query<(ClaimedRow & { done: null }) | { done: string }>(TURN, values, 'jobs_turn');
    return {
      kept: new Set(rows.flatMap(({ done }) => done ?? [])),
      claimed: rows.filter((row) => row.done === null),
    };
  }

  /** false: another node has the run by now, and this result is nobody's. */
  async finish(id: string, token: string, state: FinishedState, error?: string): Promise<boolean> {
    const text = 'SELECT core.job_finish($1, $2, $3, $4) AS done';
    const [row] = await this.#db.query<{ done: boolean }>(text, [id, token, state, error], 'jobs_finish');
    return row?.done ?? false;
  }

  /** Back to waiting; `attempt` -1 gives the attempt back. false as in `finish`. */
  async wait(
    run: { readonly id: string; readonly token: string },
    to: {
      readonly state: WaitingState;
      readonly inMs: number;
      readonly error: string | undefined;
      readonly reason?: 'needs-auth' | 'no-instance';
      readonly attempt: 0 | -1;
    },
  ): Promise<boolean> {
    const text = `SELECT core.job_wait($1, $2, $3, $4 * interval '1 millisecond', $5, $6, $7, 0) AS done`;
    const values = [run.id, run.token, to.state, to.inMs, to.error, to.reason, to.attempt];
    return (await this.#db.query<{ done: boolean }>(text, values, 'jobs_wait'))[0]?.done ?? false;
  }

  async progress(id: string, token: string, ratio: number, text: string | undefined): Promise<void> {
    const sql = 'UPDATE core.jobs SET progress = $3, progress_text = $4 WHERE id = $1 AND lease_token = $2';
    await this.#db.query(sql, [id, token, ratio, text], 'jobs_progress');
  }

  /** Whose the woken rows are, and how long they still have to wait. */
  woken(ids: readonly string[]): Promise<{ id: string; type: string; instance: string; wait_ms: number }[]> {
    const text = `SELECT id, type, instance, extract(epoch FROM run_at - clock_timestamp())::float8 * 1000 AS wait_ms
      FROM core.jobs WHERE id = ANY($1::uuid[]) AND state IN ('available', 'scheduled', 'retryable')`;
    return this.#db.query(text, [ids], 'jobs_woken');
  }

  async read(id: string): Promise<JobRow | undefined> {
    const text = `SELECT ${LIVE_COLUMNS} FROM core.jobs WHERE id = $1
      UNION ALL SELECT ${HISTORY_COLUMNS} FROM core.jobs_history WHERE id = $1`;
    return (await this.#db.query<JobRow>(text, [id], 'jobs_read'))[0];
  }

  list(filter: { state?: JobRowState; type?: string; before?: string }, limit: number): Promise<JobRow[]> {
    const where = `($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR type = $2) AND ($3::uuid IS NULL OR id < $3)`;
    const part = (columns: string, table: string): string =>
      `(SELECT ${columns} FROM ${table} WHERE ${where} ORDER BY id DESC LIMIT $4)`;
    const text = `${part(LIVE_COLUMNS, 'core.jobs')} UNION ALL ${part(HISTORY_COLUMNS, 'core.jobs_history')}
      ORDER BY id DESC LIMIT $4`;
    return this.#db.query<JobRow>(text, [filter.state, filter.type, filter.before, limit]);
  }

  /** 'waiting': gone from the queue. 'running': marked, its node is to be told. */
  async cancel(id: string): Promise<'waiting' | 'running' | undefined> {
    // A run may start or end between the two statements: then the other one finds it.
    for (let turn = 0; turn < 3; turn++) {
      const finished = `SELECT core.job_finish(id, NULL, 'cancelled', NULL) AS done FROM core.jobs WHERE id = $1 AND state <> 'running'`;
      if ((await this.#db.query<{ done: boolean }>(finished, [id]))[0]?.done) return 'waiting';
      const marked = `UPDATE core.jobs SET cancel_requested = true WHERE id = $1 AND state = 'running'`;
      if (await this.#db.execute(marked, [id])) return 'running';
    }
    return undefined;
  }

  /** A finished one that failed waits again, from its first attempt; not while an equal one waits. */
  async retry(id: string): Promise<boolean> {
    const text = `
      WITH gone AS (
        DELETE FROM core.jobs_history h WHERE id = $1 AND state IN ('discarded', 'cancelled') AND NOT EXISTS (
          SELECT 1 FROM core.jobs j
            WHERE j.type = h.type AND j.instance = h.instance AND j.unique_key = h.unique_key AND j.state <> 'running')
        RETURNING *
      ), job AS (
        INSERT INTO core.jobs (id, type, instance, state, input, unique_key, priority, max_attempts, created_at, run_at)
          SELECT id, type, instance, 'available', input, unique_key, priority, max_attempts, created_at, now() FROM gone
        RETURNING id
      )
      SELECT count(core.job_wake(id, NULL)) AS woken FROM job`;
    const [row] = await this.#db.query<{ woken: number }>(text, [id]);
    return Number(row?.woken ?? 0) > 0;
  }

  async counts(): Promise<Record<JobRowState, number>> {
    const rows = await this.#db.query<{ state: JobRowState; n: number }>(
      `SELECT state, count(*) AS n FROM core.jobs GROUP BY state
        UNION ALL SELECT state, sum(n)::bigint FROM core.job_counts GROUP BY state`,
      [],
      'jobs_counts',
    );
    const none = {
      available: 0,
      running: 0,
      retryable: 0,
      scheduled: 0,
      completed: 0,
      discarded: 0,
      cancelled: 0,
      pending: 0,
    };
    return { ...none, ...Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)])) };
  }
}
