"""Processes that the tests start, and that none of them outlives.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import os
import signal
import socket
import subprocess
import time


def until(condition, timeout=10, what=None):
    """Waits for condition() to be true and returns what it returned."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(
                f"not within {timeout} s: {what or condition}")
        time.sleep(0.02)


def free_port():
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def port_answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def clean_environment(**variables):
    """Our own, without what would change the programs' configuration."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("B3SCALE_", "PG"))}
    env["LC_ALL"] = "C.UTF-8"
    env.update(variables)
    return env


class Daemon:
    """A program in a session of its own, and the file it writes to."""

    def __init__(self, argv, log, env=None, user=None):
        self.argv = argv
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True, cwd="/",
                env=clean_environment() if env is None else env,
                user=user, extra_groups=[] if user is not None else None)

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def children(self):
        """Ids of the processes whose parent it is, but not zombies."""
        return [pid for pid, parent, state in processes()
                if parent == self.pid and state != "Z"]

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def lines(self):
        return self.text().splitlines()

    def stop(self, timeout=40, sig=signal.SIGTERM):
        """Ends it and returns its exit status; what hangs is an error."""
        if self.running():
            self.process.send_signal(sig)
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.argv[0]} does not end:\n{self.text()[-2000:]}"
            ) from None
        until(lambda: not self.session(), timeout,
              f"the end of what {self.argv[0]} started")
        return status

    def kill(self):
        for pid in self.session():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def session(self):
        """Whoever lives in its session."""
        return [pid for pid, _, state in processes()
                if state != "Z" and session_of(pid) == self.pid]


def processes():
    """(pid, parent, state) of all."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = stat_of(name)
            if fields:
                found.append((int(name), int(fields[1]), fields[0]))
    return found


def stat_of(pid):
    """The fields of /proc/PID/stat behind the name; [] if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as f:
            return f.read().rpartition(") ")[2].split()
    except OSError:
        return []


def session_of(pid):
    fields = stat_of(pid)
    return int(fields[3]) if fields else None
