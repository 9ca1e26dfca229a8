"""What browsers see: redirect, waiting page, no such meeting, no place.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import base64
import html
import json
import re
import urllib.parse

import pytest

from harness import until

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
GERMAN = {**HTML, "Accept-Language": "de-AT, de;q=0.9, en;q=0.5"}

LANGUAGES = [({}, "en"), ({"Accept-Language": "fr"}, "en"),
             ({"Accept-Language": "de-AT, de;q=0.9, en;q=0.5"}, "de"),
             ({"Accept-Language": "en, de;q=0.9"}, "en")]


def is_page(reply, lang="en"):
    """Every page has this head, and asks nobody else for anything."""
    headers = reply.headers
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Language"] == lang
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == \
        "default-src 'none'; style-src 'unsafe-inline'"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert reply.text.startswith(
        f'<!DOCTYPE html>\n<html lang="{lang}">\n')
    assert reply.text.endswith("</html>\n")
    assert "{{" not in reply.text
    assert "<script" not in reply.text
    assert "src=" not in reply.text


def refresh(reply):
    """(seconds, address) of the page that comes next; None: none does."""
    found = re.search(r'<meta http-equiv="refresh"'
                      r' content="(\d+); url=([^"]*)">', reply.text)
    return found and (int(found[1]), html.unescape(found[2]))


def links(reply):
    return [html.unescape(link)
            for link in re.findall(r'<a [^>]*href="([^"]*)"', reply.text)]


def carried(address):
    """What the address of a waiting page says."""
    blob = address.removeprefix("/b3s/retry-join/")
    assert blob != address and "=" not in blob
    return json.loads(base64.urlsafe_b64decode(blob + "=" * (-len(blob) % 4)))


def blob(**members):
    text = json.dumps(members).encode()
    return "/b3s/retry-join/" + \
        base64.urlsafe_b64encode(text).decode().rstrip("=")


def get(cluster, client, path, headers=None):
    """A browser's request for a path of this host."""
    return client.send("GET", cluster.url + path, headers=headers or HTML)


def servers_are(cluster, front, state):
    """
    Writes the state of all servers, and waits until the workers know it: a
    join of room tells.
    """
    cluster.sql("UPDATE backends SET node_state = %s", state)
    wanted = 302 if state == "ready" else 200
    # Each worker hears it by itself; so many in a row meet them all.
    until(lambda: all(front.join("room", headers=HTML).status == wanted
                      for _ in range(8)), 5, f"joins to see {state} servers")


@pytest.fixture
def front(any_cluster):
    """A frontend with a meeting room, while all servers are ready."""
    any_cluster.sql("UPDATE backends SET node_state = 'ready'")
    client = any_cluster.frontend()
    until(lambda: client.create("room").ok, 5, "a meeting")
    return client


def row(cluster, front):
    return cluster.sql(
        "SELECT b.host, m.backend_meeting_id FROM meetings m"
        " JOIN backends b ON b.id = m.backend_id WHERE m.frontend_id = %s",
        front.id)[0]


# ---- redirect

@pytest.mark.parametrize("headers, lang", LANGUAGES)
def test_a_join_redirects_with_a_body(any_cluster, front, headers, lang):
    reply = front.join("room", "Ada", headers=headers)
    assert reply.status == 302
    is_page(reply, lang)
    assert reply.location.startswith(row(any_cluster, front)["host"] + "join?")
    assert refresh(reply) == (0, reply.location)
    assert links(reply) == [reply.location]


def test_the_redirect_escapes_what_a_name_holds(front):
    name = "\"><script>alert('1')</script>&amp;"
    reply = front.join("room", name)
    is_page(reply)
    assert refresh(reply) == (0, reply.location)
    query = urllib.parse.parse_qs(reply.location.partition("?")[2])
    assert query["fullName"] == [name]


# ---- waiting

@pytest.mark.parametrize("headers, lang", LANGUAGES)
def test_the_waiting_page_comes_back_by_itself(any_cluster, front, headers,
                                               lang):
    servers_are(any_cluster, front, "error")
    reply = front.join("room", "Ada", headers={**HTML, **headers})
    assert reply.status == 200
    is_page(reply, lang)
    seconds, address = refresh(reply)
    assert seconds == 2
    assert links(reply) == [address]
    assert reply.location is None


