# bbbsim: who is in a meeting, and the calls that show it.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

import re
import time
import xml.etree.ElementTree as ET

import pytest

from simclient import exchange, failed, quote, until


def info(bbb, meeting_id="abc123"):
    return bbb.call("getMeetingInfo", "meetingID=" + meeting_id)


def counts(element):
    return [element.findtext(name) for name in (
        "participantCount", "listenerCount", "voiceParticipantCount",
        "videoCount", "moderatorCount")]


# join


def test_join(bbb):
    bbb.create()
    reply = bbb.join("role=MODERATOR&userID=u-1001")
    assert reply.status == 302
    token = re.fullmatch(re.escape(bbb.origin) +
                         r"/html5client/\?sessionToken=([a-z0-9]{16})",
                         reply.headers["Location"]).group(1)
    assert re.match(r"JSESSIONID=[0-9A-F]{32};", reply.headers["Set-Cookie"])
    user = bbb.control("GET", "meetings")[0]["users"][0]
    assert (user["userID"], user["sessionToken"], user["role"]) == (
        "u-1001", token, "MODERATOR")


def test_the_client_is_a_page(bbb):
    bbb.create(extra="name=x")
    location = bbb.call("join", "fullName=%3CAda%3E&meetingID=abc123"
                        "&role=VIEWER").headers["Location"]
    page = bbb.raw("GET", location.removeprefix(bbb.origin))
    assert page.status == 200
    assert "<title>Seminar</title>" in page.text
    assert "<p>&lt;Ada&gt;</p>" in page.text
    bbb.control("DELETE", "meetings/abc123/users")
    assert bbb.raw("GET", location.removeprefix(bbb.origin)).status == 404
    assert bbb.raw("GET", "/html5client/").status == 404


def test_join_as_xml(bbb):
    internal = bbb.create().field("internalMeetingID")
    reply = bbb.join("role=viewer&redirect=false")
    user, auth, token = (reply.field(name) for name in
                         ("user_id", "auth_token", "session_token"))
    assert re.fullmatch("w_[a-z0-9]{12}", user)
    assert re.fullmatch("[a-z0-9]{12}", auth)
    assert re.fullmatch("[a-z0-9]{16}", token)
    assert reply.text == f"""<response>
<returncode>SUCCESS</returncode>
<messageKey>successfullyJoined</messageKey>
<message>You have joined successfully.</message>
<meeting_id>{internal}</meeting_id>
<user_id>{user}</user_id>
<auth_token>{auth}</auth_token>
<session_token>{token}</session_token>
<guestStatus>ALLOW</guestStatus>
<url>{bbb.origin}/html5client/?sessionToken={token}</url>
</response>"""
    assert info(bbb).field("attendees/attendee/userID") == user


def test_join_with_layout(bbb):
    bbb.create()
    reply = bbb.join("role=VIEWER&enforceLayout=SMART_LAYOUT")
    assert "/html5client/?waitLayout=1&sessionToken=" in (
        reply.headers["Location"])


@pytest.mark.parametrize("extra, role", [
    ("password=mmmm", "MODERATOR"), ("password=aaaa", "VIEWER"),
    ("role=VIEWER&password=mmmm", "VIEWER"), ("role=Moderator", "MODERATOR"),
    ("role=MODERATOR&password=", "MODERATOR"),
    ("role=nonsense&password=mmmm", "MODERATOR")])
def test_role(bbb, extra, role):
    bbb.create(extra="attendeePW=aaaa&moderatorPW=mmmm")
    assert bbb.join(extra).status == 302
    assert info(bbb).field("attendees/attendee/role") == role


def test_create_time_that_agrees(bbb):
    created = bbb.create().field("createTime")
    bbb.join("role=VIEWER&createTime=" + created)
    assert info(bbb).field("participantCount") == "1"


def test_limit_counts_user_ids(bbb):
    bbb.create(extra="maxParticipants=2")
    for user_id in "u1", "u1", "u2", "u1":
        assert "sessionToken" in bbb.join("role=VIEWER&userID=" + user_id
                                          ).headers["Location"]
    assert "maxParticipantsReached" in bbb.join().headers["Location"]
    bbb.control("DELETE", "meetings/abc123/users/u2")
    assert "sessionToken" in bbb.join().headers["Location"]


