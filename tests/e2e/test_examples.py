"""The other files of conf/: what an admin copies must work as it is.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import os
import re
import shutil
import subprocess

import pytest

from harness import free_port, tree
from harness.http import get, request
from harness.process import clean_environment
from harness.web import Nginx


def installed(name, **places):
    """A .in file of conf/ with its places filled in."""
    places = {"RUN_DIR": "/run/b3scale", "LIBEXEC_DIR": "/usr/libexec/b3scale",
              "SBIN_DIR": "/usr/sbin", **places}
    return re.sub("@([A-Z_]+)@", lambda m: places[m.group(1)],
                  tree.conf(name + ".in"))


def run(*argv, **options):
    return subprocess.run(argv, capture_output=True, text=True, check=False,
                          env=clean_environment(), **options)


# ---- b3scale.conf

def checked(path, run_dir):
    """What b3scale-fcgi -n says; the folders need not be installed."""
    return subprocess.run(
        [tree.FCGI, "-n", "-f", path], capture_output=True, text=True,
        check=False, env=clean_environment(B3SCALE_PAGES_DIR=tree.PAGES,
                                           B3SCALE_RUN_DIR=run_dir))


def test_the_sample_configuration_is_right(tmp_path):
    done = checked(os.path.join(tree.SOURCE, "conf/b3scale.conf"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_its_defaults_are_right(tmp_path):
    """Every key in it, uncommented, is taken."""
    text = re.sub(r"^#(?=\w+ = )", "", tree.conf("b3scale.conf"), flags=re.M)
    path = tmp_path / "b3scale.conf"
    path.write_text(text)
    done = checked(path, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    path.write_text(text + "max_reqests = 1\n")
    done = checked(path, tmp_path)
    assert done.returncode == 78
    assert f"{path}:{text.count(chr(10)) + 1}: " in done.stderr


# ---- HTTPS

class Site(Nginx):
    """conf/nginx/site.conf, on other ports and with another certificate."""

    def http(self):
        self.plain_port = free_port()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-subj", "/CN=bbb.example.org", "-days", "1",
             "-keyout", f"{self.dir}/privkey.pem",
             "-out", f"{self.dir}/fullchain.pem"],
            check=True, capture_output=True)
        text = tree.conf("nginx/site.conf")
        text = re.sub(r"^\tlisten \[.*\n", "", text, flags=re.M)
        text = text.replace("listen 80;",
                            f"listen 127.0.0.1:{self.plain_port};")
        text = text.replace("listen 443", f"listen 127.0.0.1:{self.port}")
        text = text.replace("/etc/letsencrypt/live/bbb.example.org", self.dir)
        text = text.replace("snippets/b3scale.conf",
                            self.install("nginx/b3scale.conf"))
        return (f'include {self.install("nginx/b3scale-http.conf")};'
                f'include {self.write("site.conf", text)};')


@pytest.fixture(name="site")
def https_site(cluster, tmp_path):
    # The web server's own folder must be short: it is no socket, but the
    # pools' sockets are those of the cluster.
    made = Site(str(tmp_path), cluster.node.run_dir)
    made.start()
    yield made
    made.stop()


def test_https(cluster, site):
    fe = cluster.frontend()
    base = f"https://127.0.0.1:{site.port}/bbb/{fe.key}/api"
    link = fe.link("getMeetings").replace(fe.url, base)
    reply = get(link)
    assert reply.status == 200
    assert b"<returncode>SUCCESS</returncode>" in reply.body
    assert reply.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_http_leads_to_https(site):
    reply = request("POST", f"http://127.0.0.1:{site.plain_port}"
                    "/bbb/x/api/create?a=%7E", body="<x/>",
                    headers={"Host": "bbb.example.org"})
    assert reply.status == 307
    assert reply.location == "https://bbb.example.org/bbb/x/api/create?a=%7E"


# ---- cron

def cron_commands(program_dir):
    lines = [line for line in
             installed("cron.d/b3scale",
                       LIBEXEC_DIR=program_dir).splitlines()
             if line and line[0] not in "#" and "=" not in line.split()[0]]
    split = [line.split(None, 6) for line in lines]
    for fields in split:
        assert fields[:6] == ["*", "*", "*", "*", "*", "b3scale"]
        # cron takes an unescaped % for the end of the command.
        assert "%" not in fields[6]
    return [fields[6] for fields in split]


def test_the_crontab_is_silent_without_the_program(tmp_path):
    for command in cron_commands(str(tmp_path)):
        done = run("sh", "-c", command)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_crontab_runs_each_job(tmp_path):
    program = tmp_path / "b3scale-cron"
    program.write_text('#!/bin/sh\necho "$@"\nexit 75\n')
    program.chmod(0o755)
    jobs = []
    for command in cron_commands(str(tmp_path)):
        done = run("sh", "-c", command)
        assert done.returncode == 75
        _, job, *options = done.stdout.split()
        assert options in ([], ["-t", "60"])
        jobs.append(job)
    # as the program itself names them
    usage = run(tree.CRON).stderr.splitlines()[-1]
    assert sorted(jobs) == sorted(usage.split()[1:])


# ---- systemd, sysvinit

UNITS = [f"b3scale-{pool}.{kind}" for pool in ("state", "forward")
         for kind in ("socket", "service")]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None,
                    reason="systemd is not here")
def test_the_units_are_right(tmp_path):
    for name in UNITS:
        text = installed(f"systemd/{name}",
                         LIBEXEC_DIR=os.path.dirname(tree.FCGI),
                         SBIN_DIR=os.path.dirname(tree.RELOAD))
        (tmp_path / name).write_text(text)
    done = run("systemd-analyze", "verify", "--man=no",
               *(str(tmp_path / name) for name in UNITS))
    said = [line for line in (done.stdout + done.stderr).splitlines()
            if "b3scale" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.parametrize("name", ["systemd/b3scale-state.service",
                                  "systemd/b3scale-forward.service",
                                  "sysvinit/b3scale"])
def test_multiwatch_never_gives_up(name):
    """Its defaults shrink a pool, and its -s sends another signal."""
    text = installed(name).replace("\\\n", " ")
    commands = [line for line in text.splitlines()
                if re.search(r"/multiwatch -", line)]
    assert len(commands) == 1
    assert "-r 1000000 -t 1000 --" in commands[0]
    assert not re.search(r"multiwatch .*-s ", commands[0])


def test_the_init_script_is_shell(tmp_path):
    path = tmp_path / "b3scale"
    path.write_text(installed("sysvinit/b3scale"))
    done = run("sh", "-n", str(path))
    assert (done.returncode, done.stderr) == (0, "")


# ---- what is installed

def test_nothing_is_left_to_fill_in(tmp_path):
    done = run("make", "-s", "-C", os.path.join(tree.BUILD, "conf"),
               "install-data", f"DESTDIR={tmp_path}")
    assert done.returncode == 0, done.stderr
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    names = {p.name for p in files}
    assert {"b3scale.conf", "b3scale-http.conf", "balancer.conf", "site.conf",
            "50-b3scale.conf", "b3scale", *UNITS} <= names
    for path in files:
        assert not re.search("@[A-Z_]+@", path.read_text()), path
