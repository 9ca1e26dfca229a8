"""A whole b3scale: a database, one or more nodes, simulated BBB servers.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import json
import os
import secrets
import shutil
import subprocess
import tempfile

import psycopg2.extras

from . import tree
from .api import SECRET, Api
from .bbb import Client
from .pool import Pool
from .process import Daemon, clean_environment, until
from .sim import Sim
from .web import SERVERS

# So that a test need not wait as long as an admin may want to.
DEFAULTS = {
    "api_jwt_secret": SECRET,
    "log_level": "debug",
    "log_target": "stderr",
    "poll_interval": "1 s",
    "poll_retry": "1 s",
}


class Node:
    """One machine: a run directory, two pools, a web server."""

    # pylint: disable-next=too-many-arguments
    def __init__(self, cluster, name, web, workers, proxy=None):
        self.cluster = cluster
        self.dir = os.path.join(cluster.dir, name)
        self.run_dir = os.path.join(self.dir, "run")
        os.makedirs(self.run_dir)
        # A folder of its own: a file of nginx has the same name.
        os.makedirs(os.path.join(self.dir, "etc"))
        self.conf = os.path.join(self.dir, "etc/b3scale.conf")
        self.write_conf()
        self.pools = [Pool(pool, n, self) for pool, n in workers.items()]
        self.web = SERVERS[web](self.dir, self.run_dir, proxy)

    def write_conf(self, **keys):
        settings = {"db_url": self.cluster.db_url, "run_dir": self.run_dir,
                    "pages_dir": tree.PAGES, "spool_dir": self.dir,
                    **DEFAULTS, **self.cluster.conf, **keys}
        with open(self.conf, "w", encoding="utf-8") as f:
            for name, value in settings.items():
                f.write(f"{name} = {value}\n")

    def environment(self):
        # So that whatever it left behind can be told from others' processes.
        return clean_environment(B3SCALE_E2E=self.cluster.mark)

    def start(self):
        for pool in self.pools:
            pool.start()
        self.web.start()
        return self

    def pool(self, name):
        return next(p for p in self.pools if p.name == name)

    def stop(self):
        if self.web.daemon is not None:
            self.web.stop()
        for pool in self.pools:
            if pool.daemon is not None:
                pool.stop()

    def problems(self):
        return [line for pool in self.pools if pool.daemon is not None
                for line in pool.problems()]


class Cluster:
    """
    Options: web ("nginx", "lighttpd"), servers (how many simulated ones),
    workers ({"state": 2, "forward": 8}), conf (keys of b3scale.conf), sim
    (options of bbbsim), template (of the database), register (False: the
    servers are not put into the database).
    """

    # Those that are not closed yet.
    all = []

    # pylint: disable-next=too-many-arguments
    def __init__(self, postgres, *, web="nginx", servers=2, workers=None,
                 conf=None, sim=(), register=True, proxy=None):
        self.postgres = postgres
        Cluster.all.append(self)
        self.dir = tempfile.mkdtemp(prefix="b3scale-e2e-", dir="/tmp")
        self.mark = os.path.basename(self.dir)
        self.conf = dict(conf or {})
        self.workers = {"state": 2, "forward": 8, **(workers or {})}
        self.database = postgres.create_database()
        self.db_url = postgres.url(self.database)
        self.poller = None
        self.db = None
        self.sim = None
        self.nodes = []
        try:
            self.connect()
            if servers:
                self.sim = Sim(f"{self.dir}/sim.log", servers, sim)
            if register:
                for server in self.servers:
                    self.backend(server.url, server.secret)
            self.nodes = [Node(self, "node1", web, self.workers, proxy)]
            self.node.start()
        except BaseException:
            self.close(check=False)
            raise

    @property
    def node(self):
        return self.nodes[0]

    @property
    def web(self):
        return self.node.web

    @property
    def url(self):
        return self.web.url

    @property
    def api(self):
        """The REST API, for an admin."""
        return Api(self.url)

    @property
    def servers(self):
        return [] if self.sim is None else self.sim.servers

    def add_node(self, web="nginx", **options):
        """A further node on the same database."""
        node = Node(self, f"node{len(self.nodes) + 1}", web, self.workers,
                    **options)
        self.nodes.append(node)
        return node.start()

    # ---- the database

    def connect(self):
        self.db = psycopg2.connect(self.db_url)
        self.db.autocommit = True

    def sql(self, text, *values):
        """Runs it and returns its rows, as dicts."""
        with self.db.cursor(
                cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, text, *values):
        """The one value that a query is for; None if there is no row."""
        rows = self.sql(text, *values)
        return next(iter(rows[0].values())) if rows else None

    def empty(self, *tables):
        """Forgets all rows of these, and the servers all meetings."""
        for table in tables:
            self.sql(f"DELETE FROM {table}")
        self.sim.reset()

    # ---- what an admin makes

    def frontend(self, key=None, secret=None, *, settings=None, hosts=(),
                 bare_path=False, node=None):
        """Adds a frontend and returns its client."""
        key = key or f"fe-{secrets.token_hex(4)}"
        secret = secret or secrets.token_hex(16)
        frontend_id = self.value(
            "INSERT INTO frontends (key, secret, settings, hosts, bare_path)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING id",
            key, secret, json.dumps(settings or {}), list(hosts), bare_path)
        client = self.client(key, secret, node=node)
        client.id = frontend_id
        return client

    def client(self, key, secret, *, path="bigbluebutton/api", node=None):
        url = (node or self.node).web.url
        return Client(f"{url}/bbb/{key}/{path}", secret, key)

    def bare_client(self, frontend, base="bigbluebutton/api"):
        """The same frontend, at the address it had on a BBB server."""
        return Client(f"{self.url}/{base}", frontend.secret, frontend.key)

    def settings(self, frontend, **settings):
        self.sql("UPDATE frontends SET settings = %s WHERE id = %s",
                 json.dumps(settings), frontend.id)

    def backend(self, url, secret, *, admin_state="ready", load_factor=1,
                tags=()):
        """Adds a BBB server and returns its id."""
        settings = {"tags": list(tags)} if tags else {}
        return self.value(
            "INSERT INTO backends (host, secret, admin_state, load_factor,"
            " settings) VALUES (%s, %s, %s, %s, %s) RETURNING id",
            url, secret, admin_state, load_factor, json.dumps(settings))

    def backend_of(self, server):
        """The row of a simulated server."""
        return self.sql(
            "SELECT b.*, h.failures, h.polled_at, h.next_poll_at,"
            " l.load, l.meetings, l.users FROM backends b"
            " JOIN backend_health h ON h.backend_id = b.id"
            " JOIN backend_load l ON l.backend_id = b.id"
            " WHERE b.host = %s", server.url)[0]

    def server_of_meeting(self, meeting_id):
        """The simulated server where the database has it."""
        url = self.value(
            "SELECT b.host FROM meetings m JOIN backends b"
            " ON b.id = m.backend_id WHERE m.meeting_id = %s"
            " AND m.state <> 'ended'", meeting_id)
        return None if url is None else self.sim.server_of(url)

    # ---- programs

    def run(self, *argv, node=None, env=None, timeout=60):
        """Runs a program to its end, as the node's user would."""
        return subprocess.run(
            argv, env={**(node or self.node).environment(), **(env or {})},
            capture_output=True, text=True, check=False, cwd="/",
            stdin=subprocess.DEVNULL, timeout=timeout)

    def cron(self, job, *options, node=None, **more):
        return self.run(tree.CRON, "-f", (node or self.node).conf, "-j", job,
                        *options, node=node, **more)

    def poll(self, due=True):
        """One round, silent as it has to be; due: of every server."""
        if due:
            self.sql("UPDATE backend_health SET next_poll_at = now(),"
                     " lease = NULL, lease_until = NULL")
        done = self.cron("poll", env={"B3SCALE_LOG_LEVEL": "error"})
        if done.returncode != 0 or done.stdout or done.stderr:
            raise AssertionError(
                f"poll: {done.returncode} {done.stdout}{done.stderr}")

    def poll_loop(self):
        """Polls as a crontab would, until the cluster is closed."""
        self.poller = Daemon(
            [tree.CRON, "-f", self.node.conf, "-j", "poll", "-t", "3600"],
            f"{self.dir}/poll.log", env=self.node.environment())

    def all_ready(self):
        return self.value("SELECT count(*) FROM backends"
                          " WHERE node_state = 'ready'") == len(self.servers)

    def reload(self, *options, node=None, env=None):
        node = node or self.node
        for pool in node.pools:
            pool.may_end = True
        path = os.path.dirname(tree.SCHEMA) + ":" + os.environ["PATH"]
        return self.run(
            tree.RELOAD, "-f", node.conf, *options, node=node,
            env={"PATH": path, "B3SCALE_SQL_DIR": tree.SQL, **(env or {})})

    # ---- logs

    def log_lines(self, pool=None):
        """What the workers wrote, of one pool or all."""
        return [line for node in self.nodes for p in node.pools
                if pool in (None, p.name) for line in p.lines()]

    def wait_log(self, pattern, timeout=5):
        """A worker's line that holds the text."""
        return until(
            lambda: next((line for line in self.log_lines()
                          if pattern in line), None), timeout,
            f"a log line with {pattern}")

    # ---- the end

    def close(self, check=True):
        """Ends everything; nothing may be left, nothing may have crashed."""
        if self not in Cluster.all:
            return
        Cluster.all.remove(self)
        problems = []
        for stop in self._stops():
            try:
                stop()
            except AssertionError as e:
                problems.append(str(e))
        problems += [p for node in self.nodes for p in node.problems()]
        problems += [f"left behind: {line}" for line in self.leftovers()]
        if check and problems:
            raise AssertionError("\n".join(problems)
                                 + f"\n(logs stay in {self.dir})")
        shutil.rmtree(self.dir, ignore_errors=True)

    def _stops(self):
        if self.poller is not None:
            yield self.poller.stop
        for node in self.nodes:
            yield node.stop
        if self.sim is not None:
            yield self.sim.stop
        if self.db is not None:
            yield self.db.close
        if self.postgres.daemon.running():
            yield lambda: self.postgres.drop_database(self.database)

    def leftovers(self):
        """Processes that carry our mark."""
        mark = f"B3SCALE_E2E={self.mark}".encode()
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    if mark not in f.read().split(b"\0"):
                        continue
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    line = f.read().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if line:
                found.append(f"{pid} {line}")
        return found
