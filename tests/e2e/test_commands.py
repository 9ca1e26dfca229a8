"""b3scale-cron -j commands and -j sweep: what is asked for is done once.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import contextlib
import json
import random
import time
import uuid

import pytest

from harness import Cluster, tree, until
from harness.process import Daemon

SMALL = {"state": 1, "forward": 2}
CONF = {"try_timeout": "1 s", "connect_timeout": "500 ms",
        "poll_timeout": "1 s", "poll_interval": "10 s",
        "command_lease": "2 s"}


@pytest.fixture(scope="module")
def shared(postgres):
    """One cluster for all; each test empties it."""
    made = Cluster(postgres, servers=2, workers=SMALL, conf=CONF)
    yield made
    made.close()


@pytest.fixture(name="cluster")
def fresh(shared):
    shared.empty("commands", "frontends", "backends", "ended_meetings",
                 "job_success")
    for server in shared.servers:
        shared.backend(server.url, server.secret)
    return shared


def ask(cluster, action, server=None, **params):
    """Asks for it and returns the command's id."""
    if server is not None:
        params["backend_id"] = cluster.backend_of(server)["id"]
    return cluster.value("SELECT id FROM command_enqueue(%s, %s, 120)",
                         action, json.dumps(params) if params else None)


def run(cluster, node=None):
    """One round, which says nothing below a warning."""
    done = cluster.cron("commands", node=node,
                        env={"B3SCALE_LOG_LEVEL": "warn"})
    assert done.returncode == 0, done.stderr
    return done.stderr


def command(cluster, wanted):
    return cluster.sql("SELECT * FROM commands WHERE id = %s", wanted)[0]


def outcome(cluster, wanted):
    row = command(cluster, wanted)
    return row["state"], row["result"]


def due(cluster):
    cluster.sql("UPDATE commands SET next_at = now()"
                " WHERE state IN ('requested', 'running')")


@contextlib.contextmanager
def waiting(cluster, *options, node=None, seconds=60):
    """The job as cron runs it, beside the test."""
    node = node or cluster.node
    job = Daemon([tree.CRON, "-f", node.conf, "-j", "commands",
                  "-t", str(seconds), *options],
                 f"{cluster.dir}/commands-{uuid.uuid4()}.log",
                 env=node.environment())
    try:
        yield job
    finally:
        if job.running():
            job.stop()


def create(cluster, server, count=1):
    """Living meetings on that server; a frontend of their own."""
    frontend = cluster.frontend()
    cluster.sql("UPDATE backends SET admin_state = CASE host WHEN %s"
                " THEN 'ready' ELSE 'stopped' END", server.url)
    for i in range(count):
        assert frontend.call("create", {"meetingID": f"m{i}",
                                        "name": f"m{i}"}).ok
    cluster.sql("UPDATE backends SET admin_state = 'ready'")
    return frontend


def open_on(server):
    """What a BBB server has that is not just ending: that takes seconds."""
    return [m for m in server.meetings() if not m["ending"]]


def living(cluster, server):
    return cluster.value(
        "SELECT count(*) FROM meetings WHERE backend_id = %s"
        " AND state <> 'ended'", cluster.backend_of(server)["id"])


def listed(frontend):
    return [m.findtext("meetingID") for m in frontend.call(
        "getMeetings").xml.iter("meeting")]


# ---- end_all_meetings

def test_all_meetings_of_a_server_end(cluster):
    one, other = cluster.servers
    gone, stays = create(cluster, one, 5), create(cluster, other, 2)
    wanted = ask(cluster, "end_all_meetings", one)
    assert run(cluster) == ""
    assert outcome(cluster, wanted) == ("success", True)
    assert open_on(one) == [] and len(open_on(other)) == 2
    assert (living(cluster, one), living(cluster, other)) == (0, 2)
    assert listed(gone) == [] and sorted(listed(stays)) == ["m0", "m1"]
    calls = one.requests("end")
    assert len(calls) == 5
    assert all(c["checksum_ok"] for c in calls)
    assert cluster.backend_of(one)["meetings"] == 0


