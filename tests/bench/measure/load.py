"""Load: wrk for as much as it takes, storm for what must be told apart.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import csv
import json
import os
import subprocess
import tempfile

from harness import tree

PROGRAMS = os.path.join(tree.BUILD, "tests/bench")
LUA = os.path.join(tree.SOURCE, "tests/bench/urls.lua")


def program(name):
    path = os.path.join(PROGRAMS, name)
    if not os.path.exists(path):
        raise SystemExit(f"{path} is missing: make -C {PROGRAMS} check")
    return path


class Targets:
    """A file of signed URLs, and what a right answer to each holds."""

    def __init__(self, targets):
        """targets: paths, or (path, expected text)."""
        self.file = tempfile.NamedTemporaryFile(
            "w", prefix="b3scale-bench-", suffix=".urls", encoding="utf-8")
        self.count = 0
        for target in targets:
            self.count += 1
            self.file.write((target if isinstance(target, str)
                             else "\t".join(target)) + "\n")
        self.file.flush()

    @property
    def path(self):
        return self.file.name

    def close(self):
        self.file.close()


def wrk(port, targets, connections, seconds):
    """As many as it takes for so long; see urls.lua for what comes back."""
    done = subprocess.run(
        [tree.tool("wrk"), "-t2", f"-c{connections}", f"-d{seconds}s",
         "--timeout", "10s", "-s", LUA, f"http://127.0.0.1:{port}/", "--",
         targets.path], capture_output=True, text=True, check=True,
        timeout=seconds + 30)
    return json.loads(done.stdout.splitlines()[-1])


class Storm:
    """storm at work; targets may end (each once) or go round (seconds)."""

    # pylint: disable-next=too-many-arguments
    def __init__(self, port, targets, *, connections=16, rate=0, seconds=0,
                 timeout=40):
        self.targets = targets
        self.lines = tempfile.NamedTemporaryFile(
            prefix="b3scale-bench-", suffix=".tsv")
        argv = [program("storm"), "-c", str(connections), "-r", str(rate),
                "-d", str(seconds), "-t", str(timeout), "-o",
                self.lines.name, f"127.0.0.1:{port}", targets.path]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE,
                                        text=True)

    def end(self):
        """Waits for it and returns its JSON; .answers() has the lines."""
        out, _ = self.process.communicate(timeout=600)
        if self.process.returncode != 0:
            raise RuntimeError("storm failed")
        return json.loads(out)

    def answers(self):
        """One dict a request, numbers as numbers."""
        with open(self.lines.name, encoding="utf-8",
                  errors="replace") as f:
            for row in csv.DictReader(f, delimiter="\t",
                                      quoting=csv.QUOTE_NONE):
                row["number"] = int(row["number"])
                row["at_ms"] = float(row["at_ms"])
                row["ms"] = float(row["ms"])
                row["status"] = int(row["status"])
                row["right"] = row["right"] == "1"
                yield row


def storm(port, targets, **options):
    return Storm(port, targets, **options).end()


def median(values):
    values = sorted(values)
    return values[len(values) // 2] if values else 0
