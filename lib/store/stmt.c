/*
 * The table of statements; what has more than one step is a function in sql/.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/stmt.h"

#include <assert.h>

/* Read by frontend_row(). */
#define FRONTEND_COLS							\
	"f.id, f.key, f.secret, f.further_secrets, f.active, f.bare_path," \
	" CASE WHEN f.hosts <> '{}' THEN to_json(f.hosts) END,"		\
	" f.settings, f.version"

/* Read by meeting_row(). */
#define MEETING_COLS							\
	"m.id, m.frontend_id, m.meeting_id, m.backend_id,"		\
	" m.backend_meeting_id, m.internal_id, m.state, m.running,"	\
	" m.attempt, m.attendee_pw, m.moderator_pw, m.voice_bridge,"	\
	" m.version"

/* Read by backend_row(). */
#define BACKEND_COLS							\
	"b.id, b.host, b.secret, b.admin_state, b.node_state,"		\
	" b.load_factor, b.settings->'tags', b.slot, b.version"

/* Read by meeting_info_row(). */
#define INFO_COLS							\
	"m.name, m.meeting_id, m.internal_id, time_ms(m.create_time),"	\
	" m.create_date, m.voice_bridge, m.dial_number, m.attendee_pw,"	\
	" m.moderator_pw, m.running, m.duration, m.has_user_joined,"	\
	" m.recording, m.forcibly_ended, time_ms(m.start_time),"	\
	" time_ms(m.end_time), m.participants, m.listeners, m.voices,"	\
	" m.videos, m.max_users, m.moderators, m.metadata,"		\
	" m.is_breakout, m.parent_internal_id, m.sequence, m.free_join," \
	" m.breakout_rooms, m.extra,"					\
	" (SELECT json_agg(json_build_array(a.user_id, a.full_name,"	\
	"    a.role, a.is_presenter, a.is_listening_only,"		\
	"    a.has_joined_voice, a.has_video, a.client_type, a.extra)"	\
	"    ORDER BY a.joined_at, a.user_id, a.session)"		\
	"   FROM attendees a WHERE a.meeting = m.id)"

/* A frontend's meeting by its id or its whole internal id. */
#define MEETING_BY_EITHER(frontend, id)					\
	"(SELECT x.id FROM meetings x WHERE x.frontend_id = " frontend	\
	"  AND x.meeting_id = " id " AND x.state <> 'ended'"		\
	" UNION ALL"							\
	" SELECT x.id FROM meetings x WHERE x.frontend_id = " frontend	\
	"  AND x.internal_id = " id " AND x.state <> 'ended' LIMIT 1)"

/* What few calls want costs the others nothing. */
#define ROUTE_USERS							\
	" CASE WHEN f.settings ? 'attendees_limit' THEN"		\
	" (SELECT users FROM frontend_load WHERE frontend_id = f.id) END"

/*
 * Read by brief_row(): as few columns as a join can do with.  Each costs the
 * server and us, and together they cost more than the lookup.
 */
#define ROUTE_BRIEF							\
	"f.id, f.secret, f.further_secrets, f.active, f.settings,"	\
	ROUTE_USERS ", m.id, m.backend_meeting_id, m.internal_id,"	\
	" m.state = 'living', m.running, b.id, b.host, b.secret,"	\
	" b.node_state = 'error', b.slot"

/*
 * The whole question of a state call: who it is, the meeting, its server.
 * Outer joins, for each part may be missing.
 */
#define ROUTE_OF_KEY							\
	" FROM frontends f"						\
	" LEFT JOIN meetings m ON m.frontend_id = f.id"			\
	"  AND m.meeting_id = $2 AND m.state <> 'ended'"		\
	" LEFT JOIN backends b ON b.id = m.backend_id"			\
	" WHERE f.key = $1"

/* Read by route_row(). */
#define ROUTE_COLS							\
	FRONTEND_COLS "," ROUTE_USERS					\
	", CASE WHEN $3::boolean THEN"					\
	" (SELECT version FROM versions WHERE name = 'cluster') END, "	\
	MEETING_COLS ", " BACKEND_COLS

#define UTC(t)								\
	"to_char(" t " AT TIME ZONE 'UTC',"				\
	" 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
/* As in queue.c. */
#define COMMAND_COLS							\
	"c.id, c.seq, c.state, c.action, c.params, c.result, "		\
	UTC("c.deadline") ", " UTC("c.created_at") ", "			\
	UTC("c.started_at") ", " UTC("c.stopped_at")			\
	", c.backend_id, c.lease, c.attempts"

