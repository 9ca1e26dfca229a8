"""A redis-server on a port of its own, without a disk.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import os
import socket

from . import tree
from .process import Daemon, free_port, port_answers, until

MAIN = "from-akka-apps-redis-channel"


class Redis:
    def __init__(self, folder, password=None):
        self.port = free_port()
        self.folder = folder
        self.password = password
        self.daemon = None
        self._socket = None
        self.start()

    def start(self):
        argv = [tree.tool("redis-server"), "--port", str(self.port),
                "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--dir", self.folder]
        if self.password:
            argv += ["--requirepass", self.password]
        self.daemon = Daemon(argv, os.path.join(self.folder, "redis.log"))
        until(lambda: port_answers(self.port), 20, "redis-server to start")

    def stop(self):
        self._forget()
        if self.daemon.running():
            self.daemon.kill()

    def _forget(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, *words):
        """One command; its reply's first line."""
        self.send(*words)
        return self._reader.readline().decode().strip()

    def send(self, *words):
        if self._socket is None:
            self._socket = socket.create_connection(
                ("127.0.0.1", self.port))
            self._reader = self._socket.makefile("rb")
            if self.password:
                self.ask("AUTH", self.password)
        self._socket.sendall(self.command(*words))

    @staticmethod
    def command(*words):
        words = [w if isinstance(w, bytes) else w.encode() for w in words]
        return b"*%d\r\n" % len(words) + b"".join(
            b"$%d\r\n%s\r\n" % (len(w), w) for w in words)

    def publish(self, payload, channel=MAIN):
        """How many got it."""
        return int(self.ask("PUBLISH", channel, payload)[1:])
