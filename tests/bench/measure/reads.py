"""join and isMeetingRunning beside bare programs behind the same nginx.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import contextlib

from .load import Storm, median, wrk
from .site import DESIGN, SMALL, STRESS, Site

SECONDS = 1
ROUNDS = 8
CREATES = 100


def interleaved(ports, targets, connections):
    """
    Each of the two in turn, in several rounds: what disturbs one disturbs
    the other.  Returns the ratio of their rates (the second's to the
    first's), that of their p99, each the median of the rounds, and a text
    for each.
    """
    rounds = [[wrk(ports[i], targets[i], connections, SECONDS)
               for i in (0, 1)] for _ in range(ROUNDS)]
    for run in sum(rounds, []):
        if run["failed"] or run["refused"]:
            raise RuntimeError(f"not all were answered: {run}")
    rate = [median(pair[i]["rate"] for pair in rounds) for i in (0, 1)]
    p99 = [median(pair[i]["ms"]["p99"] for pair in rounds) for i in (0, 1)]
    ratio = median(b["rate"] / a["rate"] for a, b in rounds)
    tail = median(b["ms"]["p99"] / a["ms"]["p99"] for a, b in rounds)
    return (ratio, tail,
            f"{rate[1]:,.0f}/s of {rate[0]:,.0f}/s = {ratio:.2f}",
            f"{p99[1]:.1f} ms to {p99[0]:.1f} ms = {tail:.2f}")


def against(result, site, prefix, goal, what, calls=("join", "running")):
    for call in calls:
        make = getattr(site, call)
        targets = (site.paths(make, f"/{prefix}-{call}"), site.paths(make))
        for connections in (16, 32):
            ratio, tail, text, tail_text = interleaved(
                (site.port, site.port), targets, connections)
            name = f"{call}, {connections} connections, {what}"
            result.at_least(name, ratio, goal, text)
            result.at_most(f"{name}: p99", tail, 1.5, tail_text)


@contextlib.contextmanager
def creates(result, site, seconds):
    """New meetings at a fixed rate as long as the block lasts."""
    storm = Storm(site.port, site.creates("during", CREATES * seconds),
                  connections=64, rate=CREATES)
    try:
        yield
    finally:
        storm.process.terminate() if storm.process.poll() is None else None
        out, _ = storm.process.communicate()
        if out:
            result.note("the creates ended early: " + out.strip())


def reads(postgres, result):
    with Site(postgres, DESIGN, servers=20) as site:
        site.cluster.sql("UPDATE backends SET admin_state = 'stopped'"
                         " WHERE host LIKE '%:9/%'")
        for call in ("join", "running"):
            make = getattr(site, call)
            site.yardstick(f"hello-{call}", make)
            site.yardstick(f"sql-{call}", make, site.cluster.db_url)
        site.warm()
        against(result, site, "hello", 0.8, "to hello")
        sizes = site.private_kib()
        result.note(f"private memory of the workers now: {max(sizes)} KiB "
                    "at most")
        with creates(result, site, 60):
            against(result, site, "hello", 0.7,
                    f"to hello, beside {CREATES} creates/s")
        site.configure(route_replica="off")
        against(result, site, "sql", 0.85, "without replica, to hello_sql")


def growth(postgres, result):
    with Site(postgres, SMALL) as small, Site(postgres, STRESS) as large:
        small.warm()
        large.warm(3)
        for call in ("join", "running"):
            targets = [site.paths(getattr(site, call))
                       for site in (small, large)]
            for connections in (16, 32):
                ratio, _, text, tail = interleaved(
                    (small.port, large.port), targets, connections)
                result.at_least(f"{call}, {connections} connections", ratio,
                                0.9, text)
                result.note(f"p99 {tail}")


def memory(postgres, result):
    with Site(postgres, DESIGN) as site:
        site.warm(3)
        sizes = site.private_kib()
        result.at_most(
            f"private memory of a worker ({len(sizes)} of them)",
            max(sizes) / 1024, 8, unit=" MiB")
    with Site(postgres, STRESS) as site:
        site.warm(3)
        result.note(f"at stress scale {max(site.private_kib()) / 1024:.1f} "
                    "MiB")
