"""./quickstart: all of it in one folder, and nothing left behind.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import psycopg2
import pytest

from harness import Client, Sim, tree, until
from harness.http import get
from harness.process import clean_environment, stat_of

QUICKSTART = os.path.join(tree.SOURCE, "quickstart")

# It brings what it built up to date.
pytestmark = pytest.mark.skipif(
    not os.access(tree.SOURCE, os.W_OK), reason="the source is read-only")


class Folder:
    """A folder that quickstart runs in."""

    def __init__(self, path):
        self.path = path

    def __call__(self, *options, timeout=300):
        return subprocess.run(
            [QUICKSTART, "--dir", self.path, *options], cwd="/",
            env=clean_environment(QUICKSTART_BUILD=tree.BUILD,
                                  QUICKSTART_TEST=self.path), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            timeout=timeout)

    def env(self):
        done = self("env")
        assert done.returncode == 0, done.stdout
        return dict(re.findall(r"^(B3SCALE_[A-Z_]+)='([^']*)'$", done.stdout,
                               re.M))

    def client(self):
        env = self.env()
        return Client(env["B3SCALE_FRONTEND_URL"],
                      env["B3SCALE_FRONTEND_SECRET"])

    def pids(self):
        """{name: id} of what it started."""
        found = {}
        for path in glob.glob(os.path.join(self.path, "pids/*")):
            with open(path, encoding="utf-8") as f:
                found[os.path.basename(path)] = int(f.readline())
        return found

    def places(self):
        """Its folder, and the database's if that had to be elsewhere."""
        with open(os.path.join(self.path, "settings"),
                  encoding="utf-8") as f:
            found = dict(line.rstrip("\n").split("=", 1) for line in f)
        return [self.path, found["pg_dir"], found["run_dir"]]

    def processes(self):
        """
        Who has one of its places on the command line, works there, or was
        started by it: some overwrite the one, some the other.
        """
        places = [place.encode() for place in self.places()]
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            told = os.fsencode(link_of(f"/proc/{pid}/cwd")) + b"".join(
                bytes_of(f"/proc/{pid}/{name}")
                for name in ("cmdline", "environ"))
            if any(place in told for place in places):
                found.append(int(pid))
        return found

    def remove(self):
        if not os.path.exists(os.path.join(self.path, "settings")):
            shutil.rmtree(self.path, ignore_errors=True)
            return
        done = self("stop")
        left = self.processes()
        for place in self.places():
            shutil.rmtree(place, ignore_errors=True)
        assert done.returncode == 0, done.stdout
        assert not left


