"""join: links to the right server, and what a browser gets instead.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import json
import re
import urllib.parse

import pytest

from harness import until

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
GONE = "You can not join a meeting that has already been forcibly ended"


@pytest.fixture(name="fe")
def _fe(cluster):
    for server in cluster.servers:
        server.mend()
        server.forget()
    cluster.sql("UPDATE backends SET node_state = 'ready'")
    return cluster.frontend()


@pytest.fixture(name="meeting")
def _meeting(fe):
    meeting = f"join-{fe.key}"
    assert fe.create(meeting, attendeePW="apw", moderatorPW="mpw").ok
    return meeting


def query_of(url):
    return urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query,
                                  keep_blank_values=True)


def failed(cluster, meeting, state="error"):
    server = cluster.server_of_meeting(meeting)
    cluster.sql("UPDATE backends SET node_state = %s WHERE host = %s",
                state, server.url)


# ---- refused

def test_an_unknown_meeting_is_told_in_the_callers_form(fe):
    reply = fe.join("nothing here")
    assert (reply.status, reply.code, reply.key, reply.message) == (
        200, "FAILED", "meetingForciblyEnded", GONE)
    page = fe.join("nothing here", headers=HTML)
    assert page.status == 404
    assert page.headers["Content-Type"].startswith("text/html")
    german = fe.join("nothing here", headers={
        **HTML, "Accept-Language": "de-DE,de;q=0.9"})
    assert german.text != page.text and 'lang="de"' in german.text
    away = fe.join("nothing here", headers=HTML,
                   logoutURL="https://portal.example/?a=b",
                   errorRedirectUrl="https://portal.example/e")
    assert away.status == 302
    assert away.location.startswith("https://portal.example/e?errors=")
    errors = json.loads(dict(query_of(away.location))["errors"])
    assert errors == [{"key": "meetingForciblyEnded", "message": GONE}]


def test_a_wrong_checksum_never_redirects(fe):
    reply = fe.call("join", {
        "meetingID": "x", "fullName": "x",
        "errorRedirectUrl": "https://evil.example/"}, checksum="0" * 40)
    assert (reply.status, reply.key) == (200, "checksumError")


@pytest.mark.parametrize("url", [
    "javascript:alert(1)", "//evil.example/", "data:text/html,x", "x",
    "https://a.example/\r\nX-Forged: 1"])
def test_only_web_addresses_are_redirected_to(fe, url):
    reply = fe.join("nothing here", errorRedirectUrl=url)
    assert (reply.status, reply.key) == (200, "meetingForciblyEnded")
    assert "X-Forged" not in reply.headers


def test_a_name_is_needed(fe, meeting):
    for params in ({"meetingID": meeting},
                   {"meetingID": meeting, "fullName": ""}):
        reply = fe.call("join", params)
        assert (reply.key, reply.message) == (
            "missingParamFullName", "You must provide your name")


# ---- sent on

def test_the_link_is_the_servers_own_and_signed(cluster, fe, meeting):
    reply = fe.join(meeting, "Jörg & Co", password="mpw", redirect="false",
                    **{"userdata-bbb_x": "1", "userdata-1 bad": "2"})
    assert reply.status == 302
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Type"].startswith("text/html")
    server = cluster.server_of_meeting(meeting)
    assert reply.location.startswith(server.url + "join?")
    params = query_of(reply.location)
    names = [name for name, _ in params]
    assert len(names) == len(set(names)) and "userdata-1 bad" not in names
    params = dict(params)
    assert params["fullName"] == "Jörg & Co"
    assert params["redirect"] == "false"
    assert params["userdata-bbb_x"] == "1"
    joined = fe.send("GET", reply.location)
    assert joined.status == 200 and "successfullyJoined" in joined.text
    assert server.requests("join")[-1]["checksum_ok"]


def test_settings_of_joins(cluster, fe, meeting):
    cluster.settings(fe, join_default_params={"userdata-a": "1", "x": "y"},
                     join_override_params={"guest": "true"})
    reply = until(lambda: "guest" in dict(query_of(
        (r := fe.join(meeting, x="z", guest="false")).location)) and r, 2)
    params = dict(query_of(reply.location))
    assert params["guest"] == "true"
    assert (params["userdata-a"], params["x"]) == ("1", "z")


def test_the_switch_that_turns_checks_off_does_not_reach_a_server(
        fe, meeting):
    reply = fe.join(meeting, presentationUploadExternalUrl="https://a/")
    assert "presentationUpload" not in reply.location


def test_a_join_follows_its_create_at_once(fe):
    for i in range(20):
        assert fe.create(f"at once {i}").ok
        assert fe.join(f"at once {i}").status == 302


def test_get_and_post_forms_join(fe, meeting):
    params = {"meetingID": meeting, "fullName": "A", "password": "apw"}
    assert fe.form("join", params).status == 302


# ---- waiting

def refresh_of(page):
    seconds, url = re.search(
        r'http-equiv="refresh"\s+content="(\d+);\s*url=([^"]+)"',
        page.text).groups()
    return int(seconds), url.replace("&amp;", "&")


def test_a_browser_waits_for_a_failed_server(cluster, fe, meeting):
    failed(cluster, meeting)
    page = until(lambda: (r := fe.join(meeting, headers=HTML)).status == 200
                 and r, 2)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Cache-Control"] == "no-store"
    seconds, url = refresh_of(page)
    assert 1 <= seconds <= 5 and url.startswith("/b3s/retry-join/")
    waits = [seconds]
    for _ in range(5):
        page = fe.send("GET", cluster.url + url, headers=HTML)
        assert page.status == 200
        seconds, url = refresh_of(page)
        waits.append(seconds)
    assert waits == sorted(waits) and waits[-1] > waits[0], waits
    failed(cluster, meeting, "ready")
    joined = until(lambda: (r := fe.send(
        "GET", cluster.url + url, headers=HTML)).status == 302 and r, 2)
    assert joined.location.startswith(
        cluster.server_of_meeting(meeting).url)


def test_a_program_is_told_that_the_server_is_away(cluster, fe, meeting):
    failed(cluster, meeting)
    reply = until(lambda: (r := fe.join(meeting)).status == 200 and r, 2)
    assert (reply.code, reply.key) == ("FAILED", "backendUnavailable")


def test_the_wait_is_given_up_politely(make_cluster):
    cluster = make_cluster(servers=1, conf={"wait_max": "1 ms"})
    fe = cluster.frontend()
    fe.create("abc")
    failed(cluster, "abc")
    page = until(lambda: (r := fe.join("abc", headers=HTML)).status == 200
                 and r, 2)
    _, url = refresh_of(page)
    page = until(lambda: "refresh" not in (r := fe.send(
        "GET", cluster.url + url, headers=HTML)).text and r, 2)
    assert page.status == 200
    assert fe.link("join").rsplit("/", 1)[0].removeprefix(cluster.url) in \
        page.text


@pytest.mark.parametrize("blob", ["", "x", "AAAA", "%00", "e30",
                                  "eyJ1cmwiOiIvYmJiL3gvY3JlYXRlIn0"])
def test_a_forged_waiting_address_opens_nothing(cluster, blob):
    fe = cluster.frontend()
    reply = fe.send("GET", f"{cluster.url}/b3s/retry-join/{blob}",
                    headers=HTML)
    assert reply.status in (200, 400, 404)
    if reply.status == 200:
        assert reply.code == "FAILED"


def test_what_an_admin_says_of_a_server_does_not_move_a_meeting(
        cluster, fe, meeting):
    server = cluster.server_of_meeting(meeting)
    for state in ("stopped", "init", "ready"):
        cluster.sql("UPDATE backends SET admin_state = %s WHERE host = %s",
                    state, server.url)
        assert fe.join(meeting).location.startswith(server.url)