/* As the API shows them: frontend_record, backend_record and so on. */
#define FRONTEND_SHOWN(f)						\
	f ".id, " f ".active, " f ".key, " f ".secret, " f ".settings,"	\
	" " f ".account_ref, time_us(" f ".created_at),"		\
	" time_us(" f ".updated_at), to_json(" f ".hosts), " f ".bare_path"
#define BACKEND_SHOWN							\
	"b.id, b.node_state, b.admin_state, COALESCE(time_us(h.heartbeat)," \
	" 946684800000000), b.agent_ref, b.last_error,"			\
	" COALESCE(h.latency_ms, 0)::bigint * 1000000,"			\
	" COALESCE(l.meetings, 0), COALESCE(l.users, 0),"		\
	" b.load_factor,"						\
	" b.host, b.secret, b.settings, time_us(b.created_at),"		\
	" time_us(b.updated_at),"					\
	" time_us(COALESCE(h.polled_at, b.created_at)),"		\
	" b.meetings_cap, b.users_cap, b.bbb_version, w.word[1], w.word[2]," \
	" floor(extract(epoch FROM now() - h.heartbeat) * 1000)::bigint"
#define BACKEND_JOINED(timeout)						\
	" LEFT JOIN backend_health h ON h.backend_id = b.id"		\
	" LEFT JOIN backend_load l ON l.backend_id = b.id,"		\
	" LATERAL (SELECT backend_word(b, h.heartbeat,"			\
	"   COALESCE(l.meetings, 0), COALESCE(l.users, 0),"		\
	"   " timeout "::integer) AS word) w"
#define RESERVATION_SHOWN						\
	"r.id, r.backend_id, r.tag, r.frontend_ids, time_us(r.from_at)," \
	" time_us(r.until_at), r.hours, r.note"

#define MEETINGS_SHOWN							\
	"m.backend_meeting_id AS id, m.internal_id, m.name,"		\
	" m.backend_meeting_id, m.internal_id, time_ms(m.create_time),"	\
	" m.create_date, m.voice_bridge, m.dial_number, m.attendee_pw,"	\
	" m.moderator_pw, m.running, m.duration, m.recording,"		\
	" m.forcibly_ended, time_ms(m.start_time),"			\
	" time_ms(m.end_time),"						\
	" m.participants, m.listeners, m.voices, m.videos,"		\
	" m.max_users,"							\
	" m.moderators, m.is_breakout, m.metadata,"			\
	" (SELECT json_agg(json_build_array(a.user_id, a.session,"	\
	"    a.full_name, a.role, a.client_type, a.is_presenter,"	\
	"    a.is_listening_only, a.has_joined_voice, a.has_video)"	\
	"    ORDER BY a.joined_at, a.user_id, a.session)"		\
	"   FROM attendees a WHERE a.meeting = m.id),"			\
	" m.breakout_rooms, CASE WHEN m.is_breakout THEN"		\
	"  json_build_array(m.parent_internal_id, m.sequence, m.free_join)" \
	"  END, m.frontend_id, m.backend_id, time_us(m.placed_at),"	\
	" time_us(GREATEST(m.placed_at, m.confirmed_at, m.event_at)),"	\
	" time_us(GREATEST(m.placed_at, h.polled_at)), f.key,"		\
	" m.meeting_id, b.host, m.state"
#define MEETINGS_JOINED							\
	" JOIN frontends f ON f.id = m.frontend_id"			\
	" JOIN backends b ON b.id = m.backend_id"			\
	" LEFT JOIN backend_health h ON h.backend_id = b.id"
/* A row by its id or internal id; agent NULL: on whatever backend. */
#define MEETINGS_BY(id, internal, agent)				\
	"(SELECT x.id FROM backends y JOIN meetings x"			\
	"   ON x.backend_id = y.id AND x.state <> 'ended'"		\
	"   AND (x.backend_meeting_id = " id " OR x.internal_id = "	\
	internal ") WHERE " agent "::text IS NULL"			\
	"   OR y.agent_ref = " agent " ORDER BY x.id DESC LIMIT 1)"
/* Read by meetings_target(). */
#define MEETINGS_TARGET							\
	"m.id, m.internal_id, m.backend_meeting_id, m.moderator_pw,"	\
	" b.host, b.secret"
/* The Go program's clients wait for a state that is not requested. */
#define COMMANDS_SHOWN							\
	"c.id, c.seq, CASE c.state WHEN 'running' THEN 'requested'"	\
	" ELSE c.state END AS state, c.action, c.params, c.result,"	\
	" time_us(c.deadline), time_us(c.started_at),"			\
	" time_us(c.stopped_at), time_us(c.created_at)"

