-- What BBB servers called back about, on its way to the frontends.
--
-- Copyright (c) 2026 the b3scale authors
-- SPDX-License-Identifier: ISC
--
-- Whom a meeting's callbacks are for, and where they are to go, stands in the
-- token that its create has put into their address, so that a create writes
-- nothing here.  Row locks: of callbacks only, last of all, and none waits for
-- another.
--
-- A server that dies tells nobody of its meetings' ends, so each end makes the
-- calls that are due, for later: what the server says until then takes their
-- place, and what it says after that was said.

BEGIN;
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

CREATE TABLE callbacks (
	id		bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	frontend_id	uuid NOT NULL REFERENCES frontends ON DELETE CASCADE,
	kind		text NOT NULL CHECK (kind IN
			    ('end', 'recording', 'analytics')),
	url		text NOT NULL CHECK (url <> ''),
	query		text NOT NULL DEFAULT '',
	body		text NOT NULL DEFAULT '',
	token		text NOT NULL DEFAULT '',
	once		text UNIQUE,
	ours		boolean NOT NULL DEFAULT false,
	state		text NOT NULL DEFAULT 'waiting' CHECK (state IN
			    ('waiting', 'delivered', 'failed')),
	attempts	integer NOT NULL DEFAULT 0,
	last_status	integer,
	last_error	text,
	received_at	timestamptz NOT NULL DEFAULT now(),
	next_at		timestamptz NOT NULL DEFAULT now(),
	finished_at	timestamptz,
	lease		uuid
);
CREATE INDEX callbacks_due ON callbacks (next_at) WHERE state = 'waiting';
CREATE INDEX callbacks_frontend ON callbacks (frontend_id, id);
CREATE INDEX callbacks_finished ON callbacks (finished_at)
    WHERE state <> 'waiting';
COMMENT ON COLUMN callbacks.url IS
    'As the frontend gave it; query, body and token are as the BBB server sent them.';
COMMENT ON COLUMN callbacks.token IS
    'Of analytics: the server''s signature, which stands beside the body.';
COMMENT ON COLUMN callbacks.once IS
    'BBB repeats what it takes for lost: the same here is the same call.';
COMMENT ON COLUMN callbacks.ours IS
    'Of an end that its server has not told of.';
COMMENT ON COLUMN callbacks.next_at IS
    'When it is due; while somebody delivers it, when his lease ends.';
COMMENT ON COLUMN callbacks.lease IS
    'Of whoever took it last: only he may say how it went.';

-- How an end call of a meeting is named once and for all: by its row, its
-- placement and which of its URLs it is for.
CREATE FUNCTION callback_end_once(p_row bigint, p_attempt integer, nr integer)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('end %s/%s/%s', p_row, p_attempt, nr)
$$;

-- true: stored, or stored before, or of a meeting that has moved to another
-- server and lives or lived on there; false: no such frontend any more.
CREATE FUNCTION callback_store(p_frontend uuid, p_kind text, p_url text,
    p_query text, p_body text, p_token text, p_once text, p_row bigint,
    p_attempt integer, p_nr integer)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	IF p_row > 0 THEN
		p_once := callback_end_once(p_row, p_attempt, p_nr);
		PERFORM FROM meetings m WHERE m.id = p_row
		    AND m.life <= p_attempt AND m.attempt > p_attempt;
		IF FOUND THEN
			RETURN true;
		END IF;
	END IF;
	INSERT INTO callbacks AS c (frontend_id, kind, url, query, body,
	    token, once)
	SELECT f.id, p_kind, p_url, p_query, p_body, p_token, p_once
	  FROM frontends f WHERE f.id = p_frontend
	    FOR KEY SHARE
	    ON CONFLICT (once) DO UPDATE SET ours = false,
	    url = EXCLUDED.url, query = EXCLUDED.query,
	    received_at = EXCLUDED.received_at, next_at = EXCLUDED.next_at
	    WHERE c.ours AND c.state = 'waiting' AND c.attempts = 0;
	RETURN FOUND OR EXISTS (SELECT FROM callbacks c
	    WHERE c.once = p_once);
END $$;

