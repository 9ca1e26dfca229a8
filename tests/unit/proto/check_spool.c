/*
 * Tests of proto/spool: bodies in memory and in a nameless file.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/spool.h"

#include <sys/resource.h>

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

/* A folder of its own, so that a name left behind is seen. */
static char	dir[32];

static void
dir_make(void)
{
	str_copy(dir, sizeof(dir), "check_spool.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

/* Fails if a name was left in it. */
static void
dir_remove(void)
{
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
write_pattern(struct spool *s, size_t len)
{
	char	piece[1000];
	size_t	i, n;

	while (len > 0) {
		n = len < sizeof(piece) ? len : sizeof(piece);
		for (i = 0; i < n; i++)
			piece[i] = (char)((spool_len(s) + (long long)i) %
			    127);
		ck_assert_int_eq(spool_write(s, piece, n, &err), 0);
		len -= n;
	}
}

/* Reads from offset to the end in pieces of an odd size. */
static void
check_pattern(struct spool *s, long long offset, long long len)
{
	char		piece[777];
	long long	n, i;

	while ((n = spool_read(s, offset, piece, sizeof(piece), &err)) > 0) {
		for (i = 0; i < n; i++)
			if (piece[i] != (char)((offset + i) % 127))
				ck_abort_msg("byte %lld differs", offset + i);
		offset += n;
	}
	ck_assert_int_eq(n, 0);
	ck_assert_int_eq(offset, len);
}

START_TEST(a_missing_folder_is_an_error_once_it_is_needed)
{
	struct spool	*s = spool_new("check_spool.missing", 4);

	ck_assert_int_eq(spool_write(s, "1234", 4, &err), 0);
	ck_assert_int_eq(spool_write(s, "5", 1, &err), -1);
	ck_assert_int_eq(err.code, ERR_SYSTEM);
	ck_assert_str_eq(err.text, "spool in check_spool.missing: No such"
	    " file or directory");
	spool_free(s);
	spool_free(NULL);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	struct rlimit	 l = { 10000, 10000 };
	struct spool	*s;
	char		 block[6000] = "";

	dir_make();
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &l), 0);
	s = spool_new(dir, 0);
	ck_assert_int_eq(spool_write(s, block, sizeof(block), &err), 0);
	ck_assert_int_eq(spool_write(s, block, sizeof(block), &err), -1);
	ck_assert_int_eq(err.code, ERR_SYSTEM);
	ck_assert_str_eq(err.text, arena_printf(arena,
	    "spool in %s: File too large", dir));
	spool_free(s);
	dir_remove();
}
END_TEST

START_TEST(a_small_body_stays_in_memory)
{
	struct spool	*s = spool_new("check_spool.missing", 1000);

	ck_assert_str_eq(spool_data(s), "");
	ck_assert_int_eq(spool_read(s, 0, &(char){ 0 }, 1, &err), 0);
	write_pattern(s, 1000);
	ck_assert_int_eq(spool_len(s), 1000);
	ck_assert_ptr_nonnull(spool_data(s));
	ck_assert_int_eq(spool_data(s)[5], 5);
	check_pattern(s, 0, 1000);
	check_pattern(s, 999, 1000);
	ck_assert_int_eq(spool_read(s, 1000, &(char){ 0 }, 1, &err), 0);
	ck_assert_int_eq(spool_read(s, 5000, &(char){ 0 }, 1, &err), 0);
	spool_free(s);
}
END_TEST

START_TEST(a_large_body_moves_to_a_file_without_a_name)
{
	struct spool	*s;
	struct dirent	*d;
	DIR		*open_dir;
	int		 names = 0;

	dir_make();
	s = spool_new(dir, 2500);
	write_pattern(s, 2500);
	ck_assert_ptr_nonnull(spool_data(s));
	ck_assert_int_eq(spool_write(s, "", 0, &err), 0);
	ck_assert_ptr_nonnull(spool_data(s));
	spool_free(s);
	s = spool_new(dir, 2500);
	write_pattern(s, 300000);
	ck_assert_ptr_null(spool_data(s));
	ck_assert_int_eq(spool_len(s), 300000);
	open_dir = opendir(dir);
	while ((d = readdir(open_dir)) != NULL)
		names += d->d_name[0] != '.';
	closedir(open_dir);
	ck_assert_int_eq(names, 0);
	/* each try begins at 0 */
	check_pattern(s, 0, 300000);
	check_pattern(s, 0, 300000);
	check_pattern(s, 299999, 300000);
	ck_assert_int_eq(spool_read(s, 300000, &(char){ 0 }, 1, &err), 0);
	spool_free(s);
	dir_remove();
}
END_TEST

START_TEST(one_write_may_be_larger_than_memory)
{
	struct spool	*s;
	char		 c;

	dir_make();
	s = spool_new(dir, 3);
	ck_assert_int_eq(spool_write(s, "ab", 2, &err), 0);
	ck_assert_int_eq(spool_write(s, "cdefgh", 6, &err), 0);
	ck_assert_ptr_null(spool_data(s));
	ck_assert_int_eq(spool_read(s, 1, &c, 1, &err), 1);
	ck_assert_int_eq(c, 'b');
	ck_assert_int_eq(spool_read(s, 7, &c, 1, &err), 1);
	ck_assert_int_eq(c, 'h');
	spool_free(s);
	dir_remove();
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		a_missing_folder_is_an_error_once_it_is_needed,
		a_full_disk_is_an_error,
		a_small_body_stays_in_memory,
		a_large_body_moves_to_a_file_without_a_name,
		one_write_may_be_larger_than_memory,
	};

	return unit_run("spool", tests, COUNT(tests));
}
