"""Each call of the BBB API, its errors first, through each web server.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re

import pytest

from harness import until

NO_SUCH = "A meeting with that ID does not exist"
HASHES = ["sha1", "sha256", "sha384", "sha512"]


@pytest.fixture(name="fe")
def _fe(any_cluster):
    return any_cluster.frontend()


def words(reply):
    return reply.status, reply.code, reply.key, reply.message


# ---- checksums and addresses

def test_a_wrong_checksum_is_refused_before_all_else(fe):
    for call in ("create", "join", "isMeetingRunning", "end",
                 "getMeetingInfo", "getMeetings", "insertDocument",
                 "sendChatMessage", "someLaterCall"):
        reply = fe.call(call, {"meetingID": ","}, checksum="0" * 64)
        assert words(reply) == (200, "FAILED", "checksumError",
                                "Checksums do not match")
        reply = fe.call(call, {"meetingID": ","}, checksum="")
        assert words(reply) == (200, "FAILED", "checksumError",
                                "You must provide the checksum")


def test_recordings_calls_have_the_older_words(fe):
    for call in ("getRecordings", "publishRecordings", "deleteRecordings",
                 "updateRecordings"):
        reply = fe.call(call, {"recordID": "x"}, checksum="0" * 40)
        assert words(reply) == (200, "FAILED", "checksumError",
                                "You did not pass the checksum security check")


def test_an_unknown_frontend_learns_no_more_than_a_wrong_checksum(
        any_cluster, fe):
    stranger = any_cluster.client("nobody", fe.secret)
    assert words(stranger.call("getMeetings")) == (
        200, "FAILED", "checksumError", "Checksums do not match")
    line = any_cluster.wait_log("no such frontend")
    assert fe.secret not in line


def test_a_disabled_frontend_is_told_so(any_cluster, fe):
    any_cluster.sql("UPDATE frontends SET active = false WHERE id = %s",
                    fe.id)
    reply = until(lambda: (r := fe.call("getMeetings")).key and r, 2)
    assert words(reply)[:3] == (200, "FAILED", "apiNotEnabled")


@pytest.mark.parametrize("name", HASHES)
def test_every_hash_signs(fe, name):
    assert fe.call("getMeetings", hash=name).ok
    assert fe.call("getMeetings", raw_query="a=1&b=%c3%BC+x", hash=name).ok


@pytest.mark.parametrize("query", [
    "", "&", "meetingID=a+b", "meetingID=a%20b", "x=%7e~!'()*",
    "x=%C3%BC&x=%c3%bc&=&y", "%zz=%", "name=a,b;c:d@e"])
def test_the_bytes_are_signed_as_they_were_sent(fe, query):
    assert fe.call("getMeetings", raw_query=query).ok


def test_the_checksum_may_stand_anywhere(fe):
    for query, signed in (
            ("checksum={}", ""), ("&checksum={}", ""),
            ("checksum={}&a=1", "a=1"), ("a=1&checksum={}&b=2", "a=1&b=2"),
            ("&a=1&checksum={}", "&a=1")):
        sum_ = fe.checksum("getMeetings", signed)
        assert fe.send("GET", f"{fe.url}/getMeetings?"
                       + query.format(sum_)).ok
        assert fe.send("GET", f"{fe.url}/getMeetings?"
                       + query.format(sum_.upper())).ok


def test_all_url_shapes_are_one(any_cluster, fe):
    url = any_cluster.url
    for base in (f"/bbb/{fe.key}", f"/bbb/{fe.key}/api",
                 f"/bbb/{fe.key}/bigbluebutton/api",
                 f"/bbb/{fe.key}/bigbluebutton//api",
                 f"//bbb/{fe.key}/bigbluebutton/api"):
        client = any_cluster.client(fe.key, fe.secret)
        client.url = url + base
        assert client.call("getMeetings").ok, base


def test_a_slash_behind_the_call_means_nothing(any_cluster, fe):
    def slashed(call, **params):
        return fe.send("GET", fe.link(call, params).replace("?", "/?", 1))

    meeting = f"slash-{fe.key}"
    made = slashed("create", meetingID=meeting, name="Abc")
    assert made.ok and made.get("meetingID") == meeting
    assert slashed("isMeetingRunning", meetingID=meeting).get("running") \
        == "false"
    assert slashed("getMeetings").get("meetings/meeting/meetingID") == meeting
    there = slashed("join", meetingID=meeting, fullName="Ada")
    assert there.status == 302
    assert there.location.startswith(
        any_cluster.server_of_meeting(meeting).url + "join?")
    assert slashed("end", meetingID=meeting).get("messageKey") == \
        "sentEndMeetingRequest"
    for index in ("index", "index/", "", "/"):
        assert fe.send("GET", f"{fe.url}/{index}").get("version") == "2.0"


def test_the_plain_address_finds_the_frontend_by_its_secret(any_cluster):
    one = any_cluster.frontend(bare_path=True)
    two = any_cluster.frontend(bare_path=True)
    other = any_cluster.frontend()
    for fe in (one, two):
        bare = any_cluster.bare_client(fe)
        assert bare.create(f"bare-{fe.key}").ok
        assert bare.meeting_ids() == {f"bare-{fe.key}"}
        assert fe.meeting_ids() == {f"bare-{fe.key}"}
    assert any_cluster.bare_client(other).call("getMeetings").key == \
        "checksumError"


def test_the_plain_address_finds_the_frontend_by_host_name(any_cluster):
    fe = any_cluster.frontend(hosts=["Conf.Example.ORG"])
    bare = any_cluster.bare_client(fe)
    headers = {"Host": "conf.example.org:8443"}
    until(lambda: bare.call("getMeetings", headers=headers).ok, 2)
    assert bare.call("getMeetings").key == "checksumError"


@pytest.mark.parametrize("path", ["", "/"])
def test_the_index_needs_no_checksum(any_cluster, fe, path):
    for base in (f"/bbb/{fe.key}/bigbluebutton/api", "/bigbluebutton/api",
                 "/bigbluebutton"):
        for query in ("", "?checksum=wrong", "?&checksum="):
            reply = fe.send("GET", any_cluster.url + base + path + query)
            assert reply.ok
            assert reply.headers["Content-Type"] == "text/xml;charset=utf-8"
            assert [(e.tag, e.text) for e in reply.xml] == [
                ("returncode", "SUCCESS"), ("version", "2.0"),
                ("apiVersion", "2.0"), ("bbbVersion", None)]


def test_the_index_speaks_json_when_asked(fe):
    reply = fe.send("GET", fe.url, headers={
        "Content-Type": "application/json"})
    assert reply.json() == {"response": {
        "returncode": "SUCCESS", "version": "2.0", "apiVersion": "2.0",
        "bbbVersion": ""}}
    assert reply.headers["Content-Type"] == "application/json;charset=utf-8"


def test_the_index_of_an_unknown_frontend_is_none(any_cluster):
    stranger = any_cluster.client("nobody", "x")
    assert stranger.send("GET", stranger.url).key == "checksumError"


def test_head_is_get_without_the_body(fe):
    link = fe.link("getMeetings")
    got, head = fe.send("GET", link), fe.send("HEAD", link)
    assert head.status == 200 and head.body == b""
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert head.headers["Content-Length"] == str(len(got.body))


def test_other_methods_are_refused(fe):
    for method in ("PUT", "DELETE", "PATCH"):
        reply = fe.call("getMeetings", method=method)
        assert (reply.code, reply.key) == ("FAILED", "unsupportedRequest")


@pytest.mark.parametrize("call", [
    "getDefaultConfigXML", "setConfigXML", "getJoinUrl", "stuns", "signOut",
    "guestWait", "learningDashboard", "feedback", "enter", "hooks/create",
    "hooks/list", "hooks/destroy", "no-call", "create.json"])
def test_calls_that_are_not_for_a_balancer(fe, call):
    assert words(fe.call(call, {"meetingID": "abc"})) == (
        200, "FAILED", "unsupportedRequest", "This request is not supported.")


def test_the_hooks_calls_have_a_text_of_their_own(fe):
    for call in ("hooks/create", "hooks/list", "hooks/destroy"):
        assert words(fe.call(call, checksum="0" * 40)) == (
            200, "FAILED", "checksumError",
            "You did not pass the checksum security check.")


# ---- meetings that are not there

def test_no_meeting(fe):
    reply = fe.call("getMeetings")
    assert [(e.tag, e.text) for e in reply.xml] == [
        ("returncode", "SUCCESS"), ("meetings", None),
        ("messageKey", "noMeetings"),
        ("message", "no meetings were found on this server")]
    assert fe.is_running("foobar") == "false"
    assert words(fe.info("foobar")) == (200, "FAILED", "notFound", NO_SUCH)
    assert words(fe.end("foobar")) == (200, "FAILED", "notFound", NO_SUCH)
    assert words(fe.call("someLaterCall", {"meetingID": "foobar"})) == (
        200, "FAILED", "notFound", NO_SUCH)
    assert words(fe.call("sendChatMessage", {
        "meetingID": "foobar", "message": "x"})) == (
            200, "FAILED", "meetingNotFound", "Meeting not found")
    reply = fe.call("insertDocument", {"meetingID": "foobar"},
                    body="<modules/>")
    assert words(reply) == (200, "FAILED", None,
                            "Meeting with id [foobar] not found.")


def test_no_recordings(fe):
    assert [(e.tag, e.text) for e in fe.call("getRecordings").xml] == [
        ("returncode", "SUCCESS"), ("recordings", None),
        ("messageKey", "noRecordings"),
        ("message", "There are no recordings for the meeting(s).")]
    for call in ("publishRecordings", "deleteRecordings",
                 "updateRecordings"):
        assert words(fe.call(call, {"publish": "true"})) == (
            200, "FAILED", "missingParamRecordID",
            "You must specify a recordID.")
        assert words(fe.call(call, {"recordID": "a", "publish": "true"})) \
            == (200, "FAILED", "notFound", "We could not find recordings")
    assert fe.call("publishRecordings", {"recordID": "a"}).key == \
        "missingParamPublish"
    assert fe.call("getRecordingTextTracks", {"recordID": "a-1"}).json() == {
        "response": {"returncode": "FAILED", "messageKey": "noRecordings",
                     "message": "No recording found for a-1"}}
    assert fe.call("putRecordingTextTrack", {"recordID": "a"}).json() == {
        "response": {"returncode": "FAILED", "messageKey": "paramError",
                     "message": "Missing param kind."}}


def test_the_recordings_calls_take_a_body_of_any_type(fe):
    for kind in ("application/xml", "text/plain", "application/json"):
        assert fe.call("getRecordings", body="<a/>", headers={
            "Content-Type": kind}).key == "noRecordings"
        assert fe.call("updateRecordings", {"recordID": "a"}, body="x",
                       headers={"Content-Type": kind}).key == "notFound"


@pytest.mark.parametrize("accept,json", [
    ("*/*", False), ("text/xml, application/json", False),
    ("application/json", True), ("application/json, text/plain, */*", True)])
def test_text_tracks_fail_in_json_if_asked(fe, accept, json):
    """The other failures of the two are JSON whatever is accepted."""
    headers = {"Accept": accept}
    for params, checksum, key in (
            ({"recordID": "a"}, "0" * 40, "checksumError"),
            ({}, None, "missingParamRecordID")):
        reply = fe.call("getRecordingTextTracks", params, checksum=checksum,
                        headers=headers)
        if not json:
            assert (reply.code, reply.key) == ("FAILED", key)
            continue
        assert reply.headers["Content-Type"].startswith("application/json")
        assert reply.json()["response"]["returncode"] == "FAILED"
        assert reply.json()["response"]["messageKey"] == key
    assert fe.call("getMeetings", checksum="0" * 40,
                   headers=headers).key == "checksumError"


# ---- a meeting's life

def test_a_meeting_from_create_to_end(any_cluster, fe):
    meeting = f"m-{fe.key} ü/1"
    made = fe.create(meeting, attendeePW="apw", moderatorPW="mpw",
                     **{"meta_Course-Name": "Büro & <Co>"})
    assert made.ok
    assert [e.tag for e in made.xml] == [
        "returncode", "meetingID", "internalMeetingID", "parentMeetingID",
        "attendeePW", "moderatorPW", "createTime", "voiceBridge",
        "dialNumber", "createDate", "hasUserJoined", "duration",
        "hasBeenForciblyEnded", "messageKey", "message"]
    assert made.get("meetingID") == meeting
    assert made.get("attendeePW") == "apw"
    assert re.fullmatch("[0-9a-f]{40}-[0-9]{13}",
                        made.get("internalMeetingID"))
    again = fe.create(meeting, attendeePW="apw", moderatorPW="mpw")
    assert again.ok and again.key == "duplicateWarning"
    for name in ("meetingID", "internalMeetingID", "createTime"):
        assert again.get(name) == made.get(name)
    refused = fe.create(meeting, attendeePW="apw", moderatorPW="other")
    assert (refused.code, refused.key) == ("FAILED", "idNotUnique")

    info = fe.info(meeting)
    assert info.ok and info.get("messageKey") is None
    for name in ("internalMeetingID", "createTime", "attendeePW",
                 "voiceBridge", "dialNumber", "createDate"):
        assert info.get(name) == made.get(name), name
    assert info.get("running") == "false"
    assert info.get("metadata/course-name") == "Büro & <Co>"
    assert fe.info(made.get("internalMeetingID")).get("meetingID") == meeting
    assert fe.meeting_ids() == {meeting}

    sent = fe.send("GET", fe.join(meeting, role="MODERATOR",
                                  userID="u1").location)
    assert sent.status == 302, "the server takes the link"
    any_cluster.poll()
    assert until(lambda: fe.is_running(meeting) == "true", 2)
    info = fe.info(meeting)
    assert info.get("participantCount") == "1"
    assert info.get("attendees/attendee/userID") == "u1"
    assert info.get("attendees/attendee/role") == "MODERATOR"
    seen = fe.call("getMeetings").xml.find("meetings/meeting")
    assert [e.tag for e in seen] == [e.tag for e in info.xml][1:]

    ended = fe.end(meeting)
    assert ended.ok and ended.key == "sentEndMeetingRequest"
    assert fe.meeting_ids() == set()
    assert fe.info(meeting).key == "notFound"
    assert until(lambda: fe.is_running(meeting) == "false", 1)
    assert fe.end(meeting).key == "notFound"


def test_the_server_sees_its_own_id_and_a_valid_signature(any_cluster, fe):
    meeting = f"seen-{fe.key}"
    fe.create(meeting, welcome="Grüß <b>Gott</b>")
    server = any_cluster.server_of_meeting(meeting)
    seen = server.requests("create")[-1]
    params = dict(seen["params"])
    assert seen["checksum_ok"] and seen["method"] == "GET"
    assert params["welcome"] == "Grüß <b>Gott</b>"
    assert params["meetingID"] != meeting
    assert params["attendeePW"] and params["moderatorPW"]


def test_insert_document_and_chat_reach_the_server(any_cluster, fe):
    meeting = f"doc-{fe.key}"
    fe.create(meeting)
    server = any_cluster.server_of_meeting(meeting)
    body = ("<modules><module name=\"presentation\"><document "
            "url=\"https://a.example/b.pdf\"/></module></modules>")
    reply = fe.call("insertDocument", {"meetingID": meeting}, body=body)
    assert reply.ok and reply.message == "Presentation is being uploaded"
    seen = server.requests("insertDocument")[-1]
    assert (seen["method"], seen["body_length"]) == ("POST", len(body))
    assert seen["content_type"] == "application/xml"
    server.join(dict(seen["params"])["meetingID"], name="A")
    reply = fe.call("sendChatMessage", {"meetingID": meeting,
                                        "message": "hello ü"})
    assert reply.ok and reply.message == ""
    assert dict(server.requests("sendChatMessage")[-1]["params"])[
        "message"] == "hello ü"


def test_a_later_call_is_forwarded_by_the_meeting_that_it_names(
        any_cluster, fe):
    meeting = f"later-{fe.key}"
    fe.create(meeting)
    reply = fe.call("muteEverybody", {"meetingID": meeting})
    assert words(reply)[:3] == (200, "FAILED", "unsupportedRequest")
    server = any_cluster.server_of_meeting(meeting)
    assert server.requests("muteEverybody")[-1]["checksum_ok"]


@pytest.mark.parametrize("call,params", [
    ("create", {"name": "Abc"}), ("isMeetingRunning", {}),
    ("getMeetingInfo", {}), ("end", {})])
def test_a_form_is_signed_by_its_rebuilt_query(fe, call, params):
    meeting = f"form-{call}-{fe.key} *~ü"
    assert fe.create(meeting).ok
    params = {**params, "meetingID": meeting}
    if call == "create":
        params["meetingID"] += "2"
    for name in ("sha1", "sha256"):
        reply = fe.form(call, params, hash=name)
        if call == "end" and name == "sha256":
            assert reply.key == "notFound"	# the first one ended it
        else:
            assert reply.ok, reply


def test_a_form_under_the_empty_checksum_has_no_parameters(fe):
    """Who saw one such checksum could else send what he likes."""
    empty = fe.checksum("end", "")
    meeting = f"hole-{fe.key}"
    fe.create(meeting)
    for target in (f"{fe.url}/end?checksum={empty}", f"{fe.url}/end"):
        body = f"meetingID={meeting}&checksum={empty}"
        reply = fe.send("POST", target, body=body, headers={
            "Content-Type": "application/x-www-form-urlencoded"})
        assert words(reply)[:3] == (200, "FAILED", "checksumError")
    assert fe.meeting_ids() == {meeting}


def test_a_form_beside_a_query_is_ignored(fe):
    one, two = f"one-{fe.key}", f"two-{fe.key}"
    fe.create(one)
    fe.create(two)
    reply = fe.send("POST", fe.link("end", {"meetingID": one}),
                    body=f"meetingID={two}", headers={
                        "Content-Type": "application/x-www-form-urlencoded"})
    assert reply.ok
    assert fe.meeting_ids() == {two}


def test_nothing_secret_is_in_the_log(any_cluster, fe):
    meeting = f"secret-{fe.key}"
    passwords = {"attendeePW": "apw-hidden", "moderatorPW": "mpw-hidden"}
    for _ in range(16):		# each worker has its copies by then
        fe.create("warm", **passwords)
    fe.create(meeting, **passwords)
    fe.join(meeting, password="apw-hidden")
    until(lambda: any("call=join" in x and meeting in x
                      for x in any_cluster.log_lines()))
    text = "\n".join(any_cluster.log_lines())
    assert "hidden" not in text and fe.secret not in text
    assert "checksum=" not in text
    for server in any_cluster.servers:
        assert server.secret not in text
    line = until(lambda: next((
        x for x in any_cluster.log_lines()
        if "call=create" in x and meeting in x), None))
    for field in ("req=", f"fe={fe.key}", "backend=http", "status=200",
                  "result=SUCCESS", "ms=", "sql=", "bbb_ms="):
        assert field in line, line
    assert not [x for x in any_cluster.log_lines()
                if "call=join" in x and "bbb_ms=" in x]
