"""HTTP requests whose target reaches the server byte for byte.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import http.client
import json
import ssl
import urllib.parse


class Answer:
    """status, headers (by any case), body, text."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body
        self.text = body.decode("utf-8", "replace")
        self.location = response.headers.get("Location")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.location or ''} {self.text[:1000]}>"


# pylint: disable-next=too-many-arguments
def request(method, url, *, headers=None, body=None, timeout=60,
            answer=Answer):
    """
    One request on a connection of its own.  A body may be bytes, text, a
    file, or an iterable (sent in chunks).  Redirects are not followed, and no
    certificate is checked.
    """
    scheme, _, rest = url.partition("://")
    host, slash, target = rest.partition("/")
    if scheme == "https":
        connection = http.client.HTTPSConnection(
            host, timeout=timeout, context=ssl._create_unverified_context())
    else:
        connection = http.client.HTTPConnection(host, timeout=timeout)
    if isinstance(body, str):
        body = body.encode()
    try:
        connection.request(method, slash + target or "/", body=body,
                           headers=headers or {})
        response = connection.getresponse()
        return answer(response, response.read())
    finally:
        connection.close()


def get(url, **options):
    return request("GET", url, **options)


def form(params):
    """A form's body, and the header that says so."""
    return {"body": urllib.parse.urlencode(params),
            "headers": {"Content-Type": "application/x-www-form-urlencoded"}}
