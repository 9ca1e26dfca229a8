"""What tests/bench/bench measures; one function a subcommand.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

from .agent import agent
from .creates import creates, spread
from .events import events
from .failures import hang, kill, outage
from .jobs import listing, poll
from .mixed import mixed
from .reads import growth, memory, reads

# name, what it shows, the function
MEASURES = (
    ("reads", "join and isMeetingRunning beside bare libfcgi programs",
     reads),
    ("growth", "10,000 meetings, 1,000 backends, 10,000 frontends beside "
     "100, 10, 10", growth),
    ("memory", "Memory of a worker", memory),
    ("creates", "create: time outside the BBB call, and how many a second",
     creates),
    ("spread", "Many creates at once", spread),
    ("hang", "One BBB server hangs", hang),
    ("list", "getMeetings of 2,000 meetings with 20 attendees each",
     listing),
    ("kill", "Workers killed, pools reloaded", kill),
    ("outage", "PostgreSQL stopped for 30 s", outage),
    ("agent", "The agent: noise dropped, memory", agent),
    ("events", "Events of agents: how many a second, how soon they are seen",
     events),
    ("mixed", "Events, polls, creates and joins of the design scale together",
     mixed),
    ("poll", "Poll of 500 servers, 25 hanging, 16 dead", poll),
)
