"""create: what it costs beside the BBB call, how fast, how well spread.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import hashlib
import re
import subprocess
import urllib.parse

from harness import tree

from .load import Storm, storm
from .site import DESIGN, STRESS, Scale, Site

RATE = 50
READS = 1000
SECONDS = 12


def fsync_ms(folder):
    """One fdatasync of the disk that the database is on."""
    process = subprocess.Popen(
        [tree.postgres_tool("pg_test_fsync"), "-s", "1", "-f",
         f"{folder}/pg_test_fsync.out"], stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            found = re.search(r"fdatasync .* (\d+) usecs/op", line)
            if found:
                return int(found.group(1)) / 1000
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
    raise RuntimeError("pg_test_fsync says nothing of fdatasync")


def direct(site, name, count):
    """The same creates, sent to the simulated servers by ourselves."""
    def path(n):
        server = site.cluster.servers[n % len(site.cluster.servers)]
        query = urllib.parse.urlencode({
            "meetingID": f"{name}-{n}", "name": "A new meeting",
            "attendeePW": "ap", "moderatorPW": "mp"})
        digest = hashlib.sha256(
            f"create{query}{server.secret}".encode()).hexdigest()
        return (f"/bigbluebutton/api/create?{query}&checksum={digest}",
                "<returncode>SUCCESS")
    server = site.cluster.servers[0]
    return (urllib.parse.urlsplit(server.url).port,
            site.targets(path(n * len(site.cluster.servers))
                         for n in range(count)))


def beside_reads(site, port, targets):
    """Creates at a steady rate while others join; both results."""
    reads = Storm(site.port, site.of_meetings(site.join), connections=32,
                  rate=READS, seconds=SECONDS)
    made = storm(port, targets, connections=32, rate=RATE)
    return made, reads.end()


def outside(result, site, what, goal, fsync):
    """Time outside the BBB call at this scale."""
    site.warm(2)
    storm(site.port, site.creates("warm", 200), connections=32)
    own, _ = beside_reads(site, *direct(site, "direct", RATE * SECONDS))
    made, reads = beside_reads(
        site, site.port, site.creates("steady", RATE * SECONDS))
    for run in (made, reads, own):
        if run["failed"] or run["unexpected"]:
            raise RuntimeError(f"not all succeeded: {run}")
    ms = made["ms"]["p50"] - own["ms"]["p50"]
    result.at_most(
        f"median outside the BBB call, {RATE} creates/s beside "
        f"{READS:,} reads/s, {what}", ms, goal + fsync,
        f"{made['ms']['p50']:.2f} ms - {own['ms']['p50']:.2f} ms = "
        f"{ms:.2f} ms", " ms")
    result.note(f"{what}: create p90 {made['ms']['p90']:.1f}, p99 "
                f"{made['ms']['p99']:.1f} ms; the reads beside it: p50 "
                f"{reads['ms']['p50']:.2f}, p99 {reads['ms']['p99']:.2f} ms")


def fast(result, site):
    made = storm(site.port, site.creates("fast", 6000), connections=64)
    if made["failed"] or made["unexpected"]:
        result.holds("every create succeeds", False, str(made))
    result.at_least("creates/s, 64 clients, design scale", made["rate"],
                    500, f"{made['rate']:,.0f}/s (p50 "
                    f"{made['ms']['p50']:.0f}, p99 {made['ms']['p99']:.0f} "
                    "ms)")


def creates(postgres, result):
    fsync = fsync_ms("/tmp")
    result.note(f"one fdatasync of this disk: {fsync:.2f} ms "
                "(pg_test_fsync)")
    with Site(postgres, DESIGN, servers=DESIGN.backends) as site:
        outside(result, site, "design scale", 3, fsync)
        fast(result, site)
    with Site(postgres, STRESS, servers=STRESS.backends) as site:
        outside(result, site, "stress scale", 6, fsync)


def spread(postgres, result):
    with Site(postgres, Scale(10, 20, 0), servers=20) as site:
        made = storm(site.port, site.creates("spread", 200),
                     connections=200)
        counts = [len(s.meetings()) for s in site.cluster.servers]
        result.holds("200 creates at once, 20 empty servers: none fails",
                     not made["failed"] and not made["unexpected"],
                     f"{made['failed'] + made['unexpected']} failed")
        result.at_most("max - min of their meetings",
                       max(counts) - min(counts), 1,
                       f"{max(counts)} - {min(counts)}")
        same(result, site)


def same(result, site):
    """One meeting, made by everybody at once."""
    run = Storm(site.port, site.targets(
        (site.create(0, "the-one"), "<returncode>SUCCESS")
        for _ in range(50)), connections=50)
    made = run.end()
    answers = list(run.answers())
    said = {(a["internalMeetingID"], a["createTime"]) for a in answers}
    where = [s.index for s in site.cluster.servers for m in s.meetings()
             if m["internalMeetingID"] in {i for i, _ in said}]
    result.holds("50 creates of one meeting at once: all succeed",
                 not made["failed"] and not made["unexpected"],
                 f"{made['failed'] + made['unexpected']} failed")
    result.holds("with one internalMeetingID and createTime",
                 len(said) == 1, f"{len(said)} different answers")
    result.holds("one meeting on one server", len(where) == 1,
                 f"{len(where)} meetings")
