"""Runs b3scale whole: PostgreSQL, web server, pools, simulated BBB servers.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

from .bbb import Client, Reply
from .cluster import Cluster
from .postgres import Postgres
from .process import free_port, until
from .sim import Sim

__all__ = ["Client", "Cluster", "Postgres", "Reply", "Sim", "free_port",
           "until"]
