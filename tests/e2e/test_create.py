"""create: what reaches the servers, settings, placement, failing servers.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import concurrent.futures
import hashlib
import os
import re
import time

import pytest

from harness import until

DOCUMENT = ("<modules><module name=\"presentation\"><document "
            "url=\"https://a.example/b.pdf\"/></module></modules>")


@pytest.fixture(name="fe")
def _fe(cluster):
    for server in cluster.servers:
        server.mend()
        server.forget()
    cluster.sql("UPDATE backends SET node_state = 'ready'")
    cluster.sql("UPDATE backend_health SET failures = 0")
    return cluster.frontend()


def sent(cluster, meeting, call="create"):
    """The last such call that the meeting's server saw."""
    return cluster.server_of_meeting(meeting).requests(call)[-1]


# ---- parameters

@pytest.mark.parametrize("query,status", [
    ("a%26b=1", "Invalid parameter name"),
    ("a%3Db=1", "Invalid parameter name"),
    ("%00=1", "Invalid parameter name"),
    ("a%0D%0AX=1", "Invalid parameter name"),
    ("a+b=1", "Invalid parameter name")])
def test_names_that_could_hide_something_are_refused(fe, query, status):
    reply = fe.call("create", raw_query=f"name=Abc&meetingID=abc&{query}")
    assert (reply.key, reply.message) == ("validationError", status)


def test_names_that_bbb_drops_are_dropped(cluster, fe):
    meeting = f"names-{fe.key}"
    assert fe.call("create", raw_query=(
        f"name=Abc&meetingID={meeting}&=x&meta_=1&meta_a+b=2&meta_%C3%BC=3"
        "&plugin_a%26b=4&userdata-a+b=5&meta_kept=6&meta_a%0D%0Ab=7")).ok
    names = [n for n, _ in sent(cluster, meeting)["params"]]
    assert "meta_kept" in names and "name" in names
    assert all(re.fullmatch("[A-Za-z0-9_-]+", n) for n in names)
    metadata = fe.info(meeting).xml.find("metadata")
    assert {e.tag for e in metadata} == {"kept"}


def test_values_keep_their_bytes_or_are_escaped(cluster, fe):
    meeting = f"bytes-{fe.key}"
    kept = "welcome=a+b%20c%c3%BC%7e~!'()*,&moderatorOnlyMessage=%26x%3D1"
    query = f"name=Abc&meetingID={meeting}&{kept}&logo=\"<>%&copyright=%zz"
    assert fe.call("create", raw_query=query).ok
    raw = sent(cluster, meeting)["query"]
    assert kept in raw
    assert "logo=%22%3C%3E%25" in raw and "copyright=%25zz" in raw


def test_duplicates_are_sent_once_and_the_first_counts(cluster, fe):
    meeting = f"dup-{fe.key}"
    query = (f"name=Abc&meetingID={meeting}&meetingID=other&record=true"
             "&record=false&meta_A=1&meta_a=2&name=Zzz")
    assert fe.call("create", raw_query=query).ok
    params = sent(cluster, meeting)["params"]
    names = [name.lower() for name, _ in params]
    assert len(names) == len(set(names))
    params = dict(params)
    assert (params["name"], params["record"]) == ("Abc", "true")
    assert params["meta_A"] == "1"


def test_overrides_win_over_every_trick(cluster, fe):
    cluster.settings(fe, create_override_params={
        "record": "false", "meta_x": "ours", "meetingID": "no",
        "checksum": "no"}, create_default_params={
            "welcome": "hello", "logo": "ours", "disabledFeatures": "a,b"})
    meeting = f"override-{fe.key}"
    query = (f"name=Abc&meetingID={meeting}&record=true&%72ecord=true"
             "&meta_X=theirs&meta_x=theirs&logo=&disabledFeatures=b,c")
    assert fe.call("create", raw_query=query).ok
    params = sent(cluster, meeting)["params"]
    assert [v for n, v in params if n == "record"] == ["false"]
    assert [v for n, v in params if n.lower() == "meta_x"] == ["ours"]
    params = dict(params)
    assert params["welcome"] == "hello"
    assert params["logo"] == "", "an empty value is a value"
    assert params["disabledFeatures"] == "b,c,a"
    assert params["meta_b3s-frontend"] == fe.key


