"""b3scalectl: what shells may complete.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import subprocess

import pytest

from harness import Cluster, tree
from harness.ctl import lines


@pytest.fixture(scope="module", name="cluster")
def cluster_(postgres):
    made = Cluster(postgres, servers=1, workers={"state": 2, "forward": 2})
    yield made
    made.close()


# ---- completions

@pytest.mark.parametrize("shell,name", [
    ("bash", "b3scalectl"), ("zsh", "_b3scalectl"),
    ("fish", "b3scalectl.fish")])
def test_a_script(ctl, shell, name):
    assert ctl.ok("completions", shell) == tree.conf(f"completion/{name}")


def test_what_may_follow(ctl, cluster, key):
    def follow(*words):
        return lines(ctl.ok(*words, "--generate-bash-completion"))

    assert "show" in follow() and "apply" in follow()
    assert follow("show")[:2] == ["backends", "backend"]
    assert follow("completions")[:3] == ["bash", "zsh", "fish"]
    assert cluster.servers[0].url in follow("show", "backend")
    ctl.ok("set", "frontend", key, "-s", "x")
    assert key in follow("settings", "set")
    assert key in follow("create-meeting", "--frontend")
    assert follow("show", "backends", "--output") == [
        "table", "json", "keyvalue"]
    assert "--secret" in follow("set", "backend", "http://x")


def test_a_shell_asks(ctl):
    script = (f". {tree.SOURCE}/conf/completion/b3scalectl\n"
              f"COMP_WORDS=({tree.CTL} show back); COMP_CWORD=2\n"
              "_b3scalectl\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
    done = subprocess.run(
        ["bash", "-c", script], env=ctl.environment(), text=True,
        capture_output=True, check=False, timeout=30)
    assert lines(done.stdout) == ["backends", "backend"], done
