"""Whatever is sent to the REST API: no failure, no answer of another shape.

What is sent is made of the API's own description and of chance.  The seed is
told with each failure; B3SCALE_TEST_SEED takes it.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import copy
import http.client
import json
import os
import random
import re
import secrets
import urllib.parse
import uuid

import pytest

from harness import Cluster
from harness.api import token
from harness.http import Answer
from harness.openapi import SCOPES, Document

REQUESTS = 6000
MEETINGS = 8
AGENT = "agent-of-the-test"

TEXTS = ["", " ", "x", "\0", "a\0b", "ä\u2028<&>\u202e", "\U0001f600",
         "e\u0301", "\ufeff", "\uffff", "'; --", "%s%n", "\\", "a/b", "..",
         "\r\nX-Odd: 1", "http://127.0.0.1:9/", "HTTP://[::1]:0/x?y#z",
         "ready", "init", "end_all_meetings", "update_node_state", "null",
         "true", "0", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9Z",
         "2026-02-30T25:61:61Z", "294277-01-01T00:00:00Z", "not a time",
         str(uuid.UUID(int=0)), "x" * 255, "x" * 256, "ä" * 3000]
NUMBERS = [-1, 0, 1, 2, 2 ** 31, 2 ** 63 - 1, -2 ** 63, 2 ** 63, 10 ** 40,
           0.0, -0.0, 1.5, 5e-324, 1e15, 1e308]
OTHERS = [None, True, False, [], ["a"], ["a", "a"], [None], [[]], [1, "x"],
          {}, {"": ""}, {"a": None}, {"url": "x", "force": True}]
VALUES = TEXTS + NUMBERS + OTHERS

# No JSON, or none that anybody sends.
BODIES = [b"", b" ", b"{", b"}", b"[]", b"null", b"0", b'"x"', b"{}{}",
          b'{"a":}', b"{'a':1}", b'{"a":1,}', b"\xff\xfe", b"\0",
          b'{"bbb":{"key":"\xff"}}', b'{"tag":"\xed\xa0\x80"}',
          b'{"tag":"\\ud800"}', b'{"tag":"\\udc00\\ud800"}',
          b'{"tag":"\\u0000"}', b'{"\\u0000":1}', b'{"tag":"a\nb"}',
          b'{"tag":"a","tag":1}', b'{"value":NaN}', b'{"value":1e999}',
          b'{"value":-1e-999}', b'{"load_factor":1e999}',
          b'{"epoch":99999999999999999999}', b"\xef\xbb\xbf{}",
          b'{"value":' * 3000 + b"1" + b"}" * 3000, b"[" * 60000,
          b'{"value":' + b"[" * 500 + b"]" * 500 + b"}",
          b'{"settings":' + b'{"a":' * 100 + b"1" + b"}" * 101,
          b'{"value":"' + b"x" * 200000 + b'"}']

TYPES = ["application/json", "application/json; charset=utf-8",
         "APPLICATION/JSON", "text/plain", "application/jsonx", "", ";",
         "application/x-www-form-urlencoded", "\xff"]

# All of them text: a path that is none never comes as far as the API.
PATHS = ["x", "1", "-1", "99999999999999999999", "%C3%A4",
         "a%20b", "%27", "{id}", "*", "x" * 300,
         "00000000-0000-0000-0000-00000000000g",
         "00000000-0000-0000-0000-000000000000%20"]

QUERIES = ["", "0", "1", "-1", "true", "yes", "x", "%", "%00", "%FF", "%zz",
           "%ED%A0%80", "%C3%A4", "a%00b", "1e3", "0x10", "1.5", "%20",
           "%25", "%5C", "_", "2147483648", "9223372036854775807",
           "9223372036854775808", "99999999999999999999", "x" * 1000,
           "2026-01-01T00:00:00Z", "9999-12-31T23:59:59%2B14:00",
           "00000000-0000-0000-0000-000000000000"]


EMPTY = ("<response><returncode>SUCCESS</returncode><meetings/>"
         "</response>")
ATTENDEE = {"kind": "joined", "meeting": "m", "user": "w_1", "ext_id": "e",
            "name": "N", "role": "VIEWER", "client": "HTML5"}

# What is taken, but for a slip.  "{uuid}" is another one each time, and
# "{nouns}" something that exists.
GOOD = {
    "/frontends": {
        "bbb": {"key": "{uuid}", "secret": "s"}, "active": True,
        "account_ref": AGENT, "hosts": ["{uuid}.example.org"],
        "bare_path": False, "settings": {
            "required_tags": ["a"], "attendees_limit": {"limit": 5}}},
    "/frontends/{id}/rotate-secret": {"secret": "{uuid}", "valid_for": 60},
    "/frontends/{id}/settings/{name}": {"value": {"limit": 5}},
    "/backends": {
        "bbb": {"host": "http://127.0.0.1:9/{uuid}/", "secret": "s"},
        "admin_state": "init", "load_factor": 1.5, "meetings_cap": 5,
        "users_cap": None, "settings": {"tags": ["a"]}},
    "/reservations": {
        "tag": "x", "frontend_ids": ["{frontends}"], "note": "n",
        "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z",
        "hours": [{"weekday": 1, "starts": "08:00", "ends": "12:30",
                   "timezone": "Europe/Berlin"}]},
    "/meetings/{id}": {"meeting": {
        "MeetingName": "n", "CreateTime": 1760000000123, "Running": True,
        "MaxUsers": 5, "ParticipantCount": 2, "AttendeePW": "a",
        "Metadata": {"a": "b"}, "BreakoutRooms": ["{uuid}"],
        "Attendees": [{"UserID": "u", "InternalUserID": "w_1",
                       "FullName": "N", "HasVideo": True}]}},
    "/commands": {"action": "end_all_meetings",
                  "params": {"backend_id": "{backends}"}},
    "/agent/events": {
        "epoch": 1, "seq": 1, "snapshot": {"age_ms": 0, "xml": EMPTY},
        "events": [ATTENDEE, {"kind": "left", "meeting": "m",
                              "user": "w_1"}]},
    "/agent/rpc": {"action": "meeting_add_attendee", "payload": {
        "internal_meeting_id": "{meetings}", "attendee": {
            "InternalUserID": "w_1", "UserID": "e", "FullName": "N"}}},
}


class Sender:
    """Requests of one generator, over a few connections that stay."""

    def __init__(self, cluster, rng):
        host = cluster.url.partition("://")[2]
        self.rng = rng
        self.connections = [http.client.HTTPConnection(host, timeout=20)
                            for _ in range(3)]
        self.tokens = {scope: token(scope, AGENT)
                       for scope in SCOPES + ["other"]}

    # pylint: disable-next=too-many-arguments
    def send(self, method, target, body=None, *, scope, kind=TYPES[0]):
        connection = self.rng.choice(self.connections)
        headers = {"Authorization": f"Bearer {self.tokens[scope]}"}
        if body is not None:
            headers["Content-Type"] = kind.encode("latin-1")
        connection.request(method, f"/api/v1{target}", body=body,
                           headers=headers)
        response = connection.getresponse()
        return Answer(response, response.read())

    def close(self):
        for connection in self.connections:
            connection.close()


class Plan:
    """What is sent next; things: ids that exist, by the path's noun."""

    def __init__(self, rng, doc, things):
        self.rng = rng
        self.doc = doc
        self.things = things

    def chance(self, p):
        return self.rng.random() < p

    def uuid(self):
        return str(uuid.UUID(int=self.rng.getrandbits(128)))

    def value(self, schema, depth=0):
        """Something like the schema, mostly."""
        schema = self.doc.resolve(schema)
        if depth > 0 and ("properties" not in schema or self.chance(.1)):
            return self.leaf(schema.get("type"))
        members = schema["properties"]
        made = {name: self.value(s, depth + 1)
                for name, s in members.items() if self.chance(.6)}
        if self.chance(.1):
            made[self.rng.choice(TEXTS)] = self.rng.choice(VALUES)
        return made

    def leaf(self, kind):
        """Of the right type in two of three."""
        if self.chance(.2):
            nouns = [n for n in self.things if self.things[n]]
            return self.rng.choice(self.things[self.rng.choice(nouns)])
        fitting = {"string": TEXTS, "integer": NUMBERS, "number": NUMBERS,
                   "boolean": [True, False], "array": [[], ["a"], [None]],
                   "object": [{}, {"a": None}, {"a": {"b": [1]}}]}
        return self.rng.choice(fitting.get(kind, VALUES)
                               if self.chance(.66) else VALUES)

    def filled(self, value):
        """A good value with its {names} filled in."""
        if isinstance(value, dict):
            return {k: self.filled(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.filled(v) for v in value]
        if not isinstance(value, str) or "{" not in value:
            return value
        for noun, ids in self.things.items():
            value = value.replace(f"{{{noun}}}", self.rng.choice(ids))
        return value.replace("{uuid}", self.uuid())

    def slip(self, value):
        """One member or item, somewhere, is another one or missing."""
        inside = [k for k, v in (value.items() if isinstance(value, dict)
                                 else enumerate(value))]
        if not inside:
            return
        at = self.rng.choice(inside)
        if isinstance(value[at], (dict, list)) and self.chance(.7):
            self.slip(value[at])
        elif self.chance(.3):
            del value[at]
        else:
            value[at] = copy.deepcopy(self.leaf(None))

    def good(self, op):
        """As it is taken, with no slip or a few; or a part of that."""
        made = self.filled(GOOD.get(op.path) or
                           GOOD[op.path.removesuffix("/{id}")])
        if op.method == "PATCH":
            made = {k: v for k, v in made.items() if self.chance(.4)}
        for _ in range(self.rng.choice([0, 0, 1, 1, 2, 3])):
            self.slip(made)
        return made

    def body(self, op):
        schema = op.input()
        if schema is None:
            return None if self.chance(.9) else self.rng.choice(BODIES)
        if self.chance(.08):
            return self.rng.choice(BODIES)
        known = op.path in GOOD or op.method == "PATCH"
        made = self.good(op) if known and self.chance(.7) else \
            self.value(schema)
        text = json.dumps(made, ensure_ascii=self.chance(.5)).encode()
        if self.chance(.04):
            return text[:self.rng.randrange(len(text))]
        if self.chance(.04):
            at = self.rng.randrange(len(text))
            return text[:at] + self.rng.randbytes(1) + text[at + 1:]
        return text

    def argument(self, op):
        """What stands for {id}.  One thing of each kind stays."""
        ids = self.things.get(op.path.split("/")[1], [])
        if self.chance(.2):
            return self.rng.choice(PATHS)
        if not ids or self.chance(.2):
            return self.uuid()
        if op.method == "DELETE" or op.path.endswith("/end"):
            return ids.pop() if len(ids) > 1 else self.uuid()
        return self.rng.choice(ids)

    def target(self, op):
        path = op.path
        for name in re.findall(r"\{\w+\}", path):
            if name == "{name}" and self.chance(.7):
                made = self.rng.choice(self.things["settings"])
            else:
                made = self.argument(op)
            path = path.replace(name, made)
        query = [(name, self.rng.choice(QUERIES)) for name in op.query
                 if self.chance(.25)]
        if self.chance(.05):
            query.append((self.rng.choice(["", "x", "%00", "limit", "%FF"]),
                          self.rng.choice(QUERIES)))
        if query:
            path += "?" + "&".join("=".join(pair) for pair in query)
        return path

    def scope(self, op):
        return self.rng.choice(op.scopes if self.chance(.95)
                               else SCOPES + ["other"])

    def kind(self):
        return TYPES[0] if self.chance(.95) else self.rng.choice(TYPES)


@pytest.fixture(scope="module", name="cluster")
def small_cluster(postgres):
    made = Cluster(postgres, servers=1, workers={"state": 2, "forward": 2})
    yield made
    made.close()


def make_things(cluster):
    """One of each, by the API where it can make them."""
    api, key = cluster.api, secrets.token_hex(4)
    things = {}
    for noun, body in {
            "frontends": {"bbb": {"key": key, "secret": "s"},
                          "account_ref": AGENT},
            "backends": {"bbb": {"host": "http://127.0.0.1:9/x/",
                                 "secret": "s"}},
            "reservations": {"tag": "x"},
            "commands": {"action": "update_node_state", "params": {
                "backend_id": str(uuid.uuid4())}}}.items():
        answer = api.post(f"/{noun}", body)
        assert answer.status in (200, 202), answer
        things[noun] = [answer.json()["id"]]
    client = cluster.client(key, "s")
    for i in range(MEETINGS):
        assert client.call("create", {"meetingID": f"m{i}",
                                      "name": "m1"}).ok
    things["meetings"] = [m["id"] for m in api.get("/meetings").json()]
    assert len(things["meetings"]) == MEETINGS
    cluster.sql("UPDATE backends SET agent_ref = %s WHERE id = %s", AGENT,
                things["backends"][0])
    things["settings"] = [s["name"] for s in api.get("/settings").json()]
    return things


def faults(doc, op, answer):
    """What must not be, of an answer."""
    if answer.status >= 500:
        return ["it failed"]
    return list(doc.answer_faults(op, answer))


def test_whatever_is_sent(cluster):
    seed = int(os.environ.get("B3SCALE_TEST_SEED") or secrets.randbits(32))
    rng = random.Random(seed)
    doc = Document(cluster.url)
    plan = Plan(rng, doc, make_things(cluster))
    sender = Sender(cluster, rng)
    counts = {}
    for i in range(REQUESTS):
        op = rng.choice(doc.operations)
        target, body = plan.target(op), plan.body(op)
        answer = sender.send(op.method, target, body, kind=plan.kind(),
                             scope=plan.scope(op))
        counts[answer.status] = counts.get(answer.status, 0) + 1
        wrong = faults(doc, op, answer)
        assert not wrong, (
            f"B3SCALE_TEST_SEED={seed}, request {i}: {op.method} {target}"
            f" {body!r:.2000}: {answer}: {wrong}")
        noun = op.path[1:]
        if op.method == "POST" and answer.status in (200, 202) \
                and noun in plan.things:
            plan.things[noun].append(answer.json()["id"])
    sender.close()
    # 202 is what one operation of all answers, if it is sent no slip.
    assert min(counts.get(n, 0) for n in (200, 202, 400, 403, 404)) > 5, (
        seed, counts)
