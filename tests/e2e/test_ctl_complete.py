"""b3scalectl: what shells complete, in the shells themselves.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import shutil
import socket
import time

import pytest

from harness import tree
from harness.ctl import Ctl, lines
from harness.shells import SCRIPTS, Shell

CLUSTER = {"servers": 1, "workers": {"state": 2, "forward": 2}}


@pytest.fixture(name="shell", params=sorted(SCRIPTS))
def shell_(request, ctl):
    if shutil.which(request.param) is None:
        pytest.skip(f"no {request.param} here")
    return Shell(request.param, ctl)


# ---- the program, as the scripts ask it

@pytest.mark.parametrize("shell,name", SCRIPTS.items())
def test_a_script(ctl, shell, name):
    assert ctl.ok("completions", shell) == tree.conf(f"completion/{name}")


def follow(ctl, *words):
    return lines(ctl.ok(*words, "--generate-bash-completion"))


def test_what_may_follow(ctl, cluster, key):
    assert "show" in follow(ctl) and "apply" in follow(ctl)
    assert follow(ctl, "show")[:2] == ["backends", "backend"]
    assert follow(ctl, "completions")[:3] == ["bash", "zsh", "fish"]
    assert cluster.servers[0].url in follow(ctl, "show", "backend")
    ctl.ok("set", "frontend", key, "-s", "x")
    assert key in follow(ctl, "settings", "set")
    assert "attendees_limit" in follow(ctl, "settings", "set", key)
    assert key in follow(ctl, "create-meeting", "--frontend")
    assert follow(ctl, "show", "backends", "--output") == [
        "table", "json", "keyvalue"]
    assert "--secret" in follow(ctl, "set", "backend", "http://x")
    assert follow(ctl, "callbacks", "list", "--state")[0] == "waiting"
    assert follow(ctl, "commands", "list", "--state")[0] == "requested"
    assert "b3scale:node" in follow(ctl, "auth", "create_access_token",
                                    "--scopes")


def test_ids_may_follow(ctl, cluster, key):
    ctl.ok("set", "frontend", key, "-s", "x")
    number = ctl.ok("reservations", "add", "--frontend", key, "--tag",
                    "t").split()[-1]
    assert number in follow(ctl, "reservations", "delete")
    number = cluster.value(
        "INSERT INTO callbacks (frontend_id, kind, url) SELECT id, 'end',"
        " 'http://x/' FROM frontends WHERE key = %s RETURNING id", key)
    assert str(number) in follow(ctl, "callbacks", "retry")


def test_another_server_is_asked(ctl, cluster, tmp_path, key):
    ctl.ok("set", "frontend", key, "-s", "x")
    other = Ctl("http://127.0.0.1:1", tmp_path)
    assert key in follow(other, "show", "frontend", "-b", cluster.url)
    assert key not in follow(other, "show", "frontend")


def test_a_prompt_waits_for_no_server_that_hangs(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        ctl = Ctl(f"http://127.0.0.1:{deaf.getsockname()[1]}", tmp_path)
        since = time.monotonic()
        assert follow(ctl, "show", "frontend")[0] == "--api"
        assert time.monotonic() - since < 10


# ---- the shells

def test_commands(shell):
    assert shell.found("b3scalectl show back") == ["backend", "backends"]
    assert "drain" in shell.found("b3scalectl ")
    assert shell.completed("b3scalectl meetings sh") == (
        "b3scalectl meetings show")
    assert shell.completed("b3scalectl apply --pru") == (
        "b3scalectl apply --prune")


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_as_installed(ctl, name):
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    shell = Shell(name, ctl, installed=True)
    assert shell.found("b3scalectl show back") == ["backend", "backends"]


def test_options_come_when_asked_for(shell):
    assert shell.found("b3scalectl completions ") == ["bash", "fish", "zsh"]
    assert shell.found("b3scalectl show backends --o") == ["--output"]
    assert shell.found("b3scalectl show backends --output k") == ["keyvalue"]
    assert shell.completed("b3scalectl show backends --output=k") == (
        "b3scalectl show backends --output=keyvalue")


def test_addresses_with_their_colons(shell, cluster):
    url = cluster.servers[0].url
    for typed in ("", "ht", "http:", "http:/", url[:-3]):
        assert shell.completed(f"b3scalectl show backend {typed}") == (
            f"b3scalectl show backend {url}"), typed
    assert shell.completed(f"b3scalectl drain backend {url} --dea") == (
        f"b3scalectl drain backend {url} --deadline")
    assert shell.completed("b3scalectl meetings list --backend=ht") == (
        f"b3scalectl meetings list --backend={url}")


def test_after_an_address_and_quotes(shell, cluster):
    """What was typed so far is counted as the shell will count it."""
    typed = f"b3scalectl -b {cluster.url} set frontend -j '{{\"a\": 1}}' "
    assert shell.completed(typed + "x --sec") == typed + "x --secret"


def test_names_are_no_commands(shell, cluster, ctl, tmp_path):
    """Whoever names a frontend runs nothing in an admin's shell."""
    key = "evil $(touch run) `touch run`;touch run"
    cluster.frontend(key)
    try:
        line = shell.completed("b3scalectl show frontend ev")
        assert not (tmp_path / "run").exists()
        if shell.name != "fish":    # it quotes what it takes, afterwards
            said = shell.run(line)
            assert said.split("\n")[0] == key
            assert not (tmp_path / "run").exists()
    finally:
        ctl.ok("delete", "frontend", "-y", key)


def test_files(shell, tmp_path):
    (tmp_path / "cluster.json").write_text("{}")
    assert shell.completed("b3scalectl apply -f clus") == (
        "b3scalectl apply -f cluster.json")
    assert shell.found("b3scalectl show backend clus") == []