def test_the_waiting_page_slows_down(any_cluster, front):
    servers_are(any_cluster, front, "error")
    reply = front.join("room", "Ada", headers=HTML)
    since = None
    for tries, wanted in enumerate([2, 3, 5, 8, 13, 21, 30, 30]):
        assert reply.status == 200
        is_page(reply)
        seconds, address = refresh(reply)
        assert seconds == wanted
        told = carried(address)
        assert told["tries"] == tries + 1
        assert told["mth"] == "GET"
        assert told["since"] == (since or told["since"])
        since = told["since"]
        reply = get(any_cluster, front, address)


def test_the_wait_ends_in_the_meeting(any_cluster, front):
    servers_are(any_cluster, front, "error")
    name = "Jürgen \"O'Neil\" <&> + %"
    reply = front.join("room", name, headers=HTML, role="VIEWER")
    _, address = refresh(reply)
    servers_are(any_cluster, front, "ready")
    reply = get(any_cluster, front, address)
    assert reply.status == 302
    query = urllib.parse.parse_qs(reply.location.partition("?")[2])
    assert query["fullName"] == [name]
    assert front.send("GET", reply.location).status == 302


def test_the_go_programs_address_works(any_cluster, front):
    path = front.link("join", {"meetingID": "room", "fullName": "Ada"})
    path = path.removeprefix(any_cluster.url)
    reply = get(any_cluster, front, blob(mth="GET", url=path))
    assert reply.status == 302
    assert reply.location.startswith("http")


def test_the_wait_is_given_up_politely(any_cluster, front):
    servers_are(any_cluster, front, "error")
    path = front.link("join", {"meetingID": "room", "fullName": "Ada"})
    path = path.removeprefix(any_cluster.url)
    long_ago = blob(mth="GET", url=path, tries=12, since=1700000000000)
    for headers, lang in ((HTML, "en"), (GERMAN, "de")):
        reply = get(any_cluster, front, long_ago, headers)
        assert reply.status == 200
        is_page(reply, lang)
        assert refresh(reply) is None
        assert links(reply) == [path]
    assert refresh(get(any_cluster, front, path))[0] == 2


FORGED = [
    "/b3s/retry-join/",
    "/b3s/retry-join/AAAA",
    "/b3s/retry-join/a+b",
    blob(url="/bbb/x/join"),
    blob(mth="GET"),
    blob(mth="GET", url="https://evil.example/bbb/join"),
    blob(mth="GET", url="//evil.example/bbb/join"),
    blob(mth="GET", url="/bbb/x/create?meetingID=room"),
    blob(mth="GET", url="/b3s/retry-join/AAAA/join"),
    blob(mth="GET", url="/bbb/x/join", tries="many"),
    blob(mth="GET", url="/bbb/x/join\r\nX: y"),
]


@pytest.mark.parametrize("path", FORGED)
def test_a_forged_address_leads_nowhere(any_cluster, front, path):
    reply = get(any_cluster, front, path)
    assert reply.location is None
    assert "evil" not in reply.text
    assert refresh(reply) is None
    assert reply.code == "FAILED"


def test_programs_get_no_waiting_page(any_cluster, front):
    servers_are(any_cluster, front, "error")
    reply = front.join("room", headers={"Accept": "application/xml"})
    assert reply.status == 200
    assert reply.key == "backendUnavailable"


# ---- not found

@pytest.mark.parametrize("headers, lang", LANGUAGES)
def test_no_such_meeting_is_a_page_for_browsers(front, headers, lang):
    reply = front.join("nowhere", headers={**HTML, **headers})
    assert reply.status == 404
    is_page(reply, lang)
    assert refresh(reply) is None
    assert links(reply) == []


def test_no_such_meeting_is_xml_for_programs(front):
    reply = front.join("nowhere", headers={"Accept": "application/xml"})
    assert reply.status == 200
    assert reply.code == "FAILED"
    assert reply.headers["Content-Type"].startswith("text/xml")


def test_no_such_meeting_redirects_where_the_call_says(front):
    reply = front.join("nowhere", headers=HTML,
                       errorRedirectUrl="https://moodle.example/?a=1")
    assert reply.status == 302
    is_page(reply)
    assert reply.location.startswith("https://moodle.example/?a=1&errors=")
    assert refresh(reply) == (0, reply.location)


# ---- limit

@pytest.mark.parametrize("headers, lang", LANGUAGES)
def test_no_free_place_is_a_page(any_cluster, front, headers, lang):
    any_cluster.settings(front, attendees_limit={"limit": 1})
    room = row(any_cluster, front)
    any_cluster.sim.server_of(room["host"]).join(room["backend_meeting_id"],
                                                 name="Ada")
    any_cluster.poll()
    reply = front.join("room", "Bob", headers={**HTML, **headers})
    assert reply.status == 403
    is_page(reply, lang)
    assert refresh(reply) is None