def test_what_its_server_does_not_know_has_ended(cluster):
    server = cluster.servers[0]
    create(cluster, server, 2)
    server.restart()
    wanted = ask(cluster, "end_all_meetings", server)
    assert run(cluster) == ""
    assert outcome(cluster, wanted) == ("success", True)
    assert living(cluster, server) == 0


def test_a_server_that_refuses_keeps_its_meetings(cluster):
    server, other = cluster.servers
    create(cluster, server, 2)
    create(cluster, other, 2)
    server.fault("status", "end", status=500)
    wanted = ask(cluster, "end_all_meetings", server)
    fine = ask(cluster, "end_all_meetings", other)
    said = run(cluster)
    assert "end meeting failed: HTTP status 500" in said
    assert outcome(cluster, wanted) == (
        "error", "end meeting failed: HTTP status 500")
    assert outcome(cluster, fine) == ("success", True)
    assert (living(cluster, server), living(cluster, other)) == (2, 0)


def test_a_server_that_hangs_delays_no_other(cluster):
    server, other = cluster.servers
    create(cluster, server, 2)
    create(cluster, other, 2)
    server.fault("hang", "end")
    wanted = ask(cluster, "end_all_meetings", server)
    fine = ask(cluster, "end_all_meetings", other)
    began = time.monotonic()
    run(cluster)
    assert time.monotonic() - began < 3
    assert outcome(cluster, wanted)[0] == "error"
    assert outcome(cluster, fine) == ("success", True)


def test_no_server_no_end(cluster):
    nobody = str(uuid.uuid4())
    for action in ("end_all_meetings", "decommission_backend", "drain"):
        wanted = ask(cluster, action, backend_id=nobody)
        run(cluster)
        assert outcome(cluster, wanted) == (
            "error", f"no such backend: {nobody}")


# ---- update_node_state

def test_a_server_is_polled_now(cluster):
    server, other = cluster.servers
    cluster.poll()
    cluster.sql("UPDATE backend_health SET next_poll_at = now()"
                " + interval '1 hour'")
    asked = [len(s.requests("getMeetings")) for s in cluster.servers]
    wanted = ask(cluster, "update_node_state", server)
    assert run(cluster) == ""
    assert outcome(cluster, wanted) == ("success", True)
    assert [len(s.requests("getMeetings")) for s in cluster.servers] == [
        asked[0] + 1, asked[1]]
    assert cluster.backend_of(other)["node_state"] == "ready"


def test_the_servers_error_is_the_commands(cluster):
    server = cluster.servers[0]
    server.fault("status", "getMeetings", status=502)
    wanted = ask(cluster, "update_node_state", server)
    run(cluster)
    assert outcome(cluster, wanted) == ("error", "HTTP status 502")
    nobody = str(uuid.uuid4())
    wanted = ask(cluster, "update_node_state", backend_id=nobody)
    run(cluster)
    assert outcome(cluster, wanted) == (
        "error", f"backend not found: {nobody}")


def test_one_that_another_job_asks_is_waited_for(cluster):
    server = cluster.servers[0]
    server.fault("latency", "getMeetings", ms=700)
    with waiting(cluster):
        cluster.sql("UPDATE backend_health SET next_poll_at = now()"
                    " + interval '1 hour', lease = gen_random_uuid(),"
                    " lease_until = now() + interval '700 ms'"
                    " WHERE backend_id = %s",
                    cluster.backend_of(server)["id"])
        wanted = ask(cluster, "update_node_state", server)
        until(lambda: outcome(cluster, wanted) == ("success", True), 10,
              "the poll")
    assert command(cluster, wanted)["attempts"] > 1


# ---- decommission_backend

def test_a_removed_server_is_gone_with_its_meetings(cluster):
    server = cluster.servers[0]
    frontend = create(cluster, server, 2)
    cluster.poll()
    wanted = ask(cluster, "decommission_backend", server)
    with waiting(cluster):
        until(lambda: outcome(cluster, wanted) == ("success", True), 10,
              "its end")
    assert cluster.value("SELECT count(*) FROM backends WHERE host = %s",
                         server.url) == 0
    assert listed(frontend) == []
    assert frontend.call("create", {"meetingID": "m0", "name": "m0"}).ok
    assert cluster.server_of_meeting("m0") == cluster.servers[1]


