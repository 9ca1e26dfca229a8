"""A PostgreSQL server of our own, for as long as the tests run.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

import psycopg2

from . import tree
from .process import Daemon, clean_environment, free_port, until

TEMPLATE = "b3scale_template"
PASSWORD = "not-a-real-password"


class Postgres:
    """The server; fsync as the caller wants it, other settings by name."""

    def __init__(self, fsync=False, **settings):
        # Not in pytest's own folder: the server's user cannot enter that.
        self.dir = tempfile.mkdtemp(prefix="b3scale-pg-", dir="/tmp")
        self.port = free_port()
        self.settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.dir,
            "max_connections": "300",
            "shared_preload_libraries": "pg_stat_statements",
            "fsync": "on" if fsync else "off",
            "log_line_prefix": "%m [%p] %d ",
            **settings,
        }
        self.daemon = None
        self.names = 0
        self.user = None
        if os.getuid() == 0:
            self.user = "postgres"
            entry = pwd.getpwnam(self.user)
            os.chown(self.dir, entry.pw_uid, entry.pw_gid)
        self._initdb()

    def _run(self, *argv):
        subprocess.run(argv, check=True, user=self.user, cwd="/",
                       extra_groups=[] if self.user else None,
                       stdout=subprocess.DEVNULL, env=clean_environment())

    def _initdb(self):
        password_file = os.path.join(self.dir, "password")
        with open(password_file, "w", encoding="utf-8") as f:
            f.write(PASSWORD)
        self._run(tree.postgres_tool("initdb"), "-D", f"{self.dir}/data",
                  "-U", "postgres", "-A", "scram-sha-256",
                  f"--pwfile={password_file}", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")

    def start(self):
        argv = [tree.postgres_tool("postgres"), "-D", f"{self.dir}/data",
                "-p", str(self.port)]
        for name, value in self.settings.items():
            argv += ["-c", f"{name}={value}"]
        self.daemon = Daemon(argv, f"{self.dir}/log", user=self.user)
        until(self.answers, 30, "PostgreSQL")
        return self

    def answers(self):
        if not self.daemon.running():
            raise AssertionError(self.daemon.text()[-2000:])
        try:
            psycopg2.connect(self.url("postgres")).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self, sig=signal.SIGINT):
        """INT: a fast shutdown; QUIT: an immediate one, as in a crash."""
        self.daemon.stop(sig=sig)

    def pause(self):
        """Nothing answers any more, but connections stay."""
        for pid in self.daemon.session():
            os.kill(pid, signal.SIGSTOP)

    def resume(self):
        for pid in self.daemon.session():
            os.kill(pid, signal.SIGCONT)

    def url(self, name):
        return (f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}"
                f"/{name}")

    @contextlib.contextmanager
    def connect(self, name="postgres"):
        connection = psycopg2.connect(self.url(name))
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def execute(self, sql, name="postgres"):
        with self.connect(name) as c, c.cursor() as cursor:
            cursor.execute(sql)

    def make_template(self):
        """A database with the schema, of which the others are copies."""
        self.execute(f"CREATE DATABASE {TEMPLATE}")
        done = subprocess.run(
            [tree.SCHEMA, "-s", tree.SQL, "-d", self.url(TEMPLATE), "apply"],
            env=clean_environment(), capture_output=True, text=True,
            check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        self.execute("CREATE EXTENSION pg_stat_statements", TEMPLATE)

    def create_database(self, template=TEMPLATE):
        self.names += 1
        name = f"b3scale_{self.names}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name):
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self):
        if self.daemon is not None and self.daemon.running():
            self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
