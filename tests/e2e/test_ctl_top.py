"""b3scalectl top, in a terminal.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import pytest

from harness.process import until

CLUSTER = {"servers": 1, "workers": {"state": 2, "forward": 2}}


# ---- top

def test_top_wants_a_terminal(ctl):
    assert ctl.fails("top") == ("top needs a terminal; elsewhere use:"
                                " b3scalectl show backends")
    assert ctl.fails("top", "-i", "0") == (
        "--interval is 1 to 3600 seconds, not '0'")


@pytest.mark.parametrize("name", ["", "dumb"])
def test_a_terminal_that_draws_nothing(ctl, name):
    term = ctl.terminal("top", TERM=name)
    term.expect("top cannot draw on this terminal (TERM)")
    assert term.end() == 1
    assert "\x1b" not in term.seen


def test_a_window_of_three_lines(ctl):
    term = ctl.terminal("top", "-i", "1")
    term.expect("JOINS/S")
    term.resize(3, 30)
    # As many lines, and the next look begins at the top again.
    term.expect("\x1b[H")
    begin = term.at
    term.expect("\x1b[H")
    assert term.seen.count("\n", begin, term.at) == 2, term.seen
    term.type("q")
    assert term.end() == 0


def test_top(ctl, cluster):
    term = ctl.terminal("top", "-i", "1")
    before = term.attributes()
    term.expect("\x1b[?1049h")
    term.expect("JOINS/S")
    term.expect(cluster.servers[0].url.split("/")[2])
    term.resize(10, 40)
    # Another look, as wide as the terminal is now.
    term.expect("\r\n\x1b[7m    LOAD MEETINGS  USERS JOINS/S STATE  \r")
    term.type("q")
    term.expect("\x1b[?1049l")
    assert term.seen.endswith("\x1b[?25h\x1b[?1049l")
    # Its last word is out before the terminal is as it was.
    until(lambda: term.attributes()[3] == before[3])
    assert term.end() == 0


@pytest.mark.parametrize("key,sig", [("\x03", None), (None, 15)])
def test_top_ends_well(ctl, key, sig):
    # Nothing but this could end it within the time of a test.
    term = ctl.terminal("top", "--interval", "3600")
    term.expect("JOINS/S")
    if key:
        term.type(key)
    else:
        term.signal(sig)
    term.expect("\x1b[?1049l")
    assert term.end() == 0
