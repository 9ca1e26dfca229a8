/*
 * The answers to the calls; each writes the reply of its request.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_API_H
#define BBBSIM_API_H

struct request;

/* api_index.c */
void	 api_index(struct request *);
void	 api_not_found(struct request *);

/* api_create.c */
void	 api_create(struct request *);
void	 api_insert_document(struct request *);

/* api_join.c */
void	 api_join(struct request *);
void	 api_client(struct request *);
/* A failure of join, which goes where the browser is sent to. */
void	 api_join_redirect(struct request *, const char *key,
	    const char *message);

/* api_meeting.c */
void	 api_is_meeting_running(struct request *);
void	 api_end(struct request *);
void	 api_get_meeting_info(struct request *);
void	 api_get_meetings(struct request *);
void	 api_get_sessions(struct request *);
void	 api_send_chat_message(struct request *);

/* api_recording.c */
void	 api_get_recordings(struct request *);
void	 api_publish_recordings(struct request *);
void	 api_change_recordings(struct request *);
void	 api_get_text_tracks(struct request *);
void	 api_put_text_track(struct request *);

#endif
