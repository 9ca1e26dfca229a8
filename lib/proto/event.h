/*
 * What happens in a BBB server's meetings: Redis message, event, batch.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_EVENT_H
#define PROTO_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* A longer Redis message is not looked into, whatever it is. */
#define EVENT_MESSAGE_MAX	(4UL << 20)
/* Of internal and external ids and stream names; longer ones are refused. */
#define EVENT_ID_MAX		512
/* Names of meetings and people are cut here, between two characters. */
#define EVENT_NAME_MAX		256
/* Of one batch. */
#define EVENT_BATCH_MAX		500
#define EVENT_USERS_MAX		20000
#define EVENT_BODY_MAX		(16UL << 20)

enum event_kind {
	EVENT_NONE,		/* noise */
	EVENT_ODD,		/* begins as no known message does: only
				 * event_read can tell, at a parser's price */
	EVENT_ALIVE,		/* akka-apps answers; not for batches */
	EVENT_CREATED,
	EVENT_ENDED,		/* all in it are gone without further word */
	EVENT_DESTROYED,	/* the same, 2.5 s later; may come alone */
	EVENT_JOINED,
	EVENT_LEFT,		/* with voice, cameras and presenter's role */
	EVENT_VOICE_JOINED,	/* replaces the user's voice, if any; a user
				 * "v_..." is a phone: an attendee by it */
	EVENT_VOICE_LEFT,	/* of either kind; a phone is gone by it */
	EVENT_CAM_STARTED,
	EVENT_CAM_STOPPED,
	EVENT_PRESENTER,	/* on: is one now; comes repeatedly */
	EVENT_ROLE,
	EVENT_RECORDING,	/* on: recording runs now */
	EVENT_SCREENSHARE,	/* on: somebody shows a screen */
	EVENT_GUESTS_WAITING,	/* count of those who wait to be let in */
	EVENT_STATE,		/* all users but phones, and all cameras */
	EVENT__MAX
};

struct event_user {
	const char	*id;		/* internal */
	const char	*name;
	const char	*role;		/* MODERATOR, VIEWER */
};

struct event_cam {
	const char	*user;		/* internal id */
	const char	*stream;
};

/* Plain data; strings live in the arena and are never NULL. */
struct event {
	enum event_kind	 kind;
	long long	 at_ms;		/* BBB's clock; 0: unknown */
	const char	*meeting;	/* internal id; never "" */
	const char	*ext_id;	/* of the meeting (CREATED, STATE) or of
					 * the user (JOINED) */
	const char	*name;		/* likewise; of a phone: its caller's */
	const char	*parent;	/* CREATED: internal id of a breakout
					 * room's parent; "": it is no room */
	const char	*user;		/* internal id */
	const char	*role;
	const char	*client;	/* HTML5, ... */
	const char	*stream;
	bool		 on;		/* see the kinds */
	bool		 listen_only;	/* VOICE_JOINED */
	bool		 guest;
	bool		 record;	/* CREATED: may be recorded */
	bool		 free_join;
	long long	 created_ms;	/* CREATED: API createTime */
	long long	 sequence;	/* CREATED: number of a breakout room */
	long long	 count;		/* GUESTS_WAITING */
	long long	 listeners;	/* STATE */
	long long	 voices;	/* STATE: those who may speak */
	struct event_user *users;	/* STATE */
	size_t		 nusers;
	struct event_cam *cams;		/* STATE */
	size_t		 ncams;
};

/* What a message of BBB 2.x and 3.x is, by its first bytes alone. */
enum event_kind	event_peek(struct view message);
/*
 * 1 and the event; 0: noise, nothing to say; -1: a message of a wanted kind
 * that lacks something or is too long (ERR_INPUT; never holds its values).
 */
int	event_read(struct arena *a, struct view message, struct event *ev,
	    struct err *e);
/* "joined"; the word in a batch.  event_kind_of: EVENT_NONE if it is none. */
const char	*event_kind_name(enum event_kind kind);
enum event_kind	 event_kind_of(const char *name);
/* The internal id of a user who takes part by phone only. */
bool	event_is_phone(const char *user);
/* A copy in another arena. */
void	event_copy(struct arena *a, const struct event *from,
	    struct event *to);

/*
 * What an agent sends in one POST to agent/events.  Epoch and seq name it:
 * sent again after a lost reply it is the same.  The snapshot, if any, counts
 * before the events.
 */
struct event_batch {
	long long	 epoch;		/* rises with each start of an agent */
	long long	 seq;		/* 1, 2, 3 ... within the epoch */
	const struct event *events;
	size_t		 n;
	/*
	 * The server's whole reply to getMeetings, asked age_ms before the
	 * batch was sent, in UTF-8; p is NULL if there is none.
	 */
	struct view	 snapshot;
	long long	 snapshot_age_ms;
};

/* Appends the JSON.  Events are at most EVENT_BATCH_MAX. */
void	event_batch_write(const struct event_batch *b, struct buf *out);
/* ERR_INPUT with the member at fault: "events[3].user: missing". */
int	event_batch_read(struct arena *a, struct view json,
	    struct event_batch *b, struct err *e);

#endif
