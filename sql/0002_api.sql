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

INSERT INTO schema_version (version, name, compatible_from)
VALUES (2, 'api', 1);

COMMIT;
