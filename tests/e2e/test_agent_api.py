"""What agents tell the REST API, and what frontends see of it.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import base64
import concurrent.futures
import json
import os
import tempfile
import time

import pytest

from harness import Cluster, tree, until
from harness.agent import Agent
from harness.api import token
from harness.redis import Redis

FIXTURES = os.path.join(tree.SOURCE, "tests/fixtures/redis")
EMPTY = ("<response><returncode>SUCCESS</returncode><meetings/>"
         "</response>")


@pytest.fixture(scope="module")
def cluster(postgres):
    made = Cluster(postgres, workers={"state": 2, "forward": 4},
                   conf={"agent_timeout": "60 s"})
    made.all_ready()
    yield made
    made.close()


@pytest.fixture
def agents(cluster):
    """Each server has an agent, and no meeting."""
    cluster.sim.reset()
    cluster.sql("DELETE FROM frontends; DELETE FROM agent_streams;"
                " UPDATE backend_health SET heartbeat = NULL")
    for i, server in enumerate(cluster.servers):
        cluster.sql("UPDATE backends SET agent_ref = %s WHERE host = %s",
                    f"agent-{i}", server.url)
    return [node(cluster, i) for i in range(len(cluster.servers))]


def node(cluster, i):
    return cluster.api.as_("b3scale:node", sub=f"agent-{i}")


def index_of(cluster, meeting_id):
    return cluster.servers.index(cluster.server_of_meeting(meeting_id))


def internal_id(cluster, meeting_id):
    return cluster.value("SELECT internal_id FROM meetings"
                         " WHERE meeting_id = %s", meeting_id)


def snapshot(xml=EMPTY, age_ms=120000):
    return {"age_ms": age_ms, "xml": xml}


def batch(api, epoch, seq, *events, **more):
    return api.post("/agent/events", {
        "epoch": epoch, "seq": seq, "events": list(events), **more})


def joined(meeting, user="w_1", **more):
    return {"kind": "joined", "meeting": meeting, "user": user,
            "ext_id": "ext-" + user, "name": "Name", "role": "VIEWER",
            "client": "HTML5", **more}


@pytest.fixture
def living(cluster, agents):
    """A created meeting: its frontend, internal id and server's agent."""
    frontend = cluster.frontend()
    assert frontend.create("mm").ok
    return frontend, internal_id(cluster, "mm"), \
        agents[index_of(cluster, "mm")]


def counts(frontend, meeting_id="mm"):
    reply = frontend.info(meeting_id)
    return [reply.get(x) for x in (
        "participantCount", "moderatorCount", "listenerCount",
        "voiceParticipantCount", "videoCount", "running")]


def attendees(frontend):
    reply = frontend.call("getMeetings")
    return sorted(a.findtext("userID") for a in reply.xml.iter("attendee"))


# ---- who may

@pytest.mark.parametrize("path", [
    "/agent/events", "/agent/rpc", "/agent/heartbeat"])
def test_only_nodes_may(cluster, path):
    for scope in ("b3scale", "b3scale:admin"):
        answer = cluster.api.as_(scope).post(path, {})
        assert answer.status == 403
        assert answer.json() == {"message": "b3scale:node scope required"}


def test_an_agent_without_a_backend(cluster, agents):
    nobody = cluster.api.as_("b3scale:node", sub="nobody")
    assert len(agents) == 2
    assert batch(nobody, 1, 1, snapshot=snapshot()).status == 403
    assert rpc(nobody, "meeting_state_reset",
               {"internal_meeting_id": "x"}).status == 403
    answer = nobody.post("/agent/heartbeat")
    assert (answer.status, answer.json()) == (
        404, {"message": "Not Found"})


def test_an_agent_speaks_for_its_own_server(cluster, agents, living):
    frontend, internal, _ = living
    other = agents[1 - index_of(cluster, "mm")]
    assert batch(other, 1, 1, joined(internal),
                 snapshot=snapshot()).status == 200
    assert rpc(other, "meeting_add_attendee", {
        "internal_meeting_id": internal,
        "attendee": attendee("w_1")}).status == 200
    assert counts(frontend) == ["0", "0", "0", "0", "0", "false"]


# ---- batches

@pytest.mark.parametrize("raw,said", [
    ("", None), ("[]", None), ("{", None),
    ('{"epoch":1,"seq":0}', "seq: not a whole number that fits"),
    ('{"epoch":1,"seq":1,"events":{}}', "events: not a list"),
    ('{"epoch":1,"seq":1,"events":[{"kind":"left","meeting":"m"}]}',
     "events[0].user: missing"),
    ('{"epoch":1,"seq":1,"snapshot":{"age_ms":0,"xml":"<html/>"}}',
     None)])
