/*
 * One TCP port that speaks HTTP: a libmicrohttpd daemon in our own loop.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_PORT_H
#define BBBSIM_PORT_H

#include <microhttpd.h>
#include <stdbool.h>

#include "loop.h"

/* What libmicrohttpd calls, all with cls first. */
struct port_calls {
	void	*(*begin)(void *cls, const char *uri, struct MHD_Connection *);
	MHD_AccessHandlerCallback	 access;
	MHD_RequestCompletedCallback	 completed;
};

struct port {
	struct loop			*loop;
	const struct port_calls		*calls;
	void				*cls;
	struct watch			 watch;
	struct MHD_Daemon		*daemon;	/* NULL: refuses */
	int				 fd;		/* bound all the time */
	unsigned			 number;
};

/*
 * Binds the address and port (0: the kernel chooses) and sets number; ends
 * the program where that fails. loop, calls and cls have been filled in.
 */
void	 port_bind(struct port *, const char *address, unsigned number);
/* Listens and serves. */
void	 port_serve(struct port *);
/*
 * Cuts every connection and refuses new ones; the port stays ours. Requests
 * that were suspended must have been resumed.
 */
void	 port_refuse(struct port *);
/* Has the daemon look at its connections soon, after a resume. */
void	 port_poke(struct port *);
unsigned port_connections(const struct port *);
void	 port_close(struct port *);

#endif
