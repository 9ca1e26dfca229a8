/*
 * The protocol of sd_notify(3): a datagram to a socket of systemd's.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

void
notify(const char *state)
{
	const char		*path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un	 sa = { .sun_family = AF_UNIX };
	socklen_t		 len;
	int			 fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    str_copy(sa.sun_path, sizeof(sa.sun_path), path) == -1)
		return;
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(path));
	if (path[0] == '@')		/* a name in the abstract space */
		sa.sun_path[0] = '\0';
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1) {
		log_warn("socket");
		return;
	}
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (struct sockaddr *)&sa, len) == -1)
		log_debug("systemd does not listen");
	close(fd);
}

/* Half, so that one that comes late is not too late. */
int
notify_watchdog_ms(void)
{
	const char	*text = getenv("WATCHDOG_USEC");
	long long	 usec;

	if (text == NULL || str_to_ll(text, &usec) == -1 || usec <= 0 ||
	    usec / 2000 > 1000000)
		return 0;
	return (int)(usec / 2000);
}