@pytest.mark.parametrize("policy, extra, status", [
    ("ALWAYS_ACCEPT", "role=VIEWER&guest=true", "ALLOW"),
    ("ALWAYS_DENY", "role=MODERATOR", "ALLOW"),
    ("ASK_MODERATOR", "role=VIEWER", "WAIT"),
    ("ASK_MODERATOR", "role=VIEWER&guest=false", "ALLOW"),
    ("ALWAYS_ACCEPT_AUTH", "role=VIEWER", "ALLOW"),
    ("ALWAYS_ACCEPT_AUTH", "role=VIEWER&guest=true", "WAIT")])
def test_guests(bbb, policy, extra, status):
    bbb.create(extra="guestPolicy=" + policy)
    reply = bbb.join(extra + "&redirect=false")
    assert reply.field("guestStatus") == status
    online = "1" if status == "ALLOW" else "0"
    assert info(bbb).field("participantCount") == online


def test_old_servers_want_a_password(old):
    old.create(extra="attendeePW=aaaa&moderatorPW=mmmm")
    for extra, message in (
            ("role=VIEWER", "You must provide either the moderator or "
                            "attendee password"),
            ("password=nonsense", "The provided password is neither a "
                                  "moderator or attendee password")):
        location = old.join(extra).headers["Location"]
        assert "invalidPassword" in location
        assert quote(message) in location
    location = old.join("password=aaaa").headers["Location"]
    assert location.startswith(old.origin + "/html5client/join?sessionToken=")


# getMeetingInfo and getMeetings


def test_meeting_info(bbb):
    created = bbb.create(extra="attendeePW=vw7Qk2Lp&moderatorPW=md9Rt4Xz"
                         "&voiceBridge=04711&maxParticipants=50&record=true"
                         "&meta_bbb-origin=Greenlight&meta_empty=&duration=90")
    bbb.call("join", "meetingID=abc123&role=MODERATOR&userID=u-1001&userdata-"
             "bbb_x=1&userdata-a-b=2&fullName="
             + quote("M\u00fcller & S\u00f6hne <Admin>"))
    bbb.control("POST", "meetings/abc123/users", {
        "name": "O'Neil \"Q\" \U0001f600", "userID": "u2", "listenOnly": True})
    bbb.control("POST", "meetings/abc123/users", {
        "name": "+49 30 5550123", "userID": "57", "voice": True,
        "video": True, "clientType": "dial-in-user"})
    time = int(created.field("createTime"))
    reply = info(bbb)
    assert "Cache-Control" not in reply.headers
    assert reply.text == f"""<response>
<returncode>SUCCESS</returncode>
<meetingName>Seminar</meetingName>
<meetingID>abc123</meetingID>
<internalMeetingID>{created.field("internalMeetingID")}</internalMeetingID>
<createTime>{time}</createTime>
<createDate>{created.field("createDate")}</createDate>
<voiceBridge>04711</voiceBridge>
<dialNumber>613-555-1234</dialNumber>
<attendeePW>vw7Qk2Lp</attendeePW>
<moderatorPW>md9Rt4Xz</moderatorPW>
<running>true</running>
<duration>90</duration>
<hasUserJoined>true</hasUserJoined>
<recording>true</recording>
<hasBeenForciblyEnded>false</hasBeenForciblyEnded>
<startTime>{time + 45}</startTime>
<endTime>0</endTime>
<participantCount>3</participantCount>
<listenerCount>1</listenerCount>
<voiceParticipantCount>1</voiceParticipantCount>
<videoCount>1</videoCount>
<maxUsers>50</maxUsers>
<moderatorCount>1</moderatorCount>
<attendees>
<attendee>
<userID>u-1001</userID>
<fullName>M\u00fcller &amp; S\u00f6hne &lt;Admin&gt;</fullName>
<role>MODERATOR</role>
<isPresenter>true</isPresenter>
<isListeningOnly>false</isListeningOnly>
<hasJoinedVoice>false</hasJoinedVoice>
<hasVideo>false</hasVideo>
<clientType>HTML5</clientType>
<customdata>
<bbb_x>1</bbb_x>
</customdata>
</attendee>
<attendee>
<userID>u2</userID>
<fullName>O&apos;Neil &quot;Q&quot; \U0001f600</fullName>
<role>VIEWER</role>
<isPresenter>false</isPresenter>
<isListeningOnly>true</isListeningOnly>
<hasJoinedVoice>false</hasJoinedVoice>
<hasVideo>false</hasVideo>
<clientType>HTML5</clientType>
<customdata>
</customdata>
</attendee>
<attendee>
<userID>57</userID>
<fullName>+49 30 5550123</fullName>
<role>VIEWER</role>
<isPresenter>false</isPresenter>
<isListeningOnly>false</isListeningOnly>
<hasJoinedVoice>true</hasJoinedVoice>
<hasVideo>true</hasVideo>
<clientType>dial-in-user</clientType>
</attendee>
</attendees>
<metadata>
<bbb-origin>Greenlight</bbb-origin>
<empty></empty>
</metadata>
<isBreakout>false</isBreakout>
</response>"""