def test_a_bad_batch_is_refused(agents, raw, said):
    answer = agents[0].call("POST", "/agent/events", raw=raw)
    assert answer.status == 400
    if said is not None:
        assert answer.json() == {"message": said}


def test_a_batch_that_is_too_large(agents):
    answer = agents[0].call("POST", "/agent/events", raw=" " * (17 << 20))
    assert answer.status == 413


def test_events_are_seen_at_once(living):
    frontend, internal, agent = living
    assert batch(agent, 1, 1, snapshot=snapshot()).json() == {
        "duplicate": False, "epoch": 1}
    answer = batch(agent, 1, 2, joined(internal, role="MODERATOR"),
                   joined(internal, "w_2"),
                   {"kind": "voice_joined", "meeting": internal,
                    "user": "w_1"},
                   {"kind": "cam_started", "meeting": internal,
                    "user": "w_2", "stream": "s1"})
    assert answer.status == 200
    assert counts(frontend) == ["2", "1", "0", "1", "1", "true"]
    until(lambda: frontend.is_running("mm") == "true", what="the replicas to know")
    assert attendees(frontend) == ["ext-w_1", "ext-w_2"]
    batch(agent, 1, 3, {"kind": "ended", "meeting": internal})
    assert frontend.info("mm").key == "notFound"
    assert frontend.call("getMeetings").key == "noMeetings"


def test_a_batch_counts_once(living):
    frontend, internal, agent = living
    batch(agent, 1, 1, snapshot=snapshot())
    out = {"kind": "left", "meeting": internal, "user": "w_1"}
    for event in (joined(internal), out):
        batch(agent, 1, 2, event)
    assert batch(agent, 1, 2, out).json() == {
        "duplicate": True, "epoch": 1}
    assert counts(frontend)[0] == "1"


def test_a_gap_asks_for_a_snapshot(living):
    frontend, internal, agent = living
    answer = batch(agent, 5, 1, joined(internal))
    assert (answer.status, answer.json()["epoch"]) == (409, 0)
    batch(agent, 5, 1, snapshot=snapshot())
    answer = batch(agent, 5, 3, joined(internal))
    assert (answer.status, answer.json()["epoch"]) == (409, 5)
    assert counts(frontend)[0] == "0"
    assert batch(agent, 6, 1, joined(internal),
                 snapshot=snapshot()).status == 200
    assert counts(frontend)[0] == "1"


def test_a_list_that_nobody_can_read_says_nothing(living):
    frontend, internal, agent = living
    odd = EMPTY.replace("<meetings/>", "<meetings><1/></meetings>")
    assert batch(agent, 1, 1, joined(internal),
                 snapshot=snapshot(odd)).status == 200
    assert counts(frontend)[0] == "1"


def test_a_join_before_the_create_reply(cluster, agents):
    """The event overtakes the answer that tells us the internal id."""
    frontend = cluster.frontend()
    for agent in agents:
        batch(agent, 1, 1, snapshot=snapshot())
    for server in cluster.servers:
        server.fault("latency", "create", ms=700, after=True)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        reply = pool.submit(frontend.create, "early")
        found = until(lambda: [
            (i, m) for i, m in cluster.sim.meetings()], what="a meeting")
        at, internal = found[0][0], found[0][1]["internalMeetingID"]
        assert batch(agents[at], 1, 2, joined(internal)).status == 200
        assert reply.result().ok
    assert counts(frontend, "early")[0] == "1"
    for server in cluster.servers:
        server.mend()


def test_twenty_joins_at_once(cluster, living):
    frontend, internal, _ = living
    at = index_of(cluster, "mm")
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda i: rpc(
            node(cluster, at), "meeting_add_attendee", {
                "internal_meeting_id": internal,
                "attendee": attendee(f"w_{i}")}).json(), range(20)))
    assert answers == [{"status": "ok", "result": None}] * 20
    assert counts(frontend)[0] == "20"
    assert len(attendees(frontend)) == 20


# ---- the Go agent's calls

def rpc(api, action, payload):
    return api.post("/agent/rpc", {
        "action": action,
        "payload": base64.b64encode(json.dumps(payload).encode()).decode()})


def attendee(user):
    return {"UserID": "ext-" + user, "InternalUserID": user,
            "FullName": "Name", "Role": "VIEWER", "IsPresenter": False,
            "IsListeningOnly": False, "HasJoinedVoice": False,
            "HasVideo": False, "ClientType": "HTML5"}


