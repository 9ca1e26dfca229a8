"""SQL round trips of each call, counted by the database server itself.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import secrets

import pytest

from harness import Cluster, until
from harness.statements import counted, read

# One worker in each pool, so that a warm one is the one that is counted.
ONE = {"state": 1, "forward": 1}


def name():
    return f"m-{secrets.token_hex(4)}"


def make(cluster, frontend):
    """A meeting that every replica has heard of."""
    meeting = name()
    with counted(cluster):
        assert frontend.create(meeting).ok
        until(lambda: read(cluster).of("announce"), 5, "the announcement")
    # Notices are read before a request: this one comes after it.
    assert frontend.join(meeting).status == 302
    return meeting


@pytest.fixture(scope="module", name="one")
def one_cluster(postgres):
    """Warm workers, one in each pool; callbacks come to them."""
    cluster = Cluster(postgres, servers=2, workers=ONE, conf={
        "api_url": "http://127.0.0.1:9", "api_jwt_secret": "secret"})
    make(cluster, cluster.frontend())
    yield cluster
    cluster.close()


@pytest.fixture(scope="module", name="without")
def cluster_without(postgres):
    """The same without a replica."""
    cluster = Cluster(postgres, servers=2, workers=ONE,
                      conf={"route_replica": "off"})
    make(cluster, cluster.frontend())
    yield cluster
    cluster.close()


def state_calls(frontend, meeting):
    """Name of a call, what it does, whether the answer is right."""
    return {
        "join": lambda: frontend.join(meeting).status == 302,
        "isMeetingRunning": lambda: frontend.is_running(meeting) is not None,
        "bad checksum": lambda: frontend.call(
            "join", {"meetingID": meeting},
            checksum="0" * 40).key == "checksumError",
        "getMeetingInfo": lambda: frontend.info(meeting).ok,
        "getMeetings": lambda: meeting in frontend.meeting_ids(),
    }


WARM = {"join": 0, "isMeetingRunning": 0, "bad checksum": 0,
        "getMeetingInfo": 1, "getMeetings": 1}
WITHOUT = {"join": 1, "isMeetingRunning": 1, "bad checksum": 1,
           "getMeetingInfo": 2, "getMeetings": 2}


@pytest.mark.parametrize("call", WARM)
def test_state_calls_with_a_warm_replica(one, call):
    frontend = one.frontend()
    meeting = make(one, frontend)
    with counted(one) as counts:
        assert state_calls(frontend, meeting)[call]()
    assert counts[0].all == WARM[call], counts[0]


@pytest.mark.parametrize("call", WITHOUT)
def test_state_calls_without_a_replica(without, call):
    frontend = without.frontend()
    meeting = make(without, frontend)
    with counted(without) as counts:
        assert state_calls(frontend, meeting)[call]()
    assert counts[0].all == WITHOUT[call], counts[0]


def test_a_meeting_that_nobody_knows_costs_one(one):
    frontend = one.frontend()
    make(one, frontend)
    with counted(one) as counts:
        assert frontend.is_running(name()) == "false"
    assert counts[0].all == 1, counts[0]


def test_end(one):
    frontend = one.frontend()
    meeting = make(one, frontend)
    with counted(one) as counts:
        assert frontend.end(meeting).ok
    assert 1 <= counts[0].all <= 2, counts[0]


def test_create_of_a_known_meeting(one):
    frontend = one.frontend()
    meeting = make(one, frontend)
    with counted(one) as counts:
        assert frontend.create(meeting).key == "duplicateWarning"
    assert 1 <= counts[0].all <= 2, counts[0]


def created(cluster, frontend):
    """The statements of one new meeting: (before the answer, after it)."""
    with counted(cluster) as counts:
        assert frontend.create(
            name(), meetingEndedURL="https://fe.example/end",
            meta_endCallbackUrl="https://fe.example/end").ok
        until(lambda: read(cluster).of("announce"), 5, "the announcement")
    after = counts[0].of("announce")
    return counts[0].all - after, after, counts[0]


@pytest.mark.parametrize("which", ["one", "without"])
def test_create_of_a_new_meeting(request, which):
    cluster = request.getfixturevalue(which)
    before, after, count = created(cluster, cluster.frontend())
    assert before == 3, count
    assert after == 1, count


def test_a_bad_checksum_of_a_create(one):
    """Its worker has no replica: it asks who may have signed."""
    frontend = one.frontend()
    with counted(one) as counts:
        reply = frontend.call("create", {"meetingID": "x"},
                              checksum="0" * 40)
        assert reply.key == "checksumError"
    assert counts[0].all == 1, counts[0]


@pytest.mark.parametrize("failed", [1, 2, 3])
def test_failover_costs_one_more_for_each_server(make_cluster, failed):
    """The servers that fail are the least loaded: they are tried first."""
    cluster = make_cluster(servers=4, workers=ONE)
    frontend = cluster.frontend()
    # Each server has a meeting by then, the list of them is known.
    for _ in range(4):
        make(cluster, frontend)
    for server in cluster.servers[:failed]:
        server.fault("refuse")
    for server in cluster.servers[failed:]:
        cluster.sql("UPDATE backend_load SET load = load + 100,"
                    " base = base + 100 WHERE backend_id = %s",
                    cluster.backend_of(server)["id"])
    before, after, count = created(cluster, frontend)
    assert before == 3 + failed, count
    assert after == 1, count
