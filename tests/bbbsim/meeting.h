/*
 * The meetings of one server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_MEETING_H
#define BBBSIM_MEETING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "digest.h"
#include "document.h"
#include "loop.h"
#include "params.h"
#include "settings.h"
#include "table.h"

TAILQ_HEAD(user_list, user);
TAILQ_HEAD(meeting_list, meeting);

struct callbacks;
struct feed;

enum guest_policy {
	GUEST_ALWAYS_ACCEPT,
	GUEST_ALWAYS_DENY,
	GUEST_ASK_MODERATOR,
	GUEST_ALWAYS_ACCEPT_AUTH
};

struct meetings {
	struct loop		*loop;
	struct digests		*digests;
	const struct settings	*settings;
	struct feed		*feed;		/* what Redis is told */
	struct callbacks	*callbacks;	/* whom an end is told */
	struct meeting_list	 list;		/* oldest first */
	struct table		*external;
	struct table		*internal;
	struct table		*voice;		/* voiceBridge and webVoice */
	struct table		*sessions;	/* session token to user */
	size_t			 count;
	size_t			 users;		/* online, in all meetings */
	unsigned		 voices;	/* FreeSWITCH's last number */
	int64_t			 gone_ms;	/* latest createTime of the gone */
};

/* How many of each are in; those who wait or have left do not count. */
struct head_count {
	size_t	online, moderators, listeners, voice, cameras, user_ids;
};

struct meeting {
	TAILQ_ENTRY(meeting)	 link;
	struct meetings		*all;
	char			*external;
	char			*internal;
	char			*name;
	char			*attendee_pw;
	char			*moderator_pw;
	char			*voice_bridge;
	char			*web_voice;
	char			*dial_number;
	int64_t			 create_ms;
	long			 duration_min;
	long			 max_users;
	enum guest_policy	 guest_policy;
	bool			 record;
	bool			 keep_events;
	bool			 recording_now;
	bool			 have_marks;	/* it was recorded once */
	bool			 sharing;	/* a screen */
	bool			 no_presentation;	/* feature disabled */
	bool			 user_has_joined;
	bool			 ending;	/* ended, still listed */
	const char		*end_reason;
	char			*ended_url;	/* meetingEndedURL or NULL */
	struct params		 metadata;
	struct documents	 documents;
	struct meeting		*parent;	/* of a breakout room */
	size_t			 rooms;		/* whose parent it is */
	long			 sequence;
	bool			 free_join;
	struct user_list	 users;
	size_t			 listed;	/* in users, not waiting */
	struct head_count	 heads;
	struct timer		 end;
	struct timer		 expiry;	/* because it is empty */
	struct timer		 over;		/* because of its duration */
	struct timer		 snapshot;
};

struct meetings *meetings_new(struct loop *, struct digests *,
	    const struct settings *);
/* All are gone without a word. */
void	 meetings_clear(struct meetings *);
void	 meetings_free(struct meetings *);

/* By external id, else by internal id, both in full; else NULL. */
struct meeting *meeting_find(const struct meetings *, const char *id);
/* Takes a filled-in meeting (from mem_alloc()) over and indexes it. */
void	 meeting_take(struct meetings *, struct meeting *);
/*
 * BBB's end: still listed for a while, then gone, with its rooms. The reason
 * is one of BBB's words, and lives for ever.
 */
void	 meeting_end(struct meeting *, const char *reason);
/* Gone at once, with its rooms. */
void	 meeting_remove(struct meeting *);
/* Somebody came or went. */
void	 meeting_changed(struct meeting *);
bool	 meeting_is_running(const struct meeting *);
/* Recording goes on or stops; set_by is an internal user id or "system". */
void	 meeting_record(struct meeting *, bool on, const char *set_by);
void	 meeting_share(struct meeting *, bool on);

#endif
