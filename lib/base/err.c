/*
 * What went wrong, and what it is called at each of our interfaces.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static const struct {
	int		 http;
	const char	*key;
	int		 status;
} codes[ERR__MAX] = {
#define X(symbol, http, key, status) [symbol] = { http, key, status },
	ERR_CODES(X)
#undef X
};

/* A text that was cut must not end in half a character: it goes into XML. */
static void
end_text(char *text, size_t size, int wanted)
{
	if (wanted < 0)
		text[0] = '\0';
	else if ((size_t)wanted >= size)
		text[str_utf8_cut(text, size - 1)] = '\0';
}

/* By way of a copy, since an argument may be e->text itself. */
static void __attribute__((format(printf, 2, 0)))
set_text(struct err *e, const char *fmt, va_list ap)
{
	char	text[sizeof(e->text)];

	end_text(text, sizeof(text), vsnprintf(text, sizeof(text), fmt, ap));
	memcpy(e->text, text, strlen(text) + 1);
}

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list	ap;

	assert(code > ERR_NONE && code < ERR__MAX);
	e->code = code;
	e->key = codes[code].key;
	va_start(ap, fmt);
	set_text(e, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_key(struct err *e, enum err_code code, const char *key,
    const char *fmt, ...)
{
	va_list	ap;

	assert(code > ERR_NONE && code < ERR__MAX);
	e->code = code;
	e->key = key;
	va_start(ap, fmt);
	set_text(e, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_note(struct err *e, const char *fmt, ...)
{
	char	text[sizeof(e->text)];
	int	n, m;
	va_list	ap;

	assert(e->code != ERR_NONE);
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	end_text(text, sizeof(text), n);
	n = (int)strlen(text);
	m = snprintf(text + n, sizeof(text) - (size_t)n, ": %s", e->text);
	end_text(text, sizeof(text), n + m);
	memcpy(e->text, text, strlen(text) + 1);
	return -1;
}

void
err_clear(struct err *e)
{
	e->code = ERR_NONE;
	e->key = codes[ERR_NONE].key;
	e->text[0] = '\0';
}

int
err_http(enum err_code code)
{
	return codes[code].http;
}

int
err_exit(enum err_code code)
{
	return codes[code].status;
}
