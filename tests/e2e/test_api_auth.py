"""The REST API asks for a token first: who gets in, and who is told what.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import hashlib
import time

import pytest

from harness import Cluster
from harness.api import SECRET, Api, encode, sign, token
from harness.http import request
from harness.process import until

MALFORMED = {"message": "missing or malformed jwt"}
INVALID = {"message": "invalid or expired jwt"}
CLAIMS = {"scope": "b3scale:admin", "sub": "me"}


def status(cluster, bearer):
    return Api(cluster.url, bearer).get("")


def test_the_status(cluster):
    answer = status(cluster, token(sub="me"))
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.text.endswith("}\n")
    got = answer.json()
    assert list(got) == ["version", "build", "api", "account_ref",
                         "is_admin", "database", "jobs", "alarms"]
    assert got["api"] == "v1" and got["account_ref"] == "me"
    assert got["is_admin"] is True
    assert list(got["database"]) == ["available", "database", "migrated",
                                     "migration", "pending_migrations",
                                     "error"]
    assert got["database"]["available"] is True
    assert got["database"]["database"] == cluster.database
    assert got["database"]["migrated"] is True
    assert got["database"]["pending_migrations"] == 0
    assert got["database"]["error"] is None
    assert list(got["database"]["migration"]) == [
        "applied_at", "description", "version"]
    assert Api(cluster.url).get("/status").json()["api"] == "v1"


@pytest.mark.parametrize("scope", ["b3scale", "b3scale:node"])
def test_others_are_no_admins(cluster, scope):
    cluster.sql("INSERT INTO job_success VALUES ('poll', now())"
                " ON CONFLICT DO NOTHING")
    got = status(cluster, token(scope)).json()
    assert got["is_admin"] is False
    assert got["jobs"] == [] and got["alarms"] == []


@pytest.mark.parametrize("header", [
    None, "", "Bearer", "Bearer ", "Basic YTpi", "Token x"])
def test_no_token(cluster, header):
    answer = request("GET", f"{cluster.url}/api/v1", headers={
        "Authorization": header} if header is not None else {})
    assert (answer.status, answer.json()) == (401, MALFORMED)


def test_the_scheme_has_no_case(cluster):
    answer = request("GET", f"{cluster.url}/api/v1", headers={
        "Authorization": f"bEARER {token()}"})
    assert answer.status == 200


def now():
    return int(time.time())


BAD = {
    "wrong secret": lambda: sign(CLAIMS, "another"),
    "empty secret": lambda: sign(CLAIMS, ""),
    "expired": lambda: token(exp=now() - 1),
    "not yet": lambda: token(nbf=now() + 60),
    "exp is text": lambda: token(exp=str(now() + 60)),
    "HS256": lambda: sign(CLAIMS, alg="HS256"),
    "HS512": lambda: sign(CLAIMS, alg="HS512"),
    "none": lambda: encode(b'{"alg":"none","typ":"JWT"}') + "."
            + encode(b'{"scope":"b3scale:admin"}') + ".",
    "none, signed": lambda: sign(CLAIMS, alg="none", hashed=hashlib.sha384),
    "swapped": lambda: sign(CLAIMS, alg="RS384", hashed=hashlib.sha384),
    "no algorithm": lambda: encode(b"{}") + "." + encode(b"{}") + ".x",
    "truncated": lambda: token()[:-1],
    "two parts": lambda: token().rpartition(".")[0],
    "one part": lambda: "x",
    "garbage": lambda: "a.b.c",
    "oversized": lambda: token(pad="x" * 9000),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_token(cluster, kind):
    answer = status(cluster, BAD[kind]())
    assert (answer.status, answer.json()) == (401, INVALID)


def test_a_token_that_ends_later(cluster):
    assert status(cluster, token(exp=now() + 60, nbf=now() - 1)).status == 200


@pytest.mark.parametrize("claims", [
    {"scope": "b3scale:callback"}, {"scope": "b3scale:recordings"},
    {"scope": "b3scale:admin b3scale:callback"},
    {"scope": "", "aud": ["presentation:x"]},
    {"scope": "b3scale:admin", "aud": "https://x/"}])
def test_a_purpose_opens_nothing_else(cluster, claims):
    answer = status(cluster, sign({"sub": "x", **claims}))
    assert answer.status == 403
    assert answer.json() == {"message": "b3scale:admin, b3scale,"
                             " b3scale:node scope required"}


def test_the_token_comes_before_the_route(cluster):
    answer = request("GET", f"{cluster.url}/api/v1/nothing")
    assert (answer.status, answer.json()) == (401, MALFORMED)


SUBJECTS = {
    "moodle": "sub=moodle", "Ada Löw": 'sub="Ada Löw"',
    'a"b\n=c': 'sub="a\\"b\\n=c"', "x" * 5000: " sub=xxx"}


@pytest.mark.parametrize("subject", SUBJECTS, ids=["word", "text", "odd",
                                                   "long"])
@pytest.mark.parametrize("scope,result", [("b3scale:admin", 200),
                                          ("b3scale:node", 403)])
def test_the_log_tells_whose_token_it_was(cluster, subject, scope, result):
    """Of a request that is refused, too; and never the token."""
    bearer = token(scope, subject)
    before = len(cluster.log_lines())
    assert Api(cluster.url, bearer).get("/frontends").status == result
    line = until(lambda: [x for x in cluster.log_lines()[before:]
                          if " api req=" in x])[0]
    assert f" status={result} " in line and " addr=127.0.0.1 " in line
    assert SUBJECTS[subject] in line
    for part in bearer.split("."):
        assert part[:40] not in "\n".join(cluster.log_lines())


@pytest.mark.parametrize("bearer", ["x", sign(CLAIMS, "another"),
                                    token(sub="")])
def test_nobody_is_named_who_is_not_known(cluster, bearer):
    before = len(cluster.log_lines())
    Api(cluster.url, bearer).get("/frontends")
    line = until(lambda: [x for x in cluster.log_lines()[before:]
                          if " api req=" in x])[0]
    assert " sub=" not in line


def test_two_secrets_while_they_are_exchanged(make_cluster):
    cluster = make_cluster(servers=0, conf={
        "api_jwt_secret": "new", "api_jwt_secret_previous": SECRET})
    assert status(cluster, sign(CLAIMS, "new")).status == 200
    assert status(cluster, sign(CLAIMS, SECRET)).status == 200
    assert status(cluster, sign(CLAIMS, "older")).status == 401


def test_without_a_secret_nobody_gets_in(make_cluster):
    cluster = make_cluster(servers=0, conf={"api_jwt_secret": ""})
    for secret in ("", SECRET):
        assert status(cluster, sign(CLAIMS, secret)).status == 401
