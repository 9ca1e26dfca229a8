# Starts bbbsim for a test and talks to it, byte for byte as the test says.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

import hashlib
import http.client
import json
import os
import subprocess
import time
import urllib.parse
import xml.etree.ElementTree as ET


def program():
    path = os.environ.get("BBBSIM")
    if path is None:
        path = os.path.join(os.environ["B3SCALE_BUILDDIR"],
                            "tests", "bbbsim", "bbbsim")
    return path


def until(condition, seconds=10):
    """Waits for a condition; what it answers at last is the answer."""
    end = time.monotonic() + seconds
    while True:
        got = condition()
        if got or time.monotonic() > end:
            return got
        time.sleep(0.01)


def quote(text):
    return urllib.parse.quote(text, safe="")


def failed(key, message):
    """A failure as a BBB server writes it."""
    return ("<response>\n<returncode>FAILED</returncode>\n"
            f"<messageKey>{key}</messageKey>\n"
            f"<message>{message}</message>\n</response>")


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.bytes = response.read()

    @property
    def text(self):
        return self.bytes.decode("utf-8")

    def json(self):
        return json.loads(self.bytes)

    def xml(self):
        return ET.fromstring(self.bytes)

    def field(self, path):
        return self.xml().findtext(path)


def exchange(port, method, target, body=None, headers=None):
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        conn.request(method, target, body=body, headers=headers or {})
        return Reply(conn.getresponse())
    finally:
        conn.close()


class Server:
    def __init__(self, sim, index, url, secret):
        parts = urllib.parse.urlsplit(url)
        self.sim, self.index, self.secret = sim, index, secret
        self.url, self.port = url, parts.port
        self.origin = f"http://{parts.netloc}"

    def sign(self, call, query="", algorithm="sha256"):
        text = (call + query + self.secret).encode("utf-8")
        return hashlib.new(algorithm, text).hexdigest()

    def target(self, call, query="", algorithm="sha256"):
        """Path and signed query of a call."""
        amp = "&" if query else ""
        checksum = self.sign(call, query, algorithm)
        return f"/bigbluebutton/api/{call}?{query}{amp}checksum={checksum}"

    def raw(self, method, target, body=None, headers=None):
        return exchange(self.port, method, target, body, headers)

    def call(self, call, query="", method="GET", body=None, **headers):
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.raw(method, self.target(call, query), body, named)

    def create(self, meeting_id="abc123", extra=""):
        reply = self.call("create", f"name=Seminar&meetingID={meeting_id}"
                          + (f"&{extra}" if extra else ""))
        assert reply.field("returncode") == "SUCCESS", reply.text
        return reply

    def join(self, extra="role=VIEWER", meeting_id="abc123"):
        return self.call("join", f"fullName=Ada&meetingID={meeting_id}"
                         + (f"&{extra}" if extra else ""))

    def listed(self):
        """The external ids that getMeetings shows."""
        found = self.call("getMeetings").xml().iter("meetingID")
        return [e.text for e in found]

    def control(self, method, path, body=None):
        """path is what follows the server's index; "" is the server."""
        return self.sim.control(method, f"/servers/{self.index}/{path}", body)

    def fault(self, kind, **more):
        return self.control("POST", "faults", {"kind": kind, **more})

    def settings(self, **some):
        return self.control("POST", "settings", some)

    def requests(self, call=None):
        return self.control("GET", "requests" +
                            (f"?call={call}" if call else ""))


class Sim:
    def __init__(self, *args):
        self.process = subprocess.Popen(
            [program(), *args], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        told = json.loads(self.line)
        self.control_port = urllib.parse.urlsplit(told["control"]).port
        self.servers = [Server(self, i, s["url"], s["secret"])
                        for i, s in enumerate(told["servers"])]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body)
        return exchange(self.control_port, method, path, data)

    def control(self, method, path, body=None):
        reply = self.ask(method, path, body)
        assert reply.status == 200, reply.text
        return reply.json()

    def reset(self):
        self.control("POST", "/reset")

    def stop(self):
        """Ends it; it must do so cleanly and without a word."""
        self.process.terminate()
        out, errors = self.process.communicate(timeout=20)
        assert (self.process.returncode, out, errors) == (0, "", "")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()
