"""b3scaleagent, and a REST API that writes down what it is told.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import base64
import http.server
import json
import os
import threading
import urllib.parse

from . import tree
from .process import Daemon, clean_environment

TOKEN = "a.token.ofanagent"


class StandIn:
    """
    In place of the balancer.  kind "go": the other b3scale's server, which
    knows agent/rpc and no batches; "batches": one that takes them by the
    rules of epoch and sequence.
    """

    def __init__(self, kind="batches", backend=True):
        self.kind = kind
        self.backend = {"id": "0a0a0a0a-0000-4000-8000-00000000000a",
                        "load_factor": 1.0, "bbb": {
                            "host": "http://other/bigbluebutton/api/",
                            "secret": "s"}} if backend else None
        self.fault = None       # a status for each call, or "close"
        self.refuse = None      # a status for batches
        self.held = threading.Event()
        self.held.set()
        self.calls = []         # (method, path, body) of all
        self.batches = []       # applied ones
        self.epoch = self.seq = 0
        self._lock = threading.Lock()
        self._server = None
        self.port = 0
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """On the same port as before, if there was one."""
        standin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                standin.held.wait(30)
                status, told = standin.handle(
                    self.command, urllib.parse.unquote(self.path),
                    self.headers, body)
                if status is None:
                    self.close_connection = True
                    return
                told = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_GET = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, *args):   # pylint: disable=arguments-differ
                pass

        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def handle(self, method, path, headers, body):
        path = path.removeprefix("/api/v1/")
        body = json.loads(body) if body else None
        with self._lock:
            self.calls.append((method, path, body))
            if headers["Authorization"] != f"Bearer {TOKEN}":
                return 401, {"message": "who are you"}
            if self.fault == "close":
                return None, None
            if self.fault is not None:
                return self.fault, {}
            if (method, path) == ("GET", "agent/backend"):
                return (200, self.backend) if self.backend else (404, {})
            if (method, path) == ("POST", "backends"):
                self.backend = dict(body, id="0b")
                return 200, self.backend
            if method == "PATCH":
                self.backend.update(body)
                return 200, self.backend
            if path == "agent/heartbeat":
                return (200, {}) if self.backend else (404, {})
            if path == "agent/events" and self.kind == "batches":
                return self._batch(body)
            if self.kind == "go" and (path == "agent/rpc" or
                                      method == "DELETE"):
                return 200, {"status": "ok", "result": None}
            return 404, {"message": "Not Found"}

    def _batch(self, b):
        if self.refuse is not None:
            return self.refuse, {"epoch": self.epoch}
        known = (self.epoch, self.seq)
        if b["epoch"] == self.epoch and b["seq"] <= self.seq:
            return 200, {}
        if not ("snapshot" in b and b["epoch"] >= self.epoch) and \
                known != (b["epoch"], b["seq"] - 1):
            return 409, {"epoch": self.epoch}
        self.epoch, self.seq = b["epoch"], b["seq"]
        self.batches.append(b)
        return 200, {}

    def forget(self):
        """Another database, say: it knows of no batch."""
        with self._lock:
            self.epoch = self.seq = 0

    def events(self):
        with self._lock:
            return [e for b in self.batches for e in b["events"]]

    def snapshots(self):
        with self._lock:
            return [b["snapshot"] for b in self.batches if "snapshot" in b]

    def seen(self, method, path):
        """The bodies of such calls."""
        with self._lock:
            return [b for m, p, b in self.calls if (m, p) == (method, path)]

    def rpcs(self):
        """(action, payload) of agent/rpc, and the DELETEs, in order."""
        with self._lock:
            return [(b["action"], json.loads(base64.b64decode(b["payload"])))
                    if p == "agent/rpc" else (m, p)
                    for m, p, b in self.calls
                    if p == "agent/rpc" or m == "DELETE"]


class Agent:
    """The program beside a server of bbbsim."""

    def __init__(self, folder, api, server, redis, options=(), **keys):
        self.folder = folder
        self.options = options
        self.daemon = None
        self.write("bbb-web.properties", f"""\
# as on a BBB host
bigbluebutton.web.serverURL={server.url.removesuffix("/bigbluebutton/api/")}
securitySalt = {server.secret}
redisHost=127.0.0.1
redisPort: {redis.port}
redisPassword={redis.password or ""}
""")
        self.write("release", "BIGBLUEBUTTON_RELEASE=2.7.3\n")
        self.write("token", TOKEN + "\n")
        keys = {
            "api_url": api.url, "api_access_token_file": self.path("token"),
            "bbb_properties": self.path("bbb-web.properties"),
            "bbb_defaults": self.path("none"), "bbb_api_url": '""',
            "bbb_release": self.path("release"),
            "heartbeat_interval": "200 ms", **keys}
        self.conf = self.write("agent.conf", "".join(
            f"{k} = {v}\n" for k, v in keys.items()))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def start(self, **env):
        self.daemon = Daemon([tree.AGENT, "-f", self.conf, *self.options],
                             self.path("agent.log"),
                             env=clean_environment(**env))
        return self

    def kill(self):
        self.daemon.kill()

    def text(self):
        return self.daemon.text()

    def stop(self):
        return self.daemon.stop(10) if self.daemon.running() else None
