"""What the REST API makes of HTTP: methods, paths that are none, other origins.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re
import uuid

import pytest

from harness import Cluster
from harness.api import Api
from harness.http import request
from harness.openapi import Document

NODE = "b3scale:node"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
           "TRACE", "QUERY"]


@pytest.fixture(scope="module", name="cluster")
def idle_cluster(postgres):
    made = Cluster(postgres, servers=0, workers={"state": 2, "forward": 1},
                   conf={"max_query": "1 KiB"})
    made.backend("http://127.0.0.1:9/", "s")
    made.sql("UPDATE backends SET agent_ref = 'somebody'")
    made.frontend()
    yield made
    made.close()


@pytest.fixture(scope="module", name="paths")
def all_paths(cluster):
    """The methods of each path, and its scopes."""
    found = {}
    for op in Document(cluster.url).operations:
        found.setdefault(op.path, {})[op.method] = op
    return found


def real(path):
    return re.sub(r"\{\w+\}", str(uuid.UUID(int=0)), path)


# ---- methods

@pytest.mark.parametrize("method,path", [
    ("GET", "/nothing"), ("GET", "/"), ("GET", "/status/"),
    ("POST", "/frontends/"), ("PATCH", "/meetings//"), ("PUT", "/nothing"),
    ("OPTIONS", "/nothing"), ("GET", "/frontends/x/y")])
def test_no_such_path(cluster, method, path):
    answer = cluster.api.call(method, path)
    assert (answer.status, answer.json()) == (404, {"message": "Not Found"})
    assert "Allow" not in answer.headers


def test_no_such_method(cluster, paths):
    """405 names those that there are, whoever asks; without a token 401."""
    assert len(paths) > 20
    for path, ops in paths.items():
        allowed = [m for m in METHODS if m in ops or m == "HEAD"
                   and "GET" in ops]
        for method in METHODS:
            # What no server lets through is not ours to answer.
            if method in allowed or method == "TRACE":
                continue
            where = (method, path)
            answer = cluster.api.as_("other").call(method, real(path))
            assert answer.status == 405, where
            assert method == "HEAD" or answer.json() == {
                "message": "Method Not Allowed"}, where
            assert answer.headers["Allow"] == ", ".join(allowed), where
            assert answer.headers["Content-Type"] == "application/json"
            answer = request(method, f"{cluster.url}/api/v1{real(path)}")
            assert answer.status == 401, where
            assert "Allow" not in answer.headers, where


def test_head_is_get_without_a_body(cluster, paths):
    ids = {noun: cluster.api.get(f"/{noun}").json()[0]["id"]
           for noun in ("frontends", "backends")}
    seen = set()
    for path, ops in paths.items():
        if "GET" not in ops:
            continue
        where = path.replace("{id}", ids.get(path.split("/")[1], "x")) \
            .replace("{name}", "attendees_limit") if "{" in path else path
        api = cluster.api.as_(NODE if ops["GET"].scopes == [NODE]
                              else "b3scale:admin")
        got, head = api.get(where), api.call("HEAD", where)
        seen.add(got.status)
        assert got.body and head.body == b"", path
        assert head.status == got.status, path
        for name in ("Content-Type", "X-Total-Count", "Cache-Control"):
            assert head.headers[name] == got.headers[name], (path, name)
        assert head.headers.get("Content-Length", str(len(got.body))) == \
            str(len(got.body)), path
    assert seen == {200, 404}


def test_head_is_refused_as_get_is(cluster):
    for api, status in ((Api(cluster.url, "x"), 401),
                        (cluster.api.as_("b3scale"), 403)):
        answer = api.call("HEAD", "/backends")
        assert (answer.status, answer.body) == (status, b"")


# ---- what is no request

REFUSED = [
    ("/frontends/a%0ab", 400, "the path holds a control character"),
    ("/%7f", 400, "the path holds a control character"),
    ("/meetings/%ff", 400, "the path is not UTF-8"),
    ("/meetings/%ed%a0%80", 400, "the path is not UTF-8"),
    ("/frontends?key=" + "x" * 1024, 414,
     "the query is longer than 1024 bytes"),
    ("?" + "x" * 1025, 414, "the query is longer than 1024 bytes"),
]


@pytest.mark.parametrize("target,status,text", REFUSED,
                         ids=[t[:20] for t, _, _ in REFUSED])
def test_what_is_no_request(cluster, target, status, text):
    """Whoever asks: nothing of it has been looked at by then."""
    for bearer in (None, ""):
        answer = Api(cluster.url, bearer).call("GET", target)
        assert (answer.status, answer.json()) == (status, {"message": text})
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
    line = cluster.wait_log(f'reason="{text}"')
    assert f" status={status} " in line and "api req=" in line


# ---- pages of other origins

ORIGIN = "https://admin.example.org"


@pytest.fixture(scope="module", name="cors")
def cors_cluster(postgres):
    cluster = Cluster(postgres, servers=0, web="lighttpd", conf={
        "api_cors_origins": f"https://other.example {ORIGIN}"})
    yield cluster
    cluster.close()


def preflight(cluster, origin):
    return request("OPTIONS", f"{cluster.url}/api/v1/frontends", headers={
        "Origin": origin, "Access-Control-Request-Method": "PATCH"})


def test_a_page_may_ask(cors):
    answer = preflight(cors, ORIGIN)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    answer = Api(cors.url).call("GET", "", headers={"Origin": ORIGIN})
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("bearer,method,path,status", [
    ("x", "GET", "/status", 401), (None, "GET", "/nothing", 404),
    (None, "PUT", "/frontends", 405), (None, "POST", "/frontends", 400),
    (None, "HEAD", "/frontends", 200)])
def test_a_page_may_read_errors(cors, bearer, method, path, status):
    answer = Api(cors.url, bearer).call(method, path,
                                        headers={"Origin": ORIGIN})
    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Vary"] == "Origin"
    assert "Allow" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("origin", [
    "https://evil.example", "https://admin.example.org.evil.example",
    "https://admin.example", "null"])
def test_other_pages_may_not(cors, origin):
    answer = preflight(cors, origin)
    assert answer.status == 401
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_page_may_unless_configured(cluster):
    assert preflight(cluster, ORIGIN).status == 401
