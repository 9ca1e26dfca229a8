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
#define USER_STREAM_LEN		(INTERNAL_USER_LEN + 1 + 40)

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
	bool			 phone;		/* dialled in */
	unsigned		 cameras;
	unsigned		 voice_number;	/* FreeSWITCH's, from 1 */
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
	bool			 moderator, listen_only, voice, phone, waiting;
	unsigned		 cameras;
	const struct params	*customdata;	/* or NULL */
};

struct user *user_join(struct meeting *, const struct user_spec *);
/* Anybody with that external id who has not left, or NULL. */
struct user *user_find(const struct meeting *, const char *user_id);
/* Leaves; forgotten at once or after usersTimeout. */
void	 user_leave(struct user *);
void	 user_remove(struct user *);

/* Counts: neither in the lobby nor gone. */
bool	 user_is_in(const struct user *);
const char *user_role_name(const struct user *);
/* The stream of his camera of that number; out has USER_STREAM_LEN + 1. */
void	 user_stream(const struct user *, unsigned number, char *out);

/* Speaks, listens or neither; speaking goes before listening. */
void	 user_set_voice(struct user *, bool voice, bool listen_only);
void	 user_set_cameras(struct user *, unsigned count);
/* Takes it from whoever has it; by is an internal user id. */
void	 user_make_presenter(struct user *, const char *by);
void	 user_set_role(struct user *, bool moderator, const char *by);

#endif
