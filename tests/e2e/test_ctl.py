"""b3scalectl against a whole cluster: what it does, says and refuses.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import http.server
import json
import os
import secrets
import stat
import subprocess
import threading

import pytest

from harness import Cluster, tree
from harness.api import token
from harness.process import until
from harness.ctl import Ctl
from harness.http import get
from harness.process import Daemon


@pytest.fixture(scope="module", name="cluster")
def cluster_(postgres):
    made = Cluster(postgres, servers=1, workers={"state": 2, "forward": 2})
    yield made
    made.close()


@pytest.fixture(name="ctl")
def ctl_(cluster, tmp_path):
    return Ctl(cluster.url, tmp_path)


@pytest.fixture(name="host")
def host_():
    return f"https://{secrets.token_hex(6)}.example/bigbluebutton/api/"


@pytest.fixture(name="key")
def key_():
    return f"fe-{secrets.token_hex(4)}"


def lines(text):
    return text.rstrip("\n").split("\n")


# ---- mistakes

@pytest.mark.parametrize("argv,says", [
    (["shwo"], "there is no command 'shwo': did you mean 'show'?"),
    (["show", "backnds"],
     "there is no command 'show backnds': did you mean 'show backends'?"),
    (["xyzzy"],
     "there is no command 'xyzzy': b3scalectl --help shows all"),
    (["db"], "'db' what? One of: migrate"),
    (["--bogus"], "there is no option --bogus here"),
])
def test_no_such_command(ctl, argv, says):
    assert ctl.fails(*argv) == says


SET = "usage: b3scalectl set backend [--dry] [-j <json>] [-s <secret>] <host>"


@pytest.mark.parametrize("argv,says", [
    (["set", "backend", "--secert", "x"],
     "there is no option --secert here: did you mean --secret?"),
    (["set", "backend", "-x", "y"], "there is no option -x here"),
    (["set", "backend"], "'set backend' wants <host>"),
    (["set", "backend", "http://a", "b"],
     "'set backend' takes no further argument: 'b'"),
    (["set", "backend", "http://a", "--secret"],
     "--secret wants a value: <secret>"),
    (["set", "backend", "http://a", "--dry=yes"], "--dry takes no value"),
])
def test_a_mistake_shows_the_usage_of_that_command(ctl, argv, says):
    assert ctl.fails(*argv) == f"{says}\n{SET}"


@pytest.mark.parametrize("argv,says", [
    (["apply"], "'apply' wants --file <file>"),
    (["create-meeting"], "'create-meeting' wants --frontend <key>"),
    (["show", "backends", "-o", "xml"],
     "--output is table, json or keyvalue, not 'xml'"),
    (["set", "--force", "backend", "http://a"],
     "there is no option --force here"),
])
def test_options(ctl, argv, says):
    assert lines(ctl.fails(*argv))[0].startswith(says)


def test_help(ctl):
    said = ctl.ok("--help")
    assert "set backend <host>" in said and "top" in said
    said = ctl.ok("set", "backend", "--help")
    assert lines(said)[0] == SET
    assert "--secret <secret>" in said and "--force" not in said


def test_nobody_answers(ctl):
    said = ctl.fails("-b", "http://127.0.0.1:1", "show", "backends")
    assert said.startswith("cannot reach http://127.0.0.1:1: ")
    assert said.endswith("is that the address (-b, B3SCALE_API_URL),"
                         " and does it run?")


def test_no_address(ctl):
    assert ctl.fails("-b", "b3scale", "version").startswith(
        "'b3scale' is no address of a server")


def test_another_web_server(ctl, cluster):
    said = ctl.fails("-b", cluster.url + "/elsewhere", "show", "backends")
    assert said.startswith("there is no API of b3scale at")


# ---- tokens

def test_the_token_of_a_file(cluster, tmp_path):
    ctl = Ctl(cluster.url, tmp_path, secret=None)
    os.makedirs(tmp_path / ".config/b3scale")
    name = cluster.url.replace("://", "_").replace(":", "_") \
        + ".access_token"
    path = tmp_path / ".config/b3scale" / name
    for end in ("", "\n", "\r\n", "\n\n"):
        path.write_text(token() + end)
        ctl.ok("show", "backends")
    path.write_text(token(exp=1) + "\n")
    assert ctl.fails("show", "backends") == (
        "invalid or expired jwt: the token for " + cluster.url +
        " is not good (any more); make a new one with: "
        "b3scalectl auth authorize")
    path.write_text(token("b3scale"))
    assert ctl.fails("show", "backends").startswith(
        "authorization failed: the token for " + cluster.url)
    path.write_text(" \n")
    assert "there is no token for" in ctl.fails("show", "backends")


def test_a_secret_that_is_not_the_servers(cluster, tmp_path):
    assert Ctl(cluster.url, tmp_path, secret="wrong").fails("version") == (
        "invalid or expired jwt: B3SCALE_API_JWT_SECRET is not the secret of "
        + cluster.url + " (its api_jwt_secret)")


def test_another_folder_for_tokens(cluster, tmp_path):
    ctl = Ctl(cluster.url, tmp_path, secret=None,
              XDG_CONFIG_HOME=str(tmp_path / "conf"))
    term = ctl.terminal("auth", "authorize")
    term.expect("Shared secret")
    term.type("secret-of-the-api\n")
    assert term.end() == 0
    (path,) = (tmp_path / "conf/b3scale").iterdir()
    assert path.name.endswith(".access_token")
    ctl.ok("show", "backends")


def test_asked_for_the_secret(cluster, tmp_path):
    ctl = Ctl(cluster.url, tmp_path, secret=None)
    assert "there is no token for" in ctl.fails("show", "backends")
    term = ctl.terminal("auth", "authorize")
    term.expect("Shared secret of")
    term.type("wrong\n")
    term.expect("does not take it.")
    term.expect("Shared secret of")
    term.type("secret-of-the-api\n")
    term.expect("is kept")
    assert term.end() == 0
    assert "wrong" not in term.seen and "secret-of" not in term.seen
    path = ctl.token_file()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    with open(path, encoding="utf-8") as f:
        assert "secret-of-the-api" not in f.read()
    ctl.ok("show", "backends")


def test_asked_by_whatever_needs_it(cluster, tmp_path):
    ctl = Ctl(cluster.url, tmp_path, secret=None)
    term = ctl.terminal("show", "frontends")
    term.expect("Shared secret of")
    term.type("secret-of-the-api\n")
    assert term.end() == 0
    ctl.ok("show", "frontends")


def test_an_interrupt_gives_the_echo_back(cluster, tmp_path):
    term = Ctl(cluster.url, tmp_path, secret=None).terminal(
        "auth", "authorize")
    term.expect("Shared secret of")
    term.type("\x03")
    assert term.end() == -2


def test_tokens_that_are_made(cluster, tmp_path, ctl):
    done = ctl("auth", "create_access_token", "--sub", "me", "--scopes",
               "b3scale,b3scale:admin")
    assert done.returncode == 0
    status = get(cluster.url + "/api/v1", headers={
        "Authorization": "Bearer " + done.stdout.strip()}).json()
    assert status["account_ref"] == "me" and status["is_admin"] is True
    done = Ctl(cluster.url, tmp_path, secret=None)(
        "auth", "authorize_node_agent", "--secret", "secret-of-the-api")
    assert done.returncode == 0
    status = get(cluster.url + "/api/v1", headers={
        "Authorization": "Bearer " + done.stdout.strip()}).json()
    assert status["account_ref"].count("-") == 2
    assert "b3scale:node" in done.stderr


# ---- the server

def test_version_and_no_command(ctl, cluster, tmp_path):
    said = ctl.ok("version")
    assert lines(said)[0].startswith("b3scalectl 2.")
    assert f"server {cluster.url}" in said
    assert cluster.database in said
    assert said.split("\n", 1)[1] in ctl.ok()
    nobody = Ctl(cluster.url, tmp_path, secret=None)
    assert "b3scalectl auth authorize" in nobody.ok()
    assert nobody.ok("db", "migrate") == ""


def test_a_file_of_the_environment(ctl, cluster, tmp_path):
    del ctl.env["B3SCALE_DB_URL"]
    (tmp_path / ".env").write_text(
        "# a comment\nB3SCALE_API_URL = \"http://127.0.0.1:1\"\n")
    assert "cannot reach http://127.0.0.1:1" in ctl.fails("version")
    ctl.ok("-b", cluster.url, "version")


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
        "--valid-for is a number of seconds, not 'soon'")


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
    said = ctl.ok("reservations", "add", "--frontend", key, "--backend",
                  cluster.servers[0].url)
    ctl.ok("reservations", "delete", said.split()[-1], "--yes")
    ctl.ok("reservations", "delete", number, "--yes")
    assert ctl.fails("reservations", "delete", number, "-y").startswith(
        f"there is no reservation {number}")


def test_audit(ctl, key):
    ctl.ok("set", "frontend", key, "-s", "x")
    said = ctl.ok("audit")
    assert lines(said)[0].split()[:3] == ["AT", "ACTOR", "ROLE"]
    (row,) = [line for line in lines(said) if key in line]
    assert "create" in row and "b3scalectl" in row


def test_a_meeting_is_created(ctl, cluster, key):
    cluster.poll()
    ctl.ok("set", "frontend", key, "-s", "x")
    link = ctl.ok("create-meeting", "--frontend", key, "--name", "A & B",
                  "--param", "maxParticipants=5").rstrip("\n")
    assert link.startswith(cluster.servers[0].url + "join?")
    assert get(link).status == 302
    assert ctl.fails("create-meeting", "--frontend", key, "--param", "x") \
        == "--param is name=value, not 'x'"
    assert ctl.fails("create-meeting", "--frontend", "nobody").startswith(
        "there is no frontend nobody")


def commands_job(cluster, tmp_path):
    """Works off commands until it is stopped."""
    return Daemon([tree.CRON, "-f", cluster.node.conf, "-j", "commands",
                   "-t", "600"], str(tmp_path / "commands.log"),
                  env=cluster.node.environment())


def test_meetings(ctl, cluster):
    cluster.poll()
    frontend, other = cluster.frontend(), cluster.frontend()
    for meeting in ("one", "two"):
        assert frontend.create(meeting, name=f"\x1b[2J {meeting} ü").ok
    assert other.create("three").ok
    said = lines(ctl.ok("meetings", "list", "--frontend", frontend.key))
    assert said[0].split() == ["ID", "NAME", "FRONTEND", "BACKEND", "STATE",
                               "USERS", "CREATED"]
    assert len(said) == 3 and "?[2J one ü" in "".join(said)
    assert "\x1b" not in "".join(said)
    everything = json.loads(ctl.ok("meetings", "list", "--json"))
    assert len(everything) >= 3
    (row,) = json.loads(ctl.ok("meetings", "list", "--text", "two", "-ojson",
                               "--fe", frontend.key, "--backend",
                               cluster.servers[0].url))
    assert json.loads(ctl.ok("meetings", "list", "--running", "--json",
                             "--frontend", frontend.key)) == []
    said = ctl.ok("meetings", "show", row["id"])
    assert f"frontend_key={frontend.key}" in lines(said)
    assert "say --yes" in ctl.fails("meetings", "end", row["id"])
    term = ctl.terminal("meetings", "end", row["id"])
    term.expect("two ü' with 0 users? [y/N] ")
    term.type("yes\n")
    term.expect("ended meeting: ")
    assert term.end() == 0
    assert frontend.meeting_ids() == {"one"}
    assert ctl.fails("meetings", "show", "x") == (
        "there is no meeting x: b3scalectl meetings list shows the ids")
    assert ctl.fails("meetings", "end", "x", "-y").startswith(
        "there is no meeting x")


def test_all_meetings_of_a_server_end(ctl, cluster, tmp_path):
    cluster.poll()
    frontend = cluster.frontend()
    assert frontend.create("one").ok
    host = cluster.servers[0].url
    assert "say --yes" in ctl.fails("end", "meetings", host)
    job = commands_job(cluster, tmp_path)
    try:
        said = lines(ctl.ok("end", "meetings", "-y", host))
    finally:
        job.stop()
    assert said == ["requested", "success: true"]
    assert frontend.meeting_ids() == set()


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


# ---- the whole cluster as a file

def apply(ctl, tmp_path, doc, *options):
    path = tmp_path / "cluster.json"
    path.write_text(doc if isinstance(doc, str) else json.dumps(doc))
    return ctl("apply", "-f", str(path), *options)


def test_apply(ctl, cluster, tmp_path, host, key):
    doc = {
        "backends": [{"bbb": {"host": host, "secret": "s"},
                      "settings": {"tags": ["x"]}}],
        "frontends": [{"bbb": {"key": key, "secret": "t"},
                       "settings": {"create_default_params": {
                           "a": "1", "b": "2"}}}],
    }
    done = apply(ctl, tmp_path, doc, "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (f"+ backend {host}\n+ frontend {key}\n"
                           "2 to add, 0 to change, 0 to remove\n")
    assert cluster.api.get("/frontends", key=key).json() == []
    assert apply(ctl, tmp_path, doc).returncode == 0
    done = apply(ctl, tmp_path, doc)
    assert (done.returncode, done.stdout) == (64, "no changes\n")
    doc["backends"][0]["load_factor"] = 2
    doc["frontends"][0]["bbb"]["secret"] = "new"
    doc["frontends"][0]["settings"]["create_default_params"] = {"b": "3"}
    done = apply(ctl, tmp_path, doc)
    assert done.returncode == 0
    assert lines(done.stdout) == [
        f"~ backend {host}", "    load_factor: 1 -> 2",
        f"~ frontend {key}", "    bbb.secret: changes",
        '    settings.create_default_params.b: "2" -> "3"',
        '    settings.create_default_params.a: "1" -> none',
        "0 to add, 2 to change, 0 to remove"]
    row = cluster.api.get("/frontends", key=key).json()[0]
    assert row["settings"]["create_default_params"] == {"b": "3"}
    assert apply(ctl, tmp_path, doc).returncode == 64


@pytest.mark.parametrize("doc,says", [
    ("{", "/cluster.json:1: "),
    ("[]", "/cluster.json: no object"),
    ({"backend": []}, "unknown member 'backend': did you mean 'backends'?"),
    ({"backends": {}}, "backends is no list"),
    ({"backends": [5]}, "backends[0]: no object"),
    ({"backends": [{"bbb": {"hots": "x"}}]},
     "backends[0]: unknown member 'hots': did you mean 'host'?"),
    ({"frontends": [{"bbb": {"secret": "x"}}]},
     "frontends[0]: bbb.key is missing"),
    ({"frontends": [{"bbb": {"key": "a"}, "settigns": {}}]},
     "frontends[0]: unknown member 'settigns': did you mean 'settings'?"),
    ({"frontends": [{"bbb": {"key": "a"}}] * 2},
     "the frontend a stands there twice"),
    ({"backends": [{"bbb": {"host": "ftp://x"}}]}, "backends[0]: bbb.host"),
    ({"frontends": [{"bbb": {"key": "quite-new"}}]},
     "the frontend quite-new is new: it wants bbb.secret"),
])
def test_a_file_with_a_mistake(ctl, tmp_path, doc, says):
    done = apply(ctl, tmp_path, doc)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr


def test_a_file_that_is_not_there(ctl):
    assert "No such file" in ctl.fails("apply", "-f", "/nowhere.json")


def test_export_and_prune(postgres, tmp_path):
    cluster = Cluster(postgres, servers=1, workers={"state": 1,
                                                    "forward": 1})
    try:
        ctl = Ctl(cluster.url, tmp_path)
        ctl.ok("set", "frontend", "one", "-s", "x")
        saved = ctl.ok("export")
        assert apply(ctl, tmp_path, saved).returncode == 64
        assert ctl("apply", "--file", "-", stdin=saved).returncode == 64
        ctl.ok("set", "frontend", "two", "-s", "x")
        # Unless asked to, it removes nothing.
        assert apply(ctl, tmp_path, saved).returncode == 64
        done = apply(ctl, tmp_path, saved, "--prune")
        assert done.returncode == 1
        assert "- frontend two" in done.stdout
        assert done.stderr.endswith("say --yes\n")
        done = apply(ctl, tmp_path, {"frontends": json.loads(
            saved)["frontends"]}, "--prune", "-y")
        assert done.returncode == 0
        assert [f["bbb"]["key"] for f in
                cluster.api.get("/frontends").json()] == ["one"]
        assert len(cluster.api.get("/backends").json()) == 1
    finally:
        cluster.close()


# ---- a schema that is too old

MENDED = "run b3scale-schema apply"


def test_pending_migrations(make_cluster, tmp_path):
    cluster = make_cluster(servers=0, workers={"state": 1, "forward": 1})
    cluster.sql("DELETE FROM schema_version WHERE version > 1")
    cluster.reload()
    ctl = Ctl(cluster.url, tmp_path)
    done = ctl("version")
    assert done.returncode == 0
    assert "migration(s) of the database are pending: " + MENDED in \
        done.stderr
    done = ctl("db", "migrate")
    assert done.returncode == 1
    assert done.stderr.startswith("Applying ")
    assert done.stderr.endswith(f": {MENDED}\n")
    cluster.sql("ALTER TABLE frontends RENAME TO gone")
    said = ctl.fails("show", "frontends")
    assert "b3scale-schema" in said, said


# ---- top

def test_top_wants_a_terminal(ctl):
    assert ctl.fails("top") == ("top needs a terminal; elsewhere use:"
                                " b3scalectl show backends")
    assert ctl.fails("top", "-i", "0") == (
        "--interval is 1 to 3600 seconds, not '0'")


def test_top(ctl, cluster):
    term = ctl.terminal("top", "-i", "1")
    before = term.attributes()
    term.expect("\x1b[?1049h")
    term.expect("JOINS/S")
    term.expect(cluster.servers[0].url.split("/")[2])
    term.resize(10, 40)
    # Another look, as wide as the terminal is now.
    term.expect("\r\n\x1b[7m    LOAD MEETINGS  USERS JOINS/S STATE  \x1b[K")
    term.type("q")
    term.expect("\x1b[?1049l")
    assert term.seen.endswith("\x1b[?25h\x1b[?1049l")
    # Its last word is out before the terminal is as it was.
    until(lambda: term.attributes()[3] == before[3])
    assert term.end() == 0


@pytest.mark.parametrize("key,sig", [("\x03", None), (None, 15)])
def test_top_ends_well(ctl, key, sig):
    term = ctl.terminal("top")
    term.expect("JOINS/S")
    if key:
        term.type(key)
    else:
        term.signal(sig)
    term.expect("\x1b[?1049l")
    assert term.end() == 0


# ---- completions

@pytest.mark.parametrize("shell,name", [
    ("bash", "b3scalectl"), ("zsh", "_b3scalectl"),
    ("fish", "b3scalectl.fish")])
def test_a_script(ctl, shell, name):
    assert ctl.ok("completions", shell) == tree.conf(f"completion/{name}")


def test_what_may_follow(ctl, cluster, key):
    def follow(*words):
        return lines(ctl.ok(*words, "--generate-bash-completion"))

    assert "show" in follow() and "apply" in follow()
    assert follow("show")[:2] == ["backends", "backend"]
    assert follow("completions")[:3] == ["bash", "zsh", "fish"]
    assert cluster.servers[0].url in follow("show", "backend")
    ctl.ok("set", "frontend", key, "-s", "x")
    assert key in follow("settings", "set")
    assert key in follow("create-meeting", "--frontend")
    assert follow("show", "backends", "--output") == [
        "table", "json", "keyvalue"]
    assert "--secret" in follow("set", "backend", "http://x")


def test_a_shell_asks(ctl):
    script = (f". {tree.SOURCE}/conf/completion/b3scalectl\n"
              f"COMP_WORDS=({tree.CTL} show back); COMP_CWORD=2\n"
              "_b3scalectl\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
    done = subprocess.run(
        ["bash", "-c", script], env=ctl.environment(), text=True,
        capture_output=True, check=False, timeout=30)
    assert lines(done.stdout) == ["backends", "backend"], done
