# bbbsim misbehaves as told, and tells what it saw.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

import concurrent.futures
import hashlib
import http.client
import socket
import time

import pytest

from simclient import exchange, failed, quote, until

RUNNING = "<response>\n<returncode>SUCCESS</returncode>\n<running>false" \
    "</running>\n</response>"


def ask(bbb):
    return bbb.call("isMeetingRunning", "meetingID=abc123")


def seen(bbb, call):
    return [(r["status"], r["returncode"], r["messageKey"])
            for r in bbb.requests(call)]


def refused(bbb):
    try:
        ask(bbb)
    except ConnectionRefusedError:
        return True
    return False


# Errors of the control port itself


@pytest.mark.parametrize("method, path, body, status, error", [
    ("GET", "/nix", None, 404, "no such path"),
    ("GET", "/servers/0/nix", None, 404, "no such path"),
    ("GET", "/servers/2", None, 404, "no such server"),
    ("GET", "/servers/x", None, 404, "no such server"),
    ("GET", "/servers/-1", None, 404, "no such server"),
    ("GET", "/servers/*", None, 400, "* is for POST and DELETE"),
    ("PUT", "/servers/0/faults", None, 405, "not with that method"),
    ("POST", "/totals", None, 405, "not with that method"),
    ("POST", "/servers/0/faults", {}, 400,
     "kind, call, ms, status, count, after, framed, early, key and message "
     "are what a fault may have"),
    ("POST", "/servers/0/faults", {"kind": "hang", "x": 1}, 400,
     "kind, call, ms, status, count, after, framed, early, key and message "
     "are what a fault may have"),
    ("POST", "/servers/0/faults", {"kind": "flood"}, 400, "unknown kind"),
    ("POST", "/servers/0/faults", {"kind": "hang", "count": 0}, 400,
     "ms is at least 0 and count at least 1"),
    ("POST", "/servers/0/faults", {"kind": "status", "status": 99}, 400,
     "status is between 200 and 599"),
    ("POST", "/servers/0/faults", {"kind": "hang", "early": True}, 400,
     "only close can be early, and not after the work"),
    ("POST", "/servers/0/faults", [1], 400, "the body is no JSON object"),
    ("POST", "/servers/0/settings", {"series": 31}, 400, "out of range"),
    ("POST", "/servers/0/settings", {"expire_ms": -1}, 400, "out of range"),
    ("POST", "/servers/0/settings", {"expires": 1}, 400,
     "series, expire_ms, end_delay_ms, users_timeout_ms, "
     "callback_retry_ms, record and bbb_version can be set"),
    ("POST", "/servers/0/events", {"noises": 1}, 400,
     "redis, noise, lose, repeat, late, late_ms, pong_ms and snapshot_ms can "
     "be set"),
    ("POST", "/servers/0/events", {"redis": "6379"}, 400,
     "redis is host:port or empty"),
    ("POST", "/servers/0/events", {"redis": "127.0.0.1:0"}, 400,
     "redis is host:port or empty"),
    ("POST", "/servers/0/events", {"lose": 101}, 400, "out of range"),
    ("POST", "/servers/0/events", {"noise": -1}, 400, "out of range"),
    ("POST", "/servers/0/publish", {"channel": "c"}, 400,
     "channel and message are needed"),
    ("POST", "/servers/0/publish", {"channel": "c", "message": "m"}, 409,
     "there is no Redis"),
    ("POST", "/servers/0/meetings/nix", {}, 404, "no such meeting"),
    ("POST", "/servers/0/meetings/nix/end", {}, 404, "no such meeting"),
    ("POST", "/servers/0/meetings/nix/recording", {}, 404,
     "no such meeting has ended, or nobody waits for its recording"),
    ("POST", "/servers/0/meetings", {}, 400,
     "meetingID is missing, or a number is none"),
    ("DELETE", "/servers/0/meetings/nix", None, 404, "no such meeting"),
    ("POST", "/servers/0/meetings/nix/users", {}, 404, "no such meeting"),
    ("DELETE", "/servers/0/meetings/nix/users", None, 404, "no such meeting"),
    ("POST", "/servers/0/meetings/nix/breakouts", {"sequence": 1}, 404,
     "no such meeting"),
])
def test_control_refuses(sim, method, path, body, status, error):
    reply = sim.ask(method, path, body)
    assert (reply.status, reply.json()) == (status, {"error": error})


