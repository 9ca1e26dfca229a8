"""What was measured, and whether it is what was wanted.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""


class Result:
    """The table of one measurement; seconds: how long it may take."""

    def __init__(self, name, title, seconds=120):
        self.name = name
        self.seconds = seconds
        self.title = title
        self.rows = []
        self.notes = []
        self.missed = 0

    def at_least(self, what, figure, goal, text=None):
        self._row(what, text or f"{figure:.2f}", f"≥ {goal:g}",
                  figure >= goal)

    def at_most(self, what, figure, goal, text=None, unit=""):
        self._row(what, text or f"{figure:.2f}{unit}", f"≤ {goal:g}{unit}",
                  figure <= goal)

    def holds(self, what, reached, text):
        self._row(what, text, "", reached)

    def note(self, text):
        self.notes.append(text)
        print(f"    {text}", flush=True)

    def _row(self, what, text, goal, reached):
        self.missed += not reached
        word = "reached" if reached else "**missed**"
        self.rows.append((what, text, goal, word))
        print(f"    {what}: {text} {goal and f'({goal})'} {word}",
              flush=True)

    def markdown(self):
        lines = [f"## {self.title}", "", f"`./bench {self.name}`", "",
                 "| what | figure | goal | |", "|---|---|---|---|"]
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        if self.notes:
            lines += [""] + [f"- {note}" for note in self.notes]
        return "\n".join(lines) + "\n"
