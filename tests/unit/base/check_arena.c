/*
 * Tests of base/arena: the memory of one request.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

static volatile size_t	huge = SIZE_MAX - 8;
static struct arena	*a;

static void
setup(void)
{
	a = arena_new();
}

static void
teardown(void)
{
	arena_free(a);
}

/* Pages that this process holds in memory. */
static long
resident_pages(void)
{
	FILE	*fp = fopen("/proc/self/statm", "r");
	long	 size, resident;

	ck_assert_ptr_nonnull(fp);
	ck_assert_int_eq(fscanf(fp, "%ld %ld", &size, &resident), 2);
	fclose(fp);
	return resident;
}

START_TEST(too_much_ends_the_process)
{
	arena_alloc(a, huge);
}
END_TEST

START_TEST(a_product_that_overflows_ends_the_process)
{
	arena_zalloc(a, huge, 16);
}
END_TEST

START_TEST(a_copy_of_all_memory_ends_the_process)
{
	arena_memdup(a, "", SIZE_MAX);
}
END_TEST

START_TEST(free_takes_null)
{
	arena_free(NULL);
	ck_assert_uint_eq(arena_used(a), 0);
}
END_TEST

START_TEST(each_allocation_is_aligned_and_its_own)
{
	static const size_t	 sizes[] = { 0, 1, 3, 8, 17, 100, 4096, 65536,
				    1, 300000, 5 };
	enum { N = sizeof(sizes) / sizeof(sizes[0]) };
	unsigned char		*p[N];
	size_t			 i, j, wrong = 0;

	for (i = 0; i < N; i++) {
		arena_strdup(a, "x");	/* leaves an odd address behind */
		p[i] = arena_alloc(a, sizes[i]);
		ck_assert_ptr_nonnull(p[i]);
		ck_assert_uint_eq((uintptr_t)p[i] % alignof(max_align_t), 0);
		memset(p[i], (int)i, sizes[i]);
	}
	/* Not an assertion each: 370,000 of them take a busy host seconds. */
	for (i = 0; i < N; i++)
		for (j = 0; j < sizes[i]; j++)
			wrong += p[i][j] != i;
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(zalloc_clears_what_was_used_before)
{
	static const char	zero[1000];

	memset(arena_alloc(a, 1000), 'x', 1000);
	arena_reset(a);
	ck_assert_mem_eq(arena_zalloc(a, 10, 100), zero, 1000);
	ck_assert_ptr_nonnull(arena_zalloc(a, 0, 100));
	ck_assert_ptr_nonnull(arena_zalloc(a, 100, 0));
}
END_TEST

START_TEST(copies_end_in_a_nul)
{
	char	*p = arena_memdup(a, "ab\0cd", 5);

	ck_assert_mem_eq(p, "ab\0cd", 6);
	ck_assert_str_eq(arena_memdup(a, NULL, 0), "");
	ck_assert_str_eq(arena_strdup(a, "text"), "text");
	ck_assert_str_eq(arena_strdup(a, ""), "");
	ck_assert_ptr_null(arena_strdup(a, NULL));
}
END_TEST

START_TEST(what_a_buf_held_is_taken_whole)
{
	struct buf	b = { 0 };

	ck_assert_str_eq(arena_take(a, &b), "");
	buf_add(&b, "x\0y", 3);
	ck_assert_mem_eq(arena_take(a, &b), "x\0y", 4);
	ck_assert_ptr_null(b.data);
	ck_assert_uint_eq(b.len, 0);
}
END_TEST

/* From an empty text to one larger than a block, around each border. */
START_TEST(printf_fits_any_length)
{
	static const int	lengths[] = { 0, 1, 100, 65400, 65535, 65536,
				    262143, 262144, 1000000 };
	size_t			i;
	char			*p;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		p = arena_printf(a, "%*s|", lengths[i], "");
		ck_assert_uint_eq(strlen(p), (size_t)lengths[i] + 1);
		ck_assert_int_eq(p[lengths[i]], '|');
		arena_strdup(a, "overwrites a text that was not taken");
		ck_assert_int_eq(p[lengths[i]], '|');
	}
}
END_TEST