def test_people_are_not_put_out(cluster):
    server = cluster.servers[0]
    create(cluster, server)
    bbb_id = server.meetings()[0]["meetingID"]
    server.join(bbb_id, name="Ada")
    cluster.poll()
    wanted = ask(cluster, "decommission_backend", server)
    run(cluster)
    assert outcome(cluster, wanted) == ("success", False)
    assert cluster.backend_of(server)["admin_state"] == "ready"

    # Given up for good, it is removed as soon as they have left.
    cluster.sql("UPDATE backends SET admin_state = 'decommissioned'"
                " WHERE host = %s", server.url)
    cluster.cron("sweep")
    assert cluster.value("SELECT count(*) FROM commands") == 1
    server.leave(bbb_id)
    cluster.poll()
    cluster.cron("sweep")
    assert cluster.value("SELECT count(*) FROM commands") == 2
    with waiting(cluster):
        until(lambda: not cluster.sql("SELECT 1 FROM backends WHERE host = %s",
                                      server.url), 10, "its end")


# ---- drain

def test_a_drain_waits_until_its_server_is_empty(cluster):
    server, other = cluster.servers
    frontend = create(cluster, server)
    wanted = ask(cluster, "drain", server)
    with waiting(cluster):
        until(lambda: cluster.backend_of(server)["admin_state"] == "stopped",
              5, "it to stop")
        for i in range(4):
            assert frontend.call("create", {"meetingID": f"new{i}",
                                            "name": "new"}).ok
        assert len(other.meetings()) == 4
        assert outcome(cluster, wanted)[0] == "running"
        assert frontend.call("end", {"meetingID": "m0"}).ok
        until(lambda: outcome(cluster, wanted) == ("success", True), 10,
              "its end")
    assert cluster.backend_of(server)["admin_state"] == "stopped"


def test_after_its_time_a_drain_ends_what_is_left(cluster):
    server = cluster.servers[0]
    create(cluster, server, 3)
    wanted = ask(cluster, "drain", server, end_after=1)
    with waiting(cluster):
        time.sleep(0.5)
        assert len(server.meetings()) == 3
        until(lambda: outcome(cluster, wanted) == ("success", True), 10,
              "its end")
    assert open_on(server) == []


def test_a_drain_asks_a_server_that_refuses_again(cluster):
    server = cluster.servers[0]
    create(cluster, server, 2)
    server.fault("status", "end", status=500)
    wanted = ask(cluster, "drain", server, end_after=0)
    with waiting(cluster):
        until(lambda: len(server.requests("end")) >= 4, 10, "a second try")
        assert outcome(cluster, wanted)[0] == "running"
        server.mend()
        until(lambda: outcome(cluster, wanted) == ("success", True), 10,
              "its end")


def test_a_drain_can_be_called_off(cluster):
    server = cluster.servers[0]
    create(cluster, server)
    wanted = ask(cluster, "drain", server)
    run(cluster)
    cluster.sql("UPDATE backends SET admin_state = 'ready'")
    due(cluster)
    run(cluster)
    assert outcome(cluster, wanted) == ("error",
                                        "the backend is ready again")
    assert len(server.meetings()) == 1


# ---- sweep

