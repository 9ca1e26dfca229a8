# bbbsim calls back as a BBB server does.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

import base64
import hashlib
import hmac
import json
import time
import urllib.parse

import pytest

from simclient import quote, until


def decode(token, secret, algorithm):
    """Header and claims of a token whose signature is right."""
    signed, _, mac = token.rpartition(".")
    pad = lambda s: base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))  # noqa
    assert hmac.new(secret.encode(), signed.encode(),
                    algorithm).digest() == pad(mac)
    return [json.loads(pad(s)) for s in signed.split(".")]


def over(bbb, kind):
    """The only call of that kind, once it is over."""
    def look():
        found = [c for c in bbb.control("GET", "callbacks")
                 if c["kind"] == kind]
        return found and found[0]["done"] and found
    found = until(look)
    assert found and len(found) == 1
    return found[0]["tries"], found[0]["status"]


def create(bbb, extra):
    return bbb.create("abc123", extra).field("internalMeetingID")


def end(bbb, meeting_id="abc123"):
    bbb.call("end", "meetingID=" + meeting_id)


# What fails


def test_nobody_asked(bbb):
    bbb.create("abc123", "record=true&meetingEndedURL=&meta_endCallbackUrl=")
    end(bbb)
    assert until(lambda: bbb.listed() == [])
    assert bbb.control("GET", "callbacks") == []
    assert bbb.sim.ask("POST", "/servers/0/meetings/abc123/recording"
                       ).status == 404


def test_an_end_is_tried_again(bbb, receiver):
    bbb.settings(callback_retry_ms=20)
    receiver.answers = [500, 404]
    create(bbb, "meetingEndedURL=" + quote(receiver.url("/x?a=%20b&a")))
    end(bbb)
    assert [receiver.next()[:2] for _ in range(3)] == [
        ("GET", "/x?a=%20b&a")] * 3
    assert over(bbb, "meetingEndedURL") == (3, 200)


def test_an_end_is_given_up(bbb, receiver):
    bbb.settings(callback_retry_ms=5)
    receiver.answers = [500] * 9
    create(bbb, "meetingEndedURL=" + quote(receiver.url("/x")))
    end(bbb)
    assert over(bbb, "meetingEndedURL") == (5, 500)


def test_nobody_listens(bbb, receiver):
    bbb.settings(callback_retry_ms=5)
    url = receiver.url("/x")
    receiver.close()
    create(bbb, "meetingEndedURL=" + quote(url))
    end(bbb)
    assert over(bbb, "meetingEndedURL") == (5, 0)


def test_a_restart_forgets_what_is_to_be_tried_again(bbb, receiver):
    bbb.settings(callback_retry_ms=60000)
    receiver.answers = [500]
    create(bbb, "meetingEndedURL=" + quote(receiver.url("/x")))
    end(bbb)
    receiver.next()
    bbb.control("POST", "restart")
    assert over(bbb, "meetingEndedURL")[0] == 1


def test_a_recording_is_announced_once(bbb, receiver):
    bbb.settings(callback_retry_ms=5)
    receiver.answers = ["/elsewhere"]
    create(bbb, "meta_bbb-recording-ready-url=" + quote(receiver.url("/r")))
    end(bbb)
    bbb.control("POST", "meetings/abc123/recording")
    assert over(bbb, "recording-ready") == (1, 302)


# What is said


def test_end_callback(bbb, receiver):
    bbb.create("a%20b", "meta_endCallbackUrl=" + quote(
        receiver.url("/end?room=7#here")))
    end(bbb, "a%20b")
    assert receiver.next()[:2] == (
        "GET", "/end?room=7&recordingmarks=false&meetingID=a%20b")


def test_end_callback_of_one_that_was_recorded(bbb, receiver):
    create(bbb, "record=true&meta_endCallbackUrl=" + quote(
        receiver.url("/end")))
    bbb.control("POST", "meetings/abc123", {"recording": True})
    bbb.control("POST", "meetings/abc123", {"recording": False})
    receiver.answers = [receiver.url("/next")]
    end(bbb)
    assert receiver.next()[1] == "/end?recordingmarks=true&meetingID=abc123"
    assert receiver.next()[1] == "/next"
    assert over(bbb, "endcallbackurl") == (1, 200)


