"""b3scale-cron -j poll: what is asked, when, and what comes of it.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import base64
import contextlib
import http.server
import json
import os
import re
import signal
import threading
import time

import pytest

from harness import Postgres, tree, until
from harness.process import Daemon

SMALL = {"state": 1, "forward": 2}
INTERNAL = r"[0-9a-f]{40}-[0-9]{13}"


@pytest.fixture
def make(make_cluster):
    """A cluster with few workers; keys of its configuration by name."""
    def build(servers=2, sim=(), **conf):
        return make_cluster(servers=servers, workers=SMALL, sim=sim,
                            conf={"poll_interval": "10 s",
                                  "poll_retry": "30 s", **conf})
    return build


def due(cluster):
    """Every server is to be asked now, whoever asked it before."""
    cluster.sql("UPDATE backend_health SET next_poll_at = now(),"
                " lease = NULL, lease_until = NULL")


def poll(cluster, *options):
    """A round of every server; returns what it says when all is well."""
    due(cluster)
    done = cluster.cron("poll", *options, env={"B3SCALE_LOG_LEVEL": "info"})
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return messages(done.stderr)


def messages(text):
    """The lines without time, name, process id and job."""
    return [re.sub(r"^\S+ b3scale-cron\[\d+\]: (\w+): (job=poll )?",
                   r"\1: ", line) for line in text.splitlines()]


def state(cluster, server):
    return cluster.backend_of(server)["node_state"]


def asked(server):
    """How often it was asked for its meetings."""
    return len(server.requests("getMeetings"))


def start(cluster, *options, **env):
    """A job that goes on beside the test."""
    return Daemon([tree.CRON, "-f", cluster.node.conf, "-j", "poll",
                   *options], f"{cluster.dir}/job.log",
                  env={**cluster.node.environment(), **env})


@contextlib.contextmanager
def running(cluster, *options, **env):
    job = start(cluster, *options, **env)
    try:
        yield job
    finally:
        if job.running():
            job.kill()


def encoded(frontend, meeting_id):
    """The id that a frontend's meeting has on its server."""
    text = json.dumps([frontend.key, meeting_id, "b3scl"],
                      separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def meeting(cluster, frontend, meeting_id):
    rows = cluster.sql(
        "SELECT m.*, b.host FROM meetings m JOIN backends b"
        " ON b.id = m.backend_id WHERE frontend_id = %s AND meeting_id = %s",
        frontend.id, meeting_id)
    return rows[0] if rows else None


def grown_up(cluster):
    """The meetings of now are past their grace period."""
    cluster.sql("UPDATE meetings SET"
                " placed_at = placed_at - interval '61 seconds',"
                " confirmed_at = confirmed_at - interval '61 seconds'")


# ---- a server's state

def test_the_first_poll_makes_a_server_ready(make):
    cluster = make()
    said = poll(cluster)
    assert sorted(said) == sorted(
        f"info: backend {s.url}: init -> ready" for s in cluster.servers)
    for server in cluster.servers:
        row = cluster.backend_of(server)
        assert row["node_state"] == "ready"
        assert row["failures"] == 0
        assert row["polled_at"] is not None
        assert row["last_error"] is None
    assert poll(cluster) == []


def test_a_call_is_signed_and_asks_for_all_meetings(make):
    cluster = make(servers=1)
    poll(cluster)
    seen = cluster.servers[0].requests()
    assert [(r["call"], r["method"], r["checksum_ok"], r["user_agent"])
            for r in seen] == [("getMeetings", "GET", True, "b3scale-cron")]
    assert [name for name, _ in seen[0]["params"]] == ["checksum"]


def test_one_failure_is_forgiven_and_two_are_not(make):
    cluster = make()
    bad, good = cluster.servers
    poll(cluster)
    bad.fault("status", status=502)
    assert poll(cluster) == []
    row = cluster.backend_of(bad)
    assert (row["node_state"], row["failures"]) == ("ready", 1)
    assert row["last_error"] == "HTTP status 502"
    assert poll(cluster) == [
        f"info: backend {bad.url}: ready -> error: HTTP status 502"]
    assert state(cluster, bad) == "error"
    assert state(cluster, good) == "ready"
    assert poll(cluster) == []


def test_a_success_in_between_counts_anew(make):
    cluster = make(servers=1)
    server, = cluster.servers
    poll(cluster)
    for _ in range(2):
        server.fault("status", status=500, count=1)
        assert poll(cluster) == []
        assert poll(cluster) == []
        assert state(cluster, server) == "ready"


def test_a_failed_server_comes_back_with_one_answer(make):
    cluster = make(servers=1)
    server, = cluster.servers
    server.fault("refuse")
    poll(cluster)
    assert poll(cluster)[0].startswith(
        f"info: backend {server.url}: init -> error: ")
    server.mend()
    assert poll(cluster) == [f"info: backend {server.url}: error -> ready"]
    assert cluster.backend_of(server)["failures"] == 0


FAILURES = [
    ({"kind": "refuse"}, r"Failed to connect .*|Connection refused.*"),
    ({"kind": "status", "status": 500}, r"HTTP status 500"),
    ({"kind": "status", "status": 404}, r"HTTP status 404"),
    ({"kind": "garbage"}, r"not an answer of BBB: reply: .+"),
    ({"kind": "truncate"}, r"transfer closed .*"),
    ({"kind": "truncate", "framed": True}, r"the answer is cut off"),
    ({"kind": "close"}, r"Empty reply from server"),
    ({"kind": "failed", "key": "checksumError",
      "message": "Checksums do not match"},
     r"getMeetings: checksumError: Checksums do not match"),
    ({"kind": "hang"}, r"(Operation|Connection) timed out .*"),
]


def test_each_failure_has_its_reason_and_changes_no_meeting(make):
    cluster = make(servers=1, poll_timeout="500 ms",
                   connect_timeout="500 ms")
    server, = cluster.servers
    frontend = cluster.frontend()
    poll(cluster)
    frontend.create("room")
    server.join(encoded(frontend, "room"), name="Ada")
    poll(cluster)
    grown_up(cluster)
    before = meeting(cluster, frontend, "room")
    assert before["participants"] == 1
    for fault, reason in FAILURES:
        server.remove(encoded(frontend, "room"))
        server.fault(**fault)
        poll(cluster)
        row = cluster.backend_of(server)
        assert row["failures"] > 0, fault
        assert re.fullmatch(reason, row["last_error"]), row["last_error"]
        assert meeting(cluster, frontend, "room") == before, fault
        server.mend()
        server.meeting(encoded(frontend, "room"))
    assert row["failures"] == len(FAILURES)
    assert cluster.value("SELECT count(*) FROM attendees") == 1


def test_a_wrong_secret_is_a_failure_that_says_so(make):
    cluster = make(servers=1)
    server, = cluster.servers
    cluster.sql("UPDATE backends SET secret = 'wrong'")
    poll(cluster)
    assert poll(cluster) == [
        f"info: backend {server.url}: init -> error:"
        " getMeetings: checksumError: Checksums do not match"]


def test_an_ill_formed_list_is_alive_and_changes_nothing(make):
    cluster = make(servers=1)
    server, = cluster.servers
    frontend = cluster.frontend()
    poll(cluster)
    frontend.create("room")
    server.join(encoded(frontend, "room"), name="Ada")
    poll(cluster)
    before = meeting(cluster, frontend, "room")
    server.fault("status", status=500, count=1)
    poll(cluster)
    server.join(encoded(frontend, "room"), name="Eve",
                customdata={"1 x": "y"})
    said = poll(cluster)
    assert len(said) == 1
    assert re.fullmatch(
        f"warn: backend {re.escape(server.url)}: ill-formed getMeetings:"
        r" reply: line \d+: not well-formed \(invalid token\)", said[0])
    row = cluster.backend_of(server)
    assert (row["node_state"], row["failures"]) == ("ready", 0)
    assert row["last_error"] == said[0].split(": ", 2)[2]
    assert meeting(cluster, frontend, "room") == before


@contextlib.contextmanager
def server_that_says(body):
    """A server that gives one answer to everything; yields its address."""
    class Handler(http.server.BaseHTTPRequestHandler):
        """The answer, and no word on stderr."""

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                         Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/bigbluebutton/api/"
        server.shutdown()


NUMBERS = b"<response><returncode>SUCCESS</returncode><meetings><meeting>" \
    b"<meetingID>%s</meetingID><internalMeetingID>\xc3\xa9\xef\xbf\xbd-1" \
    b"</internalMeetingID><createTime>9223372036854775807</createTime>" \
    b"<startTime>99999999999999999999999</startTime><maxUsers>4294967297" \
    b"</maxUsers><participantCount>-5</participantCount></meeting>" \
    b"</meetings></response>"


def test_what_one_server_says_harms_no_other(make):
    cluster = make(servers=2)
    frontend = cluster.frontend()
    strange = NUMBERS % encoded(frontend, "strange").encode()
    with server_that_says(strange) as url:
        cluster.backend(url, "s")
        poll(cluster)
    assert cluster.value("SELECT count(*) FROM backends"
                         " WHERE node_state = 'ready'") == 3


def test_failed_servers_are_asked_less_often(make):
    cluster = make()
    bad, good = cluster.servers
    bad.fault("status", status=500)
    waits = "SELECT round(extract(epoch FROM h.next_poll_at - now()))::int" \
        " FROM backend_health h JOIN backends b ON b.id = h.backend_id" \
        " WHERE b.host = %s"
    poll(cluster)
    assert cluster.value(waits, bad.url) in (9, 10)
    assert cluster.value(waits, good.url) in (9, 10)
    poll(cluster)
    assert cluster.value(waits, bad.url) in (29, 30)
    assert cluster.value(waits, good.url) in (9, 10)


def test_what_is_not_due_or_decommissioned_is_left_alone(make):
    cluster = make()
    gone, kept = cluster.servers
    cluster.sql("UPDATE backends SET admin_state = 'decommissioned'"
                " WHERE host = %s", gone.url)
    cluster.sql("UPDATE backends SET admin_state = 'stopped'"
                " WHERE host = %s", kept.url)
    poll(cluster)
    assert (asked(gone), asked(kept)) == (0, 1)
    done = cluster.cron("poll")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (asked(gone), asked(kept)) == (0, 1)


# ---- many at once

def test_more_than_half_at_once_are_our_own_fault(make):
    cluster = make(servers=4)
    poll(cluster)
    bad = cluster.servers[:3]
    for server in bad:
        server.fault("refuse")
    for _ in range(3):
        said = poll(cluster)
        assert len(said) == 1
        assert re.match(
            r"\w+: 3 servers fail at once, more than half of all: their"
            r" states stay as they were \(the first: http://", said[0])
    assert cluster.all_ready()
    bad[0].mend()
    bad[1].mend()
    assert [m.split(": ")[1:3] for m in poll(cluster)] == [
        [f"backend {bad[2].url}", "ready -> error"]]


def test_half_of_four_fail_and_so_do_all_of_three(make):
    cluster = make(servers=4)
    poll(cluster)
    for server in cluster.servers[:2]:
        server.fault("refuse")
    poll(cluster)
    poll(cluster)
    assert [state(cluster, s) for s in cluster.servers] == [
        "error", "error", "ready", "ready"]
    cluster.sql("DELETE FROM backends WHERE host = %s",
                cluster.servers[0].url)
    for server in cluster.servers:
        server.fault("refuse")
    poll(cluster)
    poll(cluster)
    assert cluster.value("SELECT count(*) FROM backends"
                         " WHERE node_state = 'error'") == 3


def test_those_that_hang_delay_nobody(make):
    cluster = make(servers=20, poll_timeout="3 s")
    poll(cluster)
    hanging, rest = cluster.servers[:8], cluster.servers[8:]
    for server in hanging:
        server.fault("hang")
    begun = cluster.value("SELECT clock_timestamp()")
    due(cluster)
    with running(cluster) as job:
        until(lambda: cluster.value(
            "SELECT count(*) FROM backend_health WHERE polled_at > %s",
            begun) == len(rest), 2, "the others' answers")
        assert job.running()
        until(lambda: not job.running(), 5, "the end of the round")
    took = cluster.value("SELECT clock_timestamp()") - begun
    assert took.total_seconds() < 5
    assert cluster.value("SELECT count(*) FROM backend_health"
                         " WHERE failures = 1") == len(hanging)


def test_a_round_costs_at_most_three_statements_a_server(make):
    cluster = make(servers=10)
    for server in cluster.servers:
        server.meeting("x", count=3, users=5)
    poll(cluster)
    count = "SELECT sum(calls)::int FROM pg_stat_statements WHERE dbid =" \
        " (SELECT oid FROM pg_database WHERE datname = current_database())" \
        " AND query NOT LIKE '%%pg_stat_statements%%'"
    due(cluster)
    before = cluster.value(count)
    done = cluster.cron("poll")
    assert done.returncode == 0
    assert cluster.value(count) - before <= 30


def test_two_jobs_at_once_ask_each_server_once(make):
    cluster = make(servers=6)
    for server in cluster.servers:
        server.fault("latency", ms=500)
    with running(cluster) as one, running(cluster) as two:
        until(lambda: not one.running() and not two.running(), 10)
        assert (one.process.returncode, two.process.returncode) == (0, 0)
    assert [asked(s) for s in cluster.servers] == [1] * 6
    assert cluster.all_ready()


def test_a_killed_job_is_taken_over_when_its_lease_ends(make):
    cluster = make(servers=1, poll_timeout="2 s", poll_lease="3 s")
    server, = cluster.servers
    server.fault("hang")
    with running(cluster):
        until(lambda: server.state()["held"] == 1, 5, "the question")
    assert cluster.value("SELECT lease FROM backend_health") is not None
    server.mend()
    server.forget()
    assert cluster.cron("poll").returncode == 0
    assert asked(server) == 0
    with running(cluster, "-t", "30") as job:
        until(lambda: state(cluster, server) == "ready", 6, "the takeover")
        assert job.stop() == 0
    assert asked(server) == 1


# ---- meetings

def test_counts_and_attendees_are_those_of_the_server(make):
    cluster = make(servers=1)
    server, = cluster.servers
    frontend = cluster.frontend()
    poll(cluster)
    frontend.create("room")
    server.join(encoded(frontend, "room"), name="Ada", role="MODERATOR",
                voice=True)
    server.join(encoded(frontend, "room"), name="Bob", video=True)
    poll(cluster)
    row = meeting(cluster, frontend, "room")
    assert (row["running"], row["participants"], row["voices"],
            row["videos"], row["moderators"]) == (True, 2, 1, 1, 1)
    assert [a["full_name"] for a in cluster.sql(
        "SELECT full_name FROM attendees ORDER BY full_name")] == [
            "Ada", "Bob"]
    assert cluster.backend_of(server)["users"] == 2


def test_a_missing_meeting_ends_at_the_second_answer(make):
    cluster = make(servers=1)
    server, = cluster.servers
    frontend = cluster.frontend()
    poll(cluster)
    frontend.create("room")
    grown_up(cluster)
    server.remove(encoded(frontend, "room"))
    poll(cluster)
    assert meeting(cluster, frontend, "room")["state"] == "living"
    server.fault("status", status=500, count=1)
    poll(cluster)
    assert meeting(cluster, frontend, "room")["state"] == "living"
    poll(cluster)
    assert meeting(cluster, frontend, "room")["state"] == "ended"
    assert frontend.info("room").key == "notFound"


def test_a_meeting_seen_in_between_goes_on(make):
    cluster = make(servers=1)
    server, = cluster.servers
    frontend = cluster.frontend()
    poll(cluster)
    frontend.create("room")
    internal = meeting(cluster, frontend, "room")["internal_id"]
    grown_up(cluster)
    for _ in range(2):
        server.fault("failed", key="x", message="x", count=1)
        poll(cluster)
        cluster.sql("UPDATE meetings SET missing = 1")
        poll(cluster)
        row = meeting(cluster, frontend, "room")
        assert (row["state"], row["missing"], row["internal_id"]) == (
            "living", 0, internal)


def test_a_young_meeting_does_not_end_by_absence(make):
    cluster = make(servers=1)
    server, = cluster.servers
    frontend = cluster.frontend()
    poll(cluster)
    frontend.create("room")
    server.remove(encoded(frontend, "room"))
    for _ in range(3):
        poll(cluster)
    row = meeting(cluster, frontend, "room")
    assert (row["state"], row["missing"]) == ("living", 0)


def test_a_meeting_of_ours_is_adopted(make):
    cluster = make(servers=1)
    server, = cluster.servers
    frontend = cluster.frontend()
    poll(cluster)
    server.meeting(encoded(frontend, "found"), name="Found", users=2)
    poll(cluster)
    row = meeting(cluster, frontend, "found")
    assert (row["state"], row["participants"], row["host"]) == (
        "living", 2, server.url)
    assert re.fullmatch(INTERNAL, row["internal_id"])
    assert frontend.meeting_ids() == {"found"}
    assert frontend.is_running("found") == "true"


def test_meetings_of_others_count_as_load_only(make):
    cluster = make(servers=1)
    server, = cluster.servers
    frontend = cluster.frontend()
    server.meeting("somebody-elses", users=7)
    server.meeting(encoded(cluster.frontend(key="gone"), "room"), users=2)
    cluster.sql("DELETE FROM frontends WHERE key = 'gone'")
    poll(cluster)
    assert cluster.value("SELECT count(*) FROM meetings") == 0
    assert cluster.backend_of(server)["users"] == 9
    assert frontend.meeting_ids() == set()


def test_an_ended_meeting_is_not_revived(make):
    cluster = make(servers=1, sim=("-d", "60000"))
    server, = cluster.servers
    frontend = cluster.frontend()
    poll(cluster)
    frontend.create("room")
    assert frontend.end("room").ok
    assert len(server.meetings()) == 1
    poll(cluster)
    poll(cluster)
    assert meeting(cluster, frontend, "room")["state"] == "ended"
    assert frontend.meeting_ids() == set()


# ---- twins

def with_twin(cluster, frontend):
    """A living meeting, and the server that has a second copy of it."""
    frontend.create("room")
    home = cluster.server_of_meeting("room")
    other = next(s for s in cluster.servers if s is not home)
    other.meeting(encoded(frontend, "room"), name="room", users=1)
    return home, other


def test_a_twin_with_people_is_left_and_told_of(make):
    cluster = make()
    frontend = cluster.frontend()
    poll(cluster)
    _, other = with_twin(cluster, frontend)
    for _ in range(2):
        assert poll(cluster) == [
            f"info: backend {other.url}: meetings that have moved elsewhere"
            " and still have people in them: 1"]
    assert other.requests("end") == []
    assert len(other.meetings()) == 1


def test_an_empty_twin_is_ended_by_its_internal_id(make):
    cluster = make()
    frontend = cluster.frontend()
    poll(cluster)
    home, other = with_twin(cluster, frontend)
    poll(cluster)
    internal = other.meetings()[0]["internalMeetingID"]
    other.leave(encoded(frontend, "room"))
    assert poll(cluster) == [
        f"info: backend {other.url}: ended the empty copy {internal} of"
        " meeting room, which runs elsewhere"]
    seen, = other.requests("end")
    assert seen["checksum_ok"] and seen["returncode"] == "SUCCESS"
    assert dict(seen["params"])["meetingID"] == internal
    assert home.requests("end") == []
    until(lambda: other.meetings() == [], 5, "the twin's end")
    assert meeting(cluster, frontend, "room")["host"] == home.url
    assert poll(cluster) == []
    assert cluster.value("SELECT count(*) FROM twins") == 0


def test_a_twin_on_an_old_server_is_ended_with_its_password(make):
    cluster = make(sim=("-V", "2.4"))
    frontend = cluster.frontend()
    poll(cluster)
    _, other = with_twin(cluster, frontend)
    poll(cluster)
    other.leave(encoded(frontend, "room"))
    assert len(poll(cluster)) == 1
    seen, = other.requests("end")
    assert seen["returncode"] == "SUCCESS"


def test_a_twin_that_does_not_end_is_tried_again(make):
    cluster = make()
    frontend = cluster.frontend()
    poll(cluster)
    _, other = with_twin(cluster, frontend)
    poll(cluster)
    internal = other.meetings()[0]["internalMeetingID"]
    other.leave(encoded(frontend, "room"))
    other.fault("hang", call="end", count=1)
    begun = time.monotonic()
    said, = poll(cluster)
    assert time.monotonic() - begun < 4
    assert said.startswith(
        f"warn: backend {other.url}: the empty copy {internal} of meeting room"
        " does not end: ")
    assert "ended the empty copy" in poll(cluster)[0]


# ---- the time it has

def test_with_a_time_it_asks_again_whenever_a_server_is_due(make):
    cluster = make(poll_interval="1 s")
    begun = time.monotonic()
    done = cluster.cron("poll", "-t", "4",
                        env={"B3SCALE_LOG_LEVEL": "warn"})
    took = time.monotonic() - begun
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert 4 <= took < 5
    for server in cluster.servers:
        assert 3 <= asked(server) <= 5


def test_a_server_that_is_added_is_asked_within_a_second(make):
    cluster = make(servers=2, poll_interval="60 s")
    late = cluster.servers[1]
    cluster.sql("DELETE FROM backends WHERE host = %s", late.url)
    with running(cluster, "-t", "60") as job:
        until(lambda: asked(cluster.servers[0]) == 1, 5)
        cluster.backend(late.url, late.secret)
        until(lambda: asked(late) == 1, 2, "the new server's poll")
        assert job.stop(timeout=2) == 0
    assert asked(cluster.servers[0]) == 1


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT,
                                 signal.SIGHUP, signal.SIGUSR2])
