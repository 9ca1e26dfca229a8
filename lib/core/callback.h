/*
 * The address that a BBB server calls instead of a frontend's own.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_CALLBACK_H
#define CORE_CALLBACK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/config.h"
#include "store/callback.h"

/* The path of those addresses; the token follows. */
#define CALLBACK_PATH	"/api/v1/callbacks/proxy/"

/* Whether callbacks come to us at all: api_url and api_jwt_secret are set. */
bool	 callback_wanted(const struct config *conf);
/* Whom a token is for, the frontend's URL, and of which end (row 0: none). */
struct callback_token {
	const char		*frontend_id;
	const char		*url;
	struct callback_end	 end;
};
/*
 * Our address for a URL of a frontend's: a signed token that opens nothing
 * else, another one each time.
 */
char	*callback_address(struct arena *a, const struct config *conf,
	    const struct callback_token *t);
/* What a token says.  ERR_DENIED: not ours. */
int	 callback_token_read(struct arena *a, const struct config *conf,
	    const char *token, struct callback_token *t, struct err *e);

/*
 * The text with each address of ours replaced by the URL behind it, written
 * as XML text or as the inside of a JSON string; the text itself if there is
 * none.
 */
enum callback_form { CALLBACK_XML, CALLBACK_JSON };
const char *callback_put_back(struct arena *a, const struct config *conf,
	    const char *text, enum callback_form form);
/* The inside of a JSON string. */
char	*callback_json(struct arena *a, const char *text);

#endif