def test_the_default_presentation_is_added_where_there_is_none(cluster, fe):
    cluster.settings(fe, default_presentation={
        "url": "https://slides.example/a&b.pdf?x=<1>"})
    one, two = f"slides-{fe.key}", f"own-{fe.key}"
    assert fe.create(one).ok
    seen = sent(cluster, one)
    assert seen["method"] == "POST"
    assert seen["content_type"] == "application/xml"
    assert seen["body_length"] > 50
    assert fe.create(two, body=DOCUMENT).ok
    digest = hashlib.sha256(DOCUMENT.encode()).hexdigest()
    assert sent(cluster, two)["body_sha256"] == digest
    cluster.settings(fe, default_presentation={
        "url": "https://slides.example/a.pdf", "force": True})
    three = f"forced-{fe.key}"
    assert fe.create(three, body=DOCUMENT).ok
    assert sent(cluster, three)["body_sha256"] != digest


def test_passwords_are_made_once_and_repeated(cluster, fe):
    meeting = f"pw-{fe.key}"
    one, two = fe.create(meeting), fe.create(meeting)
    assert one.ok and two.key == "duplicateWarning"
    assert one.get("attendeePW") == two.get("attendeePW")
    assert one.get("moderatorPW") == two.get("moderatorPW")
    assert len(one.get("attendeePW")) == 8
    seen = [dict(r["params"]) for r in
            cluster.server_of_meeting(meeting).requests("create")[-2:]]
    assert seen[0]["attendeePW"] == seen[1]["attendeePW"]


def test_a_long_id_runs_under_its_digest(cluster, fe):
    meeting = "x" * 250
    assert fe.create(meeting).get("meetingID") == meeting
    name = dict(sent(cluster, meeting)["params"])["meetingID"]
    assert name.startswith("b3s-") and len(name) == 68
    cluster.poll()
    assert fe.meeting_ids() == {meeting}
    assert fe.end(meeting).ok


@pytest.mark.parametrize("polled", [False, True])
def test_our_mark_is_not_shown(cluster, fe, polled):
    """It is for the BBB server; there are clients that want no metadata."""
    one, two = f"mark-{fe.key}", f"meta-{fe.key}"
    assert fe.create(one).ok and fe.create(two, meta_x="y", meta_zz="z").ok
    if polled:
        cluster.poll()
    metadata = fe.info(one).xml.find("metadata")
    assert len(metadata) == 0 and not (metadata.text or "").strip()
    listed = {m.findtext("meetingID"): {e.tag: e.text
                                        for e in m.find("metadata")}
              for m in fe.call("getMeetings").xml.iterfind(
                  "meetings/meeting")}
    assert listed == {one: {}, two: {"x": "y", "zz": "z"}}


def test_a_meeting_has_begun_when_it_was_made(fe):
    """There are clients that cannot read a startTime of 0."""
    made = fe.create(f"begun-{fe.key}")
    assert fe.info(f"begun-{fe.key}").get("startTime") == \
        made.get("createTime")


def test_less_than_no_limit_is_none(fe):
    meeting = f"less-{fe.key}"
    assert fe.create(meeting, maxParticipants="-1", duration="-5").ok
    assert fe.info(meeting).get("maxUsers") == "0"
    assert fe.info(meeting).get("duration") == "0"


# ---- limits and tags

def test_the_meetings_limit_holds(cluster, fe):
    cluster.settings(fe, meetings_limit=2)
    assert fe.create("a1").ok and fe.create("a2").ok
    reply = fe.create("a3")
    assert (reply.status, reply.key) == (200, "maxConcurrent")
    assert fe.create("a2").key == "duplicateWarning"
    assert fe.end("a1").ok
    assert fe.create("a3").ok


