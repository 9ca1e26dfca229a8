/*
 * Splitting a connection string by host: PQconnectPoll alone never leaves a
 * host that accepts a connection and then says nothing.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/hosts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/mem.h"

struct setting {
	const char	*keyword;
	const char	*value;
	bool		 always;	/* or only if the string is silent */
};

/* Seconds and, of tcp_user_timeout, milliseconds. */
static const struct setting settings[] = {
	{ "target_session_attrs", "read-write",	true },
	{ "client_encoding",	"UTF8",		true },
	{ "keepalives",		"1",		false },
	{ "keepalives_idle",	"5",		false },
	{ "keepalives_interval", "2",		false },
	{ "keepalives_count",	"3",		false },
	{ "tcp_user_timeout",	"5000",		false },
};
#define NSETTINGS (sizeof(settings) / sizeof(settings[0]))

static size_t
list_len(const char *list)
{
	size_t	n = 1;

	for (; *list != '\0'; list++)
		n += *list == ',';
	return n;
}

/* A copy of the i-th piece of "a,b,c"; the only piece serves for all. */
static char *
list_item(const char *list, size_t i)
{
	const char	*end;
	char		*s;

	if (list_len(list) > 1)
		while (i-- > 0)
			list = strchr(list, ',') + 1;
	end = strchrnul(list, ',');
	s = xmalloc((size_t)(end - list) + 1);
	memcpy(s, list, (size_t)(end - list));
	s[end - list] = '\0';
	return s;
}

static bool
is_list(const char *keyword)
{
	return strcmp(keyword, "host") == 0 ||
	    strcmp(keyword, "hostaddr") == 0 || strcmp(keyword, "port") == 0;
}

/*
 * Only a server that takes writes is of use (after a failover the old primary
 * may come back as a standby), and all our text is UTF-8.
 */
static const struct setting *
forced(const char *keyword)
{
	size_t	i;

	for (i = 0; i < NSETTINGS; i++)
		if (settings[i].always &&
		    strcmp(settings[i].keyword, keyword) == 0)
			return &settings[i];
	return NULL;
}

static bool
given(const PQconninfoOption *o, const char *keyword)
{
	for (; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val != NULL;
	return true;		/* an older libpq does not know it: leave it */
}

/* Takes the value. */
static void
params_add(struct host_params *p, size_t *n, const char *keyword, char *value)
{
	p->keywords[*n] = xstrdup(keyword);
	p->values[(*n)++] = value;
}

static void
params_fill(struct host_params *p, const PQconninfoOption *opts,
    const char *name, size_t host)
{
	const PQconninfoOption	*o;
	size_t			 i, n = 0;

	/* Room for all that libpq knows, ours, the name, and the NULL. */
	for (i = 0; opts[i].keyword != NULL; i++)
		;
	p->keywords = xcalloc(i + NSETTINGS + 2, sizeof(*p->keywords));
	p->values = xcalloc(i + NSETTINGS + 2, sizeof(*p->values));
	for (o = opts; o->keyword != NULL; o++)
		if (o->val != NULL && forced(o->keyword) == NULL)
			params_add(p, &n, o->keyword, is_list(o->keyword) ?
			    list_item(o->val, host) : xstrdup(o->val));
	for (i = 0; i < NSETTINGS; i++)
		if (settings[i].always || !given(opts, settings[i].keyword))
			params_add(p, &n, settings[i].keyword,
			    xstrdup(settings[i].value));
	if (name != NULL && !given(opts, "application_name"))
		params_add(p, &n, "application_name", xstrdup(name));
}

/* How many hosts, by the longest list; each other list has one or as many. */
static int
count_hosts(const PQconninfoOption *opts, size_t *n, struct err *e)
{
	const PQconninfoOption	*o;
	size_t			 len;

	*n = 1;
	for (o = opts; o->keyword != NULL; o++)
		if (o->val != NULL && is_list(o->keyword) &&
		    (len = list_len(o->val)) > *n)
			*n = len;
	for (o = opts; o->keyword != NULL; o++) {
		if (o->val == NULL || !is_list(o->keyword))
			continue;
		len = list_len(o->val);
		if (len != *n && (len != 1 || strcmp(o->keyword, "port") != 0))
			return err_set(e, ERR_CONFIG, "the database's address"
			    " names %zu hosts but has %zu in its %s", *n, len,
			    o->keyword);
	}
	return 0;
}

int
hosts_parse(const char *conninfo, const char *name, struct hosts *h,
    struct err *e)
{
	PQconninfoOption	*opts;
	char			*why = NULL;
	size_t			 i;
	int			 rc = -1;

	memset(h, 0, sizeof(*h));
	if ((opts = PQconninfoParse(conninfo, &why)) == NULL) {
		/* libpq may quote a part of the string: a password, perhaps. */
		err_set(e, ERR_CONFIG, "the database's address cannot be"
		    " read: it is neither a URL nor key=value pairs that libpq"
		    " knows");
		goto out;
	}
	if (count_hosts(opts, &h->n, e) == -1)
		goto out;
	h->v = xcalloc(h->n, sizeof(*h->v));
	for (i = 0; i < h->n; i++)
		params_fill(&h->v[i], opts, name, i);
	rc = 0;
out:
	PQconninfoFree(opts);
	PQfreemem(why);
	return rc;
}

void
hosts_free(struct hosts *h)
{
	size_t	i, k;

	for (i = 0; h->v != NULL && i < h->n; i++) {
		for (k = 0; h->v[i].keywords[k] != NULL; k++) {
			free((char *)h->v[i].keywords[k]);
			free((char *)h->v[i].values[k]);
		}
		free(h->v[i].keywords);
		free(h->v[i].values);
	}
	free(h->v);
	h->v = NULL;
	h->n = 0;
}
