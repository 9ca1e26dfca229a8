/*
 * Tests of proto/meeting: what is read is written again.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/meeting.h"

#include "unit.h"

static const struct xml_limits	wide = { 1 << 20, 10000, 32 };

static struct bbb_meeting
read_meeting(const char *xml)
{
	struct xml_node		*n;
	struct bbb_meeting	 m;

	n = xml_parse(arena, view_of(xml), &wide, &err);
	ck_assert_msg(n != NULL, "%s", err.text);
	bbb_meeting_read(arena, n, &m);
	return m;
}

static char *
written(const struct bbb_meeting *m)
{
	struct xmlout	 x;
	struct buf	 b = { NULL, 0, 0 };
	char		*s;

	xmlout_begin(&x, &b);
	bbb_meeting_write(&x, m);
	ck_assert_int_eq(out_done(&x), 0);
	s = arena_memdup(arena, b.data, b.len);
	buf_free(&b);
	return s;
}

START_TEST(a_meeting_without_elements_reads_as_empty)
{
	static const char	want[] =
	    "<meetingName></meetingName>\n<meetingID></meetingID>\n"
	    "<internalMeetingID></internalMeetingID>\n"
	    "<createTime>0</createTime>\n<createDate></createDate>\n"
	    "<voiceBridge></voiceBridge>\n<dialNumber></dialNumber>\n"
	    "<attendeePW></attendeePW>\n<moderatorPW></moderatorPW>\n"
	    "<running>false</running>\n<duration>0</duration>\n"
	    "<hasUserJoined>false</hasUserJoined>\n"
	    "<recording>false</recording>\n"
	    "<hasBeenForciblyEnded>false</hasBeenForciblyEnded>\n"
	    "<startTime>0</startTime>\n<endTime>0</endTime>\n"
	    "<participantCount>0</participantCount>\n"
	    "<listenerCount>0</listenerCount>\n"
	    "<voiceParticipantCount>0</voiceParticipantCount>\n"
	    "<videoCount>0</videoCount>\n<maxUsers>0</maxUsers>\n"
	    "<moderatorCount>0</moderatorCount>\n"
	    "<attendees>\n</attendees>\n<metadata>\n</metadata>\n"
	    "<isBreakout>false</isBreakout>\n";
	struct bbb_meeting	m = read_meeting("<meeting/>"), zero;

	ck_assert_str_eq(m.name, "");
	ck_assert_str_eq(m.parent_internal_id, "");
	ck_assert_str_eq(m.metadata, "");
	ck_assert_str_eq(m.breakout_rooms, "");
	ck_assert_str_eq(m.extra, "");
	ck_assert_uint_eq(m.nattendees, 0);
	ck_assert_str_eq(written(&m), want);
	/* what is to be written may be NULL */
	memset(&zero, 0, sizeof(zero));
	ck_assert_str_eq(written(&zero), want);
}
END_TEST

START_TEST(bad_values_read_as_nothing)
{
	struct bbb_meeting	m;

	m = read_meeting("<meeting><createTime>never</createTime>"
	    "<running>1</running><recording>yes</recording>"
	    "<participantCount></participantCount><maxUsers/></meeting>");
	ck_assert_int_eq(m.create_time, 0);
	ck_assert(!m.running);
	ck_assert(!m.recording);
	ck_assert_int_eq(m.participants, 0);
	ck_assert_int_eq(m.max_users, 0);
}
END_TEST

