/*
 * Bytes go to a buffer until there are too many, then to a nameless file.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

struct spool {
	char		*dir;
	size_t		 memory_max;
	struct buf	 mem;
	int		 fd;		/* -1 while all is in mem */
	long long	 len;
};

struct spool *
spool_new(const char *dir, size_t memory_max)
{
	struct spool	*s = xcalloc(1, sizeof(*s));

	s->dir = xstrdup(dir);
	s->memory_max = memory_max;
	s->fd = -1;
	return s;
}

void
spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->fd != -1)
		close(s->fd);
	buf_free(&s->mem);
	free(s->dir);
	free(s);
}

/* File systems without O_TMPFILE get a name for the blink of an eye. */
static int
open_nameless(const char *dir)
{
	char	*path;
	int	 fd;

	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	path = xmalloc(strlen(dir) + sizeof("/spool.XXXXXX"));
	sprintf(path, "%s/spool.XXXXXX", dir);
	if ((fd = mkostemp(path, O_CLOEXEC)) != -1)
		unlink(path);
	free(path);
	return fd;
}

static int
file_append(struct spool *s, const char *p, size_t len, struct err *e)
{
	ssize_t	n;

	while (len > 0) {
		n = pwrite(s->fd, p, len, (off_t)s->len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_set(e, ERR_SYSTEM, "spool in %s: %s",
			    s->dir, strerror(errno));
		p += n;
		len -= (size_t)n;
		s->len += n;
	}
	return 0;
}

static int
move_to_file(struct spool *s, struct err *e)
{
	if ((s->fd = open_nameless(s->dir)) == -1)
		return err_set(e, ERR_SYSTEM, "spool in %s: %s", s->dir,
		    strerror(errno));
	s->len = 0;
	if (file_append(s, buf_str(&s->mem), s->mem.len, e) != 0)
		return -1;
	buf_free(&s->mem);
	return 0;
}

/* Once in the file it stays there: nothing is ever taken back. */
int
spool_write(struct spool *s, const void *p, size_t len, struct err *e)
{
	if (s->fd == -1 && len > s->memory_max - s->mem.len &&
	    move_to_file(s, e) != 0)
		return -1;
	if (s->fd != -1)
		return file_append(s, p, len, e);
	buf_add(&s->mem, p, len);
	s->len += (long long)len;
	return 0;
}

long long
spool_len(const struct spool *s)
{
	return s->len;
}

/* May be less than was asked for, as read(2). */
long long
spool_read(struct spool *s, long long offset, void *p, size_t len,
    struct err *e)
{
	ssize_t	n;

	if (offset >= s->len)
		return 0;
	if (s->fd == -1) {
		if (len > (size_t)(s->len - offset))
			len = (size_t)(s->len - offset);
		memcpy(p, s->mem.data + offset, len);
		return (long long)len;
	}
	do
		n = pread(s->fd, p, len, (off_t)offset);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return err_set(e, ERR_SYSTEM, "spool in %s: %s", s->dir,
		    strerror(errno));
	return n;
}

const char *
spool_data(const struct spool *s)
{
	return s->fd == -1 ? buf_str(&s->mem) : NULL;
}
