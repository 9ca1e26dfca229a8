/*
 * What kind of network an address belongs to.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/address.h"

#include <netinet/in.h>

#include <stdint.h>
#include <string.h>

/* The first that matches counts. */
static const struct {
	unsigned char		net[4];
	unsigned int		bits;
	enum address_class	class;
} ipv4[] = {
	{ { 0, 0, 0, 0 },	8,	ADDRESS_NEVER },
	{ { 10, 0, 0, 0 },	8,	ADDRESS_PRIVATE },
	{ { 100, 64, 0, 0 },	10,	ADDRESS_PRIVATE },
	{ { 127, 0, 0, 0 },	8,	ADDRESS_LOOPBACK },
	{ { 169, 254, 0, 0 },	16,	ADDRESS_NEVER },
	{ { 172, 16, 0, 0 },	12,	ADDRESS_PRIVATE },
	{ { 192, 0, 0, 0 },	24,	ADDRESS_PRIVATE },
	{ { 192, 168, 0, 0 },	16,	ADDRESS_PRIVATE },
	{ { 198, 18, 0, 0 },	15,	ADDRESS_PRIVATE },
	{ { 224, 0, 0, 0 },	3,	ADDRESS_NEVER },
};

static uint32_t
word(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static enum address_class
class_of_v4(const unsigned char *p)
{
	size_t	i;

	for (i = 0; i < sizeof(ipv4) / sizeof(ipv4[0]); i++)
		if ((word(p) ^ word(ipv4[i].net)) >> (32 - ipv4[i].bits) == 0)
			return ipv4[i].class;
	return ADDRESS_PUBLIC;
}

/* Forms that carry an IPv4 address are judged by that one: they lead there. */
static enum address_class
class_of_v6(const unsigned char *p)
{
	static const unsigned char	zero[16],
	    mapped[12] = { [10] = 0xff, [11] = 0xff },
	    nat64[12] = { 0x00, 0x64, 0xff, 0x9b },
	    loopback[16] = { [15] = 1 };

	if (memcmp(p, loopback, 16) == 0)
		return ADDRESS_LOOPBACK;
	if (memcmp(p, mapped, 12) == 0 || memcmp(p, nat64, 12) == 0)
		return class_of_v4(p + 12);
	if (memcmp(p, zero, 12) == 0)	/* unspecified, or IPv4-compatible */
		return ADDRESS_NEVER;
	if (p[0] == 0x20 && p[1] == 0x02)
		return class_of_v4(p + 2);
	if ((p[0] & 0xfe) == 0xfc)
		return ADDRESS_PRIVATE;
	/* what is no global unicast: link-local, site-local, multicast ... */
	return (p[0] & 0xe0) == 0x20 ? ADDRESS_PUBLIC : ADDRESS_NEVER;
}

enum address_class
address_class(const struct sockaddr *sa)
{
	struct sockaddr_in	in;
	struct sockaddr_in6	in6;

	switch (sa->sa_family) {
	case AF_INET:
		memcpy(&in, sa, sizeof(in));
		return class_of_v4((const unsigned char *)&in.sin_addr);
	case AF_INET6:
		memcpy(&in6, sa, sizeof(in6));
		return class_of_v6(in6.sin6_addr.s6_addr);
	default:
		return ADDRESS_NEVER;
	}
}
