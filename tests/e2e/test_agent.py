"""The agent between a real Redis, a simulated BBB server and a REST API.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from harness import Sim, tree, until
from harness.agent import Agent, StandIn
from harness.process import clean_environment
from harness.redis import Redis

FIXTURES = os.path.join(tree.SOURCE, "tests/fixtures/redis")


def messages(name):
    """(line number, payload) of a recording's main channel, byte for byte."""
    with open(os.path.join(FIXTURES, name), "rb") as f:
        for number, line in enumerate(f, 1):
            if b'"channel":"from-akka-apps-redis-channel"' in line and \
                    b'"payload":' in line:
                payload = line.split(b'"payload":', 1)[1]
                yield number, payload.rstrip(b"\n")[:-1]


@pytest.fixture(scope="module")
def sim():
    folder = tempfile.mkdtemp(prefix="b3scale-agent-")
    made = Sim(os.path.join(folder, "bbbsim.log"), 1)
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture
def bench(sim):
    """Makes what a test asks for, and ends it."""
    made = Bench(sim)
    yield made
    made.close()


class Bench:
    def __init__(self, sim):
        self.folder = tempfile.mkdtemp(prefix="b3scale-agent-")
        self.server = sim.servers[0]
        sim.reset()
        self.redis = Redis(self.folder)
        self.api = self.agent = None

    def start(self, kind="batches", backend=True, options=(), **keys):
        self.api = StandIn(kind, backend)
        self.agent = Agent(self.folder, self.api, self.server, self.redis,
                           options, **keys).start()
        return self.api, self.agent

    def live(self, kind="batches", **keys):
        """
        Until both snapshots of a start are there: the second one follows the
        first message.
        """
        api, agent = self.start(kind, **keys)
        if kind == "batches":
            until(api.snapshots, what="a snapshot")
        self.listening()
        if kind == "batches":
            until(lambda: len(api.snapshots()) == 2, what="another one")
        return api, agent

    def listening(self):
        until(lambda: self.redis.publish("{}") == 1, what="a subscriber")

    def close(self):
        if self.agent is not None:
            self.agent.stop()
            text = self.agent.text()
            assert not re.search("Sanitizer|runtime error|Assertion", text)
            # secrets of three kinds
            for secret in (self.server.secret, "a.token.ofanagent",
                           "checksum="):
                assert secret not in text
        if self.api is not None:
            self.api.stop()
        self.redis.stop()
        shutil.rmtree(self.folder)


def joined(user, meeting="m-1", **more):
    body = {"intId": user, "extId": "e-" + user, "name": user,
            "role": "VIEWER", "guest": False, "presenter": False,
            "clientType": "HTML5", **more}
    return message("UserJoinedMeetingEvtMsg", body, meeting)


def message(name, body, meeting=None):
    header = {"name": name}
    if meeting:
        header["meetingId"] = meeting
    return json.dumps({
        "envelope": {"name": name, "routing": {}, "timestamp": 1},
        "core": {"header": header, "body": body}}, separators=(",", ":"))


# ---- what it refuses to start with

