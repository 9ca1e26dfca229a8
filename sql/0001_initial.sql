-- The cluster's memory: frontends, backends, meetings, and how they change.
--
-- Copyright (c) 2026 the b3scale authors
-- SPDX-License-Identifier: ISC
--
-- Applied by b3scale-schema(8); one transaction, which records itself last.
--
-- Row locks are always taken in one order, within a table by its key:
--   backend_health, backends, versions, meetings, backend_load, frontend_load
-- so that no two transactions ever wait for each other.  place() begins with
-- an advisory lock and holds it while it takes the others.

BEGIN;
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

CREATE TABLE schema_version (
	version		integer PRIMARY KEY CHECK (version > 0),
	name		text NOT NULL,
	compatible_from	integer NOT NULL
			CHECK (compatible_from BETWEEN 1 AND version),
	applied_at	timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE schema_version IS
    'One row per applied file of sql/.';
COMMENT ON COLUMN schema_version.compatible_from IS
    'The oldest program (the schema version it was built for) that this schema still serves.';

-- Every replicated row carries a number of this sequence; a reader that holds
-- a higher one ignores a lower one.
CREATE SEQUENCE row_version;

CREATE TABLE versions (
	name	text PRIMARY KEY CHECK (name IN ('cluster', 'bare_path')),
	version	bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO versions VALUES ('cluster', 1), ('bare_path', 1);
COMMENT ON TABLE versions IS
    'cluster: of the list of backends and reservations as a whole. bare_path: raised by whoever checks the rules of bare_path, which makes them queue.';

-- Frontends ----------------------------------------------------------------

CREATE TABLE frontends (
	id		uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	key		text NOT NULL UNIQUE
			CHECK (key <> '' AND length(key) <= 255
			    AND key !~ '[/[:cntrl:]]'),
	secret		text NOT NULL CHECK (secret <> ''),
	active		boolean NOT NULL DEFAULT true,
	account_ref	text CHECK (length(account_ref) <= 255),
	hosts		text[] NOT NULL DEFAULT '{}',
	bare_path	boolean NOT NULL DEFAULT false,
	further_secrets	jsonb,
	settings	jsonb NOT NULL DEFAULT '{}'
			CHECK (jsonb_typeof(settings) = 'object'),
	version		bigint NOT NULL DEFAULT nextval('row_version'),
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX frontends_bare_path ON frontends (id) WHERE bare_path;
CREATE INDEX frontends_account_ref ON frontends (account_ref);
COMMENT ON COLUMN frontends.secret IS
    'Signs what is sent to the frontend; frontend_secrets holds further ones that it may sign with.';
COMMENT ON COLUMN frontends.hosts IS
    'Host names whose /bigbluebutton/api is this frontend''s; unique in the cluster.';
COMMENT ON COLUMN frontends.further_secrets IS
    'What frontend_secrets has of it, [[secret, until in ms or 0], ...], so that a call reads one row; kept by a trigger, not to be written.';
COMMENT ON COLUMN frontends.bare_path IS
    'Calls of /bigbluebutton/api under any host name may be its own, if its secret signed them: at most 64 frontends, all their secrets different.';

CREATE TABLE frontend_secrets (
	frontend_id	uuid NOT NULL REFERENCES frontends ON DELETE CASCADE,
	secret		text NOT NULL CHECK (secret <> ''),
	valid_until	timestamptz,
	created_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (frontend_id, secret)
);
COMMENT ON TABLE frontend_secrets IS
    'Further secrets that are valid, until then or (NULL) for good.';

CREATE TABLE frontend_hosts (
	host		text PRIMARY KEY,
	frontend_id	uuid NOT NULL REFERENCES frontends ON DELETE CASCADE
);
CREATE INDEX frontend_hosts_frontend ON frontend_hosts (frontend_id);
COMMENT ON TABLE frontend_hosts IS
    'frontends.hosts by name; kept by a trigger, not to be written.';

CREATE TABLE frontend_load (
	frontend_id	uuid PRIMARY KEY REFERENCES frontends ON DELETE CASCADE,
	meetings	integer NOT NULL DEFAULT 0 CHECK (meetings >= 0),
	users		integer NOT NULL DEFAULT 0 CHECK (users >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE frontend_load IS
    'Meetings that are placed or living, and the people in them (a breakout room''s are counted in its parent).';

-- Backends -----------------------------------------------------------------

CREATE TABLE backends (
	id		uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	host		text NOT NULL UNIQUE
			CHECK (host ~ '^https?://[^/?#@[:space:][:cntrl:]]+/' AND
			    host !~ '[?#[:space:][:cntrl:]]' AND
			    host ~ '/bigbluebutton/api/$'),
	secret		text NOT NULL CHECK (secret <> ''),
	admin_state	text NOT NULL DEFAULT 'ready' CHECK (admin_state IN
			    ('init', 'ready', 'stopped', 'decommissioned')),
	node_state	text NOT NULL DEFAULT 'init' CHECK (node_state IN
			    ('init', 'ready', 'error')),
	load_factor	double precision NOT NULL DEFAULT 1
			CHECK (load_factor > 0 AND load_factor <= 1e6),
	meetings_cap	integer CHECK (meetings_cap >= 0),
	users_cap	integer CHECK (users_cap >= 0),
	settings	jsonb NOT NULL DEFAULT '{}'
			CHECK (jsonb_typeof(settings) = 'object'),
	slot		integer GENERATED ALWAYS AS IDENTITY UNIQUE,
	agent_ref	text UNIQUE CHECK (length(agent_ref) <= 255),
	bbb_version	text,
	last_error	text,
	last_error_at	timestamptz,
	version		bigint NOT NULL DEFAULT nextval('row_version'),
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
COMMENT ON COLUMN backends.host IS
    'Base URL of the API; made to end in /bigbluebutton/api/ when it is written.';
COMMENT ON COLUMN backends.node_state IS
    'init: never polled (gets meetings all the same); error: two polls or calls in a row failed.';
COMMENT ON COLUMN backends.load_factor IS
    'A penalty: the load counts times this.';
COMMENT ON COLUMN backends.slot IS
    'A small number of its own: its place in files of a node, its name in long lists.';

CREATE TABLE backend_health (
	backend_id	uuid PRIMARY KEY REFERENCES backends ON DELETE CASCADE,
	heartbeat	timestamptz,
	silent_at	timestamptz,
	polled_at	timestamptz,
	next_poll_at	timestamptz NOT NULL DEFAULT now(),
	lease		uuid,
	lease_until	timestamptz,
	failures	integer NOT NULL DEFAULT 0,
	failed_at	timestamptz,
	latency_ms	integer,
	cpu		real
) WITH (fillfactor = 50);
COMMENT ON TABLE backend_health IS
    'What changes with every poll and heartbeat; nothing but the key is indexed, so updates stay in their page.';
COMMENT ON COLUMN backend_health.heartbeat IS
    'Of its agent; NULL: it has none.';
COMMENT ON COLUMN backend_health.silent_at IS
    'When its agent was found silent; NULL: it is not.';
COMMENT ON COLUMN backend_health.failures IS
    'Polls and calls that failed since the last one that went well.';
COMMENT ON COLUMN backend_health.lease IS
    'Of the job that polls it now; what comes back under another one is dropped.';

CREATE TABLE backend_load (
	backend_id	uuid PRIMARY KEY REFERENCES backends ON DELETE CASCADE,
	slot		integer NOT NULL,
	base		double precision NOT NULL DEFAULT 0,
	load		double precision NOT NULL DEFAULT 0,
	slope		double precision NOT NULL DEFAULT 0,
	at		timestamptz NOT NULL DEFAULT now(),
	factor		double precision NOT NULL DEFAULT 1,
	meetings	integer NOT NULL DEFAULT 0 CHECK (meetings >= 0),
	users		integer NOT NULL DEFAULT 0 CHECK (users >= 0),
	foreign_cost	double precision NOT NULL DEFAULT 0,
	foreign_users	integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON TABLE backend_load IS
    'Load in cost units: at a time t it is load - slope * (t - at), but not below base.';
COMMENT ON COLUMN backend_load.base IS
    'What is really there; load adds what is still expected to come.';
COMMENT ON COLUMN backend_load.slot IS
    'backends.slot, which never changes: place() is told the candidates by it.';
COMMENT ON COLUMN backend_load.factor IS
    'backends.load_factor, kept by a trigger: all that place() sorts by is in one narrow row.';
COMMENT ON COLUMN backend_load.foreign_cost IS
    'Of meetings that run there and are in no row: of others, and twins.';

-- Reservations -------------------------------------------------------------

CREATE TABLE reservations (
	id		uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	backend_id	uuid REFERENCES backends ON DELETE CASCADE,
	tag		text CHECK (tag <> ''),
	from_at		timestamptz,
	until_at	timestamptz,
	note		text NOT NULL DEFAULT '',
	CHECK (num_nonnulls(backend_id, tag) = 1),
	CHECK (from_at < until_at),
	CHECK (isfinite(from_at) AND isfinite(until_at))
);
CREATE INDEX reservations_backend ON reservations (backend_id);
COMMENT ON TABLE reservations IS
    'A backend, or all with a tag, kept for some frontends: from and until (NULL: open), and then only in its weekly hours, if it has any.';

CREATE TABLE reservation_frontends (
	reservation_id	uuid NOT NULL REFERENCES reservations
			ON DELETE CASCADE,
	frontend_id	uuid NOT NULL REFERENCES frontends ON DELETE CASCADE,
	PRIMARY KEY (reservation_id, frontend_id)
);
CREATE INDEX reservation_frontends_frontend
    ON reservation_frontends (frontend_id);

CREATE TABLE reservation_hours (
	id		bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	reservation_id	uuid NOT NULL REFERENCES reservations
			ON DELETE CASCADE,
	weekday		smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
	starts		time NOT NULL,
	ends		time NOT NULL,
	time_zone	text NOT NULL DEFAULT 'UTC'
);
CREATE INDEX reservation_hours_reservation
    ON reservation_hours (reservation_id);
COMMENT ON TABLE reservation_hours IS
    'By the clocks of time_zone; weekday 1 is Monday; hours that end before they start, or as they start, end on the next day.';

-- Meetings -----------------------------------------------------------------

CREATE TABLE meetings (
	id		bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	frontend_id	uuid NOT NULL REFERENCES frontends ON DELETE CASCADE,
	meeting_id	text NOT NULL,
	backend_id	uuid NOT NULL REFERENCES backends ON DELETE CASCADE,
	backend_meeting_id text NOT NULL,
	internal_id	text,
	state		text NOT NULL CHECK (state IN
			    ('placed', 'living', 'ended')),
	running		boolean NOT NULL DEFAULT false,
	attempt		integer NOT NULL DEFAULT 1,
	life		integer NOT NULL DEFAULT 1,
	told		boolean NOT NULL DEFAULT false,
	missing		integer NOT NULL DEFAULT 0,
	version		bigint NOT NULL DEFAULT nextval('row_version'),
	placed_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	confirmed_at	timestamptz,
	ended_at	timestamptz,
	event_at	timestamptz,
	expected	double precision NOT NULL DEFAULT 0,
	fade_s		integer NOT NULL DEFAULT 1 CHECK (fade_s > 0),
	cost		double precision NOT NULL DEFAULT 0,
	participants	integer NOT NULL DEFAULT 0,
	listeners	integer NOT NULL DEFAULT 0,
	voices		integer NOT NULL DEFAULT 0,
	videos		integer NOT NULL DEFAULT 0,
	moderators	integer NOT NULL DEFAULT 0,
	max_users	integer NOT NULL DEFAULT 0,
	duration	integer NOT NULL DEFAULT 0,
	sequence	integer NOT NULL DEFAULT 0,
	has_user_joined	boolean NOT NULL DEFAULT false,
	recording	boolean NOT NULL DEFAULT false,
	forcibly_ended	boolean NOT NULL DEFAULT false,
	is_breakout	boolean NOT NULL DEFAULT false,
	free_join	boolean NOT NULL DEFAULT false,
	create_time	timestamptz,
	start_time	timestamptz,
	end_time	timestamptz,
	name		text NOT NULL DEFAULT '',
	create_date	text NOT NULL DEFAULT '',
	attendee_pw	text NOT NULL DEFAULT '',
	moderator_pw	text NOT NULL DEFAULT '',
	voice_bridge	text NOT NULL DEFAULT '',
	dial_number	text NOT NULL DEFAULT '',
	parent_internal_id text NOT NULL DEFAULT '',
	poll_digest	text,
	metadata	text NOT NULL DEFAULT '',
	breakout_rooms	text NOT NULL DEFAULT '',
	extra		text NOT NULL DEFAULT '',
	params		text NOT NULL DEFAULT '',
	end_urls	text[] NOT NULL DEFAULT '{}',
	UNIQUE (frontend_id, meeting_id),
	CHECK (state <> 'living' OR internal_id IS NOT NULL)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX meetings_backend
    ON meetings (backend_id, backend_meeting_id) WHERE state <> 'ended';
CREATE UNIQUE INDEX meetings_internal
    ON meetings (internal_id, backend_id) WHERE state <> 'ended';
CREATE INDEX meetings_frontend
    ON meetings (frontend_id, id) WHERE state <> 'ended';
CREATE INDEX meetings_hashed
    ON meetings (backend_meeting_id) WHERE backend_meeting_id LIKE 'b3s-%';
CREATE INDEX meetings_breakouts
    ON meetings (parent_internal_id) WHERE is_breakout AND state <> 'ended';
COMMENT ON COLUMN meetings.meeting_id IS 'As the frontend names it.';
COMMENT ON COLUMN meetings.backend_meeting_id IS
    'As its server names it: key and id encoded, or b3s- and their digest.';
COMMENT ON COLUMN meetings.state IS
    'placed: a server is reserved and has not said yes; living; ended: the row stays, its id may come back.';
COMMENT ON COLUMN meetings.attempt IS
    'Raised when it is placed again; who acts on a placement compares it.';
COMMENT ON COLUMN meetings.life IS
    'The attempt that began it: moves from server to server go on with it.';
COMMENT ON COLUMN meetings.told IS
    'Its frontend was told that it lives.';
COMMENT ON COLUMN meetings.missing IS
    'Answers of its server in a row that lacked it.';
COMMENT ON COLUMN meetings.event_at IS
    'When its server last told of something that happened in it: older answers say nothing about it.';
COMMENT ON COLUMN meetings.expected IS
    'Cost of the people that may come; fades within fade_s of placed_at to what is really there.';
COMMENT ON COLUMN meetings.poll_digest IS
    'Of what the last poll said; the same again changes nothing.';
COMMENT ON COLUMN meetings.metadata IS
    'XML as getMeetingInfo shows it, like breakout_rooms and extra.';
COMMENT ON COLUMN meetings.params IS
    'The query of its create, for making it again elsewhere.';
COMMENT ON COLUMN meetings.end_urls IS
    'Where its frontend wants to hear of its end, if by us: meetingEndedURL and meta_endCallbackUrl, empty where there is none.';

CREATE TABLE attendees (
	meeting		bigint NOT NULL REFERENCES meetings ON DELETE CASCADE,
	user_id		text NOT NULL,
	session		text NOT NULL,
	joined_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	full_name	text NOT NULL DEFAULT '',
	role		text NOT NULL DEFAULT '',
	is_presenter	boolean NOT NULL DEFAULT false,
	is_listening_only boolean NOT NULL DEFAULT false,
	has_joined_voice boolean NOT NULL DEFAULT false,
	has_video	boolean NOT NULL DEFAULT false,
	client_type	text NOT NULL DEFAULT '',
	extra		text NOT NULL DEFAULT '',
	PRIMARY KEY (meeting, user_id, session)
) WITH (fillfactor = 80);
COMMENT ON COLUMN attendees.user_id IS
    'The external id: one user may be there more than once.';
COMMENT ON COLUMN attendees.session IS
    'The internal user id, which events carry; of one that only polls have seen: # and a number per user_id.';

CREATE TABLE ended_meetings (
	internal_id	text NOT NULL,
	backend_id	uuid NOT NULL,
	frontend_id	uuid NOT NULL REFERENCES frontends ON DELETE CASCADE,
	meeting_id	text NOT NULL,
	ended_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (internal_id, backend_id)
);
CREATE INDEX ended_meetings_frontend ON ended_meetings (frontend_id);
COMMENT ON TABLE ended_meetings IS
    'So that nothing revives them, and their recordings find their frontend.';
COMMENT ON COLUMN ended_meetings.backend_id IS
    'No foreign key: the recordings of a removed server still come.';

CREATE TABLE twins (
	backend_id	uuid NOT NULL REFERENCES backends ON DELETE CASCADE,
	internal_id	text NOT NULL,
	backend_meeting_id text NOT NULL,
	frontend_id	uuid REFERENCES frontends ON DELETE CASCADE,
	meeting_id	text NOT NULL,
	participants	integer NOT NULL DEFAULT 0,
	since		timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (backend_id, internal_id)
);
CREATE INDEX twins_frontend ON twins (frontend_id);
COMMENT ON TABLE twins IS
    'Meetings that run on a server where their row does not point.';

-- Versions and notices ------------------------------------------------------
--
-- On the channel b3scale, JSON arrays (any role may listen: no secrets):
--   ["frontend", version, deleted, id]
--   ["cluster", version]			of the list as a whole
--   ["meeting", version, ended, running, row, frontend, meeting id,
--	backend, backend meeting id, internal id]
--   ["meeting_id", version, ended, row, frontend]	if that did not fit

CREATE FUNCTION row_versioned() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	NEW.version := nextval('row_version');
	RETURN NEW;
END $$;

CREATE FUNCTION row_touched() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	NEW.version := nextval('row_version');
	NEW.updated_at := now();
	RETURN NEW;
END $$;

CREATE FUNCTION frontend_written() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	SELECT COALESCE(array_agg(lower(btrim(h)) ORDER BY n), '{}')
	  INTO NEW.hosts FROM unnest(NEW.hosts) WITH ORDINALITY u (h, n);
	IF EXISTS (SELECT FROM unnest(NEW.hosts) h
	    WHERE h IS NULL OR h = '' OR h ~ '[/[:space:]]') THEN
		RAISE EXCEPTION 'a host of frontend % is no host name', NEW.key
		    USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END $$;

CREATE FUNCTION frontend_hosts_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
	taken	text;
BEGIN
	DELETE FROM frontend_hosts WHERE frontend_id = NEW.id;
	FOR taken IN SELECT DISTINCT h FROM unnest(NEW.hosts) h ORDER BY h
	LOOP
		INSERT INTO frontend_hosts VALUES (taken, NEW.id)
		    ON CONFLICT DO NOTHING;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'host % belongs to another frontend',
			    taken USING ERRCODE = 'unique_violation';
		END IF;
	END LOOP;
	RETURN NULL;
END $$;

-- Whoever could break the rules of bare_path updates one row first, so they
-- queue, and under any isolation level none of them misses another's work.
CREATE FUNCTION bare_path_check() RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
	clash	record;
BEGIN
	UPDATE versions SET version = version + 1 WHERE name = 'bare_path';
	IF (SELECT count(*) FROM frontends WHERE bare_path) > 64 THEN
		RAISE EXCEPTION 'at most 64 frontends may have bare_path'
		    USING ERRCODE = 'check_violation';
	END IF;
	SELECT min(s.key) AS one, max(s.key) AS other INTO clash
	  FROM (SELECT key, secret FROM frontends WHERE bare_path
		UNION
		SELECT f.key, s.secret FROM frontend_secrets s
		  JOIN frontends f ON f.id = s.frontend_id
		 WHERE f.bare_path
		   AND (s.valid_until IS NULL OR s.valid_until > now())) s
	 GROUP BY s.secret HAVING count(*) > 1 LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'frontends % and % have bare_path and must not share a secret',
		    clash.one, clash.other
		    USING ERRCODE = 'unique_violation';
	END IF;
END $$;

CREATE FUNCTION frontend_bare_path() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	PERFORM bare_path_check();
	RETURN NULL;
END $$;

CREATE FUNCTION frontend_notice() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		PERFORM pg_notify('b3scale', jsonb_build_array('frontend',
		    nextval('row_version'), true, OLD.id)::text);
	ELSE
		PERFORM pg_notify('b3scale', jsonb_build_array('frontend',
		    NEW.version, false, NEW.id)::text);
	END IF;
	RETURN NULL;
END $$;

CREATE FUNCTION frontend_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO frontend_load (frontend_id) VALUES (NEW.id);
	RETURN NULL;
END $$;

-- Touching the frontend raises its version, and its own trigger notifies.
CREATE FUNCTION further_secrets_keep(p_frontend uuid) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	-- Whoever waits here sees the secrets as they are then.
	PERFORM FROM frontends WHERE id = p_frontend FOR UPDATE;
	UPDATE frontends SET updated_at = now(), further_secrets = (
	    SELECT jsonb_agg(jsonb_build_array(s.secret,
		time_ms(s.valid_until)) ORDER BY s.created_at, s.secret)
	      FROM frontend_secrets s WHERE s.frontend_id = p_frontend)
	 WHERE id = p_frontend;
END $$;

CREATE FUNCTION frontend_secret_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	IF TG_OP <> 'INSERT' THEN
		PERFORM further_secrets_keep(OLD.frontend_id);
	END IF;
	IF TG_OP <> 'DELETE' THEN
		PERFORM further_secrets_keep(NEW.frontend_id);
		IF EXISTS (SELECT FROM frontends
		    WHERE id = NEW.frontend_id AND bare_path) THEN
			PERFORM bare_path_check();
		END IF;
	END IF;
	RETURN NULL;
END $$;

CREATE TRIGGER a_written BEFORE INSERT OR UPDATE ON frontends
    FOR EACH ROW EXECUTE FUNCTION frontend_written();
CREATE TRIGGER b_touched BEFORE UPDATE ON frontends
    FOR EACH ROW EXECUTE FUNCTION row_touched();
CREATE TRIGGER c_added AFTER INSERT ON frontends
    FOR EACH ROW EXECUTE FUNCTION frontend_added();
CREATE TRIGGER d_hosts AFTER INSERT OR UPDATE OF hosts ON frontends
    FOR EACH ROW EXECUTE FUNCTION frontend_hosts_kept();
CREATE TRIGGER e_bare_path AFTER INSERT OR UPDATE OF bare_path, secret
    ON frontends FOR EACH ROW WHEN (NEW.bare_path)
    EXECUTE FUNCTION frontend_bare_path();
CREATE TRIGGER f_notice AFTER INSERT OR UPDATE OR DELETE ON frontends
    FOR EACH ROW EXECUTE FUNCTION frontend_notice();
CREATE TRIGGER a_changed AFTER INSERT OR UPDATE OR DELETE ON frontend_secrets
    FOR EACH ROW EXECUTE FUNCTION frontend_secret_changed();

-- The list of backends and reservations as a whole.
CREATE FUNCTION cluster_changed() RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
	v	bigint;
BEGIN
	UPDATE versions SET version = version + 1 WHERE name = 'cluster'
	    RETURNING version INTO v;
	PERFORM pg_notify('b3scale', jsonb_build_array('cluster', v)::text);
END $$;

CREATE FUNCTION cluster_written() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	PERFORM cluster_changed();
	RETURN NULL;
END $$;

-- An UPDATE of backends counts only if it changed what the list shows.
CREATE FUNCTION backends_updated() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	IF EXISTS (SELECT FROM new_rows n JOIN old_rows o USING (id)
	    WHERE (n.host, n.secret, n.admin_state, n.node_state,
		n.load_factor, n.settings)
	    IS DISTINCT FROM (o.host, o.secret, o.admin_state, o.node_state,
		o.load_factor, o.settings)) THEN
		PERFORM cluster_changed();
	END IF;
	RETURN NULL;
END $$;

-- As proto/url.c reads an address that an operator typed.
CREATE FUNCTION backend_host() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
	m	text[];
BEGIN
	m := regexp_match(btrim(NEW.host, E' \t\r\n'),
	    '^(https?://[^/?#]+)([^?#]*)$', 'i');
	IF m IS NULL THEN
		RETURN NEW;		/* the CHECK refuses it */
	END IF;
	m[2] := regexp_replace(m[2] || '/', '/+', '/', 'g');
	NEW.host := lower(m[1]) || CASE
	    WHEN m[2] ~ '/bigbluebutton/api/$' THEN m[2]
	    WHEN m[2] ~ '/bigbluebutton/$' THEN m[2] || 'api/'
	    ELSE m[2] || 'bigbluebutton/api/' END;
	RETURN NEW;
END $$;

CREATE FUNCTION backend_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO backend_health (backend_id) VALUES (NEW.id);
	INSERT INTO backend_load (backend_id, slot, factor)
	VALUES (NEW.id, NEW.slot, NEW.load_factor);
	RETURN NULL;
END $$;

CREATE FUNCTION backend_factor() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE backend_load SET factor = NEW.load_factor
	 WHERE backend_id = NEW.id;
	RETURN NULL;
END $$;

CREATE TRIGGER a_host BEFORE INSERT OR UPDATE OF host ON backends
    FOR EACH ROW EXECUTE FUNCTION backend_host();
CREATE TRIGGER b_touched BEFORE UPDATE ON backends
    FOR EACH ROW EXECUTE FUNCTION row_touched();
CREATE TRIGGER c_added AFTER INSERT ON backends
    FOR EACH ROW EXECUTE FUNCTION backend_added();
CREATE TRIGGER c_factor AFTER UPDATE OF load_factor ON backends
    FOR EACH ROW EXECUTE FUNCTION backend_factor();
CREATE TRIGGER d_list AFTER INSERT OR DELETE ON backends
    FOR EACH STATEMENT EXECUTE FUNCTION cluster_written();
CREATE TRIGGER d_list_updated AFTER UPDATE ON backends
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION backends_updated();
CREATE TRIGGER a_list AFTER INSERT OR UPDATE OR DELETE ON reservations
    FOR EACH STATEMENT EXECUTE FUNCTION cluster_written();
CREATE TRIGGER a_list AFTER INSERT OR UPDATE OR DELETE
    ON reservation_frontends
    FOR EACH STATEMENT EXECUTE FUNCTION cluster_written();
CREATE TRIGGER a_list AFTER INSERT OR UPDATE OR DELETE ON reservation_hours
    FOR EACH STATEMENT EXECUTE FUNCTION cluster_written();

CREATE FUNCTION reservation_hours_written() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	PERFORM now() AT TIME ZONE NEW.time_zone;	/* refuses a bad name */
	RETURN NEW;
END $$;
CREATE TRIGGER a_written BEFORE INSERT OR UPDATE ON reservation_hours
    FOR EACH ROW EXECUTE FUNCTION reservation_hours_written();

CREATE FUNCTION meeting_notify(m meetings, v bigint, ended boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	payload	text := jsonb_build_array('meeting', v, ended, m.running,
		    m.id, m.frontend_id, m.meeting_id, m.backend_id,
		    m.backend_meeting_id, m.internal_id)::text;
BEGIN
	IF octet_length(payload) > 7900 THEN
		payload := jsonb_build_array('meeting_id', v, ended, m.id,
		    m.frontend_id)::text;
	END IF;
	PERFORM pg_notify('b3scale', payload);
END $$;

CREATE FUNCTION meeting_notice() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		PERFORM meeting_notify(OLD, nextval('row_version'), true);
	/* A confirm tells nobody: meeting_announce() follows it. */
	ELSIF current_setting('b3scale.quiet', true)
	    IS DISTINCT FROM 'on' THEN
		PERFORM meeting_notify(NEW, NEW.version,
		    NEW.state = 'ended');
	END IF;
	RETURN NULL;
END $$;

-- Removed rows (of a removed backend, say) leave the frontends' counts.
CREATE FUNCTION meetings_deleted() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	PERFORM frontend_load_renew(ARRAY(SELECT DISTINCT frontend_id
	    FROM old_rows WHERE state <> 'ended'));
	RETURN NULL;
END $$;

CREATE TRIGGER a_versioned BEFORE UPDATE ON meetings FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.running <> NEW.running
	OR OLD.backend_id <> NEW.backend_id OR OLD.attempt <> NEW.attempt
	OR OLD.internal_id IS DISTINCT FROM NEW.internal_id)
    EXECUTE FUNCTION row_versioned();
CREATE TRIGGER b_notice AFTER UPDATE ON meetings FOR EACH ROW
    WHEN (OLD.state <> 'ended' AND NEW.state = 'ended'
	OR NEW.state = 'living' AND (OLD.state <> 'living'
	    OR OLD.running <> NEW.running OR OLD.backend_id <> NEW.backend_id
	    OR OLD.internal_id <> NEW.internal_id))
    EXECUTE FUNCTION meeting_notice();
CREATE TRIGGER b_notice_inserted AFTER INSERT ON meetings FOR EACH ROW
    WHEN (NEW.state = 'living') EXECUTE FUNCTION meeting_notice();
CREATE TRIGGER b_notice_deleted AFTER DELETE ON meetings FOR EACH ROW
    WHEN (OLD.state <> 'ended') EXECUTE FUNCTION meeting_notice();
CREATE TRIGGER c_deleted AFTER DELETE ON meetings
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION meetings_deleted();

-- Helpers -------------------------------------------------------------------
--
-- What runs with each request is written in plpgsql, which keeps its plans
-- from call to call; a function of SQL is planned again each time, unless it
-- is a mere expression and dissolves in the caller's.  (Such a one must not
-- claim to be more immutable than what it is made of.)

-- Milliseconds as BBB gives them: 0, and what no clock shows, is NULL.
CREATE FUNCTION ms_time(ms bigint) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN ms BETWEEN 1 AND 253402300799999
	    THEN timestamptz '1970-01-01 00:00:00+00'
		+ ms * interval '1 millisecond' END
$$;

CREATE FUNCTION time_ms(t timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT COALESCE(round(extract(epoch FROM t) * 1000)::bigint, 0)
$$;

-- Microseconds, for times that go through a program and come back.
CREATE FUNCTION us_time(us bigint) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
	SELECT timestamptz '1970-01-01 00:00:00+00'
	    + us * interval '1 microsecond'
$$;

CREATE FUNCTION time_us(t timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT round(extract(epoch FROM t) * 1000000)::bigint
$$;

-- Commits without waiting for the disk.  A SET clause of the function would
-- be undone before its commit.
CREATE FUNCTION commit_async() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('synchronous_commit', 'off', true);
END $$;

-- The load rows are locked first and summed up in a statement of its own, so
-- that the sum sees whatever was added before the lock was had.
CREATE FUNCTION backend_load_renew(b uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	t	timestamptz;
BEGIN
	PERFORM FROM backend_load WHERE backend_id = b FOR NO KEY UPDATE;
	t := clock_timestamp();
	UPDATE backend_load l
	   SET base = s.cost + l.foreign_cost,
	       load = s.cost + l.foreign_cost + s.rest,
	       slope = s.slope, at = t, meetings = s.n,
	       users = s.users + l.foreign_users
	  FROM (SELECT COALESCE(sum(m.cost), 0) AS cost,
		    COALESCE(sum(GREATEST(0, m.expected - m.cost)
			* GREATEST(0, 1 - m.age / m.fade_s)), 0) AS rest,
		    COALESCE(sum(GREATEST(0, m.expected - m.cost) / m.fade_s)
			FILTER (WHERE m.age < m.fade_s), 0) AS slope,
		    count(*) AS n, COALESCE(sum(m.participants)
			FILTER (WHERE NOT m.is_breakout), 0) AS users
		  FROM (SELECT cost, expected, fade_s, participants,
			    is_breakout, GREATEST(0,
			    date_part('epoch', t - placed_at)) AS age
			  FROM meetings
			 WHERE backend_id = b AND state <> 'ended') m) s
	 WHERE l.backend_id = b;
END $$;

CREATE FUNCTION frontend_load_renew(f uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM frontend_load WHERE frontend_id = ANY (f)
	    ORDER BY frontend_id FOR NO KEY UPDATE;
	UPDATE frontend_load l SET meetings = s.n, users = s.users
	  FROM unnest(f) u (id), LATERAL (SELECT count(*) AS n,
		    COALESCE(sum(participants)
			FILTER (WHERE NOT is_breakout), 0) AS users
		  FROM meetings
		 WHERE frontend_id = u.id AND state <> 'ended') s
	 WHERE l.frontend_id = u.id;
END $$;

-- Their rows are locked by the caller, who renews the loads afterwards.
CREATE FUNCTION meetings_end(ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ended_meetings (internal_id, backend_id, frontend_id,
	    meeting_id)
	SELECT internal_id, backend_id, frontend_id, meeting_id
	  FROM meetings WHERE id = ANY (ids) AND internal_id IS NOT NULL
	    ON CONFLICT DO NOTHING;
	DELETE FROM attendees WHERE meeting = ANY (ids);
	UPDATE meetings SET state = 'ended', running = false, missing = 0,
	    cost = 0, participants = 0, listeners = 0, voices = 0,
	    videos = 0, moderators = 0, poll_digest = NULL,
	    ended_at = clock_timestamp()
	 WHERE id = ANY (ids);
END $$;

-- Do more than half of all servers (from four up) fail at once?  Those that
-- failed before are old news.
CREATE FUNCTION backends_mass(OUT mass boolean, OUT n bigint,
    OUT since timestamptz) LANGUAGE sql STABLE AS $$
	SELECT count(*) >= 4 AND count(*) < 2 * count(*) FILTER (WHERE news),
	    count(*) FILTER (WHERE news), min(failed_at) FILTER (WHERE news)
	  FROM (SELECT h.failed_at, h.failures > 0
		    AND b.node_state <> 'error' AS news
		  FROM backends b JOIN backend_health h ON h.backend_id = b.id
		 WHERE b.admin_state <> 'decommissioned') s
$$;

-- Failures of servers, counted; two in a row make one failed, unless more
-- than half of all (from four up) fail at once: then the fault is more likely
-- ours, states stay, and the answer is true.
CREATE FUNCTION backends_failed(ids uuid[], errors text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	alarm	boolean;
BEGIN
	PERFORM FROM backend_health WHERE backend_id = ANY (ids)
	    ORDER BY backend_id FOR NO KEY UPDATE;
	UPDATE backend_health
	   SET failures = failures + 1, failed_at = clock_timestamp()
	 WHERE backend_id = ANY (ids);
	alarm := mass FROM backends_mass();
	PERFORM FROM backends WHERE id = ANY (ids)
	    ORDER BY id FOR NO KEY UPDATE;
	UPDATE backends b
	   SET last_error = left(f.error, 500),
	       last_error_at = clock_timestamp(),
	       node_state = CASE WHEN h.failures >= 2 AND NOT alarm
		   THEN 'error' ELSE b.node_state END
	  FROM unnest(ids, errors) f (id, error)
	  JOIN backend_health h ON h.backend_id = f.id
	 WHERE b.id = f.id;
	RETURN alarm;
END $$;

CREATE FUNCTION backend_call_failed(b uuid, error text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM commit_async();
	RETURN backends_failed(ARRAY[b], ARRAY[error]);
END $$;

-- When a reservation holds, up to a horizon: milliseconds; NULL is open.
CREATE FUNCTION reservation_periods(r reservations, horizon timestamptz)
RETURNS TABLE (from_ms bigint, until_ms bigint)
LANGUAGE sql STABLE AS $$
	SELECT time_ms(r.from_at), CASE WHEN r.until_at IS NULL
		THEN 253402300799999 ELSE time_ms(r.until_at) END
	 WHERE NOT EXISTS (SELECT FROM reservation_hours h
		WHERE h.reservation_id = r.id)
	   AND (r.until_at IS NULL OR r.until_at > now())
	UNION ALL
	SELECT time_ms(GREATEST(p.s, r.from_at)),
	    time_ms(LEAST(p.e, r.until_at))
	  FROM reservation_hours h,
	  generate_series(date_trunc('day', now() AT TIME ZONE h.time_zone)
		- interval '1 day', horizon AT TIME ZONE h.time_zone,
		interval '1 day') d,
	  LATERAL (SELECT (d + h.starts) AT TIME ZONE h.time_zone AS s,
		(d + h.ends + CASE WHEN h.ends <= h.starts
		    THEN interval '1 day' ELSE interval '0' END)
		AT TIME ZONE h.time_zone AS e) p
	 WHERE h.reservation_id = r.id
	   AND extract(isodow FROM d) = h.weekday
	   AND LEAST(p.e, r.until_at) > now()
	   AND GREATEST(p.s, r.from_at) < LEAST(p.e, r.until_at)
$$;

-- Placement -----------------------------------------------------------------

CREATE TYPE place_result AS (
	outcome		text,		-- new, found, none, limit
	id		bigint,
	backend_id	uuid,
	backend_meeting_id text,
	internal_id	text,
	state		text,
	running		boolean,
	attempt		integer,
	attendee_pw	text,
	moderator_pw	text,
	voice_bridge	text,
	version		bigint
);

CREATE FUNCTION place_answer(word text, m meetings) RETURNS place_result
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW(word, m.id, m.backend_id, m.backend_meeting_id,
	    m.internal_id, m.state, m.running, m.attempt, m.attendee_pw,
	    m.moderator_pw, m.voice_bridge, m.version)::place_result
$$;

-- Have more than half of all agents (from four up) fallen silent at once?
-- Those found silent before are old news.
CREATE FUNCTION agents_mass(silent_since timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT count(*) >= 4 AND count(*) < 2 * count(*) FILTER (
		WHERE h.heartbeat <= silent_since AND h.silent_at IS NULL)
	  FROM backend_health h JOIN backends b ON b.id = h.backend_id
	 WHERE h.heartbeat IS NOT NULL AND b.admin_state <> 'decommissioned'
$$;

-- May this server take one more meeting?  A heartbeat counts if it has any;
-- while most agents fall silent at once, the fault is more likely ours.
CREATE FUNCTION place_may(b uuid, has_meetings integer,
    has_users integer, silent_since timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM backends x
	      JOIN backend_health h ON h.backend_id = x.id
	     WHERE x.id = b AND x.admin_state = 'ready'
	       AND x.node_state <> 'error'
	       AND (x.meetings_cap IS NULL OR has_meetings < x.meetings_cap)
	       AND (x.users_cap IS NULL OR has_users < x.users_cap)
	       AND CASE WHEN h.heartbeat IS NULL
		    OR h.heartbeat > silent_since THEN true
		   WHEN h.silent_at IS NOT NULL THEN false
		   ELSE agents_mass(silent_since) END);
END $$;

-- The least loaded candidate (they are slots: hundreds of uuids would cost more
-- than the choice) that may take one more meeting; the list's order decides
-- between equals.  Sorting needs backend_load alone; whether it may is
-- asked of the first sixteen in turn (mostly the first may), then of all.
-- generate_series rather than unnest: the planner takes it for 1,000 rows and
-- joins by hash.
CREATE FUNCTION place_choose(candidates integer[], failed uuid,
    agent_timeout interval) RETURNS uuid
LANGUAGE plpgsql SET enable_seqscan = on AS $$
DECLARE
	t	timestamptz := clock_timestamp();
	few	integer;
	l	record;
BEGIN
	FOREACH few IN ARRAY ARRAY[16, NULL]
	LOOP
		FOR l IN SELECT o.backend_id AS id, o.meetings, o.users
		  FROM generate_series(1, cardinality(candidates)) i
		  JOIN backend_load o ON o.slot = candidates[i]
		 ORDER BY GREATEST(o.base, o.load - o.slope
			* date_part('epoch', t - o.at)) * o.factor, i
		 LIMIT few
		LOOP
			IF l.id IS DISTINCT FROM failed AND place_may(l.id,
			    l.meetings, l.users, t - agent_timeout) THEN
				RETURN l.id;
			END IF;
		END LOOP;
	END LOOP;
	RETURN NULL;
END $$;

-- Adds a new meeting to the load of its server.  What has faded below the
-- base is gone for good, its slope with it.
CREATE FUNCTION backend_load_add(b uuid, expected double precision,
    fade_s integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE backend_load l
	   SET load = GREATEST(l.base, l.load - l.slope * s.age) + expected,
	       slope = CASE WHEN l.load - l.slope * s.age > l.base
		   THEN l.slope ELSE 0 END + expected / fade_s,
	       at = s.t, meetings = l.meetings + 1
	  FROM (SELECT t, date_part('epoch', t - o.at) AS age
		  FROM backend_load o, clock_timestamp() t
		 WHERE o.backend_id = b) s
	 WHERE l.backend_id = b;
END $$;

CREATE FUNCTION place(
	p_frontend uuid, p_meeting text, p_backend_meeting text,
	p_candidates integer[], p_expected double precision, p_fade_s integer,
	p_limit bigint, p_agent_timeout_ms integer,
	p_attendee_pw text, p_moderator_pw text, p_voice_bridge text,
	p_name text, p_record boolean, p_max_users integer,
	p_metadata text, p_params text, p_end_urls text[],
	p_failed uuid, p_error text, p_attempt integer, p_living boolean)
RETURNS place_result
LANGUAGE plpgsql AS $$
DECLARE
	m	meetings;
	old	meetings;
	chosen	uuid;
	moves	boolean := false;
BEGIN
	PERFORM commit_async();		/* its confirm flushes */
	PERFORM pg_advisory_xact_lock(hashtext('b3scale place'));
	IF p_error IS NOT NULL THEN	/* else it was only busy */
		PERFORM backends_failed(ARRAY[p_failed], ARRAY[p_error]);
	END IF;
	LOOP
		SELECT * INTO m FROM meetings WHERE frontend_id = p_frontend
		    AND meeting_id = p_meeting;
		IF NOT FOUND THEN
			EXIT;
		END IF;
		/* Not one that was confirmed while the caller tried. */
		moves := m.backend_id = p_failed AND m.attempt = p_attempt
		    AND (m.state = 'placed' OR m.state = 'living' AND p_living);
		IF m.state <> 'ended' AND moves IS NOT TRUE THEN
			RETURN place_answer('found', m);
		END IF;
		/* Ended, or ours to move, if it still is once it is locked. */
		SELECT * INTO old FROM meetings WHERE id = m.id
		    FOR NO KEY UPDATE;
		EXIT WHEN old IS NOT DISTINCT FROM m;
	END LOOP;
	IF moves IS NOT TRUE AND p_limit > 0 AND p_limit <= (SELECT meetings
	    FROM frontend_load WHERE frontend_id = p_frontend) THEN
		RETURN place_answer('limit', NULL);
	END IF;
	chosen := place_choose(p_candidates, p_failed,
	    p_agent_timeout_ms * interval '1 millisecond');
	IF chosen IS NULL THEN
		IF moves AND m.state = 'placed' THEN
			PERFORM meetings_end(ARRAY[m.id]);
			PERFORM backend_load_renew(m.backend_id);
			PERFORM frontend_load_renew(ARRAY[p_frontend]);
		END IF;
		RETURN place_answer('none', NULL);
	END IF;

	old := m;
	INSERT INTO meetings AS x (frontend_id, meeting_id, backend_id,
	    backend_meeting_id, state, expected, fade_s, name, attendee_pw,
	    moderator_pw, voice_bridge, recording, max_users, metadata, params,
	    end_urls)
	VALUES (p_frontend, p_meeting, chosen, p_backend_meeting, 'placed',
	    p_expected, p_fade_s, p_name, p_attendee_pw, p_moderator_pw,
	    p_voice_bridge, p_record, p_max_users, p_metadata, p_params,
	    p_end_urls)
	    ON CONFLICT (frontend_id, meeting_id) DO UPDATE
	   SET backend_id = chosen, backend_meeting_id = p_backend_meeting,
	       state = 'placed', attempt = x.attempt + 1,
	       life = CASE WHEN moves THEN x.life ELSE x.attempt + 1 END,
	       told = moves IS TRUE AND x.told, internal_id = NULL,
	       running = false, missing = 0, placed_at = clock_timestamp(),
	       confirmed_at = NULL, expected = p_expected, fade_s = p_fade_s,
	       name = p_name, recording = p_record, max_users = p_max_users,
	       metadata = p_metadata, params = p_params,
	       end_urls = p_end_urls,
	       /* Links with the passwords of one that moves are in the world. */
	       attendee_pw = CASE WHEN moves AND x.attendee_pw <> ''
		   THEN x.attendee_pw ELSE p_attendee_pw END,
	       moderator_pw = CASE WHEN moves AND x.moderator_pw <> ''
		   THEN x.moderator_pw ELSE p_moderator_pw END,
	       voice_bridge = CASE WHEN moves AND x.voice_bridge <> ''
		   THEN x.voice_bridge ELSE p_voice_bridge END,
	       dial_number = '', create_time = NULL, create_date = '',
	       duration = 0, cost = 0, participants = 0, listeners = 0,
	       voices = 0, videos = 0, moderators = 0,
	       has_user_joined = false, forcibly_ended = false,
	       start_time = NULL, end_time = NULL, is_breakout = false,
	       parent_internal_id = '', sequence = 0, free_join = false,
	       breakout_rooms = '', extra = '', poll_digest = NULL
	 WHERE x.id = old.id	/* not one that a poll has just adopted */
	RETURNING * INTO m;
	IF NOT FOUND THEN
		SELECT * INTO m FROM meetings WHERE frontend_id = p_frontend
		    AND meeting_id = p_meeting;
		RETURN place_answer('found', m);
	END IF;
	IF moves THEN
		DELETE FROM attendees WHERE meeting = m.id;
		PERFORM FROM backend_load
		    WHERE backend_id IN (old.backend_id, chosen)
		    ORDER BY backend_id FOR NO KEY UPDATE;
		PERFORM backend_load_renew(old.backend_id);
	END IF;
	PERFORM backend_load_add(chosen, p_expected, p_fade_s);
	UPDATE frontend_load
	   SET meetings = meetings + CASE WHEN moves THEN 0 ELSE 1 END,
	       users = GREATEST(0, users - CASE WHEN moves
		   THEN old.participants ELSE 0 END)
	 WHERE frontend_id = p_frontend;
	RETURN place_answer('new', m);
END $$;

-- Does not notify: that would make every create of the cluster queue for one
-- flush after the other.
CREATE FUNCTION meeting_confirm(p_row bigint, p_attempt integer,
	p_internal text, p_create_time bigint, p_create_date text,
	p_attendee_pw text, p_moderator_pw text, p_voice_bridge text,
	p_dial_number text, p_duration integer, p_revive boolean)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
	m	meetings;
BEGIN
	UPDATE backend_health h SET failures = 0
	  FROM meetings x
	 WHERE x.id = p_row AND x.attempt = p_attempt
	   AND h.backend_id = x.backend_id AND h.failures > 0;
	SELECT * INTO m FROM meetings WHERE id = p_row
	    AND attempt = p_attempt AND state <> 'ended' FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RETURN 0;
	END IF;
	IF m.state = 'living' AND m.internal_id = p_internal THEN
		UPDATE meetings SET missing = 0 WHERE id = p_row
		    AND missing > 0;
		RETURN 1;
	END IF;
	IF p_revive THEN
		DELETE FROM ended_meetings WHERE internal_id = p_internal
		    AND backend_id = m.backend_id;
	ELSIF EXISTS (SELECT FROM ended_meetings
	    WHERE internal_id = p_internal AND backend_id = m.backend_id) THEN
		RETURN 2;	/* BBB takes seconds to end a meeting */
	END IF;
	PERFORM set_config('b3scale.quiet', 'on', true);
	IF m.internal_id IS NOT NULL THEN
		PERFORM meeting_made_anew(m);
	END IF;
	UPDATE meetings
	   SET state = 'living', told = true, internal_id = p_internal,
	       confirmed_at = clock_timestamp(), missing = 0,
	       create_time = ms_time(p_create_time),
	       /* BBB has it a moment later; nobody ever sees it as 0 */
	       start_time = ms_time(p_create_time),
	       create_date = p_create_date, duration = p_duration,
	       dial_number = p_dial_number,
	       attendee_pw = COALESCE(NULLIF(p_attendee_pw, ''), attendee_pw),
	       moderator_pw = COALESCE(NULLIF(p_moderator_pw, ''),
		   moderator_pw),
	       voice_bridge = COALESCE(NULLIF(p_voice_bridge, ''),
		   voice_bridge)
	 WHERE id = p_row;
	IF m.participants > 0 OR m.cost > 0 THEN
		PERFORM backend_load_renew(m.backend_id);
		PERFORM frontend_load_renew(ARRAY[m.frontend_id]);
	END IF;
	PERFORM set_config('b3scale.quiet', 'off', true);
	RETURN 1;
END $$;

-- Its server made it anew under the same id: the one before has ended, and
-- who was in it is gone.  The caller writes the new one and the loads.
CREATE FUNCTION meeting_made_anew(m meetings) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ended_meetings (internal_id, backend_id, frontend_id,
	    meeting_id)
	VALUES (m.internal_id, m.backend_id, m.frontend_id, m.meeting_id)
	    ON CONFLICT DO NOTHING;
	DELETE FROM attendees WHERE meeting = m.id;
	UPDATE meetings SET running = false, cost = 0, participants = 0,
	    listeners = 0, voices = 0, videos = 0, moderators = 0,
	    has_user_joined = false, start_time = NULL, end_time = NULL,
	    breakout_rooms = '', extra = '', poll_digest = NULL
	 WHERE id = m.id;
END $$;

CREATE FUNCTION meeting_announce(p_row bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	m	meetings;
BEGIN
	PERFORM commit_async();
	SELECT * INTO m FROM meetings WHERE id = p_row AND state = 'living';
	IF FOUND THEN
		PERFORM meeting_notify(m, m.version, false);
	END IF;
	RETURN FOUND;
END $$;

CREATE FUNCTION meeting_end(p_row bigint, p_internal text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	ids	bigint[];
	m	meetings;
BEGIN
	PERFORM commit_async();
	ids := ARRAY(SELECT x.id FROM meetings x
	    WHERE x.state <> 'ended' AND (x.id = p_row
		AND (p_internal IS NULL OR x.internal_id = p_internal)
		OR x.is_breakout AND (x.backend_id, x.parent_internal_id)
		    = (SELECT backend_id, internal_id FROM meetings
			WHERE id = p_row))
	    ORDER BY x.id FOR NO KEY UPDATE);
	IF p_row = ANY (ids) IS NOT TRUE THEN
		RETURN false;
	END IF;
	SELECT * INTO m FROM meetings WHERE id = p_row;
	PERFORM meetings_end(ids);
	PERFORM backend_load_renew(m.backend_id);
	PERFORM frontend_load_renew(ARRAY[m.frontend_id]);
	RETURN true;
END $$;

-- Its server refused to make it.
CREATE FUNCTION meeting_unplace(p_row bigint, p_attempt integer)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	m	meetings;
BEGIN
	PERFORM commit_async();
	SELECT * INTO m FROM meetings WHERE id = p_row AND state = 'placed'
	    AND attempt = p_attempt FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM meetings_end(ARRAY[p_row]);
	PERFORM backend_load_renew(m.backend_id);
	PERFORM frontend_load_renew(ARRAY[m.frontend_id]);
	RETURN true;
END $$;

-- Polls -----------------------------------------------------------------------

CREATE FUNCTION poll_wanted(b backends) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT b.admin_state <> 'decommissioned' OR EXISTS (SELECT
	    FROM meetings m WHERE m.backend_id = b.id AND m.state <> 'ended')
$$;

-- Claims what is due; if that is nothing, one row with only next_ms, the time
-- until something is.  A server that was given up is asked as long as it has
-- meetings: it is removed when they are over.
CREATE FUNCTION poll_claim(p_interval_ms integer, p_lease_ms integer)
RETURNS TABLE (backend_id uuid, host text, secret text, asked_us bigint,
	lease uuid, next_ms bigint)
LANGUAGE plpgsql AS $$
DECLARE
	t	timestamptz := clock_timestamp();
BEGIN
	PERFORM commit_async();
	RETURN QUERY
	WITH due AS (
		SELECT h.backend_id AS id, b.host, b.secret
		  FROM backend_health h JOIN backends b ON b.id = h.backend_id
		 WHERE h.next_poll_at <= t
		   AND (h.lease_until IS NULL OR h.lease_until <= t)
		   AND poll_wanted(b)
		 ORDER BY h.backend_id FOR NO KEY UPDATE OF h SKIP LOCKED)
	UPDATE backend_health h
	   SET lease = gen_random_uuid(), next_poll_at = t,
	       lease_until = t + p_lease_ms * interval '1 millisecond'
	  FROM due WHERE h.backend_id = due.id
	RETURNING h.backend_id, due.host, due.secret, time_us(t), h.lease,
	    0::bigint;
	IF NOT FOUND THEN
		RETURN QUERY SELECT NULL::uuid, NULL, NULL, NULL::bigint,
		    NULL::uuid, GREATEST(0, COALESCE(ceil(1000 * extract(
			epoch FROM min(GREATEST(h.next_poll_at,
			    h.lease_until)) - t))::bigint, p_interval_ms))
		  FROM backend_health h JOIN backends b ON b.id = h.backend_id
		 WHERE poll_wanted(b);
	END IF;
END $$;

-- Gives a claim back after an answer: the server is alive.  false: the claim
-- was lost, nothing may be written.
CREATE FUNCTION poll_answered(p_backend uuid, p_lease uuid,
	p_asked timestamptz, p_interval_ms integer, p_latency_ms integer,
	p_error text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE backend_health SET lease = NULL, lease_until = NULL,
	    failures = 0, polled_at = clock_timestamp(),
	    latency_ms = p_latency_ms, next_poll_at = GREATEST(
		clock_timestamp(),
		p_asked + p_interval_ms * interval '1 millisecond')
	 WHERE backend_id = p_backend AND lease = p_lease;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	UPDATE backends SET node_state = 'ready', last_error = p_error,
	    last_error_at = CASE WHEN p_error IS NULL THEN last_error_at
		ELSE clock_timestamp() END
	 WHERE id = p_backend AND (node_state <> 'ready'
	    OR last_error IS DISTINCT FROM p_error);
	RETURN true;
END $$;

CREATE FUNCTION poll_unreadable(p_backend uuid, p_lease uuid, p_asked bigint,
	p_interval_ms integer, p_latency_ms integer, p_error text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM commit_async();
	RETURN poll_answered(p_backend, p_lease, us_time(p_asked),
	    p_interval_ms, p_latency_ms, left(p_error, 500));
END $$;

CREATE FUNCTION poll_failed(p_backends uuid[], p_leases uuid[],
	p_errors text[], p_interval_ms integer, p_retry_ms integer)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	held	uuid[];
	alarm	boolean;
BEGIN
	PERFORM commit_async();
	held := ARRAY(SELECT h.backend_id
	    FROM unnest(p_backends, p_leases) f (id, lease)
	    JOIN backend_health h ON h.backend_id = f.id AND h.lease = f.lease
	    ORDER BY h.backend_id FOR NO KEY UPDATE OF h);
	alarm := backends_failed(held, ARRAY(SELECT f.error
	    FROM unnest(held) WITH ORDINALITY u (id, n)
	    JOIN unnest(p_backends, p_errors) f (id, error) USING (id)
	    ORDER BY u.n));
	UPDATE backend_health h SET lease = NULL, lease_until = NULL,
	    next_poll_at = clock_timestamp() + interval '1 millisecond'
		* CASE b.node_state WHEN 'error' THEN p_retry_ms
		    ELSE p_interval_ms END
	  FROM backends b
	 WHERE h.backend_id = ANY (held) AND b.id = h.backend_id;
	RETURN alarm;
END $$;

-- A meeting as getMeetings told it, in the names of the JSON that poll.c makes.
CREATE TYPE polled AS (
	bmid		text,		-- as the server names it
	iid		text,		-- internal id
	fkey		text,		-- of an id of ours: frontend's key
	mid		text,		-- and the meeting id in it
	parent		text,		-- internal id of a room's parent
	breakout	boolean,
	name		text,
	create_time	bigint,
	create_date	text,
	voice_bridge	text,
	dial_number	text,
	attendee_pw	text,
	moderator_pw	text,
	running		boolean,
	duration	integer,
	joined		boolean,
	recording	boolean,
	forcibly_ended	boolean,
	start_time	bigint,
	end_time	bigint,
	participants	integer,
	listeners	integer,
	voices		integer,
	videos		integer,
	max_users	integer,
	moderators	integer,
	metadata	text,
	sequence	integer,
	free_join	boolean,
	rooms		text,
	extra		text,
	cost		double precision,
	attendees	jsonb
);

CREATE TYPE poll_item AS (
	verdict		text,
	row_id		bigint,
	frontend_id	uuid,
	meeting_id	text,
	digest		text,
	changed		boolean,
	p		polled
);

-- Which row each meeting of an answer belongs to, and what is to be done:
--   same	its row says so too; changed: not in all it says
--   anew	its server made it anew under the same id
--   confirm	placed here long ago: whoever should confirm it is gone
--   adopt	an id of ours that no row has living: the row may be ended,
--		on any server, or not be there yet
--   twin	its row points elsewhere
--   keep	in the air, or asked for before the row's last confirm, end
--		or event
--   ended	has ended before, or another one of the list is newer
--   foreign	not ours
-- Each is looked up by keys, as the scalar subqueries and OFFSET 0 make sure:
-- what an answer costs must not grow with what else the cluster has.
CREATE FUNCTION poll_items(b uuid, asked timestamptz, grace interval,
    list jsonb) RETURNS poll_item[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(WITH item AS MATERIALIZED (
		SELECT jsonb_populate_record(NULL::polled, j) AS p,
		    md5(j::text) AS digest, n
		  FROM jsonb_array_elements(list) WITH ORDINALITY x (j, n)),
	owned AS MATERIALIZED (
		SELECT i.*, COALESCE((i.p).mid, (i.p).bmid) AS mid, COALESCE(
			(SELECT id FROM frontends WHERE key = (i.p).fkey),
			(SELECT frontend_id FROM meetings
			  WHERE internal_id = (i.p).parent AND backend_id = b
			    AND state <> 'ended')) AS owner
		  FROM item i),
	known AS MATERIALIZED (
		SELECT o.*, COALESCE(
			(SELECT id FROM meetings WHERE backend_id = b
			    AND internal_id = (o.p).iid AND state <> 'ended'),
			(SELECT id FROM meetings WHERE backend_id = b
			    AND backend_meeting_id = (o.p).bmid
			    AND state <> 'ended'),
			(SELECT id FROM meetings WHERE meeting_id = o.mid
			    AND frontend_id = o.owner),
			(SELECT id FROM meetings
			  WHERE backend_meeting_id LIKE 'b3s-%'
			    AND backend_meeting_id = (o.p).bmid
			  ORDER BY state = 'ended', id DESC LIMIT 1))
			AS row_id,
		    (SELECT true FROM ended_meetings
			WHERE internal_id = (o.p).iid
			AND backend_id = b) IS TRUE AS has_ended,
		    (o.p).participants = 0 AND (SELECT true FROM twins
			WHERE internal_id = (o.p).iid
			AND backend_id = b) IS TRUE AS empty_twin
		  FROM owned o),
	judged AS (
		SELECT o.*, COALESCE(m.frontend_id, o.owner) AS frontend_id,
		    COALESCE(m.meeting_id, o.mid) AS meeting_id,
		    m.poll_digest IS DISTINCT FROM o.digest
			OR m.missing > 0 AS changed,
		    CASE
		    WHEN GREATEST(m.placed_at, m.confirmed_at, m.ended_at,
			m.event_at) > asked THEN 'keep'
		    WHEN m.state <> 'ended' AND m.backend_id = b THEN CASE
			WHEN m.internal_id = (o.p).iid THEN 'same'
			WHEN o.has_ended THEN 'ended'
			WHEN m.state = 'living' THEN CASE
			    WHEN ms_time((o.p).create_time) < m.create_time
			    THEN 'ended' ELSE 'anew' END
			WHEN m.placed_at > asked - grace THEN 'keep'
			ELSE 'confirm' END
		    WHEN o.has_ended THEN 'ended'
		    WHEN m.state <> 'ended' OR o.empty_twin THEN 'twin'
		    WHEN COALESCE(m.frontend_id, o.owner) IS NULL
			THEN 'foreign'
		    ELSE 'adopt' END AS verdict
		  FROM known o LEFT JOIN LATERAL (SELECT * FROM meetings
			WHERE id = o.row_id OFFSET 0) m ON true)
	/* Of several for one row the newest counts. */
	SELECT ROW(CASE
	    WHEN verdict IN ('same', 'anew', 'confirm', 'adopt')
		AND row_number() OVER (PARTITION BY frontend_id, meeting_id,
		    verdict IN ('same', 'anew', 'confirm', 'adopt')
		    ORDER BY (p).create_time DESC, n) > 1
	    THEN 'ended' ELSE verdict END, row_id, frontend_id, meeting_id,
	    digest, changed, p)::poll_item
	  FROM judged);
END $$;

-- The rows that an answer changes, locked: those it tells news of, and those
-- of this server that it lacks (which counts after the grace period only).
CREATE FUNCTION poll_lock(b uuid, asked timestamptz, grace interval,
    items poll_item[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
BEGIN
	RETURN ARRAY(SELECT id FROM meetings
	     WHERE id = ANY (ARRAY(
		SELECT row_id FROM unnest(items)
		 WHERE verdict IN ('anew', 'confirm', 'adopt')
		    OR verdict = 'same' AND changed
		UNION
		SELECT id FROM meetings
		 WHERE backend_id = b AND state <> 'ended'
		   AND GREATEST(placed_at, confirmed_at) <= asked - grace
		   AND id <> ALL (ARRAY(SELECT row_id FROM unnest(items)
			WHERE row_id IS NOT NULL
			AND verdict IN ('same', 'anew', 'confirm', 'keep')))))
	     ORDER BY id FOR NO KEY UPDATE);
END $$;

-- Brings the rows of locked meetings up to what their server says.
CREATE FUNCTION poll_write(b uuid, items poll_item[], fade integer)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE meetings m SET
	    state = 'living', backend_id = b, backend_meeting_id = i.bmid,
	    internal_id = i.iid, missing = 0, poll_digest = i.digest,
	    attempt = m.attempt + CASE i.verdict WHEN 'adopt' THEN 1
		ELSE 0 END,
	    life = CASE i.verdict WHEN 'adopt' THEN m.attempt + 1
		ELSE m.life END,
	    told = true, end_urls = CASE i.verdict WHEN 'adopt' THEN '{}'
		ELSE m.end_urls END,
	    placed_at = CASE i.verdict WHEN 'adopt' THEN clock_timestamp()
		ELSE m.placed_at END,
	    confirmed_at = CASE i.verdict WHEN 'same' THEN m.confirmed_at
		ELSE clock_timestamp() END,
	    expected = CASE i.verdict WHEN 'adopt' THEN 0
		ELSE m.expected END,
	    fade_s = CASE i.verdict WHEN 'adopt' THEN fade
		ELSE m.fade_s END,
	    params = CASE i.verdict WHEN 'adopt' THEN '' ELSE m.params END,
	    name = i.name, running = i.running, cost = i.cost,
	    participants = i.participants, listeners = i.listeners,
	    voices = i.voices, videos = i.videos, moderators = i.moderators,
	    max_users = i.max_users, duration = i.duration,
	    sequence = i.sequence, has_user_joined = i.joined,
	    recording = i.recording, forcibly_ended = i.forcibly_ended,
	    is_breakout = i.breakout, parent_internal_id = i.parent,
	    free_join = i.free_join, create_time = ms_time(i.create_time),
	    start_time = ms_time(i.start_time),
	    end_time = ms_time(i.end_time), create_date = i.create_date,
	    dial_number = i.dial_number, metadata = i.metadata,
	    breakout_rooms = i.rooms, extra = i.extra,
	    attendee_pw = COALESCE(NULLIF(i.attendee_pw, ''), CASE i.verdict
		WHEN 'adopt' THEN '' ELSE m.attendee_pw END),
	    moderator_pw = COALESCE(NULLIF(i.moderator_pw, ''),
		CASE i.verdict WHEN 'adopt' THEN '' ELSE m.moderator_pw END),
	    voice_bridge = COALESCE(NULLIF(i.voice_bridge, ''),
		CASE i.verdict WHEN 'adopt' THEN '' ELSE m.voice_bridge END)
	  FROM (SELECT (u.p).*, u.row_id, u.verdict, u.digest
		  FROM unnest(items) u) i
	 WHERE m.id = i.row_id;
END $$;

-- Makes the rows of attendees what the lists say; only what differs is
-- written.  Sessions of one user are told apart by their order alone.  (That
-- they are of these meetings is said again and again: the planner would walk
-- through everybody in the cluster.)
CREATE FUNCTION poll_attendees(items poll_item[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	ids	bigint[] := ARRAY(SELECT row_id FROM unnest(items));
BEGIN
	WITH want AS (
		SELECT i.row_id AS meeting, a.*, row_number() OVER (
		    PARTITION BY i.row_id, a.user_id ORDER BY x.n) AS nth
		  FROM unnest(items) i,
		  jsonb_array_elements((i.p).attendees) WITH ORDINALITY
			x (j, n),
		  jsonb_to_record(x.j) a (user_id text, full_name text,
			role text, presenter boolean, listening boolean,
			voice boolean, video boolean, client text,
			extra text)),
	have AS (
		SELECT a.meeting, a.user_id, a.session, row_number() OVER (
		    PARTITION BY a.meeting, a.user_id
		    ORDER BY a.joined_at, a.session) AS nth
		  FROM attendees a WHERE a.meeting = ANY (ids)),
	pair AS (
		SELECT meeting, user_id, nth, h.session, w.full_name, w.role,
		    w.presenter, w.listening, w.voice, w.video, w.client,
		    w.extra, w.full_name IS NULL AS gone
		  FROM want w FULL JOIN have h USING (meeting, user_id, nth)),
	left_now AS (
		DELETE FROM attendees a USING pair p
		 WHERE p.gone AND a.meeting = ANY (ids)
		   AND (a.meeting, a.user_id, a.session)
		    = (p.meeting, p.user_id, p.session)),
	changed AS (
		UPDATE attendees a
		   SET full_name = p.full_name, role = p.role,
		       is_presenter = p.presenter,
		       is_listening_only = p.listening,
		       has_joined_voice = p.voice, has_video = p.video,
		       client_type = p.client, extra = p.extra
		  FROM pair p
		 WHERE NOT p.gone AND a.meeting = ANY (ids)
		   AND (a.meeting, a.user_id, a.session)
		    = (p.meeting, p.user_id, p.session)
		   AND (a.full_name, a.role, a.is_presenter,
		       a.is_listening_only, a.has_joined_voice, a.has_video,
		       a.client_type, a.extra)
		    IS DISTINCT FROM (p.full_name, p.role, p.presenter,
		       p.listening, p.voice, p.video, p.client, p.extra))
	INSERT INTO attendees (meeting, user_id, session, full_name, role,
	    is_presenter, is_listening_only, has_joined_voice, has_video,
	    client_type, extra)
	SELECT meeting, user_id, '#' || nth, full_name, role, presenter,
	    listening, voice, video, client, extra
	  FROM pair WHERE session IS NULL
	    ON CONFLICT (meeting, user_id, session) DO UPDATE
	   SET full_name = EXCLUDED.full_name;
END $$;

-- Those that an answer lacked: once is noted, twice in a row ends them.
CREATE FUNCTION poll_missed(ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	over	bigint[] := ARRAY(SELECT id FROM meetings
		    WHERE id = ANY (ids) AND missing >= 1);
BEGIN
	UPDATE meetings SET missing = 1 WHERE id = ANY (ids) AND missing = 0;
	IF over <> '{}' THEN
		PERFORM meetings_end(over);
	END IF;
END $$;

CREATE FUNCTION poll_twins(b uuid, items poll_item[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM twins WHERE backend_id = b AND internal_id <> ALL (
	    ARRAY(SELECT (p).iid FROM unnest(items)
		WHERE verdict = 'twin'));
	INSERT INTO twins AS t (backend_id, internal_id, backend_meeting_id,
	    frontend_id, meeting_id, participants)
	SELECT b, (p).iid, (p).bmid, frontend_id, meeting_id, (p).participants
	  FROM unnest(items) WHERE verdict = 'twin'
	    ON CONFLICT (backend_id, internal_id) DO UPDATE
	   SET participants = EXCLUDED.participants
	 WHERE t.participants <> EXCLUDED.participants;
END $$;

-- What a frontend has by the rows of these meetings.
CREATE TYPE frontend_share AS (frontend_id uuid, meetings integer,
	users integer);
CREATE FUNCTION frontend_shares(ids bigint[]) RETURNS frontend_share[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(SELECT ROW(frontend_id, count(*), COALESCE(sum(
		participants) FILTER (WHERE NOT is_breakout), 0)
		)::frontend_share
	  FROM meetings WHERE id = ANY (ids) AND state <> 'ended'
	 GROUP BY frontend_id);
END $$;

CREATE FUNCTION frontend_load_move(before frontend_share[],
    after frontend_share[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	d	frontend_share[] := ARRAY(SELECT ROW(frontend_id,
		    sum(meetings), sum(users))::frontend_share
		  FROM (SELECT * FROM unnest(after) UNION ALL
		    SELECT frontend_id, - meetings, - users
		      FROM unnest(before)) s
		 GROUP BY frontend_id
		HAVING sum(meetings) <> 0 OR sum(users) <> 0);
BEGIN
	IF d = '{}' THEN
		RETURN;
	END IF;
	IF cardinality(d) > 1 THEN
		PERFORM FROM frontend_load WHERE frontend_id = ANY (ARRAY(
		    SELECT frontend_id FROM unnest(d)))
		    ORDER BY frontend_id FOR NO KEY UPDATE;
	END IF;
	UPDATE frontend_load l
	   SET meetings = GREATEST(0, l.meetings + u.meetings),
	       users = GREATEST(0, l.users + u.users)
	  FROM unnest(d) u WHERE l.frontend_id = u.frontend_id;
END $$;

CREATE FUNCTION backend_foreign(b uuid, items poll_item[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE backend_load l SET foreign_cost = s.cost,
	    foreign_users = s.users
	  FROM (SELECT COALESCE(sum((p).cost), 0) AS cost, COALESCE(sum(
		    (p).participants) FILTER (WHERE NOT (p).breakout), 0)
		    AS users
		  FROM unnest(items)
		 WHERE verdict IN ('twin', 'foreign', 'ended')) s
	 WHERE l.backend_id = b AND (l.foreign_cost, l.foreign_users)
	    IS DISTINCT FROM (s.cost, s.users::integer);
END $$;

-- A row for what has none: ended, until seen_write() adopts it.
CREATE FUNCTION seen_items(b uuid, asked timestamptz, grace interval,
    list jsonb) RETURNS poll_item[]
LANGUAGE plpgsql AS $$
DECLARE
	items	poll_item[] := poll_items(b, asked, grace, list);
BEGIN
	INSERT INTO meetings (frontend_id, meeting_id, backend_id,
	    backend_meeting_id, state, placed_at)
	SELECT u.frontend_id, u.meeting_id, b, (u.p).bmid, 'ended', asked
	  FROM unnest(items) u WHERE u.verdict = 'adopt' AND u.row_id IS NULL
	 ORDER BY u.frontend_id, u.meeting_id ON CONFLICT DO NOTHING;
	IF FOUND THEN
		items := poll_items(b, asked, grace, list);
	END IF;
	RETURN items;
END $$;

-- Brings locked rows up to a list; a whole one also tells what is missing.
CREATE FUNCTION seen_write(b uuid, asked timestamptz, grace interval,
    fade integer, list jsonb, whole boolean, ids bigint[])
RETURNS poll_item[]
LANGUAGE plpgsql AS $$
DECLARE
	/* Judged again: until they were locked they could change. */
	items	poll_item[] := poll_items(b, asked, grace, list);
	news	poll_item[] := ARRAY(SELECT i FROM unnest(items) i
		    WHERE i.row_id = ANY (ids) AND i.verdict IN
			('same', 'anew', 'confirm', 'adopt'));
	m	meetings;
BEGIN
	FOR m IN SELECT x.* FROM meetings x JOIN unnest(news) i
	    ON x.id = i.row_id WHERE i.verdict = 'anew'
	LOOP
		PERFORM meeting_made_anew(m);
	END LOOP;
	PERFORM poll_write(b, news, fade);
	PERFORM poll_attendees(news);
	IF whole THEN
		PERFORM poll_missed(ARRAY(SELECT x.id FROM meetings x
		    WHERE x.id = ANY (ids) AND x.backend_id = b
		      AND x.state <> 'ended'
		      AND GREATEST(x.placed_at, x.confirmed_at)
			<= asked - grace
		      AND x.id <> ALL (ARRAY(SELECT i.row_id
			FROM unnest(items) i WHERE i.row_id IS NOT NULL AND
			i.verdict IN ('same', 'anew', 'confirm', 'adopt',
			    'keep')))));
	END IF;
	RETURN items;
END $$;

-- All that an answer to getMeetings means.  The twins that run there come
-- back, "empty" if nobody is in them.
CREATE FUNCTION poll_seen(p_backend uuid, p_lease uuid, p_asked bigint,
	p_interval_ms integer, p_grace_ms integer, p_fade_s integer,
	p_latency_ms integer, p_list jsonb)
RETURNS TABLE (internal_id text, meeting_id text, empty boolean)
LANGUAGE plpgsql AS $$
DECLARE
	asked	timestamptz := us_time(p_asked);
	grace	interval := p_grace_ms * interval '1 millisecond';
	items	poll_item[];
	ids	bigint[];
	before	frontend_share[];
BEGIN
	PERFORM commit_async();
	IF NOT poll_answered(p_backend, p_lease, asked, p_interval_ms,
	    p_latency_ms, NULL) THEN
		RETURN;
	END IF;
	items := seen_items(p_backend, asked, grace, p_list);
	ids := poll_lock(p_backend, asked, grace, items);
	IF ids <> '{}' THEN
		before := frontend_shares(ids);
		items := seen_write(p_backend, asked, grace, p_fade_s, p_list,
		    true, ids);
	END IF;
	PERFORM poll_twins(p_backend, items);
	PERFORM FROM backend_load l WHERE l.backend_id = p_backend
	    FOR NO KEY UPDATE;
	PERFORM backend_foreign(p_backend, items);
	PERFORM backend_load_renew(p_backend);
	IF ids <> '{}' THEN
		PERFORM frontend_load_move(before, frontend_shares(ids));
	END IF;
	RETURN QUERY SELECT t.internal_id, t.meeting_id, t.participants = 0
	    FROM twins t WHERE t.backend_id = p_backend
	    ORDER BY t.internal_id;
END $$;

-- The programs that this schema serves: those built for it.
INSERT INTO schema_version (version, name, compatible_from)
VALUES (1, 'initial', 1);

COMMIT;
