"""b3scalectl: meetings are listed, shown, made and ended.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import http.server
import json
import threading

import pytest

from harness import tree
from harness.ctl import Ctl, lines
from harness.http import get
from harness.process import Daemon

CLUSTER = {"servers": 1, "workers": {"state": 2, "forward": 2}}


def test_a_meeting_is_created(ctl, cluster, key):
    cluster.poll()
    ctl.ok("set", "frontend", key, "-s", "x")
    link = ctl.ok("create-meeting", "--frontend", key, "--name", "A & B",
                  "--param", "maxParticipants=5").rstrip("\n")
    assert link.startswith(cluster.servers[0].url + "join?")
    assert get(link).status == 302
    assert ctl.fails("create-meeting", "--frontend", key, "--param", "x") \
        == "--param is name=value, not 'x'"
    assert ctl.fails("create-meeting", "--frontend", "nobody").startswith(
        "there is no frontend nobody")


def commands_job(cluster, tmp_path):
    """Works off commands until it is stopped."""
    return Daemon([tree.CRON, "-f", cluster.node.conf, "-j", "commands",
                   "-t", "600"], str(tmp_path / "commands.log"),
                  env=cluster.node.environment())


def test_meetings(ctl, cluster):
    cluster.poll()
    frontend, other = cluster.frontend(), cluster.frontend()
    for meeting in ("one", "two"):
        assert frontend.create(meeting, name=f"\x1b[2J {meeting} ü").ok
    assert other.create("three").ok
    said = lines(ctl.ok("meetings", "list", "--frontend", frontend.key))
    assert said[0].split() == ["ID", "NAME", "FRONTEND", "BACKEND", "STATE",
                               "USERS", "CREATED"]
    assert len(said) == 3 and "?[2J one ü" in "".join(said)
    assert "\x1b" not in "".join(said)
    everything = json.loads(ctl.ok("meetings", "list", "--json"))
    assert len(everything) >= 3
    (row,) = json.loads(ctl.ok("meetings", "list", "--text", "two", "-ojson",
                               "--fe", frontend.key, "--backend",
                               cluster.servers[0].url))
    assert json.loads(ctl.ok("meetings", "list", "--running", "--json",
                             "--frontend", frontend.key)) == []
    said = ctl.ok("meetings", "show", row["id"])
    assert f"frontend_key={frontend.key}" in lines(said)
    assert "say --yes" in ctl.fails("meetings", "end", row["id"])
    term = ctl.terminal("meetings", "end", row["id"])
    term.expect("two ü' with 0 users? [y/N] ")
    term.type("yes\n")
    term.expect("ended meeting: ")
    assert term.end() == 0
    assert frontend.meeting_ids() == {"one"}
    assert ctl.fails("meetings", "show", "x") == (
        "there is no meeting x: b3scalectl meetings list shows the ids")
    assert ctl.fails("meetings", "end", "x", "-y").startswith(
        "there is no meeting x")


def test_all_meetings_of_a_server_end(ctl, cluster, tmp_path):
    cluster.poll()
    frontend = cluster.frontend()
    assert frontend.create("one").ok
    host = cluster.servers[0].url
    assert "say --yes" in ctl.fails("end", "meetings", host)
    job = commands_job(cluster, tmp_path)
    try:
        said = lines(ctl.ok("end", "meetings", "-y", host))
    finally:
        job.stop()
    assert said == ["requested", "success: true"]
    assert frontend.meeting_ids() == set()


# ---- a server is emptied

@pytest.fixture(name="busy")
def busy_(cluster):
    """Its server with a meeting on it, and nothing that jobs are to do."""
    cluster.sql("DELETE FROM commands")
    cluster.sql("UPDATE backends SET admin_state = 'ready'")
    cluster.poll()
    frontend = cluster.frontend()
    assert frontend.create("one").ok
    yield cluster.servers[0].url, frontend
    frontend.end("one")
    cluster.sql("UPDATE backends SET admin_state = 'ready'")


@pytest.fixture(name="job")
def job_(cluster, tmp_path):
    job = commands_job(cluster, tmp_path)
    yield job
    job.stop()


def drains(ctl):
    return [c for c in json.loads(ctl.ok("commands", "list", "--json"))
            if c["action"] == "drain"]


def test_a_drain_is_asked_for(ctl, cluster, busy):
    host, _ = busy
    assert ctl.ok("drain", "backend", "--dry", host) == (
        f"draining backend: {host}\n")
    assert drains(ctl) == []
    assert ctl.ok("drain", "backend", host) == f"draining backend: {host}\n"
    (one,) = drains(ctl)
    assert one["params"] == {
        "backend_id": cluster.backend_of(cluster.servers[0])["id"]}
    said = lines(ctl.ok("commands", "list", "--state", "requested"))
    assert said[0].split()[:3] == ["ID", "STATE", "ACTION"]
    assert one["id"] in said[1]
    assert "action=drain" in lines(ctl.ok("commands", "show", one["id"]))
    assert ctl.fails("commands", "show", "x").startswith(
        "there is no command x: b3scalectl commands list")


@pytest.mark.parametrize("argv", [
    ["drain", "backend", "--cancel"], ["enable", "backend"]])
def test_a_drain_that_nobody_began_is_called_off(ctl, busy, argv):
    """The server is ready still, but would soon have been stopped."""
    host, _ = busy
    ctl.unchanged("enable", "backend", host)
    ctl.ok("drain", "backend", host)
    assert ctl.ok(*argv, host) == f"backend {host}: ready\n"
    ctl.unchanged("enable", "backend", host)
    (one,) = drains(ctl)
    assert (one["state"], one["result"]) == (
        "error", "the backend is ready again")


def test_a_drain_with_a_deadline(ctl, busy, job):
    host, frontend = busy
    assert ctl.fails("drain", "backend", "--deadline", "0s", host) == (
        f"End the meetings that are left on {host} after 0s?"
        " Nobody can be asked here: say --yes")
    said = lines(ctl.ok("drain", "backend", "--deadline", "0s", "-yw", host))
    assert said == [f"draining backend: {host}", f"drained backend: {host}"]
    assert frontend.meeting_ids() == set()
    # It is empty: there is nothing to do.
    ctl.unchanged("drain", "backend", host)
    ctl.ok("enable", "backend", host)


def test_waiting_for_a_drain(ctl, cluster, busy, job):
    host, frontend = busy
    term = ctl.terminal("drain", "backend", "--wait", host)
    term.expect(f"draining backend: {host}")
    term.expect("meetings left: 1")
    assert frontend.end("one").ok
    term.expect(f"drained backend: {host}")
    assert term.end() == 0
    ctl.ok("enable", "backend", host)


def test_a_drain_is_called_off_under_who_waits(ctl, busy, job):
    host, frontend = busy
    term = ctl.terminal("drain", "backend", "-w", host)
    term.expect("meetings left: 1")
    ctl.ok("drain", "backend", host, "--cancel")
    term.expect(f"{host} is not drained: the backend is ready again")
    assert term.end() == 1
    assert frontend.meeting_ids() == {"one"}


@pytest.mark.parametrize("options,says", [
    (["--deadline", "soon"],
     "--deadline is a time like 90, 15m, 2h or 7d, not 'soon'"),
    (["--deadline", "31d"], "--deadline is at most 2592000 seconds,"
                            " not '31d'"),
    (["--cancel", "--wait"],
     "--cancel goes with neither --deadline nor --wait"),
])
def test_drains_that_are_none(ctl, options, says):
    assert ctl.fails("drain", "backend", "http://x/", *options) == says


# ---- a server that is started anew meanwhile

class Restarting(http.server.BaseHTTPRequestHandler):
    """Its web server is there all the time, it itself is not."""

    replies = []

    def do_GET(self):   # pylint: disable=invalid-name
        if self.path == "/api/v1":
            self.answer(200, {"api": "v1", "is_admin": True})
        elif self.path.startswith("/api/v1/backends"):
            self.answer(200, [{"id": "b", "bbb": {"host": "http://x/"},
                               "meetings_count": 1}])
        else:
            self.answer(*self.replies.pop(0))

    def do_POST(self):  # pylint: disable=invalid-name
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(202, {"id": "c"})

    def answer(self, status, body):
        kind = "text/html" if isinstance(body, str) else "application/json"
        data = body.encode() if isinstance(body, str) else \
            json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):   # pylint: disable=arguments-differ
        pass


@pytest.mark.parametrize("replies,status,says", [
    ([(502, "<html>Bad Gateway"), (503, {"message": "Service Unavailable"}),
      (200, {"state": "requested"}), (200, {"state": "success"})],
     0, "drained backend: http://x/\n"),
    ([(200, {"state": "requested"}), (401, {"message": "gone"})], 1, ""),
    ([(200, {"state": "requested"}), (404, {"message": "Not Found"})],
     1, ""),
])
def test_waiting_outlasts_a_restart(tmp_path, replies, status, says):
    Restarting.replies = list(replies)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Restarting)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        done = Ctl(f"http://127.0.0.1:{server.server_port}", tmp_path)(
            "drain", "backend", "-w", "http://x/")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert done.returncode == status, done
    assert done.stdout == "draining backend: http://x/\n" + says
    assert Restarting.replies == []


# ---- a server that is to go

def test_waiting_until_a_server_is_gone(ctl, cluster, host, job):
    ctl.ok("set", "backend", host, "-s", "x")
    frontend = cluster.frontend()
    meeting = cluster.value(
        "INSERT INTO meetings (frontend_id, meeting_id, backend_id,"
        "  backend_meeting_id, internal_id, state, running)"
        " SELECT %s, 'm', id, 'bm', 'im', 'living', true FROM backends"
        "  WHERE host = %s RETURNING id", frontend.id, host)
    term = ctl.terminal("delete", "backend", "-wy", host)
    term.expect(f"decommissioned backend: {host}")
    term.expect("meetings left: ")
    assert cluster.api.get("/backends", host=host).json()
    cluster.sql("SELECT meeting_end(%s, NULL)", meeting)
    assert cluster.cron("sweep").returncode == 0
    term.expect(f"deleted backend: {host}")
    assert term.end() == 0
    assert cluster.api.get("/backends", host=host).json() == []


def test_a_server_that_stays_after_all(ctl, cluster, host):
    ctl.ok("set", "backend", host, "-s", "x")
    term = ctl.terminal("delete", "backend", "-wy", host)
    term.expect("meetings left: 0")
    ctl.ok("enable", "backend", host)
    term.expect(f"{host} stays: it is ready again")
    assert term.end() == 1
