"""Somebody to call back, for the tests here and in the folders below.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import http.server
import queue
import threading


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what it is called with: (method, path, headers, body) each.

    answers tells it what to say: a status, or the place to go to instead.
    200 when it has run out of them.
    """

    # a whole batch may come at once
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls = queue.Queue()
        self.answers = []
        self.thread = threading.Thread(target=self.serve_forever, args=(.02,))
        self.thread.start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def next(self):
        """The oldest call that nobody has looked at; it may be on its way."""
        return self.calls.get(timeout=10)

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.calls.put((self.command, self.path, self.headers,
                               self.rfile.read(length)))
        answers = self.server.answers
        answer = answers.pop(0) if answers else 200
        if isinstance(answer, str):
            self.send_response(302)
            self.send_header("Location", answer)
        else:
            self.send_response(answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = _answer

    def log_message(self, *args):  # pylint: disable=arguments-differ
        pass
