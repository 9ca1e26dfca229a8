# One simulator for all tests of this folder, as new for each of them.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from receiver import Receiver  # noqa: E402
from simclient import Sim  # noqa: E402


@pytest.fixture(scope="session")
def running():
    with Sim("-n", "2") as sim:
        yield sim


@pytest.fixture
def sim(running):
    running.reset()
    return running


@pytest.fixture
def bbb(sim):
    return sim.servers[0]


@pytest.fixture
def old(bbb):
    """A server with the manners of 2.4."""
    bbb.settings(series=24)
    return bbb


@pytest.fixture
def receiver():
    """Somebody to call back."""
    made = Receiver()
    yield made
    made.close()
