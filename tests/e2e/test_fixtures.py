"""What BBB answers, taken down in files: ours are the same.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import json
import os
import re
import xml.etree.ElementTree

import pytest

from harness import tree

FIXTURES = os.path.join(tree.SOURCE, "tests/fixtures/bbb")
RECORD = "6367c48dd193d56ea7b0baad25b19455e529f5ee-1731999600123"


def fixture(name):
    with open(os.path.join(FIXTURES, name), encoding="utf-8") as f:
        return f.read()


def plain(node):
    """Names and texts of a tree; white space squeezed, as BBB does."""
    return (node.tag, " ".join((node.text or "").split()),
            [plain(child) for child in node])


def same(reply, name):
    assert reply.status == 200
    if name.endswith(".json"):
        assert reply.headers["Content-Type"] == \
            "application/json;charset=utf-8"
        assert json.loads(reply.body) == json.loads(fixture(name))
        return
    assert reply.headers["Content-Type"] == "text/xml;charset=utf-8"
    assert plain(reply.xml) == plain(
        xml.etree.ElementTree.fromstring(fixture(name)))


@pytest.fixture(name="fe")
def _fe(any_cluster):
    return any_cluster.frontend()


# Answers of our own, without a server.
OWN = [
    ("error-checksum-missing.xml", "getMeetings", {}, {"checksum": ""}),
    ("error-checksum.xml", "getMeetings", {}, {"checksum": "0" * 64}),
    ("error-checksum-recordings.xml", "getRecordings", {},
     {"checksum": "0" * 64}),
    ("error-missingParamMeetingID.xml", "isMeetingRunning", {}, {}),
    ("error-notFound.xml", "end", {"meetingID": "abc123"}, {}),
    ("error-notFound.xml", "getMeetingInfo", {}, {}),
    ("error-nullError-name.xml", "create", {"meetingID": "abc123"}, {}),
    ("error-sizeError-meetingID.xml", "create",
     {"meetingID": "a", "name": "abc"}, {}),
    ("error-sizeError-name.xml", "create",
     {"meetingID": "abc123", "name": "x" * 257}, {}),
    ("error-validationError-comma.xml", "create",
     {"meetingID": "a,b", "name": "abc"}, {}),
    ("error-unsupportedContentType.xml", "create",
     {"meetingID": "abc123", "name": "abc"},
     {"body": "x", "headers": {"Content-Type": "text/plain"}}),
    ("error-unsupportedContentType.xml", "insertDocument",
     {"meetingID": "abc123"}, {"body": "x", "headers": {
         "Content-Type": "application/x-www-form-urlencoded"}}),
    ("insertDocument-notfound.xml", "insertDocument",
     {"meetingID": "abc123"}, {"body": "<modules/>"}),
    ("sendChatMessage-notfound.xml", "sendChatMessage",
     {"meetingID": "abc123", "message": "x"}, {}),
    ("isMeetingRunning-false.xml", "isMeetingRunning",
     {"meetingID": "abc123"}, {}),
    ("getMeetings-empty.xml", "getMeetings", {}, {}),
    ("getSessions-empty.xml", "getSessions", {}, {}),
    ("getRecordings-empty.xml", "getRecordings", {}, {}),
    ("recordings-missingParamRecordID.xml", "deleteRecordings", {}, {}),
    ("recordings-missingParamPublish.xml", "publishRecordings",
     {"recordID": RECORD}, {}),
    ("recordings-notFound.xml", "updateRecordings",
     {"recordID": RECORD}, {}),
    ("getRecordingTextTracks-noRecordings.json", "getRecordingTextTracks",
     {"recordID": RECORD}, {}),
    ("putRecordingTextTrack-missing.json", "putRecordingTextTrack",
     {"recordID": RECORD, "kind": "captions"}, {}),
    ("putRecordingTextTrack-invalidKind.json", "putRecordingTextTrack",
     {"recordID": RECORD, "kind": "lyrics", "lang": "en"}, {}),
]


@pytest.mark.parametrize("name,call,params,options", OWN)
def test_our_own_answers(fe, name, call, params, options):
    same(fe.call(call, params, **options), name)


@pytest.mark.parametrize("name", ["error-notFound.xml",
                                  "isMeetingRunning-false.xml"])
@pytest.mark.parametrize("accept", [
    "application/json", "text/xml, application/json, text/plain, */*", ""])
def test_xml_whatever_is_accepted(fe, name, accept):
    call = "end" if "notFound" in name else "isMeetingRunning"
    same(fe.call(call, {"meetingID": "abc123"},
                 headers={"Accept": accept, "Accept-Encoding": "UTF-8"}),
         name)


def test_answers_that_a_server_gives(any_cluster, fe):
    meeting = f"fixture-{fe.key}"
    made = fe.create(meeting)
    want = xml.etree.ElementTree.fromstring(fixture("create-new.xml"))
    assert [e.tag for e in made.xml] == [e.tag for e in want]
    same(fe.call("insertDocument", {"meetingID": meeting},
                 body=fixture("body-insertDocument.xml")),
         "insertDocument-success.xml")
    server = any_cluster.server_of_meeting(meeting)
    server.join(made.get("internalMeetingID"), name="A")
    same(fe.call("sendChatMessage", {"meetingID": meeting, "message": "x"}),
         "sendChatMessage-success.xml")
    again = fe.create(meeting, attendeePW=made.get("attendeePW"),
                      moderatorPW=made.get("moderatorPW"))
    want = plain(xml.etree.ElementTree.fromstring(
        fixture("create-duplicate.xml")))
    assert plain(again.xml)[2][-2:] == want[2][-2:]
    same(fe.create(meeting, moderatorPW="another"),
         "create-idNotUnique.xml")
    same(fe.end(meeting), "end-success.xml")


def test_a_refused_join_redirects_as_bbb_does(fe):
    url = "https://bbb1.example.org"
    want = re.search("Location: (.*)",
                     fixture("join-error-redirect.http")).group(1)
    sent = fe.join("abc123", logoutURL=url).location

    def errors(location):
        assert location.startswith(url)
        text = location.split("errors=")[1]
        return json.loads(re.sub("%(..)", lambda m: chr(int(m[1], 16)),
                                 text))

    assert errors(sent) == errors(want)


@pytest.mark.parametrize("name", ["create-presentation",
                                  "create-clientsettings"])
def test_bodies_reach_the_server_as_they_came(any_cluster, fe, name):
    meeting = f"{name}-{fe.key}"
    body = fixture(f"body-{name}.xml")
    assert fe.create(meeting, body=body).ok
    seen = any_cluster.server_of_meeting(meeting).requests("create")[-1]
    assert seen["body_length"] == len(body.encode())
    assert seen["content_type"] == "application/xml"


def vectors():
    return [pytest.param(v, name, id=f"{i}-{name}") for i, v in enumerate(
        json.loads(fixture("vectors.json"))["checksum"])
        for name in sorted(v["checksum"])]


@pytest.mark.parametrize("vector,name", vectors())
def test_checksums(cluster, vector, name):
    fe = cluster.frontend(secret=vector["secret"])
    link = fe.link(vector["call"], raw_query=vector["query"],
                   checksum=vector["checksum"][name])
    assert "checksumError" not in fe.send("GET", link).text
    assert "checksumError" in fe.send("GET", link + "0").text
