"""What the API's description allows is taken, what it does not is refused.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import copy
import datetime
import json
import uuid

import jsonschema
import pytest

from harness import Cluster
from harness.openapi import JSON, Document

NODE = "b3scale:node"
CHECKER = jsonschema.FormatChecker(formats=())


@CHECKER.checks("uuid", ValueError)
def is_uuid(value):
    return not isinstance(value, str) or str(uuid.UUID(value)) == value


@CHECKER.checks("date-time", ValueError)
def is_time(value):
    return not isinstance(value, str) or \
        datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))


def plain(value):
    """A schema of OpenAPI 3.0 as one of JSON: null is a type there."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    if not isinstance(value, dict):
        return value
    made = {k: plain(v) for k, v in value.items() if k != "nullable"}
    if value.get("nullable") is True and "type" in value:
        made["type"] = [value["type"], "null"]
    return made


@pytest.fixture(scope="module", name="cluster")
def small_cluster(postgres):
    made = Cluster(postgres, servers=1, workers={"state": 2, "forward": 2})
    made.sql("UPDATE backends SET agent_ref = 'somebody'")
    yield made
    made.close()


@pytest.fixture(scope="module", name="doc")
def document(cluster):
    return Document(cluster.url)


@pytest.fixture(scope="module", name="things")
def one_of_each(cluster):
    frontend = cluster.frontend()
    assert frontend.create("mm").ok
    api = cluster.api
    return {
        "frontends": frontend.id,
        "backends": api.get("/backends").json()[0]["id"],
        "meetings": api.get("/meetings").json()[0]["id"],
        "reservations": api.post("/reservations", {"tag": "x"}).json()["id"],
    }


BBB = {"key": "{new}", "secret": "s"}
HOST = {"host": "http://x.example/{new}", "secret": "s"}
HOURS = {"weekday": 1, "starts": "08:00", "ends": "12:30"}

# By operation: what is taken, and what is not.
BODIES = {
    "POST /frontends": ([
        {"bbb": BBB}, {"bbb": BBB, "active": None, "account_ref": None,
                       "hosts": None, "settings": None},
        {"bbb": BBB, "hosts": ["{new}.example"], "x": [1]}], [
        None, {}, {"bbb": None}, {"bbb": {}}, {"bbb": {"key": "{new}"}},
        {"bbb": {**BBB, "secret": None}}, {"bbb": {**BBB, "secret": " \t"}},
        {"bbb": {**BBB, "key": "a/b"}}, {"bbb": {**BBB, "key": "a\u007fb"}},
        {"bbb": {**BBB, "key": "x" * 256}}, {"bbb": {**BBB, "key": 1}},
        {"bbb": BBB, "account_ref": "x" * 256},
        {"bbb": BBB, "hosts": ["a/b"]}, {"bbb": BBB, "hosts": [""]},
        {"bbb": BBB, "active": 1}, {"bbb": BBB, "settings": []}]),
    "PATCH /frontends/{id}": ([
        None, {}, {"bbb": {}}, {"bbb": {"key": None}}, {"active": True}], [
        [], {"bbb": None}, {"bbb": {"key": ""}}, {"bbb": {"secret": ""}}]),
    "POST /frontends/{id}/rotate-secret": ([
        None, {"valid_for": 0}, {"valid_for": 31622400, "secret": "{new}"},
        {"secret": None}], [
        {"valid_for": -1}, {"valid_for": 31622401}, {"secret": ""}, []]),
    "PUT /frontends/{id}/settings/{name}": ([
        {"value": {"limit": 5}}], [None, {}, []]),
    "POST /backends": ([
        {"bbb": HOST}, {"bbb": HOST, "admin_state": "", "load_factor": 0,
                        "meetings_cap": None, "users_cap": 1000000}], [
        None, {"bbb": {"host": "http://x/"}}, {"bbb": {"secret": "s"}},
        {"bbb": {**HOST, "host": "ftp://x/"}},
        {"bbb": {**HOST, "host": "http://x/?a"}},
        {"bbb": {**HOST, "host": "http://a@x/"}},
        {"bbb": HOST, "admin_state": "gone"},
        {"bbb": HOST, "load_factor": -1}, {"bbb": HOST, "load_factor": 1e7},
        {"bbb": HOST, "users_cap": -1},
        {"bbb": HOST, "meetings_cap": 1000001}]),
    "PATCH /backends/{id}": ([
        None, {"admin_state": None}, {"admin_state": "ready"}], [
        {"bbb": None}, {"bbb": {"host": ""}}, {"admin_state": "gone"}]),
    "POST /reservations": ([
        {"tag": "x"}, {"backend_id": "{backends}", "hours": [HOURS],
                       "tag": None, "frontend_ids": ["{frontends}"],
                       "from": "2026-01-01T00:00:00Z", "until": None},
        {"tag": "x", "hours": None}], [
        None, {}, {"tag": ""}, {"tag": "x", "backend_id": "{backends}"},
        {"backend_id": "x"}, {"tag": "x", "frontend_ids": ["x"]},
        {"tag": "x", "hours": {}}, {"tag": "x", "hours": [None]},
        {"tag": "x", "hours": [{**HOURS, "weekday": 8}]},
        {"tag": "x", "hours": [{**HOURS, "ends": "25:00"}]},
        {"tag": "x", "hours": [{"weekday": 1}]},
        {"tag": "x", "from": "yesterday"}]),
    "PATCH /meetings/{id}": ([
        None, {"meeting": None}, {"meeting": {"Attendees": [{}]}},
        {"meeting": {"Metadata": {"a": None, "b": "x"}, "MaxUsers": 1,
                     "EndTime": 253402300799999}}], [
        [], {"meeting": {"Attendees": [None]}}, {"meeting": {"MaxUsers": -1}},
        {"meeting": {"Attendees": [{"HasVideo": 1}]}},
        {"meeting": {"Attendees": "x"}}, {"meeting": {"EndTime": 2 ** 60}},
        {"meeting": {"VideoCount": 2 ** 31}},
        {"meeting": {"Metadata": {"a": 1}}},
        {"meeting": {"BreakoutRooms": [1]}}]),
    "POST /commands": ([
        {"action": "drain", "params": {"backend_id": "{backends}"}}], [
        None, {}, {"action": "drain"}, {"action": "drain", "params": {}},
        {"action": "decommission_backend", "params": {
            "backend_id": "{backends}"}},
        {"action": "drain", "params": {"backend_id": 1}}]),
    "POST /agent/heartbeat": ([None, {}, {"cpu": 0.5}], [[], "x", 1]),
    "POST /agent/rpc": ([
        {"action": "meeting_set_running", "payload": {
            "internal_meeting_id": "x", "running": True}}], [[], "x"]),
}
CASES = [(op, body, good) for op, (taken, refused) in BODIES.items()
         for good, bodies in ((True, taken), (False, refused))
         for body in bodies]


