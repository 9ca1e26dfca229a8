/*
 * Tells systemd how the agent is, where systemd asks for that.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_NOTIFY_H
#define AGENT_NOTIFY_H

/* E.g. "READY=1" or "STATUS=..."; nothing happens without NOTIFY_SOCKET. */
void	notify(const char *state);
/* Half of what the watchdog allows, in milliseconds; 0: there is none. */
int	notify_watchdog_ms(void);

#endif
