"""Settings one by one, and secrets that are exchanged.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import datetime
import secrets
import time

import pytest

from harness import Cluster, until


@pytest.fixture(scope="module", name="cluster")
def cluster_(postgres):
    made = Cluster(postgres, servers=1, workers={"state": 4, "forward": 2})
    yield made
    made.close()


@pytest.fixture(name="api")
def api_(cluster):
    return cluster.api


@pytest.fixture(name="path")
def path_(cluster):
    return f"/frontends/{cluster.frontend().id}/settings"


def test_what_settings_there_are(api):
    got = api.as_("b3scale").get("/settings")
    assert got.status == 200
    names = [s["name"] for s in got.json()]
    assert names[:8] == [
        "required_tags", "default_presentation", "attendees_limit",
        "create_default_params", "create_override_params",
        "join_default_params", "join_override_params", "recordings"]
    for setting in got.json():
        assert list(setting) == ["name", "type", "description"]
        assert all(setting.values())


VALUES = {
    "required_tags": (["a", "b"], ["a", "b"], None),
    "default_presentation": (
        {"url": "https://x/a.pdf"},
        {"url": "https://x/a.pdf", "force": False}, None),
    "attendees_limit": ({"limit": 5}, {"limit": 5}, None),
    "create_default_params": ({"b": "2", "a": "1", "c": ""},
                              {"a": "1", "b": "2"}, {}),
    "create_override_params": ({"a": "<&>"}, {"a": "<&>"}, {}),
    "join_default_params": ({"a": "1"}, {"a": "1"}, {}),
    "join_override_params": ({"userdata-x.y": "1"}, {"userdata-x.y": "1"},
                             {}),
    "recordings": ({"visibility_override": "public"},
                   {"visibility_override": "public"}, None),
    "allowed_tags": (["x"], ["x"], None),
    "meetings_limit": (7, 7, None),
    "size_hint": (100, 100, None),
    "callbacks_private": (True, True, None),
}


def test_each_setting_is_tested(api):
    assert {s["name"] for s in api.get("/settings").json()} >= set(VALUES)


@pytest.mark.parametrize("name", VALUES)
def test_put_get_delete(api, path, name):
    sent, shown, unset = VALUES[name]
    one = f"{path}/{name}"
    assert api.get(one).json() == {"name": name, "value": unset}
    answer = api.put(one, {"value": sent})
    assert answer.status == 200, answer
    assert answer.json() == {"name": name, "value": shown}
    assert api.get(one).json() == answer.json()
    assert api.get(path).json()[name] == shown
    frontend = path.removesuffix("/settings")
    assert api.get(frontend).json()["settings"][name] == shown
    assert api.delete(one).json() == {"name": name, "value": unset}
    assert api.get(one).json() == {"name": name, "value": unset}


def test_put_replaces(api, path):
    one = f"{path}/create_default_params"
    api.put(one, {"value": {"a": "1", "b": "2"}})
    assert api.put(one, {"value": {"c": "3"}}).json()["value"] == {"c": "3"}


@pytest.mark.parametrize("name,value,field", [
    ("required_tags", "a", "value"), ("required_tags", {"a": 1}, "value"),
    ("default_presentation", "https://x/", "value"),
    ("default_presentation", {"url": 1}, "value.url"),
    ("default_presentation", {"url": "ftp://x"}, "value.url"),
    ("default_presentation", {"force": "yes"}, "value.force"),
    ("attendees_limit", 5, "value"),
    ("attendees_limit", {"limit": -1}, "value.limit"),
    ("attendees_limit", {"limit": 1.5}, "value.limit"),
    ("create_default_params", {"a": 1}, "value"),
    ("create_default_params", {"": "x"}, "value"),
    ("recordings", {"visibility_override": "x"},
     "value.visibility_override"),
    ("recordings", {"visibility_override": 1}, "value.visibility_override"),
    ("meetings_limit", "5", "value"), ("size_hint", -1, "value"),
    ("callbacks_private", 1, "value"),
])
def test_a_wrong_value(api, path, name, value, field):
    answer = api.put(f"{path}/{name}", {"value": value})
    assert answer.status == 400
    assert list(answer.json()["fields"]) == [field]
    assert api.get(f"{path}/{name}").json()["value"] in (None, {})


def test_a_value_is_required(api, path):
    answer = api.put(f"{path}/size_hint", {})
    assert answer.json()["fields"] == {"value": ["this field is required"]}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_no_such_setting(api, path, method):
    answer = api.call(method, f"{path}/nothing",
                      {"value": 1} if method == "PUT" else None)
    assert (answer.status, answer.json()) == (404, {"message": "Not Found"})


def test_a_setting_is_traced(api, path):
    frontend = path.split("/")[2]
    api.put(f"{path}/size_hint", {"value": 9})
    api.delete(f"{path}/size_hint")
    got = api.get("/audit", resource_id=frontend).json()
    assert [t["changes"] for t in got] == [
        {"settings": {"size_hint": None}}, {"settings": {"size_hint": 9}}]


def told(frontend, pool, pid, meeting, value):
    """Does this worker's answer to a call of its pool obey the setting?"""
    if pool == "state":
        return f"userdata-n={value}" in frontend.join(meeting).location
    assert frontend.create(f"m-{pid}-{value}").ok
    sent = frontend.server.requests("create")[-1]["params"]
    return dict(sent)["welcome"] == value


