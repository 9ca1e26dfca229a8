"""b3scalectl: run to its end, or in a terminal that the test types into.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

from . import tree
from .api import SECRET
from .process import clean_environment


def lines(text):
    return text.rstrip("\n").split("\n")


class Ctl:
    """One admin: a home of his own, a server."""

    def __init__(self, url, home, secret=SECRET, **env):
        self.home = str(home)
        self.env = {"HOME": self.home, "B3SCALE_API_URL": url,
                    # Whatever this machine has in /etc/default is not read.
                    "B3SCALE_DB_URL": "none", **env}
        if secret is not None:
            self.env["B3SCALE_API_JWT_SECRET"] = secret

    def environment(self, **env):
        variables = clean_environment(**{**self.env, **env})
        # That of whoever runs the tests means nothing here.
        if "TERM" not in env:
            variables.pop("TERM", None)
        return variables

    def __call__(self, *argv, stdin=None, env=None):
        return subprocess.run(
            [tree.CTL, *argv], env=self.environment(**(env or {})),
            cwd=self.home, capture_output=True, text=True, check=False,
            timeout=30, input=stdin or "")

    def ok(self, *argv, **more):
        """What it prints; it ends well and complains of nothing."""
        done = self(*argv, **more)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def unchanged(self, *argv):
        done = self(*argv)
        assert (done.returncode, done.stderr) == (64, ""), done
        assert done.stdout == "no changes\n"

    def fails(self, *argv, **more):
        """What it complains of."""
        done = self(*argv, **more)
        assert done.returncode == 1, done
        assert done.stderr.startswith("b3scalectl: "), done
        return done.stderr.removeprefix("b3scalectl: ").rstrip("\n")

    def terminal(self, *argv, **env):
        return Terminal([tree.CTL, *argv], self.environment(**env),
                        self.home)

    def token_file(self):
        """The only one there is."""
        folder = os.path.join(self.home, ".config/b3scale")
        (name,) = os.listdir(folder)
        return os.path.join(folder, name)


class Terminal:
    """A program in a terminal of its own, 24 x 80."""

    def __init__(self, argv, env, cwd):
        self.seen = ""
        self.at = 0     # what is expected next comes behind this
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # Whoever started us in the background ignores it.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.chdir(cwd)
            os.execve(argv[0], argv, {"TERM": "xterm", **env})
        self.resize(24, 80)

    def resize(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, cols, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def signal(self, number=signal.SIGTERM):
        os.kill(self.pid, number)

    def attributes(self):
        return termios.tcgetattr(self.fd)

    def _read(self, until):
        left = until - time.monotonic()
        if left <= 0 or not select.select([self.fd], [], [], left)[0]:
            raise AssertionError(f"nothing more came: {self.seen!r}")
        try:
            data = os.read(self.fd, 65536)
        except OSError:         # the other end is closed
            data = b""
        self.seen += data.decode(errors="replace")
        return data

    def expect(self, text, timeout=10):
        """Waits for the text, behind what was expected before."""
        until = time.monotonic() + timeout
        while (found := self.seen.find(text, self.at)) == -1:
            if not self._read(until):
                raise AssertionError(f"it ended: {self.seen!r}")
        self.at = found + len(text)

    def end(self, timeout=10):
        """Waits for its end; returns the exit status (or -signal)."""
        until = time.monotonic() + timeout
        while self._read(until):
            pass
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)