def test_the_attendees_limit_refuses_a_join(cluster, fe):
    cluster.settings(fe, attendees_limit={"limit": 1})
    meeting = f"full-{fe.key}"
    fe.create(meeting)
    assert fe.join(meeting).status == 302
    server = cluster.server_of_meeting(meeting)
    server.join(dict(sent(cluster, meeting)["params"])["meetingID"],
                name="A")
    cluster.poll()
    reply = fe.join(meeting)
    assert (reply.status, reply.key) == (200, "maxParticipantsReached")
    page = fe.join(meeting, headers={"Accept": "text/html"})
    assert page.status == 403
    assert page.headers["Content-Type"].startswith("text/html")
    away = fe.join(meeting, logoutURL="https://a.example/?b=1")
    assert away.status == 302
    assert away.location.startswith("https://a.example/?b=1&errors=")
    assert "maxParticipantsReached" in away.location


def test_tags_choose_servers(cluster, fe):
    one, two = cluster.servers
    cluster.sql("UPDATE backends SET settings = '{\"tags\":[\"gpu\"]}'"
                " WHERE host = %s", two.url)
    try:
        cluster.settings(fe, required_tags=["gpu"])
        for i in range(4):
            assert fe.create(f"tag{i}").ok
            assert cluster.server_of_meeting(f"tag{i}") is two
        cluster.settings(fe, required_tags=["none has this"])
        reply = fe.create("tag-none")
        assert (reply.code, reply.key) == ("FAILED", "backendUnavailable")
        cluster.settings(fe, allowed_tags=["gpu", "absent"])
        for i in range(3):
            assert fe.create(f"wish{i}", **{"meta_server-tag": "gpu"}).ok
            assert cluster.server_of_meeting(f"wish{i}") is two
        assert fe.create("wish-in-vain",
                         **{"meta_server-tag": "absent"}).ok
        reply = fe.create("demand", **{"meta_server-tag": "absent!"})
        assert reply.key == "serverTagUnavailable"
        cluster.settings(fe)
        reply = fe.create("not-allowed", **{"meta_server-tag": "gpu!"})
        assert reply.key == "serverTagUnavailable"
    finally:
        cluster.sql("UPDATE backends SET settings = '{}'")
    assert one is not two


def test_a_reservation_keeps_others_off(cluster, fe):
    one, two = cluster.servers
    other = cluster.frontend()
    reservation = cluster.value(
        "INSERT INTO reservations (backend_id, until_at)"
        " SELECT id, now() + interval '1 hour' FROM backends"
        " WHERE host = %s RETURNING id", two.url)
    cluster.sql("INSERT INTO reservation_frontends VALUES (%s, %s)",
                reservation, other.id)
    try:
        for i in range(4):
            assert fe.create(f"res{i}").ok
            assert cluster.server_of_meeting(f"res{i}") is one
    finally:
        cluster.sql("DELETE FROM reservations")


def test_a_stopped_server_keeps_its_meetings(cluster, fe):
    meeting = f"stay-{fe.key}"
    fe.create(meeting)
    server = cluster.server_of_meeting(meeting)
    cluster.sql("UPDATE backends SET admin_state = 'stopped'"
                " WHERE host = %s", server.url)
    try:
        assert fe.create(meeting).key == "duplicateWarning"
        assert fe.join(meeting).location.startswith(server.url)
        assert fe.create(f"new-{fe.key}").ok
        assert cluster.server_of_meeting(f"new-{fe.key}") is not server
    finally:
        cluster.sql("UPDATE backends SET admin_state = 'ready'")


# ---- many at once

def test_fifty_creates_of_one_meeting_make_one(cluster, fe):
    meeting = f"fifty-{fe.key}"
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(lambda _: fe.create(meeting), range(50)))
    assert all(r.ok for r in replies), [r for r in replies if not r.ok][:3]
    assert len({(r.get("internalMeetingID"), r.get("createTime"),
                 r.get("attendeePW")) for r in replies}) == 1
    assert sum(len(s.meetings()) for s in cluster.servers if any(
        m["internalMeetingID"] == replies[0].get("internalMeetingID")
        for m in s.meetings())) >= 1
    assert fe.meeting_ids() == {meeting}


# ---- servers that fail

@pytest.mark.parametrize("fault", [
    {"kind": "refuse"}, {"kind": "status", "status": 500},
    {"kind": "garbage"}, {"kind": "truncate"}, {"kind": "close"},
    {"kind": "failed", "key": "checksumError", "message": "no"}])
