/*
 * The calls of the BBB API, and the name a meeting has on a server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_BBB_H
#define PROTO_BBB_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "proto/xmlread.h"

#define BBB_KEY_MAX 64

/* What every reply begins with; key and message are "" if absent. */
struct bbb_reply {
	struct xml_node	*root;
	bool		 success;
	const char	*key;		/* messageKey, else errors/error/key */
	const char	*message;
};

/*
 * Reads a server's reply.  ERR_BACKEND if it is not XML with a `response`
 * root and a returncode.
 */
int	bbb_reply_read(struct arena *a, struct view xml, struct bbb_reply *r,
	    struct err *e);

/*
 * The id under which a frontend's meeting runs on a server: b3scale-behaviour
 * 11.2 (base64url of ["key","id","b3scl"]); longer than 255 characters:
 * "b3s-" and the SHA-256 in hex of the same JSON.
 */
char	*bbb_meeting_id_encode(struct arena *a, const char *frontend_key,
	    const char *meeting_id);
/* 0 and both strings, or -1: not an id that decodes (a hashed one never). */
int	bbb_meeting_id_decode(struct arena *a, const char *id, char **key,
	    char **meeting_id);

/*
 * Digits and a sign before them only, so that "1,024" in any locale reads
 * 1024 (bbb-api 2.3).  What is too large is LLONG_MAX or LLONG_MIN.
 */
long long bbb_number(const char *text);
bool	bbb_true(const char *text);	/* "true" in any case, nothing else */
/* BBB's boolean rule: true false 0 1 in any case, or empty. */
bool	bbb_is_boolean(const char *text);

#endif
