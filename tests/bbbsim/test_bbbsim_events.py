# bbbsim tells Redis what a BBB server tells it, in each version's form.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

import collections
import hashlib

import pytest

from redis_sub import MAIN, Listener, Redis
from simclient import Sim, until

FRONTEND = "from-akka-apps-frontend-redis-channel"
PRES = "from-akka-apps-pres-redis-channel"


@pytest.fixture(scope="module")
def redis():
    server = Redis()
    yield server
    server.close()


@pytest.fixture
def told(redis, bbb):
    """A server that tells this Redis, and one who listens."""
    listener = Listener(redis.port)
    answer = bbb.control("POST", "events",
                         {"redis": f"127.0.0.1:{redis.port}"})
    assert answer["connected"]
    listener.until("CheckAlivePongSysMsg")
    yield listener
    listener.close()


def end(bbb, meeting_id="abc123", **body):
    bbb.control("POST", f"meetings/{meeting_id}/end", body)


def users(bbb, method="POST", who="", **body):
    return bbb.control(method, "meetings/abc123/users" + who, body)


def one(told, name, channel=MAIN):
    return told.until(name, channel)[-1]


# What goes wrong


def test_without_redis_nothing_is_told(bbb):
    bbb.create()
    assert bbb.control("GET", "events") == {
        "redis": "", "connected": False, "noise": 0, "lose": 0, "repeat": 0,
        "late": 0, "late_ms": 0, "pong_ms": 10000, "snapshot_ms": 30000,
        "messages": {"published": 0, "lost": 0, "repeated": 0, "late": 0,
                     "noise": 0}}


def test_what_is_said_while_redis_is_away_is_lost(bbb):
    redis = Redis()
    bbb.control("POST", "events", {"redis": f"127.0.0.1:{redis.port}"})
    redis.stop()
    assert until(lambda: not bbb.control("GET", "events")["connected"])
    bbb.create("lost")
    assert bbb.control("GET", "events")["messages"]["lost"] > 0
    redis.start()
    listener = Listener(redis.port)
    assert until(lambda: bbb.control("GET", "events")["connected"])
    bbb.create("told")
    created = one(listener, "MeetingCreatedEvtMsg")
    assert created.body["props"]["meetingProp"]["extId"] == "told"
    listener.close()
    redis.close()


def test_one_in_a_hundred_is_lost_repeated_or_late(bbb, told):
    bbb.create()
    told.until("MeetingCreatedEvtMsg")
    before = bbb.control("GET", "events")["messages"]
    bbb.control("POST", "events", {"lose": 10, "repeat": 10, "late": 50,
                                   "late_ms": 30})
    users(bbb, count=300, userID="u")
    assert until(lambda: bbb.control("GET", "events")["messages"]["late"]
                 > before["late"])
    bbb.control("POST", "events", {"lose": 0, "repeat": 0, "late": 0})
    end(bbb)
    got = [m.body["extId"] for m in told.until("MeetingEndedEvtMsg")
           if m.name == "UserJoinedMeetingEvtMsg"]
    count = collections.Counter(got)
    after = bbb.control("GET", "events")["messages"]
    assert after["lost"] > before["lost"]
    assert after["repeated"] > before["repeated"]
    assert len(count) < 300
    assert max(count.values()) == 2


def test_reordered(bbb, told):
    bbb.create()
    bbb.control("POST", "events", {"late": 50, "late_ms": 50})
    users(bbb, count=200, userID="u")
    joined = []
    while len(joined) < 200:
        joined.append(one(told, "UserJoinedMeetingEvtMsg").body["extId"])
    in_order = [f"u-{i}" for i in range(200)]
    assert sorted(joined) == sorted(in_order)
    assert joined != in_order


def test_a_restart_says_nothing(bbb, told):
    bbb.create()
    bbb.control("POST", "restart")
    bbb.create("next")
    assert told.names("MeetingCreatedEvtMsg") == ["MeetingCreatedEvtMsg"]
    assert told.names("MeetingCreatedEvtMsg") == ["MeetingCreatedEvtMsg"]


# A meeting