def test_a_signal_lets_the_round_end_first(make, sig):
    cluster = make(servers=1)
    server, = cluster.servers
    server.fault("hang")
    with running(cluster, "-t", "60") as job:
        until(lambda: server.state()["held"] == 1, 5, "the question")
        os.kill(job.pid, sig)
        server.mend()
        assert job.stop(timeout=3, sig=sig) == 0
    assert state(cluster, server) == "ready"
    assert cluster.value("SELECT lease FROM backend_health") is None


# ---- without a database

def without_database(cluster, *options, url, **more):
    return cluster.cron("poll", *options, env={
        "B3SCALE_DB_URL": url, "B3SCALE_LOG_LEVEL": "info"}, **more)


def test_no_database_is_said_once_and_exits_75(make):
    cluster = make(servers=1)
    url = cluster.postgres.url("x").replace(
        str(cluster.postgres.port), "1")
    begun = time.monotonic()
    done = without_database(cluster, "-t", "3", url=url)
    assert 3 <= time.monotonic() - begun < 5
    assert done.returncode == 75
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert cluster.postgres.url("x").split("@", maxsplit=1)[0] \
        not in done.stderr
    assert without_database(cluster, url=url).returncode == 75


def test_a_database_without_schema_exits_78(make):
    cluster = make(servers=1)
    done = without_database(cluster, url=cluster.postgres.url("postgres"))
    assert done.returncode == 78
    assert len(done.stderr.splitlines()) == 1
    assert "b3scale-schema" in done.stderr


