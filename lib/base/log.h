/*
 * One line per event, to stderr or syslog, as text or JSON.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG };
enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG };
enum log_format { LOG_AS_TEXT, LOG_AS_JSON };

/*
 * The words of a configuration for them, in their order.  Of the formats the
 * Go program's follow ours: the index counts modulo LOG_FORMATS.
 */
#define LOG_LEVEL_WORDS		"error", "warn", "info", "debug", NULL
#define LOG_TARGET_WORDS	"stderr", "syslog", NULL
#define LOG_FORMAT_WORDS	"text", "json", "plain", "structured", NULL
#define LOG_FORMATS		2

/* name is the program's; it is kept, not copied. */
void	log_open(const char *name, enum log_target target,
	    enum log_level level, enum log_format format);
bool	log_wants(enum log_level level);

/* Put on every line from now on, e.g. "req=7f3a"; NULL or "" for none. */
void	log_ident(const char *ident);

/* Five verbs.  log_warn adds errno's text; errno survives all of them. */
void	log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs at level error and ends the process with the sysexits status. */
void	log_fatal(int status, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), noreturn));
/* At level error: an alarm for the admin. */
void	log_alarm(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A line made of fields: as text "api call=create status=SUCCESS ms=41",
 * values with blanks, quotes or control characters quoted; as JSON one member
 * each, numbers as numbers.  A field whose value is NULL is left out.
 */
struct log_field {
	const char	*name;
	const char	*value;		/* NULL: number counts, if is_number */
	long long	 number;
	bool		 is_number;
};
void	log_fields(enum log_level level, const char *message,
	    const struct log_field *fields, size_t n);

#endif