def test_a_life(bbb, told):
    reply = bbb.create("abc123", "record=true&meta_bbb-origin=Moodle")
    internal = reply.field("internalMeetingID")
    bbb.join("role=MODERATOR&userID=ext-1")
    users(bbb, who="/ext-1", voice=True)
    users(bbb, who="/ext-1", cameras=2)
    bbb.control("POST", "meetings/abc123", {"recording": True})
    bbb.control("POST", "meetings/abc123", {"screenshare": True})
    bbb.control("POST", "meetings/abc123", {"screenshare": False})
    users(bbb, who="/ext-1", video=False)
    users(bbb, "DELETE", "/ext-1")
    bbb.call("end", "meetingID=abc123")
    said = told.until("MeetingDestroyedEvtMsg")
    assert [m.name for m in said if m.channel == MAIN] == [
        "MeetingCreatedEvtMsg", "UserRegisteredRespMsg",
        "UserJoinedMeetingEvtMsg", "PresenterAssignedEvtMsg",
        "PresenterAssignedEvtMsg", "UserJoinedVoiceConfToClientEvtMsg",
        "UserBroadcastCamStartedEvtMsg", "UserBroadcastCamStartedEvtMsg",
        "RecordingStatusChangedEvtMsg",
        "ScreenshareRtmpBroadcastStartedEvtMsg",
        "ScreenshareRtmpBroadcastStoppedEvtMsg",
        "UserBroadcastCamStoppedEvtMsg", "UserBroadcastCamStoppedEvtMsg",
        "UserLeftFlagUpdatedEvtMsg", "UserLeftVoiceConfToClientEvtMsg",
        "UserLeftMeetingEvtMsg", "MeetingEndingEvtMsg", "MeetingEndedEvtMsg",
        "DisconnectAllClientsSysMsg", "MeetingDestroyedEvtMsg"]
    assert [m.name for m in said if m.channel == FRONTEND] == [
        "MeetingCreatedEvtMsg", "UserLeftVoiceConfToClientEvtMsg",
        "UserLeftMeetingEvtMsg", "MeetingEndingEvtMsg",
        "MeetingDestroyedEvtMsg"]
    for m in said:
        assert m.text.startswith('{"envelope":{"name":"')
        assert m.header["name"] == m.name
        assert m.header.get("meetingId", internal) == internal
        assert isinstance(m.json["envelope"]["timestamp"], int)


def test_created(bbb, told):
    reply = bbb.create(
        "k%C3%BCche", "record=true&maxParticipants=7&duration=90"
        "&guestPolicy=ASK_MODERATOR&attendeePW=ap&moderatorPW=mp"
        "&voiceBridge=70031&meta_bbb-Origin=Moodle")
    created = one(told, "MeetingCreatedEvtMsg")
    sha1 = hashlib.sha1("küche".encode()).hexdigest()
    stamp = int(reply.field("createTime"))
    assert created.header == {"name": "MeetingCreatedEvtMsg"}
    assert created.json["envelope"]["routing"] == {"sender": "bbb-apps-akka"}
    props = created.body["props"]
    assert props["meetingProp"]["extId"] == "küche"
    assert props["meetingProp"]["intId"] == f"{sha1}-{stamp}"
    assert props["meetingProp"]["isBreakout"] is False
    assert props["durationProps"]["createdTime"] == stamp
    assert props["durationProps"]["createdDate"] == reply.field("createDate")
    assert props["durationProps"]["duration"] == 90
    assert props["password"]["moderatorPass"] == "mp"
    assert props["password"]["viewerPass"] == "ap"
    assert props["recordProp"]["record"] is True
    assert props["usersProp"]["maxUsers"] == 7
    assert props["usersProp"]["guestPolicy"] == "ASK_MODERATOR"
    assert props["voiceProp"]["voiceConf"] == "70031"
    assert props["metadataProp"]["metadata"] == {"bbb-origin": "Moodle"}


def test_a_repeated_create_says_nothing(bbb, told):
    bbb.create("abc123", "attendeePW=ap&moderatorPW=mp")
    bbb.create("abc123", "attendeePW=ap&moderatorPW=mp")
    end(bbb)
    assert told.names("MeetingEndedEvtMsg") == [
        "MeetingCreatedEvtMsg", "MeetingEndingEvtMsg", "MeetingEndedEvtMsg"]


def test_why_it_ends(bbb, told):
    bbb.create()
    bbb.call("end", "meetingID=abc123")
    assert one(told, "MeetingEndingEvtMsg").body["reason"] == "ENDED_FROM_API"
    bbb.create("m1")
    end(bbb, "m1", reason="ENDED_DUE_TO_NO_MODERATOR")
    assert one(told, "MeetingEndingEvtMsg").body["reason"] == \
        "ENDED_DUE_TO_NO_MODERATOR"
    bbb.settings(expire_ms=20)
    bbb.create("m2")
    assert one(told, "MeetingEndingEvtMsg").body["reason"] == \
        "ENDED_WHEN_NOT_JOINED"
    bbb.create("m3")
    bbb.join(meeting_id="m3&userID=u")
    bbb.control("DELETE", "meetings/m3/users")
    assert one(told, "MeetingEndingEvtMsg").body["reason"] == \
        "ENDED_WHEN_LAST_USER_LEFT"


