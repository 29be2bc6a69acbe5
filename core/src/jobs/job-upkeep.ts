import type { CoreDatabase } from '../database/database.ts';

export interface LaneKey {
  readonly type: string;
  readonly instance: string;
}

/** Rows deleted in one statement: short enough that nobody waits for it. */
const SLICE = 1_000;

/** What every node does for the whole cluster now and then, and what it says of itself. Doing it twice is harmless. */
export class JobUpkeep {
  readonly #db: CoreDatabase;
  readonly #node: string;
  readonly #leaseMs: number;

  constructor(db: CoreDatabase, node: string, leaseMs: number) {
    this.#db = db;
    this.#node = node;
    this.#leaseMs = leaseMs;
  }

  /** This node runs these from now on; what waited for one of them is due again. */
  async announce(lanes: readonly LaneKey[]): Promise<void> {
    const text = `WITH alive AS (
        INSERT INTO core.job_nodes (id, alive_until) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond')
        ON CONFLICT (id) DO UPDATE SET alive_until = greatest(core.job_nodes.alive_until, EXCLUDED.alive_until)
      )
      INSERT INTO core.job_lanes (type, instance, node) SELECT type, instance, $1 FROM unnest($3::text[], $4::text[]) l (type, instance)
      ON CONFLICT DO NOTHING`;
    await this.#db.query(text, [this.#node, this.#leaseMs, ...columns(lanes)], 'jobs_announce');
  }

  /** Everything of the lane, whatever it waited for: the instance was defined anew. */
  async wakePending({ type, instance }: LaneKey): Promise<void> {
    const text = `UPDATE core.jobs SET state = 'available', pending_reason = NULL
      WHERE type = $1 AND instance = $2 AND state = 'pending'`;
    await this.#db.execute(text, [type, instance]);
  }

  async withdraw({ type, instance }: LaneKey): Promise<void> {
    await this.#db.execute('DELETE FROM core.job_lanes WHERE type = $1 AND instance = $2 AND node = $3', [
      type,
      instance,
      this.#node,
    ]);
  }

  /** Every lease ends now, so that the lease thread finds the runs lost and has them run again. */
  async loseAll(): Promise<void> {
    await this.#db.execute("UPDATE core.jobs SET lease_until = clock_timestamp() WHERE state = 'running'");
    await this.#db.execute('DELETE FROM core.job_nodes');
  }

  async leave(): Promise<void> {
    await this.#db.execute('DELETE FROM core.job_nodes WHERE id = $1', [this.#node]);
  }

  /** Due rows that no living node can run wait as 'pending'; those whose node is there are due again. */
  async settlePending(): Promise<void> {
    const living = `EXISTS (SELECT 1 FROM core.job_lanes l JOIN core.job_nodes n ON n.id = l.node
      WHERE l.type = j.type AND l.instance = j.instance AND n.alive_until > clock_timestamp())`;
    await this.#db.query(
      `UPDATE core.jobs SET state = 'pending', pending_reason = 'no-instance' WHERE id IN (
        SELECT id FROM core.jobs j WHERE state = 'available' AND NOT ${living} LIMIT ${SLICE} FOR UPDATE SKIP LOCKED)`,
      [],
      'jobs_to_pending',
    );
    await this.#db.query(
      `UPDATE core.jobs SET state = 'available', pending_reason = NULL WHERE id IN (
        SELECT id FROM core.jobs j WHERE state = 'pending' AND pending_reason = 'no-instance' AND ${living}
        LIMIT ${SLICE} FOR UPDATE SKIP LOCKED)`,
      [],
      'jobs_from_pending',
    );
  }

  /** Which of these have something due. */
  due(lanes: readonly LaneKey[]): Promise<LaneKey[]> {
    const text = `SELECT type, instance FROM unnest($1::text[], $2::text[]) l (type, instance) WHERE EXISTS (
        SELECT 1 FROM core.jobs j WHERE j.type = l.type AND j.instance = l.instance AND j.state = 'available'
      ) OR EXISTS (
        SELECT 1 FROM core.jobs j WHERE j.type = l.type AND j.instance = l.instance AND j.state IN ('scheduled', 'retryable')
          AND j.run_at <= clock_timestamp())`;
    return this.#db.query<LaneKey>(text, columns(lanes), 'jobs_due');
  }

  /** Which of these have no run of their schedule waiting. The clock that cron counts from is the database's. */
  async unscheduled(lanes: readonly LaneKey[]): Promise<readonly (LaneKey & { readonly now: Date })[]> {
    const text = `SELECT type, instance, clock_timestamp() AS now FROM unnest($1::text[], $2::text[]) l (type, instance)
      WHERE NOT EXISTS (SELECT 1 FROM core.jobs j
        WHERE j.type = l.type AND j.instance = l.instance AND j.cron_line IS NOT NULL AND j.state <> 'running')`;
    return this.#db.query<LaneKey & { now: Date }>(text, columns(lanes), 'jobs_unscheduled');
  }

  /** Waiting runs of a schedule that is no longer the lane's. */
  async dropOtherCron({ type, instance }: LaneKey, line: string | undefined): Promise<void> {
    const text = `WITH gone AS (
        DELETE FROM core.jobs WHERE type = $1 AND instance = $2 AND cron_line IS NOT NULL AND cron_line IS DISTINCT FROM $3
          AND state <> 'running' RETURNING id)
      DELETE FROM core.job_keys k USING gone WHERE k.type = $1 AND k.instance = $2 AND k.job_id = gone.id`;
    await this.#db.execute(text, [type, instance, line]);
  }

  /** Old history, keys past their day, and wakes that Agenda left behind; in slices, by one node at a time. */
  async trim(keep: { readonly days: number; readonly rows: number }): Promise<void> {
    if (!(await this.#first())) return;
    const old = `DELETE FROM core.jobs_history WHERE id IN (SELECT id FROM core.jobs_history
      WHERE finished_at < now() - $1 * interval '1 day' ORDER BY finished_at LIMIT ${SLICE})`;
    await this.#slices(() => this.#db.execute(old, [keep.days]));
    const [{ n } = { n: 0 }] = await this.#db.query<{ n: number }>('SELECT sum(n)::bigint AS n FROM core.job_counts');
    let over = Number(n) - keep.rows;
    const many = `DELETE FROM core.jobs_history WHERE id IN (SELECT id FROM core.jobs_history ORDER BY finished_at LIMIT $1)`;
    while (over > 0) {
      const gone = await this.#db.execute(many, [Math.min(over, SLICE)]);
      if (!gone) break;
      over -= gone;
    }
    const keys = `DELETE FROM core.job_keys WHERE ctid IN (SELECT ctid FROM core.job_keys
      WHERE created_at < now() - interval '1 day' LIMIT ${SLICE})`;
    await this.#slices(() => this.#db.execute(keys));
    await this.#db.execute(
      `DELETE FROM agenda.agenda_jobs WHERE next_run_at IS NULL AND coalesce(last_finished_at, created_at) < now() - interval '1 minute'`,
    );
  }

  /** Of the living nodes one does what must not be done twice at once. */
  async #first(): Promise<boolean> {
    const text = 'SELECT id FROM core.job_nodes WHERE alive_until > clock_timestamp() ORDER BY id LIMIT 1';
    return (await this.#db.query<{ id: string }>(text))[0]?.id === this.#node;
  }

  async #slices(slice: () => Promise<number>): Promise<void> {
    while ((await slice()) === SLICE);
  }
}

const columns = (lanes: readonly LaneKey[]): [string[], string[]] => [
  lanes.map((l) => l.type),
  lanes.map((l) => l.instance),
];
