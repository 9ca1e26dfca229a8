"""A frontend: calls the BBB API, signed as the real ones sign.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import hashlib
import urllib.parse
import xml.etree.ElementTree

from .http import Answer, form, request


class Reply(Answer):
    """What came back, and the XML that it is."""

    @property
    def xml(self):
        return xml.etree.ElementTree.fromstring(self.body)

    def get(self, path):
        """The text of an element, None if there is none (a page has none)."""
        if self.body.startswith(b"<!DOCTYPE html"):
            return None
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


class Client:
    """One frontend at one address (that ends in /api)."""

    def __init__(self, url, secret, key=None):
        self.url = url.rstrip("/")
        self.secret = secret
        self.key = key

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

    def form(self, call, params, hash="sha256", headers=None, **options):
        """A POST of a form, the URL empty, signed as older BBB asks."""
        query = "&".join(
            f"{k}={urllib.parse.quote_plus(str(v), safe='*-._')}"
            for k, v in sorted(params.items()))
        query = query.replace("~", "%7E")
        signed = {**params, "checksum": self.checksum(call, query, hash)}
        sent = form(signed)
        sent["headers"].update(headers or {})
        return self.send("POST", f"{self.url}/{call}", **sent, **options)

    @staticmethod
    def send(method, url, **options):
        """Any request, the URL's bytes as they are given."""
        return request(method, url, answer=Reply, **options)

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
