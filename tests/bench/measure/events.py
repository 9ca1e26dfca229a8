"""How soon a join is seen, and how many events a second are taken.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import http.client
import json
import os
import threading
import time

from harness import until
from harness.agent import Agent
from harness.api import SECRET, token
from harness.redis import Redis

from .load import median
from .site import Scale, Site

SERVERS = 20
EMPTY = ("<response><returncode>SUCCESS</returncode><meetings/>"
         "</response>")

# ---- how many

BATCH = 15              # events; an agent sends ten batches a second at most
TAKEN = 10              # seconds
WANTED = 3000           # events a second


class Sender(threading.Thread):
    """An agent that always has something to say."""

    def __init__(self, site, i, meetings, end):
        super().__init__()
        self.site = site
        self.i = i
        self.meetings = meetings
        self.end = end
        self.seq = self.events = self.bad = 0
        self.http = http.client.HTTPConnection("127.0.0.1", site.port)
        self.headers = {"Content-Type": "application/json",
                        "Authorization": "Bearer " + token(
                            "b3scale:node", f"agent-{i}")}

    def post(self, **members):
        """Repeated, as an agent does, while the database is away."""
        self.seq += 1
        body = json.dumps({"epoch": 1, "seq": self.seq, **members})
        status = 503
        while status == 503:
            self.http.request("POST", "/api/v1/agent/events", body,
                              self.headers)
            answer = self.http.getresponse()
            answer.read()
            status = answer.status
        self.bad += status != 200

    def event(self, k):
        """Each person joins, talks, and leaves."""
        user = f"w_{self.i}_{k // 3}"
        meeting = self.meetings[k // 3 % len(self.meetings)]
        return ({"kind": "joined", "ext_id": "ext", "name": "Ada Lovelace",
                 "role": "VIEWER", "client": "HTML5"},
                {"kind": "voice_joined"}, {"kind": "left"})[k % 3] | {
                    "at": 1760000000000 + k, "meeting": meeting,
                    "user": user}

    def run(self):
        self.post(snapshot={"age_ms": 600000, "xml": EMPTY})
        while time.monotonic() < self.end:
            self.post(events=[self.event(self.events + n)
                              for n in range(BATCH)])
            self.events += BATCH
        self.http.close()


def taken(postgres, meetings, result):
    """Events a second with so many meetings; statements a batch."""
    with Site(postgres, Scale(20, SERVERS, meetings),
              conf={"api_jwt_secret": SECRET}) as site:
        site.cluster.sql(
            "UPDATE backends b SET agent_ref = 'agent-' || n FROM (SELECT"
            " id, row_number() OVER (ORDER BY host) - 1 AS n FROM backends)"
            " s WHERE s.id = b.id")
        known = {r["agent_ref"]: r["ids"] for r in site.cluster.sql(
            "SELECT agent_ref, array_agg(internal_id) AS ids FROM backends b"
            " JOIN meetings m ON m.backend_id = b.id GROUP BY 1")}
        site.warm()
        site.cluster.sql("SELECT pg_stat_statements_reset()")
        begun = time.monotonic()
        senders = [Sender(site, i, known[f"agent-{i}"], begun + TAKEN)
                   for i in range(SERVERS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        rate = sum(s.events for s in senders) / (time.monotonic() - begun)
        calls = site.cluster.value(
            "SELECT sum(calls) FROM pg_stat_statements s JOIN pg_database d"
            " ON d.oid = s.dbid WHERE d.datname = current_database()"
            " AND query LIKE '%agent_batch%'")
        result.holds(f"{meetings:,} meetings: every batch is taken",
                     sum(s.bad for s in senders) == 0,
                     f"{sum(s.seq for s in senders):,}")
        return rate, float(calls) / sum(s.seq for s in senders)


def ingestion(postgres, result):
    few, calls = taken(postgres, 100, result)
    result.at_least("events a second, 100 meetings", few, WANTED,
                    f"{few:,.0f}")
    result.at_most("SQL statements a batch", calls, 2)
    many, _ = taken(postgres, 10000, result)
    result.at_least("events a second, 10,000 meetings", many, WANTED,
                    f"{many:,.0f}")
    result.at_least("the same as a share of 100 meetings'", many / few, 0.7)


# ---- how soon

JOINS = 100             # a second
SECONDS = 20
LOOKS = 100             # joins that a frontend waits for


class Hosts:
    """Each simulated server with a Redis and an agent, as BBB hosts are."""

    def __init__(self, site):
        self.site = site
        self.redis, self.agents = [], []
        for i, server in enumerate(site.cluster.servers):
            folder = os.path.join(site.cluster.dir, f"host-{i}")
            os.mkdir(folder)
            self.redis.append(Redis(folder))
            server.events(redis=f"127.0.0.1:{self.redis[i].port}")
            site.cluster.sql("UPDATE backends SET agent_ref = %s"
                             " WHERE host = %s", f"agent-{i}", server.url)
            agent = Agent(folder, site.cluster.web, server, self.redis[i],
                          heartbeat_interval="1 s")
            agent.write("token", token("b3scale:node", f"agent-{i}") + "\n")
            self.agents.append(agent.start())

    def ready(self):
        until(lambda: self.site.cluster.value(
            "SELECT count(*) FROM agent_streams") == len(self.agents), 60,
            "all snapshots")

    def close(self):
        for agent in self.agents:
            agent.stop()
        for redis in self.redis:
            redis.stop()


def join_steadily(rooms, begun):
    """user id -> when he joined, by the clock that the database has."""
    times = {}
    for k in range(JOINS * SECONDS):
        wait = begun + k / JOINS - time.time()
        if wait > 0:
            time.sleep(wait)
        server, meeting = rooms[k % len(rooms)]
        times[f"steady-{k}"] = time.time()
        server.join(meeting, userID=f"steady-{k}", name="Ada Lovelace")
    return times


def looks(rooms, client):
    """Milliseconds until a frontend's own getMeetings has somebody."""
    times = []
    for k in range(LOOKS):
        server, meeting = rooms[k % len(rooms)]
        begun = time.monotonic()
        server.join(meeting, userID=f"look-{k}", name="Ada Lovelace")
        while f"<userID>look-{k}<".encode() not in client.call(
                "getMeetings").body:
            time.sleep(0.002)
        times.append((time.monotonic() - begun) * 1000)
    return sorted(times)


