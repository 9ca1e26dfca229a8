"""b3scalectl apply and export: the whole cluster as a file.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import json

import pytest

from harness import Cluster
from harness.ctl import Ctl, lines

CLUSTER = {"servers": 1, "workers": {"state": 2, "forward": 2}}


# ---- the whole cluster as a file

def apply(ctl, tmp_path, doc, *options):
    path = tmp_path / "cluster.json"
    path.write_text(doc if isinstance(doc, str) else json.dumps(doc))
    return ctl("apply", "-f", str(path), *options)


def test_apply(ctl, cluster, tmp_path, host, key):
    doc = {
        "backends": [{"bbb": {"host": host, "secret": "s"},
                      "settings": {"tags": ["x"]}}],
        "frontends": [{"bbb": {"key": key, "secret": "t"},
                       "settings": {"create_default_params": {
                           "a": "1", "b": "2"}}}],
    }
    done = apply(ctl, tmp_path, doc, "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (f"+ backend {host}\n+ frontend {key}\n"
                           "2 to add, 0 to change, 0 to remove\n")
    assert cluster.api.get("/frontends", key=key).json() == []
    assert apply(ctl, tmp_path, doc).returncode == 0
    done = apply(ctl, tmp_path, doc)
    assert (done.returncode, done.stdout) == (64, "no changes\n")
    doc["backends"][0]["load_factor"] = 2
    doc["frontends"][0]["bbb"]["secret"] = "new"
    doc["frontends"][0]["settings"]["create_default_params"] = {"b": "3"}
    done = apply(ctl, tmp_path, doc)
    assert done.returncode == 0
    assert lines(done.stdout) == [
        f"~ backend {host}", "    load_factor: 1 -> 2",
        f"~ frontend {key}", "    bbb.secret: changes",
        '    settings.create_default_params.b: "2" -> "3"',
        '    settings.create_default_params.a: "1" -> none',
        "0 to add, 2 to change, 0 to remove"]
    row = cluster.api.get("/frontends", key=key).json()[0]
    assert row["settings"]["create_default_params"] == {"b": "3"}
    assert apply(ctl, tmp_path, doc).returncode == 64


@pytest.mark.parametrize("doc,says", [
    ("{", "/cluster.json:1: "),
    ("[]", "/cluster.json: no object"),
    ({"backend": []}, "unknown member 'backend': did you mean 'backends'?"),
    ({"backends": {}}, "backends is no list"),
    ({"backends": [5]}, "backends[0]: no object"),
    ({"backends": [{"bbb": {"hots": "x"}}]},
     "backends[0]: unknown member 'hots': did you mean 'host'?"),
    ({"frontends": [{"bbb": {"secret": "x"}}]},
     "frontends[0]: bbb.key is missing"),
    ({"frontends": [{"bbb": {"key": "a"}, "settigns": {}}]},
     "frontends[0]: unknown member 'settigns': did you mean 'settings'?"),
    ({"frontends": [{"bbb": {"key": "a"}}] * 2},
     "the frontend a stands there twice"),
    ({"backends": [{"bbb": {"host": "ftp://x"}}]}, "backends[0]: bbb.host"),
    ({"frontends": [{"bbb": {"key": "quite-new"}}]},
     "the frontend quite-new is new: it wants bbb.secret"),
    ({"frontends": [{"bbb": {"key": "a", "secret": "s"}, "settings": {
        "required_tag": ["x"]}}]},
     "cluster.json: frontends[0]: there is no setting required_tag: did you"
     " mean required_tags?"),
    ({"backends": [{"bbb": {"host": "http://x", "secret": "s"},
                    "settings": {"quite": "other"}}]},
     "backends[0]: there is no setting quite: "),
])
def test_a_file_with_a_mistake(ctl, tmp_path, doc, says):
    done = apply(ctl, tmp_path, doc)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr


def test_some_of_a_file_is_refused(ctl, cluster, tmp_path, key):
    doc = {"frontends": [
        {"bbb": {"key": f"{key}-{i}", "secret": "s"}, "settings": {
            "size_hint": 5 if i != 1 else -5}} for i in range(3)]}
    done = apply(ctl, tmp_path, doc)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"b3scalectl: 1 of 3 were done, then frontend {key}-1 failed:"
        " validation failed with input; settings.size_hint: ")
    assert [f["bbb"]["key"] for f in cluster.api.get(
        "/frontends", key__like=key).json()] == [f"{key}-0"]
    doc["frontends"][1]["settings"]["size_hint"] = 5
    done = apply(ctl, tmp_path, doc)
    assert done.returncode == 0
    assert lines(done.stdout)[-1] == "2 to add, 0 to change, 0 to remove"


def test_progress_is_for_terminals(ctl, tmp_path, key):
    doc = {"frontends": [{"bbb": {"key": f"{key}-{i}", "secret": "s"}}
                         for i in range(12)]}
    path = tmp_path / "many.json"
    path.write_text(json.dumps(doc))
    term = ctl.terminal("apply", "-f", str(path))
    term.expect("\r12 of 12 ")
    assert term.end() == 0
    for entry in doc["frontends"]:
        entry["active"] = False
    done = apply(ctl, tmp_path, doc)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_leaves_is_not_exported(ctl, cluster, host, tmp_path):
    ctl.ok("set", "backend", host, "-s", "s")
    saved = ctl.ok("export")
    assert host in saved
    ctl.ok("delete", "backend", "-y", host)
    assert host not in ctl.ok("export")
    assert apply(ctl, tmp_path, ctl.ok("export"), "--prune"
                 ).returncode == 64
    # Whoever names it wants it to stay.
    done = apply(ctl, tmp_path, saved)
    assert '    admin_state: "decommissioned" -> "ready"' in lines(
        done.stdout)


def test_a_file_that_is_not_there(ctl):
    assert "No such file" in ctl.fails("apply", "-f", "/nowhere.json")


def test_export_and_prune(postgres, tmp_path):
    cluster = Cluster(postgres, servers=1, workers={"state": 1,
                                                    "forward": 1})
    try:
        ctl = Ctl(cluster.url, tmp_path)
        ctl.ok("set", "frontend", "one", "-s", "x")
        saved = ctl.ok("export")
        assert apply(ctl, tmp_path, saved).returncode == 64
        assert ctl("apply", "--file", "-", stdin=saved).returncode == 64
        ctl.ok("set", "frontend", "two", "-s", "x")
        # Unless asked to, it removes nothing.
        assert apply(ctl, tmp_path, saved).returncode == 64
        done = apply(ctl, tmp_path, saved, "--prune")
        assert done.returncode == 1
        assert "- frontend two" in done.stdout
        assert done.stderr.endswith("say --yes\n")
        done = apply(ctl, tmp_path, {"frontends": json.loads(
            saved)["frontends"]}, "--prune", "-y")
        assert done.returncode == 0
        assert [f["bbb"]["key"] for f in
                cluster.api.get("/frontends").json()] == ["one"]
        assert len(cluster.api.get("/backends").json()) == 1
    finally:
        cluster.close()
