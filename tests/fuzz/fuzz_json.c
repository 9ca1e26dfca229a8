/*
 * JSON bodies: what is taken is what the record lets be written, and writing
 * it and reading it again changes nothing.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <string.h>

#include "proto/json.h"
#include "proto/resource.h"

static void
check_input(const struct record *r, json_t *j, const char *text, size_t len)
{
	struct err	 e = ERR_INIT;
	struct buf	 first = { NULL, 0, 0 }, second = { NULL, 0, 0 };
	json_t		*in, *again, *out;

	if (json_input(r, j, text, len, &in, &e) == -1) {
		HOLDS(e.code == ERR_INPUT && e.text[0] != '\0');
		return;
	}
	json_write(&first, in);
	HOLDS(json_parse(first.data, first.len, &again, &e) == 0);
	HOLDS(json_input(r, again, first.data, first.len, &out, &e) == 0);
	json_write(&second, out);
	HOLDS(strcmp(buf_str(&first), buf_str(&second)) == 0);
	json_decref(in);
	json_decref(again);
	json_decref(out);
	buf_free(&first);
	buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char	*text = (const char *)data;
	struct err	 e = ERR_INIT;
	json_t		*j;

	if (json_parse(text, len, &j, &e) == 0) {
		check_input(frontend_record(), j, text, len);
		check_input(backend_record(), j, text, len);
		check_input(reservation_record(), j, text, len);
		json_decref(j);
	} else
		HOLDS(e.code == ERR_INPUT && e.text[0] != '\0');
	return 0;
}