def bytes_of(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


def link_of(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


@pytest.fixture
def make_folder():
    made = []

    def make(parent="/tmp"):
        base = tempfile.mkdtemp(prefix="b3scale-quick-", dir=parent)
        os.chmod(base, 0o755)
        made.append(Folder(base))
        return made[-1]

    yield make
    for folder in made:
        folder.remove()


@pytest.fixture(scope="module", name="started")
def started_folder():
    base = tempfile.mkdtemp(prefix="b3scale-quick-", dir="/tmp")
    os.chmod(base, 0o755)
    folder = Folder(base)
    folder.first = folder()
    yield folder
    folder.remove()


def test_it_prints_what_to_try(started):
    said = started.first.stdout
    assert started.first.returncode == 0, said
    create = re.search(r"curl '(http://127\.0\.0\.1:\d+/bbb/\S+/create\?\S+)'",
                       said).group(1)
    join = re.search(r"(http://127\.0\.0\.1:\d+/bbb/\S+/join\?\S+)",
                     said).group(1)
    assert b"<returncode>SUCCESS</returncode>" in get(create).body
    reply = get(join)
    assert reply.status == 302
    # The browser lands on a server that lets it in.
    assert get(reply.location).status == 302
    assert "quickstart" in said and said.rstrip().endswith("stop")


def test_its_environment(started):
    env = started.env()
    assert set(env) == {"B3SCALE_URL", "B3SCALE_FRONTEND_URL",
                        "B3SCALE_FRONTEND_SECRET", "B3SCALE_DB_URL",
                        "B3SCALE_API_URL", "B3SCALE_API_JWT_SECRET"}
    assert env["B3SCALE_FRONTEND_URL"].startswith(env["B3SCALE_URL"])
    assert env["B3SCALE_FRONTEND_URL"].endswith("/bigbluebutton/api")
    assert started.client().call("getMeetings").ok
    bare = Client(env["B3SCALE_URL"] + "/bigbluebutton/api",
                  env["B3SCALE_FRONTEND_SECRET"])
    assert bare.call("getMeetings").ok


def test_it_is_managed_by_its_environment(started):
    env = started.env()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", env["B3SCALE_API_URL"])

    def ctl(*argv):
        return run_ctl(env, *argv)

    assert "b3scalectl" in started.first.stdout
    assert env["B3SCALE_API_JWT_SECRET"] not in started.first.stdout
    backends = json.loads(ctl("show", "backends", "--json"))
    assert [b["state"] for b in backends] == ["placeable"] * 2
    said = ctl("show", "frontend", "demo")
    assert env["B3SCALE_FRONTEND_SECRET"] in said
    assert env["B3SCALE_API_URL"] + "/bbb/demo/" in said


def run_ctl(env, *argv):
    done = subprocess.run(
        [tree.CTL, *argv], env=clean_environment(**env), text=True,
        capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done
    return done.stdout


def test_a_join_is_seen_within_a_second(started):
    fe = started.client()
    assert fe.create("seen").ok
    landing = fe.join("seen", "Grace", role="VIEWER").location
    # As the browser follows: now the BBB server lets her in.
    assert get(landing).status == 302
    begun = time.monotonic()
    until(lambda: "<fullName>Grace</fullName>" in fe.info("seen").text, 1)
    # No poll has done it: those come every 10 seconds.
    assert time.monotonic() - begun < 1
    assert fe.is_running("seen") == "true"


def test_its_agents_are_heard(started):
    env = started.env()
    rows = json.loads(run_ctl(env, "show", "backends", "--json"))
    assert sorted(row["agent_ref"] for row in rows) == ["sim0", "sim1"]
    # BBB's version comes with a heartbeat.
    assert [row["bbb_version"] for row in rows] == ["3.0.0", "3.0.0"]
    # A heartbeat each second.
    until(lambda: all(
        int(age) < 2000 for age in
        re.findall(r"Agent: +sim[01], heard (\d+) ms ago$",
                   run_ctl(env, "show", "backends"), re.M)), 5)


def test_its_database(started):
    with psycopg2.connect(started.env()["B3SCALE_DB_URL"]) as db, \
            db.cursor() as cursor:
        for name, value in (("fsync", "on"), ("max_connections", "200"),
                            ("listen_addresses", "127.0.0.1"),
                            ("shared_preload_libraries",
                             "pg_stat_statements")):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone()[0] == value, name
        cursor.execute("SELECT count(*) FROM pg_stat_statements")
        assert cursor.fetchone()[0] > 0
        cursor.execute("SELECT node_state FROM backends")
        assert cursor.fetchall() == [("ready",), ("ready",)]
    db.close()


def test_its_pools(started):
    pids = started.pids()
    for pool, workers in (("state", 2 * os.cpu_count()), ("forward", 32)):
        assert len(children(pids[pool])) == workers


def children(parent):
    return [pid for pid in filter(str.isdigit, os.listdir("/proc"))
            if stat_of(pid)[1:2] == [str(parent)]]


def test_a_second_start_is_harmless(started):
    before = started.pids()
    again = started()
    assert again.returncode == 0, again.stdout
    assert started.pids() == before
    assert started.env()["B3SCALE_URL"] in again.stdout
    assert "Building" not in again.stdout


def test_its_status(started):
    done = started("status")
    assert done.returncode == 0, done.stdout
    for name in ("postgres", "sim", "redis0", "redis1", "agent0", "agent1",
                 "state", "forward", "poll", "callbacks", "commands",
                 "sweep", "web"):
        assert re.search(rf"^{name} +runs", done.stdout, re.M), name
    assert done.stdout.count("/bigbluebutton/api/ ready") == 2


def test_other_options_while_it_runs(started):
    for option in (("--port", "1"), ("--web", "lighttpd")):
        done = started(*option)
        assert done.returncode == 1
        assert "it runs already" in done.stdout


@pytest.mark.parametrize("part", ["state", "agent1", "redis0", "sim"])
def test_what_died_is_started_again(started, part):
    pid = started.pids()[part]
    os.killpg(pid, signal.SIGKILL)
    until(lambda: started("status").returncode == 1, 5)
    assert re.search(f"^{part} +is down", started("status").stdout, re.M)
    done = started()
    assert done.returncode == 0, done.stdout
    assert started.pids()[part] != pid
    assert started("status").returncode == 0


def test_others_beside_it_and_real_servers(started, make_folder, tmp_path):
    """A second folder, the other web server, servers that it is told."""
    sim = Sim(str(tmp_path / "sim.log"), 1)
    server = sim.servers[0]
    other = make_folder()
    try:
        # As an admin may write it: without the slash, without the api.
        url = server.url.removesuffix("/api/")
        done = other("--web", "lighttpd", "--workers", "3",
                     "--bbb", f"{url},{server.secret}")
        assert done.returncode == 0, done.stdout
        assert "lighttpd" in done.stdout
        assert "without agents" in done.stdout
        assert set(other.pids()) == {
            "state", "forward", "poll", "callbacks", "commands", "sweep",
            "web"}
        assert len(children(other.pids()["state"])) == 3
        assert other.env()["B3SCALE_URL"] != started.env()["B3SCALE_URL"]
        # Nothing was made on a server that is not ours.
        assert server.requests("create") == []
        assert other.client().create("theirs").ok
        assert len(server.meetings()) == 1
        assert "theirs" not in started.client().meeting_ids()
        assert other("stop").returncode == 0
    finally:
        sim.stop()
    assert started("status").returncode == 0


def test_stop_and_start_again(make_folder):
    folder = make_folder()
    assert folder("stop").returncode == 0
    done = folder()
    assert done.returncode == 0, done.stdout
    env = folder.env()
    assert folder.client().create("kept").ok
    assert folder.processes()
    for _ in range(2):
        done = folder("stop")
        assert done.returncode == 0, done.stdout
        assert not folder.processes()
    assert folder("status").returncode == 3
    assert folder().returncode == 0
    assert (folder.env()["B3SCALE_FRONTEND_SECRET"]
            == env["B3SCALE_FRONTEND_SECRET"])
    assert folder.env()["B3SCALE_DB_URL"] == env["B3SCALE_DB_URL"]


def test_a_port_that_is_taken(make_folder):
    folder = make_folder()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(1)
        port = s.getsockname()[1]
        done = folder("--port", str(port))
    assert done.returncode == 1
    assert f"quickstart: port {port} is taken" in done.stdout


@pytest.mark.skipif(os.getuid() != 0, reason="only root is another user")
def test_a_folder_that_the_database_cannot_enter(make_folder):
    outer = tempfile.mkdtemp(prefix="b3scale-closed-", dir="/tmp")
    try:
        folder = make_folder(outer)
        done = folder()
        assert done.returncode == 0, done.stdout
        assert folder.places()[1].startswith("/var/tmp/b3scale-")
        assert folder("status").returncode == 0
        folder.remove()
    finally:
        shutil.rmtree(outer, ignore_errors=True)


def test_a_failure_says_where_to_look(make_folder):
    folder = make_folder()
    done = folder("--bbb", "http://127.0.0.1:1/x y,secret")
    assert done.returncode == 1
    assert f"The end of {folder.path}/log/cluster.log:" in done.stdout
    assert "What was started is stopped again" in done.stdout
    assert not folder.processes()


@pytest.mark.parametrize("options", [
    ("--port",), ("--port", "http"), ("--web", "apache"), ("--workers", "0"),
    ("--workers", "many"), ("--bbb", "http://x"), ("--bbb", "x,secret"),
    ("start", "stop"), ("restart",)])
def test_wrong_usage(tmp_path, options):
    done = Folder(str(tmp_path))(*options)
    assert done.returncode == 64
    assert done.stdout.startswith("usage: quickstart ")


def test_nothing_was_started(tmp_path):
    folder = Folder(str(tmp_path / "none"))
    assert folder("env").returncode == 1
    assert folder("status").returncode == 3
    assert folder("stop").returncode == 0
    assert not (tmp_path / "none").exists()
