"""All jobs at once, on two nodes, and while they are killed.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import collections
import json
import random
import signal
import time

import pytest

from harness import Cluster, tree, until
from harness.process import Daemon

JOBS = ("poll", "commands", "callbacks", "sweep")
COUNT = 24              # meetings on four servers


class Jobs:
    """The crontab of both nodes."""

    def __init__(self, cluster, *nodes):
        self.cluster = cluster
        self.running = {(node, job): self.start(node, job)
                        for node in nodes for job in JOBS}

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for daemon in self.running.values():
            if daemon.running():
                daemon.kill()

    def start(self, node, job):
        return Daemon([tree.CRON, "-f", node.conf, "-j", job, "-t", "60"],
                      f"{node.dir}/{job}.log",
                      env={**node.environment(), "B3SCALE_LOG_LEVEL": "warn"})

    def kill_one(self, rnd):
        which = rnd.choice(list(self.running))
        self.running[which].kill()
        self.running[which] = self.start(*which)

    def stop(self):
        """What the jobs complained of."""
        for daemon in self.running.values():
            # One that has only just begun does not block it yet.
            assert daemon.stop() in (0, -signal.SIGTERM), daemon.text()
        return "".join(d.text() for d in self.running.values())


@pytest.fixture(name="cluster")
def _cluster(postgres):
    made = Cluster(postgres, servers=4, workers={"state": 1, "forward": 4},
                   conf={"callback_loopback": "on", "command_lease": "2 s",
                         "poll_lease": "2 s", "poll_timeout": "1 s",
                         "connect_timeout": "500 ms"})
    try:
        made.conf["api_url"] = made.url
        made.node.write_conf()
        assert made.reload().returncode == 0
        made.add_node()
        yield made
    finally:
        made.close()


def fill(cluster, receiver):
    """Meetings that want to tell of their end, and what is old."""
    frontend = cluster.frontend()
    for k in range(COUNT):
        assert frontend.create(
            f"m{k}", meetingEndedURL=receiver.url(f"/m{k}")).ok
    cluster.sql("INSERT INTO audit (actor, role, address, action, resource,"
                " resource_id, at) SELECT '', '', '', '', '', '', now()"
                " - interval '400 days' FROM generate_series(1, 2000)")
    return frontend


def wish(cluster):
    """Ids of commands: two servers are emptied, one goes, all are asked."""
    wanted = [("collect_garbage", None)]
    for server in cluster.servers[:3]:
        wanted.append(("update_node_state", cluster.backend_of(server)["id"]))
    for server in cluster.servers[:2]:
        wanted.append(("end_all_meetings", cluster.backend_of(server)["id"]))
    wanted.append(("decommission_backend",
                   cluster.backend_of(cluster.servers[3])["id"]))
    return [cluster.value(
        "SELECT id FROM command_enqueue(%s, %s, 120)", action,
        json.dumps({"backend_id": backend}) if backend else None)
        for action, backend in wanted]


def all_done(cluster, wanted):
    return cluster.value(
        "SELECT count(*) FROM commands WHERE id = ANY (%s::uuid[])"
        " AND state IN ('success', 'error')", wanted) == len(wanted)


def on_servers(cluster, *indices):
    return {m["meeting_id"] for m in cluster.sql(
        "SELECT meeting_id FROM meetings m JOIN backends b"
        " ON b.id = m.backend_id WHERE b.host = ANY (%s)"
        " AND m.state = 'living'",
        [cluster.servers[i].url for i in indices])}


def deliver_all(cluster):
    """As if leases of the dead and the time for late words were over."""
    cluster.sql("UPDATE callbacks SET next_at = now()"
                " WHERE state = 'waiting'")
    done = cluster.cron("callbacks", env={"B3SCALE_LOG_LEVEL": "warn"})
    assert (done.returncode, done.stderr) == (0, "")


def kill_some(jobs):
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rnd = random.Random(seed)
    for _ in range(24):
        time.sleep(rnd.uniform(0, 0.15))
        jobs.kill_one(rnd)


@pytest.mark.parametrize("killed", [False, True], ids=["alive", "killed"])
def test_two_nodes_do_all_jobs(cluster, receiver, killed):
    fill(cluster, receiver)
    ending = on_servers(cluster, 0, 1, 3)
    staying = on_servers(cluster, 2)
    assert len(ending) == 18 and len(staying) == 6
    for server in cluster.servers:
        server.fault("latency", "end", ms=100)
    with Jobs(cluster, *cluster.nodes) as jobs:
        wanted = wish(cluster)
        if killed:
            kill_some(jobs)
        until(lambda: all_done(cluster, wanted), 30, "all commands")
        assert [f"{c['action']}: {c['result']}" for c in cluster.sql(
            "SELECT * FROM commands WHERE state = 'error'")] == []
        until(lambda: cluster.value("SELECT count(*) FROM audit"
                                    " WHERE at < now() - interval '1 year'")
              == 0, 30, "an empty audit")
        # Those of the removed server are spoken for.
        until(lambda: cluster.value(
            "SELECT count(*) FROM callbacks WHERE state = 'delivered' OR ours"
            " OR lease IS NOT NULL") == len(ending), 30,
            "a callback of each end")
        until(lambda: cluster.value(
            "SELECT bool_and(polled_at > now() - interval '3 s')"
            " FROM backend_health"), 10)
        said = jobs.stop()
    deliver_all(cluster)
    calls = collections.Counter()
    while not receiver.calls.empty():
        calls[receiver.next()[1].removeprefix("/")] += 1
    assert set(calls) == ending
    # Who was killed between a delivery and its note has it repeated.
    if not killed:
        assert set(calls.values()) == {1}
        assert said == ""
    assert cluster.value("SELECT count(*) FROM callbacks"
                         " WHERE state <> 'delivered'") == 0
    assert on_servers(cluster, 2) == staying
    assert cluster.value("SELECT count(*) FROM meetings"
                         " WHERE state <> 'ended'") == len(staying)
    assert cluster.value("SELECT sum(meetings) FROM frontend_load") == \
        cluster.value("SELECT sum(meetings) FROM backend_load") == 6
    assert cluster.value("SELECT count(*) FROM backends") == 3
    assert "deadlock" not in said
