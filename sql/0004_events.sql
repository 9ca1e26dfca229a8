-- What agents tell: heartbeats, events and snapshots of their own backend.
--
-- Copyright (c) 2026 the b3scale authors
-- SPDX-License-Identifier: ISC
--
-- In the order of locks (see 0001_initial.sql) agent_streams stands between
-- versions and meetings; early_events, attendees and left_sessions belong to
-- whoever holds the stream or the meeting.

BEGIN;
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

CREATE TABLE agent_streams (
	backend_id	uuid PRIMARY KEY REFERENCES backends
			ON DELETE CASCADE,
	epoch		bigint NOT NULL,
	seq		bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE agent_streams IS
    'The last batch of each agent: its epoch rises with each start, seq by one from batch to batch.';

CREATE TABLE early_events (
	id		bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	backend_id	uuid NOT NULL REFERENCES backends ON DELETE CASCADE,
	internal_id	text NOT NULL,
	heard_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	weight_voice	double precision NOT NULL,
	weight_video	double precision NOT NULL,
	event		jsonb NOT NULL
);
CREATE INDEX early_events_meeting
    ON early_events (backend_id, internal_id, id);
COMMENT ON TABLE early_events IS
    'Of meetings that no row has yet: the reply to their create is still on its way. They are kept for a minute.';

CREATE TABLE left_sessions (
	meeting		bigint NOT NULL REFERENCES meetings ON DELETE CASCADE,
	session		text NOT NULL,
	at_ms		bigint NOT NULL,
	early		boolean NOT NULL,
	noted_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (meeting, session)
);
COMMENT ON TABLE left_sessions IS
    'Who has just left: a join that is heard after it, and was before it, changes nothing.';
COMMENT ON COLUMN left_sessions.at_ms IS
    'By the clock of the BBB server; 0: it was not told.';
COMMENT ON COLUMN left_sessions.early IS
    'Nobody of that name was there.';

ALTER TABLE attendees ADD cameras text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN attendees.cameras IS
    'Streams that events have told of; none, where only a poll says has_video.';

CREATE FUNCTION meeting_left_sessions() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	DELETE FROM left_sessions WHERE meeting = NEW.id;
	RETURN NULL;
END $$;
CREATE TRIGGER d_left_sessions AFTER UPDATE ON meetings FOR EACH ROW
    WHEN (OLD.state <> 'ended' AND NEW.state = 'ended')
    EXECUTE FUNCTION meeting_left_sessions();

-- Events ------------------------------------------------------------

-- In the names of the JSON that events.c makes.
CREATE TYPE agent_event AS (
	kind		text,
	at_ms		bigint,
	meeting		text,		-- internal id
	ext_id		text,
	name		text,
	parent		text,
	person		text,		-- internal user id
	role		text,
	client		text,
	stream		text,
	is_on		boolean,
	listen_only	boolean,
	phone		boolean,
	record		boolean,
	free_join	boolean,
	created_ms	bigint,
	sequence	integer,
	people		jsonb,		-- of a state: [[id, name, role]...]
	cameras		jsonb		-- [[id, stream]...]
);

-- A join; one who is there already stays as he is.
CREATE FUNCTION event_joined(m bigint, ev agent_event) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	note	left_sessions;
BEGIN
	PERFORM FROM attendees WHERE meeting = m AND session = ev.person;
	IF FOUND THEN
		RETURN;
	END IF;
	DELETE FROM left_sessions WHERE meeting = m AND session = ev.person
	    RETURNING * INTO note;
	IF FOUND AND (CASE WHEN ev.at_ms > 0 AND note.at_ms > 0
	    THEN ev.at_ms <= note.at_ms
	    ELSE note.early AND note.noted_at
		> clock_timestamp() - interval '15 seconds' END) THEN
		INSERT INTO left_sessions VALUES (note.*);
		RETURN;
	END IF;
	/* A poll may have seen him first, without a session's name. */
	UPDATE attendees a SET session = ev.person
	  FROM (SELECT o.session FROM attendees o
		 WHERE o.meeting = m AND o.user_id = ev.ext_id
		   AND o.session LIKE '#%' AND o.joined_at
			> clock_timestamp() - interval '15 seconds'
		 ORDER BY o.joined_at DESC, o.session DESC LIMIT 1) s
	 WHERE a.meeting = m AND a.user_id = ev.ext_id
	   AND a.session = s.session;
	IF NOT FOUND THEN
		INSERT INTO attendees (meeting, user_id, session, full_name,
		    role, client_type)
		VALUES (m, ev.ext_id, ev.person, ev.name, ev.role, ev.client);
	END IF;
END $$;

-- Is this somebody who neither is there nor was?  Polls may know him by
-- another name.
CREATE FUNCTION event_stranger(m bigint, ev agent_event) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN NOT EXISTS (SELECT FROM attendees
		WHERE meeting = m AND session = ev.person)
	   AND NOT EXISTS (SELECT FROM left_sessions
		WHERE meeting = m AND session = ev.person AND NOT early);
END $$;

-- true: it was a stranger.
CREATE FUNCTION event_left(m bigint, ev agent_event) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	stranger boolean;
BEGIN
	DELETE FROM attendees WHERE meeting = m AND session = ev.person;
	stranger := NOT FOUND AND event_stranger(m, ev);
	INSERT INTO left_sessions AS l VALUES (m, ev.person, ev.at_ms,
	    stranger) ON CONFLICT (meeting, session) DO UPDATE
	   SET at_ms = GREATEST(l.at_ms, EXCLUDED.at_ms),
	       early = EXCLUDED.early, noted_at = EXCLUDED.noted_at;
	RETURN stranger;
END $$;

-- All who are in it but phones, and their cameras.  People of whom polls
-- have told already are known again by their names.
CREATE FUNCTION event_state(m bigint, ev agent_event) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	p	record;
BEGIN
	FOR p IN SELECT j->>0 AS id, j->>1 AS name, j->>2 AS role
	      FROM jsonb_array_elements(ev.people) j
	     WHERE NOT EXISTS (SELECT FROM attendees a
		WHERE a.meeting = m AND a.session = j->>0)
	LOOP
		UPDATE attendees a SET session = p.id
		  FROM (SELECT o.user_id, o.session FROM attendees o
			 WHERE o.meeting = m AND o.full_name = p.name
			   AND o.session LIKE '#%'
			 ORDER BY o.joined_at, o.session LIMIT 1) s
		 WHERE a.meeting = m AND a.user_id = s.user_id
		   AND a.session = s.session;
		IF NOT FOUND THEN
			INSERT INTO attendees (meeting, user_id, session,
			    full_name, role)
			VALUES (m, p.id, p.id, p.name, p.role);
		END IF;
	END LOOP;
	DELETE FROM attendees a
	 WHERE a.meeting = m AND a.role <> 'DIAL-IN-USER'
	   AND a.session <> ALL (ARRAY(SELECT j->>0
		FROM jsonb_array_elements(ev.people) j));
	UPDATE attendees a SET role = w.role, has_video = w.n > 0,
	    cameras = w.streams
	  FROM (SELECT j->>0 AS id, j->>2 AS role, count(c.value) AS n,
		    COALESCE(array_agg(c.value->>1)
			FILTER (WHERE c.value IS NOT NULL), '{}') AS streams
		  FROM jsonb_array_elements(ev.people) j
		  LEFT JOIN jsonb_array_elements(ev.cameras) c
			ON c.value->>0 = j->>0
		 GROUP BY 1, 2) w
	 WHERE a.meeting = m AND a.session = w.id
	   AND (a.role, a.has_video, a.cameras)
	    IS DISTINCT FROM (w.role, w.n > 0, w.streams);
END $$;

-- What one event changes among the people of a meeting.  true: it is about
-- somebody or something unknown, so a poll should come soon.
CREATE FUNCTION event_apply(m bigint, ev agent_event) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	CASE ev.kind
	WHEN 'joined' THEN
		PERFORM event_joined(m, ev);
		RETURN false;
	WHEN 'left' THEN
		RETURN event_left(m, ev);
	WHEN 'state' THEN
		PERFORM event_state(m, ev);
		RETURN false;
	WHEN 'emptied' THEN
		DELETE FROM attendees WHERE meeting = m;
		RETURN false;
	WHEN 'voice_joined' THEN
		IF ev.phone THEN
			INSERT INTO attendees (meeting, user_id, session,
			    full_name, role, client_type)
			SELECT m, ev.person, ev.person, ev.name,
			    'DIAL-IN-USER', 'DIAL-IN'
			    ON CONFLICT DO NOTHING;
		END IF;
		UPDATE attendees SET is_listening_only = ev.listen_only,
		    has_joined_voice = NOT ev.listen_only
		 WHERE meeting = m AND session = ev.person;
	WHEN 'voice_left' THEN
		IF ev.phone THEN
			DELETE FROM attendees
			 WHERE meeting = m AND session = ev.person;
			RETURN false;
		END IF;
		UPDATE attendees SET is_listening_only = false,
		    has_joined_voice = false
		 WHERE meeting = m AND session = ev.person;
	WHEN 'cam_started' THEN
		UPDATE attendees SET has_video = true,
		    cameras = CASE WHEN NOT has_video THEN ARRAY[ev.stream]
			WHEN ev.stream = ANY (cameras) THEN cameras
			ELSE cameras || ev.stream END
		 WHERE meeting = m AND session = ev.person;
	WHEN 'cam_stopped' THEN
		UPDATE attendees SET
		    cameras = array_remove(cameras, ev.stream),
		    has_video = array_remove(cameras, ev.stream) <> '{}'
		 WHERE meeting = m AND session = ev.person
		   AND (ev.stream = ANY (cameras) OR cameras = '{}');
		RETURN NOT FOUND AND (event_stranger(m, ev) OR EXISTS (
		    SELECT FROM attendees WHERE meeting = m
		       AND session = ev.person AND has_video));
	WHEN 'presenter' THEN
		UPDATE attendees SET is_presenter = ev.is_on
		 WHERE meeting = m AND session = ev.person;
	WHEN 'role' THEN
		UPDATE attendees SET role = ev.role
		 WHERE meeting = m AND session = ev.person;
	ELSE
		RETURN false;
	END CASE;
	RETURN NOT FOUND AND event_stranger(m, ev);
END $$;

-- Counts the people of meetings anew.
CREATE FUNCTION meetings_count(ids bigint[], weight_voice double precision,
    weight_video double precision) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE meetings m
	   SET participants = c.n, moderators = c.moderators,
	       listeners = c.listeners, voices = c.voices, videos = c.videos,
	       cost = CASE WHEN m.is_breakout THEN 0 ELSE c.n END
		   + weight_voice * c.voices + weight_video * c.videos,
	       running = c.n > 0,
	       has_user_joined = m.has_user_joined OR c.n > 0,
	       end_time = CASE WHEN c.n > 0 THEN NULL
		   WHEN m.participants > 0 THEN clock_timestamp()
		   ELSE m.end_time END,
	       missing = 0, poll_digest = NULL, event_at = clock_timestamp()
	  FROM (SELECT u.id, count(a.session) AS n,
		    count(*) FILTER (WHERE a.role = 'MODERATOR')
			AS moderators,
		    count(*) FILTER (WHERE a.is_listening_only) AS listeners,
		    count(*) FILTER (WHERE a.has_joined_voice) AS voices,
		    COALESCE(sum(GREATEST(1, cardinality(a.cameras)))
			FILTER (WHERE a.has_video), 0) AS videos
		  FROM unnest(ids) u (id)
		  LEFT JOIN attendees a ON a.meeting = u.id
		 GROUP BY u.id) c
	 WHERE m.id = c.id;
END $$;

-- Applies events in their order to meetings whose rows (ids) are locked.
-- What no row has is kept for a while.  true: as of event_apply().
CREATE FUNCTION events_apply(b uuid, events jsonb, ids bigint[],
    weight_voice double precision, weight_video double precision)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	r	record;
	touched	bigint[] := '{}';
	over	bigint[] := '{}';
	blurred	boolean := false;
BEGIN
	FOR r IN SELECT x.j, m.id, e.internal_id IS NOT NULL AS dead,
		jsonb_populate_record(NULL::agent_event, x.j) AS ev
	      FROM jsonb_array_elements(events) WITH ORDINALITY x (j, n)
	      LEFT JOIN meetings m ON m.internal_id = x.j->>'meeting'
		    AND m.backend_id = b AND m.state <> 'ended'
		    AND m.id = ANY (ids)
	      LEFT JOIN ended_meetings e ON e.internal_id = x.j->>'meeting'
		    AND e.backend_id = b
	     ORDER BY x.n
	LOOP
		IF r.id = ANY (over) OR r.dead THEN
			CONTINUE;
		ELSIF r.id IS NULL THEN
			INSERT INTO early_events (backend_id, internal_id,
			    weight_voice, weight_video, event)
			VALUES (b, (r.ev).meeting, weight_voice, weight_video,
			    r.j);
		ELSIF (r.ev).kind IN ('ended', 'destroyed') THEN
			over := over || r.id;
			/* Heard during a confirm, which is quiet. */
			PERFORM set_config('b3scale.quiet', 'off', true);
			PERFORM meetings_end(ARRAY[r.id]);
		ELSIF (r.ev).kind = 'running' THEN
			UPDATE meetings SET running = (r.ev).is_on,
			    poll_digest = NULL, event_at = clock_timestamp()
			 WHERE id = r.id;
		ELSIF (r.ev).kind NOT IN ('created', 'recording',
		    'screenshare', 'guests_waiting') THEN
			blurred := event_apply(r.id, r.ev) OR blurred;
			IF r.id <> ALL (touched) THEN
				touched := touched || r.id;
			END IF;
		END IF;
	END LOOP;
	IF over <> '{}' THEN
		touched := ARRAY(SELECT id FROM unnest(touched) u (id)
		    WHERE id <> ALL (over));
	END IF;
	PERFORM meetings_count(touched, weight_voice, weight_video);
	DELETE FROM left_sessions WHERE meeting = ANY (touched)
	    AND noted_at < clock_timestamp() - interval '1 minute';
	RETURN blurred;
END $$;

-- Events that came before their meeting's row, whose row is there now.
CREATE FUNCTION early_events_take(b uuid) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	list	jsonb;
BEGIN
	IF NOT EXISTS (SELECT FROM early_events WHERE backend_id = b) THEN
		RETURN '[]';
	END IF;
	DELETE FROM early_events WHERE backend_id = b
	    AND heard_at < clock_timestamp() - interval '1 minute';
	WITH taken AS (
		DELETE FROM early_events x WHERE x.backend_id = b
		   AND (EXISTS (SELECT FROM meetings m
			 WHERE m.internal_id = x.internal_id
			   AND m.backend_id = b AND m.state <> 'ended')
		    OR EXISTS (SELECT FROM ended_meetings e
			 WHERE e.internal_id = x.internal_id
			   AND e.backend_id = b))
		RETURNING x.id, x.event)
	SELECT COALESCE(jsonb_agg(event ORDER BY id), '[]') INTO list
	  FROM taken;
	RETURN list;
END $$;

-- Of agents that fell silent: what they still say takes away the rest.
CREATE FUNCTION sweep_events(p_batch integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	t	timestamptz := clock_timestamp() - interval '1 minute';
	n	bigint;
	total	bigint;
BEGIN
	DELETE FROM early_events WHERE id IN (SELECT id FROM early_events
	    WHERE heard_at < t LIMIT p_batch FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS total = ROW_COUNT;
	DELETE FROM left_sessions WHERE (meeting, session) IN (
	    SELECT meeting, session FROM left_sessions
	    WHERE noted_at < t LIMIT p_batch FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN total + n;
END $$;

-- A confirm finds what was heard of the meeting before it.
CREATE FUNCTION meeting_early_events() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
	before	frontend_share[];
	e	record;
BEGIN
	IF NOT EXISTS (SELECT FROM early_events x
	    WHERE x.backend_id = NEW.backend_id
	      AND x.internal_id = NEW.internal_id) THEN
		RETURN NULL;
	END IF;
	WITH taken AS (
		DELETE FROM early_events x WHERE x.backend_id = NEW.backend_id
		   AND x.internal_id = NEW.internal_id
		RETURNING x.*)
	SELECT jsonb_agg(event ORDER BY id) AS list, max(weight_voice) AS voice,
	    max(weight_video) AS video INTO e FROM taken;
	IF e.list IS NOT NULL THEN
		before := frontend_shares(ARRAY[NEW.id]);
		PERFORM events_apply(NEW.backend_id, e.list, ARRAY[NEW.id],
		    e.voice, e.video);
		PERFORM backend_load_renew(NEW.backend_id);
		PERFORM frontend_load_move(before,
		    frontend_shares(ARRAY[NEW.id]));
	END IF;
	RETURN NULL;
END $$;
/* What a poll writes is newer than they. */
CREATE TRIGGER e_early_events AFTER UPDATE ON meetings FOR EACH ROW
    WHEN (NEW.state = 'living' AND NEW.poll_digest IS NULL
	AND OLD.internal_id IS DISTINCT FROM NEW.internal_id)
    EXECUTE FUNCTION meeting_early_events();

-- Batches ------------------------------------------------------------

-- Locks the meetings that a batch may change: those it names, and with a
-- snapshot all of the server.
CREATE FUNCTION batch_lock(b uuid, events jsonb, whole boolean,
    items poll_item[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
BEGIN
	RETURN ARRAY(SELECT id FROM meetings
	     WHERE id = ANY (ARRAY(
		SELECT m.id FROM meetings m
		 WHERE m.backend_id = b AND m.state <> 'ended'
		   AND m.internal_id = ANY (ARRAY(SELECT j->>'meeting'
			FROM jsonb_array_elements(events) j))
		UNION
		SELECT m.id FROM meetings m
		 WHERE whole AND m.backend_id = b AND m.state <> 'ended'
		UNION
		SELECT row_id FROM unnest(items)))
	     ORDER BY id FOR NO KEY UPDATE);
END $$;

-- Breakout rooms are made by their server itself: an event is all we hear.
CREATE FUNCTION batch_rooms(b uuid, events jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT COALESCE(jsonb_agg(jsonb_build_object(
	    'bmid', j->'ext_id', 'iid', j->'meeting', 'parent', j->'parent',
	    'breakout', true, 'name', j->'name',
	    'create_time', j->'created_ms', 'create_date', '',
	    'voice_bridge', '', 'dial_number', '', 'attendee_pw', '',
	    'moderator_pw', '', 'running', false, 'duration', 0,
	    'joined', false, 'recording', j->'record',
	    'forcibly_ended', false, 'start_time', j->'at_ms', 'end_time', 0,
	    'participants', 0, 'listeners', 0, 'voices', 0, 'videos', 0,
	    'max_users', 0, 'moderators', 0, 'metadata', '',
	    'sequence', j->'sequence', 'free_join', j->'free_join',
	    'rooms', '', 'extra', '', 'cost', 0, 'attendees', '[]'::jsonb)),
	    '[]')
	  FROM jsonb_array_elements(events) j
	 WHERE j->>'kind' = 'created' AND j->>'parent' <> ''
	   AND EXISTS (SELECT FROM meetings m
		WHERE m.internal_id = j->>'parent' AND m.backend_id = b
		  AND m.state <> 'ended')
	   AND NOT EXISTS (SELECT FROM meetings m
		WHERE m.internal_id = j->>'meeting' AND m.backend_id = b
		  AND m.state <> 'ended'));
END $$;

-- A poll tells what events left open; who polls it now holds the row, and
-- is not waited for.
CREATE FUNCTION backend_poll_soon(b uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE backend_health SET next_poll_at = LEAST(next_poll_at,
	    GREATEST(clock_timestamp(), polled_at + interval '1 second'))
	 WHERE backend_id = (SELECT backend_id FROM backend_health
		WHERE backend_id = b FOR NO KEY UPDATE SKIP LOCKED);
END $$;

-- Writes a snapshot (NULL: there is none), then events.
CREATE FUNCTION batch_write(b uuid, asked timestamptz, grace interval,
    fade integer, weights double precision[], list jsonb, events jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	whole	boolean := list IS NOT NULL;
	items	poll_item[];
	ids	bigint[];
	before	frontend_share[];
BEGIN
	IF NOT whole THEN
		list := CASE WHEN events @> '[{"kind": "created"}]'
		    THEN batch_rooms(b, events) ELSE '[]' END;
	END IF;
	IF list <> '[]' THEN
		items := seen_items(b, asked, grace, list);
	END IF;
	ids := batch_lock(b, events, whole, items);
	before := frontend_shares(ids);
	IF whole OR list <> '[]' THEN
		items := seen_write(b, asked, grace, fade, list, whole,
		    CASE WHEN whole THEN poll_lock(b, asked, grace,
			COALESCE(items, '{}')) ELSE ids END);
	END IF;
	IF whole THEN
		PERFORM poll_twins(b, items);
	END IF;
	IF events_apply(b, events, ids, weights[1], weights[2]) THEN
		PERFORM backend_poll_soon(b);
	END IF;
	IF whole THEN
		PERFORM FROM backend_load l WHERE l.backend_id = b
		    FOR NO KEY UPDATE;
		PERFORM backend_foreign(b, items);
	END IF;
	PERFORM backend_load_renew(b);
	PERFORM frontend_load_move(before, frontend_shares(ids));
END $$;

-- A batch of the agent p_agent, who speaks for its own server only:
--	applied
--	duplicate	it was applied before
--	gap	not the next one: nothing is applied until a new epoch begins
--		with a snapshot (JSON null: of a list that nobody can read)
--	unknown	no server has such an agent
-- p_epoch NULL: of no stream, always applied.
CREATE FUNCTION agent_batch(p_agent text, p_epoch bigint, p_seq bigint,
	p_grace_ms integer, p_fade_s integer, p_weights double precision[],
	p_age_ms bigint, p_list jsonb, p_events jsonb)
RETURNS TABLE (verdict text, epoch bigint)
LANGUAGE plpgsql AS $$
DECLARE
	t	timestamptz := clock_timestamp();
	b	uuid;
	s	agent_streams;
BEGIN
	PERFORM commit_async();
	SELECT id INTO b FROM backends WHERE agent_ref = p_agent;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'unknown', 0::bigint;
		RETURN;
	END IF;
	SELECT * INTO s FROM agent_streams x WHERE x.backend_id = b
	    FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		INSERT INTO agent_streams VALUES (b, 0, 0)
		    ON CONFLICT DO NOTHING;
		SELECT * INTO s FROM agent_streams x WHERE x.backend_id = b
		    FOR NO KEY UPDATE;
	END IF;
	IF p_epoch = s.epoch AND p_seq <= s.seq THEN
		RETURN QUERY SELECT 'duplicate', s.epoch;
		RETURN;
	ELSIF p_epoch < s.epoch OR p_list IS NULL
	    AND (p_epoch, p_seq) <> (s.epoch, s.seq + 1) THEN
		RETURN QUERY SELECT 'gap', s.epoch;
		RETURN;
	ELSIF p_epoch IS NOT NULL THEN
		UPDATE agent_streams x SET epoch = p_epoch, seq = p_seq
		 WHERE x.backend_id = b;
	END IF;
	PERFORM batch_write(b, t - p_age_ms * interval '1 millisecond',
	    p_grace_ms * interval '1 millisecond', p_fade_s, p_weights,
	    NULLIF(p_list, 'null'), early_events_take(b) || p_events);
	RETURN QUERY SELECT 'applied', p_epoch;
END $$;

-- Agents ------------------------------------------------------------

-- The agent is alive, and its server may get meetings again.  No row: no
-- server has such an agent.
CREATE FUNCTION agent_heartbeat(p_agent text, p_cpu real, p_version text,
	p_grace_ms integer, p_fade_s integer, p_weights double precision[])
RETURNS TABLE (backend_id uuid, heartbeat timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
	b	uuid;
	v	text;
	t	timestamptz := clock_timestamp();
BEGIN
	PERFORM commit_async();
	SELECT x.id, x.bbb_version INTO b, v FROM backends x
	 WHERE x.agent_ref = p_agent;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	UPDATE backend_health h SET heartbeat = t,
	    cpu = COALESCE(p_cpu, h.cpu) WHERE h.backend_id = b;
	IF p_version <> '' AND p_version IS DISTINCT FROM v THEN
		UPDATE backends SET bbb_version = p_version WHERE id = b;
	END IF;
	IF EXISTS (SELECT FROM early_events e WHERE e.backend_id = b) THEN
		PERFORM agent_batch(p_agent, NULL, NULL, p_grace_ms,
		    p_fade_s, p_weights, 0, NULL, '[]');
	END IF;
	RETURN QUERY SELECT b, t;
END $$;

INSERT INTO schema_version (version, name, compatible_from)
VALUES (4, 'events', 1);

COMMIT;
