/**
 * The changes of state that must be one step, as functions: a function sees what others committed while it waited for a lock, which a single
 * statement does not, and it is one round trip.
 */

/** Agenda's wake row and its message: dispatched by whichever node is first. `at` NULL: now, whatever the nodes' clocks say. */
export const wake = `
CREATE FUNCTION core.job_wake(p_id uuid, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_id uuid := gen_random_uuid();
  v_at timestamptz := CASE WHEN p_at > now() THEN p_at ELSE 'epoch' END;
BEGIN
  INSERT INTO agenda.agenda_jobs (id, name, next_run_at, data) VALUES (v_id, 'wake', v_at, jsonb_build_object('id', p_id));
  -- One that is far off needs no message: the scan every few seconds finds it in time.
  IF p_at IS NULL OR p_at < now() + interval '10 seconds' THEN
    PERFORM pg_notify('agenda_jobs', json_build_object('jobId', v_id, 'jobName', 'wake',
      'nextRunAt', to_char(v_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'priority', 0,
      'timestamp', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text);
  END IF;
END $$;`;

/**
 * A run goes back to waiting: for its next attempt, its time or its instance. One whose equal waits already gives way to it, as \`unique\`
 * promises that at most one waits.
 */
export const wait = `
CREATE FUNCTION core.job_wait(
  p_id uuid, p_token uuid, p_state text, p_in interval, p_error text, p_reason text, p_attempt int, p_losses int
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_at timestamptz := clock_timestamp() + p_in;
BEGIN
  BEGIN
    UPDATE core.jobs SET state = p_state, run_at = v_at, error = p_error, pending_reason = p_reason,
        attempt = greatest(0, attempt + p_attempt), losses = losses + p_losses, progress = 0, progress_text = NULL,
        node = NULL, lease_token = NULL, lease_until = NULL, lease_limit = NULL
      WHERE id = p_id AND lease_token = p_token;
    IF NOT FOUND THEN RETURN false; END IF;
  EXCEPTION WHEN unique_violation THEN
    RETURN core.job_finish(p_id, p_token, 'cancelled',
      'an equal run waits already, this one gave way to it' || coalesce('; its last error: ' || p_error, ''));
  END;
  IF p_state <> 'pending' THEN
    PERFORM core.job_wake(p_id, CASE WHEN p_in > interval '0' THEN v_at END);
  END IF;
  RETURN true;
END $$;`;

export const finish = `
CREATE FUNCTION core.job_finish(p_id uuid, p_token uuid, p_state text, p_error text) RETURNS boolean LANGUAGE sql AS $$
  WITH gone AS (
    DELETE FROM core.jobs WHERE id = p_id AND lease_token IS NOT DISTINCT FROM p_token RETURNING *
  ), kept AS (
    INSERT INTO core.jobs_history (id, type, instance, state, input, unique_key, priority, attempt, max_attempts, progress,
        progress_text, error, created_at, run_at, started_at, finished_at)
      SELECT id, type, instance, p_state, input, unique_key, priority, attempt, max_attempts,
        CASE WHEN p_state = 'completed' THEN 1 ELSE progress END, progress_text, p_error, created_at, run_at, started_at,
        clock_timestamp()
      FROM gone
      RETURNING 1
  )
  SELECT EXISTS (SELECT 1 FROM kept)
$$;`;

/** Called by every node's lease thread: keep what runs here, and give back what nobody keeps. */
export const lease = `
CREATE FUNCTION core.job_renew(p_node uuid, p_lease interval) RETURNS TABLE (id uuid, cancelled boolean) LANGUAGE sql AS $$
  INSERT INTO core.job_nodes (id, alive_until) VALUES (p_node, clock_timestamp() + p_lease)
    ON CONFLICT (id) DO UPDATE SET alive_until = EXCLUDED.alive_until;
  UPDATE core.jobs SET lease_until = clock_timestamp() + p_lease
    WHERE state = 'running' AND node = p_node AND lease_limit > clock_timestamp()
    RETURNING id, cancel_requested
$$;
CREATE FUNCTION core.job_reap(p_losses int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_job core.jobs;
  v_count int := 0;
BEGIN
  FOR v_job IN SELECT * FROM core.jobs WHERE state = 'running' AND lease_until < clock_timestamp() LIMIT 100 FOR UPDATE SKIP LOCKED LOOP
    v_count := v_count + 1;
    IF v_job.cancel_requested THEN
      PERFORM core.job_finish(v_job.id, v_job.lease_token, 'cancelled', NULL);
    ELSIF v_job.losses + 1 >= p_losses THEN
      PERFORM core.job_finish(v_job.id, v_job.lease_token, 'discarded',
        'given up: ' || p_losses || ' times the process running it ended or hung before the job did');
    ELSE
      PERFORM core.job_wait(v_job.id, v_job.lease_token, 'available', interval '0',
        'the process running it ended or hung before the job did', NULL, -1, 1);
    END IF;
  END LOOP;
  IF v_count > 0 THEN
    -- Only now, as this scans a small table; a row here is a node that was alive at some time.
    DELETE FROM core.job_nodes WHERE alive_until < clock_timestamp() - interval '1 hour';
  END IF;
  RETURN v_count;
END $$;`;
