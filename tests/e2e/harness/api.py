"""A client of the REST API: signs its own tokens, as the Go tools do.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import base64
import hashlib
import hmac
import json
import time
import urllib.parse

from .http import request

SECRET = "secret-of-the-api"

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384,
          "HS512": hashlib.sha512}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(claims, secret=SECRET, alg="HS384", hashed=None):
    """A token; hashed: what signs it, if not what its header says."""
    head = encode(json.dumps({"alg": alg, "typ": "JWT"}).encode())
    text = head + "." + encode(json.dumps(claims).encode())
    digest = hmac.new(secret.encode(), text.encode(),
                      hashed or HASHES[alg]).digest()
    return text + "." + encode(digest)


def token(scope="b3scale:admin", sub="admin", **claims):
    return sign({"scope": scope, "sub": sub, "iat": int(time.time()),
                 "jti": "x", **claims})


class Api:
    """One address and one token."""

    def __init__(self, url, bearer=None):
        self.url = url + "/api/v1"
        self.token = token() if bearer is None else bearer

    def as_(self, scope, sub="somebody"):
        """The same for somebody else."""
        other = Api.__new__(Api)
        other.url = self.url
        other.token = token(scope, sub)
        return other

    # pylint: disable-next=too-many-arguments
    def call(self, method, path, body=None, *, headers=None, raw=None,
             **query):
        """body: sent as JSON; raw: sent as it is."""
        sent = {"Authorization": f"Bearer {self.token}"}
        if body is not None or method in ("POST", "PATCH", "PUT"):
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        if body is not None:
            raw = json.dumps(body)
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return request(method, self.url + path, body=raw, headers={
            k: v for k, v in sent.items() if v is not None})

    def get(self, path, **query):
        return self.call("GET", path, **query)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.call("PATCH", path, body, **more)

    def put(self, path, body=None, **more):
        return self.call("PUT", path, body, **more)

    def delete(self, path, **query):
        return self.call("DELETE", path, **query)
