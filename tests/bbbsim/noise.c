/*
 * Messages that change nothing: most of what a real server publishes.
 *
 * Written as text, not through JSON values, for there may be 100,000 a
 * second.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>

#include "feed.h"
#include "noise.h"
#include "user.h"

#define NOBODY	"198e242370cc2b37a7d78434cdd11b95ca12758d-1760002400000"
#define BOARD	"39302f6cdd8a9d4b3a0535b41d55e96899858e49-1760002410000/1"
#define CHAT	"MAIN-PUBLIC-GROUP-CHAT"

/* In every body $u stands for the user and $n for the running number. */
static const struct {
	unsigned		 from, to;	/* series */
	enum feed_channel	 channel;
	const char		*name, *body;
} kinds[] = {
	{ 22, 22, CHANNEL_WHITEBOARD, "SendCursorPositionEvtMsg",
	    "{\"whiteboardId\":\"" BOARD "\",\"xPercent\":49.295331,"
	    "\"yPercent\":48.603397}" },
	{ 23, 27, CHANNEL_FRONTEND, "SendCursorPositionEvtMsg",
	    "{\"whiteboardId\":\"" BOARD "\",\"xPercent\":49.295331,"
	    "\"yPercent\":48.603397}" },
	{ 30, 99, CHANNEL_MAIN, "SendCursorPositionEvtMsg",
	    "{\"whiteboardId\":\"" BOARD "\",\"xPercent\":49.295331,"
	    "\"yPercent\":48.603397}" },
	{ 22, 99, CHANNEL_MAIN, "UserTalkingVoiceEvtMsg",
	    "{\"voiceConf\":\"70034\",\"intId\":\"$u\",\"voiceUserId\":\"$u\","
	    "\"talking\":true}" },
	{ 23, 99, CHANNEL_MAIN, "AudioFloorChangedEvtMsg",
	    "{\"voiceConf\":\"70034\",\"intId\":\"$u\",\"voiceUserId\":\"$u\","
	    "\"floor\":true,\"lastFloorTime\":\"$n\"}" },
	{ 22, 99, CHANNEL_MAIN, "UserTypingEvtMsg",
	    "{\"chatId\":\"" CHAT "\",\"userId\":\"$u\"}" },
	/* somebody who quotes what would change something */
	{ 22, 99, CHANNEL_MAIN, "GroupChatMessageBroadcastEvtMsg",
	    "{\"chatId\":\"" CHAT "\",\"msg\":{\"id\":\"$n-msg00000\","
	    "\"timestamp\":1760003000600,\"correlationId\":\"$u-$n\","
	    "\"sender\":{\"id\":\"$u\",\"name\":\"Noise\","
	    "\"role\":\"VIEWER\"},\"chatEmphasizedText\":true,"
	    "\"message\":\"{\\\"envelope\\\":{\\\"name\\\":"
	    "\\\"UserLeftMeetingEvtMsg\\\"}} $n\"}}" },
	{ 26, 99, CHANNEL_MAIN, "TranscriptUpdatedEvtMsg",
	    "{\"transcriptId\":\"$u-$n\",\"transcript\":\"some spoken words\","
	    "\"locale\":\"en-US\",\"result\":false}" },
	{ 24, 99, CHANNEL_MAIN, "PadUpdatedEvtMsg",
	    "{\"externalId\":\"notes\",\"padId\":\"g.aaaaaaaaaaaaaaaa$notes\","
	    "\"userId\":\"$u\",\"rev\":$n,\"changeset\":\"Z:1>1*0+1$x\"}" },
};
#define KINDS	(sizeof kinds / sizeof kinds[0])

static void
fill_in(struct buf *b, const char *body, const char *user, uint64_t n)
{
	for (; *body != '\0'; body++)
		if (body[0] == '$' && body[1] == 'u') {
			buf_text(b, user);
			body++;
		} else if (body[0] == '$' && body[1] == 'n' &&
		    body[2] != 'o') {
			buf_format(b, "%llu", (unsigned long long)n);
			body++;
		} else
			buf_char(b, *body);
}

void
noise_message(const struct meetings *ms, uint64_t number)
{
	const struct meeting	*m = TAILQ_FIRST(&ms->list);
	const struct user	*u = m == NULL ? NULL : TAILQ_FIRST(&m->users);
	const char		*meeting = m == NULL ? NOBODY : m->internal;
	const char		*user = u == NULL ? "w_noise0000001" :
	    u->internal;
	unsigned		 series = ms->settings->series;
	struct buf		 b = { 0 };
	size_t			 k = (size_t)(number % KINDS);

	while (series < kinds[k].from || series > kinds[k].to)
		k = (k + 1) % KINDS;
	buf_format(&b, "{\"envelope\":{\"name\":\"%s\",\"routing\":"
	    "{\"msgType\":\"BROADCAST_TO_MEETING\",\"meetingId\":\"%s\","
	    "\"userId\":\"%s\"},\"timestamp\":%lld},\"core\":{\"header\":"
	    "{\"name\":\"%s\",\"meetingId\":\"%s\",\"userId\":\"%s\"},"
	    "\"body\":", kinds[k].name, meeting, user,
	    (long long)loop_now_ms(), kinds[k].name, meeting, user);
	fill_in(&b, kinds[k].body, user, number);
	buf_text(&b, "}}");
	/* lost, late and repeated ones are those that matter */
	(void)feed_send_raw(ms->feed, feed_channel_name(kinds[k].channel),
	    b.data, b.len);
	buf_free(&b);
}