def test_no_leaves_when_it_ends(bbb, told):
    bbb.create()
    users(bbb, count=3, voice=True, video=True)
    end(bbb)
    names = told.names("MeetingDestroyedEvtMsg")
    assert names[-4:] == ["MeetingEndingEvtMsg", "MeetingEndedEvtMsg",
                          "DisconnectAllClientsSysMsg",
                          "MeetingDestroyedEvtMsg"]
    assert not [n for n in names if "Left" in n or "Stopped" in n]


def test_breakout_rooms(bbb, told):
    parent = bbb.create().field("internalMeetingID")
    bbb.control("POST", "meetings/abc123/breakouts", {"sequence": 2})
    said = told.until("BreakoutRoomStartedEvtMsg", PRES)
    wanted, created = [m for m in said if m.channel == MAIN][-2:]
    child = created.body["props"]["meetingProp"]["intId"]
    assert wanted.name == "CreateBreakoutRoomSysCmdMsg"
    assert wanted.body["room"]["breakoutMeetingId"] == child
    assert created.body["props"]["breakoutProps"]["parentId"] == parent
    assert created.body["props"]["breakoutProps"]["sequence"] == 2
    assert created.body["props"]["meetingProp"]["isBreakout"] is True
    assert said[-1].header["meetingId"] == parent
    assert said[-1].body["breakout"]["breakoutId"] == child
    end(bbb)
    ended = one(told, "BreakoutRoomEndedEvtMsg")
    assert ended.body == {"parentId": parent, "breakoutId": child}


# Users


def test_joined(bbb, told):
    bbb.create()
    bbb.join("role=VIEWER&userID=ext-1002&userdata-a=b")
    joined = one(told, "UserJoinedMeetingEvtMsg")
    user = bbb.control("GET", "meetings")[0]["users"][0]["internalUserID"]
    assert joined.header["userId"] == user
    assert joined.body == {
        "intId": user, "extId": "ext-1002", "name": "Ada", "role": "VIEWER",
        "bot": False, "guest": False, "authed": True, "guestStatus": "ALLOW",
        "reactionEmoji": "none", "raiseHand": False, "away": False,
        "pin": False, "presenter": False, "locked": True, "avatar": "",
        "webcamBackground": "", "color": "#4a148c", "clientType": "HTML5",
        "userMetadata": {"a": "b"}}


def test_a_guest_waits_and_has_not_joined(bbb, told):
    bbb.create("abc123", "guestPolicy=ASK_MODERATOR")
    bbb.join("guest=true&role=VIEWER&redirect=false")
    waiting = one(told, "GuestsWaitingForApprovalEvtMsg")
    assert waiting.body["guests"][0]["name"] == "Ada"
    end(bbb)
    assert "UserJoinedMeetingEvtMsg" not in told.names("MeetingEndedEvtMsg")


def test_voice(bbb, told):
    bbb.create()
    internal = users(bbb, name="Ada Byron", userID="u")["users"][0][
        "internalUserID"]
    users(bbb, who="/u", voice=True)
    joined = one(told, "UserJoinedVoiceConfToClientEvtMsg")
    assert joined.body["listenOnly"] is False
    assert joined.body["callingWith"] == "none"
    assert joined.body["voiceUserId"].isdigit()
    assert joined.body["callerName"] == "Ada+Byron"
    assert joined.body["callerNum"] == f"{internal}_1-bbbID-Ada+Byron"
    # from speaking to listening without leaving
    users(bbb, who="/u", listenOnly=True)
    listens = one(told, "UserJoinedVoiceConfToClientEvtMsg")
    assert listens.body["listenOnly"] is True
    assert listens.body["voiceUserId"] == internal
    info = bbb.call("getMeetingInfo", "meetingID=abc123")
    assert (info.field("listenerCount"), info.field("voiceParticipantCount")
            ) == ("1", "0")
    users(bbb, who="/u", listenOnly=False)
    left = one(told, "UserLeftVoiceConfToClientEvtMsg")
    assert (left.body["intId"], left.body["voiceUserId"]) == (internal,
                                                              internal)


