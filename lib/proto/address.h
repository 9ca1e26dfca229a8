/*
 * What kind of network an address belongs to.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_ADDRESS_H
#define PROTO_ADDRESS_H

#include <sys/socket.h>

/* Each allows what those before it allow. */
enum address_class {
	ADDRESS_PUBLIC,
	ADDRESS_PRIVATE,	/* RFC 1918 and its kin, unique local */
	ADDRESS_LOOPBACK,	/* 127/8, ::1 */
	ADDRESS_NEVER		/* link-local, multicast, reserved, no IP */
};

/* An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) counts as itself. */
enum address_class address_class(const struct sockaddr *sa);

#endif
