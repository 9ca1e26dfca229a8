"""What users notice when a server, a worker or the database fails.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import collections
import signal
import time

from harness import until

from .load import Storm, storm
from .site import DESIGN, Scale, Site, WORKERS

# Below what the machine can do, so that a gap in it shows.
JOINS = 1000
CREATES = 50


def per_second(answers, good):
    """How many good answers came out of the requests of each second."""
    counts = collections.Counter(
        int((a["at_ms"] + a["ms"]) // 1000) for a in answers if good(a))
    return counts


def rate(counts, start, end):
    return sum(counts[s] for s in range(start, end)) / (end - start)


# ---- one server hangs


def hang(postgres, result):
    """40 creates of meetings that live on it; then all else beside it."""
    before, during = 5, 10
    with Site(postgres, Scale(200, 20, 2000), servers=20) as site:
        site.warm(2)
        storm(site.port, site.creates("warm", 300), connections=32)
        elsewhere = site.of_meetings(site.join,
                                     only=lambda k: k % 20 != 0)
        whole = before + during
        joins = Storm(site.port, elsewhere, connections=64, rate=JOINS,
                      seconds=whole)
        creates = Storm(site.port, site.creates("new", CREATES * whole),
                        connections=200, rate=CREATES)
        time.sleep(before)
        site.cluster.servers[0].fault("hang")
        waiting = Storm(site.port, site.targets(
            site.create(k % 200, f"meeting-{k}")
            for k in range(0, 800, 20)), connections=40)
        joined, made, waited = joins.end(), creates.end(), waiting.end()
        site.cluster.servers[0].mend()
        report(result, "joins elsewhere, from the first second", joined,
               list(joins.answers()), before, before)
        report(result, "creates elsewhere, after the first 2 s", made,
               list(creates.answers()), before, before + 2)
        slow = [a["ms"] for a in waiting.answers()]
        result.note(f"the 40 that wait for it: {waited['requests']} answered "
                    f"after {min(slow):.0f} to {max(slow):.0f} ms")


# pylint: disable-next=too-many-arguments,too-many-positional-arguments
def report(result, what, run, answers, before, start):
    counts = per_second(answers, lambda a: a["right"])
    usual = rate(counts, 1, before)
    end = int(max(a["at_ms"] for a in answers) // 1000)
    now = min(counts[s] for s in range(start, end))
    mean = rate(counts, start, end)
    late = max(a["ms"] for a in answers if a["at_ms"] >= start * 1000)
    result.at_least(f"{what}: rate", mean / usual, 0.9,
                    f"{mean:.0f}/s of {usual:.0f}/s = {mean / usual:.2f}")
    result.note(f"{what}: worst second {now}, slowest {late:.0f} ms, "
                f"{run['failed'] + run['unexpected']} failed")


# ---- workers are killed, pools are reloaded


def kill(postgres, result):
    with Site(postgres, DESIGN, servers=20) as site:
        site.cluster.sql("UPDATE backends SET admin_state = 'stopped'"
                         " WHERE host LIKE '%:9/%'")
        site.warm(2)
        killed(result, site, 30)
        reloaded(result, site, 5)


def killed(result, site, seconds):
    pool = site.cluster.node.pool("state")
    joins = Storm(site.port, site.of_meetings(site.join), connections=32,
                  rate=2 * JOINS, seconds=seconds)
    count = 0
    while joins.process.poll() is None and count < seconds:
        time.sleep(1)
        pool.kill_worker()
        count += 1
    run = joins.end()
    lost = run["failed"] + run["unexpected"]
    result.at_most(f"requests lost while {count} workers were killed, one a "
                   "second", lost, count,
                   f"{lost} of {run['requests']:,}")
    until(lambda: len(pool.worker_pids()) == WORKERS["state"], 5,
          "the pool to be whole")
    result.holds("the pool is whole at the end", True,
                 f"{len(pool.worker_pids())} workers")


def reloaded(result, site, times):
    seconds = 4 * times
    joins = Storm(site.port, site.of_meetings(site.join), connections=32,
                  rate=2 * JOINS, seconds=seconds)
    creates = Storm(site.port, site.creates("reload", CREATES * seconds),
                    connections=32, rate=CREATES)
    said = []
    for _ in range(times):
        time.sleep(1)
        done = site.cluster.reload()
        said += [done.stdout + done.stderr] if done.returncode else []
    for what, run in (("joins", joins.end()), ("creates", creates.end())):
        lost = run["failed"] + run["unexpected"]
        result.at_most(f"{what} lost while both pools were reloaded {times} "
                       "times", lost, 0, f"{lost} of {run['requests']:,}")
    for text in said:
        result.note(f"b3scale-reload: {text.strip()}")


# ---- the database is away


def outage(postgres, result):
    before, away, after = 5, 30, 10
    whole = before + away + after
    with Site(postgres, DESIGN, servers=20) as site:
        site.cluster.sql("UPDATE backends SET admin_state = 'stopped'"
                         " WHERE host LIKE '%:9/%'")
        site.warm(2)
        runs = {
            "join": Storm(site.port, site.of_meetings(site.join),
                          connections=64, rate=JOINS, seconds=whole),
            "getMeetingInfo": Storm(
                site.port, site.of_meetings(site.info), connections=64,
                rate=50, seconds=whole),
            "create": Storm(site.port,
                            site.creates("outage", 20 * whole),
                            connections=64, rate=20),
        }
        start = time.monotonic()
        time.sleep(before)
        # As in a crash: what was acknowledged must be on the disk.
        postgres.stop(signal.SIGQUIT)
        down = time.monotonic() - start
        time.sleep(away)
        postgres.start()
        back = time.monotonic() - start
        ends = {call: run.end() for call, run in runs.items()}
        site.cluster.connect()
        answers = {call: list(run.answers()) for call, run in runs.items()}
        judge(result, site, ends, answers, (down, back))


def judge(result, site, ends, answers, times):
    down, back = times
    lost = ends["join"]["failed"] + ends["join"]["unexpected"]
    result.at_most("joins of known meetings not answered rightly", lost, 0,
                   f"{lost} of {ends['join']['requests']:,}")
    for call in ("getMeetingInfo", "create"):
        wrong = [a for a in answers[call]
                 if not a["right"] and a["status"] != 503]
        refused = ends[call]["status"].get("503", 0)
        result.at_most(f"{call}: neither right nor 503", len(wrong), 0,
                       f"{len(wrong)} of {ends[call]['requests']:,} "
                       f"({refused} were 503)")
        for a in wrong[:3]:
            result.note(f"{call} at {a['at_ms']:.0f} ms: {a['status']} "
                        f"{a['messageKey']} after {a['ms']:.0f} ms")
        late = [a["at_ms"] / 1000 - back for a in answers[call]
                if not a["right"] and a["at_ms"] / 1000 > down]
        result.at_most(f"{call}: the last 503 after the database was back",
                       max(late, default=0), 2, unit=" s")
    late = max(a["ms"] for a in answers["join"])
    result.note(f"the slowest join took {late:.0f} ms; the database was away "
                f"from {down:.1f} s to {back:.1f} s")
    acknowledged = {a["internalMeetingID"] for a in answers["create"]
                    if a["right"]}
    known = {row["internal_id"] for row in site.cluster.sql(
        "SELECT internal_id FROM meetings WHERE state = 'living'")}
    result.at_most("acknowledged creates that are not known afterwards",
                   len(acknowledged - known), 0,
                   f"{len(acknowledged - known)} of {len(acknowledged)}")
