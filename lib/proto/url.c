/*
 * Escapes, paths and server addresses: every byte is judged by one table.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define API_PATH "/bigbluebutton/api/"

/* RFC 3986 unreserved: what an escape never touches. */
static bool
is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
	    c == '~';
}

static void
encode(struct buf *out, const char *p, size_t len, const char *blank)
{
	static const char	 digits[] = "0123456789ABCDEF";
	char			 esc[3] = "%";
	size_t			 i, run = 0;
	unsigned char		 c;

	/* Clean bytes are added by the run, not one by one. */
	for (i = 0; i < len; i++) {
		c = (unsigned char)p[i];
		if (is_unreserved(c))
			continue;
		buf_add(out, p + run, i - run);
		run = i + 1;
		if (c == ' ') {
			buf_adds(out, blank);
			continue;
		}
		esc[1] = digits[c >> 4];
		esc[2] = digits[c & 15];
		buf_add(out, esc, sizeof(esc));
	}
	buf_add(out, p + run, len - run);
}

void
url_encode(struct buf *out, const char *p, size_t len)
{
	encode(out, p, len, "+");
}

void
url_encode_path(struct buf *out, const char *p, size_t len)
{
	encode(out, p, len, "%20");
}

int
url_hexdigit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

size_t
url_decode_into(char *dst, struct view v, bool plus)
{
	const char	*p = v.p, *end = v.p + v.len;
	char		*d = dst;
	int		 hi, lo;

	while (p < end) {
		if (*p == '%' && end - p > 2 &&
		    (hi = url_hexdigit(p[1])) >= 0 &&
		    (lo = url_hexdigit(p[2])) >= 0) {
			*d++ = (char)(hi << 4 | lo);
			p += 3;
		} else if (*p == '+' && plus) {
			*d++ = ' ';
			p++;
		} else
			*d++ = *p++;
	}
	*d = '\0';
	return (size_t)(d - dst);
}

char *
url_decode(struct arena *a, struct view v, bool plus, size_t *outlen)
{
	char	*s = arena_alloc(a, v.len + 1);
	size_t	 len = url_decode_into(s, v, plus);

	if (outlen != NULL)
		*outlen = len;
	return s;
}

/* A control character of ASCII or, in UTF-8, of U+0080 to U+009F. */
static bool
has_control(const char *s, size_t len)
{
	size_t	i;

	for (i = 0; i < len; i++) {
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return true;
		if (s[i] == '\xc2' && i + 1 < len &&
		    (unsigned char)s[i + 1] < 0xa0)
			return true;
	}
	return false;
}

/* In place; the path only becomes shorter. */
static void
collapse_slashes(char *path)
{
	char	*r, *w = path;

	for (r = path; *r != '\0'; r++)
		if (*r != '/' || w == path || w[-1] != '/')
			*w++ = *r;
	*w = '\0';
}

/* Others resolve these, so the path would not mean the same to them. */
static bool
has_dot_segment(const char *path)
{
	const char	*p = path;
	size_t		 len;

	while (p != NULL) {
		p += *p == '/';
		len = strcspn(p, "/");
		if ((len == 1 && p[0] == '.') ||
		    (len == 2 && p[0] == '.' && p[1] == '.'))
			return true;
		p = strchr(p, '/');
	}
	return false;
}

int
url_path(struct arena *a, const char *raw, char **path, struct err *e)
{
	struct view	 v = { raw, strlen(raw) };
	size_t		 len;
	char		*s;

	/* Judged after decoding, so that %2e%2e%2f is no way around. */
	s = url_decode(a, v, false, &len);
	if (s[0] != '/')
		return err_set(e, ERR_INPUT,
		    "the path does not begin with a slash");
	if (has_control(s, len))
		return err_set(e, ERR_INPUT,
		    "the path holds a control character");
	if (!str_utf8_valid(s, len))
		return err_set(e, ERR_INPUT, "the path is not UTF-8");
	collapse_slashes(s);
	if (has_dot_segment(s))
		return err_set(e, ERR_INPUT,
		    "the path holds a \".\" or \"..\" segment");
	*path = s;
	return 0;
}

