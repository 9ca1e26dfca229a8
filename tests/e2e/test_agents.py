"""Agents, Redis and the balancer together: what users do is known at once.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import concurrent.futures
import re

import pytest

from harness import Cluster, until
from harness.host import Host
from harness.http import get


@pytest.fixture(scope="module")
def site(postgres):
    """Two servers that registered themselves; nothing polls them."""
    cluster = Cluster(postgres, register=False,
                      conf={"poll_interval": "1 h"})
    hosts = []
    try:
        hosts += [Host(cluster, 0), Host(cluster, 1)]
        for host in hosts:
            until(host.known, what=f"{host.name}: {host.agent.text()}")
        cluster.sql("UPDATE backends SET admin_state = 'ready'")
        cluster.poll()
        yield cluster, hosts
    finally:
        for host in hosts:
            host.close()
        cluster.close()


def host_of(site, meeting):
    cluster, hosts = site
    server = cluster.server_of_meeting(meeting)
    return next(h for h in hosts if h.server is server)


def running(fe, meeting):
    return fe.info(meeting).get("running")


def users(fe, meeting):
    """Names of those in getMeetingInfo's list."""
    return sorted(re.findall("<fullName>(.*?)</fullName>",
                             fe.info(meeting).text))


def on_server(host, fe, meeting):
    """The name that the meeting has there."""
    return next(m["meetingID"] for m in host.server.meetings()
                if m["meetingID"] in host.cluster.sql(
                    "SELECT backend_meeting_id FROM meetings WHERE"
                    " meeting_id = %s AND frontend_id = %s", meeting,
                    fe.id)[0].values())


@pytest.fixture
def room(site, request):
    """(frontend, meeting, host, its name there) of a new meeting."""
    fe = site[0].frontend()
    meeting = request.node.name
    assert fe.create(meeting).ok
    host = host_of(site, meeting)
    return fe, meeting, host, on_server(host, fe, meeting)


def test_servers_registered_themselves(site):
    _, hosts = site
    for host in hosts:
        assert host.row["agent_ref"] == host.name
        assert host.row["secret"] == host.server.secret


def test_a_join_is_seen_without_a_poll(room):
    fe, meeting, host, name = room
    assert running(fe, meeting) == "false"
    host.server.join(name, name="Anna", role="MODERATOR")
    until(lambda: users(fe, meeting) == ["Anna"], 2)
    assert running(fe, meeting) == "true"
    assert fe.info(meeting).get("moderatorCount") == "1"
    assert fe.is_running(meeting) == "true"
    host.server.leave(name)
    until(lambda: users(fe, meeting) == [], 2)


def test_parallel_joins_are_all_there(room):
    fe, meeting, host, name = room
    names = [f"User{k:02}" for k in range(20)]

    def join(who):
        """As a browser, which ends up in the client."""
        return get(fe.join(meeting, who, role="VIEWER").location).status

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        assert list(pool.map(join, names)) == [302] * 20
    until(lambda: users(fe, meeting) == names, 5)
    assert fe.info(meeting).get("participantCount") == "20"
    host.server.join(name, name="more", count=20)
    until(lambda: len(users(fe, meeting)) == 40, 5)
    assert fe.info(meeting).get("participantCount") == "40"


def test_voice_and_cameras_are_counted(room):
    fe, meeting, host, name = room
    host.server.join(name, name="Bea", userID="bea", voice=True, cameras=2)
    host.server.join(name, name="Cem", userID="cem", listenOnly=True)
    until(lambda: fe.info(meeting).get("videoCount") == "2", 2)
    until(lambda: fe.info(meeting).get("listenerCount") == "1", 2)
    assert fe.info(meeting).get("voiceParticipantCount") == "1"


def test_what_ends_is_gone(room):
    fe, meeting, host, name = room
    host.server.join(name, name="Dora")
    until(lambda: running(fe, meeting) == "true", 2)
    host.server.leave(name)
    assert fe.end(meeting).ok
    until(lambda: fe.info(meeting).key == "notFound", 2)


def test_what_happened_while_redis_was_away_is_known_on_its_return(room):
    fe, meeting, host, name = room
    host.redis.stop()
    host.server.join(name, name="Emil")
    host.redis.start()
    until(lambda: users(fe, meeting) == ["Emil"], 20)


def test_what_happened_without_an_agent_is_known_when_it_is_back(room):
    fe, meeting, host, name = room
    host.agent.kill()
    host.server.join(name, name="Fritz")
    host.agent.start()
    until(lambda: users(fe, meeting) == ["Fritz"], 10)


def test_a_silent_agent_keeps_new_meetings_away(site):
    cluster, hosts = site
    fe = cluster.frontend()
    hosts[0].agent.stop()
    until(lambda: cluster.value(
        "SELECT extract(epoch FROM now() - heartbeat) > 5.2"
        " FROM backend_health h JOIN backends b ON b.id = h.backend_id"
        " WHERE b.host = %s", hosts[0].server.url), 15)
    try:
        for k in range(6):
            assert fe.create(f"silent-{k}").ok
            assert host_of(site, f"silent-{k}") is hosts[1]
    finally:
        hosts[0].agent.start()
