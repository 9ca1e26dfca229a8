-- What the REST API changes, each change in one statement with its trace.
--
-- Copyright (c) 2026 the b3scale authors
-- SPDX-License-Identifier: ISC
--
-- A change merges in SQL what the client sent into the row as it is by then,
-- so that of several at once none is lost.  Locks: as in 0001.

BEGIN;
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

CREATE TABLE audit (
	id		bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	actor		text NOT NULL,
	role		text NOT NULL,
	address		text NOT NULL,
	action		text NOT NULL,
	resource	text NOT NULL,
	resource_id	text NOT NULL,
	name		text NOT NULL DEFAULT '',
	changes		jsonb
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_resource ON audit (resource, resource_id);
COMMENT ON TABLE audit IS
    'Every change by the API: who, what, when.';
COMMENT ON COLUMN audit.actor IS
    'The subject of the token; role is its highest scope.';
COMMENT ON COLUMN audit.resource_id IS
    'No foreign key: what is gone keeps its trace.';
COMMENT ON COLUMN audit.changes IS
    'What the client sent, secrets replaced by ***.';

-- p_who: {"sub": ..., "role": ..., "addr": ...}
CREATE FUNCTION audit_write(p_who jsonb, p_action text, p_resource text,
    p_id text, p_name text, p_changes jsonb) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO audit (actor, role, address, action, resource,
	    resource_id, name, changes)
	VALUES (p_who->>'sub', p_who->>'role', p_who->>'addr', p_action,
	    p_resource, p_id, p_name, p_changes)
$$;

CREATE FUNCTION audit_masked(doc jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN doc->'bbb' ? 'secret'
	    THEN jsonb_set(doc, '{bbb,secret}', '"***"') ELSE doc END
$$;

-- Objects are merged, lists replaced; null or "" takes a member away.
CREATE FUNCTION settings_merge(old jsonb, patch jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	r	jsonb := CASE WHEN jsonb_typeof(old) = 'object'
		    THEN old ELSE '{}' END;
	k	text;
	v	jsonb;
BEGIN
	FOR k, v IN SELECT * FROM jsonb_each(patch) LOOP
		IF v IN ('null', '""') THEN
			r := r - k;
		ELSIF jsonb_typeof(v) = 'object' THEN
			r := r || jsonb_build_object(k,
			    settings_merge(r->k, v));
		ELSE
			r := r || jsonb_build_object(k, v);
		END IF;
	END LOOP;
	RETURN r;
END $$;

CREATE FUNCTION jsonb_words(list jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT ARRAY(SELECT jsonb_array_elements_text(CASE
	    WHEN jsonb_typeof(list) = 'array' THEN list ELSE '[]' END))
$$;

-- Frontends ----------------------------------------------------------------

CREATE FUNCTION frontend_add(p_who jsonb, doc jsonb) RETURNS frontends
LANGUAGE plpgsql AS $$
DECLARE
	f	frontends;
BEGIN
	INSERT INTO frontends (key, secret, active, account_ref, hosts,
	    bare_path, settings)
	VALUES (doc#>>'{bbb,key}', doc#>>'{bbb,secret}',
	    COALESCE((doc->>'active')::boolean, true), doc->>'account_ref',
	    jsonb_words(doc->'hosts'),
	    COALESCE((doc->>'bare_path')::boolean, false),
	    settings_merge('{}', COALESCE(doc->'settings', '{}')))
	RETURNING * INTO f;
	PERFORM audit_write(p_who, 'create', 'frontend', f.id::text, f.key,
	    audit_masked(doc));
	RETURN f;
END $$;

CREATE FUNCTION frontend_change(p_who jsonb, p_id uuid, p_account text,
    doc jsonb) RETURNS SETOF frontends
LANGUAGE plpgsql AS $$
DECLARE
	f	frontends;
BEGIN
	UPDATE frontends u SET
	    key = COALESCE(doc#>>'{bbb,key}', u.key),
	    secret = COALESCE(doc#>>'{bbb,secret}', u.secret),
	    active = COALESCE((doc->>'active')::boolean, u.active),
	    account_ref = CASE WHEN doc ? 'account_ref'
		THEN doc->>'account_ref' ELSE u.account_ref END,
	    hosts = CASE WHEN doc ? 'hosts' THEN jsonb_words(doc->'hosts')
		ELSE u.hosts END,
	    bare_path = COALESCE((doc->>'bare_path')::boolean, u.bare_path),
	    settings = CASE WHEN doc ? 'settings'
		THEN settings_merge(u.settings, doc->'settings')
		ELSE u.settings END
	 WHERE u.id = p_id AND (p_account IS NULL OR u.account_ref = p_account)
	RETURNING * INTO f;
	IF FOUND THEN
		PERFORM audit_write(p_who, 'change', 'frontend', f.id::text,
		    f.key, audit_masked(doc));
		RETURN NEXT f;
	END IF;
END $$;

-- The row as it was, no longer active.
CREATE FUNCTION frontend_remove(p_who jsonb, p_id uuid)
RETURNS SETOF frontends LANGUAGE plpgsql AS $$
DECLARE
	f	frontends;
BEGIN
	DELETE FROM frontends u WHERE u.id = p_id RETURNING * INTO f;
	IF FOUND THEN
		f.active := false;
		PERFORM audit_write(p_who, 'delete', 'frontend', f.id::text,
		    f.key, NULL);
		RETURN NEXT f;
	END IF;
END $$;

-- p_value NULL: as if it had never been set.
CREATE FUNCTION frontend_set(p_who jsonb, p_id uuid, p_account text,
    p_name text, p_value jsonb) RETURNS SETOF frontends
LANGUAGE plpgsql AS $$
DECLARE
	f	frontends;
BEGIN
	UPDATE frontends u SET settings = settings_merge(u.settings - p_name,
	    jsonb_build_object(p_name, COALESCE(p_value, 'null')))
	 WHERE u.id = p_id AND (p_account IS NULL OR u.account_ref = p_account)
	RETURNING * INTO f;
	IF FOUND THEN
		PERFORM audit_write(p_who, 'change', 'frontend', f.id::text,
		    f.key, jsonb_build_object('settings',
		    jsonb_build_object(p_name, p_value)));
		RETURN NEXT f;
	END IF;
END $$;

-- The secret so far stays valid for p_valid_s; how long that is comes back.
CREATE FUNCTION frontend_rotate(p_who jsonb, p_id uuid, p_account text,
    p_secret text, p_valid_s bigint)
RETURNS TABLE (f frontends, until timestamptz) LANGUAGE plpgsql AS $$
DECLARE
	r	frontends;
	t	timestamptz := now() + p_valid_s * interval '1 second';
BEGIN
	SELECT * INTO r FROM frontends u WHERE u.id = p_id
	   AND (p_account IS NULL OR u.account_ref = p_account) FOR UPDATE;
	IF NOT FOUND THEN
		RETURN;
	ELSIF r.secret = p_secret THEN
		RAISE EXCEPTION 'the secret is the same'
		    USING ERRCODE = 'check_violation';
	END IF;
	UPDATE frontends u SET secret = p_secret WHERE u.id = p_id;
	DELETE FROM frontend_secrets s WHERE s.frontend_id = p_id
	   AND (s.valid_until <= now() OR s.secret = p_secret);
	IF p_valid_s > 0 THEN
		INSERT INTO frontend_secrets (frontend_id, secret, valid_until)
		VALUES (p_id, r.secret, t)
		    ON CONFLICT (frontend_id, secret) DO UPDATE
		   SET valid_until = EXCLUDED.valid_until;
	END IF;
	PERFORM audit_write(p_who, 'rotate', 'frontend', p_id::text, r.key,
	    jsonb_build_object('valid_for', p_valid_s));
	RETURN QUERY SELECT u, t FROM frontends u WHERE u.id = p_id;
END $$;

-- Backends -----------------------------------------------------------------

-- In one word, and why.  place() has the last say: it knows the moment.
CREATE FUNCTION backend_word(b backends, heartbeat timestamptz,
    meetings integer, users integer, agent_timeout_ms integer)
RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT CASE
	WHEN b.admin_state = 'decommissioned' THEN ARRAY['decommissioned',
	    'it is removed as soon as no meeting runs on it']
	WHEN b.node_state = 'error' THEN ARRAY['failed',
	    COALESCE(b.last_error, 'its last polls failed')]
	WHEN b.admin_state = 'stopped' AND meetings > 0 THEN ARRAY['draining',
	    'stopped by an admin; meetings left: ' || meetings]
	WHEN b.admin_state = 'stopped' THEN ARRAY['stopped',
	    'stopped by an admin']
	WHEN b.admin_state = 'init' THEN ARRAY['new',
	    'waits for an admin to enable it']
	WHEN heartbeat <= now() - agent_timeout_ms * interval '1 millisecond'
	    THEN ARRAY['silent', 'its agent is silent']
	WHEN meetings >= b.meetings_cap THEN ARRAY['full',
	    'it has as many meetings as meetings_cap allows']
	WHEN users >= b.users_cap THEN ARRAY['full',
	    'it has as many users as users_cap allows']
	ELSE ARRAY['placeable', NULL] END
$$;

CREATE FUNCTION backend_tags(doc jsonb, old jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN doc ? 'settings'
	    THEN settings_merge(old, doc->'settings') ELSE old END
$$;

CREATE FUNCTION backend_add(p_who jsonb, p_agent text, doc jsonb)
RETURNS backends LANGUAGE plpgsql AS $$
DECLARE
	b	backends;
BEGIN
	INSERT INTO backends (host, secret, admin_state, load_factor,
	    meetings_cap, users_cap, settings, agent_ref)
	VALUES (doc#>>'{bbb,host}', doc#>>'{bbb,secret}',
	    COALESCE(NULLIF(doc->>'admin_state', ''), 'ready'),
	    COALESCE(NULLIF((doc->>'load_factor')::double precision, 0), 1),
	    (doc->>'meetings_cap')::integer, (doc->>'users_cap')::integer,
	    backend_tags(doc, '{}'), p_agent)
	RETURNING * INTO b;
	PERFORM audit_write(p_who, 'create', 'backend', b.id::text, b.host,
	    audit_masked(doc));
	RETURN b;
END $$;

-- It is polled at once: what changed may decide whether it answers.
CREATE FUNCTION backend_change(p_who jsonb, p_id uuid, p_agent text,
    doc jsonb) RETURNS SETOF backends
LANGUAGE plpgsql AS $$
DECLARE
	b	backends;
BEGIN
	IF p_agent IS NULL AND doc->>'admin_state' IN ('init', 'ready') THEN
		PERFORM command_undrain(p_id, doc->>'admin_state');
	END IF;
	UPDATE backend_health h SET next_poll_at = now()
	  FROM backends u WHERE h.backend_id = p_id AND u.id = p_id
	   AND (p_agent IS NULL OR u.agent_ref = p_agent);
	UPDATE backends u SET
	    host = COALESCE(doc#>>'{bbb,host}', u.host),
	    secret = COALESCE(doc#>>'{bbb,secret}', u.secret),
	    admin_state = COALESCE(NULLIF(doc->>'admin_state', ''),
		u.admin_state),
	    load_factor = COALESCE(NULLIF(
		(doc->>'load_factor')::double precision, 0), u.load_factor),
	    meetings_cap = CASE WHEN doc ? 'meetings_cap'
		THEN (doc->>'meetings_cap')::integer ELSE u.meetings_cap END,
	    users_cap = CASE WHEN doc ? 'users_cap'
		THEN (doc->>'users_cap')::integer ELSE u.users_cap END,
	    settings = backend_tags(doc, u.settings)
	 WHERE u.id = p_id AND (p_agent IS NULL OR u.agent_ref = p_agent)
	RETURNING * INTO b;
	IF FOUND THEN
		PERFORM audit_write(p_who, 'change', 'backend', b.id::text,
		    b.host, audit_masked(doc));
		RETURN NEXT b;
	END IF;
END $$;

-- Forced: with its meetings, at once.  Else a command does it when none runs.
CREATE FUNCTION backend_remove(p_who jsonb, p_id uuid, p_force boolean)
RETURNS SETOF backends LANGUAGE plpgsql AS $$
DECLARE
	b	backends;
BEGIN
	PERFORM FROM backend_health h WHERE h.backend_id = p_id FOR UPDATE;
	IF p_force THEN
		DELETE FROM backends u WHERE u.id = p_id RETURNING * INTO b;
		b.admin_state := 'destroyed';
	ELSE
		UPDATE backends u SET admin_state = 'decommissioned'
		 WHERE u.id = p_id RETURNING * INTO b;
	END IF;
	IF b.id IS NULL THEN
		RETURN;
	END IF;
	PERFORM audit_write(p_who, CASE WHEN p_force THEN 'delete'
	    ELSE 'decommission' END, 'backend', b.id::text, b.host, NULL);
	IF NOT p_force THEN
		PERFORM command_enqueue('decommission_backend',
		    jsonb_build_object('backend_id', b.id), 3600);
	END IF;
	RETURN NEXT b;
END $$;

-- Reservations -------------------------------------------------------------

-- What the members of doc say; NULL members take away.
CREATE FUNCTION reservation_fill(p_id uuid, doc jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF doc ? 'frontend_ids' THEN
		DELETE FROM reservation_frontends WHERE reservation_id = p_id;
		INSERT INTO reservation_frontends
		SELECT DISTINCT p_id, w::uuid
		  FROM unnest(jsonb_words(doc->'frontend_ids')) w;
	END IF;
	IF doc ? 'hours' THEN
		DELETE FROM reservation_hours WHERE reservation_id = p_id;
		INSERT INTO reservation_hours (reservation_id, weekday,
		    starts, ends, time_zone)
		SELECT p_id, h.weekday, h.starts, h.ends,
		    COALESCE(h.time_zone, 'UTC')
		  FROM jsonb_to_recordset(CASE
			WHEN jsonb_typeof(doc->'hours') = 'array'
			THEN doc->'hours' ELSE '[]' END)
		    AS h (weekday smallint, starts time, ends time,
			time_zone text);
	END IF;
END $$;

-- As the API shows it: a function that writes does not see its own rows in
-- the statement that calls it.
CREATE TYPE reservation_shown AS (id uuid, backend_id uuid, tag text,
    frontend_ids jsonb, from_at timestamptz, until_at timestamptz,
    hours jsonb, note text);
CREATE FUNCTION reservation_show(r reservations) RETURNS reservation_shown
LANGUAGE sql VOLATILE AS $$
	SELECT ROW(r.id, r.backend_id, r.tag,
	    (SELECT COALESCE(jsonb_agg(f.frontend_id ORDER BY f.frontend_id),
		'[]') FROM reservation_frontends f
	      WHERE f.reservation_id = r.id),
	    r.from_at, r.until_at,
	    (SELECT COALESCE(jsonb_agg(jsonb_build_object('weekday',
		h.weekday, 'starts', to_char(h.starts, 'HH24:MI'), 'ends',
		to_char(h.ends, 'HH24:MI'), 'time_zone', h.time_zone)
		ORDER BY h.weekday, h.starts, h.id), '[]')
	       FROM reservation_hours h WHERE h.reservation_id = r.id),
	    r.note)::reservation_shown
$$;

CREATE FUNCTION reservation_add(p_who jsonb, doc jsonb)
RETURNS SETOF reservation_shown LANGUAGE plpgsql AS $$
DECLARE
	r	reservations;
BEGIN
	INSERT INTO reservations (backend_id, tag, from_at, until_at, note)
	VALUES ((doc->>'backend_id')::uuid, doc->>'tag',
	    (doc->>'from')::timestamptz, (doc->>'until')::timestamptz,
	    COALESCE(doc->>'note', ''))
	RETURNING * INTO r;
	PERFORM reservation_fill(r.id, doc);
	PERFORM audit_write(p_who, 'create', 'reservation', r.id::text,
	    r.note, doc);
	RETURN NEXT reservation_show(r);
END $$;

CREATE FUNCTION reservation_change(p_who jsonb, p_id uuid, doc jsonb)
RETURNS SETOF reservation_shown LANGUAGE plpgsql AS $$
DECLARE
	r	reservations;
BEGIN
	UPDATE reservations u SET
	    backend_id = CASE WHEN doc ? 'backend_id'
		THEN (doc->>'backend_id')::uuid ELSE u.backend_id END,
	    tag = CASE WHEN doc ? 'tag' THEN doc->>'tag' ELSE u.tag END,
	    from_at = CASE WHEN doc ? 'from'
		THEN (doc->>'from')::timestamptz ELSE u.from_at END,
	    until_at = CASE WHEN doc ? 'until'
		THEN (doc->>'until')::timestamptz ELSE u.until_at END,
	    note = COALESCE(doc->>'note', u.note)
	 WHERE u.id = p_id RETURNING * INTO r;
	IF FOUND THEN
		PERFORM reservation_fill(r.id, doc);
		PERFORM audit_write(p_who, 'change', 'reservation',
		    r.id::text, r.note, doc);
		RETURN NEXT reservation_show(r);
	END IF;
END $$;

CREATE FUNCTION reservation_remove(p_who jsonb, p_id uuid)
RETURNS SETOF reservation_shown LANGUAGE plpgsql AS $$
DECLARE
	r	reservations;
	shown	reservation_shown;
BEGIN
	SELECT * INTO r FROM reservations u WHERE u.id = p_id FOR UPDATE;
	IF FOUND THEN
		shown := reservation_show(r);
		DELETE FROM reservations u WHERE u.id = p_id;
		PERFORM audit_write(p_who, 'delete', 'reservation',
		    r.id::text, r.note, NULL);
		RETURN NEXT shown;
	END IF;
END $$;

-- Meetings -----------------------------------------------------------------

-- Elements by their names, each replaced as a whole; null takes it away, and
-- a null in the place of all of them takes all.
CREATE FUNCTION metadata_merge(old text, patch jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	r	text := old;
	k	text;
	v	text;
BEGIN
	IF patch = 'null' THEN
		RETURN '';
	END IF;
	FOR k, v IN SELECT replace(key, '.', '\.'), value
		FROM jsonb_each_text(patch)
	LOOP
		r := regexp_replace(r, format('<%s>.*?</%s>', k, k), '', 'g');
		r := regexp_replace(r, format('<%s */>', k), '', 'g');
		r := concat(r, v);
	END LOOP;
	RETURN r;
END $$;

-- Makes its people those of the list; who stays keeps what it does not tell.
CREATE FUNCTION attendees_replace(m bigint, list jsonb) RETURNS void
LANGUAGE sql AS $$
	WITH want AS (
		SELECT DISTINCT ON (1, 2) COALESCE(j->>'UserID', '') AS user_id,
		    COALESCE(NULLIF(j->>'InternalUserID', ''), '#' || n)
			AS session,
		    COALESCE(j->>'FullName', '') AS full_name,
		    COALESCE(j->>'Role', '') AS role,
		    COALESCE(j->>'ClientType', '') AS client_type,
		    COALESCE((j->>'IsPresenter')::boolean, false) AS presenter,
		    COALESCE((j->>'IsListeningOnly')::boolean, false)
			AS listening,
		    COALESCE((j->>'HasJoinedVoice')::boolean, false) AS voice,
		    COALESCE((j->>'HasVideo')::boolean, false) AS video
		  FROM jsonb_array_elements(CASE jsonb_typeof(list)
			WHEN 'array' THEN list ELSE '[]' END)
			WITH ORDINALITY x (j, n)
		 ORDER BY 1, 2, n DESC),
	gone AS (
		DELETE FROM attendees a WHERE a.meeting = m
		   AND (a.user_id, a.session)
			NOT IN (SELECT user_id, session FROM want))
	INSERT INTO attendees (meeting, user_id, session, full_name, role,
	    client_type, is_presenter, is_listening_only, has_joined_voice,
	    has_video)
	SELECT m, want.* FROM want
	    ON CONFLICT (meeting, user_id, session) DO UPDATE
	   SET full_name = EXCLUDED.full_name, role = EXCLUDED.role,
	       client_type = EXCLUDED.client_type,
	       is_presenter = EXCLUDED.is_presenter,
	       is_listening_only = EXCLUDED.is_listening_only,
	       has_joined_voice = EXCLUDED.has_joined_voice,
	       has_video = EXCLUDED.has_video
$$;

-- What doc says of a meeting whose row is locked.  A poll that was asked for
-- before does not undo it; the next one writes what its server says.
CREATE FUNCTION meeting_merge(p_row bigint, doc jsonb,
    weights double precision[]) RETURNS void
LANGUAGE sql AS $$
	UPDATE meetings u SET
	    name = COALESCE(doc->>'MeetingName', u.name),
	    create_date = COALESCE(doc->>'CreateDate', u.create_date),
	    voice_bridge = COALESCE(doc->>'VoiceBridge', u.voice_bridge),
	    dial_number = COALESCE(doc->>'DialNumber', u.dial_number),
	    attendee_pw = COALESCE(doc->>'AttendeePW', u.attendee_pw),
	    moderator_pw = COALESCE(doc->>'ModeratorPW', u.moderator_pw),
	    running = COALESCE((doc->>'Running')::boolean, u.running),
	    recording = COALESCE((doc->>'Recording')::boolean, u.recording),
	    forcibly_ended = COALESCE((doc->>'HasBeenForciblyEnded')::boolean,
		u.forcibly_ended),
	    duration = COALESCE((doc->>'Duration')::integer, u.duration),
	    create_time = CASE WHEN doc ? 'CreateTime'
		THEN ms_time((doc->>'CreateTime')::bigint)
		ELSE u.create_time END,
	    start_time = CASE WHEN doc ? 'StartTime'
		THEN ms_time((doc->>'StartTime')::bigint)
		ELSE u.start_time END,
	    end_time = CASE WHEN doc ? 'EndTime'
		THEN ms_time((doc->>'EndTime')::bigint) ELSE u.end_time END,
	    max_users = COALESCE((doc->>'MaxUsers')::integer, u.max_users),
	    participants = n.people, voices = n.voices, videos = n.videos,
	    listeners = COALESCE((doc->>'ListenerCount')::integer,
		u.listeners),
	    moderators = COALESCE((doc->>'ModeratorCount')::integer,
		u.moderators),
	    has_user_joined = u.has_user_joined OR n.people > 0,
	    cost = CASE WHEN u.is_breakout THEN 0 ELSE n.people END
		+ weights[1] * n.voices + weights[2] * n.videos,
	    metadata = CASE WHEN doc ? 'Metadata'
		THEN metadata_merge(u.metadata, doc->'Metadata')
		ELSE u.metadata END,
	    breakout_rooms = CASE WHEN doc ? 'BreakoutRooms'
		THEN COALESCE(doc->>'BreakoutRooms', '')
		ELSE u.breakout_rooms END,
	    poll_digest = NULL, event_at = clock_timestamp()
	  FROM (SELECT COALESCE((doc->>'ParticipantCount')::integer,
		    participants) AS people,
		    COALESCE((doc->>'VoiceParticipantCount')::integer, voices)
			AS voices,
		    COALESCE((doc->>'VideoCount')::integer, videos) AS videos
		  FROM meetings WHERE id = p_row) n
	 WHERE u.id = p_row
$$;

-- Its people, if the list is sent, are counted; a count that is sent as well
-- holds.
CREATE FUNCTION meeting_change(p_who jsonb, p_row bigint, doc jsonb,
    p_sent jsonb, weights double precision[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	m	meetings;
BEGIN
	SELECT * INTO m FROM meetings WHERE id = p_row AND state <> 'ended'
	    FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	IF doc ? 'Attendees' THEN
		PERFORM attendees_replace(p_row, doc->'Attendees');
		PERFORM meetings_count(ARRAY[p_row], weights[1], weights[2]);
	END IF;
	PERFORM meeting_merge(p_row, doc, weights);
	PERFORM backend_load_renew(m.backend_id);
	PERFORM frontend_load_renew(ARRAY[m.frontend_id]);
	PERFORM audit_write(p_who, 'change', 'meeting', m.backend_meeting_id,
	    COALESCE(m.internal_id, ''), p_sent);
	RETURN true;
END $$;

INSERT INTO schema_version (version, name, compatible_from)
VALUES (2, 'api', 1);

COMMIT;
