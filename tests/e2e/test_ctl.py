"""b3scalectl: what it says of mistakes, tokens and servers.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import http.server
import os
import ssl
import stat
import subprocess
import threading

import pytest

from harness import Cluster
from harness.api import token
from harness.ctl import Ctl, lines
from harness.http import get

CLUSTER = {"servers": 1, "workers": {"state": 2, "forward": 2}}


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
    assert ctl.ok("help") == ctl.ok("-h")
    assert ctl.ok("help", "set", "backend") == said
    group = ctl.ok("meetings", "--help")
    assert group == ctl.ok("help", "meetings")
    assert "meetings end <id>" in group and "set backend" not in group
    assert ctl.fails("help", "setbackend").startswith(
        "there is no command 'setbackend'")


def test_nobody_answers(ctl):
    said = ctl.fails("-b", "http://127.0.0.1:1", "show", "backends")
    assert said.startswith("cannot reach http://127.0.0.1:1: ")
    assert said.endswith("is that the address (-b, B3SCALE_API_URL),"
                         " and does it run?")


class Ssl(http.server.ThreadingHTTPServer):
    """Closes what the client does not trust, without a word."""

    def handle_error(self, request, client_address):
        pass


def test_a_certificate_of_ones_own(tmp_path):
    pem = str(tmp_path / "pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
         "-keyout", pem + ".key", "-out", pem, "-days", "1", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True)
    server = Ssl(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem, pem + ".key")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        ctl = Ctl(f"https://localhost:{server.server_port}", tmp_path)
        said = ctl.fails("show", "backends")
        assert said.startswith(
            f"cannot trust https://localhost:{server.server_port}: "), said
        assert said.endswith("set SSL_CERT_FILE to its file)")
        # It is reached, but is no b3scale.
        assert ctl.fails("show", "backends", env={"SSL_CERT_FILE": pem}
                         ).startswith("there is no API of b3scale at")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


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
    done = ctl("auth", "create_access_token", "--sub", "me", "--scopes",
               "b3scale:admins,")
    assert done.returncode == 0
    assert done.stderr.startswith(
        "b3scalectl: b3scale has no scope 'b3scale:admins': there are ")
    assert "with the scope 'b3scale:admins':" in done.stderr
    assert ctl.fails("auth", "create_access_token", "--sub", "me",
                     "--scopes", ",") == "--scopes names none"


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


# ---- a database that is away

def test_no_database(own_postgres, tmp_path):
    """Nobody is sent to mend a schema that cannot be looked at."""
    cluster = Cluster(own_postgres, servers=0, workers={
        "state": 1, "forward": 1})
    try:
        ctl = Ctl(cluster.url, tmp_path)
        own_postgres.stop()
        done = ctl("version")
        assert done.returncode == 0
        assert done.stderr == (
            f"b3scalectl: the database of {cluster.url} is away: nothing can"
            " be done until it is back\n")
        assert "  Error:    the database is away: " in done.stdout
        assert ctl.fails("db", "migrate").startswith(
            "nothing is migrated: the database is away: ")
        assert ctl.fails("show", "backends") == (
            "Service Unavailable: the database is away, perhaps; try again,"
            " and see what b3scalectl version says")
    finally:
        own_postgres.start()
        cluster.close(check=False)


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
