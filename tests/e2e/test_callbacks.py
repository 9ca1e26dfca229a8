"""What BBB servers call back about reaches the frontends, signed anew.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import base64
import hmac
import json
import secrets
import threading
import urllib.parse

import pytest
import requests

from harness import Cluster, free_port, until
from harness.api import SECRET, Api

PATH = "/api/v1/callbacks/proxy/"


def part(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(header, claims, secret, algorithm):
    """A token, as BBB and the Go program make it."""
    text = ".".join(
        base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=")
        for p in (header, claims))
    mac = hmac.new(secret.encode(), text.encode(), algorithm).digest()
    return text + "." + base64.urlsafe_b64encode(mac).decode().rstrip("=")


def claims_of(token, secret, algorithm="sha256"):
    """What a token says, once its signature was found right."""
    text, _, mac = token.rpartition(".")
    assert part(mac) == hmac.new(secret.encode(), text.encode(),
                                 algorithm).digest()
    return json.loads(part(text.split(".")[1]))


def address(cluster, frontend, url, secret=SECRET, scope="b3scale:callback"):
    """Where a server would call, as the Go program writes it."""
    return cluster.url + PATH + sign(
        {"alg": "HS384", "typ": "JWT"},
        {"scope": scope, "sub": frontend.id, "aud": [url]}, secret, "sha384")


@pytest.fixture(name="cluster", scope="module", params=["nginx", "lighttpd"])
def _cluster(request, postgres):
    # the address is known once the web server has its port
    made = Cluster(postgres, web=request.param, sim=["-u"], conf={
        "api_jwt_secret": SECRET, "callback_loopback": "on"})
    made.conf["api_url"] = made.url
    made.node.write_conf()
    assert made.reload().returncode == 0
    yield made
    made.close()


@pytest.fixture(name="fe")
def _fe(cluster):
    for server in cluster.servers:
        server.mend()
        server.settings(callback_retry_ms=50)
    cluster.sql("DELETE FROM callbacks")
    return cluster.frontend()


def create(cluster, fe, **params):
    """A meeting and its server."""
    meeting = f"m-{secrets.token_hex(4)}"
    assert fe.create(meeting, **params).ok
    return meeting, cluster.server_of_meeting(meeting)


def stored(cluster, kind, count=1):
    until(lambda: cluster.value(
        "SELECT count(*) FROM callbacks WHERE kind = %s AND NOT ours",
        kind) == count, 10,
        f"{count} callbacks of kind {kind}")


def deliver(cluster, **env):
    done = cluster.cron("callbacks", env={"B3SCALE_LOG_LEVEL": "error",
                                          **env})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def states(cluster):
    return [(r["state"], r["attempts"], r["last_status"], r["last_error"])
            for r in cluster.sql("SELECT * FROM callbacks ORDER BY id")]


# ---- refused

@pytest.mark.parametrize("token, message", [
    ("", "not a signed token"),
    ("abc", "not a signed token"),
    (sign({"alg": "none"}, {}, SECRET, "sha256"),
     "the token's algorithm is not HS256, HS384 or HS512"),
    (sign({"alg": "HS384"}, {"scope": "b3scale:callback"}, "x", "sha384"),
     "the token is not ours"),
    (sign({"alg": "HS384"}, {"scope": "b3scale:admin", "sub": "x"}, SECRET,
          "sha384"), "b3scale:callback scope required"),
    (sign({"alg": "HS384"}, {"scope": "b3scale:callback", "sub": "x"},
          SECRET, "sha384"), "the token names no frontend or no URL"),
    (sign({"alg": "HS384"}, {"scope": "b3scale:callback", "sub": "x",
                             "aud": ["file:///etc/passwd"]},
          SECRET, "sha384"), "the token names no frontend or no URL"),
])
def test_no_other_token_opens_it(cluster, fe, token, message):
    reply = requests.get(cluster.url + PATH + token, timeout=10)
    assert (reply.status_code, reply.json()) == (403, {"message": message})
    assert states(cluster) == []
    assert fe.id


def test_a_frontend_that_is_gone_gets_nothing(cluster, receiver):
    gone = cluster.frontend()
    cluster.sql("DELETE FROM frontends WHERE id = %s", gone.id)
    reply = requests.get(address(cluster, gone, receiver.url("/")),
                         timeout=10)
    assert reply.status_code == 404


def test_methods_and_sizes(cluster, fe, receiver):
    url = address(cluster, fe, receiver.url("/"))
    reply = requests.put(url, timeout=10)
    assert (reply.status_code, reply.headers["Allow"]) == (
        405, "GET, HEAD, POST")
    assert requests.head(url, timeout=10).status_code == 200
    assert requests.post(url, data=b"x" * (2 << 20 | 1),
                         timeout=10).status_code == 413
    assert requests.post(url, data=b"\xff", timeout=10).json() == {
        "message": "the body is no UTF-8"}
    assert requests.post(url, data=b"a\0b", timeout=10).status_code == 400
    assert states(cluster) == []


@pytest.mark.parametrize("body, error", [
    ("x=1", "it has no signed_parameters"),
    ("signed_parameters=abc", "not a signed token"),
    ("signed_parameters=" + sign({"alg": "HS256"}, {"meeting_id": "m"},
                                 "made up", "sha256"),
     "no BBB server of ours has signed it"),
])
def test_only_servers_announce_recordings(cluster, fe, receiver, body, error):
    requests.post(address(cluster, fe, receiver.url("/r")), data=body,
                  headers={"Content-Type":
                           "application/x-www-form-urlencoded"}, timeout=10)
    deliver(cluster)
    assert states(cluster) == [("failed", 1, None, error)]
    assert receiver.calls.empty()


def test_of_no_other_frontends_meeting(cluster, fe, receiver):
    meeting, server = create(cluster, cluster.frontend())
    other = server.meetings()[-1]["meetingID"]
    token = sign({"alg": "HS256"}, {"meeting_id": other}, server.secret,
                 "sha256")
    requests.post(address(cluster, fe, receiver.url("/r")),
                  data={"signed_parameters": token}, timeout=10)
    deliver(cluster)
    assert states(cluster) == [
        ("failed", 1, None, "it speaks of a meeting of another frontend")]
    assert meeting


def test_analytics_need_a_servers_word(cluster, fe, receiver):
    server = cluster.servers[0]
    url = address(cluster, fe, receiver.url("/a"))
    for claims, secret in (({"exp": 2 ** 40}, "made up"),
                           ({"exp": 1000}, server.secret)):
        token = sign({"alg": "HS512"}, claims, secret, "sha512")
        requests.post(url, json={"meeting_id": "m", "x": secret}, timeout=10,
                      headers={"Authorization": "Bearer " + token})
    deliver(cluster)
    assert [s[3] for s in states(cluster)] == [
        "no BBB server of ours has signed it", "its token had expired"]


@pytest.mark.parametrize("url", [
    "http://127.0.0.1:{port}/x", "http://localhost:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x", "http://2130706433:{port}/x",
    "http://169.254.169.254/x"])
def test_this_host_is_not_called(cluster, fe, receiver, url):
    port = receiver.server_address[1]
    fe = cluster.frontend(settings={"callbacks_private": True})
    requests.get(address(cluster, fe, url.format(port=port)), timeout=10)
    deliver(cluster, B3SCALE_CALLBACK_LOOPBACK="off")
    assert states(cluster) == [
        ("waiting", 1, None, "its address may not be called")]
    assert receiver.calls.empty()


# ---- what goes wrong on the way

def test_a_failure_is_tried_again(cluster, fe, receiver):
    receiver.answers = [500, 302, 200]
    requests.get(address(cluster, fe, receiver.url("/x")), timeout=10)
    for state in ([("waiting", 1, 500, "HTTP status 500")],
                  [("waiting", 2, 302, "HTTP status 302")],
                  [("delivered", 3, 200, None)]):
        deliver(cluster)
        assert states(cluster) == state
        deliver(cluster)
        assert states(cluster) == state     # not before it is due
        cluster.sql("UPDATE callbacks SET next_at = now()")
    assert receiver.calls.qsize() == 3


def test_nobody_listens(cluster, fe):
    requests.get(address(cluster, fe, f"http://127.0.0.1:{free_port()}/x"),
                 timeout=10)
    deliver(cluster)
    (state, _, status, error), = states(cluster)
    assert (state, status) == ("waiting", None)
    assert "connect" in error


def test_gone_is_gone(cluster, fe, receiver):
    receiver.answers = [410]
    requests.get(address(cluster, fe, receiver.url("/x")), timeout=10)
    deliver(cluster)
    assert states(cluster) == [("failed", 1, 410, "HTTP status 410")]


def test_a_repeated_end_is_told_once(cluster, fe, receiver):
    url = address(cluster, fe, receiver.url("/x"))
    for _ in range(3):
        assert requests.get(url + "?recordingmarks=false",
                            timeout=10).status_code == 200
    deliver(cluster)
    assert states(cluster) == [("delivered", 1, 200, None)]


def test_jobs_of_two_nodes_deliver_once(cluster, fe, receiver):
    for i in range(60):
        requests.get(address(cluster, fe, receiver.url(f"/{i}")), timeout=10)
    threads = [threading.Thread(target=deliver, args=(cluster,))
               for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    deliver(cluster)
    assert {s[0] for s in states(cluster)} == {"delivered"}
    assert sorted(receiver.next()[1] for _ in range(60)) == sorted(
        f"/{i}" for i in range(60))
    assert receiver.calls.empty()


# ---- what admins and frontends see of it

def test_who_may_not_look(cluster, fe, receiver):
    requests.get(address(cluster, fe, receiver.url("/x")), timeout=10)
    number = cluster.value("SELECT id FROM callbacks")
    api = Api(cluster.url)
    for other in (api.as_("b3scale:node"), api.as_("b3scale:callback")):
        assert other.get("/callbacks").status == 403
        assert other.get(f"/callbacks/{number}").status == 403
        assert other.post(f"/callbacks/{number}/retry").status == 403
    stranger = api.as_("b3scale", "somebody else")
    assert stranger.get("/callbacks").json() == []
    assert stranger.get(f"/callbacks/{number}").status == 404
    assert stranger.post(f"/callbacks/{number}/retry").status == 404
    for path in ("x", "999999999", "-1"):
        assert api.get(f"/callbacks/{path}").status == 404
        assert api.post(f"/callbacks/{path}/retry").status == 404


def test_what_is_asked_wrongly(cluster):
    api = Api(cluster.url)
    for query, text in (
            ({"state": "x"}, "must be waiting, delivered or failed"),
            ({"limit": "-1"}, "must be a whole number, not below 0"),
            ({"offset": "y"}, "must be a whole number, not below 0")):
        reply = api.get("/callbacks", **query)
        assert (reply.status, reply.json()["fields"]) == (
            400, {next(iter(query)): [text]})


def test_each_is_shown_and_tried_again(cluster, fe, receiver):
    api = Api(cluster.url)
    receiver.answers = [500]
    cluster.sql("UPDATE frontends SET account_ref = 'acc' WHERE id = %s",
                fe.id)
    requests.get(address(cluster, fe, receiver.url("/x?secret=1")),
                 timeout=10)
    deliver(cluster)
    mine = api.as_("b3scale", "acc")
    for who in (api, mine):
        reply = who.get("/callbacks", state="waiting", frontend_key=fe.key)
        (shown,) = reply.json()
        assert reply.headers["X-Total-Count"] == "1"
        assert shown["frontend_id"] == fe.id
        assert (shown["kind"], shown["url"], shown["attempts"],
                shown["last_status"], shown["last_error"]) == (
            "end", receiver.url("/x"), 1, 500, "HTTP status 500")
        assert shown["received_at"] < shown["next_at"]
        assert shown["finished_at"] is None
        assert who.get(f"/callbacks/{shown['id']}").json() == shown
    path = f"/callbacks/{shown['id']}/retry"
    assert mine.post(path).json() == {"message": "it is due now"}
    deliver(cluster)
    (shown,) = api.get("/callbacks").json()
    assert (shown["state"], shown["last_error"], shown["next_at"]) == (
        "delivered", None, None)
    reply = api.post(path)
    assert (reply.status, reply.json()) == (
        409, {"message": "it was delivered, or is being delivered"})


# ---- what a server says

def test_the_end_of_a_meeting(cluster, fe, receiver):
    meeting, _ = create(
        cluster, fe, meetingEndedURL=receiver.url("/plain?a=%20b&c"),
        meta_endCallbackUrl=receiver.url("/end?room=7&meetingID=x"))
    assert fe.end(meeting).ok
    stored(cluster, "end", 2)
    deliver(cluster)
    got = sorted(receiver.next()[:2] for _ in range(2))
    assert got[1] == ("GET", "/plain?a=%20b&c")
    method, path = got[0]
    query = urllib.parse.parse_qsl(path.partition("?")[2])
    assert (method, path.partition("?")[0], sorted(query)) == (
        "GET", "/end", [("meetingID", meeting), ("recordingmarks", "false"),
                        ("room", "7")])


def end_urls(receiver):
    return {"meetingEndedURL": receiver.url("/plain?a=%20b"),
            "meta_endCallbackUrl": receiver.url("/end?room=7")}


def two_minutes_pass(cluster):
    cluster.sql("UPDATE callbacks SET"
                " next_at = next_at - interval '2 minutes',"
                " received_at = received_at - interval '2 minutes'")


def ended(cluster, meeting):
    return cluster.value("SELECT state FROM meetings WHERE meeting_id = %s",
                         meeting) in ("ended", None)


def heard(receiver, meeting):
    """The two calls of one end, as BBB makes them."""
    got = sorted(receiver.next()[:2] for _ in range(2))
    return got == [
        ("GET", f"/end?room=7&recordingmarks=false&meetingID={meeting}"),
        ("GET", "/plain?a=%20b")]


def test_a_server_that_restarts_is_spoken_for(cluster, fe, receiver):
    meeting, server = create(cluster, fe, **end_urls(receiver))
    cluster.sql("UPDATE meetings SET placed_at = now() - interval '1 h',"
                " confirmed_at = now() - interval '1 h'")
    server.restart()
    for _ in range(2):
        cluster.poll()
    assert ended(cluster, meeting)
    deliver(cluster)
    assert receiver.calls.empty()
    two_minutes_pass(cluster)
    deliver(cluster)
    assert heard(receiver, meeting)
    two_minutes_pass(cluster)
    deliver(cluster)
    assert receiver.calls.empty()


@pytest.mark.parametrize("speaks", ["in time", "too late"])
def test_who_only_seemed_dead_speaks_itself(cluster, fe, receiver, speaks):
    """Its meetings were given up with it, and live on there."""
    meeting, server = create(cluster, fe, **end_urls(receiver))
    name = cluster.value("SELECT backend_meeting_id FROM meetings"
                         " WHERE meeting_id = %s", meeting)
    row = cluster.backend_of(server)
    before = len(server.callbacks())
    try:
        server.fault("refuse")
        for _ in range(2):
            cluster.poll()
        done = cluster.api.delete(f"/backends/{row['id']}?force=true")
        assert done.status == 200 and ended(cluster, meeting)
        if speaks == "too late":
            two_minutes_pass(cluster)
            deliver(cluster)
            assert heard(receiver, meeting)
        server.mend()
        server.finish(name)
        until(lambda: [c["done"] for c in server.callbacks()[before:]]
              == [True] * 2)
        deliver(cluster)
        if speaks == "in time":
            assert heard(receiver, meeting)
        two_minutes_pass(cluster)
        deliver(cluster)
        assert receiver.calls.empty()
    finally:
        server.mend()
        server.restart()
        cluster.backend(server.url, server.secret)


@pytest.mark.parametrize("name", [
    "bbb-recording-ready-url", "bn-recording-ready-url",
    "canvas-recording-ready-url"])
def test_a_recording_is_ready(cluster, fe, receiver, name):
    meeting, server = create(cluster, fe, record="true", **{
        f"meta_{name}": receiver.url("/r?course=3")})
    internal = fe.info(meeting).get("internalMeetingID")
    assert fe.end(meeting).ok
    until(lambda: internal not in [m["internalMeetingID"]
                                   for m in server.meetings()], 10, "its end")
    # two formats, two announcements
    server.recording_ready(internal)
    server.recording_ready(internal)
    stored(cluster, "recording", 2)
    deliver(cluster)
    for _ in range(2):
        method, path, headers, body = receiver.next()
        assert (method, path, headers["Content-Type"]) == (
            "POST", "/r?course=3", "application/x-www-form-urlencoded")
        (key, token), = urllib.parse.parse_qsl(body.decode())
        assert key == "signed_parameters"
        assert claims_of(token, fe.secret) == {
            "meeting_id": meeting, "record_id": internal}


def test_analytics(cluster, fe, receiver):
    url = receiver.url("/analytics")
    meeting, server = create(cluster, fe, meetingKeepEvents="true", **{
        "meta_analytics-callback-url": url})
    server.join(server.meetings()[-1]["meetingID"], name="Zoë \"Z\"",
                userID="u-1")
    assert fe.end(meeting).ok
    stored(cluster, "analytics")
    deliver(cluster)
    method, path, headers, body = receiver.next()
    assert (method, path) == ("POST", "/analytics")
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == "BigBlueButton Analytics Callback"
    token = headers["Authorization"].removeprefix("Bearer ")
    assert claims_of(token, fe.secret, "sha512").keys() == {"exp"}
    data = json.loads(body)
    assert data["meeting_id"] == meeting
    assert data["data"]["metadata"]["analytics_callback_url"] == url
    assert data["data"]["attendees"][0]["name"] == "Zoë \"Z\""


def test_an_id_too_long_for_bbb_comes_back(cluster, fe, receiver):
    meeting = "l" + secrets.token_hex(120)
    assert fe.create(meeting, meta_endCallbackUrl=receiver.url("/e")).ok
    assert fe.end(meeting).ok
    stored(cluster, "end")
    deliver(cluster)
    query = receiver.next()[1].partition("?")[2]
    assert dict(urllib.parse.parse_qsl(query))["meetingID"] == meeting


# ---- what the frontend sees

def test_servers_get_our_address_and_frontends_their_own(cluster, fe):
    urls = {"endcallbackurl": "https://fe.example/e?a=1&b=<2>".replace(
        "<2>", "%3C2%3E"), "bbb-recording-ready-url": "https://fe.example/r"}
    meeting, server = create(
        cluster, fe, meta_other="https://fe.example/other",
        meetingEndedURL="https://fe.example/m",
        **{"meta_endCallbackUrl": urls["endcallbackurl"],
           "meta_bbb-recording-ready-url": urls["bbb-recording-ready-url"]})
    sent = dict(server.requests("create")[-1]["params"])
    for name in ("meetingEndedURL", "meta_endCallbackUrl",
                 "meta_bbb-recording-ready-url"):
        assert sent[name].startswith(cluster.url + PATH), name
        claims = claims_of(sent[name].removeprefix(cluster.url + PATH),
                           SECRET, "sha384")
        assert (claims["scope"], claims["sub"]) == ("b3scale:callback", fe.id)
    assert sent["meta_other"] == "https://fe.example/other"
    for _ in range(2):      # as created, and as a poll has seen it
        info = fe.info(meeting)
        listed = fe.call("getMeetings")
        for name, url in urls.items():
            assert info.get(f"metadata/{name}") == url
            assert listed.get(
                f"meetings/meeting/metadata/{name}") == url
        assert PATH not in info.text + listed.text
        cluster.poll()


def test_what_is_no_url_is_left_alone(cluster, fe):
    _, server = create(cluster, fe, meetingEndedURL="nonsense",
                       meta_endCallbackUrl="")
    sent = dict(server.requests("create")[-1]["params"])
    assert (sent["meetingEndedURL"], sent["meta_endCallbackUrl"]) == (
        "nonsense", "")


def test_without_an_address_of_ours_they_pass(make_cluster):
    cluster = make_cluster(servers=1)
    fe = cluster.frontend()
    _, server = create(cluster, fe, meetingEndedURL="https://fe.example/m")
    sent = dict(server.requests("create")[-1]["params"])
    assert sent["meetingEndedURL"] == "https://fe.example/m"
    assert requests.get(cluster.url + PATH + "x",
                        timeout=10).status_code == 404


def test_the_old_servers_addresses_work(cluster, fe, receiver):
    """Meetings that the Go program made end here, after a change to us."""
    requests.get(address(cluster, fe, receiver.url("/e?x=1"))
                 + "?meetingID=plain", timeout=10)
    deliver(cluster)
    assert receiver.next()[1] == "/e?x=1&meetingID=plain"
