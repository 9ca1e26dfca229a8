"""Simulated BBB servers, told through their control port what to do.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import json
import urllib.parse

import requests

from . import tree
from .process import Daemon, until


class Sim:
    """One process with all servers; see tests/bbbsim/README.md."""

    def __init__(self, log, count=2, options=()):
        self.daemon = Daemon(
            [tree.BBBSIM, "-n", str(count), *options], log)
        until(self._announced, 10, f"bbbsim to start: {self.daemon.argv}")
        told = json.loads(self.daemon.lines()[0])
        self.control = told["control"]
        self.session = requests.Session()
        self.servers = [Server(self, i, s["url"], s["secret"])
                        for i, s in enumerate(told["servers"])]

    def _announced(self):
        if not self.daemon.running():
            raise AssertionError(self.daemon.text())
        return self.daemon.text().endswith("\n")

    def ask(self, method, path, body=None, **query):
        reply = self.session.request(method, self.control + path, json=body,
                                     params=query, timeout=30)
        told = reply.json()
        if reply.status_code != 200:
            raise AssertionError(f"{method} {path}: {told}")
        return told

    def server_of(self, url):
        """The one that serves this URL."""
        return next(s for s in self.servers
                    if url.startswith(s.url.removesuffix(
                        "bigbluebutton/api/")))

    def reset(self):
        self.ask("POST", "/reset")

    def totals(self):
        return self.ask("GET", "/totals")

    def meetings(self):
        """(server index, meeting) of all that run anywhere."""
        return [(s.index, m) for s in self.servers for m in s.meetings()]

    def stop(self):
        self.session.close()
        return self.daemon.stop(10)


class Server:
    """One simulated server."""

    def __init__(self, sim, index, url, secret):
        self.sim = sim
        self.index = index
        self.url = url
        self.secret = secret

    def _ask(self, method, path="", body=None, **query):
        return self.sim.ask(method, f"/servers/{self.index}{path}", body,
                            **query)

    def state(self):
        return self._ask("GET")

    def fault(self, kind, call="*", **more):
        """From now on it misbehaves, count times or until mend()."""
        self._ask("POST", "/faults", {"kind": kind, "call": call, **more})

    def mend(self):
        self._ask("DELETE", "/faults")

    def settings(self, **settings):
        self._ask("POST", "/settings", settings)

    def events(self, **settings):
        """What it tells Redis, and which one."""
        self._ask("POST", "/events", settings)

    def told(self):
        """How many messages of which kind there were."""
        return self._ask("GET", "/events")

    def restart(self):
        """Its meetings are gone."""
        self._ask("POST", "/restart")

    def requests(self, call=None):
        """What it saw, oldest first."""
        query = {} if call is None else {"call": call}
        return self._ask("GET", "/requests", **query)

    def forget(self):
        self._ask("DELETE", "/requests")

    def meetings(self):
        return self._ask("GET", "/meetings")

    def meeting(self, meeting_id, **params):
        """One that it has without us."""
        return self._ask("POST", "/meetings",
                         {"meetingID": meeting_id, **params})

    def remove(self, meeting_id):
        self._ask("DELETE", self._path(meeting_id))

    def join(self, meeting_id, **user):
        return self._ask("POST", self._path(meeting_id) + "/users", user)

    def leave(self, meeting_id, user_id=None):
        path = self._path(meeting_id) + "/users"
        if user_id is not None:
            path += "/" + urllib.parse.quote(user_id, safe="")
        self._ask("DELETE", path)

    def change(self, meeting_id, user_id, **what):
        """role, voice, listenOnly, cameras, presenter of one who is in."""
        self._ask("POST", self._path(meeting_id) + "/users/"
                  + urllib.parse.quote(user_id, safe=""), what)

    def finish(self, meeting_id):
        """As its moderator ends it."""
        self._ask("POST", self._path(meeting_id) + "/end")

    def recording_ready(self, meeting_id):
        """Announces the recording of a meeting that has ended."""
        self._ask("POST", self._path(meeting_id) + "/recording")

    def callbacks(self):
        """The calls that it made, oldest first."""
        return self._ask("GET", "/callbacks")

    def breakout(self, meeting_id, sequence, **more):
        return self._ask("POST", self._path(meeting_id) + "/breakouts",
                         {"sequence": sequence, **more})

    @staticmethod
    def _path(meeting_id):
        return "/meetings/" + urllib.parse.quote(meeting_id, safe="")