def latency(postgres, result):
    with Site(postgres, Scale(1, SERVERS, 0), servers=SERVERS,
              conf={"api_jwt_secret": SECRET}) as site:
        cluster = site.cluster
        hosts = Hosts(site)
        try:
            hosts.ready()
            client = cluster.client("fe-0", "secret-of-frontend-0")
            for k in range(2 * SERVERS):
                client.create(f"room-{k}")
            rooms = [(cluster.sim.server_of(r["host"]),
                      r["backend_meeting_id"])
                     for r in cluster.sql(
                         "SELECT m.*, b.host FROM meetings m JOIN backends b"
                         " ON b.id = m.backend_id ORDER BY m.id")]
            result.holds("meetings are on all servers", len(
                {server.index for server, _ in rooms}) == SERVERS,
                f"{len(rooms)} on {SERVERS}")
            seen = []
            looking = threading.Thread(
                target=lambda: seen.extend(looks(rooms, client)))
            begun = time.time()
            looking.start()
            times = join_steadily(rooms, begun)
            rate = len(times) / (time.time() - begun)
            looking.join()
            report(cluster, times, rate, seen, result)
        finally:
            hosts.close()


def report(cluster, times, rate, seen, result):
    until(lambda: cluster.value("SELECT count(*) FROM attendees")
          == len(times) + LOOKS, 10, "all to be known")
    result.at_least("joins a second", rate, JOINS * 0.95, f"{rate:.0f}")
    rows = cluster.sql(
        "SELECT user_id, extract(epoch FROM joined_at)::float8 AS at"
        " FROM attendees WHERE user_id LIKE 'steady-%'")
    late = sorted((r["at"] - times[r["user_id"]]) * 1000 for r in rows)
    result.at_most("join to row, p99", late[int(len(late) * 0.99)], 150,
                   unit=" ms")
    result.at_most("join to getMeetings, the slowest of "
                   f"{LOOKS}", seen[-1], 150, unit=" ms")
    result.note(f"medians: {median(late):.0f} ms to the row, "
                f"{median(seen):.0f} ms until a frontend sees it")


def events(postgres, result):
    ingestion(postgres, result)
    latency(postgres, result)
