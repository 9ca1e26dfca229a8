/*
 * One line per event, to stderr or syslog, as text or JSON.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/line.h"
#include "base/log.h"
#include "base/str.h"

static const struct {
	const char	*word;
	int		 priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error",	LOG_ERR },
	[LOG_LEVEL_WARN]  = { "warn",	LOG_WARNING },
	[LOG_LEVEL_INFO]  = { "info",	LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug",	LOG_DEBUG },
};

/* One a process: whoever logs should not have to be handed it. */
static struct {
	const char	*name;		/* NULL until log_open */
	pid_t		 pid;
	enum log_target	 target;
	enum log_level	 level;
	enum log_format	 format;
	char		 ident[128];
} out = { .level = LOG_LEVEL_INFO };

void
log_open(const char *name, enum log_target target, enum log_level level,
    enum log_format format)
{
	out.name = name;
	out.pid = getpid();
	out.target = target;
	out.level = level;
	out.format = format;
	if (target == LOG_TO_SYSLOG)
		openlog(name, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

bool
log_wants(enum log_level level)
{
	return level <= out.level;
}

/* Cut between two characters: it goes into JSON as well. */
void
log_ident(const char *ident)
{
	size_t	len = ident == NULL ? 0 : strlen(ident);

	if (len >= sizeof(out.ident))
		len = str_utf8_cut(ident, sizeof(out.ident) - 1);
	if (len > 0)
		memcpy(out.ident, ident, len);
	out.ident[len] = '\0';
}

static const char *
program_name(void)
{
	return out.name != NULL ? out.name : program_invocation_short_name;
}

static pid_t
program_pid(void)
{
	return out.name != NULL ? out.pid : getpid();
}

/* The comma and the name of a JSON member. */
static void
json_name(struct line *l, const char *name)
{
	line_add(l, ",\"");
	line_escape(l, name, LINE_JSON);
	line_add(l, "\":");
}

/* A member is begun whole or not at all, or a cut would break the JSON. */
static void
json_string(struct line *l, const char *name, const char *value)
{
	size_t	start = l->len;

	if (l->cut)
		return;
	json_name(l, name);
	line_add(l, "\"");
	if (l->cut) {
		l->len = start;
		return;
	}
	line_escape(l, value, LINE_JSON);
	line_end(l, "\"");
}

/* As json_string(): whole or not at all. */
static void
json_number(struct line *l, const char *name, long long number)
{
	size_t	start = l->len;

	if (l->cut)
		return;
	json_name(l, name);
	line_number(l, number);
	if (l->cut)
		l->len = start;
}

static void
begin_json(struct line *l, enum log_level level, const char *message)
{
	char	iso[CLOCK_ISO_LEN];

	line_add(l, "{\"time\":\"");
	line_add(l, clock_iso(clock_wall_ms(), iso));
	line_add(l, "\"");
	json_string(l, "program", program_name());
	json_number(l, "pid", program_pid());
	json_string(l, "level", levels[level].word);
	if (out.ident[0] != '\0')
		json_string(l, "ident", out.ident);
	json_string(l, "message", message);
}

static void
begin_text(struct line *l, enum log_level level, const char *message)
{
	char	iso[CLOCK_ISO_LEN];

	/* syslog writes the time, the name and the pid itself. */
	if (out.target == LOG_TO_STDERR) {
		line_add(l, clock_iso(clock_wall_ms(), iso));
		line_add(l, " ");
		line_add(l, program_name());
		line_add(l, "[");
		line_number(l, program_pid());
		line_add(l, "]: ");
	}
	line_add(l, levels[level].word);
	line_add(l, ": ");
	if (out.ident[0] != '\0') {
		line_escape(l, out.ident, LINE_TEXT);
		line_add(l, " ");
	}
	line_escape(l, message, LINE_TEXT);
}

/* Everything up to the message; fields may follow. */
static void
begin(struct line *l, enum log_level level, const char *message)
{
	l->len = 0;
	l->cut = false;
	if (out.format == LOG_AS_JSON)
		begin_json(l, level, message);
	else
		begin_text(l, level, message);
}

/* Finishes the line; nobody is told when it cannot be written. */
static void
finish(struct line *l, enum log_level level)
{
	if (out.format == LOG_AS_JSON)
		line_end(l, l->cut ? ",\"cut\":true}" : "}");
	else if (l->cut)
		line_end(l, "...");
	if (out.target == LOG_TO_SYSLOG) {
		syslog(levels[level].priority, "%.*s", (int)l->len, l->data);
		return;
	}
	line_end(l, "\n");
	while (write(STDERR_FILENO, l->data, l->len) < 0 && errno == EINTR)
		continue;
}

/* Errnum: what to add the text of, or -1. */
static void __attribute__((format(printf, 3, 0)))
say(enum log_level level, int errnum, const char *fmt, va_list ap)
{
	struct line	l;
	char		text[LINE_SIZE];
	int		n, saved = errno;

	if (!log_wants(level))
		return;
	if ((n = vsnprintf(text, sizeof(text), fmt, ap)) < 0)
		str_copy(text, sizeof(text), fmt);
	else if (errnum != -1 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n, ": %s",
		    strerror(errnum));
	begin(&l, level, text);
	finish(&l, level);
	errno = saved;
}

void
log_warn(const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_WARN, errno, fmt, ap);
	va_end(ap);
}

void
log_warnx(const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_WARN, -1, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_INFO, -1, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_DEBUG, -1, fmt, ap);
	va_end(ap);
}

/* The highest level, for what an admin has to look at now. */
void
log_alarm(const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_ERROR, -1, fmt, ap);
	va_end(ap);
}

/* Ends the process from wherever it is: for what no caller could mend. */
void
log_fatal(int status, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_ERROR, -1, fmt, ap);
	va_end(ap);
	exit(status);
}

/*
 * Quoted only where that is needed, so that a plain grep for name=value finds
 * it.
 */
static void
add_field(struct line *l, const struct log_field *f)
{
	if (out.format == LOG_AS_JSON) {
		if (f->value != NULL)
			json_string(l, f->name, f->value);
		else
			json_number(l, f->name, f->number);
		return;
	}
	line_add(l, " ");
	line_add(l, f->name);
	line_add(l, "=");
	if (f->value == NULL)
		line_number(l, f->number);
	else if (line_is_word(f->value))
		line_escape(l, f->value, LINE_TEXT);
	else {
		line_add(l, "\"");
		line_escape(l, f->value, LINE_QUOTED);
		line_add(l, "\"");
	}
}

/* errno survives: a caller may log between a failure and its look at errno. */
void
log_fields(enum log_level level, const char *text,
    const struct log_field *fields, size_t n)
{
	struct line	l;
	size_t		i;
	int		saved = errno;

	if (!log_wants(level))
		return;
	begin(&l, level, text);
	for (i = 0; i < n; i++)
		if (fields[i].value != NULL || fields[i].is_number)
			add_field(&l, &fields[i]);
	finish(&l, level);
	errno = saved;
}