def test_the_next_server_takes_over(make_cluster, fault):
    cluster = make_cluster(servers=3)
    fe = cluster.frontend()
    bad = cluster.servers[0]
    cluster.sql("UPDATE backends SET load_factor = 100 WHERE host <> %s",
                bad.url)
    bad.fault(**fault)
    reply = fe.create("moved")
    assert reply.ok, reply
    assert cluster.server_of_meeting("moved") is not bad
    # one that answered an error page is blamed after the answer
    until(lambda: cluster.backend_of(bad)["failures"] == 1)
    assert fe.create("moved").key == "duplicateWarning"


def test_two_failures_take_a_server_out(make_cluster):
    cluster = make_cluster(servers=3)
    fe = cluster.frontend()
    bad = cluster.servers[0]
    cluster.sql("UPDATE backends SET load_factor = 100 WHERE host <> %s",
                bad.url)
    bad.fault("status", status=502)
    assert fe.create("one").ok and fe.create("two").ok
    assert cluster.backend_of(bad)["node_state"] == "error"
    bad.forget()
    assert fe.create("three").ok
    assert not bad.requests("create")


def failures(cluster):
    return [cluster.backend_of(s)["failures"] for s in cluster.servers]


def test_what_makes_every_server_stumble_blames_none(make_cluster):
    """A frontend's bad request must not take out everybody's servers."""
    cluster = make_cluster(servers=6)
    fe, other = cluster.frontend(), cluster.frontend()
    assert fe.create("there").ok
    for server in cluster.servers:
        server.fault("status", status=500)
        server.forget()
    for i in range(3):
        reply = fe.create(f"odd-{i}")
        assert (reply.status, reply.key) == (200, "internalError"), reply
        reply = fe.create("there")
        assert (reply.status, reply.key) == (200, "internalError"), reply
        reply = fe.call("sendChatMessage", {"meetingID": "there",
                                            "message": "x"})
        assert (reply.status, reply.key) == (200, "internalError"), reply
    tried = sum(len(s.requests("create")) for s in cluster.servers)
    assert tried == 3 * 4 + 3, "four each, and one where it lives"
    for server in cluster.servers:
        server.mend()
    assert failures(cluster) == [0] * 6
    assert fe.meeting_ids() == {"there"}
    assert fe.join("there").status == 302
    assert other.create("new").ok


def test_the_only_server_may_stumble(make_cluster):
    cluster = make_cluster(servers=1)
    fe = cluster.frontend()
    cluster.servers[0].fault("status", status=500, count=1)
    assert fe.create("odd").key == "internalError"
    assert failures(cluster) == [0] and fe.meeting_ids() == set()
    assert fe.create("odd").ok


@pytest.mark.parametrize("body,words", [
    ("<modules><module>", "line 1: no element found"),
    ("<modules>\n</module>", "line 2: mismatched tag"),
    ("{}", "line 1: not well-formed (invalid token)"),
    ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
     "line 1: a document type is not allowed")])
def test_a_body_that_is_no_xml_reaches_no_server(cluster, fe, body, words):
    meeting = f"xml-{fe.key}"
    assert fe.create(meeting).ok
    for server in cluster.servers:
        server.forget()
    message = f"The body is not well-formed XML: {words}"
    for call in ("create", "insertDocument"):
        reply = fe.call(call, {"meetingID": meeting, "name": "Abc"},
                        method="POST", body=body,
                        headers={"Content-Type": "application/xml"})
        assert (reply.status, reply.key, reply.message) == (
            200, "validationError", message)
        assert not any(s.requests(call) for s in cluster.servers)


def test_when_all_fail_the_create_says_so(cluster, fe):
    for server in cluster.servers:
        server.fault("refuse")
    reply = fe.create(f"none-{fe.key}")
    assert (reply.status, reply.code, reply.key) == (
        200, "FAILED", "backendUnavailable")
    assert fe.meeting_ids() == set()
    for server in cluster.servers:
        server.mend()
    assert cluster.value("SELECT count(*) FROM meetings WHERE"
                         " frontend_id = %s AND state <> 'ended'",
                         fe.id) == 0