def test_every_worker_obeys_a_change(cluster, api):
    """Each of both pools, asked alone; how soon is not for a test to say."""
    frontend = cluster.frontend()
    frontend.server = cluster.servers[0]
    assert frontend.create("m-m").ok
    pids = [(pool, pid) for pool in cluster.node.pools
            for pid in pool.worker_pids()]
    assert len(pids) == 6
    base = f"/frontends/{frontend.id}/settings"
    for value in ("0", "1", "2"):
        for name, sent in (("join_override_params", {"userdata-n": value}),
                           ("create_override_params", {"welcome": value})):
            assert api.put(f"{base}/{name}", {"value": sent}).status == 200
        for pool, pid in pids:
            with pool.only(pid):
                until(lambda: told(frontend, pool.name, pid, "m-m", value),
                      5, f"{pool.name} worker {pid} to know of {value}")


# ---- rotation

def rotate(api, frontend, body=None):
    return api.post(f"/frontends/{frontend.id}/rotate-secret", body)


def test_the_former_secret_stays_valid(cluster, api):
    frontend = cluster.frontend()
    answer = rotate(api, frontend, {"valid_for": 3600})
    assert answer.status == 200
    got = answer.json()
    assert list(got) == ["id", "bbb", "previous_valid_until"]
    assert got["bbb"]["key"] == frontend.key
    assert len(got["bbb"]["secret"]) == 64
    ends = datetime.datetime.fromisoformat(
        got["previous_valid_until"].replace("Z", "+00:00"))
    left = ends - datetime.datetime.now(datetime.timezone.utc)
    assert 3500 < left.total_seconds() <= 3600
    new = cluster.client(frontend.key, got["bbb"]["secret"])
    time.sleep(0.1)         # what is promised to every worker
    for client in (frontend, new) * 4:
        assert client.is_running("x-x") == "false"


def test_at_once(cluster, api):
    frontend = cluster.frontend()
    secret = secrets.token_hex(8)
    got = rotate(api, frontend, {"secret": secret, "valid_for": 0}).json()
    assert got["bbb"]["secret"] == secret
    time.sleep(0.1)
    assert cluster.client(frontend.key, secret).is_running("x-x") == "false"
    assert frontend.call("isMeetingRunning",
                         {"meetingID": "x-x"}).key == "checksumError"


def test_a_day_unless_said(cluster, api):
    frontend = cluster.frontend()
    rotate(api, frontend)
    assert cluster.value(
        "SELECT valid_until BETWEEN now() + interval '23 hours' AND now() +"
        " interval '24 hours' FROM frontend_secrets WHERE frontend_id = %s",
        frontend.id)


@pytest.mark.parametrize("body,field", [
    ({"valid_for": -1}, "valid_for"), ({"valid_for": 10 ** 9}, "valid_for"),
    ({"secret": " "}, "secret")])
def test_a_bad_rotation(cluster, api, body, field):
    answer = rotate(api, cluster.frontend(), body)
    assert answer.status == 400
    assert list(answer.json()["fields"]) == [field]


def test_the_same_secret_is_no_rotation(cluster, api):
    frontend = cluster.frontend()
    answer = rotate(api, frontend, {"secret": frontend.secret})
    assert answer.status == 400
    assert answer.json()["fields"] == {"secret": ["the secret is the same"]}


def test_a_rotation_is_traced_without_its_secrets(cluster, api):
    frontend = cluster.frontend()
    got = rotate(api, frontend).json()
    answer = api.get("/audit", resource_id=frontend.id)
    assert answer.json()[0]["action"] == "rotate"
    assert got["bbb"]["secret"] not in answer.text
    assert frontend.secret not in answer.text
