"""What nginx and lighttpd do with the files of conf/.

A responder that echoes stands in the place of the workers, so that each test
sees exactly what the web server sends on.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import contextlib
import http.client
import os
import shutil
import socket
import tempfile

import pytest

from harness.echo import Echo
from harness.http import get, request
from harness.process import until
from harness.web import SERVERS, Balancer

STATE_CALLS = [
    "", "api", "index", "join", "isMeetingRunning", "getMeetingInfo",
    "getMeetings", "getSessions", "getRecordings", "publishRecordings",
    "deleteRecordings", "updateRecordings", "getRecordingTextTracks",
    "putRecordingTextTrack",
]
FORWARD_CALLS = [
    "create", "end", "insertDocument", "sendChatMessage", "hooks/create",
    "setConfigXML", "xjoin", "joinx", "Join", "unknown",
]
PREFIXES = ["/bbb/key/", "/bbb/key/api/", "/bbb/key/bigbluebutton/api/",
            "/bigbluebutton/api/", "/bigbluebutton//api/"]
MIB = 1024 * 1024
SECRET = "not-to-be-logged"


class Node:
    """A web server and two echoing pools."""

    def __init__(self, web, **options):
        self.dir = tempfile.mkdtemp(prefix="b3scale-web-", dir="/tmp")
        self.pools = {name: Echo(self.dir, name)
                      for name in ("state", "forward")}
        self.web = SERVERS[web](self.dir, self.dir, **options)
        self.web.start()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def request(self, method, path, **options):
        return request(method, self.web.url + path, **options)

    def seen(self):
        return sum(pool.seen for pool in self.pools.values())

    def log_texts(self):
        for name in os.listdir(self.dir):
            if name.endswith(".log"):
                with open(os.path.join(self.dir, name),
                          encoding="utf-8") as f:
                    yield name, f.read()

    def close(self):
        self.web.stop()
        for pool in self.pools.values():
            with contextlib.suppress(OSError):
                pool.close()
        shutil.rmtree(self.dir)


@pytest.fixture(scope="module", params=list(SERVERS))
def node(request):
    made = Node(request.param)
    yield made
    made.close()


@pytest.fixture(params=list(SERVERS))
def own_node(request):
    """One for a test that breaks it."""
    made = Node(request.param)
    yield made
    made.close()


@pytest.fixture
def make_node():
    made = []

    def make(web, **options):
        made.append(Node(web, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def headers_only(web, path, length):
    """The answer to a POST of that length, before any of the body is sent."""
    with socket.create_connection(("127.0.0.1", web.port), 10) as s:
        s.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: "
                  f"application/xml\r\nContent-Length: {length}\r\n\r\n"
                  .encode())
        return s.makefile("rb").readline().split()[1].decode()


# ---- sorting

@pytest.mark.parametrize("prefix", PREFIXES)
def test_calls_are_sorted_by_the_last_segment(node, prefix):
    for calls, pool in ((STATE_CALLS, "state"), (FORWARD_CALLS, "forward")):
        for call in calls:
            reply = node.get(prefix + call + "?checksum=0")
            assert (call, reply.json()["pool"]) == (call, pool)


def test_a_path_is_sorted_as_it_is_meant(node):
    for path, pool in (
            ("/bigbluebutton", "state"),
            ("/bigbluebutton/", "state"),
            ("/bbb/key/api/", "state"),
            ("/bbb/key/", "state"),
            ("/bbb/key/bigbluebutton/", "state"),
            ("/bbb/key/api/join/", "state"),
            ("/bbb/key/api/create/", "forward"),
            ("/bigbluebutton/api/end/", "forward"),
            ("/bigbluebutton/api/index/", "state"),
            ("/b3s/retry-join/create", "state"),
            ("/healthz", "state"),
            ("/readyz", "state"),
            ("/api/v1/callbacks/proxy/a.b.c", "state"),
            ("/api/v1", "state"),
            ("/api/v1/backends/x", "state"),
            ("/api/v1/meetings/a=b:c", "state"),
            ("/api/v1/meetings/a=b:c/end", "forward"),
            ("/bbb/join/create", "forward"),
            ("/bbb/create/join", "state"),
            ("/bbb/key/api/create?x=/join", "forward"),
            ("/bbb/key/api/%6aoin", "state")):
        assert (path, node.get(path).json()["pool"]) == (path, pool)


def test_other_paths_are_not_ours(node):
    before = node.seen()
    for path in ("/", "/bbb", "/b3s", "/bigbluebuttonx/api/join", "/api",
                 "/x/bbb/key/join", "/healthz/x", "/xhealthz",
                 "/bbb/../etc/passwd"):
        assert node.get(path).status in (403, 404), path
    assert node.seen() == before


# ---- what a worker is told

def test_the_target_arrives_byte_for_byte(node):
    target = ("/bbb/key/api/join?name=a%20b+c%2a%7E%C3%a4&x=%2F&&a;b"
              "&empty=&=v&checksum=0")
    told = node.get(target).json()["variables"]
    assert told["REQUEST_URI"] == target


def test_the_variables_a_worker_needs(node):
    told = node.request(
        "POST", "/bbb/key/api/create?a=b", body=b"<x/>",
        headers={"Content-Type": "text/xml", "Host": "a.example:81",
                 "Accept": "text/html", "Accept-Language": "de"},
    ).json()["variables"]
    wanted = {
        "REQUEST_METHOD": "POST", "CONTENT_TYPE": "text/xml",
        "CONTENT_LENGTH": "4", "HTTP_HOST": "a.example:81",
        "HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_LANGUAGE": "de",
        "REMOTE_ADDR": "127.0.0.1", "REQUEST_SCHEME": "http",
    }
    assert {k: told.get(k) for k in wanted} == wanted
    assert "HTTPS" not in told


def test_a_stranger_cannot_claim_an_address(node):
    told = node.get("/bbb/key/api/join", headers={
        "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https",
    }).json()["variables"]
    assert told["REMOTE_ADDR"] == "127.0.0.1"
    assert told["REQUEST_SCHEME"] == "http"
    assert "HTTPS" not in told


@pytest.mark.parametrize("web", list(SERVERS))
def test_the_proxy_says_who_asks(make_node, web):
    node = make_node(web, proxy="127.0.0.1")
    told = node.get("/bbb/key/api/join", headers={
        "X-Forwarded-For": "198.51.100.1, 203.0.113.7",
        "X-Forwarded-Proto": "https",
    }).json()["variables"]
    # Only what the proxy itself added is believed.
    assert told["REMOTE_ADDR"] == "203.0.113.7"
    assert told["REQUEST_SCHEME"] == "https"
    assert told["HTTPS"] == "on"
    line = until(node.web.access_lines, 5)[0]
    assert line.startswith("203.0.113.7 ")
    plain = node.get("/bbb/key/api/join").json()["variables"]
    assert plain["REMOTE_ADDR"] == "127.0.0.1"
    assert "HTTPS" not in plain


# ---- limits

@pytest.mark.parametrize("call, mib", [
    ("create", 256), ("insertDocument", 256), ("getMeetings", 2),
    ("join", 2), ("end", 2), ("sendChatMessage", 2),
    ("/api/v1/agent/events", 16), ("/api/v1/agent/rpc", 2),
])
def test_what_is_too_large_gets_413(node, call, mib):
    before = node.seen()
    path = call if call.startswith("/") else f"/bbb/key/api/{call}"
    assert headers_only(node.web, path, mib * MIB + 1) == "413"
    assert node.seen() == before


@pytest.mark.parametrize("call, mib", [
    ("create", 40), ("insertDocument", 40), ("getMeetings", 2), ("end", 2),
    ("/api/v1/agent/events", 16)])
def test_what_is_just_small_enough_arrives_whole(node, call, mib):
    path = call if call.startswith("/") else f"/bigbluebutton/api/{call}"
    reply = node.request("POST", path, body=bytes(mib * MIB))
    assert reply.json()["body_length"] == mib * MIB


def test_a_chunked_body_arrives_with_its_length(node):
    reply = node.request("POST", "/bbb/key/api/create",
                         body=iter([b"x" * 70000, b"y" * 30000])).json()
    assert reply["body_length"] == 100000
    assert reply["variables"]["CONTENT_LENGTH"] == "100000"


@pytest.mark.parametrize("headers", [
    {}, {"User-Agent": "x" * 1500, "Accept-Language": "de, en;q=0.5"}])
def test_a_query_of_16_kib_arrives_whole(node, headers):
    target = "/bbb/key/api/create?a=%7E" + "x" * 16384
    reply = node.get(target, headers=headers)
    assert reply.json()["variables"]["REQUEST_URI"] == target


def test_nginx_takes_a_query_of_55_kib(make_node):
    node = make_node("nginx")
    target = "/bbb/key/api/join?a=%7E" + "x" * 55 * 1024
    # What a browser sends along must not make it too much.
    reply = node.get(target, headers={"Cookie": "c=" + "x" * 8000,
                                      "Referer": "https://x/" + "x" * 8000})
    told = reply.json()["variables"]
    assert told["REQUEST_URI"] == target
    assert "HTTP_COOKIE" not in told and "HTTP_REFERER" not in told


def test_a_longer_query_gets_a_clear_refusal(node):
    before = node.seen()
    reply = node.get("/bbb/key/api/join?a=" + "x" * 60 * 1024)
    assert reply.status == node.web.too_long
    assert node.seen() == before


def test_a_location_as_long_as_the_query_gets_through(node):
    length = 55 * 1024 if node.web.name == "nginx" else 19 * 1024
    pool = node.pools["state"]
    kept = pool.head
    pool.head = (b"Status: 302 Found\r\nLocation: http://x/"
                 + b"x" * length + b"\r\n\r\n")
    try:
        reply = node.get("/bbb/key/api/join")
    finally:
        pool.head = kept
    assert reply.status == 302
    assert len(reply.headers["Location"]) == length + len("http://x/")


# ---- buffering

def test_a_slow_upload_holds_no_worker(node):
    pool = node.pools["forward"]
    before = pool.seen
    with socket.create_connection(("127.0.0.1", node.web.port), 10) as s:
        s.sendall(b"POST /bbb/key/api/create HTTP/1.1\r\nHost: x\r\n"
                  b"Content-Length: 200000\r\n\r\n" + b"x" * 100000)
        # The web server has had the time to read this, and another's call.
        assert node.get("/bbb/key/api/end").status == 200
        assert pool.seen == before + 1
        s.sendall(b"x" * 100000)
        assert b" 200 " in s.makefile("rb").readline()
    assert pool.seen == before + 2


def test_a_kept_connection_holds_no_worker(node):
    pool = node.pools["state"]
    kept = [http.client.HTTPConnection("127.0.0.1", node.web.port, timeout=10)
            for _ in range(20)]
    for connection in kept:
        connection.request("GET", "/bbb/key/api/join")
        reply = connection.getresponse()
        assert reply.status == 200
        reply.read()
        assert connection.sock is not None, "it is kept"
    # 20 connections to the web server are open; none to a worker is.
    until(lambda: pool.now == 0, 5)
    for connection in kept:
        connection.close()


# ---- logs

def test_no_log_holds_a_query(own_node):
    query = f"?password={SECRET}&checksum={SECRET}"
    headers = {"Referer": f"https://x.example/{query}"}
    assert own_node.get("/bbb/key/api/join" + query,
                        headers=headers).status == 200
    for pool in own_node.pools.values():
        pool.breaks = True
    for call in ("join", "create"):
        assert own_node.get(f"/bbb/key/api/{call}{query}",
                            headers=headers).status >= 500
    for pool in own_node.pools.values():
        pool.close()
    for call in ("join", "create"):
        assert own_node.get(f"/bbb/key/api/{call}{query}",
                            headers=headers).status >= 500
    assert headers_only(own_node.web, "/bbb/key/api/create" + query,
                        300 * MIB) == "413"
    own_node.get("/bbb/key/api/join" + query + "x" * 60 * 1024)
    lines = until(lambda: own_node.web.access_lines()[4:]
                  and own_node.web.access_lines(), 5)
    assert '"GET /bbb/key/api/join HTTP/1.1" 200 ' in lines[0]
    own_node.web.stop()
    for name, text in own_node.log_texts():
        assert SECRET not in text, name


@pytest.mark.parametrize("path", ["/b3s/retry-join/",
                                  "/api/v1/callbacks/proxy/"])
def test_a_path_that_carries_a_join_or_a_token_is_not_logged(own_node, path):
    own_node.get(path + SECRET, headers={"User-Agent": "me"})
    line = until(own_node.web.access_lines, 5)[0]
    assert f'"GET {path}... HTTP/1.1" 200 ' in line
    own_node.web.stop()
    for name, text in own_node.log_texts():
        assert SECRET not in text, name


# ---- no worker

AWAY = [("GET", "/bbb/key/api/join"), ("POST", "/bbb/key/api/create"),
        ("GET", "/bigbluebutton"), ("GET", "/b3s/retry-join/x"),
        ("GET", "/api/v1"), ("POST", "/api/v1/frontends"),
        ("PATCH", "/api/v1/frontends/x"), ("DELETE", "/api/v1/backends/x"),
        ("HEAD", "/api/v1/status"), ("OPTIONS", "/api/v1/status"),
        ("POST", "/api/v1/meetings/x/end"),
        ("GET", "/api/v1/callbacks/proxy/a.b.c")]
UNAVAILABLE = '{"message":"Service Unavailable"}\n'


def is_away(web, method, path):
    """In whatever form the client reads."""
    reply = request(method, web.url + path,
                    body="x" if method == "POST" else None)
    where = (method, path)
    assert reply.status == 503, where
    assert reply.headers["Retry-After"] == "5", where
    assert "ETag" not in reply.headers, where
    if path.startswith("/api/"):
        assert reply.headers["Content-Type"] == "application/json", where
        assert method == "HEAD" or reply.text == UNAVAILABLE, where
    else:
        assert reply.headers["Content-Type"] == "text/xml", where
        assert "<messageKey>unavailable</messageKey>" in reply.text, where


def test_without_a_worker_the_answer_is_503(own_node):
    for pool in own_node.pools.values():
        pool.close()
    for method, path in AWAY:
        is_away(own_node.web, method, path)
    own_node.pools["state"] = Echo(own_node.dir, "state")
    until(lambda: own_node.get("/bbb/key/api/join").status == 200, 5,
          "a pool that is back to be found")


def test_an_overload_is_told_as_well(own_node):
    """A pool whose queue is full takes no connection."""
    pool = own_node.pools["state"]
    pool.close()
    with socket.socket(socket.AF_UNIX) as listener, \
            contextlib.ExitStack() as waiting:
        listener.bind(pool.path)
        listener.listen(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                s = waiting.enter_context(socket.socket(socket.AF_UNIX))
                s.setblocking(False)
                s.connect(pool.path)
        for path, kind in (("/api/v1", "application/json"),
                           ("/bbb/key/api/join", "text/xml")):
            reply = own_node.get(path)
            assert (reply.status, reply.headers["Content-Type"],
                    reply.headers["Retry-After"]) == (
                own_node.web.overload, kind, "5")
    os.unlink(pool.path)


def test_too_much_is_not_called_away(own_node):
    for path in ("/api/v1/frontends", "/bbb/key/api/end"):
        reply = own_node.request("POST", path, body=bytes(3 * MIB))
        assert reply.status == 413, path
        assert "Retry-After" not in reply.headers, path


def test_a_dead_pool_leaves_the_other_alone(own_node):
    own_node.pools["forward"].close()
    assert own_node.get("/bbb/key/api/create").status == 503
    for _ in range(5):
        assert own_node.get("/bbb/key/api/join").status == 200


def test_a_worker_that_breaks_off_is_not_asked_again(own_node):
    pool = own_node.pools["forward"]
    pool.breaks = True
    assert own_node.get("/bbb/key/api/create").status >= 500
    assert pool.seen == 1


# ---- several nodes

@pytest.fixture
def balanced(make_node):
    nodes = [make_node("nginx", proxy="127.0.0.1"),
             make_node("lighttpd", proxy="127.0.0.1")]
    folder = tempfile.mkdtemp(prefix="b3scale-balancer-", dir="/tmp")
    balancer = Balancer(folder, [n.web.port for n in nodes])
    balancer.start()
    yield balancer, nodes
    balancer.stop()
    shutil.rmtree(folder)


def test_the_balancer_uses_all_nodes(balanced):
    balancer, nodes = balanced
    for _ in range(10):
        told = get(
            balancer.url + "/bbb/key/api/create?a=b", timeout=10,
            headers={"Host": "lb.example", "X-Forwarded-For": "203.0.113.7",
                     "X-Forwarded-Proto": "https"}).json()["variables"]
        assert told["HTTP_HOST"] == "lb.example"
        assert told["REMOTE_ADDR"] == "127.0.0.1"
        assert told["REQUEST_SCHEME"] == "http"
        assert told["REQUEST_URI"] == "/bbb/key/api/create?a=b"
    assert min(node.seen() for node in nodes) >= 3


def test_the_balancer_repeats_only_what_may_be_repeated(balanced):
    balancer, nodes = balanced
    for node in nodes:
        for pool in node.pools.values():
            pool.breaks = True

    def seen_after(method, call):
        before = sum(node.seen() for node in nodes)
        reply = request(method, f"{balancer.url}/bbb/key/api/{call}",
                        body="x" if method == "POST" else None)
        assert reply.status >= 500
        return sum(node.seen() for node in nodes) - before

    assert seen_after("GET", "end") == 1
    assert seen_after("GET", "sendChatMessage") == 1
    assert seen_after("POST", "insertDocument") == 1
    assert seen_after("POST", "create") == 1


def test_the_balancer_goes_round_a_dead_node(balanced):
    balancer, nodes = balanced
    nodes[0].web.stop()
    for call in ("join", "create", "getMeetingInfo") * 4:
        assert get(f"{balancer.url}/bbb/key/api/{call}",
                            timeout=10).status == 200


def test_the_balancer_tells_when_no_node_answers(balanced):
    balancer, nodes = balanced
    for node in nodes:
        node.web.stop()
    for method, path in AWAY:
        is_away(balancer, method, path)


def test_the_balancer_logs_no_query(balanced):
    balancer, nodes = balanced
    for node in nodes:
        node.web.stop()
    get(f"{balancer.url}/bbb/key/api/join?password={SECRET}",
                 timeout=10)
    get(f"{balancer.url}/b3s/retry-join/{SECRET}", timeout=10)
    assert until(balancer.access_lines, 5)[0].count('"GET /bbb/key/api/join ')
    balancer.stop()
    for name in ("web.log", "b3scale-access.log"):
        with open(os.path.join(balancer.dir, name), encoding="utf-8") as f:
            assert SECRET not in f.read(), name
    balancer.start()