def test_empty_customdata_is_left_out_by_old_servers(old):
    old.create(extra="attendeePW=aaaa&moderatorPW=mmmm")
    old.join("password=aaaa")
    assert "customdata" not in info(old).text
    old.join("password=aaaa&userdata-x=1")
    assert info(old).text.count("<customdata>") == 1


def test_a_bad_userdata_name_spoils_the_xml(bbb):
    bbb.create()
    bbb.join("role=VIEWER&userdata-1+x=1")
    reply = bbb.call("getMeetings")
    assert "<1 x>1</1 x>" in reply.text
    with pytest.raises(ET.ParseError):
        reply.xml()


def test_no_meetings(bbb):
    reply = bbb.call("getMeetings")
    assert reply.text == (
        "<response>\n<returncode>SUCCESS</returncode>\n<meetings/>\n"
        "<messageKey>noMeetings</messageKey>\n<message>no meetings were found "
        "on this server</message>\n</response>")
    assert reply.headers["Cache-Control"] == "no-cache"


def test_meetings_are_infos(bbb):
    for meeting_id in "m1", "m2":
        bbb.create(meeting_id)
        bbb.join(meeting_id=meeting_id)
    one, two = (info(bbb, m).text.removeprefix(
        "<response>\n<returncode>SUCCESS</returncode>\n"
    ).removesuffix("</response>") for m in ("m1", "m2"))
    assert bbb.call("getMeetings").text == (
        "<response>\n<returncode>SUCCESS</returncode>\n<meetings>\n<meeting>\n"
        + one + "</meeting>\n<meeting>\n" + two
        + "</meeting>\n</meetings>\n</response>")


def test_grouped_numbers(bbb):
    bbb.create(extra="maxParticipants=5000")
    bbb.control("POST", "meetings/abc123/users", {
        "count": 1024, "userID": "u", "role": "MODERATOR"})
    listed = bbb.call("getMeetings").xml().find("meetings/meeting")
    assert counts(listed) == ["1,024", "0", "0", "0", "1,024"]
    assert listed.findtext("maxUsers") == "5000"
    assert counts(info(bbb).xml()) == ["1024", "0", "0", "0", "1024"]
    bbb.settings(series=24)
    listed = bbb.call("getMeetings").xml().find("meetings/meeting")
    assert listed.findtext("maxUsers") == "5,000"


def test_breakout_rooms(bbb):
    parent = bbb.create(extra="voiceBridge=70001").field("internalMeetingID")
    rooms = [bbb.control("POST", "meetings/abc123/breakouts", body)
             for body in ({"sequence": 1, "name": "Blue"}, {"sequence": 1002})]
    assert [r["name"] for r in rooms] == ["Blue", "Seminar (Room 1002)"]
    assert rooms[0]["voiceBridge"] == "700011"
    bbb.join("role=VIEWER", rooms[0]["meetingID"])
    tail = info(bbb, rooms[0]["meetingID"]).text.partition("</metadata>")[2]
    assert tail == f"""
<isBreakout>true</isBreakout>
<parentMeetingID>{parent}</parentMeetingID>
<sequence>1</sequence>
<freeJoin>false</freeJoin>
</response>"""
    assert info(bbb, rooms[1]["meetingID"]).field("sequence") == "1,002"
    assert info(bbb).text.partition("</metadata>")[2] == f"""
<isBreakout>false</isBreakout>
<breakoutRooms>
<breakout>{rooms[0]["meetingID"]}</breakout>
<breakout>{rooms[1]["meetingID"]}</breakout>
</breakoutRooms>
</response>"""
    assert info(bbb, rooms[0]["meetingID"]
                ).field("attendees/attendee/isPresenter") == "true"


def test_breakout_room_by_create(bbb):
    parent = bbb.create().field("internalMeetingID")
    reply = bbb.call(
        "create", "name=Room&meetingID=48e45d867dde26b0b2dd6733524281a55a44a142"
        f"-1732000000000&isBreakout=true&parentMeetingID={parent}&sequence=1")
    assert re.fullmatch("[0-9a-f]{40}-1732000000000", reply.field("meetingID"))
    assert reply.field("internalMeetingID") == (
        "48e45d867dde26b0b2dd6733524281a55a44a142-1732000000000")
    assert reply.field("parentMeetingID") == parent
    assert bbb.call("create", "name=Room&meetingID=a-1&isBreakout=true"
                    "&parentMeetingID=abc123").status == 500


