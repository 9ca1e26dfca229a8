/*
 * The answers that we make ourselves, in BBB's form.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_GATEWAY_REPLY_H
#define CORE_GATEWAY_REPLY_H

#include "core/gateway/call.h"
#include "proto/bbb.h"
#include "proto/client.h"
#include "proto/xmlout.h"

#define REPLY_XML "text/xml;charset=utf-8"

/*
 * Begins a whole XML reply: `<response><returncode>SUCCESS</returncode>` is
 * written, more may follow, reply_end closes it.
 */
void		reply_begin(struct call *c, struct xmlout *x);
enum verdict	reply_end(struct call *c, struct xmlout *x);
/* returncode FAILED with BBB's messageKey and message, HTTP 200. */
enum verdict	reply_failed(struct call *c, const char *key,
		    const char *message);
/* The same in JSON, as the text track calls have it (bbb-api 7.5, 7.6). */
enum verdict	reply_failed_json(struct call *c, const char *key,
		    const char *message);
/* The error of a request that makes BBB servers stumble (HTTP 500). */
void		reply_stumbled(struct err *e);
/*
 * An error as this call's caller should get it: XML, or for a browser that
 * must wait (database away, server failed) the waiting page.
 */
void		reply_error(struct call *c, const struct err *e);
/*
 * The waiting page of a join with this HTTP status, or, once it has waited for
 * wait_max, the page that says so.
 */
void		reply_wait(struct call *c, int status);
/* The headers of every answer to a BBB call. */
void		reply_headers(struct call *c);

/* A server's own words become the reply; takes the body of res over. */
void		reply_foreign(struct call *c, struct client_res *res,
		    const struct bbb_reply *r);

#endif
