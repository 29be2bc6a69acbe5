import type { CoreMigration } from '../database/core-migration.ts';
import { finish, lease, wait, wake } from './jobs.functions.migration.ts';
import { turn } from './jobs.turn.migration.ts';

/** The waiting states: due, to come, to be tried again, without its instance. */
const tables = `
CREATE TABLE core.jobs (
  id uuid PRIMARY KEY,
  type text NOT NULL,
  instance text NOT NULL,
  state text NOT NULL CHECK (state IN ('available', 'running', 'retryable', 'scheduled', 'pending')),
  input jsonb NOT NULL,
  unique_key text,
  cron_line text,
  priority smallint NOT NULL DEFAULT 0,
  attempt int NOT NULL DEFAULT 0,
  max_attempts int NOT NULL,
  losses int NOT NULL DEFAULT 0,
  progress real NOT NULL DEFAULT 0,
  progress_text text,
  error text,
  pending_reason text,
  cancel_requested boolean NOT NULL DEFAULT false,
  node uuid,
  lease_token uuid,
  lease_until timestamptz,
  lease_limit timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  run_at timestamptz NOT NULL,
  started_at timestamptz,
  CHECK ((state = 'running') = (lease_token IS NOT NULL AND lease_until IS NOT NULL AND node IS NOT NULL))
) WITH (fillfactor = 80);
-- The promise of unique: at most one that waits for an equal input.
CREATE UNIQUE INDEX jobs_unique ON core.jobs (type, instance, unique_key) WHERE state <> 'running';
CREATE INDEX jobs_due ON core.jobs (type, instance, priority DESC, run_at, id) WHERE state = 'available';
CREATE INDEX jobs_to_come ON core.jobs (type, instance, run_at) WHERE state IN ('scheduled', 'retryable');
CREATE INDEX jobs_running ON core.jobs (type, instance) WHERE state = 'running';
CREATE INDEX jobs_pending ON core.jobs (type, instance) WHERE state = 'pending';
CREATE INDEX jobs_cron ON core.jobs (type, instance) WHERE cron_line IS NOT NULL;

-- The promise of key: once within a day, also after the run.
CREATE TABLE core.job_keys (
  type text NOT NULL,
  instance text NOT NULL,
  key text NOT NULL,
  job_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (type, instance, key)
);
CREATE INDEX job_keys_age ON core.job_keys (created_at);

CREATE TABLE core.jobs_history (
  id uuid PRIMARY KEY,
  type text NOT NULL,
  instance text NOT NULL,
  state text NOT NULL CHECK (state IN ('completed', 'discarded', 'cancelled')),
  input jsonb NOT NULL,
  unique_key text,
  priority smallint NOT NULL,
  attempt int NOT NULL,
  max_attempts int NOT NULL,
  progress real NOT NULL,
  progress_text text,
  error text,
  created_at timestamptz NOT NULL,
  run_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX jobs_history_age ON core.jobs_history (finished_at);
CREATE INDEX jobs_history_type ON core.jobs_history (type, id);
CREATE INDEX jobs_history_state ON core.jobs_history (state, id);

-- Who runs what: a node lives while its lease thread renews it.
CREATE TABLE core.job_nodes (id uuid PRIMARY KEY, alive_until timestamptz NOT NULL);
CREATE TABLE core.job_lanes (
  type text NOT NULL,
  instance text NOT NULL,
  node uuid NOT NULL REFERENCES core.job_nodes ON DELETE CASCADE,
  PRIMARY KEY (type, instance, node)
);`;

/** Finished jobs are counted as they come and go. Sixteen rows a state, one for each backend's share, so that nodes do not queue for one row. */
const counters = `
CREATE TABLE core.job_counts (
  state text NOT NULL,
  shard smallint NOT NULL,
  n bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (state, shard)
) WITH (fillfactor = 50);
INSERT INTO core.job_counts (state, shard)
  SELECT s, n FROM unnest(ARRAY['completed', 'discarded', 'cancelled']) s, generate_series(0, 15) n;
CREATE FUNCTION core.job_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE core.job_counts c SET n = c.n + f.n
      FROM (SELECT state, count(*) AS n FROM fresh GROUP BY state) f
      WHERE c.state = f.state AND c.shard = pg_backend_pid() % 16;
  ELSE
    UPDATE core.job_counts c SET n = c.n - g.n
      FROM (SELECT state, count(*) AS n FROM gone GROUP BY state) g
      WHERE c.state = g.state AND c.shard = pg_backend_pid() % 16;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER jobs_history_in AFTER INSERT ON core.jobs_history
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION core.job_count();
CREATE TRIGGER jobs_history_out AFTER DELETE ON core.jobs_history
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION core.job_count();`;

/**
 * What Agenda's backend would create by itself (a test compares them), but under the migration lock: two nodes that create it at once on an
 * empty database die of it.
 */
const agenda = `
CREATE SCHEMA IF NOT EXISTS agenda;
CREATE TABLE agenda.agenda_jobs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name varchar(255) NOT NULL,
  priority integer NOT NULL DEFAULT 0,
  next_run_at timestamptz,
  type varchar(10) NOT NULL DEFAULT 'normal' CHECK (type IN ('normal', 'single')),
  locked_at timestamptz,
  last_finished_at timestamptz,
  failed_at timestamptz,
  fail_count integer DEFAULT NULL,
  fail_reason text,
  repeat_timezone varchar(100),
  last_run_at timestamptz,
  repeat_interval varchar(255),
  data jsonb DEFAULT '{}'::jsonb,
  repeat_at varchar(255),
  disabled boolean DEFAULT FALSE,
  progress real,
  fork boolean DEFAULT FALSE,
  last_modified_by varchar(255),
  debounce_started_at timestamptz,
  start_date timestamptz,
  end_date timestamptz,
  skip_days jsonb,
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
CREATE INDEX agenda_jobs_find_and_lock_idx
  ON agenda.agenda_jobs (name, next_run_at, priority DESC, locked_at, disabled) WHERE disabled = FALSE;
CREATE INDEX agenda_jobs_locked_at_idx ON agenda.agenda_jobs (locked_at) WHERE locked_at IS NOT NULL;`;

/** `core.jobs` and what stands around it. */
export const jobMigrations: readonly CoreMigration[] = [
  { name: '2026112401-jobs-tables', up: tables + counters },
  { name: '2026112402-jobs-wakes', up: agenda + wake },
  { name: '2026112403-jobs-functions', up: wait + finish + lease },
  { name: '2026112404-jobs-turn', up: turn },
];
