-- Commands that wait for a job, what jobs throw away, and silent agents.
--
-- Copyright (c) 2026 the b3scale authors
-- SPDX-License-Identifier: ISC
--
-- In the order of locks (see 0001_initial.sql) commands come first of all.

BEGIN;
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

CREATE TABLE commands (
	id		uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	seq		bigint NOT NULL UNIQUE GENERATED ALWAYS AS IDENTITY,
	action		text NOT NULL CONSTRAINT commands_action CHECK (
			    action IN ('collect_garbage',
				'decommission_backend', 'drain',
				'end_all_meetings', 'update_node_state')),
	params		jsonb,
	backend_id	uuid,
	state		text NOT NULL DEFAULT 'requested' CHECK (state IN
			    ('requested', 'running', 'success', 'error')),
	result		jsonb,
	begun		boolean NOT NULL DEFAULT false,
	attempts	integer NOT NULL DEFAULT 0,
	lease		uuid,
	next_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	end_at		timestamptz,
	deadline	timestamptz NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	started_at	timestamptz,
	stopped_at	timestamptz,
	CHECK ((backend_id IS NULL) = (action = 'collect_garbage')),
	CHECK (end_at IS NULL OR action = 'drain'),
	CHECK ((stopped_at IS NOT NULL) = (state IN ('success', 'error')))
) WITH (fillfactor = 70);
CREATE INDEX commands_due ON commands (next_at)
    WHERE state IN ('requested', 'running');
CREATE INDEX commands_stopped ON commands (stopped_at)
    WHERE state IN ('success', 'error');
-- The same wish is kept once.  One that is being worked off may have looked
-- already, so a new one is a new one; a drain looks again and again.
CREATE UNIQUE INDEX commands_once ON commands (action,
    COALESCE(backend_id, '00000000-0000-0000-0000-000000000000'))
    WHERE state = 'requested' OR state = 'running' AND action = 'drain';
COMMENT ON COLUMN commands.backend_id IS
    'No foreign key: what was done to a removed server can still be read.';
COMMENT ON COLUMN commands.state IS
    'running: a job has taken it, now or before it was given back.';
COMMENT ON COLUMN commands.begun IS
    'Of a drain: its server was stopped for it.';
COMMENT ON COLUMN commands.lease IS
    'Of whoever took it last: only he may say how it went.';
COMMENT ON COLUMN commands.next_at IS
    'When it is due; while somebody works on it, when his lease ends.';
COMMENT ON COLUMN commands.end_at IS
    'Of a drain: when the meetings that are left are ended.';

