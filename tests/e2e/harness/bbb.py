"""A frontend: calls the BBB API, signed as the real ones sign.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import hashlib
import urllib.parse
import xml.etree.ElementTree

import requests


class Reply:
    """What came back: status, headers, body, and the body's XML if it is."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.body = response.content
        self.text = response.content.decode("utf-8", "replace")
        self.location = response.headers.get("Location")

    @property
    def xml(self):
        return xml.etree.ElementTree.fromstring(self.body)

    def get(self, path):
        """The text of an element, None if there is none."""
        return self.xml.findtext(path)

    @property
    def code(self):
        return self.get("returncode")

    @property
    def key(self):
        found = self.get("messageKey")
        return self.get("errors/error/key") if found is None else found

    @property
    def message(self):
        found = self.get("message")
        return self.get("errors/error/message") if found is None else found

    @property
    def ok(self):
        return self.status == 200 and self.code == "SUCCESS"

    def __repr__(self):
        return f"<{self.status} {self.location or ''} {self.text[:1000]}>"


class Client:
    """One frontend at one address (that ends in /api)."""

    def __init__(self, url, secret, key=None):
        self.url = url.rstrip("/")
        self.secret = secret
        self.key = key
        self.session = requests.Session()

    def checksum(self, call, query, hash_name="sha256"):
        return hashlib.new(
            hash_name, f"{call}{query}{self.secret}".encode()).hexdigest()

    # pylint: disable-next=too-many-arguments
    def link(self, call, params=None, *, hash_name="sha256", raw_query=None,
             checksum=None):
        """The signed address of a call; raw_query goes as it is."""
        query = raw_query
        if query is None:
            query = urllib.parse.urlencode(params or {})
        if checksum is None:
            checksum = self.checksum(call, query, hash_name)
        if checksum:
            query += ("&" if query else "") + f"checksum={checksum}"
        return f"{self.url}/{call}" + (f"?{query}" if query else "")

    # pylint: disable-next=too-many-arguments
    def call(self, call, params=None, *, method=None, body=None,
             headers=None, hash="sha256", raw_query=None, checksum=None,
             timeout=60):
        """
        One call.  With a body it is a POST, of XML unless the headers say
        something else.  checksum="" leaves it out.
        """
        url = self.link(call, params, hash_name=hash, raw_query=raw_query,
                        checksum=checksum)
        headers = dict(headers or {})
        if body is not None and "Content-Type" not in headers:
            headers["Content-Type"] = "application/xml"
        return self.send(method or ("GET" if body is None else "POST"), url,
                         body=body, headers=headers, timeout=timeout)

    def form(self, call, params, hash="sha256", **options):
        """A POST of a form, the URL empty, signed as older BBB asks."""
        query = "&".join(
            f"{k}={urllib.parse.quote_plus(str(v), safe='*-._')}"
            for k, v in sorted(params.items()))
        query = query.replace("~", "%7E")
        body = urllib.parse.urlencode(
            {**params, "checksum": self.checksum(call, query, hash)})
        return self.send(
            "POST", f"{self.url}/{call}", body=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            **options)

    def send(self, method, url, *, body=None, headers=None, timeout=60):
        """Any request, the URL's bytes as they are given."""
        request = requests.Request(method, url, data=body, headers=headers)
        prepared = self.session.prepare_request(request)
        prepared.url = url
        return Reply(self.session.send(prepared, timeout=timeout,
                                       allow_redirects=False))

    def create(self, meeting_id, body=None, **params):
        params = {"meetingID": meeting_id, "name": meeting_id, **params}
        return self.call("create", params, body=body)

    def join(self, meeting_id, full_name="User", headers=None, **params):
        return self.call("join", {"meetingID": meeting_id,
                                  "fullName": full_name, **params},
                         headers=headers)

    def end(self, meeting_id, **params):
        return self.call("end", {"meetingID": meeting_id, **params})

    def is_running(self, meeting_id):
        reply = self.call("isMeetingRunning", {"meetingID": meeting_id})
        return reply.get("running")

    def info(self, meeting_id, **params):
        return self.call("getMeetingInfo", {"meetingID": meeting_id,
                                            **params})

    def meeting_ids(self):
        """Of getMeetings, as a set."""
        return {m.findtext("meetingID") for m in
                self.call("getMeetings").xml.iterfind("meetings/meeting")}
