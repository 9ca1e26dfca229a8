"""Where the source and what was built from it are.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import glob
import os
import shutil

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
BUILD = os.path.realpath(os.environ.get(
    "B3SCALE_BUILDDIR", os.path.join(SOURCE, "build")))

FCGI = os.path.join(BUILD, "fcgi/b3scale-fcgi")
RELOAD = os.path.join(BUILD, "fcgi/b3scale-reload")
AGENT = os.path.join(BUILD, "agent/b3scaleagent")
CTL = os.path.join(BUILD, "ctl/b3scalectl")
CRON = os.path.join(BUILD, "cron/b3scale-cron")
SCHEMA = os.path.join(BUILD, "sql/b3scale-schema")
BBBSIM = os.path.join(BUILD, "tests/bbbsim/bbbsim")
SQL = os.path.join(SOURCE, "sql")
PAGES = os.path.join(SOURCE, "www/pages")
AWAY = os.path.join(SOURCE, "www/away")


def conf(name):
    """The text of a file in conf/, as it is in the source."""
    with open(os.path.join(SOURCE, "conf", name), encoding="utf-8") as f:
        return f.read()


def tool(name):
    """The path of a program that is installed; sbin is looked at, too."""
    path = shutil.which(
        name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        raise RuntimeError(f"{name} is not installed")
    return path


def postgres_tool(name):
    """The path of a program of the newest PostgreSQL server here."""
    found = glob.glob(f"/usr/lib/postgresql/*/bin/{name}")
    if found:
        return max(found, key=lambda p: int(p.split("/")[4]))
    return tool(name)