def test_a_refused_create_leaves_nothing(cluster, fe):
    assert fe.create(f"v1-{fe.key}", voiceBridge="70001").ok
    server = cluster.server_of_meeting(f"v1-{fe.key}")
    others = [s for s in cluster.servers if s is not server]
    cluster.sql("UPDATE backends SET admin_state = 'stopped'"
                " WHERE host = ANY(%s)", [s.url for s in others])
    try:
        reply = fe.create(f"v2-{fe.key}", voiceBridge="70001")
        assert reply.get("errors/error/key") == "nonUniqueVoiceBridge"
    finally:
        cluster.sql("UPDATE backends SET admin_state = 'ready'")
    assert fe.meeting_ids() == {f"v1-{fe.key}"}
    assert cluster.value("SELECT count(*) FROM meetings WHERE meeting_id ="
                         " %s AND state <> 'ended'", f"v2-{fe.key}") == 0


def test_a_lost_answer_is_asked_for_again(make_cluster):
    """It worked, but the answer hung: the same server has the meeting."""
    cluster = make_cluster(servers=2, conf={"connect_timeout": "1 s",
                                            "try_timeout": "1 s",
                                            "create_timeout": "10 s"})
    fe = cluster.frontend()
    good = cluster.servers[0]
    cluster.sql("UPDATE backends SET load_factor = 100 WHERE host <> %s",
                good.url)
    good.fault("hang", call="create", after=True, count=1)
    reply = fe.create("lost")
    assert reply.ok and reply.key == "duplicateWarning"
    assert cluster.server_of_meeting("lost") is good
    assert not cluster.servers[1].meetings()


@pytest.mark.parametrize("servers", [1, 2])
@pytest.mark.parametrize("passwords", [
    {}, {"attendeePW": "apw", "moderatorPW": "mpw"}])
def test_a_meeting_can_be_made_anew_right_after_its_end(
        make_cluster, servers, passwords):
    """BBB goes on having it for seconds: it is not taken for the new one."""
    cluster = make_cluster(servers=servers)
    fe = cluster.frontend()
    for server in cluster.servers:
        server.settings(end_delay_ms=1500)
    first = fe.create("again", **passwords)
    assert fe.end("again").ok
    second = fe.create("again", **passwords)
    assert second.ok and second.key != "duplicateWarning", second
    assert second.get("internalMeetingID") != first.get("internalMeetingID")
    assert fe.meeting_ids() == {"again"}
    assert fe.join("again").status == 302
    assert all(s["failures"] == 0 for s in
               map(cluster.backend_of, cluster.servers))


@pytest.mark.parametrize("servers", [1, 2])
def test_several_may_make_it_anew_right_after_its_end(make_cluster, servers):
    cluster = make_cluster(servers=servers)
    fe = cluster.frontend()
    for server in cluster.servers:
        server.settings(end_delay_ms=1500)
    first = fe.create("again")
    assert fe.end("again").ok
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: fe.create("again"), range(6)))
    assert all(r.ok for r in replies), [r for r in replies if not r.ok][:2]
    made = {r.get("internalMeetingID") for r in replies}
    assert len(made) == 1 and made != {first.get("internalMeetingID")}
    assert fe.meeting_ids() == {"again"}


def test_a_hanging_server_is_left_in_time(make_cluster):
    cluster = make_cluster(servers=2, conf={"connect_timeout": "1 s",
                                            "try_timeout": "1 s",
                                            "create_timeout": "8 s"})
    fe = cluster.frontend()
    bad = cluster.servers[0]
    cluster.sql("UPDATE backends SET load_factor = 100 WHERE host <> %s",
                bad.url)
    bad.fault("hang")
    began = time.monotonic()
    assert fe.create("hung").ok
    assert time.monotonic() - began < 8
    assert cluster.server_of_meeting("hung") is cluster.servers[1]


