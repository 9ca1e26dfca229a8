"""The database goes and comes back; workers die, reload and retire.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re
import signal
import threading

import pytest

from harness import Postgres, until

HTML = {"Accept": "text/html"}


@pytest.fixture(name="own_postgres")
def _own_postgres():
    """A server of this test's own, which it may stop."""
    server = Postgres()
    try:
        server.start()
        server.make_template()
        yield server
    finally:
        server.close()


@pytest.fixture(name="cut")
def _cut(own_postgres):
    """A cluster whose workers know a meeting, made to lose its database."""
    # pylint: disable-next=import-outside-toplevel
    from harness import Cluster
    cluster = Cluster(own_postgres, servers=1,
                      workers={"state": 1, "forward": 2})
    fe = cluster.frontend()
    assert fe.create("known").ok
    assert fe.join("known").status == 302
    yield cluster, fe, own_postgres
    cluster.close()


def test_known_meetings_go_on_while_the_database_is_away(cut):
    cluster, fe, postgres = cut
    cluster.db.close()
    postgres.stop()
    reply = until(lambda: (r := fe.call("getMeetings")).status == 503 and r)
    assert reply.headers["Retry-After"] == "5"
    assert (reply.code, reply.key) == ("FAILED", "unavailable")
    assert fe.join("known").status == 302
    assert fe.is_running("known") == "false"
    for reply in (fe.join("unknown"), fe.info("known"), fe.end("known"),
                  fe.create("other"), fe.create("known"),
                  fe.call("isMeetingRunning", {"meetingID": "unknown"})):
        assert (reply.status, reply.key) == (503, "unavailable"), reply
        assert reply.headers["Retry-After"] == "5"
    page = fe.join("unknown", headers=HTML)
    assert page.status == 503 and "refresh" in page.text
    reload = cluster.reload()
    assert reload.returncode != 0 and "database" in reload.stderr
    postgres.start()
    cluster.connect()
    until(lambda: fe.call("getMeetings").ok)
    until(lambda: fe.create("other").ok)
    assert fe.meeting_ids() == {"known", "other"}
    assert fe.create("known").key == "duplicateWarning"


def test_what_changed_meanwhile_is_known_when_it_is_back(cut):
    cluster, fe, _ = cut
    assert fe.end("known").ok
    assert until(lambda: fe.join("known").key == "meetingForciblyEnded", 2)
    assert fe.create("known").ok
    assert fe.join("known").status == 302
    # every connection is cut, and the route changes before they are back
    cluster.sql("UPDATE frontends SET active = false WHERE id = %s", fe.id)
    cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()")
    until(lambda: fe.join("known").key == "apiNotEnabled")
    cluster.sql("UPDATE frontends SET active = true WHERE id = %s", fe.id)
    until(lambda: fe.join("known").status == 302, 2)


def test_a_wrong_schema_is_named_with_its_mend(make_cluster):
    cluster = make_cluster(servers=1)
    fe = cluster.frontend()
    cluster.sql("INSERT INTO schema_version (version, name, compatible_from)"
                " VALUES (100, 'of the future', 100)")
    cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()")
    reply = until(lambda: (r := fe.call("getMeetings")).status == 503 and r)
    assert reply.key == "unavailable"
    reply = until(lambda: "schema" in (r := fe.create("ab")).message and r)
    assert reply.status == 503


@pytest.mark.parametrize("replica", ["on", "off"])
def test_changes_reach_every_worker_at_once(make_cluster, replica):
    cluster = make_cluster(servers=2, workers={"state": 4},
                           conf={"route_replica": replica})
    fe = cluster.frontend()
    assert fe.create("abc").ok
    for _ in range(20):
        assert fe.join("abc").status == 302
        assert fe.is_running("abc") == "false"
    cluster.sql("UPDATE frontends SET secret = 'another' WHERE id = %s",
                fe.id)
    changed = cluster.client(fe.key, "another")
    until(lambda: all(changed.join("abc").status == 302
                      for _ in range(10)), 2)
    assert all(fe.join("abc").key == "checksumError" for _ in range(10))
    cluster.sql("INSERT INTO frontend_secrets (frontend_id, secret)"
                " VALUES (%s, %s)", fe.id, fe.secret)
    until(lambda: all(fe.join("abc").status == 302 for _ in range(10)), 2)
    assert changed.end("abc").ok
    until(lambda: all(fe.join("abc").key == "meetingForciblyEnded"
                      for _ in range(10)), 2)


class Load:
    """Joins without a pause, until stopped; keeps what went wrong."""

    def __init__(self, fe, threads=4):
        self.fe = fe
        self.done = 0
        self.wrong = []
        self.end = threading.Event()
        self.threads = [threading.Thread(target=self._run)
                        for _ in range(threads)]

    def _run(self):
        while not self.end.is_set():
            try:
                reply = self.fe.join("abc")
                if reply.status != 302:
                    self.wrong.append(repr(reply))
            except OSError as e:
                self.wrong.append(repr(e))
            self.done += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        for thread in self.threads:
            thread.join()


def test_a_reload_loses_no_request(any_cluster):
    fe = any_cluster.frontend()
    fe.create("abc")
    with Load(fe) as load:
        for _ in range(3):
            before = load.done
            done = any_cluster.reload()
            assert done.returncode == 0, done.stderr
            until(lambda n=before: load.done > n + 50, 20)
    assert load.wrong == []


def test_a_killed_worker_is_replaced(make_cluster):
    cluster = make_cluster(servers=1, workers={"state": 2})
    fe = cluster.frontend()
    fe.create("abc")
    pool = cluster.node.pool("state")
    kills = 5
    with Load(fe) as load:
        for _ in range(kills):
            before = load.done
            pool.kill_worker(signal.SIGKILL)
            until(lambda n=before: load.done > n + 50, 20)
            until(lambda: len(pool.worker_pids()) == 2)
    assert len(load.wrong) <= kills, load.wrong[:5]


def test_a_worker_retires_after_its_share(make_cluster):
    cluster = make_cluster(servers=1, workers={"state": 1},
                           conf={"max_requests": 20, "log_level": "debug"})
    fe = cluster.frontend()
    fe.create("abc")
    pool = cluster.node.pool("state")
    pool.may_end = True
    for _ in range(60):
        assert fe.join("abc").status == 302

    def served():
        ends = (re.search(r"ends after (\d+) requests", line)
                for line in pool.lines())
        return [int(end[1]) for end in ends if end]
    assert until(lambda: len(served()) >= 3)
    assert all(15 <= n <= 20 for n in served()), served()
