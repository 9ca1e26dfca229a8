"""Monday, eight o'clock: hundreds of creates and joins, and servers that fail.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import collections
import concurrent.futures

import pytest

KNOWN = [f"known-{i}" for i in range(20)]
NEW = [f"new-{i}" for i in range(300)]
# Wanted by several at once, as a course is by those who click first.
SHARED = [f"shared-{i}" for i in range(15)] * 10 + ["same"] * 50
JOINS = KNOWN * 10

# In the storm, and what a create may be told beside success.
FAULTS = [
    ({"kind": "hang"}, set()),
    ({"kind": "hang", "after": True}, set()),
    # Slow enough that its slots run out, and too fast to be taken out.
    ({"kind": "latency", "ms": 1200}, {"backendBusy"}),
]


def storm(fe):
    """All at once: the creates of each meeting, the joins of each."""
    creates, joins = collections.defaultdict(list), []
    with concurrent.futures.ThreadPoolExecutor(500) as pool:
        sent = {}
        # mixed, so that each kind meets the others
        for i, meeting in enumerate(NEW + SHARED):
            sent[pool.submit(fe.create, meeting)] = ("create", meeting)
            if i < len(JOINS):
                sent[pool.submit(fe.join, JOINS[i])] = ("join", JOINS[i])
        for future in concurrent.futures.as_completed(sent):
            call, meeting = sent[future]
            if call == "create":
                creates[meeting].append(future.result())
            else:
                joins.append((meeting, future.result()))
    return creates, joins


def told(replies):
    """What the creates of one meeting say it is."""
    return {(r.get("internalMeetingID"), r.get("createTime"),
             r.get("moderatorPW")) for r in replies if r.ok}


def check_creates(creates, excuses):
    """Each succeeds or is excused; those of one meeting agree on it."""
    odd = [r for replies in creates.values() for r in replies
           if r.status != 200 or not r.ok and r.key not in excuses]
    assert not odd, (len(odd), odd[:3])
    split = {m: told(r) for m, r in creates.items() if len(told(r)) > 1}
    assert not split
    # who was busy with it may have been too early for all of its creates
    made = {m: next(iter(told(r))) for m, r in creates.items() if told(r)}
    assert excuses or len(made) == len(creates)
    return made


@pytest.mark.parametrize("web,fault,excuses", [
    ("nginx", *FAULTS[0]), ("nginx", *FAULTS[1]), ("nginx", *FAULTS[2]),
    ("lighttpd", *FAULTS[0])])
def test_a_storm_of_creates(make_cluster, web, fault, excuses):
    cluster = make_cluster(
        servers=6, web=web, workers={"state": 4, "forward": 32},
        conf={"connect_timeout": "1 s", "try_timeout": "2 s"})
    fe = cluster.frontend()
    assert all(fe.create(meeting).ok for meeting in KNOWN)
    bad, refuses = cluster.servers[:2]
    bad.fault(call="create", **fault)
    refuses.fault("refuse")
    lost = {m for m in KNOWN if cluster.server_of_meeting(m) is refuses}

    creates, joins = storm(fe)
    made = check_creates(creates, excuses)
    for meeting, reply in joins:
        assert reply.status == 302 or meeting in lost and (
            reply.status, reply.key) == (200, "backendUnavailable"), reply

    for server in (bad, refuses):
        server.mend()
    listed = {m.findtext("meetingID"): m.findtext("internalMeetingID")
              for m in fe.call("getMeetings").xml.iterfind("meetings/meeting")}
    assert set(made) <= set(listed) <= set(creates) | set(KNOWN)
    for meeting, (internal, _, _) in made.items():
        assert listed[meeting] == internal
        reply = fe.join(meeting)
        assert reply.status == 302, (meeting, reply)
        server = cluster.sim.server_of(reply.location)
        assert server is cluster.server_of_meeting(meeting)
    # where its row is, there it is
    there = collections.defaultdict(set)
    for index, meeting in cluster.sim.meetings():
        there[meeting["internalMeetingID"]].add(cluster.servers[index])
    for meeting, (internal, _, _) in made.items():
        assert there[internal] == {cluster.server_of_meeting(meeting)}
