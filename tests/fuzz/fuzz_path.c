/*
 * Request paths, and server addresses: what comes out has one shape only.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <string.h>

#include "proto/url.h"

static void
check_path(struct arena *a, const char *raw)
{
	struct err	 e = ERR_INIT;
	char		*path, *slashed;

	if (url_path(a, raw, &path, &e) != 0) {
		HOLDS(e.code == ERR_INPUT && e.text[0] != '\0');
		return;
	}
	HOLDS(path[0] == '/');
	HOLDS(strlen(path) <= strlen(raw));
	HOLDS(str_utf8_valid(path, strlen(path)));
	HOLDS(strstr(path, "//") == NULL);
	slashed = arena_printf(a, "%s/", path);
	HOLDS(strstr(slashed, "/../") == NULL);
	HOLDS(strstr(slashed, "/./") == NULL);
	for (; *path != '\0'; path++)
		HOLDS((unsigned char)*path >= ' ' && *path != 0x7f);
}

static void
check_backend(struct arena *a, const char *typed)
{
	static const char	end[] = "/bigbluebutton/api/";
	struct err		e = ERR_INIT;
	char			*url, *again;

	if (url_backend(a, typed, &url, &e) != 0) {
		HOLDS(e.code == ERR_INPUT && e.text[0] != '\0');
		return;
	}
	HOLDS(str_starts(url, "http://") || str_starts(url, "https://"));
	HOLDS(strlen(url) > sizeof(end));
	HOLDS(strcmp(url + strlen(url) - (sizeof(end) - 1), end) == 0);
	HOLDS(strpbrk(url, "?# \r\n\"<>\\") == NULL);
	HOLDS(url_is_http(url));
	HOLDS(url_backend(a, url, &again, &e) == 0);
	HOLDS(strcmp(url, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena	*a = arena_new();
	char		*s = arena_memdup(a, data, len);

	check_path(a, s);
	check_backend(a, s);
	check_backend(a, arena_printf(a, "https://h%s", s));
	arena_free(a);
	return 0;
}
