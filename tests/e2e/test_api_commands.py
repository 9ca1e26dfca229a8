"""Commands by the REST API, and what ctrl/migrate says.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re
import uuid

import pytest

from harness import Cluster

MEMBERS = ["id", "seq", "state", "action", "params", "result", "deadline",
           "started_at", "stopped_at", "created_at"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$")


@pytest.fixture(scope="module", name="shared")
def shared_cluster(postgres):
    made = Cluster(postgres, servers=1,
                   workers={"state": 1, "forward": 2})
    yield made
    made.close()


@pytest.fixture(name="cluster")
def fresh(shared):
    for table in ("commands", "audit"):
        shared.sql(f"DELETE FROM {table}")
    return shared


def ask(cluster, action="end_all_meetings", **params):
    params.setdefault("backend_id", str(uuid.uuid4()))
    answer = cluster.api.post("/commands", {"action": action,
                                            "params": params})
    assert answer.status == 202, answer
    return answer.json()


def test_a_new_one(cluster):
    got = ask(cluster, b=1, a="x")
    assert list(got) == MEMBERS
    assert got["action"] == "end_all_meetings"
    assert list(got["params"]) == ["a", "b", "backend_id"]
    assert got["state"] == "requested" and isinstance(got["seq"], int)
    for name in ("created_at", "deadline"):
        assert TIME.match(got[name]), name
    for name in ("result", "started_at", "stopped_at"):
        assert got[name] is None, name
    assert cluster.api.get(f"/commands/{got['id']}").json() == got
    assert cluster.api.get("/commands").json() == [got]
    row = cluster.sql("SELECT * FROM audit")[0]
    assert (row["action"], row["resource"], row["resource_id"],
            row["name"], row["changes"]) == (
        "create", "command", got["id"], "end_all_meetings", got["params"])


def test_as_the_go_tools_send_it(cluster):
    backend = cluster.backend_of(cluster.servers[0])["id"]
    answer = cluster.api.post("/commands", {
        "id": "", "seq": 0, "state": "", "action": "end_all_meetings",
        "params": {"BackendID": backend}, "result": None,
        "deadline": "2026-11-25T10:00:00.123456789Z", "started_at": None,
        "stopped_at": None, "created_at": "0001-01-01T00:00:00Z"})
    assert answer.status == 202
    done = cluster.cron("commands", "-t", "1")
    assert done.returncode == 0, done.stderr
    got = cluster.api.get(f"/commands/{answer.json()['id']}").json()
    assert (got["state"], got["result"]) == ("success", True)
    assert TIME.match(got["started_at"]) and TIME.match(got["stopped_at"])


def test_a_drain_of_its_own_length(cluster):
    backend = cluster.backend_of(cluster.servers[0])["id"]
    got = ask(cluster, "drain", backend_id=backend, end_after=60)
    assert got["params"] == {"backend_id": backend, "end_after": 60}
    assert 3600 < cluster.value(
        "SELECT extract(epoch FROM deadline - created_at) FROM commands"
    ) < 3700


@pytest.mark.parametrize("state", ["ready", "init"])
@pytest.mark.parametrize("begun", [False, True])
def test_a_drain_is_called_off(cluster, state, begun):
    """By an admin, whether a job has begun it or not."""
    backend = cluster.backend_of(cluster.servers[0])["id"]
    got = ask(cluster, "drain", backend_id=backend)
    other = ask(cluster, backend_id=backend)
    if begun:
        assert cluster.cron("commands", "-t", "1").returncode == 0
    api = cluster.api
    api.patch(f"/backends/{backend}", {"load_factor": 1.0})
    path = f"/commands/{got['id']}"
    assert api.get(path).json()["state"] == "requested"
    assert api.patch(f"/backends/{backend}",
                     {"admin_state": state}).status == 200
    ended = api.get(path).json()
    assert (ended["state"], ended["result"]) == (
        "error", f"the backend is {state} again")
    assert TIME.match(ended["stopped_at"])
    assert api.get(f"/commands/{other['id']}").json()["result"] in (
        None, True)
    # What a job still held of it is lost: it stops nothing.
    assert cluster.cron("commands", "-t", "1").returncode == 0
    assert cluster.backend_of(cluster.servers[0])["admin_state"] == state
    api.patch(f"/backends/{backend}", {"admin_state": "ready"})


def test_the_same_again_is_the_same(cluster):
    backend = str(uuid.uuid4())
    first = ask(cluster, backend_id=backend)
    assert ask(cluster, backend_id=backend)["id"] == first["id"]


def test_one_that_is_worked_on_is_not_done(cluster):
    got = ask(cluster)
    cluster.sql("SELECT command_claim(9, 60000)")
    got = cluster.api.get(f"/commands/{got['id']}").json()
    assert got["state"] == "requested" and got["started_at"] is not None


def test_lists(cluster):
    made = [ask(cluster)["id"] for _ in range(3)]
    cluster.sql("UPDATE commands SET state = 'error', stopped_at = now(),"
                " result = '\"timedout\"' WHERE id = %s", made[1])

    def listed(**query):
        answer = cluster.api.get("/commands", **query)
        assert answer.status == 200, answer
        return [c["id"] for c in answer.json()]

    assert listed() == made
    assert listed(state="error") == [made[1]]
    assert listed(state="requested") == [made[0], made[2]]
    assert listed(limit=1, offset=2) == [made[2]]
    answer = cluster.api.get("/commands", limit=1)
    assert answer.headers["X-Total-Count"] == "3"


def test_an_empty_list(cluster):
    assert cluster.api.get("/commands").text == "[]\n"


NOT_ALLOWED = {"action": ["this action is not allowed"]}


@pytest.mark.parametrize("body,fields", [
    (None, NOT_ALLOWED),
    ({}, NOT_ALLOWED),
    ({"action": "collect_garbage"}, NOT_ALLOWED),
    ({"action": "decommission_backend", "params": {}}, NOT_ALLOWED),
    ({"action": "end_all_meetings"}, {"params": ["must be an object"]}),
    ({"action": "end_all_meetings", "params": [1]},
     {"params": ["must be an object"]}),
    ({"action": "end_all_meetings", "params": {}},
     {"params": ["params: backend_id is missing"]}),
    ({"action": "end_all_meetings", "params": {"BackendID": "x"}},
     {"params": ["params: backend_id is no uuid"]}),
    ({"action": "drain", "params": {"backend_id": str(uuid.uuid4()),
                                    "end_after": -1}},
     {"params": ["params: end_after is not 0 to 2592000 seconds"]})])
def test_mistakes(cluster, body, fields):
    answer = cluster.api.post("/commands", body)
    assert answer.status == 400
    assert answer.json() == {"error": "validation_error", "fields": fields,
                             "message": "validation failed with input"}
    assert cluster.value("SELECT count(*) FROM commands") == 0
    assert cluster.value("SELECT count(*) FROM audit") == 0


def test_a_state_that_is_none(cluster):
    answer = cluster.api.get("/commands", state="running")
    assert answer.json()["fields"] == {
        "state": ["must be requested, success or error"]}


@pytest.mark.parametrize("wanted", ["x", str(uuid.uuid4())])
def test_no_such_command(cluster, wanted):
    answer = cluster.api.get(f"/commands/{wanted}")
    assert (answer.status, answer.json()) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("scope", ["b3scale", "b3scale:node"])
@pytest.mark.parametrize("method,path", [
    ("GET", "/commands"), ("POST", "/commands"), ("GET", "/commands/x"),
    ("POST", "/ctrl/migrate")])
def test_admins_only(cluster, scope, method, path):
    answer = cluster.api.as_(scope).call(method, path)
    assert answer.status == 403
    assert answer.json() == {"message": "b3scale:admin scope required"}


# ---- ctrl/migrate


def test_up_to_date(cluster):
    answer = cluster.api.post("/ctrl/migrate")
    assert answer.status == 200
    assert answer.json() == cluster.api.get("").json()["database"]
    assert answer.json()["pending_migrations"] == 0


def test_not_up_to_date(make_cluster):
    """Whoever may only read and write rows says how it is mended."""
    made = make_cluster(servers=0, workers={"state": 1, "forward": 1})
    newest = made.value("SELECT max(version) FROM schema_version")
    made.sql("DELETE FROM schema_version WHERE version > 1")
    made.reload()
    answer = made.api.post("/ctrl/migrate")
    assert answer.status == 409
    assert answer.json() == {
        "message": "the database's schema is version 1, this program needs"
                   f" {newest}: run b3scale-schema apply"}
    status = made.api.get("").json()["database"]
    assert (status["migrated"], status["pending_migrations"]) == (
        False, newest - 1)
