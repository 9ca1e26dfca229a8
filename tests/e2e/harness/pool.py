"""A pool of workers, kept by multiwatch as on a real node.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import contextlib
import os
import re
import signal

from . import tree
from .process import Daemon, processes, until

# What multiwatch says when a worker ends, however well.
DEATH = re.compile(r"^(Child\[\d+\] died|Spawning child\[\d+\] failed)")
# What no worker may ever say.
CRASH = re.compile("AddressSanitizer|LeakSanitizer|runtime error:|"
                   "Assertion|stack smashing|double free|corrupted")


class Pool:
    def __init__(self, name, workers, node):
        self.name = name
        self.workers = workers
        self.node = node
        self.socket = os.path.join(node.run_dir, name + ".sock")
        self.pid_file = os.path.join(node.run_dir, name + ".pid")
        self.log = os.path.join(node.dir, name + ".log")
        self.may_end = False
        self.daemon = None

    def start(self):
        self.daemon = Daemon(
            [tree.tool("spawn-fcgi"), "-n", "-s", self.socket, "-M", "0600",
             "-b", "1024", "--",
             tree.tool("multiwatch"), "-f", str(self.workers), "-r",
             "1000000", "-t", "1000", "--",
             tree.FCGI, "-f", self.node.conf], self.log,
            env=self.node.environment())
        with open(self.pid_file, "w", encoding="utf-8") as f:
            f.write(f"{self.daemon.pid}\n")
        until(lambda: len(self.worker_pids()) == self.workers, 10,
              f"the {self.name} pool: {self.daemon.text()}")
        return self

    def worker_pids(self):
        return [] if self.daemon is None else self.daemon.children()

    def lines(self):
        return self.daemon.lines()

    def deaths(self):
        return [line for line in self.lines() if DEATH.match(line)]

    def kill_worker(self, sig=signal.SIGKILL):
        """Kills one of them and returns its id."""
        self.may_end = True
        pid = self.worker_pids()[0]
        os.kill(pid, sig)
        return pid

    @contextlib.contextmanager
    def only(self, pid):
        """In the block this worker alone answers: the others stand still."""
        others = {p for p in self.worker_pids() if p != pid}
        try:
            for other in others:
                os.kill(other, signal.SIGSTOP)
            until(lambda: others <= {p for p, _, state in processes()
                                     if state == "T"}, 5, "workers to stop")
            yield
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)

    def stop(self):
        self.daemon.stop()
        os.unlink(self.pid_file)

    def problems(self):
        """What went wrong in its life that no test asked for."""
        found = [line for line in self.lines() if CRASH.search(line)]
        if not self.may_end:
            found += self.deaths()
        return [f"{self.name}: {line}" for line in found]
