"""b3scale-reload: new workers, no request lost.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import os
import subprocess
import threading
import time

import pytest

from harness import Cluster, tree, until
from harness.http import get

SMALL = {"state": 2, "forward": 3}
REPLACED = "state: 2 workers replaced\nforward: 3 workers replaced\n"


@pytest.fixture(scope="module", name="running")
def running_cluster(own_postgres):
    made = Cluster(own_postgres, workers=SMALL)
    made.fe = made.frontend()
    assert made.fe.create("m1").ok
    yield made
    made.close()


def pids(cluster):
    return {pid for pool in cluster.node.pools for pid in pool.worker_pids()}


def whole(cluster):
    return all(len(pool.worker_pids()) == pool.workers
               for pool in cluster.node.pools)


def test_every_worker_is_replaced(running):
    before = pids(running)
    done = running.reload()
    assert (done.returncode, done.stdout, done.stderr) == (0, REPLACED, "")
    until(lambda: whole(running), 5)
    assert not before & pids(running)
    assert running.fe.create("m1").ok


def test_one_pool_alone(running):
    state, forward = running.node.pools
    before = set(state.worker_pids()), set(forward.worker_pids())
    done = running.reload("forward")
    assert (done.returncode, done.stdout) == (
        0, "forward: 3 workers replaced\n")
    until(lambda: whole(running), 5)
    assert set(state.worker_pids()) == before[0]
    assert not set(forward.worker_pids()) & before[1]


def test_no_request_is_lost(running):
    wrong = []
    answered = [0]
    ended = threading.Event()

    def ask(link, good):
        while not ended.is_set():
            reply = get(link, timeout=30)
            answered[0] += 1
            if not good(reply):
                wrong.append((link, reply))

    fe = running.fe
    asked = [(fe.link("join", {"meetingID": "m1", "fullName": "A",
                               "role": "VIEWER"}),
              lambda r: r.status == 302),
             (fe.link("isMeetingRunning", {"meetingID": "m1"}),
              lambda r: b"SUCCESS" in r.body),
             (fe.link("create", {"meetingID": "m1", "name": "m1"}),
              lambda r: b"SUCCESS" in r.body)]
    threads = [threading.Thread(target=ask, args=one)
               for one in asked * 2]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            before = answered[0]
            done = running.reload()
            assert (done.returncode, done.stdout) == (0, REPLACED)
            until(lambda n=before: answered[0] > n + 20, 10)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert not wrong, wrong[:3]


def test_a_request_in_hand_is_finished(running):
    server = running.server_of_meeting("m1")
    server.fault("latency", "create", ms=1500, count=1)
    replies = []
    thread = threading.Thread(
        target=lambda: replies.append(running.fe.create("m1")))
    thread.start()
    until(lambda: server.state()["held"] == 1, 5)
    start = time.monotonic()
    done = running.reload()
    thread.join()
    assert (done.returncode, done.stdout) == (0, REPLACED)
    assert time.monotonic() - start > 0.8, "it waited for the worker"
    assert replies[0].ok


def test_it_does_not_wait_longer_than_told(running):
    server = running.server_of_meeting("m1")
    server.fault("latency", "create", ms=2500, count=1)
    replies = []
    thread = threading.Thread(
        target=lambda: replies.append(running.fe.create("m1")))
    thread.start()
    until(lambda: server.state()["held"] == 1, 5)
    done = running.reload("-w", "1")
    thread.join()
    assert done.returncode == 75
    assert done.stdout == "state: 2 workers replaced\n"
    assert done.stderr == (
        "forward: 1 of 3 workers still finish a request\n")
    assert replies[0].ok
    until(lambda: whole(running), 5)


def test_new_workers_read_the_configuration_anew(running):
    node = running.node
    node.write_conf(max_requests="0", max_params="10")
    try:
        running.reload()
        many = {f"meta_{i}": i for i in range(20)}
        assert not running.fe.create("many", **many).ok
    finally:
        node.write_conf()
        running.reload()
    assert running.fe.create("many", **many).ok


def test_not_while_the_database_is_away(running):
    before = pids(running)
    running.postgres.stop()
    try:
        done = running.reload()
        assert done.returncode == 75
        assert done.stdout == ""
        assert done.stderr.endswith(
            "b3scale-reload: not reloaded, no database to write to\n")
        assert pids(running) == before
    finally:
        running.postgres.start()
        running.connect()


def test_not_while_the_database_hangs(running):
    before = pids(running)
    running.postgres.pause()
    try:
        done = running.reload()
        assert done.returncode == 75
        assert pids(running) == before
    finally:
        running.postgres.resume()


def test_not_before_the_schema_is_there(running):
    before = pids(running)
    running.sql("CREATE TABLE kept AS SELECT * FROM schema_version")
    running.sql("DELETE FROM schema_version")
    try:
        done = running.reload()
        assert done.returncode == 78
        assert done.stderr == ("b3scale-reload: not reloaded, first run: "
                               "b3scale-schema apply\n")
        assert pids(running) == before
    finally:
        running.sql("INSERT INTO schema_version SELECT * FROM kept")
        running.sql("DROP TABLE kept")


def test_no_password_in_the_list_of_processes(running):
    seen = []
    ended = threading.Event()

    def look():
        while not ended.is_set():
            seen.append(subprocess.run(["ps", "-A", "-o", "args="],
                                       capture_output=True, text=True,
                                       check=True).stdout)

    thread = threading.Thread(target=look)
    thread.start()
    running.reload()
    ended.set()
    thread.join()
    assert any("b3scale-schema" in text for text in seen)
    assert not any("not-a-real-password" in text for text in seen)


@pytest.mark.parametrize("text", [
    "", "999999999\n", f"{os.getpid()}\n", "no number\n"])
def test_a_pool_that_does_not_run(running, tmp_path, text):
    """Its pid file is missing, stale, or names somebody else."""
    (tmp_path / "state.pid").write_text(text)
    done = running.reload(env={"B3SCALE_RUN_DIR": str(tmp_path)})
    assert done.returncode == 69
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"{pool}: not running (no multiwatch in {tmp_path}/{pool}.pid)"
        for pool in ("state", "forward")]


def test_a_quoted_run_dir(running, tmp_path):
    with open(running.node.conf, encoding="utf-8") as f:
        text = f.read().replace(
            f"run_dir = {running.node.run_dir}",
            f'\trun_dir  =  "{running.node.run_dir}"  # here')
    conf = tmp_path / "quoted.conf"
    conf.write_text(text)
    done = running.reload("-f", str(conf))
    assert (done.returncode, done.stdout) == (0, REPLACED)


def test_a_missing_configuration(running):
    done = running.reload("-f", "/nonexistent/b3scale.conf")
    assert done.returncode == 78
    assert done.stderr == (
        "b3scale-reload: cannot read /nonexistent/b3scale.conf\n")


@pytest.mark.parametrize("options", [
    ("-x",), ("-w", "soon"), ("-w", ""), ("other",), ("state", "-w")])
def test_wrong_usage(options):
    done = subprocess.run([tree.RELOAD, *options], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 64
    assert done.stderr.endswith(
        "usage: b3scale-reload [-f file] [-w seconds] [pool ...]\n")