@pytest.fixture
def own_postgres():
    server = Postgres()
    try:
        server.start()
        server.make_template()
        yield server
    finally:
        server.close()


def test_a_database_that_comes_back_is_found(own_postgres, make):
    cluster = make(servers=1)
    server, = cluster.servers
    url = own_postgres.url(own_postgres.create_database())
    database = url.rpartition("/")[2]
    own_postgres.execute(
        "INSERT INTO backends (host, secret) VALUES"
        f" ('{server.url}', '{server.secret}')", database)
    own_postgres.stop()
    def told():
        """Without the one line that says how a connection ended."""
        return [re.sub("away: .*", "away", m) for m in messages(job.text())
                if "connection lost" not in m]

    away = "warn: the database is away"
    with running(cluster, "-t", "60", B3SCALE_DB_URL=url,
                 B3SCALE_LOG_LEVEL="info") as job:
        until(told, 5, "the complaint")
        own_postgres.start()
        until(lambda: len(told()) == 3, 5, "the poll")
        own_postgres.stop()
        until(lambda: len(told()) == 4, 5, "the second complaint")
        own_postgres.start()
        until(lambda: len(told()) == 5, 5, "the second return")
        assert job.stop() == 0
    assert told() == [
        away, f"info: backend {server.url}: init -> ready",
        "info: works again", away, "info: works again"]