def test_a_phone_is_heard_only(bbb, told):
    bbb.create()
    users(bbb, name="Phone 0199", phone=True)
    heard = one(told, "UserJoinedVoiceConfToClientEvtMsg")
    assert heard.body["intId"].startswith("v_")
    assert heard.body["voiceUserId"] == heard.body["intId"][2:]
    info = bbb.call("getMeetingInfo", "meetingID=abc123")
    assert info.field("attendees/attendee/role") == "DIAL-IN-USER"
    assert (info.field("participantCount"),
            info.field("voiceParticipantCount")) == ("1", "1")
    users(bbb, "DELETE")
    end(bbb)
    names = told.names("MeetingEndedEvtMsg")
    assert names[-3] == "UserLeftVoiceConfToClientEvtMsg"
    assert "UserLeftMeetingEvtMsg" not in names


def test_cameras_have_streams(bbb, told):
    bbb.create()
    users(bbb, userID="u", cameras=2)
    started = [one(told, "UserBroadcastCamStartedEvtMsg").body["stream"]
               for _ in range(2)]
    assert len(set(started)) == 2
    assert bbb.call("getMeetingInfo", "meetingID=abc123").field(
        "videoCount") == "2"
    users(bbb, who="/u", cameras=0)
    stopped = [one(told, "UserBroadcastCamStoppedEvtMsg").body["stream"]
               for _ in range(2)]
    assert sorted(stopped) == sorted(started)


def test_presenter_and_role(bbb, told):
    bbb.create()
    a, b = [users(bbb, userID=u, role=r)["users"][0]["internalUserID"]
            for u, r in (("a", "MODERATOR"), ("b", "VIEWER"))]
    users(bbb, who="/b", presenter=True)
    assert one(told, "PresenterUnassignedEvtMsg").body["intId"] == a
    assert one(told, "PresenterAssignedEvtMsg").body["presenterId"] == b
    users(bbb, who="/b", role="MODERATOR")
    changed = one(told, "UserRoleChangedEvtMsg")
    assert (changed.body["userId"], changed.body["role"]) == (b, "MODERATOR")
    # who goes leaves it to a moderator
    users(bbb, "DELETE", "/b")
    assert one(told, "PresenterAssignedEvtMsg").body["presenterId"] == a


def test_all_at_once(bbb, told):
    bbb.control("POST", "meetings", {"meetingID": "m", "count": 3})
    bbb.control("POST", "meetings/*/users", {"count": 10, "userID": "u"})
    assert bbb.control("POST", "meetings/*/users/*",
                       {"voice": True, "cameras": 1}) == {"meetings": 3}
    bbb.control("DELETE", "meetings/*/users/*")
    bbb.control("POST", "meetings/*/end")
    count = collections.Counter(
        m.name for m in told.until("MeetingDestroyedEvtMsg")
        if m.channel == MAIN)
    for name in ("UserJoinedMeetingEvtMsg", "UserLeftMeetingEvtMsg",
                 "UserJoinedVoiceConfToClientEvtMsg",
                 "UserBroadcastCamStartedEvtMsg",
                 "UserLeftVoiceConfToClientEvtMsg",
                 "UserBroadcastCamStoppedEvtMsg"):
        assert count[name] == 30, name
    assert count["MeetingEndedEvtMsg"] == 3


# What comes by itself


def test_snapshot(bbb, told):
    bbb.control("POST", "events", {"snapshot_ms": 90})
    bbb.create("abc123", "name=Kurs")
    users(bbb, name="Ada", userID="u", role="MODERATOR", cameras=1, voice=True)
    users(bbb, name="Bob", listenOnly=True)
    users(bbb, name="Phone", phone=True)
    until(lambda: False, 0.2)
    told.until("UserJoinedVoiceConfToClientEvtMsg")
    bbb.control("POST", "meetings/abc123", {"snapshot": True})
    end(bbb)
    info = [m for m in told.until("MeetingEndedEvtMsg")
            if m.name == "MeetingInfoAnalyticsServiceMsg"]
    # those that came by themselves, and the one asked for
    assert len(info) >= 2
    last = info[-1].body["meetingInfo"]
    assert info[-1].header == {"name": "MeetingInfoAnalyticsServiceMsg"}
    assert (last["externalId"], last["hasUserJoined"]) == ("abc123", True)
    assert [u["name"] for u in last["users"]] == ["Ada", "Bob"]
    assert last["webcams"]["total"] == 1
    assert last["audio"]["total"] == 3
    assert last["audio"]["listenOnly"]["total"] == 1
    assert [u["name"] for u in last["audio"]["twoWay"]["users"]] == ["Ada", ""]


def test_pongs(bbb, told):
    bbb.control("POST", "events", {"pong_ms": 10})
    for _ in range(3):
        pong = one(told, "CheckAlivePongSysMsg")
    assert pong.body["system"] == "BbbWeb"
    assert pong.body["akkaAppsTimestamp"] - pong.body["bbbWebTimestamp"] == 3


