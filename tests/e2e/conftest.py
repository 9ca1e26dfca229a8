"""What the end-to-end tests share: a database server, clusters.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import contextlib
import os
import secrets
import sys

import pytest

from harness import Cluster, Postgres
from harness.ctl import Ctl

# what the folders beside this one share
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from receiver import Receiver  # noqa: E402 pylint: disable=C0413


@contextlib.contextmanager
def running_postgres():
    """With it end the clusters that a fixture's own failure left open."""
    server = Postgres()
    try:
        server.start()
        server.make_template()
        yield server
    finally:
        for cluster in list(Cluster.all):
            if cluster.postgres is server:
                cluster.close(check=False)
        server.close()


@pytest.fixture(scope="session")
def postgres():
    """One server for all; each cluster has a database of its own."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def own_postgres():
    """One for a module that stops it."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def cluster(request, postgres):
    """
    A cluster behind nginx with two servers, shared by a module; or as the
    module's CLUSTER has it, the options of Cluster.
    """
    made = Cluster(postgres, **getattr(request.module, "CLUSTER", {}))
    yield made
    made.close()


@pytest.fixture(scope="module", params=["nginx", "lighttpd"])
def any_cluster(request, postgres):
    """The same, once behind each web server."""
    made = Cluster(postgres, web=request.param)
    yield made
    made.close()


@pytest.fixture
def frontend(cluster):
    """A frontend nobody else has."""
    return cluster.frontend()


@pytest.fixture
def make_cluster(postgres):
    """Makes clusters for one test: make_cluster(servers=4, ...)."""
    made = []

    def make(**options):
        made.append(Cluster(postgres, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def receiver():
    """Somebody to call back."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def ctl(cluster, tmp_path):
    """An admin with b3scalectl."""
    return Ctl(cluster.url, tmp_path)


@pytest.fixture
def host():
    """The address of a server that there is not."""
    return f"https://{secrets.token_hex(6)}.example/bigbluebutton/api/"


@pytest.fixture
def key():
    """Of a frontend, for nobody else."""
    return f"fe-{secrets.token_hex(4)}"
