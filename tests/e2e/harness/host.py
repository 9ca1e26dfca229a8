"""A BBB server of a cluster with all that an agent needs beside it.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import os

from .agent import Agent
from .api import token
from .redis import Redis


class Host:
    """A BBB server, its Redis, its agent."""

    def __init__(self, cluster, index):
        self.cluster = cluster
        self.server = cluster.servers[index]
        self.name = f"host{index}"
        folder = os.path.join(cluster.dir, self.name)
        os.mkdir(folder)
        self.redis = Redis(folder)
        self.tell(True)
        self.agent = Agent(
            folder, cluster, self.server, self.redis, ("-r",),
            api_access_token=token("b3scale:node", self.name),
            api_access_token_file='""', heartbeat_interval="300 ms").start()

    def tell(self, on, **more):
        """Whether BBB tells Redis what happens."""
        redis = f"127.0.0.1:{self.redis.port}" if on else ""
        self.server.events(redis=redis, **more)

    @property
    def row(self):
        return self.cluster.backend_of(self.server)

    def known(self):
        return self.cluster.value(
            "SELECT count(*) FROM backends WHERE host = %s", self.server.url)

    def close(self):
        self.agent.stop()
        self.redis.stop()