CREATE TABLE job_success (
	job	text PRIMARY KEY,
	at	timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE job_success IS
    'When each job last went well, a few seconds more or less.';

CREATE TABLE alarms (
	name	text PRIMARY KEY,
	since	timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE alarms IS
    'What holds now and was told of: agents (more than half are silent).';

CREATE INDEX meetings_ended ON meetings (ended_at) WHERE state = 'ended';
CREATE INDEX ended_meetings_at ON ended_meetings (ended_at);

CREATE FUNCTION command_notice() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	NOTIFY b3scale_queue;
	RETURN NULL;
END $$;
CREATE TRIGGER a_notice AFTER INSERT ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION command_notice();

-- The backend that a command is about.  Each action had its own name for it.
CREATE FUNCTION command_backend(p_action text, p_params jsonb) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	id	text := COALESCE(p_params->>'backend_id',
		    p_params->>'BackendID', p_params->>'ID', p_params->>'id');
BEGIN
	IF p_action = 'collect_garbage' THEN
		RETURN NULL;
	ELSIF id IS NULL THEN
		RAISE EXCEPTION 'params: backend_id is missing'
		    USING ERRCODE = 'check_violation';
	END IF;
	RETURN id::uuid;
EXCEPTION WHEN invalid_text_representation THEN
	RAISE EXCEPTION 'params: backend_id is no uuid'
	    USING ERRCODE = 'check_violation';
END $$;

-- After how many seconds a drain ends what is left; NULL: never.
CREATE FUNCTION command_end_after(p_action text, p_params jsonb)
RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	j	jsonb := p_params->'end_after';
BEGIN
	IF p_action <> 'drain' OR j IS NULL OR j = 'null' THEN
		RETURN NULL;
	ELSIF jsonb_typeof(j) <> 'number' OR j < '0' OR j > '2592000' THEN
		RAISE EXCEPTION 'params: end_after is not 0 to 2592000 seconds'
		    USING ERRCODE = 'check_violation';
	END IF;
	RETURN j::double precision;
END $$;

-- Adds one, or finds the same that waits already (fresh: false).
CREATE FUNCTION command_enqueue(p_action text, p_params jsonb,
    p_deadline_s integer) RETURNS TABLE (id uuid, fresh boolean)
LANGUAGE plpgsql AS $$
DECLARE
	t	timestamptz := clock_timestamp();
	b	uuid := command_backend(p_action, p_params);
	after	double precision := command_end_after(p_action, p_params);
	ends	timestamptz := t + make_interval(secs => after);
	due	timestamptz := CASE
		    WHEN p_action <> 'drain'
			THEN t + make_interval(secs => p_deadline_s)
		    WHEN ends IS NULL THEN t + interval '30 days'
		    ELSE ends + interval '1 hour' END;
BEGIN
	RETURN QUERY
	INSERT INTO commands AS c (action, params, backend_id, end_at, deadline)
	VALUES (p_action, p_params, b, ends, due)
	    ON CONFLICT (action, COALESCE(backend_id,
		'00000000-0000-0000-0000-000000000000'))
		WHERE state = 'requested'
		    OR state = 'running' AND action = 'drain'
	    DO UPDATE SET params = EXCLUDED.params, deadline = EXCLUDED.deadline,
		end_at = EXCLUDED.end_at
	RETURNING c.id, c.xmax = 0;
END $$;

-- Takes what is due, oldest first, under a lease.  What nobody has finished
-- by its deadline has failed.
CREATE FUNCTION command_claim(p_max integer, p_lease_ms integer)
RETURNS SETOF commands LANGUAGE plpgsql AS $$
DECLARE
	t	timestamptz := clock_timestamp();
BEGIN
	UPDATE commands c SET state = 'error', result = '"timedout"',
	    lease = NULL, stopped_at = t
	 WHERE c.id IN (SELECT x.id FROM commands x
		WHERE x.state IN ('requested', 'running')
		  AND x.next_at <= t AND x.deadline <= t
		FOR UPDATE SKIP LOCKED);
	RETURN QUERY UPDATE commands c
	    SET lease = gen_random_uuid(), attempts = c.attempts + 1,
		state = 'running', started_at = COALESCE(c.started_at, t),
		next_at = t + p_lease_ms * interval '1 millisecond'
	    WHERE c.id IN (SELECT x.id FROM commands x
		WHERE x.state IN ('requested', 'running') AND x.next_at <= t
		ORDER BY x.seq LIMIT p_max FOR UPDATE SKIP LOCKED)
	    RETURNING c.*;
END $$;

-- Whoever still has it goes on.  false: somebody else has it by now.
CREATE FUNCTION command_extend(p_id uuid, p_lease uuid, p_lease_ms integer)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	UPDATE commands SET next_at = clock_timestamp()
	    + p_lease_ms * interval '1 millisecond'
	 WHERE id = p_id AND lease = p_lease AND state = 'running';
	RETURN FOUND;
END $$;

CREATE FUNCTION command_finish(p_id uuid, p_lease uuid, p_ok boolean,
    p_result jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	UPDATE commands SET lease = NULL, result = p_result,
	    state = CASE WHEN p_ok THEN 'success' ELSE 'error' END,
	    stopped_at = clock_timestamp()
	 WHERE id = p_id AND lease = p_lease AND state = 'running';
	RETURN FOUND;
END $$;

-- Not done yet: it is given back, to be looked at again.
CREATE FUNCTION command_again(p_id uuid, p_lease uuid, p_delay_ms integer)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	UPDATE commands SET lease = NULL, next_at = clock_timestamp()
	    + p_delay_ms * interval '1 millisecond'
	 WHERE id = p_id AND lease = p_lease AND state = 'running';
	RETURN FOUND;
END $$;

-- The steps of commands ---------------------------------------------------------
--
-- Each holds the row of its command while it works, so that whoever has lost
-- it does nothing at all, and finishes or gives it back in the same breath.

CREATE FUNCTION command_held(p_id uuid, p_lease uuid) RETURNS commands
LANGUAGE sql AS $$
	SELECT * FROM commands WHERE id = p_id AND lease = p_lease
	   AND state = 'running' FOR NO KEY UPDATE
$$;

-- lost; done; waits; end: its time is over and meetings are left, which the
-- caller ends.
CREATE FUNCTION command_drain(p_id uuid, p_lease uuid) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	c	commands := command_held(p_id, p_lease);
	b	backends;
BEGIN
	IF c.id IS NULL THEN
		RETURN 'lost';
	END IF;
	SELECT * INTO b FROM backends WHERE id = c.backend_id
	    FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM command_finish(p_id, p_lease, false,
		    to_jsonb('no such backend: ' || c.backend_id));
		RETURN 'done';
	ELSIF c.begun AND b.admin_state IN ('init', 'ready') THEN
		PERFORM command_finish(p_id, p_lease, false,
		    to_jsonb('the backend is ' || b.admin_state || ' again'));
		RETURN 'done';
	ELSIF NOT c.begun THEN
		UPDATE backends SET admin_state = 'stopped'
		 WHERE id = b.id AND admin_state IN ('init', 'ready');
		UPDATE commands SET begun = true WHERE id = p_id;
	ELSIF NOT EXISTS (SELECT FROM meetings
	    WHERE backend_id = b.id AND state <> 'ended') THEN
		PERFORM command_finish(p_id, p_lease, true, 'true');
		RETURN 'done';
	ELSIF c.end_at <= clock_timestamp() THEN
		RETURN 'end';
	END IF;
	/* Whoever chose it before it was stopped has placed by then. */
	PERFORM command_again(p_id, p_lease, CASE WHEN c.begun THEN 1000
	    ELSE 2000 END);
	RETURN 'waits';
END $$;

-- An admin wants it back: a drain ends, even one that no job has taken yet.
CREATE FUNCTION command_undrain(p_backend uuid, p_state text) RETURNS void
LANGUAGE sql AS $$
	UPDATE commands SET state = 'error', lease = NULL,
	    result = to_jsonb('the backend is ' || p_state || ' again'),
	    stopped_at = clock_timestamp()
	 WHERE action = 'drain' AND backend_id = p_backend
	   AND state IN ('requested', 'running')
$$;

-- lost; done; waits.  Nothing is removed under people's feet, as far as
-- anybody knows: a failed server cannot be asked.
CREATE FUNCTION command_decommission(p_id uuid, p_lease uuid) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	c	commands := command_held(p_id, p_lease);
	b	backends;
BEGIN
	IF c.id IS NULL THEN
		RETURN 'lost';
	END IF;
	PERFORM FROM backend_health WHERE backend_id = c.backend_id
	    FOR UPDATE;
	SELECT * INTO b FROM backends WHERE id = c.backend_id FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM command_finish(p_id, p_lease, false,
		    to_jsonb('no such backend: ' || c.backend_id));
		RETURN 'done';
	ELSIF b.node_state <> 'error' AND EXISTS (SELECT FROM meetings
	    WHERE backend_id = b.id AND running) THEN
		PERFORM command_finish(p_id, p_lease, true, 'false');
		RETURN 'done';
	ELSIF NOT c.begun THEN
		UPDATE backends SET admin_state = 'decommissioned'
		 WHERE id = b.id AND admin_state <> 'decommissioned';
		UPDATE commands SET begun = true WHERE id = p_id;
		/* Whoever chose it before that has placed by then. */
		PERFORM command_again(p_id, p_lease, 2000);
		RETURN 'waits';
	END IF;
	/* Locks the versions before the meetings, as everybody does. */
	PERFORM cluster_changed();
	PERFORM meetings_end(ARRAY(SELECT id FROM meetings
	    WHERE backend_id = b.id AND state <> 'ended'
	    ORDER BY id FOR NO KEY UPDATE));
	PERFORM FROM backend_load WHERE backend_id = b.id FOR UPDATE;
	PERFORM frontend_load_renew(ARRAY(SELECT DISTINCT frontend_id
	    FROM meetings WHERE backend_id = b.id));
	DELETE FROM backends WHERE id = b.id;
	PERFORM command_finish(p_id, p_lease, true, 'true');
	RETURN 'done';
END $$;

-- A node refresh: its servers are due now; and when that was.
CREATE FUNCTION commands_poll_now(p_backends uuid[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	t	timestamptz := clock_timestamp();
BEGIN
	PERFORM FROM backend_health WHERE backend_id = ANY (p_backends)
	    ORDER BY backend_id FOR NO KEY UPDATE;
	UPDATE backend_health SET next_poll_at = t
	 WHERE backend_id = ANY (p_backends) AND next_poll_at > t;
	RETURN time_us(t);
END $$;

-- How a poll went since then: true; false, with the reason; NULL: nobody has
-- asked it yet, or its answer is awaited.
CREATE FUNCTION command_polled(p_backend uuid, p_since bigint)
RETURNS TABLE (ok boolean, reason text) LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN h.polled_at >= us_time(p_since) THEN true
	    WHEN h.failed_at >= us_time(p_since) THEN false END, b.last_error
	  FROM backends b JOIN backend_health h ON h.backend_id = b.id
	 WHERE b.id = p_backend
	UNION ALL
	SELECT false, 'backend not found: ' || p_backend
	 WHERE NOT EXISTS (SELECT FROM backends WHERE id = p_backend)
$$;

-- Jobs ----------------------------------------------------------------------------

CREATE FUNCTION job_succeeded(p_job text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM commit_async();
	INSERT INTO job_success AS j VALUES (p_job, clock_timestamp())
	    ON CONFLICT (job) DO UPDATE SET at = clock_timestamp()
	 WHERE j.at < clock_timestamp() - interval '1 second';
END $$;

-- Throws away what is older than its days, at most p_batch of each kind;
-- returns how many rows that were.
CREATE FUNCTION sweep(p_ended_days integer, p_commands_days integer,
    p_audit_days integer, p_reservations_days integer, p_batch integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	t	timestamptz := clock_timestamp();
	over	timestamptz := t - make_interval(days => p_reservations_days);
	n	bigint;
	total	bigint := 0;
BEGIN
	PERFORM commit_async();
	/* Even one that finds none tells every worker, and locks versions. */
	IF EXISTS (SELECT FROM reservations WHERE until_at < over) THEN
		DELETE FROM reservations WHERE id IN (
		    SELECT id FROM reservations WHERE until_at < over
		    LIMIT p_batch FOR UPDATE SKIP LOCKED);
		GET DIAGNOSTICS total = ROW_COUNT;
	END IF;
	DELETE FROM commands WHERE id IN (SELECT id FROM commands
	    WHERE state IN ('success', 'error')
	      AND stopped_at < t - make_interval(days => p_commands_days)
	    LIMIT p_batch FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS n = ROW_COUNT;
	total := total + n;
	DELETE FROM meetings WHERE id IN (SELECT id FROM meetings
	    WHERE state = 'ended'
	      AND ended_at < t - make_interval(days => p_ended_days)
	    ORDER BY ended_at LIMIT p_batch FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS n = ROW_COUNT;
	total := total + n;
	DELETE FROM ended_meetings WHERE (internal_id, backend_id) IN (
	    SELECT internal_id, backend_id FROM ended_meetings
	    WHERE ended_at < t - make_interval(days => p_ended_days)
	    LIMIT p_batch FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS n = ROW_COUNT;
	total := total + n;
	DELETE FROM audit WHERE id IN (SELECT id FROM audit
	    WHERE at < t - make_interval(days => p_audit_days)
	    ORDER BY at LIMIT p_batch FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS n = ROW_COUNT;
	total := total + n;
	DELETE FROM frontend_secrets WHERE (frontend_id, secret) IN (
	    SELECT frontend_id, secret FROM frontend_secrets
	    WHERE valid_until < t LIMIT p_batch FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN total + n + sweep_events(p_batch);
END $$;

-- Servers that were given up are removed once nothing runs on them; returns
-- how many wait for that.  (Materialized: a function that writes must not be
-- called for rows that a condition drops afterwards.)
CREATE FUNCTION sweep_backends(p_deadline_s integer) RETURNS bigint
LANGUAGE sql AS $$
	WITH due AS MATERIALIZED (SELECT b.id FROM backends b
	 WHERE b.admin_state = 'decommissioned'
	   AND (b.node_state = 'error' OR NOT EXISTS (SELECT FROM meetings m
		WHERE m.backend_id = b.id AND m.running))
	   AND NOT EXISTS (SELECT FROM commands c
		WHERE c.backend_id = b.id AND c.action = 'decommission_backend'
		  AND c.state IN ('requested', 'running')))
	SELECT count(e.id) FROM due
	  LEFT JOIN LATERAL command_enqueue('decommission_backend',
		jsonb_build_object('id', due.id), p_deadline_s) e ON true
$$;

-- Silent agents ---------------------------------------------------------------------

-- Notes which agents are silent, and which have come back.  One row for each
-- change: kind is silent, back, alarm or over (the last two of all, with how
-- many are silent).
CREATE FUNCTION agents_judge(p_timeout_ms integer)
RETURNS TABLE (kind text, host text, seconds bigint)
LANGUAGE plpgsql AS $$
DECLARE
	t	timestamptz := clock_timestamp();
	since	timestamptz := t - p_timeout_ms * interval '1 millisecond';
	mass	boolean := agents_mass(since);
	ids	uuid[] := ARRAY(SELECT h.backend_id FROM backend_health h
		    WHERE h.heartbeat > since AND h.silent_at IS NOT NULL
		       OR h.heartbeat <= since AND h.silent_at IS NULL
			  AND NOT mass
		    ORDER BY h.backend_id FOR NO KEY UPDATE SKIP LOCKED);
BEGIN
	PERFORM commit_async();
	IF ids <> '{}' THEN
		UPDATE backend_health h SET silent_at = CASE
		    WHEN h.heartbeat > since THEN NULL ELSE t END
		 WHERE h.backend_id = ANY (ids);
		RETURN QUERY SELECT CASE WHEN h.silent_at IS NULL THEN 'back'
			ELSE 'silent' END, b.host,
		    extract(epoch FROM t - h.heartbeat)::bigint
		  FROM backend_health h JOIN backends b ON b.id = h.backend_id
		 WHERE h.backend_id = ANY (ids) ORDER BY b.host;
	END IF;
	IF mass THEN
		INSERT INTO alarms (name) VALUES ('agents')
		    ON CONFLICT DO NOTHING;
	ELSIF EXISTS (SELECT FROM alarms WHERE name = 'agents') THEN
		DELETE FROM alarms WHERE name = 'agents';
	ELSE
		RETURN;
	END IF;
	IF FOUND THEN
		RETURN QUERY SELECT CASE WHEN mass THEN 'alarm' ELSE 'over'
		    END, NULL, count(*) FROM backend_health h
		 WHERE h.heartbeat <= since;
	END IF;
END $$;

-- What is more likely our fault than that of so many: agents, as the last poll
-- found it; servers, as they are.
CREATE FUNCTION alarms_now()
RETURNS TABLE (name text, since timestamptz, n bigint)
LANGUAGE sql STABLE AS $$
	SELECT a.name, a.since, (SELECT count(*)
	      FROM backend_health h	/* the others spoke within 1 s of it */
	     WHERE h.heartbeat <= a.since - interval '2 seconds')
	  FROM alarms a WHERE a.name = 'agents'
	UNION ALL
	SELECT 'servers', m.since, m.n FROM backends_mass() m WHERE m.mass
$$;

INSERT INTO schema_version (version, name, compatible_from)
VALUES (3, 'queue', 1);

COMMIT;