START_TEST(all_facts_of_a_busy_meeting_are_read)
{
	struct bbb_meeting	 m;
	struct bbb_attendee	*at;

	m = read_meeting(fixture("getMeetingInfo-busy-3.0.xml").p);
	ck_assert_str_eq(m.name, "\xc3\x9c" "bung & Praktikum"
	    " \xf0\x9f\x98\x80");
	ck_assert_str_eq(m.meeting_id, "abc123");
	ck_assert_str_eq(m.internal_id,
	    "6367c48dd193d56ea7b0baad25b19455e529f5ee-1731999600123");
	ck_assert_int_eq(m.create_time, 1731999600123);
	ck_assert_str_eq(m.create_date, "Tue Nov 19 07:00:00 UTC 2024");
	ck_assert_str_eq(m.voice_bridge, "04711");
	ck_assert_str_eq(m.dial_number, "613-555-1234");
	ck_assert_str_eq(m.attendee_pw, "vw7Qk2Lp");
	ck_assert_str_eq(m.moderator_pw, "md9Rt4Xz");
	ck_assert(m.running && m.has_user_joined && m.recording);
	ck_assert(!m.forcibly_ended && !m.is_breakout);
	ck_assert_int_eq(m.duration, 90);
	ck_assert_int_eq(m.start_time, 1731999600168);
	ck_assert_int_eq(m.end_time, 0);
	ck_assert_int_eq(m.participants, 4);
	ck_assert_int_eq(m.listeners, 1);
	ck_assert_int_eq(m.voices, 3);
	ck_assert_int_eq(m.videos, 1);
	ck_assert_int_eq(m.max_users, 50);
	ck_assert_int_eq(m.moderators, 1);
	ck_assert(str_starts(m.metadata, "<bbb-origin>Greenlight</"));
	ck_assert_str_eq(m.breakout_rooms, "");
	ck_assert_str_eq(m.extra, "");
	ck_assert_uint_eq(m.nattendees, 4);
	at = m.attendees;
	ck_assert_str_eq(at->user_id, "u-1001");
	ck_assert_str_eq(at->full_name, "M\xc3\xbcller & S\xc3\xb6hne"
	    " <Admin>");
	ck_assert_str_eq(at->role, "MODERATOR");
	ck_assert(at->is_presenter && at->has_joined_voice && at->has_video);
	ck_assert(!at->is_listening_only);
	ck_assert_str_eq(at->client_type, "HTML5");
	ck_assert_str_eq(at->extra, "<customdata>\n"
	    "<bbb_skip_check_audio>true</bbb_skip_check_audio>\n"
	    "<bbb_display_branding_area>true</bbb_display_branding_area>\n"
	    "</customdata>\n");
	ck_assert(at[1].is_listening_only);
	ck_assert_str_eq(at[3].client_type, "dial-in-user");
	ck_assert_str_eq(at[3].extra, "");
}
END_TEST

START_TEST(printed_numbers_are_read)
{
	struct bbb_meeting	m;

	m = read_meeting("<meeting><participantCount>1,024</participantCount>"
	    "<listenerCount>1.001</listenerCount><maxUsers>2&#xA0;000"
	    "</maxUsers></meeting>");
	ck_assert_int_eq(m.participants, 1024);
	ck_assert_int_eq(m.listeners, 1001);
	ck_assert_int_eq(m.max_users, 2000);
}
END_TEST

START_TEST(breakout_facts_are_read_flat_and_nested)
{
	static const char	nested[] = "<response><isBreakout>true"
	    "</isBreakout><breakout><parentMeetingID>p-1</parentMeetingID>"
	    "<sequence>1,002</sequence><freeJoin>true</freeJoin>"
	    "<meetingID>no</meetingID></breakout><meetingID>m"
	    "</meetingID></response>";
	struct bbb_meeting	m;

	m = read_meeting(fixture("getMeetingInfo-breakout-room.xml").p);
	ck_assert(m.is_breakout && !m.free_join);
	ck_assert_int_eq(m.sequence, 1);
	ck_assert_str_eq(m.parent_internal_id,
	    "6367c48dd193d56ea7b0baad25b19455e529f5ee-1731999600123");

	m = read_meeting(nested);
	ck_assert(m.is_breakout && m.free_join);
	ck_assert_int_eq(m.sequence, 1002);
	ck_assert_str_eq(m.parent_internal_id, "p-1");
	ck_assert_str_eq(m.meeting_id, "m");
	ck_assert_ptr_nonnull(strstr(written(&m), "<isBreakout>true"
	    "</isBreakout>\n<parentMeetingID>p-1</parentMeetingID>\n"
	    "<sequence>1002</sequence>\n<freeJoin>true</freeJoin>\n"));
}
END_TEST

START_TEST(names_within_metadata_are_not_the_meeting_s)
{
	struct bbb_meeting	m;

	m = read_meeting("<meeting><metadata><running>true</running>"
	    "<meetingID>no</meetingID></metadata><attendees><attendee>"
	    "<customdata><role>no</role></customdata><role>VIEWER</role>"
	    "</attendee><other/></attendees><meetingID>yes</meetingID>"
	    "</meeting>");
	ck_assert(!m.running);
	ck_assert_str_eq(m.meeting_id, "yes");
	ck_assert_uint_eq(m.nattendees, 1);
	ck_assert_str_eq(m.attendees[0].role, "VIEWER");
	ck_assert_str_eq(m.metadata, "<running>true</running>"
	    "<meetingID>no</meetingID>");
}
END_TEST