/* Six bytes are left: for a text of 4, 5 (to the last byte), 6 and 7. */
START_TEST(printf_at_the_end_of_a_block)
{
	char	*p, *q;
	int	 n;

	for (n = 4; n <= 7; n++) {
		arena_reset(a);
		p = arena_alloc(a, 64 * 1024 - 6);
		q = arena_printf(a, "%.*s", n, "1234567");
		if (n <= 5)
			ck_assert_ptr_eq(q, p + 64 * 1024 - 6);
		ck_assert_uint_eq(strlen(q), (size_t)n);
		arena_strdup(a, "abc");
		ck_assert_uint_eq(strlen(q), (size_t)n);
	}
}
END_TEST

START_TEST(a_large_block_does_not_waste_the_rest_of_the_small_one)
{
	char	*p = arena_alloc(a, 16), *q;

	arena_alloc(a, 10 * 1024 * 1024);
	arena_alloc(a, 250 * 1024);	/* its own rest is smaller */
	q = arena_alloc(a, 16);
	ck_assert_ptr_eq(q, p + 16);
}
END_TEST

START_TEST(used_counts_until_the_reset)
{
	arena_alloc(a, 10);
	arena_strdup(a, "four");
	arena_printf(a, "%d", 12);
	arena_alloc(a, 300000);
	ck_assert_uint_eq(arena_used(a), 10 + 5 + 3 + 300000);
	arena_reset(a);
	ck_assert_uint_eq(arena_used(a), 0);
}
END_TEST

START_TEST(the_first_block_is_used_again)
{
	char	*p = arena_alloc(a, 100);
	int	 i;

	for (i = 0; i < 3; i++) {
		arena_alloc(a, 1000000);
		arena_reset(a);
		ck_assert_ptr_eq(arena_alloc(a, 100), p);
	}
}
END_TEST

/* Also the second time, when malloc would have learned to keep it. */
START_TEST(a_reset_gives_big_memory_back)
{
	const size_t	big = 32 * 1024 * 1024;
	const long	pages = (long)big / sysconf(_SC_PAGESIZE);
	long		before = resident_pages();
	int		i;

	for (i = 0; i < 2; i++) {
		memset(arena_alloc(a, big), 'x', big);
		ck_assert_int_ge(resident_pages(), before + pages / 2);
		arena_reset(a);
		ck_assert_int_lt(resident_pages(), before + pages / 8);
	}
}
END_TEST

START_TEST(a_million_small_pieces_stay_whole)
{
	unsigned int	**p, i;

	p = arena_alloc(a, 1000000 * sizeof(*p));
	for (i = 0; i < 1000000; i++) {
		p[i] = arena_alloc(a, sizeof(**p));
		*p[i] = i;
	}
	for (i = 0; i < 1000000; i++)
		if (*p[i] != i)
			ck_abort_msg("piece %u holds %u", i, *p[i]);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("arena");
	TCase	*tc = tcase_create("arena");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_exit_test(tc, too_much_ends_the_process, EX_OSERR);
	tcase_add_exit_test(tc, a_product_that_overflows_ends_the_process,
	    EX_OSERR);
	tcase_add_exit_test(tc, a_copy_of_all_memory_ends_the_process,
	    EX_OSERR);
	tcase_add_test(tc, free_takes_null);
	tcase_add_test(tc, each_allocation_is_aligned_and_its_own);
	tcase_add_test(tc, zalloc_clears_what_was_used_before);
	tcase_add_test(tc, copies_end_in_a_nul);
	tcase_add_test(tc, what_a_buf_held_is_taken_whole);
	tcase_add_test(tc, printf_fits_any_length);
	tcase_add_test(tc, printf_at_the_end_of_a_block);
	tcase_add_test(tc,
	    a_large_block_does_not_waste_the_rest_of_the_small_one);
	tcase_add_test(tc, used_counts_until_the_reset);
	tcase_add_test(tc, the_first_block_is_used_again);
	tcase_add_test(tc, a_reset_gives_big_memory_back);
	tcase_add_test(tc, a_million_small_pieces_stay_whole);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
