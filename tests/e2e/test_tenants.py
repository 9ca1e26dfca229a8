"""Two frontends, each with a valid secret: neither sees the other's.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import pytest

MEETING = "the same id"


@pytest.fixture(name="pair", scope="module")
def _pair(cluster):
    """A frontend with a running meeting, and a stranger to it."""
    one, two = cluster.frontend(), cluster.frontend()
    made = one.create(MEETING, attendeePW="apw", moderatorPW="mpw")
    one.internal = made.get("internalMeetingID")
    server = cluster.server_of_meeting(MEETING)
    one.on_server = server.meetings()[0]["meetingID"]
    server.join(one.internal, name="Alice", userID="alice")
    cluster.poll()
    return one, two


def names_of_first(one):
    """Each way in which a stranger may try to name the meeting."""
    return [MEETING, one.internal, one.on_server, one.internal[:40]]


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
