# A Redis for a test, and somebody who listens to it.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

import json
import shutil
import socket
import subprocess
import tempfile
import time

CHANNELS = ["from-akka-apps-redis-channel",
            "from-akka-apps-frontend-redis-channel",
            "from-akka-apps-pres-redis-channel",
            "from-akka-apps-wb-redis-channel"]
MAIN = CHANNELS[0]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Redis:
    """A redis-server on a port of its own, without a disk."""

    def __init__(self):
        self.port = free_port()
        self.dir = tempfile.mkdtemp()
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
             "--save", "", "--appendonly", "no", "--dir", self.dir],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise AssertionError("redis-server does not start")

    def stop(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.stop()
        shutil.rmtree(self.dir)


class Message:
    def __init__(self, channel, text):
        self.channel, self.text = channel, text
        self.json = json.loads(text)
        self.name = self.json["envelope"]["name"]
        self.body = self.json["core"]["body"]
        self.header = self.json["core"]["header"]

    def __repr__(self):
        return f"{self.channel} {self.text}"


class Listener:
    """Subscribes, and keeps every message in the order it came."""

    def __init__(self, port, *channels):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.socket.makefile("rb")
        channels = channels or CHANNELS
        words = ["SUBSCRIBE", *channels]
        self.socket.sendall(b"".join(
            [b"*%d\r\n" % len(words)] +
            [b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words]))
        for _ in channels:
            assert self.reply()[0] == b"subscribe"

    def reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        if kind == b"$":
            return self.file.read(int(rest) + 2)[:-2]
        return int(rest)

    def next(self):
        _, channel, text = self.reply()
        return Message(channel.decode(), text.decode())

    def until(self, name, channel=MAIN):
        """All messages up to the first of that name, this one included."""
        got = []
        while True:
            got.append(self.next())
            if (got[-1].name, got[-1].channel) == (name, channel):
                return got

    def names(self, name, channel=MAIN):
        """What the channel says up to that name, without the pongs."""
        return [m.name for m in self.until(name, channel)
                if m.channel == channel and m.name != "CheckAlivePongSysMsg"]

    def close(self):
        self.file.close()
        self.socket.close()