-- As in a query.
CREATE FUNCTION url_escape(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT COALESCE(string_agg(CASE WHEN c ~ '^[A-Za-z0-9_.~-]$' THEN c
	    ELSE upper(regexp_replace(encode(convert_to(c, 'UTF8'), 'hex'),
		'(..)', '%\1', 'g')) END, '' ORDER BY n), '')
	  FROM regexp_split_to_table(t, '') WITH ORDINALITY AS s (c, n)
$$;

-- The calls that a server makes at the end of a meeting, in its words.  It has
-- time for three tries, of 0, 30 and 90 seconds.  Whether there are recording
-- marks only the server knows; a frontend that waits for no recording may
-- still get one.
CREATE FUNCTION meeting_end_calls() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO callbacks (frontend_id, kind, url, query, once, ours,
	    next_at)
	SELECT f.id, 'end', u.url, CASE u.nr WHEN 2 THEN
		'recordingmarks=false&meetingID='
		|| url_escape(OLD.meeting_id) ELSE '' END,
	    callback_end_once(OLD.id, OLD.attempt, u.nr::integer), true,
	    now() + interval '2 minutes'
	  FROM frontends f, unnest(OLD.end_urls) WITH ORDINALITY u (url, nr)
	 WHERE f.id = OLD.frontend_id AND u.url <> ''
	   FOR KEY SHARE OF f
	    ON CONFLICT (once) DO NOTHING;
	RETURN NULL;
END $$;
CREATE TRIGGER f_end_calls AFTER UPDATE ON meetings FOR EACH ROW
    WHEN (OLD.state <> 'ended' AND NEW.state = 'ended' AND OLD.told
	AND OLD.end_urls <> '{}')
    EXECUTE FUNCTION meeting_end_calls();
/* With its server. */
CREATE TRIGGER f_end_calls_removed AFTER DELETE ON meetings FOR EACH ROW
    WHEN (OLD.state <> 'ended' AND OLD.told AND OLD.end_urls <> '{}')
    EXECUTE FUNCTION meeting_end_calls();

-- Takes what is due, oldest first, under a lease; forgets what is finished
-- for longer than p_keep_s, a few each time.
CREATE FUNCTION callback_claim(p_max integer, p_lease_s integer,
    p_keep_s integer) RETURNS SETOF callbacks LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM callbacks c WHERE c.id IN (SELECT x.id FROM callbacks x
	    WHERE x.state <> 'waiting'
	      AND x.finished_at < now() - make_interval(secs => p_keep_s)
	    LIMIT 1000 FOR UPDATE SKIP LOCKED);
	RETURN QUERY UPDATE callbacks c
	    SET lease = gen_random_uuid(), attempts = c.attempts + 1,
		next_at = now() + make_interval(secs => p_lease_s)
	    WHERE c.id IN (SELECT x.id FROM callbacks x
		WHERE x.state = 'waiting' AND x.next_at <= now()
		ORDER BY x.next_at LIMIT p_max FOR UPDATE SKIP LOCKED)
	    RETURNING c.*;
END $$;

-- How long after its n-th failure one waits: 10 s, doubled, an hour at most,
-- a tenth more or less so that those of one outage do not come back at once.
CREATE FUNCTION callback_delay(n integer) RETURNS interval
LANGUAGE sql VOLATILE AS $$
	SELECT make_interval(secs => LEAST(10 * 2 ^ LEAST(n - 1, 20), 3600)
	    * (0.9 + 0.2 * random()))
$$;

-- How a try went; false: somebody else has it by now.  What failed is tried
-- again within p_give_up_s of its coming, unless p_final.
CREATE FUNCTION callback_done(p_id bigint, p_lease uuid, p_ok boolean,
    p_final boolean, p_status integer, p_error text, p_give_up_s integer)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	due	timestamptz;
	ends	boolean;
BEGIN
	SELECT now() + callback_delay(c.attempts), p_ok OR p_final OR
	    now() + callback_delay(c.attempts) >
	    c.received_at + make_interval(secs => p_give_up_s)
	  INTO due, ends FROM callbacks c WHERE c.id = p_id;
	UPDATE callbacks c SET lease = NULL, next_at = due,
	    state = CASE WHEN p_ok THEN 'delivered' WHEN ends THEN 'failed'
		ELSE 'waiting' END,
	    finished_at = CASE WHEN ends THEN now() END,
	    last_status = NULLIF(p_status, 0), last_error = p_error
	    WHERE c.id = p_id AND c.lease = p_lease AND c.state = 'waiting';
	RETURN FOUND;
END $$;

-- Now, whatever became of it; one that was given up begins anew.  false:
-- there is none, it was delivered, or somebody is at it.
CREATE FUNCTION callback_retry(p_id bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE callbacks c SET state = 'waiting', finished_at = NULL,
	    next_at = now(), received_at = CASE WHEN c.state = 'failed'
		THEN now() ELSE c.received_at END
	    WHERE c.id = p_id AND c.state <> 'delivered' AND
		(c.lease IS NULL OR c.next_at <= now());
	RETURN FOUND;
END $$;

INSERT INTO schema_version (version, name, compatible_from)
VALUES (5, 'callbacks', 1);

COMMIT;
