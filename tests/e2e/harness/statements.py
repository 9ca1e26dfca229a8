"""Statements that a cluster's database ran, as it counts them itself.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import contextlib


class Count:
    """Statements that were counted, by their text."""

    def __init__(self, rows):
        self.by_text = {row["query"]: row["calls"] for row in rows}

    @property
    def all(self):
        return sum(self.by_text.values())

    def of(self, word):
        return sum(n for text, n in self.by_text.items() if word in text)

    def __repr__(self):
        return "\n".join(f"{n} {text}" for text, n in self.by_text.items())


def read(cluster):
    """What ran in this database, but for the counting itself."""
    return Count(cluster.sql(
        "SELECT query, sum(calls)::int AS calls FROM pg_stat_statements s"
        " JOIN pg_database d ON d.oid = s.dbid"
        " WHERE d.datname = current_database() AND toplevel"
        " AND query NOT LIKE '%pg_stat_statements%' GROUP BY query"))


@contextlib.contextmanager
def counted(cluster):
    """The statements of the block, in a list of one Count afterwards."""
    cluster.sql("SELECT pg_stat_statements_reset()")
    counts = []
    yield counts
    counts.append(read(cluster))
