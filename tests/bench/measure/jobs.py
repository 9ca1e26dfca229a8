"""What takes long: a list of many meetings, a poll of many servers.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import time

from .site import Scale, Site, bbb_id, key, secret

# ---- getMeetings


def listing(postgres, result):
    """One frontend has them all; one worker answers."""
    with Site(postgres, Scale(1, 20, 2000), servers=20,
              workers={"state": 1, "forward": 1}) as site:
        site.cluster.sql(
            "INSERT INTO attendees (meeting, user_id, session, full_name,"
            " role, client_type) SELECT m.id, 'user-' || i, '#1',"
            " 'Ada Lovelace the ' || i || 'th', 'VIEWER', 'HTML5'"
            " FROM meetings m, generate_series(1, 20) i")
        site.cluster.sql("UPDATE meetings SET participants = 20")
        site.cluster.sql("ANALYZE")
        client = site.cluster.client(key(0), secret(0))
        site.warm()
        client.is_running("meeting-0")
        calls = site.cluster.sim.totals()
        pid = site.cluster.node.pool("state").worker_pids()[0]
        usual = peak_kib(pid)
        times = []
        for _ in range(5):
            start = time.monotonic()
            reply = client.call("getMeetings")
            times.append(time.monotonic() - start)
        meetings = reply.xml.findall("meetings/meeting")
        people = sum(len(m.findall("attendees/attendee")) for m in meetings)
        result.holds("the list is whole",
                     (len(meetings), people) == (2000, 40000),
                     f"{len(meetings)} meetings, {people} attendees, "
                     f"{len(reply.body) / 1e6:.1f} MB")
        result.at_most("growth of the worker's memory, at its peak",
                       (peak_kib(pid) - usual) / 1024, 8, unit=" MiB")
        result.holds("no BBB server is asked",
                     site.cluster.sim.totals() == calls, "none")
        result.note(f"it takes {min(times) * 1000:.0f} to "
                    f"{max(times) * 1000:.0f} ms")


def peak_kib(pid):
    """The most memory it ever had."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(next(line for line in f
                        if line.startswith("VmHWM")).split()[1])


# ---- polls

BUSY = 50		# servers that have meetings
MEETINGS = 40
USERS = 20
HANGING = range(100, 125)
DEAD = range(200, 216)
DEADLINE = 5


def poll(postgres, result):
    with Site(postgres, Scale(20, 500, 0), servers=500) as site:
        for i in range(BUSY):
            fill(site.cluster.servers[i], i)
        first, _, _ = one_round(result, site)
        result.note(f"the first round, which adopts {BUSY * MEETINGS:,} "
                    f"meetings, takes {first:.1f} s")
        known = site.cluster.value(
            "SELECT count(*) FROM meetings WHERE state = 'living'")
        result.holds("their meetings are known", known == BUSY * MEETINGS,
                     f"{known}")
        seconds, calls, last = one_round(result, site)
        result.note(f"a round with all servers well: {seconds:.1f} s, "
                    f"{calls / 500:.2f} statements a server")
        for i in HANGING:
            site.cluster.servers[i].fault("hang")
        for i in DEAD:
            site.cluster.servers[i].fault("refuse")
        ill, calls, ill_last = one_round(result, site)
        result.at_most("one round, 25 hanging and 16 dead", ill,
                       DEADLINE + 2, unit=" s")
        result.at_most("SQL statements a server", calls / 500, 3)
        result.at_most("delay of the others by them", ill_last - last, 1,
                       unit=" s")
        for server in site.cluster.servers:
            server.mend()


def fill(server, i):
    """Meetings of ours, in the database not yet."""
    for n in range(MEETINGS):
        server.meeting(bbb_id(i % 20, f"poll-{i}-{n}"), users=USERS)


def one_round(result, site):
    """
    Every server once: seconds until the job ended, statements, seconds
    until the last server that is well was seen.
    """
    cluster = site.cluster
    cluster.sql("UPDATE backend_health SET next_poll_at = now(),"
                " lease = NULL, lease_until = NULL")
    cluster.sql("SELECT pg_stat_statements_reset()")
    at = cluster.value("SELECT clock_timestamp()")
    start = time.monotonic()
    done = cluster.cron("poll", env={"B3SCALE_LOG_LEVEL": "error"})
    seconds = time.monotonic() - start
    if done.returncode != 0:
        result.note(f"b3scale-cron: {done.returncode} {done.stderr}")
    calls = cluster.value(
        "SELECT sum(calls) FROM pg_stat_statements s JOIN pg_database d"
        " ON d.oid = s.dbid WHERE d.datname = current_database()"
        " AND query NOT LIKE '%pg_stat_statements%'"
        " AND query NOT LIKE '%clock_timestamp()'")
    last = cluster.value("SELECT max(extract(epoch FROM polled_at - %s))"
                         " FROM backend_health", at)
    return seconds, float(calls), float(last)
