"""What no well-behaved frontend sends, and what must not come of it.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re
import urllib.parse

import pytest

from harness import until

HTML = {"Accept": "text/html"}


@pytest.fixture(name="fe")
def _fe(cluster):
    for server in cluster.servers:
        server.mend()
        server.forget()
    cluster.sql("UPDATE backends SET node_state = 'ready'")
    cluster.sql("UPDATE backend_health SET failures = 0")
    return cluster.frontend()


def raw(**params):
    """A query whose values are already escaped."""
    return "&".join(f"{name}={value}" for name, value in params.items())


# ---- bytes that are no text

@pytest.mark.parametrize("value", ["ab%FF%FEcd", "ab%C3", "%ED%A0%80abc",
                                   "ab%C0%80cd"])
def test_a_meeting_id_that_is_no_text_is_refused(fe, value):
    reply = fe.call("create", raw_query=raw(name="abc", meetingID=value))
    assert (reply.status, reply.key, reply.message) == (
        200, "validationError", "Invalid meeting ID")
    for call in ("getMeetingInfo", "end"):
        assert fe.call(call, raw_query=raw(meetingID=value)).key == "notFound"
    assert fe.call("isMeetingRunning",
                   raw_query=raw(meetingID=value)).get("running") == "false"


@pytest.mark.parametrize("name", [
    "name", "attendeePW", "moderatorPW", "meta_one", "meta_server-tag",
    "welcome", "maxParticipants", "record"])
@pytest.mark.parametrize("value", ["ab%FFcd", "ab%00cd"])
def test_a_value_that_is_no_text_breaks_nothing(cluster, fe, name, value):
    meeting = f"odd-{fe.key}"
    params = {"meetingID": meeting, "name": "abc", name: value}
    reply = fe.call("create", raw_query=raw(**params))
    assert reply.status == 200
    if name == "record":
        assert reply.key == "validationError"
        return
    assert reply.ok, reply.text
    again = fe.call("create", raw_query=raw(**params))
    assert again.key == "duplicateWarning", again.text
    assert fe.info(meeting).ok
    sent = cluster.server_of_meeting(meeting).requests("create")[-1]
    assert value in sent["query"]


def test_a_parent_that_is_no_text_is_no_parent(fe):
    made = fe.create(f"parent-{fe.key}")
    for value in ("%00" + made.get("internalMeetingID"), "ab%FF"):
        reply = fe.call("create", raw_query=raw(
            meetingID="room", name="room", isBreakoutRoom="true", sequence=1,
            parentMeetingID=value))
        assert reply.key == "parentMeetingDoesNotExist", value


def test_a_host_name_that_is_no_text_is_nobodys(cluster):
    reply = cluster.bare_client(cluster.frontend()).call(
        "getMeetings", headers={"Host": b"ab\xff\xfe"})
    assert reply.status in (200, 400)
    assert "byte sequence" not in reply.text
    if reply.status == 200:
        assert reply.key == "checksumError"


@pytest.mark.parametrize("value", ["99999999999", "-1", "1e9", "x"])
def test_numbers_beyond_all_limits_break_nothing(fe, value):
    meeting = f"n-{fe.key}"
    assert fe.create(meeting, maxParticipants=value, duration=value).ok
    assert fe.info(meeting).ok
    assert meeting in fe.meeting_ids()


# ---- the frontend's own fault is not the server's

@pytest.mark.parametrize("status", [400, 413, 414, 431])
def test_a_create_too_large_for_a_server_blames_no_server(
        cluster, fe, status):
    for server in cluster.servers:
        server.fault("status", call="create", status=status)
    for _ in range(3):
        reply = fe.create(f"large-{fe.key}")
        assert (reply.status, reply.code, reply.key) == (
            200, "FAILED", "validationError")
        assert reply.message == \
            "The meeting's server refuses a request of this size or form."
    for server in cluster.servers:
        row = cluster.backend_of(server)
        assert (row["failures"], row["node_state"]) == (0, "ready")
        server.mend()
    assert fe.meeting_ids() == set()
    assert fe.create(f"large-{fe.key}").ok


def test_a_document_too_large_for_its_server_is_told_so(cluster, fe):
    meeting = f"doc-{fe.key}"
    assert fe.create(meeting).ok
    server = cluster.server_of_meeting(meeting)
    server.fault("status", call="insertDocument", status=413)
    reply = fe.call("insertDocument", {"meetingID": meeting},
                    body="<modules/>")
    assert (reply.status, reply.key) == (200, "validationError")
    assert cluster.backend_of(server)["failures"] == 0


# ---- joins that wait

def refresh_of(page):
    return re.search(r'content="\d+;\s*url=([^"]+)"',
                     page.text).group(1).replace("&amp;", "&")


def away(cluster, meeting, state="error"):
    cluster.sql("UPDATE backends SET node_state = %s WHERE host = %s",
                state, cluster.server_of_meeting(meeting).url)


def waits(cluster, fe, ask):
    """The page that a join gets while its server is away; then it goes on."""
    meeting = f"wait-{fe.key}"
    assert fe.create(meeting).ok
    away(cluster, meeting)
    page = until(lambda: (r := ask(meeting)).status == 200 and r, 2)
    for _ in range(3):
        page = fe.send("GET", cluster.url + refresh_of(page), headers=HTML)
        assert page.status == 200, page.text
    url = refresh_of(page)
    away(cluster, meeting, "ready")
    joined = until(lambda: (r := fe.send(
        "GET", cluster.url + url, headers=HTML)).status == 302 and r, 2)
    return dict(urllib.parse.parse_qsl(
        urllib.parse.urlsplit(joined.location).query))


@pytest.mark.parametrize("length", [100, 1500, 6000])
def test_a_long_join_waits_like_a_short_one(cluster, fe, length):
    sent = waits(cluster, fe, lambda meeting: fe.join(
        meeting, headers=HTML, avatarURL="x" * length))
    assert sent["avatarURL"] == "x" * length


def test_a_join_by_form_waits_with_its_parameters(cluster, fe):
    sent = waits(cluster, fe, lambda meeting: fe.form("join", {
        "meetingID": meeting, "fullName": "Ä ~*+&=/", "role": "VIEWER"},
        headers=HTML))
    assert (sent["fullName"], sent["role"]) == ("Ä ~*+&=/", "VIEWER")


# ---- joins that are refused

def test_errors_stand_in_the_query_of_the_address(fe):
    url = fe.join("nothing", errorRedirectUrl="https://p.example/a#top"
                  ).location
    assert urllib.parse.urlsplit(url).fragment == "top"
    assert "meetingForciblyEnded" in urllib.parse.urlsplit(url).query


def test_a_full_frontend_heeds_redirect(cluster, fe):
    meeting = f"full-{fe.key}"
    made = fe.create(meeting)
    cluster.server_of_meeting(meeting).join(made.get("internalMeetingID"),
                                            name="A")
    cluster.poll()
    cluster.settings(fe, attendees_limit={"limit": 1})
    away_to = {"logoutURL": "https://p.example/"}
    reply = until(lambda: (r := fe.join(meeting, **away_to)).location
                  and r.location.startswith("https://p.example/") and r, 2)
    assert "maxParticipantsReached" in reply.location
    for headers in ({}, HTML):
        reply = fe.join(meeting, redirect="false", headers=headers, **away_to)
        assert (reply.status, reply.key) == (200, "maxParticipantsReached")
    # validation redirects whatever it says
    assert fe.join("nothing", redirect="false", **away_to).status == 302


def test_a_limit_mixes_no_old_news_with_new(cluster, fe):
    """
    The replica has not heard, but the statement for the limit has.  The
    server itself tells the user then.
    """
    meeting = f"gone-{fe.key}"
    cluster.settings(fe, attendees_limit={"limit": 5})
    assert fe.create(meeting).ok
    until(lambda: all(fe.join(meeting).status == 302 for _ in range(6)), 2)
    cluster.sql("ALTER TABLE meetings DISABLE TRIGGER USER")
    try:
        cluster.sql("UPDATE meetings SET state = 'ended'"
                    " WHERE meeting_id = %s", meeting)
        for _ in range(4):
            reply = fe.join(meeting)
            assert reply.status == 302, reply.text
            assert reply.location.startswith("http://127.0.0.1:")
    finally:
        cluster.sql("ALTER TABLE meetings ENABLE TRIGGER USER")
