/*
 * A user in a meeting.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_USER_H
#define BBBSIM_USER_H

#include "meeting.h"

#define INTERNAL_USER_LEN	14	/* "w_" and 12 characters */
#define AUTH_TOKEN_LEN		12
#define SESSION_TOKEN_LEN	16

struct user {
	TAILQ_ENTRY(user)	 link;
	struct meeting		*meeting;
	char			*user_id;	/* external */
	char			 internal[INTERNAL_USER_LEN + 1];
	char			 auth_token[AUTH_TOKEN_LEN + 1];
	char			 session[SESSION_TOKEN_LEN + 1];
	char			*name;
	char			*client_type;
	bool			 moderator;
	bool			 presenter;
	bool			 listen_only;
	bool			 voice;
	bool			 video;
	bool			 waiting;	/* a guest in the lobby */
	bool			 left;		/* and not forgotten yet */
	struct params		 customdata;
	struct timer		 forget;
};

/* Who wants in; NULL user_id: the internal one. */
struct user_spec {
	const char		*user_id;
	const char		*name;
	const char		*client_type;	/* NULL: HTML5 */
	bool			 moderator, listen_only, voice, video, waiting;
	const struct params	*customdata;	/* or NULL */
};

struct user *user_join(struct meeting *, const struct user_spec *);
/* Anybody with that external id who has not left, or NULL. */
struct user *user_find(const struct meeting *, const char *user_id);
/* Leaves; forgotten at once or after usersTimeout. */
void	 user_leave(struct user *);
void	 user_remove(struct user *);

#endif
