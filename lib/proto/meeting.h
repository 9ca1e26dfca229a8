/*
 * A meeting as getMeetings and getMeetingInfo show it, read and written.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_MEETING_H
#define PROTO_MEETING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "proto/xmlout.h"
#include "proto/xmlread.h"

/*
 * Plain data; strings that were read live in the arena and are never NULL.
 * What is to be written may hold NULL for "".
 */
struct bbb_attendee {
	const char	*user_id;
	const char	*full_name;
	const char	*role;			/* MODERATOR, VIEWER */
	bool		 is_presenter;
	bool		 is_listening_only;
	bool		 has_joined_voice;
	bool		 has_video;
	const char	*client_type;
	const char	*extra;		/* XML of what we do not model */
};

/* In the order of bbb-api 6.6. */
struct bbb_meeting {
	const char	*name;
	const char	*meeting_id;
	const char	*internal_id;
	long long	 create_time;		/* ms */
	const char	*create_date;
	const char	*voice_bridge;
	const char	*dial_number;
	const char	*attendee_pw;
	const char	*moderator_pw;
	bool		 running;
	long long	 duration;		/* minutes */
	bool		 has_user_joined;
	bool		 recording;
	bool		 forcibly_ended;
	long long	 start_time;		/* ms */
	long long	 end_time;		/* ms */
	long long	 participants;
	long long	 listeners;
	long long	 voices;
	long long	 videos;
	long long	 max_users;
	long long	 moderators;
	struct bbb_attendee *attendees;
	size_t		 nattendees;
	const char	*metadata;		/* inner XML, trimmed */
	bool		 is_breakout;
	const char	*parent_internal_id;	/* of a breakout room */
	long long	 sequence;
	bool		 free_join;
	const char	*breakout_rooms;	/* inner XML, likewise */
	const char	*extra;			/* XML of unknown elements */
};

/*
 * From a `meeting` element or the `response` of getMeetingInfo; also the flat
 * and the nested form of breakout facts.  Missing elements read as empty.
 */
void	bbb_meeting_read(struct arena *a, const struct xml_node *node,
	    struct bbb_meeting *m);
/* All elements, always, in BBB's order, into the element now open. */
void	bbb_meeting_write(struct xmlout *x, const struct bbb_meeting *m);

#endif
