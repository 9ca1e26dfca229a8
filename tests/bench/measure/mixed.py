"""All that a busy morning brings at once, at design scale.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import json
import re
import subprocess
import time
import urllib.parse

from harness import tree
from harness.api import SECRET, token
from harness.process import clean_environment

from .creates import direct, fsync_ms
from .events import EMPTY
from .load import Storm, median, storm, wrk
from .site import DESIGN, Site, bbb_id

CREATES = 50            # a second
JOINS = 250             # a second; each of them has two events
USERS = 14              # in each meeting at the start: 49,000
ROUND = 20              # seconds of creates that go to the servers directly
FULL_ROUNDS = 5
FULL = 4                # seconds of joins at full speed
CONNECTIONS = 16        # for joins at full speed


class Answers:
    """To one kind of request, in all rounds together."""

    def __init__(self):
        self.ms = {}            # by the number of the request
        self.seconds = self.lost = 0

    def add(self, run):
        told = run.end()
        self.lost += told["failed"] + told["unexpected"]
        self.seconds += told["seconds"]
        start = len(self.ms)
        for line in run.answers():
            self.ms[start + line["number"]] = line["ms"]

    @property
    def rate(self):
        return len(self.ms) / self.seconds

    def at(self, percent):
        values = sorted(self.ms.values())
        return values[min(len(values) - 1, len(values) * percent // 100)]


class Morning:
    """Meetings on 500 simulated servers, their agents, who comes next."""

    def __init__(self, site):
        self.site = site
        self.tokens = [token("b3scale:node", f"agent-{i}")
                       for i in range(DESIGN.backends)]
        self.seq = [1] * DESIGN.backends
        self.before = [None] * DESIGN.backends
        self.people = self.made = 0
        self.name = None
        self.internal = self.fill()
        site.warm(2)
        storm(site.port, site.creates("warm", 200), connections=32)
        self.begin_streams()

    def fill(self):
        """Each meeting of the database on its server; internal ids."""
        ids = []
        for k in range(DESIGN.meetings):
            told = self.server(k).meeting(
                self.bbb_id(k), users=USERS, attendeePW="ap",
                moderatorPW="mp")
            ids.append(told["internalMeetingID"])
        cluster = self.site.cluster
        cluster.sql(
            "UPDATE meetings m SET internal_id = u.internal FROM"
            " unnest(%s::text[], %s::text[]) u (bmid, internal)"
            " WHERE m.backend_meeting_id = u.bmid",
            [self.bbb_id(k) for k in range(DESIGN.meetings)], ids)
        cluster.sql(
            "UPDATE backends b SET agent_ref = 'agent-' || u.n - 1 FROM"
            " unnest(%s::text[]) WITH ORDINALITY u (host, n)"
            " WHERE u.host = b.host", self.site.hosts)
        cluster.poll()
        return ids

    def server(self, k):
        return self.site.cluster.servers[k % DESIGN.backends]

    @staticmethod
    def bbb_id(k):
        return bbb_id(k % DESIGN.frontends, f"meeting-{k}")

    def batch(self, i, seq, **members):
        """A target: what agent i says."""
        return ("/api/v1/agent/events", '"duplicate":false', self.tokens[i],
                json.dumps({"epoch": 1, "seq": seq, **members}))

    def send(self, make, *, port=None, **options):
        return Storm(port or self.site.port, self.site.targets(make),
                     **options)

    def begin_streams(self):
        told = self.send(
            (self.batch(i, 1, snapshot={"age_ms": 600000, "xml": EMPTY})
             for i in range(DESIGN.backends)), connections=4).end()
        if told["failed"] or told["unexpected"]:
            raise RuntimeError(f"not all snapshots were taken: {told}")

    def beats(self, **options):
        """A heartbeat of each agent."""
        return self.send(
            (("/api/v1/agent/heartbeat", "", bearer,
              '{"cpu": 0.25, "load1": 0.5, "cpus": 8}')
             for bearer in self.tokens), connections=16, **options)

    def come(self, seconds):
        """People join: on the servers themselves, then as agents tell it."""
        users, batches = [], []
        for _ in range(JOINS * seconds):
            p, self.people = self.people, self.people + 1
            k = p % DESIGN.meetings
            i = k % DESIGN.backends
            users.append((
                f"/servers/{i}/meetings/"
                + urllib.parse.quote(self.bbb_id(k), safe="") + "/users",
                "internalUserID", "", json.dumps(
                    {"userID": f"came-{p}", "name": "Ada Lovelace",
                     "voice": True})))
            self.seq[i] += 1
            batches.append(self.batch(i, self.seq[i],
                                      events=self.events(i, k, p)))
        control = urllib.parse.urlsplit(self.site.cluster.sim.control).port
        return (self.send(users, port=control, rate=JOINS, connections=4),
                self.send(batches, rate=JOINS, connections=64))

    def events(self, i, k, p):
        """One joins; whoever came before to this server speaks now."""
        at = 1760000000000 + p
        events = [{"kind": "joined", "at": at, "user": f"w_{p}",
                   "meeting": self.internal[k], "ext_id": f"came-{p}",
                   "name": "Ada Lovelace", "role": "VIEWER",
                   "client": "HTML5"}]
        if self.before[i] is not None:
            events.append({"kind": "voice_joined", "at": at,
                           **self.before[i]})
        self.before[i] = {"user": f"w_{p}", "meeting": self.internal[k]}
        return events

    def creates(self, seconds):
        """Meetings NAME-0 and so on, of the NAME that is kept in self.name."""
        self.made += 1
        self.name = f"mixed-{self.made}"
        return Storm(self.site.port,
                     self.site.creates(self.name, CREATES * seconds),
                     connections=32, rate=CREATES)

    def polls(self, seconds):
        """As the crontab runs it."""
        node = self.site.cluster.node
        return subprocess.Popen(
            [tree.CRON, "-f", node.conf, "-j", "poll", "-t", str(seconds)],
            env=clean_environment(B3SCALE_LOG_LEVEL="error",
                                  B3SCALE_E2E=self.site.cluster.mark),
            stdin=subprocess.DEVNULL, cwd="/")

    def joins(self, seconds):
        return Storm(self.site.port, self.site.of_meetings(self.site.join),
                     connections=32, rate=JOINS, seconds=seconds)


class Figures:
    """What was seen in rounds."""

    def __init__(self):
        self.answers = {what: Answers() for what in (
            "creates", "joins", "batches", "heartbeats", "people")}
        self.alone, self.mixed = [], []
        self.outside = []
        self.polled = True


def full_speed(site, seconds):
    """Joins a second, as many as it takes."""
    told = wrk(site.port, site.paths(site.join), CONNECTIONS, seconds)
    if told["failed"] or told["refused"]:
        raise RuntimeError(f"not all joins were answered: {told}")
    return told["rate"]


def together(morning, seconds, f, creates=None, full=0):
    """
    A round of everything.  creates: a storm that makes meetings in another
    way; full: seconds of joins at full speed in its midst.
    """
    people, batches = morning.come(seconds)
    morning.beats().end()       # or all agents are silent at first
    polls = morning.polls(seconds)
    storms = {"creates": creates or morning.creates(seconds),
              "joins": morning.joins(seconds), "batches": batches,
              "heartbeats": morning.beats(rate=DESIGN.backends,
                                          seconds=seconds),
              "people": people}
    if full:
        time.sleep((seconds - full) / 2)
        f.mixed.append(full_speed(morning.site, full))
    for what, run in storms.items():
        f.answers[what].add(run)
    f.polled &= polls.wait(timeout=60) == 0


def rounds(morning, seconds):
    """
    So long with everything; the same with creates that go to the servers
    directly; and joins at full speed, alone and beside everything in turn.
    """
    whole, own, full = Figures(), Figures(), Figures()
    together(morning, seconds, whole)
    whole.outside = outside(morning, whole.answers["creates"].ms)
    short = min(seconds, ROUND)
    port, targets = direct(morning.site, "direct", CREATES * short)
    together(morning, short, own, Storm(port, targets, connections=32,
                                        rate=CREATES))
    for _ in range(max(1, min(FULL_ROUNDS, seconds // ROUND))):
        full.alone.append(full_speed(morning.site, FULL))
        together(morning, 2 * FULL, full, full=FULL)
    return whole, own, full


def outside(morning, times):
    """
    What each create took beside the BBB call, by what the workers logged of
    it: all answers to polls come from one simulator, and hold up whatever
    else it is asked.
    """
    calls = {}
    pattern = re.compile(
        rf"call=create meeting={morning.name}-(\d+) .* bbb_ms=(\d+)")
    for line in morning.site.cluster.log_lines("forward"):
        if found := pattern.search(line):
            calls[int(found.group(1))] = int(found.group(2))
    return sorted(ms - calls[n] for n, ms in times.items())


def tell(f, result):
    for what, a in f.answers.items():
        result.note(f"{what}: {a.rate:.0f}/s; p50 {a.at(50):.1f}, p90 "
                    f"{a.at(90):.1f}, p99 {a.at(99):.1f} ms")


def report(whole, own, full, result):
    bbb, ms = (f.answers["creates"].at(50) for f in (own, whole))
    result.at_most(
        "create outside the BBB call, median", ms - bbb, 6,
        f"{ms:.2f} ms - {bbb:.2f} ms = {ms - bbb:.2f} ms", " ms")
    result.at_most("create outside the BBB call, p99", whole.outside[
        len(whole.outside) * 99 // 100], 50, unit=" ms")
    rate = whole.answers["joins"].rate
    result.at_least(f"joins, when {JOINS}/s come", rate / JOINS, 0.7,
                    f"{rate:.1f}/s = {rate / JOINS:.2f}")
    result.holds("all is answered rightly",
                 not any(a.lost for a in whole.answers.values()),
                 ", ".join(f"{a.lost} of {len(a.ms):,} {what} not"
                           if a.lost else f"{len(a.ms):,} {what}"
                           for what, a in whole.answers.items()))
    result.holds("and all polls", whole.polled,
                 "yes" if whole.polled else "no")
    share = median([b / a for a, b in zip(full.alone, full.mixed)])
    result.at_least(
        f"joins at full speed, {CONNECTIONS} connections, beside all that",
        share, 0.7, f"{median(full.mixed):,.0f}/s of "
        f"{median(full.alone):,.0f}/s alone = {share:.2f}")
    tell(whole, result)


def mixed(postgres, result):
    with Site(postgres, DESIGN, servers=DESIGN.backends,
              conf={"api_jwt_secret": SECRET}) as site:
        morning = Morning(site)
        report(*rounds(morning, result.seconds), result)
        known = site.cluster.value(
            "SELECT count(*) FROM meetings WHERE state = 'living'")
        result.note(f"{known:,} meetings at the end; one fdatasync of this "
                    f"disk: {fsync_ms('/tmp'):.2f} ms (pg_test_fsync)")