def test_rooms_end_with_their_parent(bbb):
    bbb.settings(end_delay_ms=1)
    bbb.create()
    bbb.control("POST", "meetings/abc123/breakouts", {"sequence": 1})
    bbb.create("other")
    bbb.call("end", "meetingID=abc123")
    assert until(lambda: bbb.listed() == ["other"])


# Leaving


def test_users_leave(bbb):
    bbb.create()
    bbb.join("role=VIEWER&userID=u1")
    bbb.join("role=VIEWER&userID=u1")
    bbb.join("role=MODERATOR&userID=u2")
    assert bbb.control("DELETE", "meetings/abc123/users/u1") == {"left": 2}
    assert counts(info(bbb).xml()) == ["1", "0", "0", "0", "1"]
    assert bbb.control("DELETE", "meetings/abc123/users") == {"left": 1}
    reply = info(bbb)
    assert (reply.field("running"), reply.field("hasUserJoined")) == (
        "false", "true")
    assert "<attendees>\n</attendees>" in reply.text


def test_those_who_left_are_listed_for_a_while(bbb):
    bbb.settings(users_timeout_ms=60000)
    bbb.create()
    bbb.join("role=VIEWER&userID=u1")
    bbb.control("DELETE", "meetings/abc123/users/u1")
    listed = bbb.call("getMeetings").xml().find("meetings/meeting")
    assert counts(listed)[0] == "0"
    assert listed.findtext("attendees/attendee/userID") == "u1"
    assert listed.findtext("running") == "true"
    assert info(bbb).xml().find("attendees/attendee") is None


def test_those_who_left_are_forgotten(bbb):
    bbb.settings(users_timeout_ms=1)
    bbb.create()
    bbb.join("role=VIEWER&userID=u1")
    bbb.control("DELETE", "meetings/abc123/users/u1")
    assert until(lambda: info(bbb).field("running") == "false")


def test_the_next_moderator_presents(bbb):
    bbb.settings(users_timeout_ms=60000)
    bbb.create()
    for user_id in "u1", "u2", "u3":
        bbb.join("role=MODERATOR&userID=" + user_id)
        if user_id != "u2":
            bbb.control("DELETE", "meetings/abc123/users/" + user_id)
    listed = bbb.call("getMeetings").xml().iter("attendee")
    assert [(a.findtext("userID"), a.findtext("isPresenter"))
            for a in listed] == [
        ("u1", "true"), ("u2", "true"), ("u3", "false")]


def test_meetings_go_in_the_order_of_their_times(bbb):
    delays = [60, 10, 50, 20, 40, 30, 55, 15, 45, 25]
    for ms in delays:
        bbb.create(f"m{ms}")
    due = {}
    for ms in delays:
        bbb.settings(end_delay_ms=10 * ms)
        before = time.monotonic()
        bbb.call("end", f"meetingID=m{ms}")
        due[f"m{ms}"] = (before + ms / 100, time.monotonic() + ms / 100)
    # whatever the machine was busy with: these are due before those
    pairs = [(a, b) for a in due for b in due
             if due[a][1] + 0.002 < due[b][0]]
    steps = []
    assert until(lambda: steps.append(set(bbb.listed())) or not steps[-1])
    for step in steps:
        assert [(a, b) for a, b in pairs if a in step and b not in step] == []


def test_empty_meetings_expire(bbb):
    bbb.settings(expire_ms=1, end_delay_ms=1)
    bbb.create()
    assert until(lambda: bbb.listed() == [])
    bbb.settings(expire_ms=60000)
    bbb.create("busy")
    bbb.join(meeting_id="busy")
    bbb.settings(expire_ms=1)
    bbb.create("idle")
    assert until(lambda: bbb.listed() == ["busy"])
    bbb.control("DELETE", "meetings/busy/users")
    assert until(lambda: bbb.listed() == [])


# Sessions, chat, documents


def test_sessions(bbb):
    reply = bbb.call("getSessions")
    assert reply.text == (
        "<response>\n<returncode>SUCCESS</returncode>\n<sessions/>\n"
        "<messageKey>noSessions</messageKey>\n<message>no sessions were found "
        "on this serverr</message>\n</response>")
    bbb.create()
    bbb.join()
    assert bbb.call("getSessions").text == (
        "<response>\n<returncode>SUCCESS</returncode>\n<sessions>\n<meeting>\n"
        "<meetingID>abc123</meetingID>\n<meetingName>Seminar</meetingName>\n"
        "<userName>Ada</userName>\n</meeting>\n</sessions>\n</response>")


