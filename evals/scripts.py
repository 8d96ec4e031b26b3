"""Scripted conversations: what a simulated caller says, and what the call must come to. Pure."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.questions import DATA
from knowledge.safety import fold

FOLDER = DATA / "dialogues"
LONGEST_CALL = 40
"""Turns of a caller after which a conversation goes round in a circle: that is a failure."""

_YES, _NOT_AT_ALL, _DONE = "Oui.", "Non, pas du tout.", "Oui, c'est fait."
EVERYBODYS_REPLIES = (_YES, _NOT_AT_ALL, _DONE)
"""To whether there is danger, and whether a step is done: every caller answers these."""

_NOT_UNDERSTOOD = re.compile(r"me le (?:redire|dire autrement)")
_AGAIN = "again"


@dataclass(frozen=True)
class Script:
    """One conversation; the fields are explained in evals/data/dialogues/README.md."""

    name: str
    theme: str
    lines: tuple[str, ...]
    replies: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]
    expect: dict[str, Any]
    caller_number: str | None = None
    closed: bool = False


@dataclass
class ScriptedCaller:
    """Decides what to say next from what the agent has just said."""

    script: Script
    spoken: int = 0
    used: Counter[str] = field(default_factory=Counter)
    turns: int = 0
    last: str = ""

    def next(self, agent: str) -> str | None:
        """The next words or `<…>`; None hangs up.

        Args:
            agent: All that the agent said since the caller's last words.
        """
        self.turns += 1
        if self.turns > LONGEST_CALL:
            return None
        folded = fold(agent)
        if "avant tout est ce que" in folded:
            return _YES if self.script.expect.get("reason") == "danger" else _NOT_AT_ALL
        if "mal entendu est ce que c est fait" in folded:
            return _DONE
        for pattern, texts in self.script.replies if self.spoken else ():
            if pattern.search(folded):
                place = min(self.used[pattern.pattern], len(texts) - 1)
                self.used[pattern.pattern] += 1
                return None if texts[place] == "<hangup>" else texts[place]
        if self._is_asked_again(folded):
            return self.last
        if self.spoken >= len(self.script.lines):
            return None
        line = self.script.lines[self.spoken]
        self.spoken += 1
        self.last = line
        return None if line == "<hangup>" else line

    def _is_asked_again(self, agent: str) -> bool:
        """Whether the agent did not understand a line: it is said once more."""
        asked = _NOT_UNDERSTOOD.search(agent) is not None and bool(self.last)
        self.used[_AGAIN] += asked
        return asked and self.used[_AGAIN] <= 1 and not self.last.startswith("<")


@dataclass
class Told:
    """What came of a call.

    Attributes:
        said: The agent's utterances, in order.
        outcome: answered | handoff | abandoned.
        ended_by: agent | caller.
        reason, urgent, number, name: Of the ticket; None without one.
        products: Of the ticket and of the answers.
        circled: The call did not come to an end.
        log: What was said, line by line.
    """

    said: list[str] = field(default_factory=list)
    outcome: str = "abandoned"
    ended_by: str = ""
    reason: str | None = None
    urgent: bool = False
    number: str | None = None
    name: str | None = None
    products: list[str] = field(default_factory=list)
    circled: bool = False
    log: list[str] = field(default_factory=list)


def read_scripts(folder: Path = FOLDER) -> list[Script]:
    """All scripts, by file."""
    scripts = []
    for file in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(file.read_text("utf-8"))["conversation"]:
            replies = tuple(
                (re.compile(pattern), tuple(texts))
                for pattern, texts in entry.get("replies", {}).items()
            )
            scripts.append(
                Script(
                    entry["name"],
                    file.stem,
                    tuple(entry["lines"]),
                    replies,
                    entry["expect"],
                    entry.get("caller_number"),
                    entry.get("closed", False),
                )
            )
    return scripts


def faults(script: Script, told: Told) -> list[str]:
    """What is not as expected, each in a few words; none if the call came to its right end."""
    wanted, found = script.expect, []
    if told.circled:
        found.append("goes round in a circle")
    outcomes = wanted["outcome"] if isinstance(wanted["outcome"], list) else [wanted["outcome"]]
    if told.outcome not in outcomes:
        found.append(f"outcome {told.outcome}, not {' or '.join(outcomes)}")
    handed = told.outcome == "handoff"
    for key in ("reason", "urgent", "number", "name"):
        have = getattr(told, key)
        if key in wanted and handed and not _same(wanted[key], have):
            found.append(f"{key} {have!r}, not {wanted[key]!r}")
    if "ended_by" in wanted and told.ended_by != wanted["ended_by"]:
        found.append(f"ended by {told.ended_by}")
    if "product" in wanted and not any(wanted["product"] in one for one in told.products):
        found.append(f"product {told.products}, not {wanted['product']}")
    folded = [fold(text) for text in told.said]
    for pattern in wanted.get("said", ()):
        if not any(re.search(pattern, text) for text in folded):
            found.append(f"never said {pattern!r}")
    for pattern in wanted.get("never", ()):
        if any(re.search(pattern, text) for text in folded):
            found.append(f"said {pattern!r}")
    return found


def _same(wanted: object, have: object) -> bool:
    if isinstance(wanted, list):
        return any(_same(one, have) for one in wanted)
    if isinstance(wanted, str) and isinstance(have, str):
        return fold(wanted) == fold(have) or fold(wanted) in fold(have).split()
    return wanted == have


def by_theme(results: Sequence[tuple[Script, list[str]]]) -> str:
    """A line a theme: how many conversations came to their right end."""
    totals: Counter[str] = Counter(script.theme for script, _ in results)
    right: Counter[str] = Counter(script.theme for script, wrong in results if not wrong)
    return "\n".join(f"{theme:14} {right[theme]:3} of {totals[theme]}" for theme in totals)
