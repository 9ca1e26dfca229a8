"""Every endpoint of the REST API by every kind of token.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re
import uuid

import pytest

from harness import Cluster
from harness.api import Api, token
from harness.http import request
from harness.openapi import SCOPES, Document

A, U, N = SCOPES

# What the description says of itself must be this: it comes from the table
# that the program obeys, so that it alone proves nothing.
WHO = {
    "/frontends": {"GET": [A, U], "POST": [A]},
    "/frontends/{id}": {"GET": [A, U], "PATCH": [A, U], "DELETE": [A]},
    "/frontends/{id}/rotate-secret": {"POST": [A, U]},
    "/frontends/{id}/settings": {"GET": [A, U]},
    "/frontends/{id}/settings/{name}": {
        "GET": [A, U], "PUT": [A, U], "DELETE": [A, U]},
    "/backends": {"GET": [A], "POST": [A, N]},
    "/backends/{id}": {"GET": [A, N], "PATCH": [A, N], "DELETE": [A]},
    "/reservations": {"GET": [A], "POST": [A]},
    "/reservations/{id}": {"GET": [A], "PATCH": [A], "DELETE": [A]},
    "/meetings": {"GET": [A]},
    "/meetings/{id}": {"GET": [A, N], "PATCH": [A, N], "DELETE": [A, N]},
    "/meetings/{id}/end": {"POST": [A]},
    "/commands": {"GET": [A], "POST": [A]},
    "/commands/{id}": {"GET": [A]},
    "/ctrl/migrate": {"POST": [A]},
    "/audit": {"GET": [A]},
    "/agent/backend": {"GET": [N]},
    "/agent/events": {"POST": [N]},
    "/agent/heartbeat": {"POST": [N]},
    "/agent/rpc": {"POST": [N]},
    "/callbacks": {"GET": [A, U]},
    "/callbacks/{id}": {"GET": [A, U]},
    "/callbacks/{id}/retry": {"POST": [A, U]},
}
# For each token that was not made for one purpose.
FOR_ALL = {"", "/status", "/settings"}
OPEN = {"/openapi.json"}

# Scopes that sound like ours and are none.
STRANGE = ["", "other", "b3scale:", "b3scale:admins", "B3SCALE:ADMIN",
           "b3scale:admin:x", "xb3scale", "b3scale:admin,b3scale"]

# What a node's token gets, as there is no backend.
STRANGER = {"message": "no backend has this agent"}

PURPOSES = [
    {"scope": "b3scale:callback"},
    {"scope": "b3scale:admin b3scale b3scale:node b3scale:callback"},
    {"scope": "b3scale:recordings b3scale:admin"},
    {"scope": " ".join(SCOPES), "aud": "presentation:x"},
]


@pytest.fixture(scope="module", name="cluster")
def idle_cluster(postgres):
    """Nothing is forwarded."""
    made = Cluster(postgres, servers=0, workers={"state": 2, "forward": 1})
    yield made
    made.close()


@pytest.fixture(scope="module", name="closed")
def closed_operations(cluster):
    """Those that ask for a token."""
    return [op for op in Document(cluster.url).operations if not op.open]


def real(op):
    """Its path, with something in the place of {names}."""
    return re.sub(r"\{\w+\}", str(uuid.UUID(int=0)), op.path)


def refusal(scopes):
    return {"message": f"{', '.join(scopes)} scope required"}


def call(cluster, op, bearer):
    return Api(cluster.url, bearer).call(op.method, real(op))


def test_who_may_what(cluster):
    doc = Document(cluster.url)
    said, for_all, no_token = {}, set(), set()
    for op in doc.operations:
        if op.open:
            no_token.add(op.path)
        elif op.any:
            for_all.add(op.path)
        else:
            said.setdefault(op.path, {})[op.method] = op.scopes
    assert said == WHO
    assert (for_all, no_token) == (FOR_ALL, OPEN)


def test_without_a_token(cluster, closed):
    for op in closed:
        answer = request(op.method, f"{cluster.url}/api/v1{real(op)}")
        assert (answer.status, answer.json()) == (
            401, {"message": "missing or malformed jwt"}), op
        answer = call(cluster, op, token(exp=1))
        assert (answer.status, answer.json()) == (
            401, {"message": "invalid or expired jwt"}), op


def test_no_fitting_scope(cluster, closed):
    tried = 0
    for op in closed:
        if op.any:
            continue
        for scope in [s for s in SCOPES if s not in op.scopes] + STRANGE:
            answer = call(cluster, op, token(scope))
            assert (answer.status, answer.json()) == (
                403, refusal(op.scopes)), (op, scope)
            tried += 1
    assert tried > 300


def test_a_fitting_scope(cluster, closed):
    """Alone and among others; whatever else is wrong with the request."""
    for op in closed:
        for scope in op.scopes + (STRANGE[:2] if op.any else []):
            for text in (scope, f"other {scope}", f"{scope} openid"):
                answer = call(cluster, op, token(text))
                assert answer.status in (200, 202, 400, 404) or \
                    answer.json() == STRANGER, (op, text)


def test_a_purpose_opens_nothing(cluster, closed):
    for op in closed:
        for claims in PURPOSES:
            answer = call(cluster, op, token(**claims))
            assert (answer.status, answer.json()) == (
                403, refusal(op.scopes)), (op, claims)


def test_the_description_is_for_all(cluster):
    url = f"{cluster.url}/api/v1/openapi.json"
    for headers in ({}, {"Authorization": "Bearer x"},
                    {"Authorization": f"Bearer {token('other')}"}):
        assert request("GET", url, headers=headers).status == 200
    assert request("POST", url).status == 401
