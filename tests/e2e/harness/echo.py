"""A FastCGI responder that answers with what a web server sent to it.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import json
import os
import socket
import struct
import threading

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
HEAD = struct.Struct(">BBHHBx")


class Echo:
    """
    Listens in the place of a pool.  The reply is JSON: pool, variables,
    body_length.  It can be told to break off instead (breaks), or to send
    another head (head).
    """

    def __init__(self, run_dir, pool):
        self.pool = pool
        self.path = os.path.join(run_dir, pool + ".sock")
        self.breaks = False
        self.head = b"Content-Type: application/json\r\n\r\n"
        self.seen = 0
        self.most = 0
        self.now = 0
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        with self.lock:
            self.seen += 1
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            with connection, connection.makefile("rb") as stream:
                variables, body_length = read_request(stream)
                if not self.breaks:
                    connection.sendall(self._reply(variables, body_length))
        except OSError:
            pass    # the web server went away
        finally:
            with self.lock:
                self.now -= 1

    def _reply(self, variables, body_length):
        body = self.head + json.dumps({
            "pool": self.pool, "variables": variables,
            "body_length": body_length}).encode()
        out = b""
        for i in range(0, len(body), 32768):
            out += record(STDOUT, body[i:i + 32768])
        return out + record(STDOUT, b"") + record(END, bytes(8))

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(self.path)


def record(kind, content):
    return HEAD.pack(1, kind, 1, len(content), 0) + content


def read_request(stream):
    """The variables and the length of the body of one request."""
    params = b""
    body_length = 0
    while True:
        head = stream.read(HEAD.size)
        if len(head) < HEAD.size:
            raise OSError("the web server broke off")
        _, kind, _, length, padding = HEAD.unpack(head)
        content = stream.read(length + padding)[:length]
        if kind == PARAMS:
            params += content
        elif kind == STDIN and length == 0:
            return read_pairs(params), body_length
        elif kind == STDIN:
            body_length += length


def read_pairs(data):
    pairs = {}
    at = 0
    while at < len(data):
        sizes = []
        for _ in range(2):
            size, step = data[at], 1
            if size & 0x80:
                size = struct.unpack_from(">I", data, at)[0] & 0x7fffffff
                step = 4
            sizes.append(size)
            at += step
        name, value = (data[at:at + sizes[0]],
                       data[at + sizes[0]:at + sum(sizes)])
        pairs[name.decode()] = value.decode("latin-1")
        at += sum(sizes)
    return pairs