/* In the order of callback_record.  A URL's query is the frontend's secret. */
#define CALLBACK_COLUMNS						\
	"x.id, f.id AS frontend_id, f.key, x.kind,"			\
	" split_part(x.url, '?', 1) AS url, x.state, x.attempts,"	\
	" x.last_status, x.last_error, time_us(x.received_at),"		\
	" CASE WHEN x.state = 'waiting' THEN time_us(x.next_at) END,"	\
	" time_us(x.finished_at)"					\
	" FROM callbacks x JOIN frontends f ON f.id = x.frontend_id"

/* The number of all that hit, and a page of them: at least one row. */
#define PAGE(order, limit, offset)					\
	" SELECT t.n, p.* FROM (SELECT count(*) AS n FROM hit) t"	\
	" LEFT JOIN (SELECT * FROM hit ORDER BY " order			\
	"  LIMIT " limit "::bigint OFFSET " offset "::bigint) p"	\
	"  ON true"							\
	" ORDER BY " order

static const struct stmt_def stmts[STMT__MAX] = {
	[STMT_SCHEMA_VERSION] = { "schema_version", ROWS_MAYBE, false, 0,
	    "SELECT version, compatible_from FROM schema_version"
	    " ORDER BY version DESC LIMIT 1" },
	[STMT_SCHEMA_STATUS] = { "schema_status", ROWS_MAYBE, false, 0,
	    "SELECT current_database(), version, name, round(extract(epoch"
	    "  FROM applied_at) * 1000000)::bigint, compatible_from"
	    " FROM schema_version"
	    " ORDER BY version DESC LIMIT 1" },
	/* Twice does no harm, so it may be tried again. */
	[STMT_LISTEN] = { "listen", ROWS_NONE, false, 0,
	    "LISTEN b3scale" },
	/* The name of the current WAL file begins with the timeline. */
	[STMT_EPOCH] = { "epoch", ROWS_ONE, false, 0,
	    "SELECT system_identifier || '.' || left(pg_walfile_name("
	    "pg_current_wal_insert_lsn()), 8) FROM pg_control_system()" },

	[STMT_ROUTE_BRIEF] = { "route_brief", ROWS_MAYBE, false, 2,
	    "SELECT " ROUTE_BRIEF ROUTE_OF_KEY },
	[STMT_ROUTE_BY_KEY] = { "route_by_key", ROWS_MAYBE, false, 3,
	    "SELECT " ROUTE_COLS ROUTE_OF_KEY },
	[STMT_ROUTE_BY_KEY_INTERNAL] = { "route_by_key_internal",
	    ROWS_MAYBE, false, 3,
	    "SELECT " ROUTE_COLS " FROM frontends f"
	    " LEFT JOIN meetings m ON m.id = "
	    MEETING_BY_EITHER("f.id", "$2")
	    " LEFT JOIN backends b ON b.id = m.backend_id"
	    " WHERE f.key = $1" },
	/* A host that somebody holds hides all others of the bare path. */
	[STMT_ROUTE_BY_HOST] = { "route_by_host", ROWS_ANY, false, 3,
	    "WITH h AS (SELECT frontend_id FROM frontend_hosts"
	    "  WHERE host = $1)"
	    " SELECT " ROUTE_COLS " FROM frontends f"
	    " LEFT JOIN meetings m ON m.id = "
	    MEETING_BY_EITHER("f.id", "$2")
	    " LEFT JOIN backends b ON b.id = m.backend_id"
	    " WHERE f.id IN (SELECT frontend_id FROM h UNION ALL"
	    "  SELECT id FROM frontends WHERE bare_path AND active"
	    "   AND NOT EXISTS (SELECT FROM h))"
	    " ORDER BY f.id" },

	[STMT_FRONTEND_GET] = { "frontend_get", ROWS_MAYBE, false, 1,
	    "SELECT " FRONTEND_COLS " FROM frontends f WHERE f.id = $1::uuid" },
	[STMT_FRONTEND_ALL] = { "frontend_all", ROWS_ANY, false, 0,
	    "SELECT " FRONTEND_COLS " FROM frontends f" },

	[STMT_FRONTEND_SHOW] = { "frontend_show", ROWS_MAYBE, false, 2,
	    "SELECT " FRONTEND_SHOWN("f") " FROM frontends f"
	    " WHERE f.id = $1::uuid AND ($2::text IS NULL"
	    "  OR f.account_ref = $2)" },
	[STMT_FRONTEND_SEARCH] = { "frontend_search", ROWS_ANY, false, 6,
	    "WITH hit AS MATERIALIZED (SELECT " FRONTEND_SHOWN("f")
	    "  FROM frontends f WHERE ($1::text IS NULL OR f.account_ref = $1)"
	    "   AND ($2::text IS NULL OR f.account_ref = $2)"
	    "   AND ($3::text IS NULL OR f.key = $3)"
	    "   AND ($4::text IS NULL OR f.key LIKE '%' || $4 || '%'))"
	    PAGE("key", "$5", "$6") },
	[STMT_FRONTEND_ADD] = { "frontend_add", ROWS_ONE, true, 2,
	    "SELECT " FRONTEND_SHOWN("f")
	    " FROM frontend_add($1::jsonb, $2::jsonb) f" },
	[STMT_FRONTEND_CHANGE] = { "frontend_change", ROWS_MAYBE, true, 4,
	    "SELECT " FRONTEND_SHOWN("f") " FROM frontend_change($1::jsonb,"
	    " $2::uuid, $3, $4::jsonb) f" },
	[STMT_FRONTEND_REMOVE] = { "frontend_remove", ROWS_MAYBE, true, 2,
	    "SELECT " FRONTEND_SHOWN("f")
	    " FROM frontend_remove($1::jsonb, $2::uuid) f" },
	[STMT_FRONTEND_SET] = { "frontend_set", ROWS_MAYBE, true, 5,
	    "SELECT " FRONTEND_SHOWN("f") " FROM frontend_set($1::jsonb,"
	    " $2::uuid, $3, $4, $5::jsonb) f" },
	[STMT_FRONTEND_ROTATE] = { "frontend_rotate", ROWS_MAYBE, true, 5,
	    "SELECT " FRONTEND_SHOWN("(r.f)") ", time_us(r.until)"
	    " FROM frontend_rotate($1::jsonb, $2::uuid, $3, $4,"
	    " $5::bigint) r" },

	/* The reservations come once, with the first backend. */
	[STMT_BACKEND_LIST] = { "backend_list", ROWS_ANY, false, 0,
	    "SELECT v.version, time_ms(now() + interval '7 days'),"
	    " CASE WHEN row_number() OVER (ORDER BY b.slot) = 1 THEN"
	    "  (SELECT json_agg(json_build_array(r.backend_id, r.tag,"
	    "    (SELECT json_agg(frontend_id) FROM reservation_frontends"
	    "      WHERE reservation_id = r.id),"
	    "    (SELECT json_agg(json_build_array(from_ms, until_ms)"
	    "       ORDER BY from_ms) FROM reservation_periods(r,"
	    "       now() + interval '7 days'))))"
	    "   FROM reservations r) END, "
	    BACKEND_COLS
	    " FROM versions v LEFT JOIN backends b ON true"
	    " WHERE v.name = 'cluster' ORDER BY b.slot" },
	[STMT_BACKEND_GET] = { "backend_get", ROWS_MAYBE, false, 1,
	    "SELECT " BACKEND_COLS " FROM backends b WHERE b.id = $1::uuid" },
	[STMT_BACKEND_SHOW] = { "backend_show", ROWS_MAYBE, false, 3,
	    "SELECT " BACKEND_SHOWN " FROM backends b" BACKEND_JOINED("$3")
	    " WHERE b.id = $1::uuid AND ($2::text IS NULL"
	    "  OR b.agent_ref = $2)" },
	[STMT_BACKEND_OF_AGENT] = { "backend_of_agent", ROWS_MAYBE, false, 2,
	    "SELECT " BACKEND_SHOWN " FROM backends b" BACKEND_JOINED("$2")
	    " WHERE b.agent_ref = $1" },
	[STMT_BACKEND_SEARCH] = { "backend_search", ROWS_ANY, false, 6,
	    "WITH hit AS MATERIALIZED (SELECT " BACKEND_SHOWN
	    "  FROM backends b" BACKEND_JOINED("$1")
	    "  WHERE ($2::text IS NULL OR b.host = $2)"
	    "   AND ($3::text IS NULL OR b.host LIKE '%' || $3 || '%')"
	    "   AND ($4::text IS NULL OR b.host ILIKE '%' || $4 || '%'))"
	    PAGE("host", "$5", "$6") },
	[STMT_BACKEND_ADD] = { "backend_add", ROWS_ONE, true, 4,
	    "SELECT " BACKEND_SHOWN " FROM backend_add($1::jsonb, $2,"
	    " $3::jsonb) b" BACKEND_JOINED("$4") },
	[STMT_BACKEND_CHANGE] = { "backend_change", ROWS_MAYBE, true, 5,
	    "SELECT " BACKEND_SHOWN " FROM backend_change($1::jsonb,"
	    " $2::uuid, $3, $4::jsonb) b" BACKEND_JOINED("$5") },
	[STMT_BACKEND_REMOVE] = { "backend_remove", ROWS_MAYBE, true, 4,
	    "SELECT " BACKEND_SHOWN " FROM backend_remove($1::jsonb,"
	    " $2::uuid, $3::boolean) b" BACKEND_JOINED("$4") },

	[STMT_RESERVATION_SHOW] = { "reservation_show", ROWS_MAYBE, false, 1,
	    "SELECT " RESERVATION_SHOWN " FROM reservations x,"
	    " LATERAL reservation_show(x) r WHERE x.id = $1::uuid" },
	[STMT_RESERVATION_SEARCH] = { "reservation_search", ROWS_ANY, false,
	    2,
	    "WITH hit AS MATERIALIZED (SELECT " RESERVATION_SHOWN
	    "  FROM reservations x, LATERAL reservation_show(x) r)"
	    PAGE("id", "$1", "$2") },
	[STMT_RESERVATION_ADD] = { "reservation_add", ROWS_ONE, true, 2,
	    "SELECT " RESERVATION_SHOWN
	    " FROM reservation_add($1::jsonb, $2::jsonb) r" },
	[STMT_RESERVATION_CHANGE] = { "reservation_change", ROWS_MAYBE, true,
	    3,
	    "SELECT " RESERVATION_SHOWN " FROM reservation_change($1::jsonb,"
	    " $2::uuid, $3::jsonb) r" },
	[STMT_RESERVATION_REMOVE] = { "reservation_remove", ROWS_MAYBE, true,
	    2,
	    "SELECT " RESERVATION_SHOWN
	    " FROM reservation_remove($1::jsonb, $2::uuid) r" },

	/* Newest first. */
	/* Of millions of rows only the page is carried along. */
	[STMT_AUDIT_SEARCH] = { "audit_search", ROWS_ANY, false, 8,
	    "WITH hit AS MATERIALIZED (SELECT a.id FROM audit a"
	    "  WHERE ($1::text IS NULL OR a.actor = $1)"
	    "   AND ($2::text IS NULL OR a.resource = $2)"
	    "   AND ($3::text IS NULL OR a.resource_id = $3)"
	    "   AND ($4::text IS NULL OR a.action = $4)"
	    "   AND ($5::timestamptz IS NULL OR a.at >= $5::timestamptz)"
	    "   AND ($6::timestamptz IS NULL OR a.at < $6::timestamptz))"
	    " SELECT t.n, a.id, time_us(a.at), a.actor, a.role, a.address,"
	    "  a.action, a.resource, a.resource_id, a.name, a.changes"
	    " FROM (SELECT count(*) AS n FROM hit) t LEFT JOIN audit a"
	    "  ON a.id IN (SELECT id FROM hit ORDER BY id DESC"
	    "   LIMIT $7::bigint OFFSET $8::bigint)"
	    " ORDER BY a.id DESC" },

	[STMT_BACKEND_CALL_FAILED] = { "backend_call_failed", ROWS_ONE,
	    true, 2,
	    "SELECT backend_call_failed($1::uuid, $2)" },

	[STMT_MEETING_CONFIRM] = { "meeting_confirm", ROWS_ONE, true, 11,
	    "SELECT meeting_confirm($1::bigint, $2::integer, $3, $4::bigint,"
	    " $5, $6, $7, $8, $9, $10::integer, $11::boolean)" },
	[STMT_MEETING_UNPLACE] = { "meeting_unplace", ROWS_ONE, true, 2,
	    "SELECT meeting_unplace($1::bigint, $2::integer)" },
	[STMT_MEETING_ANNOUNCE] = { "meeting_announce", ROWS_ONE, true, 1,
	    "SELECT meeting_announce($1::bigint)" },
	[STMT_MEETING_END] = { "meeting_end", ROWS_ONE, true, 2,
	    "SELECT meeting_end($1::bigint, $2)" },
	[STMT_MEETING_INFO] = { "meeting_info", ROWS_MAYBE, false, 2,
	    "SELECT " INFO_COLS " FROM meetings m WHERE m.id = "
	    MEETING_BY_EITHER("$1::uuid", "$2")
	    " AND m.state = 'living'" },
	/* The first condition is the partial index's, the second is meant. */
	[STMT_MEETING_EACH] = { "meeting_each", ROWS_ANY, false, 1,
	    "SELECT " INFO_COLS " FROM meetings m"
	    " WHERE m.frontend_id = $1::uuid AND m.state <> 'ended'"
	    "  AND m.state = 'living' ORDER BY m.id" },
	[STMT_MEETING_ROUTES] = { "meeting_routes", ROWS_ANY, false, 0,
	    "SELECT m.id, m.frontend_id, m.meeting_id, m.backend_id,"
	    " m.backend_meeting_id, m.internal_id, m.state, m.running,"
	    " m.attempt, '', '', '', m.version FROM meetings m"
	    " WHERE m.state <> 'ended' AND m.state = 'living'" },

	/* The columns after the outcome are those of MEETING_COLS. */
	[STMT_PLACE] = { "place", ROWS_ONE, true, 21,
	    "SELECT outcome, id, $1::uuid, $2, backend_id,"
	    " backend_meeting_id, internal_id, state, running, attempt,"
	    " attendee_pw, moderator_pw, voice_bridge, version"
	    " FROM place($1::uuid, $2, $3, $4::integer[],"
	    " $5::double precision, $6::integer, $7::bigint, $8::integer,"
	    " $9, $10, $11, $12, $13::boolean, $14::integer, $15, $16,"
	    " $17::text[], $18::uuid, $19, $20::integer, $21::boolean)" },

	[STMT_POLL_CLAIM] = { "poll_claim", ROWS_ANY, true, 2,
	    "SELECT backend_id, host, secret, asked_us, lease, next_ms"
	    " FROM poll_claim($1::integer, $2::integer)" },
	[STMT_POLL_SEEN] = { "poll_seen", ROWS_ANY, true, 8,
	    "SELECT internal_id, meeting_id, empty FROM poll_seen($1::uuid,"
	    " $2::uuid, $3::bigint, $4::integer, $5::integer, $6::integer,"
	    " $7::integer, $8::jsonb)" },
	[STMT_POLL_UNREADABLE] = { "poll_unreadable", ROWS_ONE, true, 6,
	    "SELECT poll_unreadable($1::uuid, $2::uuid, $3::bigint,"
	    " $4::integer, $5::integer, $6)" },
	[STMT_POLL_FAILED] = { "poll_failed", ROWS_ONE, true, 5,
	    "SELECT poll_failed($1::uuid[], $2::uuid[], $3::text[],"
	    " $4::integer, $5::integer)" },

	[STMT_AGENT_BATCH] = { "agent_batch", ROWS_ONE, true, 9,
	    "SELECT verdict, epoch FROM agent_batch($1, $2::bigint,"
	    " $3::bigint, $4::integer, $5::integer, $6::float8[],"
	    " $7::bigint, $8::jsonb, $9::jsonb)" },
	[STMT_AGENT_HEARTBEAT] = { "agent_heartbeat", ROWS_MAYBE, true, 6,
	    "SELECT backend_id, to_char(heartbeat AT TIME ZONE 'UTC',"
	    " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
	    " FROM agent_heartbeat($1, $2::real, $3, $4::integer,"
	    " $5::integer, $6::float8[])" },

	[STMT_CALLBACK_STORE] = { "callback_store", ROWS_ONE, true, 10,
	    "SELECT callback_store($1::uuid, $2, $3, $4, $5, $6, $7,"
	    " $8::bigint, $9::integer, $10::integer)" },
	[STMT_CALLBACK_CLAIM] = { "callback_claim", ROWS_ANY, true, 3,
	    "SELECT c.id, c.lease, c.attempts, time_ms(c.received_at),"
	    " c.kind, c.frontend_id, c.url, c.query, c.body, c.token, f.key,"
	    " f.secret, f.settings FROM callback_claim($1::integer,"
	    " $2::integer, $3::integer) c"
	    " JOIN frontends f ON f.id = c.frontend_id" },
	[STMT_CALLBACK_NEXT] = { "callback_next", ROWS_ONE, false, 0,
	    "SELECT ceil(extract(epoch FROM min(next_at) - now()) * 1000)"
	    "::bigint FROM callbacks WHERE state = 'waiting'" },
	[STMT_CALLBACK_DONE] = { "callback_done", ROWS_ONE, true, 7,
	    "SELECT callback_done($1::bigint, $2::uuid, $3::boolean,"
	    " $4::boolean, $5::integer, $6, $7::integer)" },
	[STMT_CALLBACK_RETRY] = { "callback_retry", ROWS_ONE, true, 1,
	    "SELECT callback_retry($1::bigint)" },
	[STMT_CALLBACK_MEETING] = { "callback_meeting", ROWS_MAYBE, false, 2,
	    "SELECT m.meeting_id FROM meetings m"
	    " WHERE m.frontend_id = $1::uuid AND m.backend_meeting_id = $2"
	    "  AND m.backend_meeting_id LIKE 'b3s-%' LIMIT 1" },
	[STMT_CALLBACK_SECRETS] = { "callback_secrets", ROWS_ANY, false, 0,
	    "SELECT DISTINCT secret FROM backends" },
	[STMT_CALLBACK_LIST] = { "callback_list", ROWS_ANY, false, 5,
	    "WITH c AS (SELECT " CALLBACK_COLUMNS
	    "  WHERE ($1::text IS NULL OR f.account_ref = $1)"
	    "   AND ($2::text IS NULL OR f.key = $2)"
	    "   AND ($3::text IS NULL OR x.state = $3))"
	    " SELECT n.n, p.* FROM (SELECT count(*) AS n FROM c) n"
	    " LEFT JOIN (SELECT * FROM c ORDER BY id DESC"
	    "  LIMIT $4::bigint OFFSET $5::bigint) p ON true" },
	[STMT_CALLBACK_SHOW] = { "callback_show", ROWS_MAYBE, false, 2,
	    "SELECT " CALLBACK_COLUMNS " WHERE x.id = $1::bigint"
	    " AND ($2::text IS NULL OR f.account_ref = $2)" },
	[STMT_CALLBACK_MAY_SEE] = { "callback_may_see", ROWS_ONE, false, 2,
	    "SELECT EXISTS (SELECT FROM callbacks c"
	    " JOIN frontends f ON f.id = c.frontend_id WHERE c.id = $1::bigint"
	    " AND ($2::text IS NULL OR f.account_ref = $2))" },

	[STMT_QUEUE_LISTEN] = { "queue_listen", ROWS_NONE, false, 0,
	    "LISTEN b3scale_queue" },
	[STMT_QUEUE_ENQUEUE] = { "queue_enqueue", ROWS_ONE, true, 3,
	    "SELECT id, fresh FROM command_enqueue($1, $2::jsonb,"
	    " $3::integer)" },
	[STMT_QUEUE_GET] = { "queue_get", ROWS_MAYBE, false, 1,
	    "SELECT " COMMAND_COLS " FROM commands c WHERE c.id = $1::uuid" },
	[STMT_QUEUE_LIST] = { "queue_list", ROWS_ANY, false, 0,
	    "SELECT " COMMAND_COLS " FROM commands c ORDER BY c.seq" },
	[STMT_QUEUE_CLAIM] = { "queue_claim", ROWS_ANY, true, 2,
	    "SELECT " COMMAND_COLS " FROM command_claim($1::integer,"
	    " $2::integer) c ORDER BY c.seq" },
	[STMT_QUEUE_NEXT] = { "queue_next", ROWS_ONE, false, 0,
	    "SELECT ceil(extract(epoch FROM min(next_at) - clock_timestamp())"
	    " * 1000)::bigint FROM commands"
	    " WHERE state IN ('requested', 'running')" },
	[STMT_QUEUE_EXTEND] = { "queue_extend", ROWS_ONE, true, 3,
	    "SELECT command_extend($1::uuid, $2::uuid, $3::integer)" },
	/* The lease decides in all of these: false, it was another's. */
	[STMT_QUEUE_FINISH] = { "queue_finish", ROWS_ONE, true, 4,
	    "SELECT command_finish($1::uuid, $2::uuid, $3::boolean,"
	    " $4::jsonb)" },
	[STMT_QUEUE_FAIL] = { "queue_fail", ROWS_ONE, true, 3,
	    "SELECT command_finish($1::uuid, $2::uuid, false,"
	    " to_jsonb($3::text))" },
	[STMT_QUEUE_AGAIN] = { "queue_again", ROWS_ONE, true, 3,
	    "SELECT command_again($1::uuid, $2::uuid, $3::integer)" },
	[STMT_QUEUE_DRAIN] = { "queue_drain", ROWS_ONE, true, 2,
	    "SELECT command_drain($1::uuid, $2::uuid)" },
	[STMT_QUEUE_DECOMMISSION] = { "queue_decommission", ROWS_ONE, true, 2,
	    "SELECT command_decommission($1::uuid, $2::uuid)" },
	[STMT_QUEUE_MEETINGS] = { "queue_meetings", ROWS_ANY, false, 1,
	    "SELECT m.id, m.internal_id, m.backend_meeting_id,"
	    " m.moderator_pw, b.id, b.host, b.secret FROM meetings m"
	    " JOIN backends b ON b.id = m.backend_id"
	    " WHERE m.backend_id = ANY ($1::uuid[]) AND m.state <> 'ended'"
	    "  AND m.state = 'living' AND NOT (m.is_breakout AND EXISTS"
	    "  (SELECT FROM meetings p WHERE p.backend_id = m.backend_id"
	    "    AND p.internal_id = m.parent_internal_id"
	    "    AND p.state <> 'ended'))"
	    " ORDER BY m.id" },
	[STMT_QUEUE_HAS_BACKEND] = { "queue_has_backend", ROWS_ONE, false, 1,
	    "SELECT EXISTS (SELECT FROM backends WHERE id = $1::uuid)" },
	[STMT_QUEUE_POLL_NOW] = { "queue_poll_now", ROWS_ONE, true, 1,
	    "SELECT commands_poll_now($1::uuid[])" },
	[STMT_QUEUE_POLLED] = { "queue_polled", ROWS_ONE, false, 2,
	    "SELECT ok, reason FROM command_polled($1::uuid, $2::bigint)" },

	[STMT_AGENTS_JUDGE] = { "agents_judge", ROWS_ANY, true, 1,
	    "SELECT kind, host, seconds FROM agents_judge($1::integer)" },
	[STMT_SWEEP] = { "sweep", ROWS_ONE, true, 5,
	    "SELECT sweep($1::integer, $2::integer, $3::integer,"
	    " $4::integer, $5::integer)" },
	[STMT_SWEEP_BACKENDS] = { "sweep_backends", ROWS_ONE, true, 1,
	    "SELECT sweep_backends($1::integer)" },
	[STMT_SUCCESS_NOTE] = { "success_note", ROWS_ONE, true, 1,
	    "SELECT job_succeeded($1)" },
	[STMT_STANDING] = { "standing", ROWS_ANY, false, 0,
	    "SELECT true, job, time_us(at), 0::bigint FROM job_success"
	    " UNION ALL SELECT false, name, time_us(since), n"
	    " FROM alarms_now() ORDER BY 1 DESC, 2" },

	/* strpos() and not LIKE: what an admin types has no wildcards. */
	[STMT_MEETINGS_SEARCH] = { "meetings_search", ROWS_ANY, false, 8,
	    "WITH hit AS MATERIALIZED (SELECT " MEETINGS_SHOWN
	    ", m.id AS row_id FROM meetings m" MEETINGS_JOINED
	    "  WHERE m.state <> 'ended'"
	    "   AND ($1::uuid IS NULL OR m.backend_id = $1::uuid)"
	    "   AND ($2::text IS NULL OR b.host = $2)"
	    "   AND ($3::text IS NULL OR b.host = $3 OR b.id::text = $3)"
	    "   AND ($4::text IS NULL OR f.key = $4 OR f.id::text = $4)"
	    "   AND ($5::boolean IS NULL OR m.running = $5::boolean)"
	    "   AND ($6::text IS NULL OR strpos(lower(concat_ws(E'\\n',"
	    "    m.name, m.meeting_id, m.backend_meeting_id,"
	    "    m.internal_id)), lower($6)) > 0))"
	    PAGE("row_id", "$7", "$8") },
	[STMT_MEETINGS_HAS_BACKEND] = { "meetings_has_backend", ROWS_ONE,
	    false, 2,
	    "SELECT EXISTS (SELECT FROM backends"
	    " WHERE ($1::uuid IS NULL OR id = $1::uuid)"
	    "  AND ($2::text IS NULL OR host = $2))" },
	/* Ids are made of key and meeting id: no two frontends share one. */
	[STMT_MEETINGS_SHOW] = { "meetings_show", ROWS_MAYBE, false, 3,
	    "SELECT " MEETINGS_SHOWN ", " MEETINGS_TARGET " FROM meetings m"
	    MEETINGS_JOINED " WHERE m.id = " MEETINGS_BY("$1", "$2", "$3") },
	[STMT_MEETINGS_CHANGE] = { "meetings_change", ROWS_ONE, true, 7,
	    "SELECT meeting_change($1::jsonb, " MEETINGS_BY("$2", "$3", "$4")
	    ", $5::jsonb, $6::jsonb, $7::double precision[])" },
	[STMT_MEETINGS_END] = { "meetings_end", ROWS_ONE, true, 5,
	    "SELECT meeting_end($1::bigint, $2), audit_write($3::jsonb, $4,"
	    " 'meeting', $5, COALESCE($2, ''), NULL)" },

	[STMT_COMMANDS_SEARCH] = { "commands_search", ROWS_ANY, false, 3,
	    "WITH hit AS MATERIALIZED (SELECT s.* FROM (SELECT "
	    COMMANDS_SHOWN " FROM commands c) s"
	    "  WHERE $1::text IS NULL OR s.state = $1)"
	    PAGE("seq", "$2", "$3") },
	[STMT_COMMANDS_SHOW] = { "commands_show", ROWS_MAYBE, false, 1,
	    "SELECT " COMMANDS_SHOWN " FROM commands c"
	    " WHERE c.id = $1::uuid" },
	[STMT_COMMANDS_ADD] = { "commands_add", ROWS_ONE, true, 4,
	    "SELECT q.id, audit_write($1::jsonb, 'create', 'command',"
	    " q.id::text, $2, $3::jsonb)"
	    " FROM command_enqueue($2, $3::jsonb, $4::integer) q" },
};

const struct stmt_def *
stmt_def(enum stmt s)
{
	assert(s >= 0 && s < STMT__MAX);
	return &stmts[s];
}