def test_a_server_that_is_new_meanwhile_is_one_try_of_several(make_cluster):
    cluster = make_cluster(servers=3, register=False, workers={"forward": 1},
                           conf={"connect_timeout": "1 s",
                                 "try_timeout": "1 s"})
    first, second, new = cluster.servers
    cluster.backend(first.url, first.secret)
    cluster.backend(second.url, second.secret, load_factor=100)
    first.fault("hang")
    new.fault("refuse")
    fe = cluster.frontend()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        reply = pool.submit(fe.create, "moved")
        until(lambda: first.requests("create"))
        # somebody else moves it to a server that our worker never saw
        cluster.sql("UPDATE meetings SET backend_id = %s,"
                    " attempt = attempt + 1",
                    cluster.backend(new.url, new.secret))
        assert reply.result().ok
    assert cluster.server_of_meeting("moved") is second
    assert len(first.requests("create")) <= 2


def test_a_living_meeting_moves_only_from_a_failed_server(cluster, fe):
    meeting = f"move-{fe.key}"
    first = fe.create(meeting)
    server = cluster.server_of_meeting(meeting)
    server.fault("refuse")
    reply = fe.create(meeting)
    assert (reply.status, reply.key) == (200, "backendUnavailable")
    assert cluster.server_of_meeting(meeting) is server
    assert fe.info(meeting).ok, "state still has it"
    cluster.sql("UPDATE backends SET node_state = 'error'"
                " WHERE host = %s", server.url)
    moved = fe.create(meeting)
    assert moved.ok
    assert cluster.server_of_meeting(meeting) is not server
    assert moved.get("internalMeetingID") != first.get("internalMeetingID")
    assert moved.get("attendeePW") == first.get("attendeePW")
    server.mend()


def test_a_busy_server_holds_four_workers_at_most(make_cluster):
    cluster = make_cluster(servers=1, conf={"try_timeout": "6 s"},
                           workers={"forward": 10})
    fe = cluster.frontend()
    fe.create("busy")
    server = cluster.servers[0]
    server.fault("hang", call="end")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = [r.key for r in pool.map(lambda _: fe.end("busy"),
                                           range(8))]
    assert replies.count("backendUnavailable") == 4
    assert replies.count("backendBusy") == 4
    assert len(server.requests("end")) == 4


@pytest.mark.parametrize("first_fails", [False, True])
def test_a_large_presentation_goes_through(make_cluster, tmp_path,
                                           first_fails):
    """200 MiB, sent again whole when the first server fails."""
    cluster = make_cluster(servers=2)
    fe = cluster.frontend()
    bad = cluster.servers[0]
    cluster.sql("UPDATE backends SET load_factor = 100 WHERE host <> %s",
                bad.url)
    if first_fails:
        bad.fault("status", call="create", status=500)
    head = b"<modules><module name=\"presentation\"><document name=\"a.pdf\">"
    tail = b"</document></module></modules>"
    path = tmp_path / "body.xml"
    digest = hashlib.sha256()
    with open(path, "wb") as f:
        for piece in [head] + [b"QUJD" * 262144] * 200 + [tail]:
            f.write(piece)
            digest.update(piece)
    with open(path, "rb") as f:
        reply = fe.create("large", body=f, **{"meta_size": "200"})
    assert reply.ok, reply
    server = cluster.servers[1 if first_fails else 0]
    assert server.requests("create")[-1]["body_sha256"] == digest.hexdigest()
    assert os.path.getsize(path) > 200 << 20
    peak = max(worker_peak(pid) for pool in cluster.node.pools
               for pid in pool.worker_pids())
    assert peak < 64 << 10, f"{peak} KiB resident"


def worker_peak(pid):
    """The most memory it ever had, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f
                    if line.startswith("VmHWM"))


def test_breakout_rooms_of_a_frontend_follow_their_parent(cluster, fe):
    parent = f"parent-{fe.key}"
    internal = fe.create(parent).get("internalMeetingID")
    server = cluster.server_of_meeting(parent)
    server.breakout(internal, 1, name="Room 1")
    cluster.poll()
    rooms = until(lambda: fe.meeting_ids() - {parent}, 2)
    assert len(rooms) == 1
    info = fe.info(rooms.pop())
    assert info.get("isBreakout") == "true"
    assert info.get("parentMeetingID") == internal
