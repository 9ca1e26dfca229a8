"""What is known of a meeting, changed by the REST API.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import concurrent.futures

import pytest

from harness import Cluster

NODE = "b3scale:node"
ADA = {"UserID": "u1", "InternalUserID": "w_1", "FullName": "Ada <A>",
       "Role": "MODERATOR", "ClientType": "HTML5", "IsPresenter": True,
       "IsListeningOnly": False, "HasJoinedVoice": True, "HasVideo": True}
BOB = {"UserID": "u2", "InternalUserID": "w_2", "FullName": "Bob",
       "Role": "VIEWER", "ClientType": "HTML5", "IsPresenter": False,
       "IsListeningOnly": True, "HasJoinedVoice": False, "HasVideo": False}


@pytest.fixture(scope="module", name="shared")
def shared_cluster(postgres):
    made = Cluster(postgres, servers=1, workers={"state": 2, "forward": 2})
    made.sql("UPDATE backends SET agent_ref = 'mine'")
    yield made
    made.close()


@pytest.fixture(name="cluster")
def fresh(shared):
    """Without meetings and without frontends."""
    shared.empty("frontends", "ended_meetings", "audit")
    return shared


@pytest.fixture(name="frontend")
def made_frontend(cluster):
    return cluster.frontend()


@pytest.fixture(name="meeting")
def made_meeting(cluster, frontend):
    """As the API shows it."""
    assert frontend.create("m1", meta_a="1", meta_b="2").ok
    cluster.poll()
    return cluster.api.get("/meetings").json()[0]


def change(cluster, meeting, sent, api=None):
    """What it is afterwards, of its member meeting."""
    answer = (api or cluster.api).patch(f"/meetings/{meeting['id']}",
                                        {"meeting": sent})
    assert answer.status == 200, answer
    assert cluster.api.get(f"/meetings/{meeting['id']}").json() == \
        answer.json()
    return answer.json()["meeting"]


# Member by member: what is sent, and what it is then.
SCALARS = {
    "MeetingName": "Ünnamed <&>", "CreateTime": 1760000000123,
    "CreateDate": "some day", "VoiceBridge": "70000", "DialNumber": "+49",
    "AttendeePW": "ap2", "ModeratorPW": "mp2", "Running": True,
    "Duration": 90, "Recording": True, "HasBeenForciblyEnded": True,
    "StartTime": 1760000000456, "EndTime": 253402300799999,
    "ParticipantCount": 2147483647, "ListenerCount": 1,
    "VoiceParticipantCount": 2, "VideoCount": 3, "MaxUsers": 4,
    "ModeratorCount": 5,
    "BreakoutRooms": ["a & b", "c"],
    "Attendees": [ADA, BOB],
}


@pytest.mark.parametrize("name", list(SCALARS))
def test_a_member(cluster, meeting, name):
    """It alone changes, but for what is counted from a list of people."""
    counted = {"Attendees": {
        "ParticipantCount": 2, "ListenerCount": 1, "ModeratorCount": 1,
        "VoiceParticipantCount": 1, "VideoCount": 1, "Running": True}}
    assert meeting["meeting"][name] != SCALARS[name]
    assert change(cluster, meeting, {name: SCALARS[name]}) == {
        **meeting["meeting"], name: SCALARS[name], **counted.get(name, {})}
    # Letter case does not matter; nothing else is sent.
    assert change(cluster, meeting, {name.upper(): SCALARS[name]})[name] == \
        SCALARS[name]


def test_a_whole_record_that_was_read(cluster, meeting):
    """Sent back with a change: whatever it may not change is skipped."""
    sent = {**meeting["meeting"], "MeetingName": "x", "MeetingID": "y",
            "InternalMeetingID": 7, "IsBreakout": "no", "Breakout": []}
    answer = cluster.api.patch(f"/meetings/{meeting['id']}", {
        **meeting, "id": 5, "frontend_id": None, "backend_id": "x",
        "created_at": "never", "meeting": sent})
    assert answer.status == 200, answer
    got = answer.json()
    assert got.pop("updated_at") > meeting.pop("updated_at")
    assert got == {**meeting, "meeting": {**meeting["meeting"],
                                          "MeetingName": "x"}}


@pytest.mark.parametrize("body", [
    None, {}, {"meeting": None}, {"meeting": {}}, {"state": "ended"},
    {"meeting": {name: None for name in SCALARS
                 if name not in ("Attendees", "BreakoutRooms")}}])
def test_nothing_changes(cluster, meeting, body):
    answer = cluster.api.patch(f"/meetings/{meeting['id']}", body)
    assert answer.status == 200, answer
    assert answer.json()["meeting"] == meeting["meeting"]


def test_null_and_empty_lists_clear(cluster, meeting):
    for empty in (None, []):
        full = change(cluster, meeting, {
            "Attendees": [ADA], "BreakoutRooms": ["r"]})
        assert full["Attendees"] == [ADA] and full["BreakoutRooms"] == ["r"]
        got = change(cluster, meeting, {"Attendees": empty,
                                        "BreakoutRooms": empty})
        assert got["Attendees"] == [] and got["BreakoutRooms"] == []
        assert got["ParticipantCount"] == 0 and got["Running"] is False


def test_metadata_is_merged_name_by_name(cluster, meeting):
    def merged(sent):
        return {k: v for k, v in change(
            cluster, meeting, {"Metadata": sent})["Metadata"].items()
            if k != "b3s-frontend"}

    assert merged({}) == {"a": "1", "b": "2"}
    assert merged({"c": "<x> & 'y'\n", "a": "3"}) == {
        "a": "3", "b": "2", "c": "<x> & 'y'\n"}
    assert merged({"a": None, "b": ""}) == {"c": "<x> & 'y'\n"}
    assert merged({"c.d": "e", "c-d": "f", "cxd": "g"}) == {
        "c": "<x> & 'y'\n", "c.d": "e", "c-d": "f", "cxd": "g"}
    assert merged({"c.d": "", "x": "\\1 \\&"}) == {
        "c": "<x> & 'y'\n", "c-d": "f", "cxd": "g", "x": "\\1 \\&"}
    assert merged(None) == {}
    assert merged({"z": "1"}) == {"z": "1"}


def test_people_are_replaced(cluster, meeting):
    assert change(cluster, meeting, {"Attendees": [BOB, ADA]})[
        "Attendees"] in ([ADA, BOB], [BOB, ADA])
    # One session counts once: the last that is told of it.
    told = [{**ADA, "Role": "VIEWER"}, {**ADA, "FullName": "Eve"}]
    got = change(cluster, meeting, {"Attendees": told})
    assert got["Attendees"] == [told[1]]
    assert got["ParticipantCount"] == 1
    # What is missing is empty; those without a session get one.
    got = change(cluster, meeting, {"Attendees": [{"userid": "u"}, {}]})
    assert sorted((a["UserID"], a["InternalUserID"], a["FullName"])
                  for a in got["Attendees"]) == [
        ("", "#2", ""), ("u", "#1", "")]
    # A count that is sent as well holds.
    got = change(cluster, meeting, {"Attendees": [ADA], "Running": False,
                                    "ParticipantCount": 7})
    assert got["ParticipantCount"] == 7 and got["Running"] is False
    assert got["VideoCount"] == 1


def fault(field, text):
    return {"error": "validation_error", "fields": {field: [text]},
            "message": "validation failed with input"}


COUNT = "must be 0 to 2147483647"
TIME = "must be 0 to 253402300799999"


@pytest.mark.parametrize("sent,field,text", [
    ({"MaxUsers": -1}, "MaxUsers", COUNT),
    ({"ParticipantCount": 2 ** 31}, "ParticipantCount", COUNT),
    ({"Duration": 2 ** 62}, "Duration", COUNT),
    ({"CreateTime": -1}, "CreateTime", TIME),
    ({"EndTime": 253402300800000}, "EndTime", TIME),
    ({"Metadata": {"a b": "x"}}, "Metadata",
     "names must begin with a letter and have no others than A-Z, a-z, 0-9,"
     " '-', '_' and '.'"),
    ({"Metadata": {"a": 1}}, "Metadata", "values must be texts"),
    ({"Metadata": {"a": {"b": "c"}}}, "Metadata", "values must be texts"),
    ({"Attendees": {}}, "Attendees", "must be a list of objects"),
    ({"Attendees": [ADA, None]}, "Attendees", "must be a list of objects"),
    ({"Attendees": [{"UserID": 1}]}, "Attendees", "UserID must be a text"),
    ({"Attendees": [{"HasVideo": 1}]}, "Attendees",
     "HasVideo must be a boolean"),
])
def test_a_wrong_value(cluster, meeting, sent, field, text):
    answer = cluster.api.patch(f"/meetings/{meeting['id']}",
                               {"meeting": {"MeetingName": "x", **sent}})
    assert (answer.status, answer.json()) == (
        400, fault(f"meeting.{field}", text))
    assert cluster.api.get(f"/meetings/{meeting['id']}").json() == meeting
    assert cluster.sql("SELECT * FROM audit") == []


@pytest.mark.parametrize("body,text", [
    ('{"meeting":[]}', "Unmarshal type error: expected=object, got=array,"
     " field=meeting, offset=13"),
    ('{"meeting":{"Running":1}}', "Unmarshal type error: expected=bool,"
     " got=number, field=meeting.Running, offset=23"),
    ('{"meeting":{"MaxUsers":1.0}}', "Unmarshal type error: expected=int64,"
     " got=number, field=meeting.MaxUsers, offset=26"),
    ('{"meeting":{"Metadata":[]}}', "Unmarshal type error: expected=object,"
     " got=array, field=meeting.Metadata, offset=25"),
    ('{"meeting":{"BreakoutRooms":[1]}}', "Unmarshal type error:"
     " expected=[]string, got=array, field=meeting.BreakoutRooms,"
     " offset=31"),
    ('{"meeting"', "unexpected EOF"),
])
def test_a_wrong_body(cluster, meeting, body, text):
    answer = cluster.api.patch(f"/meetings/{meeting['id']}", raw=body)
    assert (answer.status, answer.json()) == (400, {"message": text})


def test_loads_are_counted_anew(cluster, meeting, frontend):
    change(cluster, meeting, {"ParticipantCount": 40,
                              "VoiceParticipantCount": 20, "VideoCount": 10})
    row = cluster.sql("SELECT * FROM backend_load")[0]
    assert row["users"] == 40 and row["base"] >= 40
    assert cluster.value("SELECT users FROM frontend_load"
                         " WHERE frontend_id = %s", frontend.id) == 40
    assert cluster.api.get("/backends").json()[0]["attendees_count"] == 40


def test_frontends_see_it(cluster, meeting, frontend):
    change(cluster, meeting, {
        "Attendees": [ADA], "Metadata": {"c": "<3"},
        "MeetingName": "new", "Running": True})
    info = frontend.info("m1")
    assert info.get("meetingName") == "new"
    assert info.get("attendees/attendee/fullName") == "Ada <A>"
    assert info.get("metadata/c") == "<3"
    assert frontend.is_running("m1") == "true"


def test_its_server_has_the_last_word(cluster, meeting):
    change(cluster, meeting, {"MeetingName": "x", "Attendees": [ADA]})
    cluster.poll()
    assert cluster.api.get(f"/meetings/{meeting['id']}").json()[
        "meeting"] == meeting["meeting"]


def test_of_several_at_once_none_is_lost(cluster, meeting):
    def one(i):
        return change_status(cluster, meeting,
                             {"Metadata": {f"k{i}": str(i)}})

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(40))) == {200}
    shown = cluster.api.get(f"/meetings/{meeting['id']}").json()
    assert {k: v for k, v in shown["meeting"]["Metadata"].items()
            if k.startswith("k")} == {f"k{i}": str(i) for i in range(40)}


def change_status(cluster, meeting, sent):
    return cluster.api.patch(f"/meetings/{meeting['id']}",
                             {"meeting": sent}).status


def test_the_trace(cluster, meeting):
    change(cluster, meeting, {
        "MeetingName": "x", "ModeratorPW": "secret-m",
        "AttendeePW": "secret-a", "Metadata": {"a": "<"}})
    entry, = cluster.api.get("/audit").json()
    assert (entry["action"], entry["resource"], entry["resource_id"],
            entry["name"]) == ("change", "meeting", meeting["id"],
                               meeting["internal_id"])
    assert entry["changes"] == {
        "MeetingName": "x", "ModeratorPW": "***", "AttendeePW": "***",
        "Metadata": {"a": "<"}}


# ---- whose

FORBIDDEN = (403, {"message": "no backend has this agent"})
MISSING = (404, {"message": "Not Found"})


def told(answer):
    return answer.status, answer.json()


def test_a_node_changes_its_own(cluster, meeting):
    mine = cluster.api.as_(NODE, sub="mine")
    assert change(cluster, meeting, {"MeetingName": "x"}, mine)[
        "MeetingName"] == "x"
    answer = mine.patch(f"/meetings/internal:{meeting['internal_id']}",
                        {"meeting": {"MeetingName": "y"}})
    assert answer.json()["meeting"]["MeetingName"] == "y"
    entry = cluster.api.get("/audit", limit=1).json()[0]
    assert (entry["actor"], entry["role"]) == ("mine", "node")
    # So is one who is admin, too.
    both = cluster.api.as_(f"{NODE} b3scale:admin", sub="mine")
    assert change(cluster, meeting, {"MeetingName": "z"}, both)[
        "MeetingName"] == "z"


@pytest.mark.parametrize("scope", [NODE, f"{NODE} b3scale:admin"])
def test_a_node_sees_no_other(cluster, meeting, scope):
    """The Go program's words for one without a backend, and for one with."""
    other = cluster.backend("http://127.0.0.1:9/other/", "s")
    cluster.sql("UPDATE backends SET agent_ref = 'other' WHERE id = %s",
                other)
    try:
        for sub, wanted in (("other", MISSING), ("nobody", FORBIDDEN)):
            api = cluster.api.as_(scope, sub=sub)
            for path in (meeting["id"], "internal:" + meeting["internal_id"],
                         "nothing"):
                for method in ("GET", "PATCH", "DELETE"):
                    assert told(api.call(method, f"/meetings/{path}")) == \
                        wanted, (sub, method, path)
        assert cluster.api.get(f"/meetings/{meeting['id']}").json() == meeting
        assert cluster.sql("SELECT * FROM audit") == []
    finally:
        cluster.sql("DELETE FROM backends WHERE id = %s", other)


def test_none(cluster, meeting, frontend):
    assert told(cluster.api.patch("/meetings/nothing", {})) == MISSING
    assert frontend.end("m1").ok
    assert told(cluster.api.patch(f"/meetings/{meeting['id']}", {})) == \
        MISSING
    user = cluster.api.as_("b3scale")
    assert told(user.patch(f"/meetings/{meeting['id']}", {})) == (
        403, {"message": "b3scale:admin, b3scale:node scope required"})
