"""b3scalectl(1) and the program's own help say the same.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import re

import pytest

from harness import tree
from harness.ctl import Ctl, lines

COMMAND = re.compile(r"  ([a-z][a-z_-]*(?: [a-z][a-z_-]*)?)(?= |$)")
OPTION = re.compile(r"  (?:-(\w), |    )--([a-z-]+)")


@pytest.fixture(scope="module", name="offline")
def offline_(tmp_path_factory):
    return Ctl("http://127.0.0.1:1", tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module", name="page")
def page_():
    with open(f"{tree.SOURCE}/man/b3scalectl.1", encoding="utf-8") as f:
        return f.read().replace("\\\n", "")


@pytest.fixture(scope="module", name="commands")
def commands_(offline):
    """Each with its options, as pairs of letter and name."""
    text = offline.ok("help").split("\n\n")[1]
    found = {COMMAND.match(line)[1]: None for line in lines(text)}
    assert len(found) > 40
    for name in found:
        said = offline.ok(*name.split(), "--help").split("\n\n")[2]
        found[name] = {OPTION.match(line).groups() for line in lines(said)}
    return found


def items(page, name):
    """What the synopses of a command give as options."""
    used = set()
    found = re.findall(rf"^\.It Cm {re.escape(name)}( .*|)$", page, re.M)
    assert found, name
    for line in found:
        for word in re.findall(r"Fl ([\w-]+)", line):
            used |= {word} if word[0] == "-" else set(word)
    return used


def test_each_synopsis(commands, page):
    for name, options in commands.items():
        used = items(page, name)
        for letter, long in options - {("b", "api"), ("h", "help")}:
            assert used & {letter, f"-{long}"}, (name, long)
            used -= {letter, f"-{long}"}
        assert not used, (name, used)


def test_each_option(commands, page):
    for letter, long in set().union(*commands.values()):
        item = rf"^\.It Fl {letter} , .*-{long}\b" if letter else \
            rf"^\.It Fl -{long}\b"
        assert re.search(item, page, re.M), long


def test_each_section(page):
    assert set(re.findall(r"^\.Sh (.*)$", page, re.M)) >= {
        "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES"}
    for name in ("B3SCALE_API_URL", "B3SCALE_API_JWT_SECRET", "TERM",
                 "XDG_CONFIG_HOME"):
        assert f".It Ev {name}" in page, name
