"""Whatever fails beside an agent, the balancer ends up with the truth.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import random

import pytest

from harness import Client, Cluster, until
from harness.host import Host

OF_A_USER = ("userID", "fullName", "role", "isPresenter", "isListeningOnly",
             "hasJoinedVoice", "hasVideo", "clientType")
OF_A_MEETING = ("running", "participantCount", "listenerCount",
                "voiceParticipantCount", "videoCount", "moderatorCount",
                "isBreakout")
NAMES = [f"user-{k}" for k in range(12)]


def meetings(client):
    """{internal id: what getMeetings says of it}."""
    return {m.findtext("internalMeetingID"): (
        [m.findtext(tag) for tag in OF_A_MEETING],
        sorted([u.findtext(tag) for tag in OF_A_USER]
               for u in m.iterfind("attendees/attendee")))
        for m in client.call("getMeetings").xml.iterfind("meetings/meeting")}


class Life:
    """What users do on the servers, whoever may hear of it."""

    def __init__(self, cluster, hosts, seed):
        self.cluster = cluster
        self.hosts = hosts
        self.random = random.Random(seed)
        self.fe = cluster.frontend()
        self.born = 0
        self.ending = False     # meetings may, too
        self.over = set()       # some are listed a while longer

    def begin(self, count):
        """The balancer has to be there for this."""
        for _ in range(count):
            self.born += 1
            assert self.fe.create(f"m{self.born}").ok

    def truth(self):
        found = {}
        for host in self.hosts:
            found.update(meetings(Client(host.server.url,
                                         host.server.secret)))
        return found

    def goes_on(self, steps):
        for _ in range(steps):
            self.step(*self.random.choice(
                [(host.server, meeting) for host in self.hosts
                 for meeting in self.living(host)]))

    def living(self, host):
        return [m for m in host.server.meetings()
                if m["meetingID"] not in self.over]

    def step(self, server, meeting):
        name = meeting["meetingID"]
        inside = [u["userID"] for u in meeting["users"]]
        outside = [n for n in NAMES if n not in inside]
        what = self.random.random()
        if not inside or (what < 0.4 and outside):
            user = self.random.choice(outside)
            server.join(name, name=user.title(), userID=user,
                        role=self.random.choice(["VIEWER", "MODERATOR"]))
        elif what < 0.55:
            server.leave(name, self.random.choice(inside))
        elif what < 0.6 and self.ending and self.born - len(self.over) > 4:
            server.finish(name)
            self.over.add(name)
        else:
            server.change(name, self.random.choice(inside),
                          **self.random.choice([
                              {"voice": True}, {"voice": False},
                              {"listenOnly": True}, {"cameras": 1},
                              {"cameras": 0}, {"presenter": True},
                              {"role": "MODERATOR"}, {"role": "VIEWER"}]))

    def await_truth(self, timeout):
        """Both may go on while one looks at them in turn."""
        until(lambda: not self.difference(), timeout, self)

    def difference(self):
        """{internal id: (true, known)} where these differ."""
        true, known = self.truth(), meetings(self.fe)
        return {m: (true.get(m), known.get(m)) for m in true.keys() | known
                if true.get(m) != known.get(m)}

    def __str__(self):
        return "\n".join([f"{m}:\ntrue  {true}\nknown {known}"
                          for m, (true, known) in self.difference().items()]
                         + [host.agent.text() for host in self.hosts])


@pytest.fixture(params=["in order", "out of order"])
def life(postgres, request):
    """
    In order a server is polled only when an event was about somebody whom a
    snapshot had told of, without the name that events use.  Nothing tells
    that events came out of order, so polls have to come by themselves.
    """
    ordered = request.param == "in order"
    cluster = Cluster(postgres, register=False, conf={
        "poll_interval": "1 h" if ordered else "3 s"})
    hosts = []
    try:
        for index in (0, 1):
            hosts.append(Host(cluster, index))
            hosts[-1].tell(True, noise=2000, repeat=10, snapshot_ms=0,
                           late=0 if ordered else 25, late_ms=400)
        for host in hosts:
            until(host.known, what=f"{host.name}: {host.agent.text()}")
        cluster.sql("UPDATE backends SET admin_state = 'ready'")
        cluster.poll_loop()
        yield Life(cluster, hosts, 5)
    finally:
        for host in hosts:
            host.close()
        cluster.close()


def test_troubles_leave_the_truth(life):
    one, other = life.hosts
    life.begin(6)
    life.goes_on(40)
    one.redis.stop()
    life.goes_on(15)
    one.redis.start()
    life.goes_on(15)
    life.cluster.web.stop()
    life.goes_on(25)
    life.cluster.web.start()
    life.goes_on(15)
    other.agent.kill()
    life.goes_on(15)
    other.agent.start()
    # All at once, each only as long as the other.
    life.begin(2)
    life.cluster.web.stop()
    one.redis.stop()
    one.agent.kill()
    life.goes_on(20)
    one.agent.start()
    life.cluster.web.start()
    one.redis.start()
    for host in life.hosts:
        until(lambda h=host: h.server.told()["connected"]
              and h.redis.publish("{}") == 1, 20)
    # Of an end that nobody hears two polls have to tell, a minute later.
    life.ending = True
    life.goes_on(40)
    life.await_truth(30)
    assert len(life.truth()) > 2
    # Each agent is in the stream again, not only in its snapshots.
    for host in life.hosts:
        until(lambda h=host: h.server.told()["noise"] > 1000)
        name = life.living(host)[0]["meetingID"]
        host.server.join(name, name="The last one", userID="last")
    until(lambda: sum("last" in [u[0] for u in people]
                      for _, people in meetings(life.fe).values()) == 2, 3)
    life.await_truth(15)