@pytest.mark.parametrize("names", [
    ["bbb-recording-ready-url", "bn-recording-ready-url"],
    ["bn-recording-ready-url", "canvas-recording-ready-url"],
    ["canvas-recording-ready-url"]])
def test_recording_ready(bbb, receiver, names):
    internal = create(bbb, "&".join(
        f"meta_{name}=" + quote(receiver.url(f"/{name}?q=1"))
        for name in reversed(names)))
    end(bbb)
    assert until(lambda: bbb.listed() == [])
    bbb.control("POST", f"meetings/{internal}/recording")
    method, path, headers, body = receiver.next()
    assert (method, path) == ("POST", f"/{names[0]}?q=1")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    form = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
    assert list(form) == ["signed_parameters"]
    assert decode(form["signed_parameters"], bbb.secret, "sha256") == [
        {"alg": "HS256"}, {"meeting_id": "abc123", "record_id": internal}]


def test_signed_as_bbb_signs(bbb, receiver):
    # the reference's own example: the same header, claims and secret
    internal = "6367c48dd193d56ea7b0baad25b19455e529f5ee-1731999600123"
    assert hashlib.sha1(b"abc123").hexdigest() == internal[:40]
    body = ("eyJhbGciOiJIUzI1NiJ9.eyJtZWV0aW5nX2lkIjoiYWJjMTIzIiwicmVjb3JkX2lk"
            "IjoiNjM2N2M0OGRkMTkzZDU2ZWE3YjBiYWFkMjViMTk0NTVlNTI5ZjVlZS0xNzMxO"
            "Tk5NjAwMTIzIn0.RirSiqr6VvAGvLe-QvwM7QOC-uHigENAqeMauJFgdTQ")
    assert decode(body, "not-a-real-secret-0123456789abcdef", "sha256") == [
        {"alg": "HS256"}, {"meeting_id": "abc123", "record_id": internal}]
    assert bbb.secret == "not-a-real-secret-0123456789abcdef"
    made = create(bbb, "meta_bbb-recording-ready-url=" + quote(
        receiver.url("/r")))
    end(bbb)
    bbb.control("POST", "meetings/abc123/recording")
    token = receiver.next()[3].decode().partition("=")[2]
    header, claims, _ = token.split(".")
    assert header == body.split(".")[0]
    text = json.dumps({"meeting_id": "abc123", "record_id": made},
                      separators=(",", ":")).encode()
    assert claims == base64.urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize("kept", ["record=true", "meetingKeepEvents=true"])
def test_analytics(bbb, receiver, kept):
    internal = create(bbb, kept + "&meta_gl-x=1&meta_analytics-callback-url="
                      + quote(receiver.url("/a")))
    bbb.join("role=MODERATOR&userID=u-1")
    end(bbb)
    method, path, headers, body = receiver.next()
    assert (method, path) == ("POST", "/a")
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == "BigBlueButton Analytics Callback"
    header, claims = decode(headers["Authorization"].removeprefix("Bearer "),
                            bbb.secret, "sha512")
    assert header == {"typ": "JWT", "alg": "HS512"}
    assert abs(claims["exp"] - time.time() - 86400) < 30
    data = json.loads(body)
    assert (data["version"], data["meeting_id"],
            data["internal_meeting_id"]) == ("1.0", "abc123", internal)
    assert data["data"]["metadata"] == {
        "analytics_callback_url": receiver.url("/a"), "is_breakout": "false",
        "meeting_name": "Seminar"}
    attendee, = data["data"]["attendees"]
    assert (attendee["ext_user_id"], attendee["moderator"]) == ("u-1", True)


def test_no_analytics_without_events(bbb, receiver):
    create(bbb, "meta_analytics-callback-url=" + quote(receiver.url("/a")))
    end(bbb)
    assert until(lambda: bbb.listed() == [])
    assert bbb.control("GET", "callbacks") == []
