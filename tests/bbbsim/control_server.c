/*
 * Control of servers: faults, settings, counters, what they saw.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "control.h"

static json_t *
done(void)
{
	return json_pack("{s:b}", "ok", 1);
}

static json_t *
calls_json(const struct server_stats *st)
{
	json_t	*j = json_object();
	int	 i;

	for (i = 0; i < CALL__MAX; i++)
		json_object_set_new(j, call_of((enum call_id)i)->name,
		    json_integer((json_int_t)st->calls[i]));
	return j;
}

static size_t
held_count(const struct server *s)
{
	const struct request	*r;
	size_t			 n = 0;

	TAILQ_FOREACH(r, &s->held, link)
		n++;
	return n;
}

static json_t *
settings_json(const struct settings *st)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:b, s:s}",
	    "series", (int)st->series, "expire_ms", (int)st->expire_ms,
	    "end_delay_ms", (int)st->end_delay_ms,
	    "users_timeout_ms", (int)st->users_timeout_ms,
	    "callback_retry_ms", (int)st->callback_retry_ms,
	    "record", (int)st->record, "bbb_version", st->bbb_version);
}

json_t *
control_server_get(struct control_call *c, struct server *s)
{
	(void)c;
	return json_pack("{s:i, s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:o, s:I,"
	    " s:o}",
	    "index", (int)s->index, "url", s->url, "secret", s->secret,
	    "listening", s->port.daemon != NULL,
	    "connections", (int)port_connections(&s->port),
	    "held", (int)held_count(s), "meetings", (int)s->meetings->count,
	    "users", (int)s->meetings->users, "calls", calls_json(&s->stats),
	    "bad_checksums", (json_int_t)s->stats.bad_checksums,
	    "settings", settings_json(&s->settings));
}

json_t *
control_servers(struct control_call *c)
{
	json_t		*list = json_array();
	unsigned	 i;

	for (i = 0; i < c->sim->count; i++)
		json_array_append_new(list, json_pack("{s:i, s:s, s:s}",
		    "index", (int)i, "url", c->sim->servers[i]->url,
		    "secret", c->sim->servers[i]->secret));
	return list;
}

json_t *
control_faults_add(struct control_call *c, struct server *s)
{
	const char	*reason;
	struct fault	*f;

	if ((f = fault_parse(c->body, &reason)) == NULL)
		return control_error(c, 400, reason);
	server_fault_take(s, f);
	return done();
}

json_t *
control_faults_clear(struct control_call *c, struct server *s)
{
	(void)c;
	server_mend(s);
	return done();
}

static bool
series_known(int series)
{
	return (series >= SERIES_2_2 && series <= SERIES_2_7) ||
	    series == SERIES_3_0;
}

json_t *
control_settings(struct control_call *c, struct server *s)
{
	int		 series = (int)s->settings.series;
	int		 expire = (int)s->settings.expire_ms;
	int		 end_delay = (int)s->settings.end_delay_ms;
	int		 timeout = (int)s->settings.users_timeout_ms;
	int		 retry = (int)s->settings.callback_retry_ms;
	int		 record = s->settings.record;
	const char	*version = s->settings.bbb_version;
	struct settings	 new = { .series = 0 };

	if (json_unpack((json_t *)c->body,
	    "{s?i, s?i, s?i, s?i, s?i, s?b, s?s !}", "series", &series,
	    "expire_ms", &expire, "end_delay_ms", &end_delay,
	    "users_timeout_ms", &timeout,
	    "callback_retry_ms", &retry, "record", &record,
	    "bbb_version", &version) == -1)
		return control_error(c, 400, "series, expire_ms, end_delay_ms,"
		    " users_timeout_ms, callback_retry_ms, record and"
		    " bbb_version can be set");
	if (!series_known(series) || expire < 0 || end_delay < 0 ||
	    timeout < 0 || retry < 0)
		return control_error(c, 400, "out of range");
	new.series = (unsigned)series;
	new.expire_ms = (unsigned)expire;
	new.end_delay_ms = (unsigned)end_delay;
	new.users_timeout_ms = (unsigned)timeout;
	new.callback_retry_ms = (unsigned)retry;
	new.record = record;
	(void)snprintf(new.bbb_version, sizeof new.bbb_version, "%s", version);
	s->settings = new;
	return settings_json(&s->settings);
}

json_t *
control_requests(struct control_call *c, struct server *s)
{
	return seen_json(s->seen, c->filter);
}

json_t *
control_requests_clear(struct control_call *c, struct server *s)
{
	(void)c;
	seen_clear(s->seen);
	return done();
}

json_t *
control_restart(struct control_call *c, struct server *s)
{
	(void)c;
	server_restart(s);
	return done();
}

json_t *
control_reset(struct control_call *c)
{
	unsigned	i;

	for (i = 0; i < c->sim->count; i++)
		server_reset(c->sim->servers[i]);
	return done();
}

json_t *
control_totals(struct control_call *c)
{
	struct server_stats	 sum = { .bad_checksums = 0 };
	json_int_t		 meetings = 0, users = 0, connections = 0;
	json_int_t		 held = 0;
	const struct server	*s;
	unsigned		 i, k;

	for (i = 0; i < c->sim->count; i++) {
		s = c->sim->servers[i];
		for (k = 0; k < CALL__MAX; k++)
			sum.calls[k] += s->stats.calls[k];
		sum.bad_checksums += s->stats.bad_checksums;
		meetings += (json_int_t)s->meetings->count;
		users += (json_int_t)s->meetings->users;
		connections += port_connections(&s->port);
		held += (json_int_t)held_count(s);
	}
	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:o, s:I}",
	    "servers", (int)c->sim->count, "connections", connections,
	    "held", held, "meetings", meetings, "users", users,
	    "calls", calls_json(&sum),
	    "bad_checksums", (json_int_t)sum.bad_checksums);
}
