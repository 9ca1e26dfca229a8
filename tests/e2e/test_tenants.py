"""Two frontends, each with a valid secret: neither sees the other's.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import os
import re

import pytest

from harness import tree, until

MEETING = "the same id"

# What a stranger may send beside the name, by call.
EXTRA = {
    "create": {"name": "abc", "attendeePW": "apw", "moderatorPW": "mpw"},
    "join": {"fullName": "Eve", "role": "MODERATOR"},
    "end": {"password": "mpw"},
    "getMeetingInfo": {"password": "mpw"},
    "sendChatMessage": {"message": "hello", "userName": "Eve"},
    "publishRecordings": {"publish": "false"},
    "updateRecordings": {"meta_name": "mine", "protect": "true"},
    "putRecordingTextTrack": {"kind": "captions", "lang": "en"},
    "hooks/create": {"callbackURL": "https://eve.example/"},
    "hooks/destroy": {"hookID": "1"},
}


def calls():
    """Every row of the gateway's table, and a call of a later BBB."""
    path = os.path.join(tree.SOURCE, "lib/core/gateway/gateway.c")
    with open(path, encoding="utf-8") as f:
        table = f.read().split("calls[] = {")[1].split("\n};")[0]
    found = re.findall(r'^\t\{ "([^"]*)"', table, re.MULTILINE)
    assert len(found) >= 25 and set(EXTRA) <= set(found)
    return found + ["someLaterCall"]


@pytest.fixture(name="pair", scope="module")
def _pair(cluster):
    """A frontend with a running meeting, and a stranger to it."""
    one, two = cluster.frontend(), cluster.frontend()
    made = one.create(MEETING, attendeePW="hidden-apw",
                      moderatorPW="hidden-mpw")
    one.internal = made.get("internalMeetingID")
    server = cluster.server_of_meeting(MEETING)
    one.on_server = server.meetings()[0]["meetingID"]
    server.join(one.internal, name="Alice", userID="alice")
    cluster.poll()
    return one, two


def names_of_first(one):
    """Each way in which a stranger may try to name the meeting."""
    return [MEETING, one.internal, one.on_server, one.internal[:40]]


def everything(cluster, frontend):
    """All that the database and the servers know of a frontend."""
    rows = cluster.sql(
        "SELECT to_jsonb(m) - 'missing' - 'poll_digest' AS row,"
        " (SELECT jsonb_agg(to_jsonb(a) ORDER BY a) FROM attendees a"
        "   WHERE a.meeting = m.id) AS people"
        " FROM meetings m WHERE frontend_id = %s ORDER BY id", frontend.id)
    own = {row["row"]["internal_id"] for row in rows}
    there = [(index, {k: m[k] for k in (
        "meetingID", "internalMeetingID", "users", "documents")})
             for index, m in cluster.sim.meetings()
             if m["internalMeetingID"] in own]
    return rows, there


def secrets_of(one):
    """What a stranger's answers must never hold, unless it sent it."""
    return [one.internal, one.on_server, "Alice", "alice", one.key,
            one.secret, "hidden-apw", "hidden-mpw"]


@pytest.mark.parametrize("call", calls())
@pytest.mark.parametrize("way", ["GET", "HEAD", "XML", "form"])
def test_no_call_reaches_it(pair, cluster, call, way):
    one, two = pair
    before = everything(cluster, one)
    for server in cluster.servers:
        server.forget()
    for name in names_of_first(one)[1:]:
        params = {"meetingID": name, "recordID": name,
                  "parentMeetingID": name, **EXTRA.get(call, {})}
        if way == "form":
            reply = two.form(call, params)
        elif way == "XML":
            reply = two.call(call, params, body="<modules/>")
        else:
            reply = two.call(call, params, method=way)
        assert reply.status == 200, reply
        for secret in secrets_of(one):
            if secret not in params.values():
                assert secret not in reply.text, secret
        assert one.internal not in str(reply.headers)
    assert everything(cluster, one) == before
    for server in cluster.servers:
        for seen in server.requests():
            sent = dict(seen["params"])
            assert not {one.internal, one.on_server} & set(sent.values())
    assert two.meeting_ids() == set()


