"""The API's description tells what there is, and the API keeps to it.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import os
import random
import re
import secrets
import uuid

import pytest

from harness import Cluster, tree
from harness.http import request

SCOPES = ["b3scale:admin", "b3scale", "b3scale:node"]
TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict,
         "array": list, "number": (int, float)}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
ROUTE = re.compile(r'\{ HTTP_([A-Z]+), "([^"]*)",\s+([A-Z_ |]+),\s')


@pytest.fixture(scope="module", name="cluster")
def shared_cluster(postgres):
    made = Cluster(postgres, servers=1, workers={"state": 1, "forward": 3},
                   conf={"try_timeout": "2 s"})
    yield made
    made.close()


@pytest.fixture(scope="module", name="doc")
def document(cluster):
    answer = request("GET", f"{cluster.url}/api/v1/openapi.json")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


def operations(doc):
    return [(method, path, op) for path, item in doc["paths"].items()
            for method, op in item.items()]


def table():
    """The rows of the source."""
    path = os.path.join(tree.SOURCE, "fcgi/api/routes.c")
    with open(path, encoding="utf-8") as f:
        return ROUTE.findall(f.read())


def test_every_route_is_there(doc):
    rows = table()
    assert len(rows) > 30
    assert {(m.lower(), "/v1" + p) for m, p, _ in rows} == {
        (m, p) for m, p, _ in operations(doc)}
    words = {"API_ADMIN": SCOPES[0], "API_USER": SCOPES[1],
             "API_NODE": SCOPES[2]}
    for method, path, scopes in rows:
        op = doc["paths"]["/v1" + path][method.lower()]
        assert op["x-scopes"] == [words[w] for w in scopes.split(" | ")
                                  if w in words], (method, path)


def refs(value):
    if isinstance(value, list):
        for v in value:
            yield from refs(v)
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from [v] if k == "$ref" else refs(v)


def resolve(doc, schema):
    if "$ref" not in schema:
        return schema
    found = doc
    for word in schema["$ref"].removeprefix("#/").split("/"):
        found = found[word]
    return found


def test_its_shape(doc):
    assert doc["openapi"] == "3.0.3"
    assert set(doc) == {"openapi", "info", "servers", "security", "paths",
                        "components"}
    assert set(doc["info"]) == {"title", "version"}
    assert doc["servers"] == [{"url": "/api"}]
    assert doc["components"]["securitySchemes"]["jwt"] == {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    for ref in set(refs(doc)):
        assert resolve(doc, {"$ref": ref})
    for schema in doc["components"]["schemas"].values():
        assert schema["type"] == "object"
        assert set(schema.get("required", [])) <= set(schema["properties"])


def test_each_operation(doc):
    seen = set()
    for method, path, op in operations(doc):
        where = f"{method} {path}"
        assert op["summary"], where
        assert re.fullmatch("[a-z][a-z_]+", op["operationId"]), where
        seen.add(op["operationId"])
        named = [(p["in"], p["name"]) for p in op["parameters"]]
        assert len(named) == len(set(named)), where
        assert [n for i, n in named if i == "path"] == re.findall(
            r"\{(\w+)\}", path), where
        assert all(p["required"] == (p["in"] == "path")
                   and p["schema"]["type"] in TYPES
                   for p in op["parameters"]), where
        assert set(op["responses"]) - {"400", "409"} in (
            {"200", "default"}, {"202", "default"}), where
        assert method in ("post", "put", "patch") or \
            "requestBody" not in op, where
        assert op.get("security", []) == []
    assert len(seen) == len(operations(doc))


def real(path):
    """Below /api/v1, with something in the place of {names}."""
    return re.sub(r"\{\w+\}", str(uuid.UUID(int=0)),
                  path.removeprefix("/v1"))


def test_who_is_refused(cluster, doc):
    """Every route by every scope that it does not want, and without any."""
    tried = 0
    for method, path, op in operations(doc):
        if "security" in op:
            continue
        url = f"{cluster.url}/api{path}"
        assert request(method.upper(), url).status == 401, (method, path)
        for scope in set(SCOPES) - set(op["x-scopes"] or SCOPES):
            answer = cluster.api.as_(scope).call(method.upper(), real(path))
            assert answer.status == 403, (method, path, scope)
            assert answer.json() == {
                "message": f"{', '.join(op['x-scopes'])} scope required"}
            tried += 1
    assert tried > 50


def check(doc, schema, value, where):
    """Is it what the schema says, and not more?"""
    schema = resolve(doc, schema)
    if "type" not in schema or (value is None and schema.get("nullable")):
        return
    assert isinstance(value, TYPES[schema["type"]]), (where, value)
    assert schema["type"] == "boolean" or not isinstance(value, bool), where
    if schema.get("format") == "date-time":
        assert TIME.match(value), (where, value)
    if "items" in schema:
        for i, item in enumerate(value):
            check(doc, schema["items"], item, f"{where}[{i}]")
    if "properties" in schema:
        assert set(schema.get("required", [])) <= set(value), where
        assert set(value) <= set(schema["properties"]), where
        for name, item in value.items():
            check(doc, schema["properties"][name], item, f"{where}.{name}")


def conforms(doc, method, path, answer):
    answers = doc["paths"][path][method.lower()]["responses"]
    where = f"{method} {path}: {answer.status}"
    assert answer.status < 500 or answer.status == 502, (where, answer.text)
    wanted = answers.get(str(answer.status), answers["default"])
    assert answer.headers["Content-Type"] == "application/json", where
    if (path, answer.status) != ("/v1/agent/rpc", 400):
        check(doc, wanted["content"]["application/json"]["schema"],
              answer.json(), where)
    if "headers" in wanted:
        assert int(answer.headers["X-Total-Count"]) >= len(answer.json())
    return answer


@pytest.fixture(scope="module", name="things")
def one_of_each(cluster, doc):
    """The id of one of each, made by the API where it can make them."""
    api = cluster.api
    key = secrets.token_hex(4)
    made = {}
    for noun, body in {
            "frontends": {"bbb": {"key": key, "secret": "s"}},
            "backends": {"bbb": {"host": "http://127.0.0.1:9/x/",
                                 "secret": "s"}},
            "reservations": {"tag": "x"},
            "commands": {"action": "update_node_state", "params": {
                "backend_id": str(uuid.uuid4())}}}.items():
        answer = conforms(doc, "POST", f"/v1/{noun}",
                          api.post(f"/{noun}", body))
        assert answer.status in (200, 202), answer
        made[noun] = answer.json()["id"]
    assert cluster.client(key, "s").call(
        "create", {"meetingID": "m1", "name": "m1"}).ok
    made["meetings"] = api.get("/meetings").json()[0]["id"]
    made["callbacks"] = str(cluster.value(
        "INSERT INTO callbacks (frontend_id, kind, url)"
        " VALUES (%s, 'end', 'http://127.0.0.1:9/') RETURNING id",
        made["frontends"]))
    cluster.sql("UPDATE backends SET agent_ref = 'somebody' WHERE id = %s",
                made["backends"])
    return made


def fill(path, things):
    noun = (path + "/").split("/")[2]
    return path.removeprefix("/v1").replace(
        "{id}", things.get(noun, "1")).replace("{name}", "attendees_limit")


def test_what_is_read(cluster, doc, things):
    for method, path, op in operations(doc):
        if method != "get":
            continue
        scope = "b3scale:node" if op["x-scopes"] == ["b3scale:node"] \
            else SCOPES[0]
        answer = cluster.api.as_(scope).get(fill(path, things))
        assert answer.status == 200, (path, answer.text)
        conforms(doc, "GET", path, answer)
        if path.count("/") == 2 and path[4:] in things:
            assert answer.json(), path


VALUES = [None, "", "x", "\0", "ä\u2028<&>", "http://127.0.0.1:9/", "ready",
          "end_all_meetings", -1, 0, 1, 2 ** 40, 1.5, 1e308, True, False, [],
          ["a"], [None], {}, {"a": None}, {"url": "x", "force": True},
          "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
          "infinity", "not a time", str(uuid.UUID(int=0)),
          "x" * 3000]


def generated(rng, doc, schema, depth=0):
    """Something like the schema, mostly."""
    schema = resolve(doc, schema)
    if depth > 0 and (rng.random() < .4 or "properties" not in schema):
        return rng.choice(VALUES)
    return {name: generated(rng, doc, s, depth + 1)
            for name, s in schema.get("properties", {}).items()
            if rng.random() < .6}


def test_generated_requests(cluster, doc, things):
    """Whatever is sent: no failure of ours, no answer of another shape."""
    seed = secrets.randbits(32)
    rng = random.Random(seed)
    counts = {}
    plan = [o for o in operations(doc) if o[0] != "delete"
            and not o[1].endswith("/end")]
    for i in range(1500):
        method, path, op = rng.choice(plan)
        where = fill(path, things)
        if rng.random() < .2:
            where = fill(path, {k: str(uuid.uuid4()) for k in things})
        query = {p["name"]: rng.choice(["", "x", "1", "-1", "true", "%",
                                        "\0", "99999999999999999999"])
                 for p in op["parameters"]
                 if p["in"] == "query" and rng.random() < .3}
        body = op.get("requestBody")
        if body is not None:
            body = generated(
                rng, doc, body["content"]["application/json"]["schema"])
        node = op["x-scopes"] == ["b3scale:node"]
        answer = cluster.api.as_(SCOPES[2] if node else SCOPES[0]).call(
            method.upper(), where, body, **query)
        counts[answer.status] = counts.get(answer.status, 0) + 1
        try:
            conforms(doc, method.upper(), path, answer)
        except AssertionError as e:
            raise AssertionError(
                f"seed {seed}, request {i}: {body} {query}") from e
    assert counts[200] > 300 and counts[400] > 100, counts
