"""A cluster of a certain size, with everything in it that a call looks at.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import base64
import collections
import contextlib
import hashlib
import io
import json
import os
import urllib.parse

from harness import Cluster, tree
from harness.process import Daemon, until
from harness.web import SERVERS, Nginx

from .load import Targets, program, wrk

Scale = collections.namedtuple("Scale", "frontends backends meetings")
SMALL = Scale(10, 10, 100)
DESIGN = Scale(2000, 500, 3500)
STRESS = Scale(10000, 1000, 10000)

# What a node has by default.
CONF = {"log_level": "info", "poll_interval": "10 s", "poll_retry": "30 s"}
WORKERS = {"state": 8, "forward": 32}
YARDSTICKS = ("hello-join", "hello-running", "sql-join", "sql-running")


class YardNginx(Nginx):
    """nginx with the yardsticks beside b3scale, passed to in the same way."""

    def http(self):
        text = tree.conf("nginx/b3scale.conf.in")
        text = text[text.index("location ~"):
                    text.index("\t# Calls that bring")]
        _, _, rest = text.partition("\n")
        rest = rest.replace("@LOG_DIR@", self.dir)
        places = "".join(self.place(name, rest) for name in YARDSTICKS)
        return super().http().replace("location / {", places
                                      + "location / {")

    def place(self, name, rest):
        rest = rest.replace("fastcgi_pass $b3scale_pool",
                            f"fastcgi_pass unix:{self.run_dir}/{name}.sock")
        path = self.write(f"{name}.conf",
                          f"location ^~ /{name}/ {{\n{rest}}}\n")
        return f"include {path};\n"


SERVERS["yardsticks"] = YardNginx


def key(i):
    return f"fe-{i}"


def secret(i):
    return f"secret-of-frontend-{i}"


def signed(i, call, query):
    """The path of a call of frontend i."""
    text = urllib.parse.urlencode(query)
    digest = hashlib.sha256(f"{call}{text}{secret(i)}".encode()).hexdigest()
    return (f"/bbb/{key(i)}/bigbluebutton/api/{call}?{text}"
            f"&checksum={digest}")


def bbb_id(i, meeting):
    """As b3scale names a frontend's meeting on its server."""
    text = json.dumps([key(i), meeting, "b3scl"], separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


class Site:
    """
    scale: how much is in the database; servers: how many of the backends are
    simulated (the others are names only).
    """

    def __init__(self, postgres, scale, servers=0, **options):
        self.scale = scale
        options = {"web": "yardsticks", "workers": WORKERS, **options}
        options["conf"] = {**CONF, **options.get("conf", {})}
        self.cluster = Cluster(postgres, servers=servers, register=False,
                               sim=("-q",), **options)
        self.daemons = []
        self.files = []
        try:
            self.seed()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        for daemon in self.daemons:
            daemon.stop()
        for file in self.files:
            file.close()
        self.cluster.close(check=False)

    @property
    def port(self):
        return self.cluster.web.port

    # ---- what is in the database

    def seed(self):
        s = self.scale
        self.cluster.sql(
            "INSERT INTO frontends (key, secret) SELECT 'fe-' || i,"
            " 'secret-of-frontend-' || i"
            " FROM generate_series(0, %s - 1) i", s.frontends)
        sims = [(server.url, server.secret)
                for server in self.cluster.servers]
        names = [(f"http://127.0.0.1:9/bbb-{i}/bigbluebutton/api/", "secret")
                 for i in range(len(sims), s.backends)]
        self.hosts = [host for host, _ in sims + names]
        self.cluster.sql(
            "INSERT INTO backends (host, secret, node_state)"
            " SELECT h, s, 'ready' FROM unnest(%s::text[], %s::text[])"
            " WITH ORDINALITY u (h, s, i) ORDER BY i", self.hosts,
            [s for _, s in sims + names])
        self.cluster.sql("UPDATE backend_health SET polled_at = now(),"
                         " next_poll_at = now() + interval '1 day'")
        self.meetings()

    def meetings(self):
        """Living ones, spread evenly over frontends and backends."""
        s = self.scale
        rows = io.StringIO()
        for k in range(s.meetings):
            i = k % s.frontends
            digest = hashlib.sha1(f"{i} {k}".encode()).hexdigest()
            rows.write("\t".join((
                key(i), f"meeting-{k}", self.host(k),
                bbb_id(i, f"meeting-{k}"), f"{digest}-1700000000000"))
                + "\n")
        rows.seek(0)
        with self.cluster.db.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE seed (key text,"
                           " meeting_id text, host text, bmid text,"
                           " internal_id text)")
            cursor.copy_from(rows, "seed")
            cursor.execute(
                "INSERT INTO meetings (frontend_id, meeting_id, backend_id,"
                " backend_meeting_id, internal_id, state, running, name,"
                " attendee_pw, moderator_pw, voice_bridge, create_time,"
                " confirmed_at, cost, participants, moderators)"
                " SELECT f.id, s.meeting_id, b.id, s.bmid, s.internal_id,"
                " 'living', true, 'A meeting', 'ap', 'mp', '12345', now(),"
                " now(), 14, 14, 1 FROM seed s JOIN frontends f USING (key)"
                " JOIN backends b USING (host)")
            cursor.execute("DROP TABLE seed")
            cursor.execute("SELECT count(backend_load_renew(id)::text)"
                           " FROM backends")
            cursor.execute("SELECT frontend_load_renew("
                           "ARRAY(SELECT id FROM frontends))")
            cursor.execute("ANALYZE")

    def host(self, k):
        return self.hosts[k % self.scale.backends]

    # ---- what is asked

    def targets(self, paths):
        targets = Targets(paths)
        self.files.append(targets)
        return targets

    def of_meetings(self, make, prefix="", only=None):
        """A target for each meeting, by make(frontend, meeting number)."""
        return self.targets(
            (prefix + path, expect) for path, expect in
            (make(k % self.scale.frontends, k)
             for k in range(self.scale.meetings)
             if only is None or only(k)))

    def join(self, i, k):
        return (signed(i, "join", {
            "fullName": f"Ada Lovelace {k}", "meetingID": f"meeting-{k}",
            "password": "ap", "redirect": "true", "userID": f"user-{k}"}),
            f"Location: {self.host(k)}join?")

    @staticmethod
    def running(i, k):
        return (signed(i, "isMeetingRunning",
                       {"meetingID": f"meeting-{k}"}),
                "<running>true</running>")

    @staticmethod
    def info(i, k):
        return (signed(i, "getMeetingInfo", {"meetingID": f"meeting-{k}"}),
                f"<meetingID>meeting-{k}</meetingID>")

    @staticmethod
    def create(i, meeting):
        return signed(i, "create", {
            "meetingID": meeting, "name": "A new meeting",
            "attendeePW": "ap", "moderatorPW": "mp", "record": "false",
            "welcome": "Welcome to the meeting", "meta_origin": "bench",
            "logoutURL": "https://lms.example.org/logout"})

    def creates(self, name, count):
        """So many new meetings, spread over the frontends."""
        return self.targets(
            (self.create(n % self.scale.frontends, f"{name}-{n}"),
             "<returncode>SUCCESS") for n in range(count))

    def paths(self, make, prefix=""):
        """The same without what is expected: for wrk."""
        return self.targets(
            prefix + make(k % self.scale.frontends, k)[0]
            for k in range(self.scale.meetings))

    # ---- the yardsticks

    def yardstick(self, name, make, *argv):
        """Eight workers that answer what b3scale answers to the first one."""
        path = os.path.join(self.cluster.dir, f"{name}.reply")
        with open(path, "wb") as f:
            f.write(self.reply(make(0, 0)[0]))
        which = "hello_sql" if argv else "hello"
        socket = os.path.join(self.cluster.node.run_dir, f"{name}.sock")
        daemon = Daemon(
            [tree.tool("spawn-fcgi"), "-n", "-s", socket, "-M", "0600",
             "-b", "1024", "--", tree.tool("multiwatch"), "-f",
             str(WORKERS["state"]), "--", program(which), path, *argv],
            os.path.join(self.cluster.dir, f"{name}.log"))
        self.daemons.append(daemon)
        until(lambda: len(daemon.children()) == WORKERS["state"], 10, name)

    def reply(self, path):
        """What a worker wrote for it, as far as nginx lets us know."""
        client = self.cluster.client(key(0), secret(0))
        reply = client.send("GET", self.cluster.url + path)
        if reply.status >= 400:
            raise RuntimeError(f"{path}: {reply}")
        head = [f"Status: {reply.status}"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()
                 if name not in ("Server", "Date", "Connection",
                                 "Transfer-Encoding", "Content-Length")]
        head.append(f"Content-Length: {len(reply.body)}")
        return ("\r\n".join(head) + "\r\n\r\n").encode() + reply.body

    # ---- its workers

    def configure(self, **conf):
        """Both pools anew, with other keys."""
        self.cluster.node.write_conf(**conf)
        for pool in self.cluster.node.pools:
            pool.stop()
            pool.start()

    def warm(self, seconds=1):
        """Every worker has its replica."""
        wrk(self.port, self.paths(self.join), 16, seconds)

    def private_kib(self, pool="state"):
        """Private memory of each worker."""
        return [private_kib(pid)
                for pid in self.cluster.node.pool(pool).worker_pids()]


def private_kib(pid):
    total = 0
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
            total = sum(int(line.split()[1]) for line in f
                        if line.startswith(("Private_Clean",
                                            "Private_Dirty")))
    return total
