/*
 * The address of a waiting page: base64url of a small JSON object.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "core/wait.h"
#include "proto/base64url.h"

/* No web server in front lets a longer request line through. */
#define BLOB_MAX	(56 * 1024)

/*
 * A URL is ASCII; a client that sent raw bytes all the same gets those that
 * are no UTF-8 escaped, because JSON cannot carry them.
 */
static const char *
url_clean(struct arena *a, const char *url)
{
	size_t		 left = strlen(url), n;
	unsigned int	 cp;
	struct buf	 b = { 0 };

	if (str_utf8_valid(url, left))
		return url;
	for (; left > 0; url += n, left -= n)
		if ((n = str_utf8_next(url, left, &cp)) > 0)
			buf_add(&b, url, n);
		else {
			buf_printf(&b, "%%%02X", (unsigned char)*url);
			n = 1;
		}
	return arena_take(a, &b);
}

/* mth is always GET: what was sent as a form has become a query by then. */
char *
wait_path(struct arena *a, const struct wait *w)
{
	json_t		*o = json_object();
	struct buf	 b = { 0 };
	char		*text, *path;

	json_object_set_new(o, "mth", json_string("GET"));
	json_object_set_new(o, "url", json_string(url_clean(a, w->url)));
	json_object_set_new(o, "tries", json_integer(w->tries));
	json_object_set_new(o, "since", json_integer(w->since != 0 ?
	    w->since : clock_wall_ms()));
	text = json_dumps(o, JSON_COMPACT);
	buf_adds(&b, WAIT_PREFIX);
	base64url_add(&b, text, strlen(text));
	path = arena_take(a, &b);
	free(text);
	json_decref(o);
	return path;
}

/* Absent counts as 0, as in the addresses of the Go program. */
static int
number_get(const json_t *o, const char *name, long long max, long long *n)
{
	const json_t	*v = json_object_get(o, name);

	*n = 0;
	if (v == NULL)
		return 0;
	*n = json_integer_value(v);
	return json_is_integer(v) && *n >= 0 && *n <= max ? 0 : -1;
}

/*
 * A path of ours, without what a browser would cut: the page sends people
 * there.
 */
static bool
url_ok(const char *url)
{
	const unsigned char	*p;

	if (strncmp(url, "/bbb/", 5) != 0 &&
	    strncmp(url, "/bigbluebutton/", 15) != 0)
		return false;
	for (p = (const unsigned char *)url; *p != '\0'; p++)
		if (*p <= ' ' || *p == 0x7f)
			return false;
	return true;
}

/*
 * Anybody can make such an address up, so nothing in it is believed: the join
 * has its own checksum, and the counts only slow the page down.
 */
static int
object_read(struct arena *a, const json_t *o, struct wait *w, struct err *e)
{
	const char	*mth = json_string_value(json_object_get(o, "mth"));
	const char	*url = json_string_value(json_object_get(o, "url"));
	long long	 tries;

	if (mth == NULL || mth[0] == '\0')
		return err_set(e, ERR_INPUT, "waiting page: no mth");
	if (url == NULL || url[0] == '\0')
		return err_set(e, ERR_INPUT, "waiting page: no url");
	if (!url_ok(url))
		return err_set(e, ERR_INPUT,
		    "waiting page: the url is not that of a call");
	if (number_get(o, "tries", INT_MAX - 1, &tries) == -1)
		return err_set(e, ERR_INPUT,
		    "waiting page: tries is not a count");
	if (number_get(o, "since", LLONG_MAX, &w->since) == -1)
		return err_set(e, ERR_INPUT,
		    "waiting page: since is not a time");
	w->tries = (int)tries;
	w->url = arena_strdup(a, url);
	return 0;
}

int
wait_parse(struct arena *a, const char *path, struct wait *w,
    struct err *e)
{
	const char	*blob = path + strlen(WAIT_PREFIX);
	char		*text;
	size_t		 len;
	json_t		*o;
	json_error_t	 je;
	int		 rc;

	if (strncmp(path, WAIT_PREFIX, strlen(WAIT_PREFIX)) != 0)
		return err_set(e, ERR_INPUT, "not a waiting page");
	if ((len = strlen(blob)) > BLOB_MAX)
		return err_set(e, ERR_INPUT,
		    "waiting page: longer than %d bytes", BLOB_MAX);
	if ((text = base64url_read(a, (struct view){ blob, len },
	    &len)) == NULL)
		return err_set(e, ERR_INPUT, "waiting page: not base64url");
	if ((o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je)) == NULL)
		return err_set(e, ERR_INPUT, "waiting page: not JSON");
	rc = object_read(a, o, w, e);
	json_decref(o);
	return rc;
}

int
wait_seconds(int tries)
{
	static const int	seconds[] = { 2, 3, 5, 8, 13, 21, 30 };
	int			last = sizeof(seconds) / sizeof(*seconds) - 1;

	if (tries < 0)
		tries = 0;
	return seconds[tries < last ? tries : last];
}