def test_what_the_go_agent_sends(living):
    frontend, internal, agent = living
    ok = '{"status":"ok","result":null}\n'
    meeting = {"internal_meeting_id": internal}
    assert rpc(agent, "meeting_set_running",
               {**meeting, "running": True}).text == ok
    assert counts(frontend)[5] == "true"
    assert rpc(agent, "meeting_add_attendee",
               {**meeting, "attendee": attendee("w_1")}).text == ok
    assert rpc(agent, "meeting_add_attendee",
               {**meeting, "attendee": attendee("w_2")}).text == ok
    assert attendees(frontend) == ["ext-w_1", "ext-w_2"]
    assert rpc(agent, "meeting_remove_attendee",
               {**meeting, "internal_user_id": "w_1"}).text == ok
    assert counts(frontend) == ["1", "0", "0", "0", "0", "true"]
    assert rpc(agent, "meeting_state_reset", meeting).text == ok
    assert counts(frontend) == ["0", "0", "0", "0", "0", "false"]
    assert agent.delete(f"/meetings/internal:{internal}").status == 200
    assert frontend.info("mm").key == "notFound"


def test_a_payload_may_be_an_object(living):
    frontend, internal, agent = living
    agent.post("/agent/rpc", {
        "action": "meeting_add_attendee", "payload": {
            "internal_meeting_id": internal, "attendee": attendee("w_1")}})
    assert counts(frontend)[0] == "1"


ACTION = "meeting_remove_attendee"


@pytest.mark.parametrize("body,status,said", [
    ({"action": "x", "payload": "e30="}, 200,
     "the requested RPC action is unknown"),
    ({"action": ACTION}, 200, "the payload is missing"),
    ({"action": ACTION, "payload": ""}, 200, "the payload is missing"),
    ({"action": ACTION, "payload": "e30"}, 400,
     "code=400, message=the payload is no base64"),
    ({"action": ACTION, "payload": "!!!!"}, 400,
     "code=400, message=the payload is no base64"),
    ({"action": ACTION, "payload": "e30="}, 200,
     "internal_meeting_id is missing"),
    ({"action": ACTION, "payload": {"internal_meeting_id": "x"}}, 200,
     "internal_user_id is missing"),
    ({"action": "meeting_add_attendee",
      "payload": {"internal_meeting_id": "x"}}, 200, "attendee is missing"),
    ({"action": "meeting_set_running",
      "payload": {"internal_meeting_id": "x", "running": "yes"}}, 200,
     "running is no boolean")])
def test_a_call_that_cannot_be_done(agents, body, status, said):
    answer = agents[0].post("/agent/rpc", body)
    assert answer.status == status
    assert answer.json() == {"status": "error", "result": said}


def test_a_payload_that_is_no_json(agents):
    answer = agents[0].post("/agent/rpc", {
        "action": ACTION, "payload": base64.b64encode(b"{").decode()})
    assert answer.status == 200
    assert answer.json()["status"] == "error"


# ---- heartbeats

def test_a_heartbeat(cluster, agents):
    answer = agents[0].post("/agent/heartbeat", {
        "cpu": 0.5, "bbb_version": "3.0.1", "what": "else"})
    assert answer.status == 200
    row = cluster.backend_of(cluster.servers[0])
    assert answer.json()["backend_id"] == row["id"]
    assert answer.json()["heartbeat"].startswith(
        time.strftime("%Y-%m-%dT", time.gmtime()))
    assert row["bbb_version"] == "3.0.1"
    # the Go agent sends none
    assert agents[0].call("POST", "/agent/heartbeat", headers={
        "Content-Type": None}).status == 200
    assert cluster.backend_of(
        cluster.servers[0])["bbb_version"] == "3.0.1"


def test_silence_takes_a_server_out_until_it_beats(cluster, agents):
    frontend = cluster.frontend()
    agents[0].post("/agent/heartbeat")
    cluster.sql("UPDATE backend_health SET heartbeat ="
                " now() - interval '61 s' WHERE heartbeat IS NOT NULL")
    for i in range(4):
        assert frontend.create(f"s{i}").ok
        assert index_of(cluster, f"s{i}") == 1
    agents[0].post("/agent/heartbeat")
    assert frontend.create("back").ok
    assert index_of(cluster, "back") == 0


# ---- the real agent

@pytest.fixture
def host(cluster, agents):
    """The agent beside the first server, and its Redis."""
    assert len(agents) == 2
    with tempfile.TemporaryDirectory(prefix="b3scale-agent-") as folder:
        redis = Redis(folder)
        server = cluster.servers[0]
        server.events(redis=f"127.0.0.1:{redis.port}")
        agent = Agent(folder, cluster.node.web, server, redis)
        agent.write("token", token("b3scale:node", "agent-0") + "\n")
        agent.start()
        try:
            until(lambda: cluster.value("SELECT count(*) FROM agent_streams")
                  == 1, 20, "the first snapshot")
            yield server, redis
        finally:
            agent.stop()
            server.events(redis="")
            redis.stop()


