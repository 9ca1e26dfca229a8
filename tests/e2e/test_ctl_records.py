"""b3scalectl: backends, frontends, recordings and all that hangs on them.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import http.server
import json
import threading

from harness.ctl import Ctl, lines

CLUSTER = {"servers": 1, "workers": {"state": 2, "forward": 2}}


# ---- backends

def test_a_backend(ctl, cluster, host):
    assert ctl.fails("set", "backend", host) == \
        f"{host} is new: it wants --secret"
    assert ctl.ok("set", "--dry", "backend", "--secret", "s", host) == \
        f"created backend: {host}\n"
    assert cluster.api.get("/backends", host=host).json() == []
    assert ctl.ok("add", "backend", "-s", "s3", host.rstrip("/")) == \
        f"created backend: {host}\n"
    (row,) = cluster.api.get("/backends", host=host).json()
    assert row["bbb"]["secret"] == "s3" and row["load_factor"] == 1
    ctl.unchanged("set", "backend", "-s", "s3", host)
    said = ctl.ok("set", "backend", "-j", '{"tags":["a","b"]}', host)
    assert lines(said) == ["updated backend",
                           '    settings.tags: none -> ["a","b"]']
    ctl.unchanged("u", "backend", "--opts", '{"tags":["a","b"]}', host)
    said = ctl.ok("set", "backend", "--secret=new", host)
    assert said == "updated backend\n    bbb.secret: changes\n"
    said = ctl.ok("show", "backend", host)
    assert lines(said)[0] == row["id"]
    assert f"  Host:       {host}" in said
    assert '  Settings:   {"tags":["a","b"]}' in said
    assert "  MC/AC/R:    0/0/0.00" in said


def test_backends_in_every_form(ctl, cluster):
    rows = cluster.api.get("/backends").json()
    assert json.loads(ctl.ok("show", "--json", "backends")) == rows
    assert json.loads(ctl.ok("s", "backends", "-o", "json")) == rows
    said = lines(ctl.ok("show", "backends", "--output", "table"))
    assert said[0].split()[:3] == ["HOST", "STATE", "NODE"]
    assert len(said) == len(rows) + 1
    assert "null" not in "\n".join(said)
    assert "secret" not in "\n".join(said).lower()
    said = ctl.ok("show", "backends", "-okeyvalue").split("\n\n")
    assert len(said) == len(rows)
    assert f"bbb.host={rows[0]['bbb']['host']}" in lines(said[0])
    said = ctl.ok("show", "backends")
    assert all(row["id"] in said for row in rows)


def test_enabled_and_disabled(ctl, cluster, host):
    ctl.ok("set", "backend", "-s", "s", host)
    ctl.unchanged("enable", "backend", host)
    assert ctl.ok("stop", "backend", host) == f"backend {host}: stopped\n"
    ctl.unchanged("dis", "backend", host)
    assert ctl.ok("start", "--dry", "backend", host)
    assert cluster.api.get("/backends", host=host).json()[0][
        "admin_state"] == "stopped"
    ctl.ok("en", "backend", host)
    assert cluster.api.get("/backends", host=host).json()[0][
        "admin_state"] == "ready"


def test_a_backend_is_deleted(ctl, cluster, host):
    ctl.ok("set", "backend", "-s", "s", host)
    assert ctl.fails("delete", "backend", host) == (
        f"Delete {host} as soon as it is empty?"
        " Nobody can be asked here: say --yes")
    term = ctl.terminal("delete", "backend", host)
    term.expect("[y/N] ")
    term.type("n\n")
    term.expect("nothing was done")
    assert term.end() == 1
    term = ctl.terminal("delete", "backend", "--force", host)
    term.expect(f"Delete {host} with all its meetings? [y/N] ")
    term.type("y\n")
    term.expect("deleted backend")
    assert term.end() == 0
    assert cluster.api.get("/backends", host=host).json() == []
    ctl.ok("set", "backend", "-s", "s", host)
    assert ctl.ok("rm", "backend", "-y", host) == \
        f"decommissioned backend: {host}\n"


def test_a_backend_that_is_not_there(ctl, cluster):
    near = cluster.servers[0].url.replace("bigbluebutton", "bigbluebuton")
    assert ctl.fails("show", "backend", near) == (
        f"there is no backend {near}: did you mean "
        f"{cluster.servers[0].url}?")
    assert ctl.fails("enable", "backend", "http://x/") == (
        "there is no backend http://x/: b3scalectl show backends lists all")


def test_a_host_that_is_none(ctl):
    assert ctl.fails("set", "backend", "-s", "x", "bbb1").startswith(
        "'bbb1' is no address of a server")
    # Refused here, or a dry run would say that it works.
    assert ctl.fails("set", "backend", "--dry", "-s", "x",
                     "https://b1.example/x?y=1") == (
        "'https://b1.example/x?y=1' is no address of a server (the address"
        " holds a query or a fragment): it is like"
        " https://bbb.example.org/bigbluebutton/api/")
    assert ctl.ok("set", "backend", "--dry", "-s", "x", "https://B1.Example"
                  ) == ("created backend:"
                        " https://b1.example/bigbluebutton/api/\n")
    assert ctl.fails("set", "backend", "-j", "[1", "http://x/").startswith(
        "--opts is no JSON: ")
    assert ctl.fails("set", "backend", "-j", "[1]", "http://x/").startswith(
        "--opts is no JSON object")


# ---- frontends

def test_a_frontend(ctl, cluster, key):
    assert ctl.fails("set", "frontend", key) == \
        f"{key} is new: it wants --secret"
    assert ctl.ok("set", "frontend", key, "--secret", "abc") == \
        f"created frontend: {key}\n"
    ctl.unchanged("set", "frontend", key, "--secret", "abc")
    said = ctl.ok("set", "frontend", "--opts",
                  '{"attendees_limit":{"limit":5}}', key)
    assert lines(said)[0] == "updated frontend"
    said = ctl.ok("show", "frontend", key)
    assert lines(said)[0] == key
    assert f"  URL:      {cluster.url}/bbb/{key}/" in said
    assert "  Secret:   abc" in said
    (row,) = [line for line in lines(ctl.ok("show", "frontends"))
              if key in line]
    cells = row.split("\t")
    assert cells[1:4] == [key, "abc", "enabled"]
    assert json.loads(cells[4])["attendees_limit"] == {"limit": 5}
    assert ctl.ok("disable", "frontend", key) == \
        f"frontend {key}: disabled\n"
    ctl.unchanged("disable", "frontend", key)
    ctl.ok("enable", "frontend", key)
    assert "say --yes" in ctl.fails("delete", "frontend", key)
    assert ctl.ok("delete", "--dry", "frontend", key)
    ctl.ok("delete", "frontend", "-y", key)
    assert ctl.fails("show", "frontend", key).startswith(
        f"there is no frontend {key}")


def test_settings_that_there_are_not(ctl, cluster, host, key):
    """The server skips them unread: nothing would say that they are lost."""
    assert ctl.fails("set", "frontend", key, "-s", "x", "-j",
                     '{"atendees_limit":{"limit":5}}') == (
        "there is no setting atendees_limit: did you mean attendees_limit?")
    assert ctl.fails("set", "backend", host, "-s", "x", "-j",
                     '{"tagz":["a"]}') == (
        "there is no setting tagz: did you mean tags?")
    assert cluster.api.get("/frontends", key=key).json() == []
    assert cluster.api.get("/backends", host=host).json() == []


def test_a_secret_that_is_not_on_the_command_line(ctl, cluster, key):
    ctl.ok("set", "frontend", key, "-s", "-", stdin="s3cr et\r\nmore\n")
    (row,) = cluster.api.get("/frontends", key=key).json()
    assert row["bbb"]["secret"] == "s3cr et"
    term = ctl.terminal("set", "frontend", key, "--secret=-")
    term.expect("Secret: ")
    term.type("typed\n")
    term.expect("updated frontend")
    assert term.end() == 0
    assert "typed" not in term.seen
    (row,) = cluster.api.get("/frontends", key=key).json()
    assert row["bbb"]["secret"] == "typed"
    for nothing in ("", "\n"):
        assert ctl.fails("set", "frontend", key, "-s", "-", stdin=nothing
                         ) == "--secret -: no secret came"


def test_what_the_server_refuses(ctl, key):
    said = ctl.fails("set", "frontend", key, "-s", "x", "-j",
                     '{"attendees_limit":5}')
    assert said.startswith("validation failed with input; "
                           "settings.attendees_limit: ")


def test_settings(ctl, cluster, key):
    ctl.ok("set", "frontend", key, "-s", "x")
    assert ctl.ok("settings", "get", key, "size_hint") == "null\n"
    assert ctl.ok("settings", "set", key, "size_hint", "40") == "40\n"
    ctl.unchanged("settings", "set", key, "size_hint", "40")
    assert ctl.ok("settings", "get", key, "size_hint") == "40\n"
    assert any(line.split() == ["size_hint", "40"]
               for line in lines(ctl.ok("settings", "list", key)))
    assert json.loads(ctl.ok("settings", "list", key, "--json"))[
        "size_hint"] == 40
    assert ctl.ok("settings", "unset", key, "size_hint") == "null\n"
    ctl.unchanged("settings", "unset", key, "size_hint")
    ctl.unchanged("settings", "unset", key, "join_default_params")
    assert ctl.fails("settings", "set", key, "size_hnit", "4") == (
        "there is no setting size_hnit: did you mean size_hint?")
    assert ctl.fails("settings", "set", key, "size_hint", "-1x") == (
        "there is no option -1 here\nusage: b3scalectl settings set"
        " <key> <name> <value>")
    assert ctl.fails("settings", "set", key, "size_hint", "many").startswith(
        "validation failed with input; value: ")
    assert ctl.fails("settings", "get", key, "x") == (
        "there is no setting x: b3scalectl settings known lists all")
    known = ctl.ok("settings", "known")
    assert all(s["name"] in known for s in
               cluster.api.get("/settings").json())


def test_a_new_secret(ctl, cluster, key):
    ctl.ok("set", "frontend", key, "-s", "x")
    assert "say --yes" in ctl.fails("rotate-secret", key)
    said = ctl.ok("rotate-secret", key, "-y", "--valid-for", "60",
                  "-okeyvalue")
    got = dict(line.split("=", 1) for line in lines(said))
    assert got["bbb.key"] == key and len(got["bbb.secret"]) == 64
    assert got["previous_valid_until"].endswith("Z")
    row = cluster.api.get("/frontends", key=key).json()[0]
    assert row["bbb"]["secret"] == got["bbb.secret"]
    assert ctl.fails("rotate-secret", key, "--valid-for", "soon") == (
        "--valid-for is a time like 90, 15m, 2h or 7d, not 'soon'")
    assert ctl.fails("rotate-secret", key, "--valid-for", "2y").endswith(
        ", not '2y'")
    assert ctl.fails("rotate-secret", key, "--valid-for", "400d") == (
        "--valid-for is at most 31622400 seconds, not '400d'")


def test_reservations(ctl, cluster, key):
    ctl.ok("set", "frontend", key, "-s", "x")
    assert ctl.fails("reservations", "add", "--frontend", key) == (
        "'reservations add' wants --backend <host> or --tag <tag>")
    said = ctl.ok("reservations", "add", "--frontend", key, "--tag", "exam",
                  "--from", "2030-01-01T08:00:00Z", "--until",
                  "2030-01-01T12:00:00Z", "--note", "exams", "-j",
                  '{"hours":[{"weekday":1,"starts":"08:00","ends":"12:00"}]}')
    number = said.split()[-1]
    got = cluster.api.get(f"/reservations/{number}").json()
    assert got["tag"] == "exam" and got["note"] == "exams"
    assert got["hours"][0]["weekday"] == 1
    assert number in ctl.ok("reservations", "list")
    ctl.unchanged("reservations", "change", number, "--tag", "exam",
                  "--frontend", key, "--from", "2030-01-01T08:00:00Z")
    said = ctl.ok("reservations", "change", number, "--backend",
                  cluster.servers[0].url, "--until", "", "--note", "")
    assert lines(said)[0] == "updated reservation"
    assert '    until: "2030-01-01T12:00:00Z" -> none' in lines(said)
    got = cluster.api.get(f"/reservations/{number}").json()
    assert (got["tag"], got["until"], got["note"]) == (None, None, "")
    assert got["backend_id"] == cluster.backend_of(cluster.servers[0])["id"]
    assert got["from"] == "2030-01-01T08:00:00Z" and got["hours"]
    assert ctl.fails("reservations", "change", number, "--from", "soon") == (
        "validation failed with input; from: is no time as in RFC 3339")
    assert ctl.fails("reservations", "change", number, "--tag", "a",
                     "--backend", "b") == (
        "a reservation is for --backend or --tag, not both")
    said = ctl.ok("reservations", "add", "--frontend", key, "--backend",
                  cluster.servers[0].url)
    ctl.ok("reservations", "delete", said.split()[-1], "--yes")
    ctl.ok("reservations", "delete", number, "--yes")
    assert ctl.fails("reservations", "delete", number, "-y").startswith(
        f"there is no reservation {number}")
    assert ctl.fails("reservations", "change", number, "--tag", "x") == (
        f"there is no reservation {number}: b3scalectl reservations list"
        " shows the ids")


def test_audit(ctl, key):
    ctl.ok("set", "frontend", key, "-s", "x")
    said = ctl.ok("audit")
    assert lines(said)[0].split()[:3] == ["AT", "ACTOR", "ROLE"]
    (row,) = [line for line in lines(said) if key in line]
    assert "create" in row and "b3scalectl" in row


def test_a_part_of_the_audit(ctl, cluster, key, host):
    ctl.ok("set", "frontend", key, "-s", "x")
    ctl.ok("disable", "frontend", key)
    ctl.ok("set", "backend", host, "-s", "x")

    def some(*options):
        return json.loads(ctl.ok("audit", "--json", *options))

    assert [r["action"] for r in some("--frontend", key)] == [
        "change", "create"]
    assert [r["name"] for r in some("--backend", host)] == [host]
    row = some("--frontend", key, "--action", "change", "--actor",
               "b3scalectl", "--since", "1h")[0]
    assert row["changes"] == {"active": False}
    assert some("--resource", "frontend", "--id", row["resource_id"],
                "--limit", "1") == [row]
    assert some("--frontend", key, "--until", "1h") == []
    assert some("--actor", "nobody") == []
    # More than the server gives at a time: a search finds all.
    cluster.sql("INSERT INTO audit (actor, role, address, action,"
                "  resource, resource_id) SELECT 'robot', 'admin', '',"
                "  'change', 'frontend', n::text"
                " FROM generate_series(1, 1234) n")
    found = some("--actor", "robot")
    assert [r["resource_id"] for r in found] == [
        str(n) for n in range(1234, 0, -1)]
    assert some("--actor", "robot", "-n", "1100") == found[:1100]
    assert some() == found[:100] and some("-n", "0") == []
    assert ctl.fails("audit", "-n", "x") == (
        "--limit is a whole number, not 'x'")
    assert ctl.fails("audit", "--since", "yesterday") == (
        "validation failed with input; since: is no time as in RFC 3339")
    assert ctl.fails("audit", "--frontend", "a", "--backend", "b") == (
        "'audit' takes one of --frontend, --backend, and --resource with"
        " --id")
    assert ctl.fails("audit", "--frontend", key + "x") == (
        f"there is no frontend {key}x: did you mean {key}?")


def test_callbacks(ctl, cluster, key):
    ctl.ok("set", "frontend", key, "-s", "x")
    number = str(cluster.value(
        "INSERT INTO callbacks (frontend_id, kind, url, state, attempts,"
        "  last_status, last_error, finished_at)"
        " SELECT id, 'recording', 'http://fe.example/x', 'failed', 9, 503,"
        "  'HTTP status 503', now() FROM frontends WHERE key = %s"
        " RETURNING id", key))
    said = lines(ctl.ok("callbacks", "list", "--frontend", key))
    assert said[0].split() == ["ID", "FRONTEND", "KIND", "STATE", "ATTEMPTS",
                               "RECEIVED", "NEXT", "URL", "ERROR"]
    assert said[1].split()[:5] == [number, key, "recording", "failed", "9"]
    assert json.loads(ctl.ok("callbacks", "list", "--state", "delivered",
                             "--frontend", key, "--json")) == []
    said = lines(ctl.ok("callbacks", "show", number))
    assert "last_error=HTTP status 503" in said and "state=failed" in said
    assert ctl.ok("callbacks", "retry", number) == (
        f"callback {number} is due now\n")
    assert json.loads(ctl.ok("callbacks", "show", number, "-o", "json"))[
        "state"] == "waiting"
    cluster.sql("UPDATE callbacks SET state = 'delivered' WHERE id = %s",
                number)
    assert ctl.fails("callbacks", "retry", number) == (
        f"callback {number}: it was delivered, or is being delivered")
    for verb in ("show", "retry"):
        assert ctl.fails("callbacks", verb, "0") == (
            "there is no callback 0: b3scalectl callbacks list shows the ids")
    failed = [str(r["id"]) for r in cluster.sql(
        "INSERT INTO callbacks (frontend_id, kind, url, state, finished_at)"
        " SELECT id, 'end', 'http://fe.example/' || n, 'failed', now()"
        " FROM frontends, generate_series(1, 3) n WHERE key = %s"
        " RETURNING id", key)]
    assert ctl.ok("callbacks", "retry", "--frontend", key) == "".join(
        f"callback {n} is due now\n" for n in reversed(failed))
    assert {c["state"] for c in json.loads(ctl.ok(
        "callbacks", "list", "--json", "--fe", key, "-n", "3"))} == {
            "waiting"}
    ctl.unchanged("callbacks", "retry", "--frontend", key)
    for argv in ([], [number, "--frontend", key]):
        assert ctl.fails("callbacks", "retry", *argv) == (
            "'callbacks retry' wants an id, or --frontend <key> for all"
            " that failed")
    assert ctl.fails("callbacks", "retry", "--frontend", key[:-1]) == (
        f"there is no frontend {key[:-1]}: did you mean {key}?")
    assert ctl.fails("callbacks", "list", "--state", "lost") == (
        "validation failed with input; state: must be waiting, delivered or"
        " failed")


# ---- recordings, of another server that has some

class Recordings(http.server.BaseHTTPRequestHandler):
    """Answers as the Go program does."""

    asked = []

    def do_GET(self):   # pylint: disable=invalid-name
        self.answer()

    def do_POST(self):  # pylint: disable=invalid-name
        self.answer()

    def answer(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.asked.append((self.command, self.path, body))
        one = {"record_id": "r1", "meeting_id": "m", "recording": {
            "Name": "A talk", "EndTime": 1700000000123}}
        if self.path == "/api/v1":
            one = {"api": "v1", "is_admin": True}
        elif "?" in self.path:
            one = [one]
        data = json.dumps(one).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):   # pylint: disable=arguments-differ
        pass


def test_recordings(tmp_path):
    server = http.server.HTTPServer(("127.0.0.1", 0), Recordings)
    threading.Thread(target=server.serve_forever).start()
    try:
        ctl = Ctl(f"http://127.0.0.1:{server.server_port}", tmp_path)
        said = lines(ctl.ok("show", "recordings", "--fe", "a&b"))
        assert said[0].split() == ["RECORD", "ID", "END", "MEETING"]
        assert said[1].split() == ["r1", "2023-11-14T22:13:20Z", "A", "talk"]
        rows = json.loads(ctl.ok("show", "--json", "recordings", "--feid",
                                 "7"))
        assert set(rows[0]) == {"record_id", "meeting_id", "recording"}
        assert json.loads(ctl.ok("show", "recording", "r1")) == rows[0]
        ctl.ok("set", "recording-visibility", "r1", "public")
        assert ctl.fails("show", "recordings") == (
            "'show recordings' wants --frontend <key> or"
            " --frontend-id <id>")
    finally:
        server.shutdown()
        server.server_close()
    asked = [a for a in Recordings.asked if a[1] != "/api/v1"]
    assert [a[:2] for a in asked] == [
        ("GET", "/api/v1/recordings?frontend_key=a%26b"),
        ("GET", "/api/v1/recordings?frontend_id=7"),
        ("GET", "/api/v1/recordings/r1"),
        ("POST", "/api/v1/recordings-visibility")]
    assert json.loads(asked[3][2]) == {"record_id": "r1",
                                       "visibility": "public"}
