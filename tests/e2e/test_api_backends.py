"""Backends and reservations by the REST API.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import concurrent.futures
import contextlib
import re
import secrets
import uuid

import pytest

from harness import Cluster, until

MEMBERS = ["id", "node_state", "admin_state", "agent_heartbeat", "agent_ref",
           "last_error", "latency", "meetings_count", "attendees_count",
           "load_factor", "bbb", "settings", "created_at", "updated_at",
           "synced_at", "meetings_cap", "users_cap", "bbb_version", "state",
           "state_reason", "heartbeat_age_ms"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$")
REQUIRED = "this field is required"


@pytest.fixture(scope="module", name="cluster")
def cluster_(postgres):
    made = Cluster(postgres, servers=1, workers={"state": 2, "forward": 1})
    yield made
    made.close()


@pytest.fixture(name="api")
def api_(cluster):
    return cluster.api


def host():
    return f"https://{secrets.token_hex(6)}.example/bigbluebutton/api/"


def add(api, **more):
    answer = api.post("/backends", {
        "bbb": {"host": host(), "secret": "s3cret"}, **more})
    assert answer.status == 200, answer
    return answer.json()


def fields(answer, status=400):
    assert answer.status == status, answer
    got = answer.json()
    assert got["error"] == "validation_error"
    assert got["message"] == "validation failed with input"
    return got["fields"]


def test_a_new_one(api):
    url = host()
    answer = api.post("/backends", {"bbb": {"host": url, "secret": " s "},
                                    "settings": {"tags": ["b", "a"]}})
    assert answer.status == 200
    got = answer.json()
    assert list(got) == MEMBERS
    assert got["bbb"] == {"host": url, "secret": "s"}
    assert got["admin_state"] == "ready" and got["node_state"] == "init"
    assert got["agent_heartbeat"] == "2000-01-01T00:00:00Z"
    assert got["agent_ref"] is None and got["last_error"] is None
    assert got["settings"] == {"tags": ["b", "a"]}
    for member in ("latency", "meetings_count", "attendees_count"):
        assert f'"{member}":0,' in answer.text
    assert '"load_factor":1,' in answer.text
    for member in ("created_at", "updated_at", "synced_at"):
        assert TIME.match(got[member])
    assert got["state"] == "placeable" and got["state_reason"] is None
    assert got["heartbeat_age_ms"] is None
    shown = api.get(f"/backends/{got['id']}")
    assert shown.json() == got


def test_tags_are_a_list_when_there_are_none(api):
    """The web admin shows no backend at all when it finds a null there."""
    got = add(api)
    assert got["settings"] == {"tags": []}
    assert got in api.get("/backends").json()


@pytest.mark.parametrize("more,changed", [
    ({"admin_state": "init"}, {"admin_state": "init", "state": "new"}),
    ({"admin_state": ""}, {"admin_state": "ready"}),
    ({"load_factor": 0}, {"load_factor": 1}),
    ({"load_factor": 1.25}, {"load_factor": 1.25}),
    ({"meetings_cap": 3}, {"meetings_cap": 3}),
    ({"meetings_cap": 0}, {"state": "full"}),
    ({"node_state": "error", "latency": 7, "agent_ref": "x",
      "created_at": "0001-01-01T00:00:00Z", "id": ""},
     {"node_state": "init", "latency": 0, "agent_ref": None}),
])
def test_what_may_be_said(api, more, changed):
    got = add(api, **more)
    assert {k: got[k] for k in changed} == changed


@pytest.mark.parametrize("body,want", [
    (None, {"bbb.host": [REQUIRED], "bbb.secret": [REQUIRED]}),
    ({"bbb": {"host": "", "secret": " "}}, {
        "bbb.host": [REQUIRED, "should start with http(s)://"],
        "bbb.secret": [REQUIRED]}),
    ({"bbb": {"host": "ftp://x/", "secret": "s"}},
     {"bbb.host": ["should start with http(s)://"]}),
])
def test_host_and_secret_are_required(api, body, want):
    assert fields(api.post("/backends", body)) == want


@pytest.mark.parametrize("more,field", [
    ({"bbb": {"host": "httpx", "secret": "s"}}, "bbb.host"),
    ({"bbb": {"host": "http://a b/", "secret": "s"}}, "bbb.host"),
    ({"admin_state": "error"}, "admin_state"),
    ({"load_factor": -1}, "load_factor"),
    ({"meetings_cap": -1}, "meetings_cap"),
    ({"users_cap": 10 ** 12}, "users_cap"),
    ({"settings": {"tags": "a"}}, "settings.tags"),
    ({"settings": {"tags": [1]}}, "settings.tags"),
])
def test_a_mistake_names_its_field(api, more, field):
    answer = api.post("/backends", {
        "bbb": {"host": host(), "secret": "s"}, **more})
    assert list(fields(answer)) == [field]


def test_a_host_is_one_backend(api):
    one = add(api)
    answer = api.post("/backends", {"bbb": {
        "host": one["bbb"]["host"], "secret": "x"}})
    assert fields(answer, 409) == {"bbb.host": ["is another backend's"]}


@pytest.mark.parametrize("patch,changed", [
    ({"admin_state": "stopped"}, {"admin_state": "stopped",
                                  "state": "stopped"}),
    ({"load_factor": 2}, {"load_factor": 2}),
    ({"load_factor": None, "admin_state": None}, {}),
    ({"settings": {"tags": ["c"]}}, {"tags": ["c"]}),
    ({"settings": {"tags": None}}, {"tags": []}),
    ({"settings": {"tags": []}}, {"tags": []}),
    ({"settings": {}}, {}), ({"settings": None}, {}),
    ({"users_cap": None}, {"users_cap": None}),
    ({"last_error": "x", "node_state": "error"}, {}),
    ({}, {}),
])
def test_members_are_merged(api, patch, changed):
    one = add(api, users_cap=9, settings={"tags": ["a", "b"]})
    answer = api.patch(f"/backends/{one['id']}", patch)
    assert answer.status == 200, answer
    got = answer.json()
    want = {**one, **changed}
    if "tags" in changed:
        want["settings"] = {"tags": want.pop("tags")}
    for moving in ("updated_at", "state_reason"):
        want[moving] = got[moving]
    assert got == want


def test_the_whole_record_comes_back(api):
    """As enable and disable of the Go tool send it."""
    one = add(api)
    answer = api.patch(f"/backends/{one['id']}",
                       {**one, "admin_state": "stopped"})
    assert answer.json()["admin_state"] == "stopped"


def test_parallel_changes_lose_nothing(api):
    one = add(api)
    changes = [{"load_factor": 3}, {"meetings_cap": 5}, {"users_cap": 7},
               {"settings": {"tags": ["x"]}}, {"admin_state": "stopped"},
               {"bbb": {"secret": "new"}}] * 3
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        assert {a.status for a in pool.map(
            lambda c: api.patch(f"/backends/{one['id']}", c),
            changes)} == {200}
    got = api.get(f"/backends/{one['id']}").json()
    assert got["load_factor"] == 3 and got["admin_state"] == "stopped"
    assert (got["meetings_cap"], got["users_cap"]) == (5, 7)
    assert got["settings"] == {"tags": ["x"]}
    assert got["bbb"]["secret"] == "new"


def test_a_change_asks_for_a_poll(cluster, api):
    one = add(api)
    due = ("SELECT next_poll_at <= now() FROM backend_health"
           " WHERE backend_id = %s")
    cluster.sql("UPDATE backend_health SET next_poll_at = now() +"
                " interval '1 hour' WHERE backend_id = %s", one["id"])
    assert not cluster.value(due, one["id"])
    api.patch(f"/backends/{one['id']}", {"load_factor": 2})
    assert cluster.value(due, one["id"])


def test_its_end_is_by_and_by(cluster, api):
    one = add(api)
    answer = api.delete(f"/backends/{one['id']}")
    assert answer.status == 200
    assert answer.json()["admin_state"] == "decommissioned"
    assert answer.json()["state"] == "decommissioned"
    assert cluster.value(
        "SELECT count(*) FROM commands WHERE backend_id = %s"
        " AND action = 'decommission_backend'", one["id"]) == 1
    assert api.get(f"/backends/{one['id']}").status == 200


@pytest.mark.parametrize("force", ["1", "true", "yes"])
def test_its_end_by_force(api, force):
    one = add(api)
    answer = api.delete(f"/backends/{one['id']}", force=force)
    assert answer.status == 200
    assert answer.json()["admin_state"] == "destroyed"
    assert api.get(f"/backends/{one['id']}").status == 404
    assert api.delete(f"/backends/{one['id']}", force=force).status == 404


def test_its_state_in_one_word(cluster, api):
    """One after the other, the more important ones last."""
    one = add(api, users_cap=5)
    path = f"/backends/{one['id']}"

    def word(text=None):
        if text is not None:
            cluster.sql(text, one["id"])
        got = api.get(path).json()
        return got["state"], got["state_reason"]

    assert word() == ("placeable", None)
    assert word("UPDATE backend_load SET users = 5, meetings = 2"
                " WHERE backend_id = %s") == (
        "full", "it has as many users as users_cap allows")
    assert word("UPDATE backend_health SET heartbeat = now() - interval"
                " '1 minute' WHERE backend_id = %s") == (
        "silent", "its agent is silent")
    assert api.get(path).json()["heartbeat_age_ms"] >= 60000
    api.patch(path, {"admin_state": "stopped"})
    assert word() == ("draining", "stopped by an admin; meetings left: 2")
    cluster.sql("UPDATE backend_load SET meetings = 0 WHERE backend_id = %s",
                one["id"])
    assert word() == ("stopped", "stopped by an admin")
    assert word("UPDATE backends SET node_state = 'error', last_error ="
                " 'refused' WHERE id = %s") == ("failed", "refused")
    api.delete(path)
    assert word()[0] == "decommissioned"
    api.delete(path, force=1)


def test_lists_are_filtered_and_paged(api):
    mark = secrets.token_hex(4)
    for n in range(5):
        api.post("/backends", {"bbb": {
            "host": f"https://{mark}-{n}.Example", "secret": "s"}})

    def hosts(**query):
        answer = api.get("/backends", **query)
        assert answer.status == 200
        return ([b["bbb"]["host"][17] for b in answer.json()],
                answer.headers["X-Total-Count"])

    assert hosts(host__like=mark) == (list("01234"), "5")
    assert hosts(host__ilike=mark.upper()) == (list("01234"), "5")
    assert hosts(host__like=mark, limit=2, offset=1) == (list("12"), "5")
    assert hosts(host__like=mark, offset=5) == ([], "5")
    exact = f"https://{mark}-3.example/bigbluebutton/api/"
    assert hosts(host=exact) == (["3"], "1")
    assert hosts(host=exact[:-1]) == ([], "0")


@pytest.mark.parametrize("which", [
    "x", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_one(api, method, which):
    answer = api.call(method, f"/backends/{which}",
                      {} if method == "PATCH" else None)
    assert (answer.status, answer.json()) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("method,path,allowed", [
    ("GET", "/backends", "b3scale:admin"),
    ("POST", "/backends", "b3scale:admin, b3scale:node"),
    ("GET", "/backends/{}", "b3scale:admin, b3scale:node"),
    ("PATCH", "/backends/{}", "b3scale:admin, b3scale:node"),
    ("DELETE", "/backends/{}", "b3scale:admin")])
@pytest.mark.parametrize("scope", ["b3scale", "b3scale:node"])
def test_scopes(api, method, path, allowed, scope):
    answer = api.as_(scope).call(method, path.format(uuid.uuid4()))
    if scope in allowed.split(", "):
        assert answer.status in (400, 404)
        return
    assert (answer.status, answer.json()) == (
        403, {"message": f"{allowed} scope required"})


@pytest.mark.parametrize("scope", ["b3scale:node",
                                   "b3scale:admin b3scale:node"])
def test_a_node_sees_its_own(api, scope):
    mine = api.as_(scope, f"node-{secrets.token_hex(3)}")
    other = api.as_("b3scale:node", f"node-{secrets.token_hex(3)}")
    one = add(mine, admin_state="init")
    assert one["agent_ref"] == mine.get("").json()["account_ref"]
    assert mine.get(f"/backends/{one['id']}").json() == one
    assert mine.patch(f"/backends/{one['id']}",
                      {"load_factor": 2}).status == 200
    assert other.get(f"/backends/{one['id']}").status == 404
    assert other.patch(f"/backends/{one['id']}", {}).status == 404
    again = mine.post("/backends", {"bbb": {"host": host(), "secret": "s"}})
    assert fields(again, 409) == {"agent_ref": ["has a backend already"]}


# ---- cost

@contextlib.contextmanager
def counted(cluster):
    cluster.sql("SELECT pg_stat_statements_reset()")
    found = []
    yield found
    found.append(cluster.value(
        "SELECT sum(calls)::int FROM pg_stat_statements s"
        " JOIN pg_database d ON d.oid = s.dbid"
        " WHERE d.datname = current_database() AND toplevel"
        " AND query NOT LIKE '%%pg_stat_statements%%'"))


def test_what_it_costs(make_cluster):
    cluster = make_cluster(servers=0, workers={"state": 1, "forward": 1})
    api = cluster.api
    one = add(api)
    cluster.sql("INSERT INTO backends (host, secret) SELECT 'http://h' || n"
                " || '/', 's' FROM generate_series(1, 1000) n")
    path = f"/backends/{one['id']}"
    api.get("")
    for cost, ask in (
            (1, lambda: api.get(path)), (1, lambda: api.get("/frontends")),
            (2, lambda: api.patch(path, {"load_factor": 2})),
            (2, lambda: add(api)), (1, lambda: api.get("/backends"))):
        ask()
        with counted(cluster) as counts:
            ask()
        assert counts[0] <= cost
    answer = api.get("/backends")
    assert len(answer.json()) == 1003
    assert answer.headers["X-Total-Count"] == "1003"
    assert "Content-Length" not in answer.headers


# ---- reservations

@pytest.fixture(name="fe")
def fe_(cluster):
    return cluster.frontend()


def test_a_reservation(cluster, api, fe):
    one = add(api)
    answer = api.post("/reservations", {
        "backend_id": one["id"], "frontend_ids": [fe.id],
        "from": "2030-01-01T08:00:00+01:00", "until": "2030-02-01T00:00:00Z",
        "hours": [{"weekday": 1, "starts": "08:00", "ends": "12:30",
                   "time_zone": "Europe/Berlin"}], "note": "exams"})
    assert answer.status == 200, answer
    got = answer.json()
    assert got == {
        "id": got["id"], "backend_id": one["id"], "tag": None,
        "frontend_ids": [fe.id], "from": "2030-01-01T07:00:00Z",
        "until": "2030-02-01T00:00:00Z",
        "hours": [{"weekday": 1, "starts": "08:00", "ends": "12:30",
                   "time_zone": "Europe/Berlin"}], "note": "exams"}
    path = f"/reservations/{got['id']}"
    assert api.get(path).json() == got
    assert got in api.get("/reservations").json()
    changed = api.patch(path, {"until": None, "hours": [], "note": "x"})
    assert changed.json() == {**got, "until": None, "hours": [],
                              "note": "x"}
    moved = api.patch(path, {"backend_id": None, "tag": "big"})
    assert moved.json()["tag"] == "big"
    assert moved.json()["backend_id"] is None
    assert api.delete(path).json() == moved.json()
    assert api.get(path).status == api.delete(path).status == 404
    assert api.patch(path, {}).status == 404
    trace = api.get("/audit", resource="reservation",
                    resource_id=got["id"]).json()
    assert [t["action"] for t in trace] == ["delete", "change", "change",
                                            "create"]
    assert cluster.value("SELECT count(*) FROM reservations") == 0


NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("body,field", [
    ({}, "backend_id"),
    ({"tag": "a", "backend_id": NOBODY}, "backend_id"),
    ({"backend_id": NOBODY}, "backend_id"),
    ({"backend_id": "x"}, "backend_id"),
    ({"tag": ""}, "tag"),
    ({"tag": "a", "frontend_ids": [NOBODY]}, "frontend_ids"),
    ({"tag": "a", "frontend_ids": ["x"]}, "frontend_ids"),
    ({"tag": "a", "from": "tomorrow"}, "from"),
    ({"tag": "a", "from": "2030-02-01T00:00:00Z",
      "until": "2030-01-01T00:00:00Z"}, "until"),
    ({"tag": "a", "hours": {}}, "hours"),
    ({"tag": "a", "hours": [{"weekday": 8, "starts": "1:00",
                             "ends": "2:00"}]}, "hours"),
    ({"tag": "a", "hours": [{"weekday": 1}]}, "hours"),
    ({"tag": "a", "hours": [{"weekday": 1, "starts": "x",
                             "ends": "2:00"}]}, "hours"),
    ({"tag": "a", "hours": [{"weekday": 1, "starts": "25:00",
                             "ends": "2:00"}]}, "hours"),
    ({"tag": "a", "hours": [{"weekday": 1, "starts": "1:00",
                             "ends": "2:00", "time_zone": "Mars"}]},
     "hours"),
])
def test_a_bad_reservation(api, body, field):
    assert list(fields(api.post("/reservations", body))) == [field]


def test_a_reservation_keeps_others_away(make_cluster):
    """Every worker knows at once."""
    cluster = make_cluster(servers=1, workers={"state": 1, "forward": 2})
    mine, other = cluster.frontend(), cluster.frontend()
    server = cluster.backend_of(cluster.servers[0])
    assert other.create("m-a").ok
    got = cluster.api.post("/reservations", {
        "backend_id": str(server["id"]), "frontend_ids": [mine.id]}).json()
    assert not other.create("m-b").ok
    assert mine.create("m-c").ok
    cluster.api.delete(f"/reservations/{got['id']}")
    until(lambda: other.create("m-d").ok, 5, "the server is free again")