def only_first(cluster, server):
    """New meetings come to this server."""
    cluster.sql("UPDATE backends SET admin_state = CASE WHEN host = %s"
                " THEN 'ready' ELSE 'stopped' END", server.url)


def test_who_joins_on_the_server_is_seen(cluster, host):
    server, _ = host
    only_first(cluster, server)
    frontend = cluster.frontend()
    assert frontend.create("mm").ok
    there = server.meetings()[0]["meetingID"]
    server.join(there, userID="anna", name="Anna", role="MODERATOR")
    server.join(there, userID="bert", name="Bert", role="VIEWER")
    until(lambda: counts(frontend)[:2] == ["2", "1"], what="both")
    assert attendees(frontend) == ["anna", "bert"]
    until(lambda: frontend.is_running("mm") == "true", what="the replicas to know")
    cluster.sql("UPDATE backends SET admin_state = 'ready'")


def lines(name):
    with open(os.path.join(FIXTURES, name), "rb") as f:
        return f.read().splitlines()


def payload_of(line):
    """The published bytes, unchanged."""
    return line.split(b'"payload":', 1)[1][:-1]


def publish(redis, line):
    """One line of a recording."""
    read = json.loads(line)
    if read["channel"] == "from-akka-apps-redis-channel":
        redis.publish(payload_of(line) if "payload" in read
                      else read["raw"].encode())


def announce(cluster, frontend, server, line):
    """Had we made the meeting that the server says it has: its row."""
    message = json.loads(line).get("payload")
    if not isinstance(message, dict):
        return
    body = message.get("core", {}).get("body", {})
    props = body.get("props", {}).get("meetingProp")
    if props and not props["isBreakout"]:
        cluster.sql(
            "INSERT INTO meetings AS m (frontend_id, meeting_id, backend_id,"
            " backend_meeting_id, internal_id, state) SELECT %s, %s, id,"
            " %s, %s, 'living' FROM backends WHERE host = %s"
            " ON CONFLICT (frontend_id, meeting_id) DO UPDATE"
            " SET state = 'living', internal_id = EXCLUDED.internal_id"
            " WHERE m.internal_id <> EXCLUDED.internal_id",
            frontend.id, props["extId"], props["extId"], props["intId"],
            server.url)


def known(cluster, internal):
    rows = cluster.sql(
        "SELECT m.*, ARRAY(SELECT session FROM attendees a"
        " WHERE a.meeting = m.id AND is_presenter ORDER BY 1) AS presenters"
        " FROM meetings m WHERE internal_id = %s", internal)
    if not rows:
        return None
    row = rows[0]
    return {
        "participantCount": row["participants"],
        "moderatorCount": row["moderators"],
        "listenerCount": row["listeners"],
        "voiceParticipantCount": row["voices"],
        "videoCount": row["videos"], "presenters": row["presenters"],
        "ended": row["state"] == "ended"}


def wanted(expected):
    return {k: expected[k] for k in (
        "participantCount", "moderatorCount", "listenerCount",
        "voiceParticipantCount", "videoCount", "presenters", "ended")}


@pytest.mark.parametrize("name", [
    "composed-2.7-meeting", "composed-2.7-breakout",
    "composed-3.0-variants"])
def test_recorded_messages_give_the_recorded_states(cluster, host, name):
    server, redis = host
    frontend = cluster.frontend()
    expected = {}
    for line in lines(name + ".expected.ndjson"):
        state = json.loads(line)
        expected.setdefault(state["line"], []).append(state)
    for number, line in enumerate(lines(name + ".ndjson"), 1):
        announce(cluster, frontend, server, line)
        publish(redis, line)
        for state in expected.get(number, []):
            until(lambda s=state: known(cluster, s["meetingId"]) ==
                  wanted(s), 10, f"line {number}: {wanted(state)}")


def test_odd_messages_leave_the_state_right(cluster, host):
    """Repeats, strays, broken and late ones: what tests/fixtures tells."""
    server, redis = host
    frontend = cluster.frontend()
    recorded = lines("composed-edge-cases.ndjson")
    for line in recorded[:32]:
        announce(cluster, frontend, server, line)
        publish(redis, line)
    internal = cluster.value("SELECT internal_id FROM meetings")
    want = {"participantCount": 2, "moderatorCount": 1, "listenerCount": 1,
            "voiceParticipantCount": 0, "videoCount": 1,
            "presenters": ["w_kilo00000011"], "ended": False}
    until(lambda: known(cluster, internal) == want, 10, str(want))
    for line in recorded[32:]:
        announce(cluster, frontend, server, line)
        publish(redis, line)
    until(lambda: cluster.value("SELECT bool_and(state = 'ended')"
                                " FROM meetings"), what="the end of all")
    assert cluster.value("SELECT count(*) FROM meetings") == 1
    assert cluster.value("SELECT count(*) FROM attendees") == 0
