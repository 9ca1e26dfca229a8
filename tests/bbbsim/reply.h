/*
 * An answer on its way to the client.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_REPLY_H
#define BBBSIM_REPLY_H

#include <stdbool.h>

#include "buf.h"

struct reply {
	unsigned	 status;	/* 0: none yet */
	const char	*type;
	bool		 no_cache;
	bool		 json;		/* failures are wanted as JSON */
	char		*location;	/* of a redirect, or NULL */
	char		*cookie;	/* or NULL */
	struct buf	 body;
	/* what it says, for the log of requests */
	const char	*returncode;
	char		 key[64];
};

/* <response> with SUCCESS, to be filled and closed. */
void	 reply_begin(struct reply *);
void	 reply_end(struct reply *);
/* FAILED, in XML or JSON. */
void	 reply_failed(struct reply *, const char *key, const char *message);
/* FAILED in the list form. */
void	 reply_failed_list(struct reply *, const char *key,
	    const char *message);
/* JSON that is there already; takes the text over. */
void	 reply_json_take(struct reply *, char *json);
/* A body as it is, in XML. */
void	 reply_xml(struct reply *, const char *returncode, const char *xml);
/* 302; takes the location over. */
void	 reply_redirect_take(struct reply *, char *location);
/* An HTML page: the error page of that status. */
void	 reply_page(struct reply *, unsigned status);
/* An HTML page with a title and a text, both escaped here. */
void	 reply_html(struct reply *, const char *title, const char *text);
/* Throws away what was answered; json stays. */
void	 reply_clear(struct reply *);

#endif