@pytest.mark.parametrize("method, path, body, status, error", [
    ("POST", "meetings", {"meetingID": "abc123"}, 409,
     "its id or its voiceBridge is taken, or it has no parent"),
    ("POST", "meetings/abc123/users", {"nickname": "x"}, 400,
     "name, role, userID, customdata, voice, video, listenOnly, clientType, "
     "count, cameras and phone are what a user may have"),
    ("DELETE", "meetings/abc123/users/nix", None, 404, "no such user"),
    ("POST", "meetings/abc123/users/nix", {}, 404, "no such user"),
    ("POST", "meetings/abc123/users/*", {"muted": True}, 400,
     "role, voice, listenOnly, video, cameras, presenter and leftFlag can be "
     "set"),
    ("POST", "meetings/abc123", {"record": True}, 400,
     "recording, screenshare and snapshot can be set"),
    ("POST", "meetings/abc123/end", {"reason": "ENDED"}, 400,
     "unknown reason"),
    ("POST", "meetings/abc123/end", {"why": "x"}, 400,
     "reason may be given"),
    ("POST", "meetings/abc123/breakouts", {}, 400,
     "sequence is needed, name may be given"),
])
def test_control_refuses_for_a_meeting(bbb, method, path, body, status,
                                       error):
    bbb.control("POST", "meetings", {"meetingID": "abc123",
                                     "attendeePW": "aa"})
    reply = bbb.sim.ask(method, "/servers/0/" + path, body)
    assert (reply.status, reply.json()) == (status, {"error": error})


def test_body_that_is_no_json(sim):
    reply = exchange(sim.control_port, "POST", "/servers/0/faults", b"{")
    assert reply.json() == {"error": "the body is no JSON object"}


# Faults


def test_status(bbb):
    bbb.fault("status", call="isMeetingRunning", status=503)
    reply = ask(bbb)
    assert (reply.status, reply.headers["Content-Type"]) == (
        503, "text/html;charset=utf-8")
    assert bbb.call("getMeetings").status == 200
    assert seen(bbb, "isMeetingRunning") == [(503, "", "")]
    bbb.control("DELETE", "faults")
    assert ask(bbb).text == RUNNING


def test_count(bbb):
    bbb.fault("status", count=2)
    assert [ask(bbb).status for _ in range(3)] == [500, 500, 200]


@pytest.mark.parametrize("after, listed", [(False, []), (True, ["abc123"])])
@pytest.mark.parametrize("kind", ["status", "garbage", "failed", "close"])
def test_worked_or_not(bbb, kind, after, listed):
    bbb.fault(kind, call="create", after=after, count=1)
    try:
        reply = bbb.call("create", "name=Seminar&meetingID=abc123")
        assert "SUCCESS" not in reply.bytes.decode("latin-1")
    except http.client.RemoteDisconnected:
        assert kind == "close"
    assert bbb.listed() == listed


def test_garbage(bbb):
    bbb.fault("garbage")
    reply = ask(bbb)
    assert reply.status == 200
    assert reply.bytes == b"\x01\x7fnot XML at all <<< & \xff"


def test_failed(bbb):
    bbb.fault("failed", key="serverUnavailable", message="a & b", count=1)
    assert ask(bbb).text == failed("serverUnavailable", "a &amp; b")
    bbb.fault("failed")
    assert ask(bbb).text == failed("internalError",
                                   "The simulator was told to fail")


def test_close(bbb):
    bbb.fault("close")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(bbb)
    assert seen(bbb, "isMeetingRunning") == [(0, "", "")]