START_TEST(unknown_elements_survive)
{
	struct bbb_meeting	 m;
	char			*s;

	m = read_meeting("<response><returncode>SUCCESS</returncode><new a="
	    "'1'><x>&amp;</x></new><meetingID>m</meetingID><attendees>"
	    "<attendee><userID>u</userID><mood>good</mood></attendee>"
	    "</attendees><other/><messageKey/><message>x</message>"
	    "</response>");
	ck_assert_str_eq(m.extra, "<new a='1'><x>&amp;</x></new>\n"
	    "<other/>\n");
	s = written(&m);
	ck_assert_ptr_nonnull(strstr(s, "<isBreakout>false</isBreakout>\n"
	    "<new a='1'><x>&amp;</x></new>\n<other/>\n"));
	ck_assert_ptr_nonnull(strstr(s, "<clientType></clientType>\n"
	    "<mood>good</mood>\n</attendee>\n</attendees>\n"));
	/* what belongs to the reply is not the meeting's */
	ck_assert_ptr_null(strstr(s, "returncode"));
	ck_assert_ptr_null(strstr(s, "message>"));
	/* and again, without a change */
	s = arena_printf(arena, "<meeting>%s</meeting>", s);
	m = read_meeting(s);
	ck_assert_str_eq(arena_printf(arena, "<meeting>%s</meeting>",
	    written(&m)), s);
}
END_TEST

START_TEST(replies_of_one_meeting_are_written_as_they_were)
{
	static const char *const	files[] = {
		"getMeetingInfo-busy-3.0.xml",
		"getMeetingInfo-breakout-parent.xml",
		"getMeetingInfo-breakout-room.xml",
	};
	struct bbb_meeting		m;
	struct view			v;
	size_t				i;

	for (i = 0; i < COUNT(files); i++) {
		v = fixture(files[i]);
		m = read_meeting(v.p);
		ck_assert_str_eq(arena_printf(arena, "<response>\n"
		    "<returncode>SUCCESS</returncode>\n%s</response>\n",
		    written(&m)), v.p);
	}
}
END_TEST

/* The text without the separators that we do not write. */
static char *
without_separators(const char *xml)
{
	static const char *const	names[] = { "participantCount",
	    "listenerCount" };
	char				*s = arena_strdup(arena, xml), *p;
	char				*tag;
	size_t				 i;

	for (i = 0; i < COUNT(names); i++) {
		tag = arena_printf(arena, "<%s>1,", names[i]);
		p = strstr(s, tag);
		ck_assert_ptr_nonnull(p);
		p += strlen(tag) - 1;
		memmove(p, p + 1, strlen(p));
	}
	return s;
}

START_TEST(a_list_of_meetings_is_written_as_it_was)
{
	struct view		 v = fixture("getMeetings-mixed.xml");
	struct xml_node		*root, *n;
	struct bbb_meeting	 m;
	struct xmlout		 x;
	struct buf		 b = { NULL, 0, 0 };

	root = xml_parse(arena, v, &wide, &err);
	ck_assert_ptr_nonnull(root);
	xmlout_begin(&x, &b);
	out_open(&x, "response");
	out_str(&x, "returncode", "SUCCESS");
	out_open(&x, "meetings");
	n = xml_child(root, "meetings")->child;
	for (; n != NULL; n = n->next) {
		bbb_meeting_read(arena, n, &m);
		out_open(&x, "meeting");
		bbb_meeting_write(&x, &m);
		out_close(&x);
	}
	out_close(&x);
	out_close(&x);
	ck_assert_int_eq(out_done(&x), 0);
	check_bytes(b.data, b.len, without_separators(v.p));
	buf_free(&b);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		a_meeting_without_elements_reads_as_empty,
		bad_values_read_as_nothing,
		all_facts_of_a_busy_meeting_are_read,
		printed_numbers_are_read,
		breakout_facts_are_read_flat_and_nested,
		names_within_metadata_are_not_the_meeting_s,
		unknown_elements_survive,
		replies_of_one_meeting_are_written_as_they_were,
		a_list_of_meetings_is_written_as_it_was,
	};

	return unit_run("meeting", tests, COUNT(tests));
}