def check(*options, env=None):
    done = subprocess.run([tree.AGENT, *options], capture_output=True,
                          text=True, timeout=20,
                          env=clean_environment(**(env or {})), check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("key,value,said", [
    ("api_urls", "x", "agent.conf:8: unknown key 'api_urls'"),
    ("api_url", '""', "api_url: not an address of http or https: ''"),
    ("api_url", "ftp://x", "not an address of http or https: 'ftp://x'"),
    ("api_access_token_file", "/nowhere", "No such file or directory"),
    ("api_access_token", "x", "only one of them"),
    ("heartbeat_interval", "soon", "agent.conf:7:"),
    ("bbb_properties", "/nowhere", "/nowhere: No such file or directory"),
    ("bbb_api_url", "x", "bbb_api_url: "),
])
def test_a_bad_configuration_is_named(bench, key, value, said):
    bench.api = StandIn()
    agent = Agent(bench.folder, bench.api, bench.server, bench.redis,
                  **{key: value})
    status, text = check("-n", "-f", agent.conf)
    assert status == 78
    assert said in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("properties,said", [
    ("", "bigbluebutton.web.serverURL: missing"),
    ("bigbluebutton.web.serverURL=http://a\n", "securitySalt: missing"),
    ("bigbluebutton.web.serverURL=a\nsecuritySalt=b\n",
     "bigbluebutton.web.serverURL: "),
    ("bigbluebutton.web.serverURL=http://a\nsecuritySalt=b\nredisPort=0\n",
     "redisPort: not a port: 0"),
    ("a=\\u12\n", ":1: \\u wants four hex digits"),
])
def test_bad_properties_are_named(bench, properties, said):
    bench.api = StandIn()
    agent = Agent(bench.folder, bench.api, bench.server, bench.redis)
    path = agent.write("bbb-web.properties", properties)
    status, text = check("-n", "-f", agent.conf)
    assert status == 78
    assert said in text and path in text


def test_usage_and_check(bench):
    bench.api = StandIn()
    agent = Agent(bench.folder, bench.api, bench.server, bench.redis)
    assert check("-x")[0] == 64
    assert check("-f", agent.conf, "more")[0] == 64
    assert check("-n", "-f", agent.conf) == (0, "")
    assert check("-n", "-f", agent.conf,
                 env={"BBB_CONFIG": "/nowhere"})[0] == 78
    assert check("-n", "-f", agent.conf,
                 env={"B3SCALE_LOAD_FACTOR": "many"})[0] == 78
    assert bench.api.calls == []


# ---- who it is

def test_a_server_that_is_not_known_is_not_added_unasked(bench):
    api, agent = bench.start(backend=False)
    until(lambda: "the balancer has no server for this token" in agent.text())
    api.backend = {"id": "0a", "load_factor": 1.0, "bbb": {}}
    until(api.batches.__len__, what="a batch once an admin added it")
    assert api.seen("POST", "backends") == []
    assert agent.text().count("has no server") == 1


def test_it_registers_when_told_to(bench):
    api, _ = bench.start(backend=False, options=("-r",), load_factor="2.5")
    until(api.snapshots)
    assert api.seen("POST", "backends") == [{
        "bbb": {"host": bench.server.url, "secret": bench.server.secret},
        "load_factor": 2.5, "admin_state": "init"}]


def test_an_entry_is_corrected_as_far_as_it_may_be(bench):
    api, agent = bench.start(load_factor="3")
    until(api.snapshots)
    path = "backends/" + api.backend["id"]
    assert api.seen("PATCH", path) == [{"load_factor": 3.0}]
    agent.stop()
    agent.options = ("-a",)
    agent.start()
    until(lambda: len(api.snapshots()) == 2)
    assert api.seen("PATCH", path)[1:] == [{"bbb": {
        "host": bench.server.url, "secret": bench.server.secret}}]


def test_a_bad_token_is_told_once(bench):
    api, agent = bench.start(api_access_token="another",
                             api_access_token_file='""')
    until(lambda: len(api.seen("GET", "agent/backend")) >= 3, 20)
    assert agent.text().count("HTTP 401: the token is not good for it") == 1
    assert api.seen("POST", "agent/heartbeat") == []


# ---- heartbeats

def test_heartbeats_say_how_the_host_is(bench):
    api, _ = bench.live()
    bench.redis.publish(message("CheckAlivePongSysMsg", {}))
    beats = until(lambda: [b for b in api.seen("POST", "agent/heartbeat")
                           if "pong_age_ms" in b and b["redis"]])
    b = beats[0]
    assert 0 <= b["cpu"] <= 1
    assert b["load1"] >= 0 and b["cpus"] == os.cpu_count()
    assert 0 < b["mem_available"] < b["mem_total"]
    assert b["bbb_version"] == "2.7.3"
    assert re.fullmatch(r"\d+\.\d+\.\d+", b["agent_version"])
    assert b["pong_age_ms"] < 5000


def versions(api):
    return {b.get("bbb_version") for b in api.seen("POST", "agent/heartbeat")}


def test_without_a_release_file_bbbs_api_tells_the_version(bench):
    bench.server.settings(bbb_version="3.0.18")
    api, agent = bench.start(bbb_release="/nowhere")
    until(lambda: "3.0.18" in versions(api))
    assert versions(api) <= {None, "3.0.18"}
    # Once a minute, not with each heartbeat.
    assert len(bench.server.requests("index")) == 1
    # The file wins as soon as there is one that says it.
    agent.stop()
    agent.write("release", "BIGBLUEBUTTON_RELEASE=2.7.3\n")
    api.calls.clear()
    agent = bench.agent = Agent(bench.folder, api, bench.server,
                                bench.redis).start()
    until(lambda: versions(api) == {"2.7.3"})
    assert len(bench.server.requests("index")) == 1


@pytest.mark.parametrize("told", ["", "two words", "3.0é"])
def test_what_is_no_version_is_not_told(bench, told):
    bench.server.settings(bbb_version=told)
    api, _ = bench.start(bbb_release="/nowhere")
    until(lambda: bench.server.requests("index"))
    before = len(api.seen("POST", "agent/heartbeat"))
    until(lambda: len(api.seen("POST", "agent/heartbeat")) > before + 1)
    assert versions(api) == {None}


def test_heartbeats_go_on_while_a_batch_waits(bench):
    api, _ = bench.live()
    api.refuse = 503
    bench.redis.publish(joined("w_1"))
    before = len(api.seen("POST", "agent/heartbeat"))
    until(lambda: len(api.seen("POST", "agent/heartbeat")) > before + 5)


def test_a_deleted_backend_is_asked_for_again(bench):
    api, agent = bench.live()
    backend, api.backend = api.backend, None
    until(lambda: "no server for this token" in agent.text())
    api.backend = backend
    beats = len(api.seen("POST", "agent/heartbeat"))
    until(lambda: len(api.seen("POST", "agent/heartbeat")) > beats + 1, 20)


# ---- events

def test_a_first_event_goes_at_once_and_many_in_few_batches(bench):
    api, _ = bench.live(batch_interval="300 ms")
    for k in range(3):
        last = time.monotonic()
        until(lambda last=last: time.monotonic() - last > 0.35)
        bench.redis.publish(joined(f"w_first{k}"))
        until(lambda k=k: len(api.events()) == k + 1, 0.2)
    before = len(api.batches)
    for k in range(600):
        bench.redis.send("PUBLISH", "from-akka-apps-redis-channel",
                         joined(f"w_{k}"))
    until(lambda: len(api.events()) == 603)
    assert [e["user"] for e in api.events()[3:]] == \
        [f"w_{k}" for k in range(600)]
    assert len(api.batches) - before <= 6


def test_a_recording_arrives_whole_and_in_order(bench):
    api, _ = bench.live(batch_interval="10 ms")
    for _, payload in messages("composed-2.7-meeting.ndjson"):
        bench.redis.publish(payload)
    events = until(lambda: api.events() if api.events() and
                   api.events()[-1]["kind"] == "destroyed" else None)
    assert len(events) == 34
    assert [e["at"] for e in events] == sorted(e["at"] for e in events)
    assert events[0]["ext_id"] == "course-101"
    assert events[0]["created"] == 1760000000000
    phone = next(e for e in events if e.get("user") == "v_13")
    assert (phone["kind"], phone["name"]) == ("voice_joined", "Phone 0199")
    assert sum(e["kind"] == "presenter" for e in events) == 5
    state = next(e for e in events if e["kind"] == "state")
    assert [u["id"] for u in state["users"]] == [
        "w_alpha0000001", "w_bravo0000002"]
    for secret in ("modPassExmpl", "attPassExmpl", "dashTokenEx1"):
        assert secret not in json.dumps(api.batches)


def test_noise_is_dropped(bench):
    api, agent = bench.live()
    for _, payload in messages("composed-2.7-noise.ndjson"):
        bench.redis.publish(payload)
    until(lambda: len(api.events()) == 3)
    assert [e["kind"] for e in api.events()] == [
        "cam_started", "state", "left"]
    assert agent.stop() == 0
    assert re.search(r"ended: 3 events, \d\d+ messages of noise, 0 unreadable",
                     agent.text())


def test_odd_messages_do_no_harm_and_ask_for_a_snapshot(bench):
    api, agent = bench.live()
    before = len(api.snapshots())
    for payload in (b"", b"{", b"[]", b"\xff\x00", b'{"envelope":{"name":"',
                    b'{"envelope":{"name":"UserLeftMeetingEvtMsg"',
                    message("UserLeftMeetingEvtMsg", {"intId": 5}, "m"),
                    message("UserLeftMeetingEvtMsg", {"intId": "u" * 600},
                            "m")):
        bench.redis.publish(payload)
    bench.redis.publish(joined("w_after"))
    until(lambda: [e for e in api.events() if e["user"] == "w_after"])
    until(lambda: len(api.snapshots()) > before)
    assert "a message was skipped: left: no user" in agent.text()


# ---- gaps

def test_the_snapshot_is_what_bbb_says(bench):
    bench.server.meeting("known")
    bench.server.join("known", name="Anna", role="MODERATOR")
    api, _ = bench.live()
    first = api.batches[0]
    assert first["seq"] == 1
    assert abs(first["epoch"] / 1000 - time.time()) < 60
    assert 0 <= first["snapshot"]["age_ms"] < 5000
    xml = first["snapshot"]["xml"]
    assert xml.startswith("<response>") and "<fullName>Anna</fullName>" in xml


def test_redis_away_means_a_snapshot_on_its_return(bench):
    api, agent = bench.live()
    bench.redis.stop()
    until(lambda: "redis 127.0.0.1:" in agent.text())
    bench.server.meeting("new")
    bench.redis.start()
    until(lambda: len(api.snapshots()) == 3, 20)
    assert "<meetingID>new</meetingID>" in api.snapshots()[2]["xml"]
    # BBB itself is there later: what it said until now is lost, too.
    bench.server.meeting("newer")
    bench.listening()
    until(lambda: len(api.snapshots()) == 4)
    assert "<meetingID>newer</meetingID>" in api.snapshots()[3]["xml"]
    bench.redis.publish(joined("w_1"))
    until(api.events)
    bench.redis.publish(joined("w_2"))
    until(lambda: len(api.events()) == 2)
    assert len(api.snapshots()) == 4
    assert [b["seq"] for b in api.batches] == [1, 2, 3, 4, 5, 6]


def test_a_silent_redis_is_left(bench):
    """It accepts and then says nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port, bench.redis.port = bench.redis.port, mute.getsockname()[1]
        api, agent = bench.start(redis_timeout="1 s")
        bench.redis.port = port
        until(api.snapshots, what="a snapshot though Redis is mute")
        until(lambda: "silent" in agent.text(), 20)


def test_a_batch_without_an_answer_is_sent_again(bench):
    api, agent = bench.live()
    api.fault = "close"
    bench.redis.publish(joined("w_1"))
    bench.redis.publish(joined("w_2"))
    until(lambda: len(api.seen("POST", "agent/events")) >= 3, 20)
    api.fault = None
    until(lambda: len(api.events()) == 2)
    assert [e["user"] for e in api.events()] == ["w_1", "w_2"]
    tries = [b for b in api.seen("POST", "agent/events") if b["seq"] == 3]
    assert len(tries) >= 2 and all(b == tries[0] for b in tries)
    until(lambda: "agent/events: taken again" in agent.text())
    assert len(api.snapshots()) == 2


def test_a_full_queue_ends_in_a_snapshot(bench):
    api, agent = bench.live(queue_max="64 KiB")
    api.refuse = 503
    for k in range(2000):
        bench.redis.publish(joined(f"w_{k}"))
    until(lambda: "events wait for the balancer: they are dropped" in
          agent.text())
    until(lambda: "agent/events: HTTP 503" in agent.text())
    api.refuse = None
    until(lambda: len(api.snapshots()) >= 3, 20)
    until(lambda: "agent/events: taken again" in agent.text())
    assert len(api.events()) < 2000
    bench.redis.publish(joined("w_after"))
    until(lambda: api.events()[-1]["user"] == "w_after")


def test_a_balancer_that_forgot_gets_a_new_epoch(bench):
    api, _ = bench.live()
    first = api.batches[0]["epoch"]
    api.forget()
    bench.redis.publish(joined("w_1"))
    bench.redis.publish(joined("w_2"))
    until(lambda: len(api.snapshots()) == 3)
    again = next(b for b in api.batches if b["epoch"] != first)
    assert again["epoch"] > first and again["seq"] == 1


def test_an_epoch_above_ours_is_passed(bench):
    api, agent = bench.start()
    agent.stop()
    api.epoch = 10 ** 15
    agent.start()
    until(lambda: api.batches and api.batches[-1]["epoch"] == 10 ** 15 + 1)
    assert "snapshot" in api.batches[-1]


def test_a_refused_batch_is_not_sent_for_ever(bench):
    api, agent = bench.live()
    api.refuse = 400
    bench.redis.publish(joined("w_1"))
    until(lambda: "agent/events: HTTP 400" in agent.text())
    api.refuse = None
    until(lambda: len(api.snapshots()) == 3, 20)
    bench.redis.publish(joined("w_2"))
    until(lambda: api.events() and api.events()[-1]["user"] == "w_2")


def test_events_go_on_while_bbb_web_is_away(bench):
    api, agent = bench.live()
    bench.server.fault("status", status=503)
    bench.redis.stop()
    bench.redis.start()
    until(lambda: "getMeetings of this server: HTTP 503" in agent.text(), 20)
    bench.listening()
    bench.redis.publish(joined("w_1"))
    until(api.events)
    assert len(api.snapshots()) == 2
    bench.server.mend()
    until(lambda: len(api.snapshots()) == 3, 20)


def test_a_restart_begins_a_new_epoch(bench):
    api, agent = bench.live()
    agent.kill()
    agent.start()
    until(lambda: len(api.snapshots()) == 3)
    assert api.batches[2]["seq"] == 1
    assert api.batches[2]["epoch"] > api.batches[1]["epoch"]


# ---- the Go server

def test_the_go_server_gets_its_calls(bench):
    api, agent = bench.live("go")
    until(lambda: "using agent/rpc" in agent.text())
    for _, payload in messages("composed-2.7-meeting.ndjson"):
        bench.redis.publish(payload)
    rpcs = until(lambda: api.rpcs() if len(api.rpcs()) >= 9 else None)
    meeting = rpcs[0][1]["internal_meeting_id"]
    assert rpcs[0] == ("meeting_set_running", {
        "internal_meeting_id": meeting, "running": True})
    assert rpcs[1] == ("meeting_add_attendee", {
        "internal_meeting_id": meeting, "attendee": {
            "UserID": "ext-1001", "InternalUserID": "w_alpha0000001",
            "FullName": "Alpha Teacher", "Role": "MODERATOR",
            "IsPresenter": False, "IsListeningOnly": False,
            "HasJoinedVoice": False, "HasVideo": False,
            "ClientType": "HTML5"}})
    assert [r[0] for r in rpcs] == [
        "meeting_set_running", *["meeting_add_attendee"] * 4,
        *["meeting_remove_attendee"] * 2, "meeting_state_reset", "DELETE"]
    assert rpcs[5][1]["internal_user_id"] == "w_chrly0000003"
    assert rpcs[8] == ("DELETE", "meetings/internal:" + meeting)


def test_the_go_server_keeps_the_order_of_each_meeting(bench):
    api, agent = bench.live("go")
    until(lambda: "using agent/rpc" in agent.text())
    for k in range(20):
        for m in range(5):
            bench.redis.publish(joined(f"w_{k}", f"m-{m}"))
    until(lambda: len(api.rpcs()) == 100)
    for m in range(5):
        users = [p["attendee"]["InternalUserID"] for _, p in api.rpcs()
                 if p["internal_meeting_id"] == f"m-{m}"]
        assert users == [f"w_{k}" for k in range(20)]


# ---- how it ends, and what it tells systemd

@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_to(bench, sig):
    _, agent = bench.live()
    assert agent.daemon.stop(5, sig) == 0


def test_systemd_is_told(bench):
    path = os.path.join(bench.folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(10)
        bench.api = StandIn()
        bench.agent = Agent(bench.folder, bench.api, bench.server,
                            bench.redis)
        bench.agent.start(NOTIFY_SOCKET=path, WATCHDOG_USEC="400000")
        assert s.recv(100) == b"READY=1"
        assert [s.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        assert bench.agent.stop() == 0
        told = b""
        while told != b"STOPPING=1":
            told = s.recv(100)


def test_redis_with_a_password(bench):
    bench.redis.stop()
    bench.redis = Redis(bench.folder, "pass word")
    api, _ = bench.live()
    bench.redis.publish(joined("w_1"))
    until(api.events)
