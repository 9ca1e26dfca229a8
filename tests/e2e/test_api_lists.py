"""Lists of the REST API: pages, their number, and which are bounded.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import pytest

from harness import Cluster
from harness.openapi import JSON, Document

COUNT = "must be a whole number, not below 0"


@pytest.fixture(scope="module", name="cluster")
def small_cluster(postgres):
    """With three of each."""
    made = Cluster(postgres, servers=1, workers={"state": 2, "forward": 1})
    api = made.api
    for i in range(3):
        frontend = made.frontend()
        assert frontend.create(f"m{i}").ok
        for path, body in (
                ("/reservations", {"tag": f"x{i}"}),
                ("/commands", {"action": "drain", "params": {
                    "backend_id": made.backend(f"http://127.0.0.1:9/{i}/",
                                               "s")}})):
            assert api.post(path, body).status in (200, 202), path
        made.sql("INSERT INTO callbacks (frontend_id, kind, url) VALUES"
                 " (%s, 'end', 'http://x/')", frontend.id)
    yield made
    made.close()


@pytest.fixture(scope="module", name="lists")
def all_lists(cluster):
    """Each operation that answers a list."""
    return [op for op in Document(cluster.url).operations
            if op.output(200).get("content", {}).get(JSON, {}).get(
                "schema", {}).get("type") == "array"]


def get(cluster, op, **query):
    answer = cluster.api.get(op.path, **query)
    assert answer.status == 200, (op, answer)
    return int(answer.headers["X-Total-Count"]), answer.json()


def test_which_there_are(lists):
    assert {op.path for op in lists} == {
        "/frontends", "/settings", "/backends", "/reservations", "/meetings",
        "/commands", "/audit", "/callbacks"}


def test_each_has_pages(cluster, lists):
    for op in lists:
        total, whole = get(cluster, op)
        assert total == len(whole) >= 3, op
        assert "X-Total-Count" in op.output(200)["headers"], op
        for limit, offset in ((1, 0), (1, 1), (2, total - 1), (0, 0),
                              (5, total), (5, 2 ** 60), (total, 0)):
            assert get(cluster, op, limit=limit, offset=offset) == (
                total, whole[offset:offset + limit]), (op, limit, offset)
        assert get(cluster, op, offset=1) == (total, whole[1:]), op
        assert get(cluster, op, limit=2) == (total, whole[:2]), op


@pytest.mark.parametrize("value", ["-1", "x", "", "1.0", "9" * 20])
def test_a_bad_page(cluster, lists, value):
    for op in lists:
        for name in ("limit", "offset"):
            answer = cluster.api.get(op.path, **{name: value})
            text = "must be a whole number, 0 to 1000" \
                if (op.path, name) == ("/audit", "limit") else COUNT
            assert (answer.status, answer.json()["fields"]) == (
                400, {name: [text]}), (op, name)


def test_the_audit_is_bounded(cluster, lists):
    """Everything else ends; it grows for ever."""
    cluster.sql("DELETE FROM audit; INSERT INTO audit (actor, role, address,"
                " action, resource, resource_id) SELECT 'a', 'admin', '',"
                " 'change', 'frontend', n FROM generate_series(1, 1200) n")
    op, = (op for op in lists if op.path == "/audit")
    total, rows = get(cluster, op)
    assert total == 1200
    assert [r["resource_id"] for r in rows] == [
        str(n) for n in range(1200, 1100, -1)]
    assert len(get(cluster, op, limit=1000)[1]) == 1000
    assert len(get(cluster, op, limit=1000, offset=1000)[1]) == 200
    answer = cluster.api.get("/audit", limit=1001)
    assert (answer.status, answer.json()["fields"]) == (
        400, {"limit": ["must be a whole number, 0 to 1000"]})
    limit, = (p for p in op.said["parameters"] if p["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "format": "int64",
                               "minimum": 0, "default": 100, "maximum": 1000}
