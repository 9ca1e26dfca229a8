# bbbsim as a program: options, size, load, its end.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

import concurrent.futures
import hashlib
import json
import re
import socket
import subprocess

import pytest

from simclient import Sim, program, until


@pytest.mark.parametrize("args, error", [
    (["-n", "0"], "bbbsim: no server or no secret\n"),
    (["-s", ""], "bbbsim: no server or no secret\n"),
    (["-n", "x"], "bbbsim: x: not a number up to 10000\n"),
    (["-p", "65536"], "bbbsim: 65536: not a number up to 65535\n"),
    (["-c", "-1"], "bbbsim: -1: not a number up to 65535\n"),
    (["-V", "2.1"],
     "bbbsim: 2.1: no version from 2.2 to 2.7, nor 3.0\n"),
    (["-p", "65535"], "bbbsim: port 65536 is none\n"),
])
def test_bad_options(args, error):
    done = subprocess.run([program(), *args], capture_output=True, text=True,
                          timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (64, "", error)


@pytest.mark.parametrize("args", [["-x"], ["word"]])
def test_usage(args):
    done = subprocess.run([program(), *args], capture_output=True, text=True,
                          timeout=20)
    assert done.returncode == 64
    assert "usage: bbbsim [-qu]" in done.stderr


def test_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = str(s.getsockname()[1])
        done = subprocess.run([program(), "-n", "1", "-p", port],
                              capture_output=True, text=True, timeout=20)
    assert done.returncode == 71
    assert done.stderr == (f"bbbsim: bind to 127.0.0.1 port {port}: Address "
                           "already in use\n")


def test_the_line():
    with Sim("-n", "3") as sim:
        told = json.loads(sim.line)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", told["control"])
    assert len(told["servers"]) == 3
    for server in told["servers"]:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/bigbluebutton/api/",
                            server["url"])
        assert server["secret"] == "not-a-real-secret-0123456789abcdef"
    assert len({server["url"] for server in told["servers"]}) == 3


def test_ports_and_secrets_as_told():
    # three that were free a moment ago
    for first in range(20000, 30000, 7):
        try:
            free = [socket.create_server(("127.0.0.1", first + i))
                    for i in range(3)]
        except OSError:
            continue
        break
    for s in free:
        s.close()
    with Sim("-n", "2", "-p", str(first), "-c", str(first + 2), "-s", "geheim",
             "-u", "-a", "127.0.0.1") as sim:
        assert sim.control_port == first + 2
        assert [(s.port, s.secret) for s in sim.servers] == [
            (first, "geheim-0"), (first + 1, "geheim-1")]
        for s in sim.servers:
            assert s.listed() == []


def test_settings_as_told():
    with Sim("-n", "1", "-q", "-e", "7", "-d", "11", "-t", "13",
             "-V", "2.4") as sim:
        bbb = sim.servers[0]
        assert bbb.control("GET", "")["settings"] == {
            "series": 24, "expire_ms": 7000, "end_delay_ms": 11,
            "users_timeout_ms": 13, "callback_retry_ms": 30000,
            "record": False, "bbb_version": ""}
        bbb.listed()
        assert bbb.requests() == []
        assert bbb.control("GET", "")["calls"]["getMeetings"] == 1


def test_ends_while_calls_hang_and_timers_run():
    sim = Sim("-n", "2")
    bbb = sim.servers[0]
    bbb.create(extra="duration=60")
    bbb.join()
    bbb.call("end", "meetingID=abc123")
    bbb.fault("hang", call="getMeetings")
    bbb.fault("latency", call="getSessions", ms=600000)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        calls = [pool.submit(bbb.call, call)
                 for call in ("getMeetings", "getSessions")]
        assert until(lambda: bbb.control("GET", "")["held"] == 2)
        sim.stop()
        for call in calls:
            with pytest.raises(ConnectionError):
                call.result()


def test_a_thousand_servers():
    with Sim("-n", "1000") as sim:
        sim.control("POST", "/servers/*/meetings", {
            "meetingID": "m", "count": 2, "users": 2})
        for bbb in sim.servers[::97]:
            assert bbb.listed() == ["m-0", "m-1"]
        totals = sim.control("GET", "/totals")
        assert (totals["servers"], totals["meetings"], totals["users"]) == (
            1000, 2000, 4000)


def memory_kib(sim):
    with open(f"/proc/{sim.process.pid}/status") as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))


def pieces(size):
    """A body with one document of so many MiB, piece by piece."""
    yield b'<modules><module name="presentation"><document name="a.pdf">'
    for _ in range(size):
        yield b"QUFB" * (1 << 18)
    yield b"</document></module></modules>"


def test_a_large_body_is_not_held():
    size = 200
    body, document = hashlib.sha256(), hashlib.sha256()
    length = 0
    for piece in pieces(size):
        body.update(piece)
        length += len(piece)
    for _ in range(size):
        document.update(b"A" * (3 << 18))
    with Sim("-n", "1") as sim:
        bbb = sim.servers[0]
        before = memory_kib(sim)
        reply = bbb.call("create", "name=Seminar&meetingID=abc123", "POST",
                         pieces(size), Content_Type="application/xml",
                         Content_Length=str(length))
        assert reply.field("returncode") == "SUCCESS"
        # the sanitizers keep what was freed for a while
        assert memory_kib(sim) - before < 32 * 1024
        seen = bbb.requests("create")[0]
        assert (seen["body_length"], seen["body_sha256"]) == (
            length, body.hexdigest())
        made = bbb.control("GET", "meetings")[0]["documents"][0]
        assert (made["length"], made["sha256"]) == (
            size * (3 << 18), document.hexdigest())


def test_a_chunked_body():
    with Sim("-n", "1") as sim:
        bbb = sim.servers[0]
        reply = bbb.call("create", "name=Seminar&meetingID=abc123", "POST",
                         pieces(1), Content_Type="application/xml")
        assert reply.field("returncode") == "SUCCESS"
        assert bbb.control("GET", "meetings")[0]["documents"][0][
            "length"] == 3 << 18


def test_long_queries():
    with Sim("-n", "1") as sim:
        bbb = sim.servers[0]
        bbb.create(extra="meta_long=" + "x" * 20000)
        assert len(bbb.call("getMeetingInfo", "meetingID=abc123"
                            ).field("metadata/long")) == 20000


def test_many_calls_at_once():
    with Sim("-n", "1") as sim, \
            concurrent.futures.ThreadPoolExecutor(32) as pool:
        bbb = sim.servers[0]
        replies = list(pool.map(lambda i: bbb.create(f"m{i % 20}"),
                                range(200)))
        assert len({r.field("internalMeetingID") for r in replies}) == 20
        assert len(bbb.listed()) == 20
