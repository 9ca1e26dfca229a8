"""Meetings by the REST API: listed, shown, forgotten, ended.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import base64
import json
import re
import uuid

import pytest

from harness import Cluster

MEMBERS = ["id", "internal_id", "meeting", "frontend_id", "backend_id",
           "created_at", "updated_at", "synced_at", "frontend_key",
           "frontend_meeting_id", "backend_host", "state"]
INFO = {
    "MeetingName": str, "MeetingID": str, "InternalMeetingID": str,
    "CreateTime": int, "CreateDate": str, "VoiceBridge": str,
    "DialNumber": str, "AttendeePW": str, "ModeratorPW": str,
    "Running": bool, "Duration": int, "Recording": bool,
    "HasBeenForciblyEnded": bool, "StartTime": int, "EndTime": int,
    "ParticipantCount": int, "ListenerCount": int,
    "VoiceParticipantCount": int, "VideoCount": int, "MaxUsers": int,
    "ModeratorCount": int, "IsBreakout": bool, "Metadata": dict,
    "Attendees": list, "BreakoutRooms": list, "Breakout": type(None)}
ATTENDEE = {"UserID": str, "InternalUserID": str, "FullName": str,
            "Role": str, "ClientType": str, "IsPresenter": bool,
            "IsListeningOnly": bool, "HasJoinedVoice": bool,
            "HasVideo": bool}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$")
NODE = "b3scale:node"
OURS = "http://127.0.0.1:9/api"


@pytest.fixture(scope="module", name="shared")
def shared_cluster(postgres):
    made = Cluster(postgres, workers={"state": 1, "forward": 3},
                   conf={"try_timeout": "2 s", "api_url": OURS})
    yield made
    made.close()


@pytest.fixture(name="cluster")
def fresh(shared):
    """Without meetings and without frontends."""
    shared.empty("frontends", "ended_meetings", "audit")
    return shared


def encoded(frontend, meeting_id):
    text = json.dumps([frontend.key, meeting_id, "b3scl"],
                      separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def create(frontend, meeting_id="m1", **params):
    reply = frontend.call("create", {"meetingID": meeting_id,
                                     "name": "Maths", **params})
    assert reply.ok, reply
    return encoded(frontend, meeting_id)


def ids(answer):
    assert answer.status == 200, answer
    return [m["frontend_meeting_id"] for m in answer.json()]


def server_of(cluster, meeting_id="m1"):
    return cluster.server_of_meeting(meeting_id)


def test_none(cluster):
    answer = cluster.api.get("/meetings")
    assert (answer.status, answer.text) == (200, "[]\n")
    assert answer.headers["X-Total-Count"] == "0"


def test_a_meeting(cluster):
    frontend = cluster.frontend()
    wanted = create(frontend, "m1", **{"meta_a-b": "<x> & y"})
    server = server_of(cluster)
    server.join(wanted, userID="u1", name="Ada", role="MODERATOR")
    cluster.poll()
    got = cluster.api.get(f"/meetings/{wanted}").json()
    assert list(got) == MEMBERS
    assert got["id"] == wanted and got["state"] == "living"
    assert got["frontend_id"] == frontend.id
    assert got["frontend_key"] == frontend.key
    assert got["frontend_meeting_id"] == "m1"
    assert got["backend_id"] == cluster.backend_of(server)["id"]
    assert got["backend_host"] == server.url
    for name in ("created_at", "updated_at", "synced_at"):
        assert TIME.match(got[name]), name
    info = got["meeting"]
    assert {k: type(v) for k, v in info.items()} == INFO
    assert list(info) == list(INFO)
    assert info["MeetingName"] == "Maths" and info["MeetingID"] == wanted
    assert info["InternalMeetingID"] == got["internal_id"] != ""
    assert info["Running"] is True and info["ParticipantCount"] == 1
    assert info["CreateTime"] > 1e12
    assert info["Metadata"]["a-b"] == "<x> & y"
    assert [(list(a), {k: type(v) for k, v in a.items()})
            for a in info["Attendees"]] == [(list(ATTENDEE), ATTENDEE)]
    assert info["Attendees"][0]["FullName"] == "Ada"
    assert info["BreakoutRooms"] == []
    assert cluster.api.get("/meetings").json() == [got]
    assert cluster.api.get(
        f"/meetings/internal:{got['internal_id']}").json() == got
    assert cluster.api.get(
        f"/meetings/{wanted.replace('=', '%3D')}").json() == got


def test_callbacks_are_the_frontends_own(cluster):
    """The server has another address, which is for nobody else to know."""
    own = "https://fe.example/end?a=1&b=<ä>"
    wanted = create(cluster.frontend(), **{
        "meta_endCallbackUrl": own, "meta_x": f"see {OURS}/v1/nothing"})
    sent = server_of(cluster).requests("create")[-1]
    assert OURS in json.dumps(sent) and own not in json.dumps(sent)
    for _ in range(2):
        shown = cluster.api.get(f"/meetings/{wanted}")
        told = shown.json()["meeting"]["Metadata"]
        assert told["endcallbackurl"] == own
        assert told["x"] == f"see {OURS}/v1/nothing"
        assert cluster.api.get("/meetings").json() == [shown.json()]
        assert "callbacks/proxy" not in shown.text
        cluster.poll()
    ended = cluster.api.post(f"/meetings/{wanted}/end")
    assert ended.json()["meeting"]["Metadata"]["endcallbackurl"] == own


def test_a_breakout_room(cluster):
    wanted = create(cluster.frontend())
    server = server_of(cluster)
    server.join(wanted, userID="u1", name="Ada", role="MODERATOR")
    server.breakout(wanted, 2)
    cluster.poll()
    got = {m["meeting"]["IsBreakout"]: m
           for m in cluster.api.get("/meetings").json()}
    room, parent = got[True], got[False]
    assert list(room["meeting"]["Breakout"]) == [
        "ParentMeetingID", "Sequence", "FreeJoin"]
    assert room["meeting"]["Breakout"]["ParentMeetingID"] == \
        parent["internal_id"]
    assert room["meeting"]["Breakout"]["Sequence"] == 2
    assert len(parent["meeting"]["BreakoutRooms"]) == 1


# Long enough not to be part of an encoded id by chance.
SECOND = "the-second-of-three"


def test_filters(cluster):
    one, two = cluster.frontend(), cluster.frontend()
    create(one, "m1", name="Maths")
    create(one, SECOND, name="History 100%")
    running = create(two, "m3", name="MATHS too")
    server_of(cluster, "m3").join(running, userID="u", name="U",
                                  role="VIEWER")
    cluster.poll()

    def listed(**query):
        return ids(cluster.api.get("/meetings", **query))

    assert listed(frontend=one.key) == ["m1", SECOND]
    assert listed(frontend=two.id) == ["m3"]
    assert listed(frontend="nobody") == []
    assert listed(running="true") == ["m3"]
    assert listed(running="false") == ["m1", SECOND]
    assert listed(text="maths") == ["m1", "m3"]
    assert listed(text="%") == [SECOND]
    assert listed(text=SECOND.upper()) == [SECOND]
    assert listed(frontend=one.key, text="maths") == ["m1"]
    for server in cluster.servers:
        row = cluster.backend_of(server)
        there = sorted(i for i in ("m1", SECOND, "m3")
                       if server_of(cluster, i) is server)
        for query in ({"backend": server.url}, {"backend": row["id"]},
                      {"backend_id": row["id"]},
                      {"backend_host": server.url},
                      {"backend_id": row["id"],
                       "backend_host": server.url}):
            assert sorted(listed(**query)) == there, query
    answer = cluster.api.get("/meetings", limit=1, offset=1)
    assert ids(answer) == [SECOND]
    assert answer.headers["X-Total-Count"] == "3"
    assert listed(offset=9) == []


@pytest.mark.parametrize("query", [
    {"backend_id": "x"}, {"backend_id": str(uuid.uuid4())},
    {"backend_host": "http://nobody/"}])
def test_an_unknown_backend(cluster, query):
    answer = cluster.api.get("/meetings", **query)
    assert (answer.status, answer.json()) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("name,value,text", [
    ("running", "maybe", "must be true or false"),
    ("limit", "-1", "must be a whole number, not below 0"),
    ("offset", "x", "must be a whole number, not below 0")])
def test_bad_filters(cluster, name, value, text):
    answer = cluster.api.get("/meetings", **{name: value})
    assert answer.status == 400
    assert answer.json()["fields"] == {name: [text]}


@pytest.mark.parametrize("method,path", [
    ("GET", "/meetings/nothing"), ("GET", "/meetings/internal:nothing"),
    ("DELETE", "/meetings/internal:nothing"),
    ("POST", "/meetings/nothing/end")])
def test_no_such_meeting(cluster, method, path):
    answer = cluster.api.call(method, path)
    assert (answer.status, answer.json()) == (404, {"message": "Not Found"})


def audit(cluster):
    return [(a["action"], a["resource"], a["resource_id"])
            for a in cluster.sql("SELECT * FROM audit ORDER BY id")]


def test_ended(cluster):
    wanted = create(cluster.frontend())
    server = server_of(cluster)
    before = cluster.api.get(f"/meetings/{wanted}").json()
    answer = cluster.api.post(f"/meetings/{wanted}/end")
    assert (answer.status, answer.json()) == (200, before)
    assert len(server.requests("end")) == 1
    assert cluster.api.get(f"/meetings/{wanted}").status == 404
    assert cluster.value("SELECT state FROM meetings") == "ended"
    assert audit(cluster) == [("end", "meeting", wanted)]
    assert cluster.api.post(f"/meetings/{wanted}/end").status == 404


def test_its_server_has_lost_it(cluster):
    wanted = create(cluster.frontend())
    server_of(cluster).restart()
    assert cluster.api.post(f"/meetings/{wanted}/end").status == 200
    assert cluster.value("SELECT state FROM meetings") == "ended"


def test_its_server_does_not_end_it(cluster):
    wanted = create(cluster.frontend())
    server = server_of(cluster)
    server.fault("status", "end", status=500)
    answer = cluster.api.post(f"/meetings/{wanted}/end")
    assert answer.status == 502
    assert answer.json() == {
        "message": f"backend {server.url}: HTTP status 500"}
    assert cluster.value("SELECT state FROM meetings") == "living"
    assert audit(cluster) == []


def test_not_there_yet(cluster):
    wanted = create(cluster.frontend())
    cluster.sql("UPDATE meetings SET state = 'placed', internal_id = NULL")
    answer = cluster.api.post(f"/meetings/{wanted}/end")
    assert answer.status == 409
    assert answer.json() == {
        "message": "its server has not confirmed it yet"}
    got = cluster.api.get(f"/meetings/{wanted}").json()
    assert (got["state"], got["internal_id"]) == ("placed", "")


def test_nodes_see_their_own(cluster):
    wanted = create(cluster.frontend())
    server = server_of(cluster)
    cluster.sql("UPDATE backends SET agent_ref = 'mine' WHERE host = %s",
                server.url)
    cluster.sql("UPDATE backends SET agent_ref = 'other' WHERE host <> %s",
                server.url)
    mine = cluster.api.as_(NODE, sub="mine")
    shown = mine.get(f"/meetings/{wanted}").json()
    for sub, status in (("other", 404), ("nobody", 403)):
        other = cluster.api.as_(NODE, sub=sub)
        for path in (wanted, "internal:" + shown["internal_id"]):
            assert other.get(f"/meetings/{path}").status == status
            assert other.delete(f"/meetings/{path}").status == status
    answer = mine.delete(f"/meetings/internal:{shown['internal_id']}")
    assert (answer.status, answer.json()) == (200, shown)
    assert cluster.value("SELECT state FROM meetings") == "ended"
    assert server.requests("end") == []
    assert audit(cluster) == [("delete", "meeting", wanted)]