def test_close_in_the_midst_of_a_body(bbb):
    bbb.fault("close", early=True, count=1)
    with socket.create_connection(("127.0.0.1", bbb.port)) as s:
        s.settimeout(20)
        target = bbb.target("create", "name=Seminar&meetingID=abc123")
        s.sendall(f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Type: "
                  "text/xml\r\nContent-Length: 99999\r\n\r\n<mod".encode())
        try:
            assert s.recv(1) == b""
        except ConnectionResetError:
            pass
    assert seen(bbb, "create") == [(0, "", "")]
    assert bbb.listed() == []


def test_truncate(bbb):
    bbb.fault("truncate")
    with pytest.raises(http.client.IncompleteRead) as e:
        ask(bbb)
    half = len(RUNNING) // 2
    assert e.value.partial.decode() == RUNNING[:half]
    assert e.value.expected == len(RUNNING) - half


def test_truncate_framed(bbb):
    bbb.fault("truncate", framed=True)
    reply = ask(bbb)
    assert reply.text == RUNNING[:len(RUNNING) // 2]


@pytest.mark.parametrize("after", [False, True])
def test_latency(bbb, after):
    bbb.fault("latency", call="isMeetingRunning", ms=150, after=after)
    start = time.monotonic()
    assert bbb.call("getSessions").status == 200
    assert ask(bbb).text == RUNNING
    assert time.monotonic() - start >= 0.15


def test_latency_goes_with_another_fault(bbb):
    bbb.fault("latency", ms=100)
    bbb.fault("status", status=502)
    bbb.fault("latency", ms=100)
    start = time.monotonic()
    assert ask(bbb).status == 502
    assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize("after, listed", [(False, []), (True, ["abc123"])])
def test_hang(bbb, after, listed):
    bbb.fault("hang", call="create", after=after)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        call = pool.submit(bbb.create)
        assert until(lambda: bbb.control("GET", "")["held"] == 1)
        assert seen(bbb, "create") == [(0, "", "")]
        assert bbb.listed() == listed
        assert not call.done()
        bbb.control("DELETE", "faults")
        assert call.result().field("meetingID") == "abc123"
    assert bbb.listed() == ["abc123"]
    assert bbb.control("GET", "")["held"] == 0


def test_client_gives_up_a_hanging_call(bbb):
    bbb.fault("hang")
    conn = http.client.HTTPConnection("127.0.0.1", bbb.port)
    conn.request("GET", bbb.target("getMeetings"))
    assert until(lambda: bbb.control("GET", "")["held"] == 1)
    conn.close()
    bbb.control("DELETE", "faults")
    assert until(lambda: bbb.control("GET", "")["connections"] == 0)
    assert ask(bbb).text == RUNNING


def test_refuse(bbb):
    kept = http.client.HTTPConnection("127.0.0.1", bbb.port, timeout=20)
    kept.request("GET", bbb.target("getMeetings"))
    kept.getresponse().read()
    bbb.create()
    bbb.fault("refuse")
    assert refused(bbb)
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        kept.request("GET", bbb.target("getMeetings"))
        kept.getresponse()
    kept.close()
    assert bbb.control("GET", "")["listening"] is False
    bbb.fault("refuse")
    assert refused(bbb)
    bbb.control("DELETE", "faults")
    assert bbb.listed() == ["abc123"]


def test_refuse_while_calls_hang(bbb):
    bbb.fault("hang")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        call = pool.submit(ask, bbb)
        assert until(lambda: bbb.control("GET", "")["held"] == 1)
        bbb.fault("refuse")
        with pytest.raises(ConnectionError):
            call.result()
    bbb.control("DELETE", "faults")
    assert ask(bbb).text == RUNNING


def test_faults_on_all(sim):
    assert sim.control("POST", "/servers/*/faults", {"kind": "refuse"}) == {
        "servers": 2}
    assert [refused(s) for s in sim.servers] == [True, True]
    sim.control("DELETE", "/servers/*/faults")
    assert [ask(s).text for s in sim.servers] == [RUNNING, RUNNING]


def test_faults_on_one(sim):
    sim.servers[1].fault("status")
    assert [ask(s).status for s in sim.servers] == [200, 500]


def test_fault_of_the_index(bbb):
    bbb.fault("status", call="index")
    assert bbb.raw("GET", "/bigbluebutton/api").status == 500
    assert ask(bbb).status == 200


# What it saw


def test_requests(bbb):
    before = time.time() * 1000 - 1
    query = "name=%C3%9C+x&meetingID=abc123&meta_a=1&meta_a=2&&x=%ff%00"
    bbb.call("create", query, User_Agent="test/1")
    bbb.raw("POST", "/bigbluebutton//api/end?meetingID=x&checksum=no",
            b"a=%26", {"Content-Type": "application/x-www-form-urlencoded"})
    create, end = bbb.requests()
    assert before <= create.pop("at") <= time.time() * 1000
    checksum = bbb.sign("create", query)
    assert create == {
        "number": create["number"], "method": "GET",
        "path": "/bigbluebutton/api/create", "call": "create",
        "query": f"{query}&checksum={checksum}",
        "params": [["name", "\u00dc x"], ["meetingID", "abc123"],
                   ["meta_a", "1"], ["meta_a", "2"], ["x", "\ufffd\ufffd"],
                   ["checksum", checksum]],
        "content_type": None, "user_agent": "test/1", "body_length": 0,
        "body_sha256": "", "checksum_ok": True, "status": 200,
        "returncode": "SUCCESS", "messageKey": ""}
    assert end["number"] == create["number"] + 1
    assert (end["path"], end["params"], end["checksum_ok"]) == (
        "/bigbluebutton/api/end",
        [["meetingID", "x"], ["checksum", "no"], ["a", "&"]], False)
    assert (end["body_length"], end["body_sha256"]) == (
        5, hashlib.sha256(b"a=%26").hexdigest())
    assert seen(bbb, "end") == [(200, "FAILED", "checksumError")]
    assert [r["call"] for r in bbb.requests("create")] == ["create"]
    bbb.control("DELETE", "requests")
    assert bbb.requests() == []


def test_unknown_calls_are_seen_by_their_name(bbb):
    bbb.raw("GET", "/bigbluebutton/api/signOut")
    assert [r["status"] for r in bbb.requests("signOut")] == [404]


def test_query_that_is_no_utf8(bbb):
    with socket.create_connection(("127.0.0.1", bbb.port)) as s:
        s.sendall(b"GET /bigbluebutton/api/end?x=\xe4&y=1 HTTP/1.0\r\n\r\n")
        while s.recv(4096):
            pass
    assert bbb.requests("end")[0]["query"] == "x=\u00e4&y=1"
    assert bbb.requests("end")[0]["params"] == [["x", "\ufffd"], ["y", "1"]]


def test_last_ten_thousand(bbb):
    line = "GET /bigbluebutton/api/end?n=%d HTTP/1.1\r\nHost: x\r\n\r\n"
    total = 10020
    with socket.create_connection(("127.0.0.1", bbb.port)) as s, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        sent = pool.submit(s.sendall, "".join(
            line % n for n in range(total)).encode())
        got = 0
        while got < total:
            got += s.recv(65536).count(b"HTTP/1.1 200")
        sent.result()
    requests = bbb.requests()
    assert len(requests) == 10000
    assert [r["query"] for r in requests[:2]] == ["n=20", "n=21"]
    assert requests[-1]["query"] == f"n={total - 1}"
    assert bbb.control("GET", "")["calls"]["end"] == total


def test_counters(sim):
    one, two = sim.servers
    one.create()
    one.join()
    ask(two)
    two.raw("GET", "/bigbluebutton/api/end?checksum=x")
    two.raw("GET", "/bigbluebutton/api?checksum=x")
    told = one.control("GET", "")
    assert (told["index"], told["url"], told["secret"]) == (
        0, one.url, one.secret)
    assert (told["meetings"], told["users"], told["listening"]) == (1, 1, True)
    assert told["calls"]["create"] == 1
    assert two.control("GET", "")["bad_checksums"] == 1
    totals = sim.control("GET", "/totals")
    assert {k: v for k, v in totals["calls"].items() if v} == {
        "create": 1, "join": 1, "isMeetingRunning": 1, "end": 1, "index": 1}
    assert (totals["servers"], totals["meetings"], totals["users"],
            totals["bad_checksums"]) == (2, 1, 1, 1)


def test_open_connections(bbb):
    conns = [socket.create_connection(("127.0.0.1", bbb.port))
             for _ in range(3)]
    assert until(lambda: bbb.control("GET", "")["connections"] == 3)
    for conn in conns:
        conn.close()
    assert until(lambda: bbb.control("GET", "")["connections"] == 0)


# Meetings by the control port


def test_meetings(bbb):
    made = bbb.control("POST", "meetings", {
        "meetingID": "a/b c", "name": "Seminar", "meta_x": "1", "users": 2,
        "record": True, "duration": 5})
    listed = bbb.control("GET", "meetings")[0]
    assert (listed["meetingID"], listed["internalMeetingID"],
            listed["metadata"], listed["participantCount"]) == (
        "a/b c", made["internalMeetingID"], {"x": "1"}, 2)
    assert [u["role"] for u in listed["users"]] == ["MODERATOR", "VIEWER"]
    info = bbb.call("getMeetingInfo", "meetingID=a/b+c")
    assert (info.field("recording"), info.field("duration")) == ("true", "5")
    bbb.control("DELETE", "meetings/" + quote("a/b c"))
    assert bbb.listed() == []


def test_many_meetings(bbb):
    made = bbb.control("POST", "meetings", {
        "meetingID": "m", "count": 3000, "users": 1})
    assert (made["created"], len(made["meetings"])) == (3000, 3000)
    assert sorted(bbb.listed()) == sorted(f"m-{i}" for i in range(3000))
    voices = {e.text for e in
              bbb.call("getMeetings").xml().iter("voiceBridge")}
    assert len(voices) == 3000
    assert bbb.control("GET", "")["users"] == 3000
    bbb.control("DELETE", "meetings/" + made["meetings"][7]
                ["internalMeetingID"])
    assert "m-7" not in bbb.listed()


def test_users(bbb):
    bbb.create()
    made = bbb.control("POST", "meetings/abc123/users", {
        "name": "Ada", "role": "MODERATOR", "userID": "u/1", "voice": True,
        "video": True, "customdata": {"k": "v"}})
    assert [u["userID"] for u in made["users"]] == ["u/1"]
    user = bbb.control("GET", "meetings")[0]["users"][0]
    assert (user["name"], user["role"], user["voice"], user["video"],
            user["customdata"], user["clientType"]) == (
        "Ada", "MODERATOR", True, True, {"k": "v"}, "HTML5")
    made = bbb.control("POST", "meetings/abc123/users", {
        "name": "Bob", "userID": "b", "count": 2})
    assert [u["userID"] for u in made["users"]] == ["b-0", "b-1"]
    assert bbb.control("DELETE", "meetings/abc123/users/u%2F1") == {"left": 1}


@pytest.mark.parametrize("how", [
    ("POST", "restart"), ("DELETE", "meetings"), ("DELETE", "meetings/abc123")])
def test_meetings_vanish(bbb, how):
    bbb.settings(end_delay_ms=60000)
    bbb.create()
    bbb.join()
    bbb.control("POST", "meetings/abc123/breakouts", {"sequence": 1})
    bbb.call("end", "meetingID=abc123")
    bbb.control(*how)
    assert bbb.listed() == []
    told = bbb.control("GET", "")
    assert (told["meetings"], told["users"]) == (0, 0)


def test_same_id_after_vanishing_is_another_meeting(bbb):
    seen_ids = set()
    for _ in range(20):
        seen_ids.add(bbb.create().field("internalMeetingID"))
        bbb.control("POST", "restart")
    assert len(seen_ids) == 20


def test_reset(bbb):
    bbb.create()
    bbb.fault("refuse")
    bbb.settings(series=24)
    bbb.sim.reset()
    told = bbb.control("GET", "")
    assert (told["listening"], told["meetings"], told["settings"]) == (
        True, 0, {"series": 30, "expire_ms": 0, "end_delay_ms": 300,
                  "users_timeout_ms": 0, "callback_retry_ms": 30000,
                  "record": True, "bbb_version": ""})
    assert (bbb.requests(), sum(told["calls"].values())) == ([], 0)