# ---- options

USAGE = """usage: b3scale-cron [-n] [-f file] [-t seconds] -j job
jobs: callbacks commands poll sweep
"""


@pytest.mark.parametrize("options, line", [
    ((), ""),
    (("-x",), "b3scale-cron: invalid option -- 'x'\n"),
    (("-j",), "b3scale-cron: option requires an argument -- 'j'\n"),
    (("-j", "pol"), "b3scale-cron: no such job: pol\n"),
    (("-j", "poll", "more"), ""),
    (("-j", "poll", "-t", "0"),
     "b3scale-cron: -t 0: not 1 to 86400 seconds\n"),
    (("-j", "poll", "-t", "86401"),
     "b3scale-cron: -t 86401: not 1 to 86400 seconds\n"),
    (("-j", "poll", "-t", "5 s"),
     "b3scale-cron: -t 5 s: not 1 to 86400 seconds\n"),
])
def test_wrong_usage_names_the_jobs(cluster, options, line):
    done = cluster.run(tree.CRON, *options)
    said = done.stderr.replace(tree.CRON, "b3scale-cron")
    assert (done.returncode, done.stdout, said) == (64, "", line + USAGE)


def test_n_checks_the_configuration_only(cluster):
    done = cluster.run(tree.CRON, "-n", "-f", cluster.node.conf)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    bad = f"{cluster.dir}/bad.conf"
    with open(bad, "w", encoding="utf-8") as f:
        f.write("\npol_interval = 5\n")
    for options in (("-n",), ("-j", "poll")):
        done = cluster.run(tree.CRON, "-f", bad, *options)
        assert done.returncode == 78
        assert len(done.stderr.splitlines()) == 1
        assert f"{bad}:2: " in done.stderr