def test_a_room_belongs_to_the_parents_frontend(pair, cluster):
    one, two = pair
    server = cluster.server_of_meeting(MEETING)
    server.breakout(one.internal, 1, name="Room")
    try:
        cluster.poll()
        rooms = one.meeting_ids() - {MEETING}
        assert len(rooms) == 1
        room = rooms.pop()
        inner = one.info(room).get("internalMeetingID")
        for name in (room, inner):
            assert two.info(name).key == "notFound"
            assert two.end(name).key == "notFound"
            assert two.join(name).status == 200
        assert one.info(room).get("isBreakout") == "true"
        assert two.meeting_ids() == set()
    finally:
        assert one.end(room).ok
    until(lambda: (cluster.poll(), one.meeting_ids())[1] == {MEETING}, 10)


def test_frontends_of_one_address_are_told_apart_by_their_secrets(
        pair, cluster):
    ids = [fe.id for fe in pair]
    one, two = (cluster.bare_client(fe) for fe in pair)
    cluster.sql("UPDATE frontends SET bare_path = true"
                " WHERE id::text = ANY(%s)", ids)
    try:
        until(lambda: all(one.meeting_ids() == {MEETING}
                          for _ in range(4)), 2)
        assert two.meeting_ids() == set()
        for name in names_of_first(pair[0]):
            assert two.info(name).key == "notFound"
            assert two.join(name).status == 200
            assert two.end(name).key == "notFound"
    finally:
        cluster.sql("UPDATE frontends SET bare_path = false"
                    " WHERE id::text = ANY(%s)", ids)


def test_no_list_shows_it(pair):
    one, two = pair
    assert one.meeting_ids() == {MEETING}
    assert two.meeting_ids() == set()
    assert "Alice" in one.call("getMeetings").text
    assert "Alice" not in two.call("getMeetings").text


def test_no_name_of_it_finds_it(pair):
    one, two = pair
    for name in names_of_first(one):
        assert two.is_running(name) == "false", name
        assert two.info(name).key == "notFound", name
        assert two.end(name).key == "notFound", name
        assert two.join(name).status != 302, name
        assert two.call("sendChatMessage", {
            "meetingID": name, "message": "x"}).key == "meetingNotFound"
        assert two.call("insertDocument", {"meetingID": name},
                        body="<modules/>").code == "FAILED"
        assert two.call("someLaterCall", {"meetingID": name}).key == \
            "notFound"
    assert one.is_running(MEETING) == "true"
    assert one.info(MEETING).get("participantCount") == "1"


def test_a_prefix_of_an_internal_id_names_nothing(pair):
    one, _ = pair
    for cut in (2, 20, 40, len(one.internal) - 1):
        assert one.info(one.internal[:cut]).key == "notFound"
    assert one.info(one.internal).ok


def test_the_same_id_is_another_meeting(pair, cluster):
    one, two = pair
    made = two.create(MEETING, attendeePW="apw", moderatorPW="mpw")
    assert made.ok and made.key != "duplicateWarning"
    assert made.get("internalMeetingID") != one.internal
    assert two.is_running(MEETING) == "false"
    assert two.end(MEETING).ok
    assert one.is_running(MEETING) == "true"
    cluster.poll()
    assert one.info(MEETING).ok


def test_an_internal_id_as_ones_own_id_is_another_meeting(pair, cluster):
    one, two = pair
    for name in (one.internal, one.on_server):
        made = two.create(name)
        assert made.ok and made.get("meetingID") == name
        assert made.get("internalMeetingID") != one.internal
        assert two.info(name).get("internalMeetingID") == made.get(
            "internalMeetingID")
        assert one.info(one.internal).get("meetingID") == MEETING
        assert two.end(name).ok
        assert one.info(MEETING).ok
    cluster.poll()
    assert one.meeting_ids() == {MEETING} and two.meeting_ids() == set()


def test_a_breakout_room_cannot_hang_on_a_strangers_meeting(pair):
    one, two = pair
    for parent in names_of_first(one):
        reply = two.create("room", isBreakout="true", sequence="1",
                           parentMeetingID=parent)
        assert reply.key == "parentMeetingDoesNotExist", parent


def test_another_secret_signs_nothing_here(pair, cluster):
    one, two = pair
    forged = cluster.client(one.key, two.secret)
    for call in ("create", "join", "isMeetingRunning", "end",
                 "getMeetingInfo", "getMeetings"):
        assert forged.call(call, {"meetingID": MEETING, "name": "ab",
                                  "fullName": "x"}).key == "checksumError"
