"""What the agent costs its host: noise dropped, memory, time to tell.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import json
import os
import shutil
import socket
import tempfile
import threading
import time

from harness import Sim, tree, until
from harness.agent import Agent, StandIn
from harness.redis import MAIN, Redis

from .load import median

NOISE = 50000           # messages a second
SECONDS = 20
PIECE = 500             # sent at once
STATE = ("UserBroadcastCamStartedEvtMsg", "UserLeftMeetingEvtMsg",
         "MeetingInfoAnalyticsServiceMsg")
# One of BBB's largest: a host has one each 10 s in a large meeting.
DASHBOARD = ('{"envelope":{"name":"LearningDashboardEvtMsg","routing":{}},'
             f'"core":{{"header":{{}},"body":"{"x" * 500000}"}}}}')


def noise():
    """What a busy BBB 2.7 says that changes nothing, of all channels."""
    path = os.path.join(tree.SOURCE,
                        "tests/fixtures/redis/composed-2.7-noise.ndjson")
    with open(path, encoding="utf-8") as f:
        texts = [line.split('"payload":', 1)[1].rstrip("\n")[:-1]
                 for line in f]
    return [t for t in texts
            if json.loads(t)["envelope"]["name"] not in STATE]


def joined(k):
    name = "UserJoinedMeetingEvtMsg"
    return json.dumps({
        "envelope": {"name": name, "routing": {}, "timestamp": 1},
        "core": {"header": {"name": name, "meetingId": "m", "userId": "u"},
                 "body": {"intId": f"w_{k}", "extId": "e", "name": "n",
                          "role": "VIEWER"}}}, separators=(",", ":"))


class Process:
    def __init__(self, pid):
        self.pid = pid

    def seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="utf-8") as f:
            fields = f.read().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def private_mib(self):
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="utf-8") as f:
            return sum(int(line.split()[1]) for line in f
                       if line.startswith("Private")) / 1024


class Publisher:
    """Commands in a row, their replies counted by a thread."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.answered = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        while data := self.socket.recv(65536):
            self.answered += data.count(b"\n")

    def steady(self, piece, rate, seconds):
        """Returns the rate that was reached, all of it taken by Redis."""
        begun, sent = time.monotonic(), 0
        while (gone := time.monotonic() - begun) < seconds:
            while sent < gone * rate:
                self.socket.sendall(piece)
                sent += PIECE
            time.sleep(0.002)
        until(lambda: self.answered == sent, 60, "Redis to take it all")
        return sent / (time.monotonic() - begun)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def latencies(redis, api, count=200):
    """Milliseconds from PUBLISH to the API, one event at a time."""
    times = []
    for k in range(count):
        known = len(api.events())
        begun = time.monotonic()
        redis.publish(joined(k))
        while len(api.events()) == known:
            time.sleep(0.0005)
        times.append((time.monotonic() - begun) * 1000)
    return sorted(times)


def figures(redis, api, process, result):
    texts = noise()
    piece = b"".join(Redis.command("PUBLISH", MAIN, texts[k % len(texts)])
                     for k in range(PIECE))
    publisher = Publisher(redis.port)
    begun, used = time.monotonic(), process.seconds()
    rate = publisher.steady(piece, NOISE, SECONDS)
    share = (process.seconds() - used) / (time.monotonic() - begun)
    publisher.close()
    result.at_least("messages of noise a second", rate, NOISE * 0.99,
                    f"{rate:,.0f}")
    result.at_most("share of one core", share * 100, 10, unit=" %")
    redis.publish(DASHBOARD)
    times = latencies(redis, api)
    result.at_most("event to API, p99", times[int(len(times) * 0.99)], 150,
                   unit=" ms")
    result.note(f"median {median(times):.1f} ms, one event at a time")
    result.at_most("private memory", process.private_mib(), 4, unit=" MiB")


def agent(_, result):
    folder = tempfile.mkdtemp(prefix="b3scale-bench-")
    sim = Sim(os.path.join(folder, "bbbsim.log"), 1)
    redis, api = Redis(folder), StandIn()
    program = Agent(folder, api, sim.servers[0], redis,
                    heartbeat_interval="1 s").start()
    try:
        until(api.snapshots, what="a snapshot")
        figures(redis, api, Process(program.daemon.pid), result)
    finally:
        program.stop()
        redis.stop()
        api.stop()
        sim.stop()
        shutil.rmtree(folder)
