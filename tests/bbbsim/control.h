/*
 * The control port: JSON over HTTP, on 127.0.0.1.
 *
 * I is the index of a server from 0; in POST and DELETE it may be * for all.
 * ID is a meeting id, external or internal, percent-encoded, or * for all of
 * the server's meetings; USERID may be * for all users. Bodies are JSON
 * objects. Errors are {"error": reason} with status 400, 404, 405 or 409.
 *
 * GET    /servers                  index, url, secret of each
 * GET    /servers/I                also: listening, connections, held,
 *                                  meetings, users, calls, bad_checksums,
 *                                  settings
 * POST   /servers/I/faults         kind, call ("*"), ms, status (500), count
 *                                  (forever), after, framed, early (false),
 *                                  key, message; the kinds: latency, hang,
 *                                  status, garbage, truncate, close, failed,
 *                                  refuse
 * DELETE /servers/I/faults         mends all; what hangs goes on
 * POST   /servers/I/settings       any of series (22 to 27, 30), expire_ms,
 *                                  end_delay_ms, users_timeout_ms,
 *                                  callback_retry_ms, record, bbb_version
 * GET    /servers/I/events         what it tells Redis, and how much it told
 * POST   /servers/I/events         any of redis, noise, lose, repeat, late,
 *                                  late_ms, pong_ms, snapshot_ms
 * POST   /servers/I/publish        channel, message: as they are
 * GET    /servers/I/callbacks      the calls that it made, oldest first
 * GET    /servers/I/requests       [?call=create] what it saw, oldest first
 * DELETE /servers/I/requests
 * GET    /servers/I/meetings       with users, metadata, documents
 * POST   /servers/I/meetings       meetingID and any other parameter of
 *                                  create; count: so many, meetingID-0 ...;
 *                                  users: in each, the first a moderator
 * DELETE /servers/I/meetings       all are gone
 * POST   /servers/I/meetings/ID    recording, screenshare, snapshot
 * DELETE /servers/I/meetings/ID    gone without a word
 * POST   /servers/I/meetings/ID/end        reason
 * POST   /servers/I/meetings/ID/recording  is announced, after its end
 * POST   /servers/I/meetings/ID/users      name, role, userID, customdata,
 *                                          voice, video, cameras, phone,
 *                                          listenOnly, clientType, count
 * DELETE /servers/I/meetings/ID/users      all leave
 * POST   /servers/I/meetings/ID/users/USERID  role, voice, listenOnly, video,
 *                                          cameras, presenter, leftFlag
 * DELETE /servers/I/meetings/ID/users/USERID
 * POST   /servers/I/meetings/ID/breakouts  sequence, name
 * POST   /servers/I/restart        its meetings are gone
 * POST   /reset                    all servers as at the start
 * GET    /totals                   sums over all servers
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_CONTROL_H
#define BBBSIM_CONTROL_H

#include <jansson.h>

#include "sim.h"

struct control;

/* Bound and serving on that port of 127.0.0.1 (0: any free one). */
struct control *control_new(struct sim *, unsigned port);
unsigned control_port(const struct control *);
void	 control_free(struct control *);

/* One call of the control port. */
struct control_call {
	struct sim	*sim;
	const json_t	*body;		/* an object */
	const char	*filter;	/* of ?call=, or NULL */
	const char	*meeting_id;	/* from the path, where it has one */
	const char	*user_id;
	unsigned	 status;	/* 0 is 200 */
	const char	*error;		/* set where the answer is NULL */
};

/*
 * The functions behind the paths: the answer, or NULL after setting status
 * and error. control_server.c
 */
json_t	*control_server_get(struct control_call *, struct server *);
json_t	*control_faults_add(struct control_call *, struct server *);
json_t	*control_faults_clear(struct control_call *, struct server *);
json_t	*control_settings(struct control_call *, struct server *);
json_t	*control_requests(struct control_call *, struct server *);
json_t	*control_requests_clear(struct control_call *, struct server *);
json_t	*control_restart(struct control_call *, struct server *);
json_t	*control_servers(struct control_call *);
json_t	*control_reset(struct control_call *);
json_t	*control_totals(struct control_call *);

/* control_meeting.c */
json_t	*control_meetings(struct control_call *, struct server *);
json_t	*control_meetings_add(struct control_call *, struct server *);
json_t	*control_meeting_remove(struct control_call *, struct server *);
json_t	*control_users_add(struct control_call *, struct server *);
json_t	*control_users_leave(struct control_call *, struct server *);
json_t	*control_breakout_add(struct control_call *, struct server *);
/* The meeting of the path, or NULL after control_error(). */
struct meeting *control_meeting(struct control_call *, const struct server *);

/* control_live.c */
json_t	*control_users_set(struct control_call *, struct server *);
json_t	*control_meeting_set(struct control_call *, struct server *);
json_t	*control_meeting_end(struct control_call *, struct server *);
json_t	*control_recording_ready(struct control_call *, struct server *);
json_t	*control_callbacks(struct control_call *, struct server *);

/* control_events.c */
json_t	*control_events_get(struct control_call *, struct server *);
json_t	*control_events_set(struct control_call *, struct server *);
json_t	*control_publish(struct control_call *, struct server *);

/* Sets status and error; always NULL. */
json_t	*control_error(struct control_call *, unsigned status,
	    const char *error);

#endif
