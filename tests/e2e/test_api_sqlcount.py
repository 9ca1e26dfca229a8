"""Statements that a request of the REST API costs, counted by the database.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re
import secrets

import pytest

from harness import Cluster
from harness.openapi import Document
from harness.statements import counted

# A warm worker of each pool is the one that is counted.
ONE = {"state": 1, "forward": 1}
NODE = "b3scale:node"
EMPTY = ("<response><returncode>SUCCESS</returncode><meetings/>"
         "</response>")

# Those that are not one.  The status tells of the schema whatever it is, and
# of the jobs if it has them.
READS = {"/openapi.json": 0, "/settings": 0, "": 2, "/status": 2}
# Statements of each write, the audit's row included.
WRITES = {
    ("POST", "/frontends"): 1, ("PATCH", "/frontends/{id}"): 1,
    ("DELETE", "/frontends/{id}"): 1,
    ("POST", "/frontends/{id}/rotate-secret"): 1,
    ("PUT", "/frontends/{id}/settings/{name}"): 1,
    ("DELETE", "/frontends/{id}/settings/{name}"): 1,
    ("POST", "/backends"): 1, ("PATCH", "/backends/{id}"): 1,
    ("DELETE", "/backends/{id}"): 1,
    ("POST", "/reservations"): 1, ("PATCH", "/reservations/{id}"): 1,
    ("DELETE", "/reservations/{id}"): 1,
    ("PATCH", "/meetings/{id}"): 2, ("DELETE", "/meetings/{id}"): 2,
    ("POST", "/meetings/{id}/end"): 2,
    ("POST", "/commands"): 2, ("POST", "/ctrl/migrate"): 1,
    ("POST", "/callbacks/{id}/retry"): 2,
    ("POST", "/agent/events"): 1, ("POST", "/agent/heartbeat"): 1,
    ("POST", "/agent/rpc"): 1,
}


@pytest.fixture(scope="module", name="cluster")
def small_cluster(postgres):
    made = Cluster(postgres, servers=1, workers=ONE)
    yield made
    made.close()


@pytest.fixture(scope="module", name="operations")
def all_operations(cluster):
    return {(op.method, op.path): op
            for op in Document(cluster.url).operations}


class Things:
    """One of each, whose agent may ask, too; the workers are warm."""

    def __init__(self, cluster):
        self.cluster = cluster
        api, name = cluster.api, secrets.token_hex(4)
        self.key = name
        self.frontends = self.add("/frontends", {
            "bbb": {"key": name, "secret": "s"}})
        self.backends = self.add("/backends", {
            "bbb": {"host": f"http://127.0.0.1:9/{name}/", "secret": "s"}})
        self.reservations = self.add("/reservations", {"tag": name})
        self.commands = self.add("/commands", {
            "action": "drain", "params": {"backend_id": self.backends}})
        assert cluster.client(name, "s").create("mm").ok
        self.meetings = api.get("/meetings", frontend=name).json()[0]["id"]
        self.callbacks = str(cluster.value(
            "INSERT INTO callbacks (frontend_id, kind, url, state) VALUES"
            " (%s, 'end', 'http://127.0.0.1:9/', 'failed') RETURNING id",
            self.frontends))
        cluster.sql("UPDATE backends SET agent_ref = %s WHERE id = %s",
                    name, self.backends)
        assert api.post("/meetings/none/end").status == 404

    def add(self, path, body):
        answer = self.cluster.api.post(path, body)
        assert answer.status in (200, 202), answer
        return answer.json()["id"]

    def body(self, op):
        """Something that it takes."""
        return {
            "/frontends": {"bbb": {"key": self.key + "x", "secret": "s"}},
            "/frontends/{id}/settings/{name}": {"value": {"limit": 5}},
            "/backends": {"bbb": {"host": f"http://x/{self.key}x/",
                                  "secret": "s"}},
            "/reservations": {"tag": "y"},
            "/commands": {"action": "end_all_meetings",
                          "params": {"backend_id": self.backends}},
            "/meetings/{id}": {"meeting": {"MeetingName": "x",
                                           "Attendees": [{}]}},
            "/agent/events": {"epoch": 1, "seq": 1, "events": [],
                              "snapshot": {"age_ms": 0, "xml": EMPTY}},
            "/agent/rpc": {"action": "meeting_set_running", "payload": {
                "internal_meeting_id": "x", "running": True}},
        }.get(op.path)

    def call(self, op, **query):
        path = re.sub(r"\{name\}", "attendees_limit", op.path)
        if "{id}" in path:
            path = path.replace("{id}", getattr(self, path.split("/")[1]))
        api = self.cluster.api.as_(NODE, self.key) \
            if op.scopes == [NODE] else self.cluster.api
        body = None if op.method in ("GET", "DELETE") else self.body(op)
        with counted(self.cluster) as counts:
            answer = api.call(op.method, path, body, **query)
        assert answer.status in (200, 202), (op, answer)
        return counts[0]


@pytest.fixture(name="things")
def new_things(cluster):
    return Things(cluster)


def test_a_read_is_one_statement(cluster, operations, things):
    reads = [op for op in operations.values() if op.method == "GET"]
    assert len(reads) > 15
    for op in reads:
        count = things.call(op)
        assert count.all == READS.get(op.path, 1), (op, count)


def test_a_page_and_filters_cost_nothing(cluster, operations, things):
    for path in ("/frontends", "/backends", "/reservations", "/commands",
                 "/audit", "/callbacks", "/meetings"):
        count = things.call(operations["GET", path], limit=1, offset=1)
        assert count.all == 1, (path, count)
    count = things.call(operations["GET", "/meetings"], text="x",
                        frontend=things.key, running="true")
    assert count.all == 1, count
    # An unknown backend is 404, which is for another one to say.
    count = things.call(operations["GET", "/meetings"],
                        backend_id=things.backends)
    assert count.all == 2, count


def test_all_writes_are_counted(operations):
    assert set(WRITES) == {key for key in operations if key[0] != "GET"}
    assert max(WRITES.values()) == 2


@pytest.mark.parametrize("key", WRITES, ids=" ".join)
def test_a_write(operations, things, key):
    count = things.call(operations[key])
    assert count.all == WRITES[key], count


def test_a_refusal_is_one_statement_at_most(cluster, things):
    """Two where a node without a backend is told so."""
    other = cluster.api.as_(NODE, "nobody")
    for api, method, path, body, wanted, most in (
            (cluster.api.as_("b3scale"), "GET", "/backends", None, 403, 0),
            (cluster.api, "GET", "/frontends/x", None, 404, 0),
            (cluster.api, "POST", "/frontends", {}, 400, 0),
            (cluster.api, "GET", "/nothing", None, 404, 0),
            (cluster.api, "PUT", "/frontends", None, 405, 0),
            (cluster.api, "PATCH", f"/frontends/{things.backends}", {}, 404,
             1),
            (other, "GET", f"/meetings/{things.meetings}", None, 403, 2)):
        with counted(cluster) as counts:
            assert api.call(method, path, body).status == wanted, path
        assert counts[0].all == most, (method, path, counts[0])


def test_a_thousand_backends_are_one_statement(make_cluster):
    """Streamed as they are read; the number of them is in the same answer."""
    cluster = make_cluster(servers=0, workers=ONE)
    cluster.sql("INSERT INTO backends (host, secret) SELECT 'http://b' || n"
                " || '/x/', 's' FROM generate_series(1, 1000) n")
    assert cluster.api.get("/frontends").status == 200
    with counted(cluster) as counts:
        answer = cluster.api.get("/backends")
    assert counts[0].all == 1, counts[0]
    assert answer.headers["X-Total-Count"] == "1000"
    assert len(answer.json()) == 1000
    assert answer.headers["Transfer-Encoding"] == "chunked"