def test_chat(bbb):
    bbb.create()
    bbb.join()
    reply = bbb.call("sendChatMessage", "meetingID=abc123&message=hi")
    assert reply.text == (
        "<response>\n<returncode>SUCCESS</returncode>\n"
        "<messageKey></messageKey>\n<message></message>\n</response>")
    assert bbb.call("sendChatMessage", "message=hi").status == 500


DOCUMENT = (b'<modules><module name="presentation"><document url="https://'
            b'files.example.org/notes.pdf"/></module></modules>')


def insert(bbb, body, query="meetingID=abc123"):
    return bbb.call("insertDocument", query, "POST", body,
                    Content_Type="application/xml")


def test_insert_document(bbb):
    answer = ("<response>\n<returncode>%s</returncode>\n"
              "<message>%s</message>\n</response>")
    assert insert(bbb, DOCUMENT).text == answer % (
        "FAILED", "Meeting with id [abc123] not found.")
    bbb.create()
    for n in 1, 2:
        assert insert(bbb, DOCUMENT).text == answer % (
            "SUCCESS", "Presentation is being uploaded")
        assert len(bbb.control("GET", "meetings")[0]["documents"]) == n
    bbb.create("deaf", "disabledFeatures=chat,presentation,polls")
    assert insert(bbb, DOCUMENT, "meetingID=deaf").text == answer % (
        "FAILED", "Presentation feature is disabled, ignoring.")


@pytest.mark.parametrize("body", [b"", b"<modules/>", b"<modules"])
def test_insert_nothing_stumbles(bbb, body):
    bbb.create()
    assert insert(bbb, body).status == 500


# Recordings: there are none


CHECKSUM = failed("checksumError",
                  "You did not pass the checksum security check")


@pytest.mark.parametrize("call", [
    "getRecordings", "publishRecordings", "deleteRecordings",
    "updateRecordings", "getRecordingTextTracks"])
def test_recordings_check_the_checksum_last(bbb, call):
    path = f"/bigbluebutton/api/{call}?"
    assert bbb.raw("GET", path + "recordID=r&publish=true").text == CHECKSUM
    wrong = path + "checksum=" + "0" * 40
    assert bbb.raw("GET", wrong + "&recordID=r&publish=true").text == CHECKSUM
    if call != "getRecordings":
        assert bbb.raw("GET", wrong).text == failed(
            "missingParamRecordID", "You must specify a recordID.")


def test_recording_calls_without_recordings(bbb):
    reply = bbb.call("getRecordings", "meetingID=abc123")
    assert reply.xml().findtext("messageKey") == "noRecordings"
    assert "<recordings></recordings>" in reply.text
    assert "Cache-Control" not in reply.headers
    assert bbb.call("getRecordings", "limit=5").field("totalElements") == "0"
    assert bbb.call("publishRecordings", "recordID=r").text == failed(
        "missingParamPublish",
        "You must specify a publish value true or false.")
    for call in "publishRecordings", "deleteRecordings", "updateRecordings":
        assert bbb.call(call, "recordID=r&publish=true").text == failed(
            "notFound", "We could not find recordings")


def test_text_tracks(bbb):
    assert bbb.call("getRecordingTextTracks", "recordID=r").text == (
        '{"response":{"returncode":"FAILED","messageKey":"noRecordings",'
        '"message":"No recording found for r"}}')
    for query, key, message in (
            ("", "paramError", "Missing param recordID."),
            ("recordID=r&kind=captions", "paramError", "Missing param lang."),
            ("recordID=r&kind=lyrics&lang=en", "invalidKind",
             "Invalid kind parameter, expected='subtitles|captions' "
             "actual=lyrics"),
            ("recordID=r&kind=captions&lang=en", "noRecordings",
             "No recording was found for r")):
        reply = bbb.call("putRecordingTextTrack", query, "POST")
        assert reply.headers["Content-Type"] == "application/json;charset=utf-8"
        assert reply.json() == {"response": {
            "returncode": "FAILED", "messageKey": key, "message": message}}


def test_servers_are_apart(sim):
    one, two = sim.servers
    one.create()
    one.join()
    assert (one.listed(), two.listed()) == (["abc123"], [])
    two.create()
    assert info(two).field("participantCount") == "0"
    location = one.join().headers["Location"].removeprefix(one.origin)
    assert exchange(two.port, "GET", location).status == 404
