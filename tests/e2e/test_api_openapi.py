"""The API's description tells what there is, and the API keeps to it.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import copy
import json
import os
import re
import secrets
import uuid

import jsonschema
import pytest

from harness import Cluster, tree
from harness.http import get
from harness.openapi import SCOPES, TYPES, Document

SCHEMA = os.path.join(tree.SOURCE, "tests/fixtures/openapi/schema-3.0.json")
ROUTE = re.compile(r'\{ HTTP_([A-Z]+), "([^"]*)",\s+([A-Z_ |]+),\s')


@pytest.fixture(scope="module", name="cluster")
def shared_cluster(postgres):
    made = Cluster(postgres, servers=1, workers={"state": 1, "forward": 3},
                   conf={"try_timeout": "2 s"})
    yield made
    made.close()


@pytest.fixture(scope="module", name="described")
def document(cluster):
    return Document(cluster.url)


@pytest.fixture(scope="module", name="doc")
def its_text(described):
    return described.doc


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


def test_it_is_an_openapi_document(doc):
    """By the schema that the OpenAPI Initiative publishes of such."""
    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    # That schema would take anything if it were not read as what it is.
    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    validator = jsonschema.Draft4Validator(
        schema, format_checker=jsonschema.FormatChecker())
    validator.check_schema(schema)
    assert [f"{list(e.path)}: {e.message}"
            for e in validator.iter_errors(doc)] == []
    for spoil in (lambda d: d["info"].pop("version"),
                  lambda d: d["paths"].update({"v1": {}}),
                  lambda d: d["paths"]["/v1"]["get"].pop("responses"),
                  lambda d: d["components"]["schemas"]["Error"].update(
                      {"type": "text"})):
        spoilt = copy.deepcopy(doc)
        spoil(spoilt)
        assert list(validator.iter_errors(spoilt))


def test_its_shape(cluster, doc, described):
    answer = get(f"{cluster.url}/api/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert doc["openapi"] == "3.0.3"
    assert doc["servers"] == [{"url": "/api"}]
    assert doc["components"]["securitySchemes"]["jwt"] == {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    for ref in set(refs(doc)):
        assert described.resolve({"$ref": ref})
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


def conforms(doc, method, path, answer):
    """What is answered is what is said of it."""
    op, = (o for o in doc.operations
           if (o.method, "/v1" + o.path) == (method, path))
    assert list(doc.answer_faults(op, answer)) == [], (op, answer)
    if "headers" in op.output(answer.status):
        assert int(answer.headers["X-Total-Count"]) >= len(answer.json())
    return answer


@pytest.fixture(scope="module", name="things")
def one_of_each(cluster, described):
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
        answer = conforms(described, "POST", f"/v1/{noun}",
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


def test_what_is_read(cluster, doc, described, things):
    for method, path, op in operations(doc):
        if method != "get":
            continue
        scope = "b3scale:node" if op["x-scopes"] == ["b3scale:node"] \
            else SCOPES[0]
        answer = cluster.api.as_(scope).get(fill(path, things))
        assert answer.status == 200, (path, answer.text)
        conforms(described, "GET", path, answer)
        if path.count("/") == 2 and path[4:] in things:
            assert answer.json(), path