def test_what_is_old_is_thrown_away(cluster):
    frontend = create(cluster, cluster.servers[0], 3)
    for i in range(2):
        assert frontend.call("end", {"meetingID": f"m{i}"}).ok
    cluster.sql("UPDATE meetings SET ended_at = now() - interval '31 days'"
                " WHERE meeting_id = 'm0'")
    cluster.sql("UPDATE ended_meetings SET ended_at = now()"
                " - interval '31 days' WHERE meeting_id = 'm0'")
    cluster.sql("INSERT INTO frontend_secrets VALUES (%s, 'old', now()"
                " - interval '1 s'), (%s, 'good', now() + interval '1 h'),"
                " (%s, 'for good', NULL)", *[frontend.id] * 3)
    wanted = ask(cluster, "collect_garbage")
    run(cluster)
    assert outcome(cluster, wanted) == ("success", True)
    assert sorted(r["meeting_id"] for r in cluster.sql(
        "SELECT meeting_id FROM meetings")) == ["m1", "m2"]
    assert cluster.value("SELECT string_agg(meeting_id, ' ')"
                         " FROM ended_meetings") == "m1"
    assert sorted(r["secret"] for r in cluster.sql(
        "SELECT secret FROM frontend_secrets")) == ["for good", "good"]
    cluster.sql("UPDATE commands SET stopped_at = now()"
                " - interval '8 days'")
    done = cluster.cron("sweep", env={"B3SCALE_LOG_LEVEL": "info"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert cluster.value("SELECT count(*) FROM commands") == 0
    assert sorted(r["job"] for r in cluster.sql(
        "SELECT job FROM job_success"
        " WHERE at > now() - interval '10 s'")) == ["commands", "sweep"]


# ---- many at once, and those that die

def test_a_new_command_wakes_the_job(cluster):
    with waiting(cluster):
        until(lambda: cluster.sql("SELECT 1 FROM job_success"), 5, "its start")
        spent = []
        for _ in range(5):
            time.sleep(random.uniform(0.05, 0.2))
            began = time.monotonic()
            wanted = ask(cluster, "collect_garbage")
            until(lambda w=wanted: outcome(cluster, w)[0] == "success", 5,
                  "it to be done")
            spent.append(time.monotonic() - began)
        # It looks by itself once a second.
        assert sorted(spent)[2] < 0.4, spent


def test_a_signal_ends_a_job_that_waits(cluster):
    with waiting(cluster) as job:
        until(lambda: cluster.sql("SELECT 1 FROM job_success"), 5, "its start")
        assert job.stop(5) == 0


def test_a_killed_job_is_taken_over_and_a_stalled_one_is_not_heard(cluster):
    server = cluster.servers[0]
    create(cluster, server, 2)
    server.fault("latency", "end", ms=600)
    wanted = ask(cluster, "end_all_meetings", server)
    with waiting(cluster) as first:
        until(lambda: server.requests("end"), 5, "its calls")
        first.kill()
    assert outcome(cluster, wanted)[0] == "running"
    server.mend()
    with waiting(cluster):
        until(lambda: outcome(cluster, wanted) == ("success", True), 10,
              "the lease to end")
    assert command(cluster, wanted)["attempts"] == 2
    assert living(cluster, server) == 0


def test_jobs_that_die_leave_nothing_undone(cluster):
    """Two nodes, their jobs killed again and again; all is done once."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rnd = random.Random(seed)
    one, other = cluster.servers
    frontends = [create(cluster, s, 6) for s in (one, other)]
    for server in (one, other):
        server.fault("latency", "end", ms=150)
    wanted = [ask(cluster, "end_all_meetings", s) for s in (one, other)]
    wanted += [ask(cluster, "update_node_state", s) for s in (one, other)]
    wanted.append(ask(cluster, "collect_garbage"))
    for _ in range(5):
        with waiting(cluster) as a, waiting(cluster) as b:
            time.sleep(rnd.uniform(0.02, 0.5))
            a.kill()
            time.sleep(rnd.uniform(0, 0.2))
            b.kill()
    with waiting(cluster), waiting(cluster):
        until(lambda: all(outcome(cluster, w) == ("success", True)
                          for w in wanted), 15, "all to be done")
    assert cluster.value("SELECT count(*) FROM commands") == len(wanted)
    assert all(listed(f) == [] for f in frontends)
    assert open_on(one) == open_on(other) == []
    assert cluster.value("SELECT count(*) FROM ended_meetings") == 12
    assert cluster.value("SELECT sum(meetings) FROM frontend_load") == 0


def test_two_nodes_do_each_once(cluster):
    with waiting(cluster), waiting(cluster):
        until(lambda: cluster.sql("SELECT 1 FROM job_success"), 5, "a start")
        cluster.sql("SELECT command_enqueue('decommission_backend',"
                    " jsonb_build_object('id', gen_random_uuid()), 60)"
                    " FROM generate_series(1, 300)")
        until(lambda: cluster.value("SELECT count(*) FROM commands"
                                    " WHERE state <> 'error'") == 0, 15,
              "all to be done")
    assert cluster.value("SELECT count(*) FROM commands"
                         " WHERE attempts > 1") == 0
