/**
 * What a lane does between two runs, as one statement and one round trip: stores what was completed, then claims the best due rows for its free
 * slots, as long as fewer than \`p_limit\` run on all nodes together. \`p_fresh\` has a lease token for each free slot; \`p_unheard\` those of claims
 * whose answer was lost: their rows go back.
 */
export const turn = `
CREATE FUNCTION core.job_turn(
  p_type text, p_instance text, p_done uuid[], p_tokens uuid[], p_limit int, p_fresh uuid[], p_unheard uuid[], p_node uuid,
  p_lease interval, p_longest interval
) RETURNS TABLE (
  done uuid, id uuid, input jsonb, attempt int, max_attempts int, cron_line text, lease_token uuid, run_at timestamptz,
  started_at timestamptz
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_free int;
BEGIN
  -- What is lost with the server's last half second is run a second time, which is harmless: no disk is waited for.
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN QUERY SELECT d.id, NULL::uuid, NULL::jsonb, NULL::int, NULL::int, NULL::text, NULL::uuid, NULL::timestamptz, NULL::timestamptz
    FROM unnest(p_done, p_tokens) d (id, token) WHERE core.job_finish(d.id, d.token, 'completed', NULL);
  IF cardinality(p_fresh) = 0 THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(p_type || ' ' || p_instance, 20261124));
  IF cardinality(p_unheard) > 0 THEN
    PERFORM core.job_wait(j.id, j.lease_token, 'available', interval '0', NULL, NULL, -1, 0) FROM core.jobs j
      WHERE j.type = p_type AND j.instance = p_instance AND j.state = 'running' AND j.lease_token = ANY(p_unheard);
  END IF;
  v_free := least(cardinality(p_fresh),
    p_limit - (SELECT count(*) FROM core.jobs WHERE type = p_type AND instance = p_instance AND state = 'running'));
  IF v_free <= 0 THEN RETURN; END IF;
  UPDATE core.jobs SET state = 'available' WHERE id IN (
    SELECT id FROM core.jobs
      WHERE type = p_type AND instance = p_instance AND state IN ('scheduled', 'retryable') AND run_at <= clock_timestamp()
      ORDER BY run_at LIMIT 100 FOR UPDATE SKIP LOCKED);
  RETURN QUERY WITH best AS MATERIALIZED (
      SELECT id FROM core.jobs WHERE type = p_type AND instance = p_instance AND state = 'available'
        ORDER BY priority DESC, run_at, id LIMIT v_free FOR UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE core.jobs j SET state = 'running', attempt = j.attempt + 1, started_at = clock_timestamp(),
          progress = 0, progress_text = NULL, pending_reason = NULL, cancel_requested = false, node = p_node,
          lease_token = p_fresh[b.n], lease_until = clock_timestamp() + p_lease, lease_limit = clock_timestamp() + p_longest
        FROM (SELECT id, row_number() OVER () AS n FROM best) b WHERE j.id = b.id
        RETURNING j.*
    )
    SELECT NULL::uuid, id, input, attempt, max_attempts, cron_line, lease_token, run_at, started_at FROM taken
      ORDER BY priority DESC, run_at, id;
END $$;`;
