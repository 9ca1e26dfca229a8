/*
 * FastCGI records as a web server sends and reads them, made by hand.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef TEST_RECORD_H
#define TEST_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define RECORD_KEEP	true	/* keep the connection open */

/* Append to what will be sent. */
void	record_begin(struct buf *to, bool keep);
/* NULL-ended "NAME=value" strings, and the empty record that ends them. */
void	record_params(struct buf *to, const char *const *env);
/* Of any length, in records of at most 8,000 bytes. */
void	record_stdin(struct buf *to, const char *p, size_t len);
void	record_stdin_end(struct buf *to);

/*
 * Takes the stream of stdout out of what came back.  True: it was ended by
 * an end-of-request record.
 */
bool	record_stdout(const struct buf *from, struct buf *out);

#endif
