/*
 * Tests of proto/address: which addresses are whose.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include "unit.h"

static const struct {
	const char		*text;
	enum address_class	 class;
} cases[] = {
	{ "0.0.0.0",		ADDRESS_NEVER },
	{ "0.1.2.3",		ADDRESS_NEVER },
	{ "169.254.169.254",	ADDRESS_NEVER },
	{ "224.0.0.1",		ADDRESS_NEVER },
	{ "240.0.0.1",		ADDRESS_NEVER },
	{ "255.255.255.255",	ADDRESS_NEVER },
	{ "127.0.0.1",		ADDRESS_LOOPBACK },
	{ "127.255.255.254",	ADDRESS_LOOPBACK },
	{ "10.0.0.1",		ADDRESS_PRIVATE },
	{ "172.16.0.1",		ADDRESS_PRIVATE },
	{ "172.31.255.255",	ADDRESS_PRIVATE },
	{ "192.168.1.1",	ADDRESS_PRIVATE },
	{ "100.64.0.1",		ADDRESS_PRIVATE },
	{ "100.127.255.255",	ADDRESS_PRIVATE },
	{ "192.0.0.8",		ADDRESS_PRIVATE },
	{ "198.19.0.1",		ADDRESS_PRIVATE },
	{ "1.1.1.1",		ADDRESS_PUBLIC },
	{ "9.255.255.255",	ADDRESS_PUBLIC },
	{ "11.0.0.0",		ADDRESS_PUBLIC },
	{ "126.255.255.255",	ADDRESS_PUBLIC },
	{ "128.0.0.1",		ADDRESS_PUBLIC },
	{ "172.15.255.255",	ADDRESS_PUBLIC },
	{ "172.32.0.0",		ADDRESS_PUBLIC },
	{ "169.253.1.1",	ADDRESS_PUBLIC },
	{ "100.128.0.1",	ADDRESS_PUBLIC },
	{ "223.255.255.255",	ADDRESS_PUBLIC },
	{ "::",			ADDRESS_NEVER },
	{ "::10.0.0.1",		ADDRESS_NEVER },
	{ "fe80::1",		ADDRESS_NEVER },
	{ "fec0::1",		ADDRESS_NEVER },
	{ "ff02::1",		ADDRESS_NEVER },
	{ "4000::1",		ADDRESS_NEVER },
	{ "::1",		ADDRESS_LOOPBACK },
	{ "::ffff:127.0.0.1",	ADDRESS_LOOPBACK },
	{ "::ffff:169.254.1.1",	ADDRESS_NEVER },
	{ "::ffff:10.1.1.1",	ADDRESS_PRIVATE },
	{ "::ffff:8.8.8.8",	ADDRESS_PUBLIC },
	{ "64:ff9b::7f00:1",	ADDRESS_LOOPBACK },
	{ "64:ff9b::808:808",	ADDRESS_PUBLIC },
	{ "2002:7f00:1::1",	ADDRESS_LOOPBACK },
	{ "2002:a00:1::1",	ADDRESS_PRIVATE },
	{ "fc00::1",		ADDRESS_PRIVATE },
	{ "fdff::1",		ADDRESS_PRIVATE },
	{ "2001:db8::1",	ADDRESS_PUBLIC },
	{ "2a00::1",		ADDRESS_PUBLIC },
};

START_TEST(each_address_has_its_class)
{
	struct sockaddr_in	in = { .sin_family = AF_INET };
	struct sockaddr_in6	in6 = { .sin6_family = AF_INET6 };
	enum address_class	got;
	size_t			i;

	for (i = 0; i < COUNT(cases); i++) {
		if (inet_pton(AF_INET, cases[i].text, &in.sin_addr) == 1)
			got = address_class((struct sockaddr *)&in);
		else {
			ck_assert_int_eq(inet_pton(AF_INET6, cases[i].text,
			    &in6.sin6_addr), 1);
			got = address_class((struct sockaddr *)&in6);
		}
		ck_assert_msg(got == cases[i].class, "%s: %d, not %d",
		    cases[i].text, (int)got, (int)cases[i].class);
	}
}
END_TEST

START_TEST(no_ip_is_never_called)
{
	struct sockaddr_un	un = { .sun_family = AF_UNIX };

	ck_assert_int_eq(address_class((struct sockaddr *)&un),
	    ADDRESS_NEVER);
}
END_TEST

int
main(void)
{
	const TTest *const	tests[] = {
		each_address_has_its_class, no_ip_is_never_called,
	};

	return unit_run("address", tests, COUNT(tests));
}
