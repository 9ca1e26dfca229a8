/*
 * Stage: which frontend signed this call; from here on it is known.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/gateway/stages.h"
#include "proto/checksum.h"

/*
 * All secrets that are valid now: after a rotation the former one for a while.
 */
static bool
signed_by(const struct call *c, const struct frontend *fe)
{
	size_t	i;

	for (i = 0; i < fe->nsecrets; i++)
		if (checksum_ok(c->name, c->signed_text, fe->secrets[i],
		    c->checksum))
			return true;
	return false;
}

/*
 * BBB's recordings calls come from an older layer, with an older text; the
 * webhooks program has it with a full stop (bbb-api 6.14).
 */
static enum verdict
denied(struct call *c, const char *message, const char *reason,
    struct err *e)
{
	if (call_is_recordings(c))
		message = "You did not pass the checksum security check";
	else if (str_starts(c->name, "hooks/"))
		message = "You did not pass the checksum security check.";
	c->log->reason = reason;
	err_key(e, ERR_DENIED, "checksumError", "%s", message);
	return FAILED;
}

/* An open call needs no signature, but its frontend must exist. */
static enum verdict
open_call(struct call *c, struct err *e)
{
	if (c->key != NULL && c->routes.n == 0)
		return denied(c, "Checksums do not match",
		    "no such frontend", e);
	return GO_ON;
}

enum verdict
checksum_check(struct call *c, struct err *e)
{
	size_t	i;

	if (c->def->flags & CALL_OPEN)
		return open_call(c, e);
	if (c->checksum == NULL || c->checksum[0] == '\0')
		return denied(c, "You must provide the checksum",
		    "no checksum", e);
	/*
	 * Of those that share the bare path the signature tells which it is;
	 * their secrets all differ.
	 */
	for (i = 0; i < c->routes.n && c->route == NULL; i++)
		if (signed_by(c, &c->routes.v[i].fe))
			c->route = &c->routes.v[i];
	if (c->route == NULL)
		return denied(c, "Checksums do not match",
		    c->routes.n == 0 ? "no such frontend" : "checksum", e);
	c->log->frontend = c->route->fe.key;
	if (!c->route->fe.active) {
		c->log->reason = "frontend is not active";
		err_key(e, ERR_DENIED, "apiNotEnabled", "The API service "
		    "and/or controller is not enabled on this server.  "
		    "To use it, you must first enable it.");
		return FAILED;
	}
	if (settings_parse(c->a, c->route->fe.settings, &c->settings, e) == -1)
		return FAILED;
	return GO_ON;
}