def filled(value, things):
    text = json.dumps(value).replace("{new}", uuid.uuid4().hex)
    for noun, one in things.items():
        text = text.replace(f"{{{noun}}}", one)
    return json.loads(text)


# pylint: disable-next=too-many-arguments
@pytest.mark.parametrize("name,body,good", CASES,
                         ids=[f"{o} {json.dumps(b)[:60]}"
                              for o, b, _ in CASES])
def test_a_body(cluster, doc, things, name, body, good):
    op, = (o for o in doc.operations if repr(o) == name)
    body = filled(body, things)
    schema = copy.deepcopy(op.said["requestBody"]["content"][JSON]["schema"])
    root = plain({**schema, "components": doc.doc["components"]})
    errors = [e.message for e in jsonschema.Draft4Validator(
        root, format_checker=CHECKER).iter_errors(body)]
    path = op.path.replace("{name}", "attendees_limit").replace(
        "{id}", things.get(op.path.split("/")[1], "x"))
    api = cluster.api.as_(NODE) if op.scopes == [NODE] else cluster.api
    answer = api.call(op.method, path, raw=json.dumps(body))
    assert (errors == []) == good, errors
    assert answer.status in ((200, 202) if good else (400,)), answer
    assert list(doc.answer_faults(op, answer)) == []


def test_where_a_body_has_to_be(cluster, doc, things):
    for op in doc.operations:
        said = op.said.get("requestBody")
        if said is None or op.path.startswith("/agent/"):
            continue
        path = op.path.replace("{name}", "attendees_limit").replace(
            "{id}", things.get(op.path.split("/")[1], "x"))
        status = cluster.api.call(op.method, path).status
        assert (status == 400) == said.get("required", False), op


@pytest.mark.parametrize("force,text", [
    ("maybe", "must be true or false"), ("TRUE", "must be true or false")])
def test_a_parameter_that_is_no_boolean(cluster, things, force, text):
    answer = cluster.api.delete(f"/backends/{things['backends']}",
                                force=force)
    assert (answer.status, answer.json()["fields"]) == (
        400, {"force": [text]})
    assert cluster.api.get("/backends").json()[0]["admin_state"] != \
        "decommissioned"
