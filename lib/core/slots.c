/*
 * How many calls of this node wait for one backend: slots in a shared file.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/slots.h"

/* How often a waiting call looks again. */
#define LOOK_MS		10
/* A byte counts these, modulo 256: ages of up to 25 s can be told. */
#define UNIT_MS		100

/*
 * An OFD lock belongs to the open file, so this worker's own locks do not
 * keep it out: it may have one call in the air only.
 */
struct slots {
	int	fd;
	int	per;
	int	held;		/* offset of the byte; -1: none */
};

struct slots *
slots_open(const char *dir, int per, struct err *e)
{
	struct slots	*s;
	char		 path[PATH_MAX];
	int		 fd, n;

	assert(per > 0);
	n = snprintf(path, sizeof(path), "%s/slots", dir);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		err_set(e, ERR_CONFIG,
		    "slots: the name of the folder is too long");
		return NULL;
	}
	/* Never truncated: other workers hold locks in it, and their times. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd == -1) {
		err_set(e, ERR_CONFIG, "%s: %s", path, strerror(errno));
		return NULL;
	}
	s = xcalloc(1, sizeof(*s));
	s->fd = fd;
	s->per = per;
	s->held = -1;
	return s;
}

/* Closing the file gives back what is still held, as a killed worker does. */
void
slots_close(struct slots *s)
{
	if (s == NULL)
		return;
	close(s->fd);
	free(s);
}

static int
lock_byte(const struct slots *s, int offset, short type)
{
	/* l_pid must be 0 for a lock of an open file. */
	struct flock	fl = {
		.l_type = type, .l_whence = SEEK_SET,
		.l_start = offset, .l_len = 1
	};

	return fcntl(s->fd, F_OFD_SETLK, &fl);
}

static unsigned char
now_units(void)
{
	/* Monotonic time is one and the same for all processes of a node. */
	return (unsigned char)(clock_mono_ms() / UNIT_MS);
}

/* 1: taken, 0: held by another, -1. */
static int
take(struct slots *s, int offset, struct err *e)
{
	unsigned char	start = now_units();

	if (lock_byte(s, offset, F_WRLCK) == -1) {
		if (errno == EAGAIN || errno == EACCES)
			return 0;
		return err_set(e, ERR_SYSTEM, "slots: %s", strerror(errno));
	}
	/* The lock counts; without its time others wait longer, or less. */
	if (pwrite(s->fd, &start, 1, offset) != 1)
		log_warn("slots: cannot note a time");
	s->held = offset;
	return 1;
}

/*
 * Are all holders older than that?  A slot whose holder has it this instant
 * may still show the time of the one before; at worst its byte makes a fifth
 * call give up on a server on which three others hang.
 */
static bool
all_older(const struct slots *s, int first, int ms)
{
	unsigned char	age, now = now_units(), start;
	int		i;

	for (i = 0; i < s->per; i++) {
		if (pread(s->fd, &start, 1, first + i) != 1)
			return false;
		age = (unsigned char)(now - start);
		/* Two times a unit apart may be an instant apart. */
		if ((age - 1) * UNIT_MS < ms)
			return false;
	}
	return true;
}

int
slots_enter(struct slots *s, int backend_slot, int wait_ms, struct err *e)
{
	const struct timespec	pause = { 0, LOOK_MS * 1000000L };
	int64_t			deadline = clock_mono_ms() + wait_ms;
	int			first, i, rc;

	/* One call at a time: a second lock of the same byte would succeed. */
	assert(s->held == -1);
	assert(backend_slot >= 0 && backend_slot < INT_MAX / s->per);
	first = backend_slot * s->per;
	for (;;) {
		for (i = 0; i < s->per; i++) {
			if ((rc = take(s, first + i, e)) == -1)
				return -1;
			if (rc == 1)
				return first + i;
		}
		if (clock_left_ms(deadline) == 0 ||
		    all_older(s, first, wait_ms))
			return err_set(e, ERR_BUSY,
			    "%d calls wait for this server already", s->per);
		/* A signal only makes it look earlier. */
		nanosleep(&pause, NULL);
	}
}

void
slots_leave(struct slots *s, int handle)
{
	assert(handle >= 0 && handle == s->held);
	if (lock_byte(s, handle, F_UNLCK) == -1)
		log_warn("slots: cannot give one back");
	s->held = -1;
}
