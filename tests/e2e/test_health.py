"""What becomes of servers whose agent is silent, or that were away.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re

import pytest

from harness import Cluster

SMALL = {"state": 1, "forward": 2}


@pytest.fixture(scope="module")
def shared(postgres):
    made = Cluster(postgres, servers=4, workers=SMALL)
    yield made
    made.close()


@pytest.fixture(name="cluster")
def fresh(shared):
    """All four have an agent that was heard just now, and are ready."""
    shared.empty("frontends", "backends", "alarms")
    for server in shared.servers:
        shared.backend(server.url, server.secret)
    heard(shared, *shared.servers)
    shared.poll()
    return shared


def heard(cluster, *servers, ago=0):
    """As if their agents had spoken so many seconds ago; an hour's good."""
    cluster.sql("UPDATE backend_health SET heartbeat = now()"
                " + CASE %s WHEN 0 THEN interval '1 hour'"
                " ELSE - %s * interval '1 second' END WHERE backend_id IN"
                " (SELECT id FROM backends WHERE host = ANY (%s))",
                ago, ago, [s.url for s in servers])


def poll(cluster):
    """A round; what it says above debug, without time and process."""
    cluster.sql("UPDATE backend_health SET next_poll_at = now(),"
                " lease = NULL, lease_until = NULL")
    done = cluster.cron("poll", env={"B3SCALE_LOG_LEVEL": "info"})
    assert done.returncode == 0, done.stderr
    return [re.sub(r"^\S+ b3scale-cron\[\d+\]: (\w+): job=poll ", r"\1: ",
                   line) for line in done.stderr.splitlines()]


def create(cluster, frontend, count):
    """New meetings; the indices of the servers that got them."""
    first = cluster.value("SELECT count(*) FROM meetings")
    for i in range(first, first + count):
        assert frontend.call("create", {"meetingID": f"m{i}",
                                        "name": "room"}).ok
    return [cluster.server_of_meeting(f"m{i}").index
            for i in range(first, first + count)]


def join(frontend, meeting_id):
    return frontend.call("join", {"meetingID": meeting_id, "fullName": "Ada",
                                  "role": "VIEWER"})


def word(cluster, server):
    """The state that the API shows, and why."""
    return cluster.value(
        "SELECT backend_word(b, h.heartbeat, l.meetings, l.users, 5000)"
        " FROM backends b JOIN backend_health h ON h.backend_id = b.id"
        " JOIN backend_load l ON l.backend_id = b.id"
        " WHERE b.host = %s", server.url)


def test_a_silent_agents_server_keeps_its_meetings_and_gets_no_more(cluster):
    frontend = cluster.frontend()
    assert sorted(create(cluster, frontend, 4)) == [0, 1, 2, 3]
    server = cluster.servers[1]
    own = next(f"m{i}" for i in range(4)
               if cluster.server_of_meeting(f"m{i}") is server)
    heard(cluster, server, ago=9)
    assert 1 not in create(cluster, frontend, 6)
    assert poll(cluster) == [
        f"info: backend {server.url}: its agent is silent for 9 s:"
        " no new meetings"]
    assert poll(cluster) == []
    assert word(cluster, server) == ["silent", "its agent is silent"]
    assert cluster.backend_of(server)["node_state"] == "ready"

    # Its own meetings do not feel it.
    answer = join(frontend, own)
    assert answer.status == 302
    assert answer.headers["Location"].startswith(
        server.url.removesuffix("bigbluebutton/api/"))
    assert frontend.call("create", {"meetingID": own, "name": "room"}).ok
    assert cluster.server_of_meeting(own) is server

    heard(cluster, server)
    assert 1 in create(cluster, frontend, 6)
    assert poll(cluster) == [
        f"info: backend {server.url}: its agent is back"]
    assert word(cluster, server) == ["placeable", None]


def test_most_agents_silent_at_once_change_nothing(cluster, ctl):
    frontend = cluster.frontend()
    heard(cluster, cluster.servers[0], ago=9)
    assert len(poll(cluster)) == 1
    heard(cluster, *cluster.servers[1:], ago=9)
    said = poll(cluster)
    assert len(said) == 1
    assert said[0].endswith("4 agents are silent, more than half of all:"
                            " servers stay as they were")
    assert poll(cluster) == []
    assert sorted(create(cluster, frontend, 6)) == [1, 1, 2, 2, 3, 3]
    text = ("4 agents are silent, more than half of all: servers stay as they"
            " were")
    shown = cluster.api.get("/status").json()
    assert [(a["name"], a["message"]) for a in shown["alarms"]] == [
        ("agents", text)]
    assert "poll" in [job["job"] for job in shown["jobs"]]
    said = ctl("version")
    assert re.search(r"^  Jobs: +\w+, well at 20", said.stdout, re.M)
    assert said.stderr == (f"b3scalectl: ALARM since"
                           f" {shown['alarms'][0]['since']}: {text}\n")
    heard(cluster, *cluster.servers)
    assert poll(cluster) == [
        f"info: backend {cluster.servers[0].url}: its agent is back",
        "info: agents that are silent: 0, no more than half"]
    assert cluster.api.get("/status").json()["alarms"] == []
    assert ctl("version").stderr == ""
    assert 0 in create(cluster, frontend, 2)


def test_a_server_that_was_away_gets_its_meetings_back(cluster):
    frontend = cluster.frontend()
    create(cluster, frontend, 4)
    server = cluster.servers[2]
    own = next(f"m{i}" for i in range(4)
               if cluster.server_of_meeting(f"m{i}") is server)
    server.fault("status", status=502)
    poll(cluster)
    said = poll(cluster)
    assert said == [f"info: backend {server.url}: ready -> error:"
                    " HTTP status 502"]
    assert word(cluster, server) == ["failed", "HTTP status 502"]
    assert join(frontend, own).status != 302
    assert 2 not in create(cluster, frontend, 6)
    assert cluster.server_of_meeting(own) is server
    server.mend()
    assert poll(cluster) == [f"info: backend {server.url}: error -> ready"]
    assert word(cluster, server) == ["placeable", None]
    assert join(frontend, own).status == 302
    assert 2 in create(cluster, frontend, 6)