def test_noise_changes_nothing(bbb, told):
    bbb.create()
    users(bbb, userID="u")
    told.until("UserJoinedMeetingEvtMsg")
    bbb.control("POST", "events", {"noise": 5000})
    assert until(lambda: bbb.control("GET", "events")["messages"]["noise"]
                 >= 500)
    bbb.control("POST", "events", {"noise": 0})
    end(bbb)
    names = {m.name for m in told.until("MeetingEndedEvtMsg")}
    assert names - {"CheckAlivePongSysMsg", "MeetingEndingEvtMsg",
                    "MeetingEndedEvtMsg"} == {
        "SendCursorPositionEvtMsg", "UserTalkingVoiceEvtMsg",
        "AudioFloorChangedEvtMsg", "UserTypingEvtMsg",
        "GroupChatMessageBroadcastEvtMsg", "TranscriptUpdatedEvtMsg",
        "PadUpdatedEvtMsg"}


def test_published_as_given(bbb, told):
    text = ' { "envelope" : {"name":"X"}, "core":{"body":1,"header":2}}'
    bbb.control("POST", "publish", {"channel": PRES, "message": text})
    assert one(told, "X", PRES).text == text


# Versions


@pytest.mark.parametrize("series, has, has_not", [
    (22, {"enabled", "warnMinutesBeforeMax", "disableNote",
          "red5ScreenshareIp"},
     {"endWhenNoModerator", "html5InstanceId", "groups"}),
    (23, {"enabled", "endWhenNoModerator", "html5InstanceId"},
     {"warnMinutesBeforeMax", "learningDashboardEnabled"}),
    (24, {"learningDashboardEnabled", "learningDashboardAccessToken"},
     {"meetingCameraCap", "groups"}),
    (25, {"meetingCameraCap", "disabledFeatures", "groups", "enabled"},
     {"captureNotes", "red5ScreenshareIp"}),
    (26, {"captureNotes", "maxUserConcurrentAccesses", "disableNotes"},
     {"enabled", "captureNotesFilename", "disableNote"}),
    (27, {"captureNotesFilename", "hideViewersAnnotation",
          "html5InstanceId"}, {"audioBridge"}),
    (30, {"audioBridge", "logoutUrl", "overrideClientSettings"},
     {"html5InstanceId"}),
])
def test_created_by_version(bbb, told, series, has, has_not):
    bbb.settings(series=series)
    bbb.control("POST", "meetings", {"meetingID": "abc123"})
    props = one(told, "MeetingCreatedEvtMsg").body["props"]
    names = set(props)
    for group in props.values():
        if isinstance(group, dict):
            names |= set(group)
    assert has <= names
    assert not has_not & names


def test_2_2_says_less(bbb, told):
    bbb.settings(series=22)
    bbb.control("POST", "events", {"pong_ms": 10000, "noise": 1000})
    assert "timestamp" in one(told, "CheckAlivePongSysMsg").body
    bbb.control("POST", "meetings", {"meetingID": "abc123"})
    users(bbb, userID="u", voice=True)
    users(bbb, "DELETE", "/u")
    bbb.control("POST", "meetings/abc123", {"snapshot": True})
    end(bbb)
    said = told.until("MeetingDestroyedEvtMsg")
    assert FRONTEND not in {m.channel for m in said}
    names = {m.name for m in said}
    assert "UserLeftFlagUpdatedEvtMsg" not in names
    assert "MeetingInfoAnalyticsServiceMsg" not in names
    joined, = [m for m in said if m.name == "UserJoinedMeetingEvtMsg"]
    assert list(joined.body) == [
        "intId", "extId", "name", "role", "guest", "authed", "guestStatus",
        "emoji", "presenter", "locked", "avatar", "clientType"]
    left, = [m for m in said if m.name == "UserLeftMeetingEvtMsg"]
    assert list(left.body) == ["intId"]
    cursors = {m.channel for m in said if m.name == "SendCursorPositionEvtMsg"}
    assert cursors <= {"from-akka-apps-wb-redis-channel"}


def test_as_told_on_the_command_line(redis):
    for option, ports in ("-R", (redis.port, redis.port)), \
            ("-r", (redis.port, redis.port + 1)):
        with Sim("-n", "2", option, str(redis.port)) as sim:
            assert [s.control("GET", "events")["redis"]
                    for s in sim.servers] == [f"127.0.0.1:{p}" for p in ports]
            assert sim.servers[0].control("GET", "events")["connected"]
            sim.reset()
            assert sim.servers[0].control("GET", "events")["connected"]
