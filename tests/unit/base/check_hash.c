/*
 * Tests of base/hash: pointers found by a key.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct item {
	char	 key[24];
	bool	 in;		/* what the hash should say */
	int	 seen;
};

static struct hash	*h;

static void
setup(void)
{
	h = hash_new();
}

static void
teardown(void)
{
	hash_free(h);
}

static struct item *
items_new(size_t n)
{
	struct item	*items = calloc(n, sizeof(*items));
	size_t		 i;

	ck_assert_ptr_nonnull(items);
	for (i = 0; i < n; i++)
		snprintf(items[i].key, sizeof(items[i].key), "meeting-%zu", i);
	return items;
}

static void *
put(struct item *it)
{
	it->in = true;
	return hash_put(h, it->key, strlen(it->key), it);
}

static void *
del(struct item *it)
{
	it->in = false;
	return hash_del(h, it->key, strlen(it->key));
}

static void
see(void *value, void *ctx)
{
	struct item	*it = value;

	it->seen++;
	(*(size_t *)ctx)++;
}

/* By get, len and each: what is in is found, what is not is not. */
static void
assert_exactly(struct item *items, size_t n)
{
	size_t	i, in = 0, seen = 0;
	void	*want;

	for (i = 0; i < n; i++) {
		want = items[i].in ? &items[i] : NULL;
		in += items[i].in;
		items[i].seen = 0;
		ck_assert_ptr_eq(hash_get(h, items[i].key,
		    strlen(items[i].key)), want);
	}
	ck_assert_uint_eq(hash_len(h), in);
	hash_each(h, see, &seen);
	ck_assert_uint_eq(seen, in);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(items[i].seen, items[i].in);
}

START_TEST(a_value_is_never_null)
{
	hash_put(h, "k", 1, NULL);
}
END_TEST

START_TEST(nothing_is_in_an_empty_one)
{
	size_t	seen = 0;

	hash_free(NULL);
	ck_assert_uint_eq(hash_len(h), 0);
	ck_assert_ptr_null(hash_get(h, "a", 1));
	ck_assert_ptr_null(hash_get(h, NULL, 0));
	ck_assert_ptr_null(hash_del(h, "a", 1));
	hash_each(h, see, &seen);
	ck_assert_uint_eq(seen, 0);
}
END_TEST

START_TEST(what_was_deleted_is_gone)
{
	char	v = 0;

	hash_put(h, "key", 3, &v);
	ck_assert_ptr_null(hash_del(h, "ke", 2));
	ck_assert_ptr_null(hash_del(h, "kez", 3));
	ck_assert_ptr_eq(hash_del(h, "key", 3), &v);
	ck_assert_ptr_null(hash_get(h, "key", 3));
	ck_assert_ptr_null(hash_del(h, "key", 3));
	ck_assert_uint_eq(hash_len(h), 0);
}
END_TEST

/* The old key may be freed with its value: ours must be the new one. */
START_TEST(put_replaces_value_and_key)
{
	char	old_key[] = "same", new_key[] = "same", v[2] = "";

	ck_assert_ptr_null(hash_put(h, old_key, 4, &v[0]));
	ck_assert_ptr_eq(hash_put(h, new_key, 4, &v[1]), &v[0]);
	memset(old_key, 'x', sizeof(old_key));
	ck_assert_ptr_eq(hash_get(h, "same", 4), &v[1]);
	ck_assert_uint_eq(hash_len(h), 1);
}
END_TEST

START_TEST(keys_are_bytes)
{
	/* beginnings of each other, with zeroes, empty, around the words */
	static const struct {
		const char	*p;
		size_t		 len;
	} keys[] = {
		{ "", 0 }, { "\0", 1 }, { "\0\0", 2 }, { "a", 1 },
		{ "a\0", 2 }, { "a\0b", 3 }, { "ab", 2 }, { "1234567", 7 },
		{ "12345678", 8 }, { "123456789", 9 },
		{ "1234567890123456", 16 }, { "\xff\xfe", 2 },
	};
	enum { N = sizeof(keys) / sizeof(keys[0]) };
	char	v[N];
	size_t	i;

	for (i = 0; i < N; i++)
		ck_assert_ptr_null(hash_put(h, keys[i].p, keys[i].len, &v[i]));
	for (i = 0; i < N; i++)
		ck_assert_ptr_eq(hash_get(h, keys[i].p, keys[i].len), &v[i]);
	ck_assert_uint_eq(hash_len(h), N);
}
END_TEST

START_TEST(each_size_up_to_thousands_is_whole)
{
	enum { N = 3000 };
	struct item	*items = items_new(N);
	size_t		 i;

	for (i = 0; i < N; i++) {
		ck_assert_ptr_null(put(&items[i]));
		if (i < 100 || i % 500 == 0)
			assert_exactly(items, N);
	}
	assert_exactly(items, N);
	for (i = 0; i < N; i++) {
		ck_assert_ptr_eq(del(&items[i]), &items[i]);
		if (i > N - 100 || i % 500 == 0)
			assert_exactly(items, N);
	}
	free(items);
}
END_TEST

/* A model in an array; a fixed seed, so that a failure comes again. */
START_TEST(any_order_of_puts_and_deletes_holds)
{
	enum { N = 500, STEPS = 200000 };
	struct item	*items = items_new(N), *it;
	uint32_t	 r = 12345;
	size_t		 i;

	for (i = 0; i < STEPS; i++) {
		r = r * 1664525 + 1013904223;
		it = &items[(r >> 8) % N];
		/* now mostly puts, now mostly deletes */
		if ((r >> 24) % 10 < ((i / 20000) % 2 ? 2 : 8))
			ck_assert_ptr_eq(it->in ? it : NULL, put(it));
		else
			ck_assert_ptr_eq(it->in ? it : NULL, del(it));
		if (i % 5000 == 0)
			assert_exactly(items, N);
	}
	assert_exactly(items, N);
	free(items);
}
END_TEST

/* 24 bytes a slot, at 0.35 to 0.7 of load, and nothing beside. */
START_TEST(memory_is_little_and_comes_back)
{
	enum { N = 50000 };
	struct item	*items = items_new(N);
	size_t		 before, full, i;

	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	for (i = 0; i < N; i++)
		put(&items[i]);
	full = mallinfo2().uordblks + mallinfo2().hblkhd;
	ck_assert_uint_gt(full, before);
	ck_assert_uint_lt(full - before, N * 70);
	/* thousands that come and go leave nothing behind */
	for (i = 0; i < 10 * N; i++) {
		del(&items[i % N]);
		put(&items[i % N]);
	}
	ck_assert_uint_eq(mallinfo2().uordblks + mallinfo2().hblkhd, full);
	for (i = 0; i < N; i++)
		del(&items[i]);
	ck_assert_uint_lt(mallinfo2().uordblks + mallinfo2().hblkhd,
	    before + 4096);
	free(items);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("hash");
	TCase	*tc = tcase_create("hash");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test_raise_signal(tc, a_value_is_never_null, SIGABRT);
	tcase_add_test(tc, nothing_is_in_an_empty_one);
	tcase_add_test(tc, what_was_deleted_is_gone);
	tcase_add_test(tc, put_replaces_value_and_key);
	tcase_add_test(tc, keys_are_bytes);
	tcase_add_test(tc, each_size_up_to_thousands_is_whole);
	tcase_add_test(tc, any_order_of_puts_and_deletes_holds);
	/* a sanitizer's malloc does not count */
	if (mallinfo2().uordblks > 0)
		tcase_add_test(tc, memory_is_little_and_comes_back);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
