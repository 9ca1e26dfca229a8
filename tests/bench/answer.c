/*
 * One HTTP answer: whether it is whole, and what it says.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The end of the head; NULL: it has not arrived. */
static const char *
head_end(const struct buf *raw)
{
	const char	*end;

	if (raw->len == 0)
		return NULL;
	end = memmem(raw->data, raw->len, "\r\n\r\n", 4);
	return end == NULL ? NULL : end + 4;
}

/* The value of a header; NULL: not there. */
static const char *
header(const struct buf *raw, const char *end, const char *name)
{
	const char	*p = raw->data;
	size_t		 len = strlen(name);

	while ((p = memmem(p, (size_t)(end - p), "\r\n", 2)) != NULL) {
		p += 2;
		if (strncasecmp(p, name, len) == 0 && p[len] == ':') {
			p += len + 1;
			return p + strspn(p, " ");
		}
	}
	return NULL;
}

bool
answer_whole(const struct buf *raw, bool eof)
{
	static const char	last[] = "0\r\n\r\n";
	const char		*end = head_end(raw), *value;
	size_t			 body;

	if (end == NULL)
		return false;
	body = raw->len - (size_t)(end - raw->data);
	if ((value = header(raw, end, "Content-Length")) != NULL)
		return body >= strtoul(value, NULL, 10);
	/* The answers are small: their last chunk ends the last packet. */
	if (header(raw, end, "Transfer-Encoding") != NULL)
		return body >= sizeof(last) - 1 && memcmp(raw->data +
		    raw->len - (sizeof(last) - 1), last, sizeof(last) - 1) == 0;
	return eof;
}

int
answer_status(const struct buf *raw)
{
	int	status;

	if (sscanf(buf_str(raw), "HTTP/1.%*c %d", &status) != 1)
		return 0;
	return status;
}

bool
answer_closes(const struct buf *raw)
{
	const char	*end = head_end(raw), *value;

	if (end == NULL)
		return true;
	value = header(raw, end, "Connection");
	return value != NULL && strncasecmp(value, "close", 5) == 0;
}

void
answer_word(const struct buf *raw, const char *element,
    char word[ANSWER_WORD])
{
	char		 tag[ANSWER_WORD];
	const char	*p;
	size_t		 n = 0;

	snprintf(tag, sizeof(tag), "<%s>", element);
	if ((p = strstr(buf_str(raw), tag)) != NULL)
		for (p += strlen(tag); *p != '<' && *p != '\0' &&
		    n < ANSWER_WORD - 1; p++)
			word[n++] = isspace((unsigned char)*p) ? ' ' : *p;
	if (n == 0)
		word[n++] = '-';
	word[n] = '\0';
}