/* The length of "http://" or "https://" in front, any case; 0: neither. */
static size_t
scheme_len(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0)
		return 7;
	if (strncasecmp(url, "https://", 8) == 0)
		return 8;
	return 0;
}

/* "host", "host:port", "[v6]:port": enough to be put before a path. */
static bool
authority_ok(const char *s, size_t len)
{
	static const char	 name[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	size_t			 host, digits;

	if (s[0] == '[') {
		host = 1 + strspn(s + 1, "0123456789abcdefABCDEF:.");
		if (host < 3 || s[host++] != ']')
			return false;
	} else if ((host = strspn(s, name)) == 0)
		return false;
	if (host == len)
		return true;
	if (s[host] != ':')
		return false;
	digits = strspn(s + host + 1, "0123456789");
	return digits > 0 && digits < 6 && host + 1 + digits == len &&
	    atoi(s + host + 1) > 0 && atoi(s + host + 1) <= 65535;
}

/* The path of an address made to end in API_PATH; NULL with e set. */
static char *
backend_path(struct arena *a, const char *typed, struct err *e)
{
	static const char	 ok[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/%";
	char			*s, *p;

	if (typed[strspn(typed, ok)] != '\0') {
		err_set(e, ERR_INPUT, "the path of the address holds a"
		    " character that does not belong there");
		return NULL;
	}
	s = arena_printf(a, "%s/", typed);
	collapse_slashes(s);
	if (has_dot_segment(s)) {
		err_set(e, ERR_INPUT, "the path of the address holds a \".\""
		    " or \"..\" segment");
		return NULL;
	}
	if ((p = strstr(s, "/bigbluebutton/")) == NULL)
		return arena_printf(a, "%.*s" API_PATH, (int)strlen(s) - 1,
		    s);
	if (strcmp(p, "/bigbluebutton/") == 0)
		return arena_printf(a, "%sapi/", s);
	if (strcmp(p, API_PATH) == 0)
		return s;
	err_set(e, ERR_INPUT, "the path of the address goes on after"
	    " /bigbluebutton/api");
	return NULL;
}

/*
 * One form for each server, so that it is found again by comparing bytes:
 * scheme and host in lower case, slashes once, the path whole.
 */
int
url_backend(struct arena *a, const char *typed, char **url, struct err *e)
{
	struct view	 v = { typed, strlen(typed) };
	const char	*rest;
	char		*s, *path, *p;
	size_t		 scheme, len;

	v = str_trim(v);
	s = arena_memdup(a, v.p, v.len);
	if ((scheme = scheme_len(s)) == 0)
		return err_set(e, ERR_INPUT, "the address does not begin with"
		    " http:// or https://");
	if (strpbrk(s, "?#") != NULL)
		return err_set(e, ERR_INPUT, "the address holds a query or a"
		    " fragment");
	rest = s + scheme;
	len = strcspn(rest, "/");
	if (memchr(rest, '@', len) != NULL)
		return err_set(e, ERR_INPUT, "the address holds a user");
	if (!authority_ok(rest, len))
		return err_set(e, ERR_INPUT,
		    "the address has no valid host and port");
	if ((path = backend_path(a, rest + len, e)) == NULL)
		return -1;
	for (p = s; p < rest + len; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	*url = arena_printf(a, "%.*s%s", (int)(scheme + len), s, path);
	return 0;
}

bool
url_is_http(const char *url)
{
	const char	*p;
	size_t		 scheme;

	if ((scheme = scheme_len(url)) == 0)
		return false;
	/* A header or a page takes it: nothing may end it early there. */
	for (p = url; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f ||
		    strchr("\"<>\\", *p) != NULL)
			return false;
	return url[scheme] != '\0' && strchr("/?#:@", url[scheme]) == NULL;
}
